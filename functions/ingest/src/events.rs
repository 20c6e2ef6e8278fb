//! `POST /events/{account}`: the store's events as `CloudEvents` 1.0, structured or batched.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::extract::{Path, State};
use futures::stream::{self, StreamExt as _};
use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::domain::facts::event::Event;
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::limits::{EVENT_BATCH, WEBHOOK_BODY_BYTES};
use shared::domain::values::phone::CountryCode;
use shared::intake::CONCURRENT_WRITES;
use shared::intake::accounts::Accounts;
use shared::intake::aside::{Refused, keep_all};
use shared::intake::dates::Dates;
use shared::intake::facts::NotStored;
use shared::intake::reason::{Code, Reason};
use shared::runtime::clock::Clock;
use shared::store::{StoreError, Table};
use shared::telemetry::{Counter, chain, count};
use shared::web::body::{media_type, parse_json};
use shared::web::{Json, Problem, ProblemBody, RawBody};
use utoipa::ToSchema;

use crate::batch::FailedItems;
use crate::carts::{CartUpdated, Carts};
use crate::facts::store_all;
use crate::meaning::Meaning;
use crate::problems::{SenderProblems, SignatureHeaders, SignedProblems};
use crate::sender::{NamedAccount, authenticate};

mod data;
mod encoded;
mod envelope;

pub(crate) use data::{CartData, ClickedData, OrderData, SentData, StatusData};
use encoded::with_plain_data;
pub(crate) use envelope::CloudEvent;
pub use envelope::read;

/// The endpoint's name in counts and among what is kept aside.
pub const SOURCE: &str = "events";
/// One event.
const STRUCTURED: &str = "application/cloudevents+json";
/// An array of events.
const BATCHED: &str = "application/cloudevents-batch+json";

/// What events are read and stored with.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    pub(crate) table: Table,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    /// The secret under which phone numbers are digested.
    pub(crate) phone_key: PhoneKey,
    pub(crate) carts: Carts,
}

/// What became of the events. All of them are durable: those that count as facts, the others aside.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventsAnswer {
    /// Events that were taken, whether or not they were new.
    accepted: usize,
    /// Events that can't count, by their place in the batch. Sending them again unchanged only
    /// keeps them aside again.
    kept_aside: Vec<KeptAside>,
}

/// An event that can't count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptAside {
    /// Its place in the batch, from 0.
    index: usize,
    /// Its `id`, if it has one.
    id: Option<String>,
    /// Why.
    #[schema(example = "unknown-campaign")]
    code: &'static str,
    /// The field at fault.
    #[schema(example = "data.campaignId")]
    field: Option<Cow<'static, str>>,
}

/// Takes events of a store. One bad event fails none of its neighbours (R12).
#[utoipa::path(
    post,
    path = "/events/{account}",
    operation_id = "receiveEvents",
    tag = "events",
    params(
        ("account" = String, Path, description = "The store's account"),
        SignatureHeaders,
    ),
    request_body(content(
        (CloudEvent = "application/cloudevents+json"),
        (Vec<CloudEvent> = "application/cloudevents-batch+json"),
    )),
    responses(
        (status = 200, description = "Everything is durable: as facts, or kept aside", body = EventsAnswer),
        SignedProblems,
        (status = 404, description = "No such account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 4 MiB or 1,000 events; nothing was stored", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Neither structured nor batched CloudEvents", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The batch is no array", body = ProblemBody, content_type = "application/problem+json"),
        SenderProblems,
    ),
)]
pub(crate) async fn receive(
    State(events): State<Events>,
    account: NamedAccount,
    headers: HeaderMap,
    RawBody(body): RawBody<WEBHOOK_BODY_BYTES>,
) -> Result<Json<EventsAnswer>, Problem> {
    take(&events, account, &headers, &body).await.map(Json)
}

/// [`receive`] for the account that is called `aside`, whose path is another route's, too.
pub(crate) async fn receive_for_aside(
    State(events): State<Events>,
    headers: HeaderMap,
    RawBody(body): RawBody<WEBHOOK_BODY_BYTES>,
) -> Result<Json<EventsAnswer>, Problem> {
    take(&events, Ok(Path("aside".to_owned())), &headers, &body).await.map(Json)
}

async fn take(
    events: &Events,
    account: NamedAccount,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<EventsAnswer, Problem> {
    let now = events.clock.now();
    let sender = authenticate(&events.accounts, now, account, headers, body, SOURCE).await?;
    let items = read_batch(headers, body)?;
    if items.len() > EVENT_BATCH {
        return Err(Problem::too_many_items(EVENT_BATCH));
    }
    let items: Vec<Box<RawValue>> = items.into_iter().map(with_plain_data).collect();
    let country = sender.read.record.settings.country();
    store_batch(events, &sender.account, country, &items).await
}

/// The events of a body, unread. Only the content type says which mode it is: a structured event
/// may carry `ce-` headers beside.
fn read_batch(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Box<RawValue>>, Problem> {
    match media_type(headers).as_deref() {
        Some(STRUCTURED) => Ok(vec![parse_json(body)?]),
        Some(BATCHED) => parse_json(body),
        _ => Err(Problem::unsupported_media_type(
            "send application/cloudevents+json or application/cloudevents-batch+json",
        )),
    }
}

async fn store_batch(
    Events { table, accounts, clock, phone_key, carts }: &Events,
    account: &Account,
    country: CountryCode,
    items: &[Box<RawValue>],
) -> Result<EventsAnswer, Problem> {
    let dates = Dates { now: clock.now(), retention: table.retention() };
    let mut facts: Vec<(usize, Event)> = Vec::with_capacity(items.len());
    let mut told_carts: Vec<(usize, CartUpdated)> = Vec::new();
    let mut refused: Vec<(usize, Reason)> = Vec::new();
    let mut ignored: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        match read(phone_key.in_country(country), dates, item) {
            Ok(Meaning::Fact(event)) => facts.push((index, event)),
            Ok(Meaning::Cart(updated)) => told_carts.push((index, updated)),
            Ok(Meaning::Ignored(kind)) => *ignored.entry(kind).or_default() += 1,
            Err(reason) => refused.push((index, reason)),
        }
    }
    let (places, events): (Vec<usize>, Vec<Event>) = facts.into_iter().unzip();
    let mut failures = FailedItems::default();
    let outcomes = store_all(table, phone_key, accounts, account, events).await;
    for (index, outcome) in places.into_iter().zip(outcomes) {
        match outcome {
            Ok(_) => {}
            Err(NotStored::Refused(reason)) => refused.push((index, reason)),
            Err(NotStored::Failed(error)) => failures.add(error),
        }
    }
    for (index, outcome) in update_carts(carts, account, told_carts).await {
        match outcome {
            Ok(()) => {}
            Err(error) if error.is_transient() => failures.add(error),
            Err(error) => {
                let cause = chain(&error);
                tracing::error!(%account, cause, "a cart can't be stored and is kept aside");
                refused.push((index, Reason::of(Code::NotStorable)));
            }
        }
    }
    // Before anything is kept aside: the redelivery would keep it aside again.
    failures.into_result().map_err(Problem::unavailable)?;
    refused.sort_by_key(|(index, _)| *index);
    let asides = refused.iter().map(|(index, reason)| Refused {
        source: SOURCE,
        reason: reason.clone(),
        account: Some(account.clone()),
        phone_number_id: None,
        list: None,
        item: items.get(*index).map(|item| Cow::Borrowed(item.as_ref())),
    });
    keep_all(table, phone_key.in_country(country), dates.now, asides.collect()).await?;
    for (kind, n) in ignored {
        count(Counter::TrafficIgnored { kind }, n);
    }
    Ok(EventsAnswer {
        accepted: items.len() - refused.len(),
        kept_aside: refused
            .into_iter()
            .map(|(index, reason)| KeptAside {
                index,
                id: items.get(index).and_then(|item| envelope::id(item)),
                code: reason.code.as_str(),
                field: reason.field,
            })
            .collect(),
    })
}

/// Takes what a batch tells of carts; what became of each.
async fn update_carts(
    carts: &Carts,
    account: &Account,
    updates: Vec<(usize, CartUpdated)>,
) -> Vec<(usize, Result<(), StoreError>)> {
    let updates = updates.into_iter().map(|(index, updated)| async move {
        let outcome = carts.update(account, &updated).await;
        count(Counter::FactsAccepted { kind: "cart" }, u64::from(outcome.is_ok()));
        (index, outcome.map(|_| ()))
    });
    let updates: Vec<_> = updates.collect();
    stream::iter(updates).buffer_unordered(CONCURRENT_WRITES).collect().await
}
