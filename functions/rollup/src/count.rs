//! Exactly-once totals: what the records above the shard's checkpoint
//! change is summed up and written in one transaction with the checkpoint, on the condition that
//! the checkpoint is still the one that the records were selected against.

use std::collections::{BTreeMap, VecDeque};

use shared::domain::rules::contribution::{Cohort, Contribution, Totals};
use shared::domain::values::account::Account;
use shared::store::rollups::{Committed, ROLLUPS_PER_TRANSACTION};
use shared::store::stream::{SequenceNumber, StreamRecord};
use shared::store::{StoreError, retry};
use shared::telemetry::{self, Counter};

use crate::{Deps, aside};

/// A record that changes totals.
pub(crate) struct Change<'a> {
    /// The record.
    pub(crate) record: &'a StreamRecord,
    /// Whose totals.
    pub(crate) account: &'a Account,
    /// What its fact contributed before.
    pub(crate) old: Contribution,
    /// What its fact contributes now.
    pub(crate) new: Contribution,
}

impl Change<'_> {
    fn sequence(&self) -> &SequenceNumber {
        &self.record.dynamodb.sequence_number
    }
}

/// Counting came to a halt: everything before `first` is counted.
pub(crate) struct Halted {
    pub(crate) first: SequenceNumber,
    pub(crate) source: StoreError,
}

/// Counts `changes`, in sequence order, and moves the checkpoint to `last`, the last record of
/// the batch that is done. Without changes nothing is written: then it doesn't matter whether
/// these records are counted once or twice. Changes that sum up to nothing are counted all the
/// same, since another batch may hold only some of them.
pub(crate) async fn count(
    deps: &Deps,
    shard_id: &str,
    changes: &[Change<'_>],
    last: &SequenceNumber,
) -> Result<(), Halted> {
    let mut first = match changes.first() {
        Some(change) => change.sequence().clone(),
        None => return Ok(()),
    };
    for attempt in 1..=retry::ATTEMPTS {
        retry::pause(attempt).await;
        let held = match deps.table.checkpoint(shard_id).await {
            Ok(held) => held,
            Err(source) => return Err(Halted { first, source }),
        };
        let counted = |change: &Change| held.as_ref().is_some_and(|held| change.sequence() <= held);
        let open = changes.iter().position(|change| !counted(change)).unwrap_or(changes.len());
        let Some(open) = changes.get(open..).filter(|open| !open.is_empty()) else { return Ok(()) };
        if let Some(change) = open.first() {
            first = change.sequence().clone();
        }
        match commit_all(deps, shard_id, held, open, last).await? {
            Committed::Counted => return Ok(()),
            // Another invocation counted in between: what is still open has to be selected anew.
            Committed::CheckpointMoved => telemetry::count(Counter::RollupConflict, 1),
        }
    }
    let source = StoreError::Contended { operation: "count", attempts: retry::ATTEMPTS };
    Err(Halted { first, source })
}

/// Commits `open` in as few transactions as it fits, in sequence order, each moving the
/// checkpoint. What the table refuses for good is halved until the record at fault is alone,
/// kept aside and passed.
async fn commit_all(
    deps: &Deps,
    shard_id: &str,
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
        let now = deps.clock.now();
        match deps.table.rollups_commit(shard_id, held.as_ref(), upto, &totals, now).await {
            Ok(Committed::Counted) => {
                telemetry::count(Counter::RollupCommitted, 1);
                held = Some(upto.clone());
            }
            Ok(Committed::CheckpointMoved) => return Ok(Committed::CheckpointMoved),
            Err(error) if error.is_transient() || !counts => return Err(halted(error)),
            Err(error) => {
                if let [change] = group {
                    tracing::error!(error = &error as &dyn std::error::Error, "not countable");
                    aside::record(deps, change.record, "count-refused").await.map_err(halted)?;
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

/// Cuts changes, in their order, where one more would not fit the transaction.
fn groups<'a, 'b>(changes: &'a [Change<'b>]) -> Vec<&'a [Change<'b>]> {
    let mut groups = Vec::new();
    let (mut start, mut rollups) = (0, BTreeMap::new());
    for (at, change) in changes.iter().enumerate() {
        add(&mut rollups, change);
        if rollups.len() > ROLLUPS_PER_TRANSACTION {
            groups.extend(changes.get(start..at));
            start = at;
            rollups = BTreeMap::new();
            add(&mut rollups, change);
        }
    }
    groups.extend(changes.get(start..));
    groups
}

fn add<'a>(rollups: &mut BTreeMap<(&'a Account, Cohort), Totals>, change: &Change<'a>) {
    for (contribution, sign) in [(&change.old, -1), (&change.new, 1)] {
        if let Some((cohort, totals)) = contribution {
            rollups.entry((change.account, cohort.clone())).or_default().add(totals, sign);
        }
    }
}

/// What a group changes, by rollup; rollups that stay as they are are left out.
fn sums(group: &[Change<'_>]) -> Vec<(Account, Cohort, Totals)> {
    let mut rollups = BTreeMap::new();
    for change in group {
        add(&mut rollups, change);
    }
    rollups
        .into_iter()
        .filter(|(_, totals)| !totals.is_zero())
        .map(|((account, cohort), totals)| (account.clone(), cohort, totals))
        .collect()
}
