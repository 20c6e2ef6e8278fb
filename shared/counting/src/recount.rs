//! The rollups judged by the facts, and repaired while traffic flows.
//!
//! **What is compared.** A rollup is the sum of what the stream's records changed, up to the
//! checkpoints of its shards. So it must not be compared with the facts as they stand, which are
//! ahead of it, but with the facts *as of those checkpoints*. They are found in three steps:
//!
//! 1. The checkpoints are read, then every fact is read (a scan). What changes meanwhile, and
//!    what is not yet counted, stands in the stream behind those first checkpoints.
//! 2. Each rollup is read together with all checkpoints in one transaction: what the one holds is
//!    what the others say.
//! 3. The stream is read from the first checkpoints to behind the scan and the transactions. A
//!    fact that no record names is as it was scanned; any other is what the last of its records
//!    that the checkpoints cover left, or, where they cover none, what the first one found.
//!
//! That the stream was read far enough is not guessed from time: marks are put into the table, and
//! every open shard is read until it brought one of them. A shard is a log in order, so whatever
//! was written before the mark has come before it.
//!
//! **Why a repair is exact.** The difference of step 3 is what the rollup is off by, apart from
//! everything that is still to be counted. The rollup's own writes only ever *add* what records
//! change, and so does a repair: it adds the difference. Additions commute, so whatever is counted
//! before, between and after it, the sum comes out right; a repair needs no quiet moment and no
//! condition on the rollup. It must only be made once: the corrections go into one transaction
//! with the number of the repair, on the condition that this number is still the one that was read
//! before the measuring. A second repair beside it, or a write that is sent again after its answer
//! was lost, is refused by that.

use std::collections::{BTreeMap, BTreeSet};

use domain::rules::contribution::{Changes, Cohort, Totals};
use domain::values::account::Account;
use domain::values::period::Period;
use runtime::clock::Clock;
use runtime::random::NoRandomness;
use store::rollups::recount::{CORRECTIONS_PER_TRANSACTION, READ_TOGETHER, Repaired};
use store::stream::SequenceNumber;
use store::{StoreError, Table};

use crate::random_name;

mod facts;
mod log;
mod since;

use facts::Facts;
pub use log::{ChangeLog, LogError, Page};
use since::Since;

/// How often the rollups are read again when shards appear meanwhile: they split rarely, and all
/// at once only under a sudden load.
const ATTEMPTS: usize = 10;

/// Why there is no recount.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// The table can't be read or written.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// The stream can't be read.
    #[error("the stream can't be read")]
    Log(#[source] LogError),
    /// No transaction reads so many checkpoints beside a rollup.
    #[error("the stream has {0} shards at work, more than one transaction reads beside a rollup")]
    TooManyShards(usize),
    /// The stream didn't bring what was just written.
    #[error("the stream lags too far behind the table")]
    Lagging,
    /// Shards kept appearing.
    #[error("the stream's shards kept splitting; run it again")]
    Splitting,
    /// There is no randomness for a name.
    #[error("there is no randomness")]
    Randomness(#[source] NoRandomness),
    /// Another repair ran at the same time. What it measured may be what this one did.
    #[error("another repair came in between; run it again")]
    Overtaken,
}

impl From<StoreError> for RecountError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

/// What a rollup holds and what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it holds.
    pub counted: Totals,
    /// What the facts come to.
    pub recounted: Totals,
}

impl Difference {
    /// What has to be added to the rollup.
    #[must_use]
    pub fn missing(&self) -> Totals {
        let mut missing = self.recounted.clone();
        missing.add(&self.counted, -1);
        missing
    }
}

/// What a recount found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recount {
    /// The rollups that were compared.
    pub rollups: usize,
    /// The facts that they were compared with.
    pub facts: u64,
    /// Those that differ, by day and campaign.
    pub differences: BTreeMap<Cohort, Difference>,
}

/// How far a repair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repairing<'a> {
    /// This was found; nothing is corrected yet.
    Found(&'a Recount),
    /// So many of the differences are corrected, from the first.
    Corrected(usize),
}

/// What is recounted.
#[derive(Debug, Clone)]
pub struct Ledger<'a, L> {
    /// The table.
    pub table: &'a Table,
    /// Its stream.
    pub log: &'a L,
    /// Whose rollups.
    pub account: &'a Account,
    /// Of which store days.
    pub period: Period,
    /// Dates the marks.
    pub clock: &'a Clock,
}

impl<L: ChangeLog> Ledger<'_, L> {
    /// Compares the rollups with the facts. `progress` hears how many items were looked through.
    ///
    /// # Errors
    /// When the table or its stream can't be read.
    pub async fn recount(&self, progress: impl Fn(u64)) -> Result<Recount, RecountError> {
        let mut since = Since::start(self).await?;
        let facts = Facts::scan(self, progress).await?;
        since.catch_up(self).await?;
        for _ in 0..ATTEMPTS {
            let shards = since.shards();
            let cohorts = self.cohorts(&facts, &since).await?;
            let counted = self.counted(&cohorts, &shards).await?;
            since.catch_up(self).await?;
            // Whatever was counted by then stood in these shards; else a new one may be amiss.
            if since.shards() == shards {
                return Ok(compare(self.account, &facts, &since, counted));
            }
        }
        Err(RecountError::Splitting)
    }

    /// Compares the rollups with the facts, adds what is missing, and compares them again: the
    /// difference that was found, and what is left of it. `repairing` hears what was found before
    /// anything is written, and of each write: whatever fails later, both are known.
    ///
    /// # Errors
    /// When the table or its stream fails, or another repair comes in between. Corrections that
    /// were written before stay; running it again does the rest.
    pub async fn repair(
        &self,
        progress: impl Fn(u64),
        mut repairing: impl FnMut(Repairing<'_>),
    ) -> Result<(Recount, Recount), RecountError> {
        // Before anything is measured: a repair from here on refuses ours.
        let held = self.table.rollups_repairs(self.account).await?;
        let found = self.recount(&progress).await?;
        repairing(Repairing::Found(&found));
        let corrections: Vec<(Cohort, Totals)> = found
            .differences
            .iter()
            .map(|(cohort, difference)| (cohort.clone(), difference.missing()))
            .collect();
        let id = random_name().map_err(RecountError::Randomness)?;
        let mut corrected = 0;
        for (held, corrections) in (held..).zip(corrections.chunks(CORRECTIONS_PER_TRANSACTION)) {
            match self.table.rollups_repair(self.account, held, &id, corrections).await? {
                Repaired::Done => {
                    corrected += corrections.len();
                    repairing(Repairing::Corrected(corrected));
                }
                Repaired::Overtaken => return Err(RecountError::Overtaken),
            }
        }
        let left = self.recount(&progress).await?;
        Ok((found, left))
    }

    /// The days and campaigns of the range in which anything counts or counted.
    async fn cohorts(&self, facts: &Facts, since: &Since) -> Result<Vec<Cohort>, RecountError> {
        let mut cohorts: BTreeSet<Cohort> = facts.cohorts().cloned().collect();
        cohorts.extend(since.cohorts(self.period).cloned());
        cohorts.extend(self.table.rollups_cohorts(self.account, self.period).await?);
        Ok(cohorts.into_iter().collect())
    }

    /// The rollups, each lot with the checkpoints of its moment.
    async fn counted(
        &self,
        cohorts: &[Cohort],
        shards: &[String],
    ) -> Result<Vec<Counted>, RecountError> {
        let room = READ_TOGETHER.saturating_sub(shards.len());
        if room == 0 {
            return Err(RecountError::TooManyShards(shards.len()));
        }
        let mut counted = Vec::new();
        for cohorts in cohorts.chunks(room) {
            let read = self.table.rollups_and_checkpoints(self.account, cohorts, shards).await?;
            counted.push(Counted {
                rollups: cohorts.iter().cloned().zip(read.totals).collect(),
                checkpoints: read.checkpoints,
            });
        }
        Ok(counted)
    }
}

/// Rollups as of some checkpoints.
struct Counted {
    rollups: BTreeMap<Cohort, Totals>,
    checkpoints: BTreeMap<String, SequenceNumber>,
}

fn compare(account: &Account, facts: &Facts, since: &Since, counted: Vec<Counted>) -> Recount {
    let mut recount = Recount { facts: facts.len(), ..Recount::default() };
    let mut scanned = Changes::default();
    facts.add_to(&mut scanned, account);
    for Counted { rollups, checkpoints } in counted {
        recount.rollups += rollups.len();
        let mut changed = Changes::default();
        since.add_to(&mut changed, account, facts, &checkpoints);
        for (cohort, counted) in rollups {
            let mut recounted = scanned.get(account, &cohort).cloned().unwrap_or_default();
            if let Some(changed) = changed.get(account, &cohort) {
                recounted.add(changed, 1);
            }
            if recounted != counted {
                recount.differences.insert(cohort, Difference { counted, recounted });
            }
        }
    }
    recount
}
