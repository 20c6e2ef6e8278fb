//! Storing facts: many at once, each by itself.

use std::collections::{BTreeMap, HashMap};

use futures::stream::{self, StreamExt as _};
use shared::domain::facts::event::{ClickKind, Event, OrderUpdated, ReminderSent};
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{OrderGroup, ReminderId};
use shared::intake::CONCURRENT_WRITES;
use shared::intake::accounts::Accounts;
use shared::intake::facts::{NotStored, ORDER, WrittenOr, stored, within_limits};
use shared::intake::reason::{Code, Reason};
use shared::store::facts::{SentWritten, Written};
use shared::store::{StoreError, Table};
use shared::telemetry::{Counter, count};

/// Stores the facts of an account; the outcomes stand in the order of the events. Every event is
/// tried, whatever becomes of the others.
///
/// The events are taken as sound: their dates are judged where they come in.
pub async fn store_all(
    table: &Table,
    key: &PhoneKey,
    accounts: &Accounts,
    account: &Account,
    events: Vec<Event>,
) -> Vec<Result<Written, NotStored>> {
    let events = events.into_iter().map(|event| (account.clone(), event)).collect();
    store_each(table, key, accounts, events).await
}

/// [`store_all`] for the facts of several accounts.
pub(crate) async fn store_each(
    table: &Table,
    key: &PhoneKey,
    accounts: &Accounts,
    events: Vec<(Account, Event)>,
) -> Vec<Result<Written, NotStored>> {
    let kinds: Vec<&'static str> = events.iter().map(|(_, event)| kind(event)).collect();
    let mut outcomes: Vec<(usize, Result<Written, NotStored>)> = stream::iter(lanes(events))
        .map(|lane| async move { stream::iter(store_lane(table, key, accounts, lane).await) })
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

/// What is written in turns, each with its place in the body.
enum Lane {
    /// Events of one order, which are folded in one read and one write.
    Order(Account, Vec<(usize, OrderUpdated)>),
    /// Others, which are written one after the other.
    Others(Vec<(usize, Account, Event)>),
}

/// Splits events into lanes, which are written side by side. Events of one order share a lane, and so
/// do details of one reminder: each is folded into what the one before left, so side by side they would
/// conflict and be tried again. Receipts and clicks never conflict.
fn lanes(events: Vec<(Account, Event)>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::with_capacity(events.len());
    let mut lane_of = HashMap::new();
    for (index, (account, event)) in events.into_iter().enumerate() {
        let turn = match &event {
            Event::Order(order) => Some(Turn::Order(order.order_group.clone())),
            Event::Sent(sent) => Some(Turn::Reminder(sent.reminder_id.clone())),
            Event::Status(_) | Event::Clicked(_) => None,
        };
        let lane = turn.map_or(lanes.len(), |turn| {
            *lane_of.entry((account.clone(), turn)).or_insert(lanes.len())
        });
        match (lanes.get_mut(lane), event) {
            (Some(Lane::Order(_, lane)), Event::Order(order)) => lane.push((index, order)),
            (Some(Lane::Others(lane)), event) => lane.push((index, account, event)),
            (_, Event::Order(order)) => lanes.push(Lane::Order(account, vec![(index, order)])),
            (_, event) => lanes.push(Lane::Others(vec![(index, account, event)])),
        }
    }
    lanes
}

/// Whose events share a lane.
#[derive(PartialEq, Eq, Hash)]
enum Turn {
    Order(OrderGroup),
    Reminder(ReminderId),
}

async fn store_lane(
    table: &Table,
    key: &PhoneKey,
    accounts: &Accounts,
    lane: Lane,
) -> Vec<(usize, Result<Written, NotStored>)> {
    match lane {
        Lane::Order(account, events) => {
            let (places, events): (Vec<usize>, Vec<OrderUpdated>) = events.into_iter().unzip();
            places.into_iter().zip(store_orders(table, key, &account, &events).await).collect()
        }
        Lane::Others(events) => {
            let mut outcomes = Vec::with_capacity(events.len());
            for (index, account, event) in events {
                let written = write(table, key, accounts, &account, &event).await;
                outcomes.push((index, stored(&account, kind(&event), written)));
            }
            outcomes
        }
    }
}

async fn write(
    table: &Table,
    key: &PhoneKey,
    accounts: &Accounts,
    account: &Account,
    event: &Event,
) -> WrittenOr {
    match event {
        Event::Sent(sent) => write_sent(table, key, accounts, account, sent).await,
        Event::Status(status) => table.reminder_write_receipt(key, account, status).await.map(Ok),
        Event::Clicked(click) => table.click_write(key, account, click).await.map(Ok),
        Event::Order(order) => table.order_fold(key, account, order).await.map(within_limits),
    }
}

/// Stores events of one order; what became of each.
async fn store_orders(
    table: &Table,
    key: &PhoneKey,
    account: &Account,
    events: &[OrderUpdated],
) -> Vec<Result<Written, NotStored>> {
    match table.order_fold_all(key, account, events).await {
        Ok(outcomes) => {
            let written = outcomes.into_iter().map(|outcome| Ok(within_limits(outcome)));
            written.map(|written| stored(account, ORDER, written)).collect()
        }
        Err(error) if error.is_transient() => {
            let shared = std::iter::repeat_with(|| StoreError::Unavailable {
                operation: "write an order",
                source: "the write that these events share failed".into(),
            });
            let errors = std::iter::once(error).chain(shared).take(events.len());
            errors.map(|error| stored(account, ORDER, Err(error))).collect()
        }
        // R12: whichever of them can't be stored takes no other with it.
        Err(_) => {
            let mut outcomes = Vec::with_capacity(events.len());
            for event in events {
                let written = table.order_fold(key, account, event).await.map(within_limits);
                outcomes.push(stored(account, ORDER, written));
            }
            outcomes
        }
    }
}

async fn write_sent(
    table: &Table,
    key: &PhoneKey,
    accounts: &Accounts,
    account: &Account,
    sent: &ReminderSent,
) -> WrittenOr {
    if !accounts.has_campaign(account, &sent.campaign_id).await? {
        return Ok(Err(Reason::at(Code::UnknownCampaign, "data.campaignId")));
    }
    let zone = accounts.fixed_zone(account).await?;
    Ok(match table.reminder_write_details(key, account, sent, zone).await? {
        SentWritten::Written(written) => Ok(written),
        SentWritten::LinkRefused => Err(Reason::at(Code::UnknownLinkToken, "data.linkToken")),
    })
}

/// The kind of a fact, as it is counted.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::Sent(_) => "reminder",
        Event::Status(_) => "receipt",
        Event::Clicked(click) if click.kind == ClickKind::OptOut => "opt-out",
        Event::Clicked(_) => "click",
        Event::Order(_) => ORDER,
    }
}
