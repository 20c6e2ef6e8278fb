//! Exactly-once totals: what the records above the shard's checkpoint change is summed up and
//! written in one transaction with the checkpoint, on the condition that the checkpoint is still
//! the one that the records were selected against.

use std::collections::VecDeque;

use domain::rules::contribution::{Changes, Cohort, Contribution, Totals};
use domain::values::account::Account;
use runtime::clock::Clock;
use store::retry::Attempts;
use store::rollups::{Committed, ROLLUPS_PER_TRANSACTION};
use store::stream::{SequenceNumber, StreamRecord};
use store::{StoreError, Table};
use telemetry::Counter;

/// A record that changes totals.
pub struct Change<'a> {
    /// The record.
    pub record: &'a StreamRecord,
    /// Whose totals.
    pub account: &'a Account,
    /// What its fact contributed before.
    pub old: Contribution,
    /// What its fact contributes now.
    pub new: Contribution,
}

impl Change<'_> {
    fn sequence(&self) -> &SequenceNumber {
        &self.record.dynamodb.sequence_number
    }
}

/// Counting came to a halt: everything before `first` is counted.
#[derive(Debug)]
pub struct Halted {
    /// Where it goes on.
    pub first: SequenceNumber,
    /// Why.
    pub source: StoreError,
}

/// Where a record is kept that the table refuses to count, before its shard goes on without it.
pub trait KeepAside: Sync {
    /// Keeps it, with the reason as a stable word.
    fn keep_aside(
        &self,
        record: &StreamRecord,
        code: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A shard of the stream, as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Shard<'a, A> {
    /// Its id: its checkpoint lies under it.
    pub id: &'a str,
    /// The table.
    pub table: &'a Table,
    /// Dates the checkpoint.
    pub clock: &'a Clock,
    /// Where records go that the table refuses to count.
    pub aside: &'a A,
}

impl<A: KeepAside> Shard<'_, A> {
    /// Counts `changes`, in sequence order, and moves the checkpoint to `last`, the last record of
    /// the batch that is done. Without changes nothing is written: then it doesn't matter whether
    /// these records are counted once or twice. Changes that sum up to nothing are counted all the
    /// same, since another batch may hold only some of them.
    pub async fn count(&self, changes: &[Change<'_>], last: &SequenceNumber) -> Result<(), Halted> {
        let mut first = match changes.first() {
            Some(change) => change.sequence().clone(),
            None => return Ok(()),
        };
        let mut attempts = Attempts::at("count");
        loop {
            if let Err(source) = attempts.next().await {
                return Err(Halted { first, source });
            }
            let held = match self.table.checkpoint(self.id).await {
                Ok(held) => held,
                Err(source) => return Err(Halted { first, source }),
            };
            let counted =
                |change: &Change| held.as_ref().is_some_and(|held| change.sequence() <= held);
            let open = changes.iter().position(|change| !counted(change)).unwrap_or(changes.len());
            let Some(open) = changes.get(open..).filter(|open| !open.is_empty()) else {
                return Ok(());
            };
            if let Some(change) = open.first() {
                first = change.sequence().clone();
            }
            match self.commit_all(held, open, last).await? {
                Committed::Counted => return Ok(()),
                // Another invocation counted in between: what is still open has to be selected anew.
                Committed::CheckpointMoved => telemetry::count(Counter::RollupConflict, 1),
            }
        }
    }

    /// Commits `open` in as few transactions as it fits, in sequence order, each moving the
    /// checkpoint. What the table refuses for good is halved until the record at fault is alone,
    /// kept aside and passed.
    async fn commit_all(
        &self,
        mut held: Option<SequenceNumber>,
        open: &[Change<'_>],
        last: &SequenceNumber,
    ) -> Result<Committed, Halted> {
        let mut waiting: VecDeque<(&[Change], bool)> =
            groups(open).into_iter().map(|group| (group, true)).collect();
        while let Some((group, counts)) = waiting.pop_front() {
            let (Some(first), Some(end)) = (group.first(), group.last()) else { continue };
            let halted = |source| Halted { first: first.sequence().clone(), source };
            let upto = if waiting.is_empty() { last } else { end.sequence() };
            let totals = if counts { sums(group) } else { Vec::new() };
            let now = self.clock.now();
            match self.table.rollups_commit(self.id, held.as_ref(), upto, &totals, now).await {
                Ok(Committed::Counted) => {
                    telemetry::count(Counter::RollupCommitted, 1);
                    held = Some(upto.clone());
                }
                Ok(Committed::CheckpointMoved) => return Ok(Committed::CheckpointMoved),
                Err(error) if error.is_transient() || !counts => return Err(halted(error)),
                Err(error) => {
                    if let [change] = group {
                        tracing::error!(error = &error as &dyn std::error::Error, "not countable");
                        let kept = self.aside.keep_aside(change.record, "count-refused").await;
                        kept.map_err(halted)?;
                        waiting.push_front((group, false));
                    } else {
                        let (left, right) = group.split_at(group.len() / 2);
                        waiting.push_front((right, true));
                        waiting.push_front((left, true));
                    }
                }
            }
        }
        Ok(Committed::Counted)
    }
}

/// Cuts changes, in their order, where one more would not fit the transaction.
fn groups<'a, 'b>(changes: &'a [Change<'b>]) -> Vec<&'a [Change<'b>]> {
    let mut groups = Vec::new();
    let (mut start, mut sums) = (0, Changes::default());
    for (at, change) in changes.iter().enumerate() {
        sums.add(change.account, &change.old, &change.new);
        if sums.touched() > ROLLUPS_PER_TRANSACTION {
            groups.extend(changes.get(start..at));
            start = at;
            sums = Changes::default();
            sums.add(change.account, &change.old, &change.new);
        }
    }
    groups.extend(changes.get(start..));
    groups
}

/// What a group changes, by rollup; rollups that stay as they are are left out.
fn sums(group: &[Change<'_>]) -> Vec<(Account, Cohort, Totals)> {
    let mut sums = Changes::default();
    for change in group {
        sums.add(change.account, &change.old, &change.new);
    }
    let rollups = sums.iter();
    rollups.map(|(account, at, totals)| (account.clone(), at.clone(), totals.clone())).collect()
}
