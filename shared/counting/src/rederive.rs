//! The facts of a period, derived anew by an operator.
//!
//! Deriving waits for stream records, and records can be lost: the event source mapping gives up
//! those that fail for 23 hours, and the stream forgets all of them after 24. Their facts are in
//! the table, and nothing derives them any more. A recount doesn't either: it sums what is derived.
//! This derives each fact of a period as if its record had just come:
//!
//! 1. the reminders sent on these days, and their clicks: first click, cohorts, their place among
//!    those that their shopper clicked; the links bound to these reminders: the clicks that wait there
//!    move; and every entry of these days among a shopper's clicked reminders, which may stand with the
//!    wrong one,
//! 2. then the orders created on these days: the pointers that lead to each are written again, and it is
//!    judged whole. What the lost records showed of the
//!    past is not known, and needn't be: an order that is judged over all its candidates asks nobody
//!    what it was credited to before.
//!
//! Of each fact the marks of what it names are looked at, too: a writer that crashed beside an erasure
//! can have left a value that was erased.
//!
//! A recount's repair counts it afterwards. The order of the two commands is all that matters; the
//! stream need not be quiet before, between or after them.
//!
//! **Safe beside the rollup.** The derivations are the rollup's own, with its conditions: who was
//! overtaken writes nothing, or has its write mended by the write's own record.
//!
//! **Resumable.** The table is gone through in parts, and those that are done are kept under the
//! account, so that the same command goes on where it stopped. Only for a day: what was lost after a
//! run had begun is not found by going on with it.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use domain::facts::reminder::Reminder;
use domain::facts::shopper::Clicked;
use domain::values::account::Account;
use domain::values::identity::{PhoneKey, Shopper};
use domain::values::ids::{LinkToken, OrderGroup, ReminderDigest};
use domain::values::period::Period;
use domain::values::span::Span;
use domain::values::store_day::StoreDay;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use runtime::clock::Clock;
use runtime::random::NoRandomness;
use store::key::FactKey;
pub use store::rederivation::{Rederivation, Rederived};
use store::scan::{Scanned, StoredFact};
use store::{Allowance, StoreError, Table};

use crate::derive;
use crate::derive::reminder::{Asked, Images};
use crate::fact::Fact;
use crate::random_name;

/// Parts of the table in each pass: few enough that an empty one costs nothing worth saving, and
/// so many that a run which is stopped does little twice.
const SEGMENTS: u32 = 64;
/// Parts that are gone through side by side.
const SEGMENTS_AT_ONCE: usize = 4;
/// Facts of one part that are derived side by side.
const AT_ONCE: usize = 8;
/// The passes, in this order: an order is judged when its reminders know their clicks.
const PASSES: [Scanned; 2] = [Scanned::RemindersAndLinks, Scanned::Orders];
/// All parts of a run.
pub const PARTS: u32 = 2 * SEGMENTS;
/// How old a run may be to be gone on with.
const RESUMABLE: Span = Span::hours(24);

/// Why a run stopped. Run again, it goes on.
#[derive(Debug, thiserror::Error)]
pub enum RederiveError {
    /// The table can't be read or written for now.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// Another run of this account was begun, or finished what this one was at.
    #[error("another run came in between; run it again")]
    Overtaken,
    /// There is no randomness for a name.
    #[error("there is no randomness")]
    Randomness(#[source] NoRandomness),
}

impl From<StoreError> for RederiveError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

/// What is derived anew.
#[derive(Debug, Clone)]
pub struct Rederive<'a> {
    /// The table.
    pub table: &'a Table,
    /// The secret under which erased values are marked.
    pub key: &'a PhoneKey,
    /// Dates a run.
    pub clock: &'a Clock,
    /// Whose facts.
    pub account: &'a Account,
    /// The account's time zone.
    pub zone: Tz,
    /// Of which store days.
    pub period: Period,
}

/// A fact of the period, and what it takes to derive it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PeriodFact {
    Reminder(ReminderDigest),
    Entry(Shopper, ReminderDigest, Clicked),
    Link(LinkToken, ReminderDigest),
    Order(OrderGroup),
}

impl Rederive<'_> {
    /// The run to go on with, or a new one: when there is none of this period that began within a
    /// day, and when `restart` asks for it.
    pub async fn begin(&self, restart: bool) -> Result<Rederivation, RederiveError> {
        let now = self.clock.now();
        let held = self.table.rederivation(self.account).await?.filter(|held| {
            (held.from, held.to) == (self.period.from(), self.period.to())
                && now.since(held.started_at) < RESUMABLE
        });
        if let Some(held) = held.filter(|_| !restart) {
            return Ok(held);
        }
        let run = Rederivation {
            id: random_name().map_err(RederiveError::Randomness)?,
            from: self.period.from(),
            to: self.period.to(),
            started_at: now,
            done: BTreeSet::new(),
            tally: Rederived::default(),
        };
        self.table.rederivation_begin(self.account, &run).await?;
        Ok(run)
    }

    /// Derives what is left of a run, to its end. `progress` hears how many items were looked
    /// through, twice those of the table in all.
    pub async fn finish(
        &self,
        mut run: Rederivation,
        progress: impl Fn(u64),
    ) -> Result<Rederived, RederiveError> {
        let progress = &progress;
        for (pass, scanned) in (0..).zip(PASSES) {
            let parts = (0..SEGMENTS).map(|segment| (pass * SEGMENTS + segment, segment));
            let left: Vec<_> = parts.filter(|(part, _)| !run.done.contains(part)).collect();
            let id = &run.id;
            let mut parts = stream::iter(left)
                .map(|(part, segment)| async move {
                    let tally = self.segment(scanned, segment, progress).await?;
                    if self.table.rederivation_note(self.account, id, part, tally).await? {
                        Ok(tally)
                    } else {
                        Err(RederiveError::Overtaken)
                    }
                })
                .buffer_unordered(SEGMENTS_AT_ONCE);
            while let Some(tally) = parts.try_next().await? {
                add(&mut run.tally, tally);
            }
        }
        self.table.rederivation_finish(self.account, &run.id).await?;
        Ok(run.tally)
    }

    /// Derives the facts of the period in one part of the table.
    async fn segment(
        &self,
        scanned: Scanned,
        segment: u32,
        progress: impl Fn(u64),
    ) -> Result<Rederived, RederiveError> {
        let of = (segment.cast_signed(), SEGMENTS.cast_signed());
        let (mut tally, mut from) = (Rederived::default(), None);
        loop {
            let page = self.table.facts_scan(self.account, scanned, of, from).await?;
            let mut wanted = BTreeSet::new();
            let mut asked =
                stream::iter(&page.facts).map(|fact| self.wanted(fact)).buffer_unordered(AT_ONCE);
            while let Some(asked) = asked.next().await {
                match asked {
                    Ok(facts) => {
                        // An entry is no fact: this run may have made it.
                        let counts = |fact: &PeriodFact| !matches!(fact, PeriodFact::Entry(..));
                        tally.looked_at += u64::from(facts.iter().any(counts));
                        wanted.extend(facts);
                    }
                    Err(error) => refuse(&mut tally, error)?,
                }
            }
            let mut derived = stream::iter(wanted)
                .map(|fact| async move { self.derive(&fact).await })
                .buffer_unordered(AT_ONCE);
            while let Some(changed) = derived.next().await {
                match changed {
                    Ok(changed) => tally.changed += changed,
                    Err(error) => refuse(&mut tally, error)?,
                }
            }
            progress(page.looked_through);
            from = page.next;
            if from.is_none() {
                return Ok(tally);
            }
        }
    }

    /// What a stored fact asks for; nothing for one of other days. What has no day yet is derived,
    /// too: whatever names its day later finds it as it should be.
    async fn wanted(&self, stored: &StoredFact) -> Result<Vec<PeriodFact>, StoreError> {
        let Some(key) = FactKey::parse(&stored.pk, &stored.sk) else { return Ok(Vec::new()) };
        let image = Fact::read(&key, &stored.image);
        let image = image.map_err(|error| StoreError::corrupt("fact", error))?;
        let wanted = match (key, image) {
            (FactKey::Reminder(_, id), Fact::Reminder(reminder)) => {
                self.is_of_period(&reminder).then_some(PeriodFact::Reminder(id))
            }
            (FactKey::Click(_, id, _), Fact::Click(click)) => {
                let wants = match click.cohort {
                    Some(cohort) => self.has_day(Some(cohort.day)),
                    None => self.is_reminder_of_period(&id).await?,
                };
                wants.then_some(PeriodFact::Reminder(id))
            }
            (FactKey::Order(_, group), Fact::Order(order)) => {
                let day = StoreDay::of(order.created_at, self.zone);
                self.has_day(Some(day)).then_some(PeriodFact::Order(group))
            }
            (FactKey::Shopper(_, shopper), Fact::Shopper(clicked)) => {
                let entries = clicked.reminders.into_iter();
                let of_period = entries.filter(|(_, Clicked(at))| self.has_day(Some(at.day)));
                return Ok(of_period
                    .map(|(id, clicked)| PeriodFact::Entry(shopper.clone(), id, clicked))
                    .collect());
            }
            (FactKey::Link(token), Fact::Link(link)) => {
                let Some(id) = link.reminder else { return Ok(Vec::new()) };
                let wants = self.is_reminder_of_period(&id).await?;
                wants.then_some(PeriodFact::Link(token, id))
            }
            _ => None,
        };
        Ok(wanted.into_iter().collect())
    }

    async fn is_reminder_of_period(&self, id: &ReminderDigest) -> Result<bool, StoreError> {
        let reminder = self.table.reminder(self.account, id).await?;
        Ok(reminder.is_none_or(|reminder| self.is_of_period(&reminder)))
    }

    fn is_of_period(&self, reminder: &Reminder) -> bool {
        self.has_day(reminder.sent.as_ref().map(|sent| sent.day))
    }

    fn has_day(&self, day: Option<StoreDay>) -> bool {
        day.is_none_or(|day| self.period.contains(day))
    }

    /// Derives a fact; how many items were changed.
    async fn derive(&self, wanted: &PeriodFact) -> Result<u64, StoreError> {
        let (table, account) = (self.table, self.account);
        let mut all = Allowance::unlimited();
        match wanted {
            PeriodFact::Reminder(id) => self.reminder(id).await,
            PeriodFact::Entry(shopper, id, clicked) => {
                let entries = vec![(shopper, Some(clicked))];
                let images = Images { entries, ..Images::default() };
                let asked = Asked::Records(&images);
                Ok(derive::reminder::reminder(table, account, id, asked, &mut all).await?.changed)
            }
            PeriodFact::Link(token, id) => {
                let none = BTreeSet::new();
                let moved = derive::link::link(table, token, &none, &mut all).await?;
                if moved == 0 {
                    return Ok(0);
                }
                // Its own part may be done already.
                Ok(moved + self.reminder(id).await?)
            }
            PeriodFact::Order(group) => {
                // A writer that crashed beside an erasure, and never came again, left raw values.
                let renamed = table.order_rename(self.key, account, group).await?;
                let renamed = renamed.is_some_and(|renamed| renamed.changed);
                // A reminder finds an order by these alone.
                if let Some(order) = table.order(account, group).await? {
                    table.order_point(account, &order).await?;
                }
                let whole = derive::order::Asked { whole: true, ..derive::order::Asked::default() };
                let changed = derive::order::order(table, account, group, &whole, &all).await?;
                Ok(u64::from(changed || renamed))
            }
        }
    }

    async fn reminder(&self, id: &ReminderDigest) -> Result<u64, StoreError> {
        let renamed = self.table.reminder_rename(self.key, self.account, id).await?;
        let renamed = renamed.is_some_and(|renamed| renamed.changed);
        let (asked, mut all) = (Asked::Everything, Allowance::unlimited());
        let derived = derive::reminder::reminder(self.table, self.account, id, asked, &mut all);
        Ok(derived.await?.changed + u64::from(renamed))
    }
}

fn add(sum: &mut Rederived, more: Rederived) {
    sum.looked_at += more.looked_at;
    sum.changed += more.changed;
    sum.refused += more.refused;
}

/// What fails for now ends the run; what never succeeds is told, and the rest goes on.
fn refuse(tally: &mut Rederived, error: StoreError) -> Result<(), StoreError> {
    if error.is_transient() {
        return Err(error);
    }
    tracing::error!(error = &error as &dyn std::error::Error, "a fact can't be derived");
    tally.refused += 1;
    Ok(())
}
