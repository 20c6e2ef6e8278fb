//! What changed from a moment before the scan on, as the stream tells it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::rules::contribution::{Changes, Cohort, Contribution};
use domain::values::account::Account;
use domain::values::period::Period;
use store::retry;
use store::stream::{SequenceNumber, StreamRecord};

use super::facts::{Facts, Name, name};
use super::{ChangeLog, Ledger, RecountError};
use crate::random_name;
use crate::record::told;

/// How often marks are put until every shard has brought one: each pause is half a second at most.
const ROUNDS: usize = 600;
/// Marks for each shard that has brought none, in one round: with so many few are missed by chance.
const MARKS: usize = 4;
/// Marks of one round at most.
const MARKS_AT_ONCE: usize = 100;
/// Pages of one shard that are read in a row.
const PAGES: usize = 100;

/// A change of one fact.
#[derive(Debug)]
struct Changed {
    shard: String,
    sequence: SequenceNumber,
    old: Contribution,
    new: Contribution,
}

/// How far a shard is read.
#[derive(Debug, Default)]
struct Position {
    after: Option<SequenceNumber>,
    /// The service's own position; it is forgotten between two readings, since it doesn't last.
    place: Option<String>,
    /// Closed, and read to its end.
    ended: bool,
}

/// The changes of an account's facts since the checkpoints of the start.
#[derive(Debug)]
pub(super) struct Since {
    positions: BTreeMap<String, Position>,
    facts: HashMap<Name, Vec<Changed>>,
    /// Shards with changes of the account's facts.
    touched: BTreeSet<String>,
    marks: usize,
}

impl Since {
    /// Notes where each shard is counted up to: nothing that changes from here on is missed.
    pub(super) async fn start<L: ChangeLog>(ledger: &Ledger<'_, L>) -> Result<Self, RecountError> {
        let mut positions = BTreeMap::new();
        for shard in ledger.log.shards().await.map_err(RecountError::Log)? {
            let after = ledger.table.checkpoint(&shard).await?;
            positions.insert(shard, Position { after, ..Position::default() });
        }
        let (facts, touched) = (HashMap::new(), BTreeSet::new());
        Ok(Self { positions, facts, touched, marks: 0 })
    }

    /// The shards whose checkpoints matter: those that can still take changes, and those that
    /// took some. In the order of their ids.
    pub(super) fn shards(&self) -> Vec<String> {
        let open = self.positions.iter().filter(|(_, position)| !position.ended);
        let shards: BTreeSet<&String> = open.map(|(id, _)| id).chain(&self.touched).collect();
        shards.into_iter().cloned().collect()
    }

    /// The cohorts of a range that any change names.
    pub(super) fn cohorts(&self, period: Period) -> impl Iterator<Item = &Cohort> {
        let changes = self.facts.values().flatten();
        changes
            .flat_map(|change| [&change.old, &change.new])
            .flat_map(|contribution| contribution.iter().map(|(cohort, _)| cohort))
            .filter(move |cohort| period.contains(cohort.day))
    }

    /// Reads on to behind everything that was written before this call.
    pub(super) async fn catch_up<L: ChangeLog>(
        &mut self,
        ledger: &Ledger<'_, L>,
    ) -> Result<(), RecountError> {
        let nonce = random_name().map_err(RecountError::Randomness)?;
        let mut marked = BTreeSet::new();
        for position in self.positions.values_mut() {
            position.place = None;
        }
        for round in 0..ROUNDS {
            retry::pause(u32::try_from(round).unwrap_or(u32::MAX).saturating_add(1)).await;
            let shards = ledger.log.shards().await.map_err(RecountError::Log)?;
            for shard in &shards {
                self.positions.entry(shard.clone()).or_default();
            }
            let waiting: Vec<&String> = shards
                .iter()
                .filter(|shard| !marked.contains(*shard) && !self.has_ended(shard))
                .collect();
            if waiting.is_empty() {
                return Ok(());
            }
            // A closed shard takes none and ends; which ones are closed shows when they are read.
            self.put_marks(ledger, &nonce, waiting.len()).await?;
            for shard in waiting {
                if self.read(ledger, shard, &nonce).await? {
                    marked.insert(shard.clone());
                }
            }
        }
        Err(RecountError::Lagging)
    }

    fn has_ended(&self, shard: &str) -> bool {
        self.positions.get(shard).is_some_and(|position| position.ended)
    }

    async fn put_marks<L>(
        &mut self,
        ledger: &Ledger<'_, L>,
        nonce: &str,
        shards: usize,
    ) -> Result<(), RecountError> {
        let marks: Vec<String> = (0..(shards * MARKS).min(MARKS_AT_ONCE))
            .map(|number| format!("{nonce}.{}", self.marks + number))
            .collect();
        self.marks += marks.len();
        Ok(ledger.table.marks_put(&marks, ledger.clock.now()).await?)
    }

    /// Reads a shard until a mark of `nonce` comes, it ends, or it has no more for now: whether
    /// the mark came.
    async fn read<L: ChangeLog>(
        &mut self,
        ledger: &Ledger<'_, L>,
        shard: &str,
        nonce: &str,
    ) -> Result<bool, RecountError> {
        let prefix = format!("MARK#{nonce}.");
        let mut position = self.positions.remove(shard).unwrap_or_default();
        let mut came = false;
        for _ in 0..PAGES {
            let place = if let Some(place) = position.place.take() {
                place
            } else {
                let start = ledger.log.start(shard, position.after.as_ref()).await;
                start.map_err(RecountError::Log)?
            };
            let page = ledger.log.page(&place).await.map_err(RecountError::Log)?;
            let empty = page.records.is_empty();
            for record in page.records {
                let sequence = &record.dynamodb.sequence_number;
                // Where the log forgot the place that was asked for it starts earlier.
                if position.after.as_ref().is_some_and(|after| sequence <= after) {
                    continue;
                }
                came |= record.key("pk").is_some_and(|pk| pk.starts_with(&prefix));
                position.after = Some(sequence.clone());
                self.note(ledger, shard, &record);
            }
            position.ended = page.next.is_none();
            position.place = page.next;
            if came || empty || position.ended {
                break;
            }
        }
        self.positions.insert(shard.to_owned(), position);
        Ok(came)
    }

    fn note<L>(&mut self, ledger: &Ledger<'_, L>, shard: &str, record: &StreamRecord) {
        let (Some(pk), Some(sk)) = (record.key("pk"), record.key("sk")) else { return };
        let Some(told) = told(record) else { return };
        if told.account != *ledger.account {
            return;
        }
        self.touched.insert(shard.to_owned());
        self.facts.entry(name(pk, sk)).or_default().push(Changed {
            shard: shard.to_owned(),
            sequence: record.dynamodb.sequence_number.clone(),
            old: told.old,
            new: told.new,
        });
    }

    /// Adds by how much the facts, as they were when exactly these checkpoints were counted,
    /// differ from what the scan saw.
    pub(super) fn add_to(
        &self,
        sums: &mut Changes,
        account: &Account,
        facts: &Facts,
        checkpoints: &BTreeMap<String, SequenceNumber>,
    ) {
        for (name, changes) in &self.facts {
            let counted = |change: &&Changed| {
                checkpoints.get(&change.shard).is_some_and(|held| change.sequence <= *held)
            };
            let last = changes.iter().filter(counted).max_by_key(|change| &change.sequence);
            let first = changes.iter().min_by_key(|change| &change.sequence);
            let then = match (last, first) {
                (Some(last), _) => &last.new,
                (None, Some(first)) => &first.old,
                (None, None) => continue,
            };
            sums.add(account, &facts.get(*name), then);
        }
    }
}
