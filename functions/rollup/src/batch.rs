//! One batch: what has to be derived, in which order, and how far the batch is good.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use shared::counting::count::{Change, Halted, Shard};
use shared::counting::derive;
use shared::counting::fact::Subject;
use shared::counting::record::Reading;
use shared::domain::facts::reminder::Reminder;
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderGroup;
use shared::store::stream::{SequenceNumber, StreamEvent, StreamRecord, UnreadableRecord};
use shared::store::{StoreError, Table};
use shared::telemetry::{self, Counter};

use crate::{Deps, RollupError, aside};

/// Derivations that run at once. Each waits for the table most of its time; many more would
/// only queue for the SDK's connections.
const AT_ONCE: usize = 16;

/// Derives and counts a batch; the first sequence number that must come again, if any.
pub(crate) async fn run(
    deps: &Deps,
    shard_id: &str,
    event: &StreamEvent,
) -> Result<Option<SequenceNumber>, RollupError> {
    for record in event.unreadable.iter().filter(|record| record.sequence_number.is_none()) {
        let kept = aside::unreadable(deps, record).await;
        kept.map_err(|source| RollupError::Unplaced { source })?;
    }
    let readings: Vec<Reading> = event.records.iter().map(Reading::of).collect();
    let failures = derive_all(&deps.table, &readings).await;
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
    /// It never will be: its records are kept aside.
    Permanent,
    /// It may be later: its records must come again.
    Transient,
}

type Failures<'a> = BTreeMap<&'a Subject, Failure>;

fn judge(step: &'static str, error: &StoreError) -> Failure {
    let failure = if error.is_transient() { Failure::Transient } else { Failure::Permanent };
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, step, permanent = failure == Failure::Permanent, "not derived");
    failure
}

fn note<'a>(failures: &mut Failures<'a>, subject: &'a Subject, failure: Failure) {
    let held = failures.entry(subject).or_insert(failure);
    *held = failure.max(*held);
}

/// Derives each subject once, from all its records: first reminders, clicks and links, then the
/// orders that they touch, together with those that changed themselves.
async fn derive_all<'a>(table: &Table, readings: &'a [Reading]) -> Failures<'a> {
    let mut subjects: BTreeMap<&Subject, Vec<&Reminder>> = BTreeMap::new();
    for reading in readings {
        if let Some(subject) = &reading.subject {
            subjects.entry(subject).or_default().extend(reading.reminders());
        }
    }
    let mut failures = Failures::new();
    let mut orders: BTreeMap<(&Account, OrderGroup), BTreeSet<&Subject>> = BTreeMap::new();

    let facts: Vec<_> = subjects
        .iter()
        .map(|(subject, images)| async move {
            (*subject, derive::subject(table, subject, images).await)
        })
        .collect();
    let mut facts = stream::iter(facts).buffer_unordered(AT_ONCE);
    while let Some((subject, touched)) = facts.next().await {
        match touched {
            Ok(touched) => {
                for order in touched {
                    orders.entry(order).or_default().insert(subject);
                }
            }
            Err(error) => note(&mut failures, subject, judge("fact", &error)),
        }
    }

    let credits: Vec<_> = orders
        .iter()
        .map(|((account, group), asked_by)| async move {
            (asked_by, derive::order(table, account, group).await)
        })
        .collect();
    let mut credits = stream::iter(credits).buffer_unordered(AT_ONCE);
    while let Some((asked_by, result)) = credits.next().await {
        if let Err(error) = result {
            let failure = judge("credit", &error);
            for subject in asked_by {
                note(&mut failures, subject, failure);
            }
        }
    }
    failures
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
    failures: &Failures<'_>,
) -> (Vec<Place<'a>>, Option<SequenceNumber>) {
    let mut done = Vec::with_capacity(places.len());
    for place in places {
        let kept = match place.content {
            Content::Unreadable(record) => aside::unreadable(deps, record).await,
            Content::Record(record, reading) => {
                let failure = reading.subject.as_ref().and_then(|subject| failures.get(subject));
                match (failure, reading.fault) {
                    (Some(Failure::Transient), _) => return (done, Some(place.sequence.clone())),
                    (_, Some(fault)) => aside::record(deps, record, fault).await,
                    (Some(Failure::Permanent), None) => {
                        aside::record(deps, record, "derivation-refused").await
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
    let derived = readings().filter(|reading| reading.subject.is_some()).count();
    telemetry::count(Counter::RecordsDerived, derived as u64);
    let mixed = readings().filter(|reading| reading.begins_to_mix_currencies()).count();
    telemetry::count(Counter::CurrencyMismatch, mixed as u64);
}
