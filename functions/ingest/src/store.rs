//! Storing facts: many at once, each by itself.

use std::collections::{BTreeMap, HashMap};

use futures::stream::{self, StreamExt as _};
use shared::domain::facts::event::{Event, ReminderSent};
use shared::domain::values::account::Account;
use shared::domain::values::ids::{OrderGroup, ReminderId};
use shared::store::StoreError;
use shared::store::facts::{SentWritten, Written};
use shared::store::orders::OrderWritten;
use shared::telemetry::chain;
use shared::telemetry::{Counter, count};

use crate::aside::{Code, Reason};
use crate::deps::Deps;

/// Items of one body that are written at a time: a full body takes well under a second, and the
/// connections of one function stay few.
pub(crate) const CONCURRENT_WRITES: usize = 32;

/// Why a fact isn't stored. The first question is whether it may come again (STYLE 9).
#[derive(Debug, thiserror::Error)]
pub enum NotStored {
    /// It can't count, now or later: to be kept aside.
    #[error("the fact can't count: {}", .0.code.as_str())]
    Refused(Reason),
    /// The table failed for now: the sender must deliver again.
    #[error("the fact could not be stored for now")]
    Failed(#[source] StoreError),
}

/// Some items of a body could not be stored for now: the whole of it must come again.
#[derive(Debug, thiserror::Error)]
#[error("{failed} items could not be stored for now")]
pub(crate) struct Incomplete {
    pub(crate) failed: usize,
    #[source]
    pub(crate) first: StoreError,
}

/// Failures of one body, of which the first is told.
#[derive(Debug, Default)]
pub(crate) struct Failures(Option<Incomplete>);

impl Failures {
    pub(crate) fn add(&mut self, error: StoreError) {
        match &mut self.0 {
            Some(incomplete) => incomplete.failed += 1,
            None => self.0 = Some(Incomplete { failed: 1, first: error }),
        }
    }

    /// An error when anything failed.
    pub(crate) fn into_result(self) -> Result<(), Incomplete> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Stores the facts of an account; the outcomes stand in the order of the events. Every event is
/// tried, whatever becomes of the others.
///
/// The events are taken as sound: their dates are judged where they come in.
pub async fn store_all(
    deps: &Deps,
    account: &Account,
    events: Vec<Event>,
) -> Vec<Result<Written, NotStored>> {
    store_each(deps, events.into_iter().map(|event| (account.clone(), event)).collect()).await
}

/// [`store_all`] for the facts of several accounts.
pub(crate) async fn store_each(
    deps: &Deps,
    events: Vec<(Account, Event)>,
) -> Vec<Result<Written, NotStored>> {
    let kinds: Vec<&'static str> = events.iter().map(|(_, event)| kind(event)).collect();
    let mut outcomes: Vec<(usize, Result<Written, NotStored>)> = stream::iter(lanes(events))
        .map(|lane| async move {
            let mut outcomes = Vec::with_capacity(lane.len());
            for (index, account, event) in lane {
                outcomes.push((index, store(deps, &account, &event).await));
            }
            stream::iter(outcomes)
        })
        .buffer_unordered(CONCURRENT_WRITES)
        .flatten()
        .collect()
        .await;
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    let mut accepted = BTreeMap::new();
    for (kind, _) in kinds.into_iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()) {
        *accepted.entry(kind).or_default() += 1;
    }
    for (kind, n) in accepted {
        count(Counter::FactsAccepted { kind }, n);
    }
    outcomes
}

type Lane = Vec<(usize, Account, Event)>;

/// What may be written side by side. Events of one order, and details of one reminder, are written
/// one after the other: each is judged against the one before, so that together they would only get
/// into each other's way. Receipts and clicks never do.
fn lanes(events: Vec<(Account, Event)>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::with_capacity(events.len());
    let mut of_subject = HashMap::new();
    for (index, (account, event)) in events.into_iter().enumerate() {
        let subject = match &event {
            Event::Order(order) => Some(Subject::Order(order.order_group.clone())),
            Event::Sent(sent) => Some(Subject::Reminder(sent.reminder_id.clone())),
            Event::Status(_) | Event::Clicked(_) => None,
        };
        let lane = subject.map_or(lanes.len(), |subject| {
            *of_subject.entry((account.clone(), subject)).or_insert(lanes.len())
        });
        match lanes.get_mut(lane) {
            Some(lane) => lane.push((index, account, event)),
            None => lanes.push(vec![(index, account, event)]),
        }
    }
    lanes
}

/// What is written in turns.
#[derive(PartialEq, Eq, Hash)]
enum Subject {
    Order(OrderGroup),
    Reminder(ReminderId),
}

async fn store(deps: &Deps, account: &Account, event: &Event) -> Result<Written, NotStored> {
    match write(deps, account, event).await {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(reason)) => Err(NotStored::Refused(reason)),
        Err(error) if error.is_transient() => Err(NotStored::Failed(error)),
        // The poison rule: what never succeeds must not come again for ever.
        Err(error) => {
            let (kind, cause) = (kind(event), chain(&error));
            tracing::error!(%account, kind, cause, "a fact can't be stored and is kept aside");
            Err(NotStored::Refused(Reason::of(Code::NotStorable)))
        }
    }
}

async fn write(
    deps: &Deps,
    account: &Account,
    event: &Event,
) -> Result<Result<Written, Reason>, StoreError> {
    match event {
        Event::Sent(sent) => write_sent(deps, account, sent).await,
        Event::Status(status) => deps.table.reminder_write_receipt(account, status).await.map(Ok),
        Event::Clicked(click) => deps.table.click_write(account, click).await.map(Ok),
        Event::Order(order) => Ok(match deps.table.order_fold(account, order).await? {
            OrderWritten::Written(written) => Ok(written),
            OrderWritten::Refused(limit) => {
                Err(Reason::at(Code::OrderLimit, format!("data.{}", limit.what)))
            }
        }),
    }
}

async fn write_sent(
    deps: &Deps,
    account: &Account,
    sent: &ReminderSent,
) -> Result<Result<Written, Reason>, StoreError> {
    if !deps.has_campaign(account, &sent.campaign_id).await? {
        return Ok(Err(Reason::at(Code::UnknownCampaign, "data.campaignId")));
    }
    let zone = deps.fixed_zone(account).await?;
    Ok(match deps.table.reminder_write_details(account, sent, zone).await? {
        SentWritten::Written(written) => Ok(written),
        SentWritten::LinkRefused => Err(Reason::at(Code::UnknownLinkToken, "data.linkToken")),
    })
}

/// The kind of a fact, as it is counted.
const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Sent(_) => "reminder",
        Event::Status(_) => "receipt",
        Event::Clicked(_) => "click",
        Event::Order(_) => "order",
    }
}
