//! One batch: what has to be derived, in which order, and how far the batch is good.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use shared::counting::count::{Change, Halted, Shard};
use shared::counting::derive::order::{Asked as AskedOfOrder, Rival};
use shared::counting::derive::reminder::{Asked, Derived, Images};
use shared::counting::derive::{link, order, reminder};
use shared::counting::fact::{Fact, Subject};
use shared::counting::record::Reading;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{OrderGroup, ReminderDigest};
use shared::store::stream::{SequenceNumber, StreamEvent, StreamRecord, UnreadableRecord};
use shared::store::{Allowance, StoreError, Table};
use shared::telemetry::{self, Counter};
use tokio::time::Instant;

use crate::{Deps, RollupError, aside};

/// Derivations that run at once. Each waits for the table most of its time; many more would
/// only queue for the SDK's connections.
const AT_ONCE: usize = 16;
/// Subjects that are derived before time is looked at again: the most that they may read takes some
/// seconds.
const SLICE: usize = 128;

/// Derives and counts a batch; the first sequence number that must come again, if any. Nothing is
/// begun after `ends_at`.
pub(crate) async fn run(
    deps: &Deps,
    shard_id: &str,
    event: &StreamEvent,
    ends_at: Option<Instant>,
) -> Result<Option<SequenceNumber>, RollupError> {
    for record in event.unreadable.iter().filter(|record| record.sequence_number.is_none()) {
        let kept = aside::unreadable(deps, record).await;
        kept.map_err(|source| RollupError::Unplaced { source })?;
    }
    let readings: Vec<Reading> = event.records.iter().map(Reading::of).collect();
    let failures = derive_all(&deps.table, &readings, ends_at).await;
    // All derivations of a record end before the transaction that covers it: what is counted may
    // never come again, so what follows from it must be written by then.
    let (done, mut again) = good_prefix(deps, places(event, &readings), &failures).await;
    if let Some(last) = done.last() {
        let changes: Vec<Change> = done.iter().filter_map(Place::change).collect();
        let shard = Shard { id: shard_id, table: &deps.table, clock: &deps.clock, aside: deps };
        let counted = shard.count(&changes, last.sequence).await;
        if let Err(Halted { first, source }) = counted {
            tracing::warn!(error = &source as &dyn std::error::Error, "counting halted");
            again = Some(first);
        }
    }
    tell(&done);
    Ok(again)
}

/// Why a subject was not derived; of several reasons the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Failure {
    /// It never will be: its records are kept aside, with this reason.
    Permanent(&'static str),
    /// It may be later: its records must come again.
    Transient,
}

type Failures = BTreeMap<Subject, Failure>;

fn judge(step: &'static str, error: &StoreError) -> Failure {
    let failure = match error {
        error if error.is_transient() => Failure::Transient,
        StoreError::TooMany { .. } => Failure::Permanent("derivation-too-large"),
        _ => Failure::Permanent("derivation-refused"),
    };
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, step, permanent = failure != Failure::Transient, "not derived");
    failure
}

fn note(failures: &mut Failures, subject: &Subject, failure: Failure) {
    let held = failures.entry(subject.clone()).or_insert(failure);
    *held = failure.max(*held);
}

/// What the records of a batch tell of one subject.
#[derive(Default)]
struct Told<'a> {
    images: Images<'a>,
    order: AskedOfOrder<'a>,
    earlier_owners: BTreeSet<&'a ReminderDigest>,
}

/// What a batch is about, each subject once, in the order in which they first came: so what is not
/// begun in time is the batch's end.
fn subjects(readings: &[Reading]) -> Vec<(Subject, Told<'_>)> {
    let mut found: Vec<(Subject, Told)> = Vec::new();
    let mut places: BTreeMap<Subject, usize> = BTreeMap::new();
    for reading in readings {
        for subject in reading.subjects() {
            let place = *places.entry(subject.clone()).or_insert_with(|| {
                found.push((subject.clone(), Told::default()));
                found.len() - 1
            });
            let Some((_, told)) = found.get_mut(place) else { continue };
            match &subject {
                Subject::Reminder(_, id) => told.images.add(reading, id),
                Subject::Order(..) => told.order.add(reading),
                Subject::Link(_) => told.earlier_owners.extend(reading.images().filter_map(owner)),
            }
        }
    }
    found
}

fn owner(image: &Fact) -> Option<&ReminderDigest> {
    match image {
        Fact::Link(link) => link.reminder.as_ref(),
        _ => None,
    }
}

/// Derives each subject once, from all its records, in slices: each is done before the next is begun,
/// and none is begun after `ends_at`. So however much a batch asks for, its first slice is done, and
/// what comes again is shorter.
async fn derive_all(table: &Table, readings: &[Reading], ends_at: Option<Instant>) -> Failures {
    let mut failures = Failures::new();
    let subjects = subjects(readings);
    for slice in subjects.chunks(SLICE) {
        if ends_at.is_some_and(|at| Instant::now() >= at) {
            for (subject, _) in slice {
                note(&mut failures, subject, Failure::Transient);
            }
        } else {
            derive_slice(table, slice, &mut failures).await;
        }
    }
    failures
}

/// Derives some subjects: first reminders, clicks and links, then the orders that they touch, together
/// with those that changed themselves.
async fn derive_slice(table: &Table, subjects: &[(Subject, Told<'_>)], failures: &mut Failures) {
    let facts = subjects
        .iter()
        .map(|(subject, told)| async move { (subject, fact(table, subject, told).await) });
    let facts: Vec<_> = facts.collect();
    let mut rivals: Vec<(&Subject, Rival, BTreeSet<OrderGroup>)> = Vec::new();
    let mut derived = stream::iter(facts).buffer_unordered(AT_ONCE);
    while let Some((subject, result)) = derived.next().await {
        match result {
            Ok(derived) => rivals.extend(derived.map(|derived| {
                let Derived { reminder, link_clicks, orders, .. } = derived;
                (subject, Rival { reminder, link_clicks }, orders)
            })),
            Err(error) => note(failures, subject, judge("fact", &error)),
        }
    }
    drop(derived);

    let orders = orders(subjects, &rivals);
    let credits = orders.iter().map(|(account, group, asked, asked_by)| async move {
        let allowance = Allowance::of_a_record();
        (asked_by, order::order(table, account, group, asked, &allowance).await)
    });
    let credits: Vec<_> = credits.collect();
    let mut credits = stream::iter(credits).buffer_unordered(AT_ONCE);
    while let Some((asked_by, result)) = credits.next().await {
        if let Err(error) = result {
            let failure = judge("credit", &error);
            for subject in asked_by {
                note(failures, subject, failure);
            }
        }
    }
}

/// Derives a reminder or a link; a reminder, if it was one.
async fn fact(
    table: &Table,
    subject: &Subject,
    told: &Told<'_>,
) -> Result<Option<Derived>, StoreError> {
    let mut allowance = Allowance::of_a_record();
    match subject {
        Subject::Reminder(account, id) => {
            let asked = Asked::Records(&told.images);
            reminder::reminder(table, account, id, asked, &mut allowance).await.map(Some)
        }
        Subject::Link(token) => {
            link::link(table, token, &told.earlier_owners, &mut allowance).await.map(|_| None)
        }
        Subject::Order(..) => Ok(None),
    }
}

type AskedOrder<'a> = (&'a Account, &'a OrderGroup, AskedOfOrder<'a>, Vec<&'a Subject>);

/// The orders to judge, in the order of the subjects that ask for them: each once, with all that is
/// asked of it.
fn orders<'a>(
    subjects: &'a [(Subject, Told<'a>)],
    rivals: &'a [(&'a Subject, Rival, BTreeSet<OrderGroup>)],
) -> Vec<AskedOrder<'a>> {
    let mut found: Vec<AskedOrder> = Vec::new();
    let mut places: BTreeMap<(&Account, &OrderGroup), usize> = BTreeMap::new();
    let mut ask = |found: &mut Vec<AskedOrder<'a>>, account: &'a Account, group: &'a OrderGroup| {
        *places.entry((account, group)).or_insert_with(|| {
            found.push((account, group, AskedOfOrder::default(), Vec::new()));
            found.len() - 1
        })
    };
    for (subject, told) in subjects {
        let Subject::Order(account, group) = subject else { continue };
        let place = ask(&mut found, account, group);
        if let Some((_, _, asked, asked_by)) = found.get_mut(place) {
            (asked.whole, asked.winner) = (told.order.whole, told.order.winner);
            asked_by.push(subject);
        }
    }
    for (subject, rival, groups) in rivals {
        let Subject::Reminder(account, id) = subject else { continue };
        for group in groups {
            let place = ask(&mut found, account, group);
            if let Some((_, _, asked, asked_by)) = found.get_mut(place) {
                asked.rivals.insert(id, rival);
                asked_by.push(subject);
            }
        }
    }
    found
}

/// A record in its place.
struct Place<'a> {
    sequence: &'a SequenceNumber,
    content: Content<'a>,
}

enum Content<'a> {
    Record(&'a StreamRecord, &'a Reading),
    Unreadable(&'a UnreadableRecord),
}

impl<'a> Place<'a> {
    fn change(&self) -> Option<Change<'a>> {
        let Content::Record(record, reading) = self.content else { return None };
        reading.change(record)
    }
}

/// The batch in sequence order.
fn places<'a>(event: &'a StreamEvent, readings: &'a [Reading]) -> Vec<Place<'a>> {
    let records = event.records.iter().zip(readings).map(|(record, reading)| Place {
        sequence: &record.dynamodb.sequence_number,
        content: Content::Record(record, reading),
    });
    let unreadable = event.unreadable.iter().filter_map(|record| {
        let sequence = record.sequence_number.as_ref()?;
        Some(Place { sequence, content: Content::Unreadable(record) })
    });
    let mut places: Vec<Place> = records.chain(unreadable).collect();
    places.sort_by_key(|place| place.sequence);
    places
}

/// The records before the first one that failed for now, and that one's sequence number. Those
/// that failed for good are kept aside on the way; their images count all the same, so that the
/// totals stay the sum of what the table holds.
async fn good_prefix<'a>(
    deps: &Deps,
    places: Vec<Place<'a>>,
    failures: &Failures,
) -> (Vec<Place<'a>>, Option<SequenceNumber>) {
    let mut done = Vec::with_capacity(places.len());
    for place in places {
        let kept = match place.content {
            Content::Unreadable(record) => aside::unreadable(deps, record).await,
            Content::Record(record, reading) => {
                // Mostly nothing failed.
                let subjects = if failures.is_empty() { Vec::new() } else { reading.subjects() };
                let failure = subjects.iter().filter_map(|subject| failures.get(subject)).max();
                match (failure, reading.fault) {
                    (Some(Failure::Transient), _) => return (done, Some(place.sequence.clone())),
                    (_, Some(fault)) => aside::record(deps, record, fault).await,
                    (Some(Failure::Permanent(reason)), None) => {
                        aside::record(deps, record, reason).await
                    }
                    (None, None) => Ok(()),
                }
            }
        };
        if let Err(error) = kept {
            tracing::warn!(error = &error as &dyn std::error::Error, "not kept aside");
            return (done, Some(place.sequence.clone()));
        }
        done.push(place);
    }
    (done, None)
}

/// Counts what was done, and what an alarm watches.
fn tell(done: &[Place<'_>]) {
    let readings = || {
        done.iter().filter_map(|place| match place.content {
            Content::Record(_, reading) => Some(reading),
            Content::Unreadable(_) => None,
        })
    };
    let derived = readings().filter(|reading| reading.key.is_some()).count();
    telemetry::count(Counter::RecordsDerived, derived as u64);
    let mixed = readings().filter(|reading| reading.begins_to_mix_currencies()).count();
    telemetry::count(Counter::CurrencyMismatch, mixed as u64);
}
