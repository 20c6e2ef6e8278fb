//! `GET` and `POST /webhooks/whatsapp`: `WhatsApp`'s handshake and its webhooks.

use std::collections::HashMap;

use axum::extract::{Query, State};
use futures::stream::{self, StreamExt as _};
use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::domain::facts::cart::SendId;
use shared::domain::facts::event::Event;
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{PhoneNumberId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{WEBHOOK_BODY_BYTES, WEBHOOK_ITEMS};
use shared::domain::values::phone::CountryCode;
use shared::intake::CONCURRENT_WRITES;
use shared::intake::accounts::{Accounts, Owner};
use shared::intake::aside::{Refused, keep_all};
use shared::intake::dates::Dates;
use shared::intake::facts::NotStored;
use shared::intake::reason::{Code, Reason};
use shared::runtime::clock::Clock;
use shared::runtime::secrets::Secrets;
use shared::store::{StoreError, Table};
use shared::telemetry::chain;
use shared::telemetry::{Counter, count};
use shared::web::signature::verify_hub;
use shared::web::{Json, Problem, ProblemBody, RawBody};
use utoipa::ToSchema;

use crate::batch::FailedItems;
use crate::config::Config;
use crate::facts::store_each;
use crate::meaning::Meaning;
use crate::problems::SenderProblems;

mod envelope;
mod heard;
mod item;
mod news;

pub use envelope::SOURCE;
pub use heard::{Heard, Listener};

use envelope::{Body, Found, WebhookList};

/// The field that names the business phone number.
const NUMBER: &str = "metadata.phone_number_id";

/// What the webhook's items are read and stored with.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) secrets: Secrets<Config>,
    pub(crate) table: Table,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    /// The key of contacts.
    pub(crate) phone_key: PhoneKey,
}

/// Answers `WhatsApp`'s handshake: the right mode and token get the challenge back as it came.
#[utoipa::path(
    get,
    path = "/webhooks/whatsapp",
    operation_id = "handshakeWhatsapp",
    tag = "webhooks",
    params(
        ("hub.mode" = String, Query, description = "`subscribe`"),
        ("hub.verify_token" = String, Query, description = "The word agreed with Meta"),
        ("hub.challenge" = String, Query, description = "What to answer"),
    ),
    responses(
        (status = 200, description = "The challenge", body = String, content_type = "text/plain"),
        (status = 403, description = "Another mode or token", body = ProblemBody, content_type = "application/problem+json"),
        SenderProblems,
    ),
)]
pub(crate) async fn handshake(
    State(webhook): State<Webhook>,
    Query(parameters): Query<Vec<(String, String)>>,
) -> Result<String, Problem> {
    let given = |name: &str| {
        let mut values = parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        // A second value would leave open which of them was judged.
        values.next().filter(|_| values.next().is_none())
    };
    let subscribes = given("hub.mode").is_some_and(|mode| mode == "subscribe");
    let secrets = webhook.secrets.current().await;
    let knows = given("hub.verify_token")
        .is_some_and(|token| secrets.whatsapp_verify_token.matches(token.as_bytes()));
    match given("hub.challenge") {
        Some(challenge) if subscribes && knows => Ok(challenge.clone()),
        _ => Err(Problem::forbidden("handshake-refused", "the mode or the verify token is wrong")),
    }
}

/// Nothing: `WhatsApp` reads the status alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {}

/// Takes receipts and button taps from `WhatsApp`, what people say of wanting messages, and what Meta says of templates.
///
/// The poison rule: what fails for now is answered 5xx, and the whole body comes again, for up to
/// seven days; what can never count is kept aside and answered 200, so that it doesn't.
#[utoipa::path(
    post,
    path = "/webhooks/whatsapp",
    operation_id = "receiveWhatsapp",
    tag = "webhooks",
    params(("x-hub-signature-256" = String, Header, description = "`sha256=` and the hex HMAC-SHA256 of the body under the app secret")),
    request_body(content = Object, content_type = "application/json", description = "A WhatsApp Cloud API webhook"),
    responses(
        (status = 200, description = "Everything is durable, kept aside or not ours to use", body = Taken),
        (status = 400, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No app secret made the signature", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 4 MiB or 1,000 items; nothing was stored", body = ProblemBody, content_type = "application/problem+json"),
        SenderProblems,
    ),
)]
pub(crate) async fn receive(
    State(webhook): State<Webhook>,
    headers: HeaderMap,
    RawBody(body): RawBody<WEBHOOK_BODY_BYTES>,
) -> Result<Json<Taken>, Problem> {
    verify_hub(&headers, &body, &webhook.secrets.current().await.whatsapp_app_secrets)
        .inspect_err(|_| count(Counter::SignatureRefused { source: SOURCE }, 1))?;
    let body = envelope::read(&body)?;
    if body.items > WEBHOOK_ITEMS {
        return Err(Problem::too_many_items(WEBHOOK_ITEMS));
    }
    store_body(&webhook, body).await?;
    Ok(Json(Taken {}))
}

async fn store_body(webhook: &Webhook, body: Body<'_>) -> Result<(), Problem> {
    let Webhook { table, accounts, clock, .. } = webhook;
    let dates = Dates { now: clock.now(), retention: table.retention() };
    let mut ignored = body.ignored;
    let mut failures = FailedItems::default();
    let mut refused: Vec<Refused<'_>> = Vec::new();
    let mut places: Vec<(Found<'_>, Account)> = Vec::with_capacity(body.found.len());
    let mut events: Vec<(Account, Event)> = Vec::with_capacity(body.found.len());
    let mut owners = Owners::default();
    let mut sends: Vec<(Account, (SendId, ReminderId))> = Vec::new();
    let mut said: Vec<(Account, Option<PhoneNumberId>, Heard)> = Vec::new();
    for found in body.found {
        let meaning = item::read(dates, &found);
        let heard = heard::read(dates.now, &found, item::is_stop_tap);
        let send = item::send(&found);
        if let (Ok(Meaning::Ignored(kind)), None, None) = (&meaning, &heard, &send) {
            *ignored.entry(*kind).or_default() += 1;
            continue;
        }
        let owner = match owners.of(accounts, found.phone_number_id.as_ref()).await {
            Ok(owner) => owner,
            Err(error) if error.is_transient() => {
                failures.add(error);
                continue;
            }
            Err(error) => {
                let cause = chain(&error);
                tracing::error!(cause, "a phone number's account can't be read: items kept aside");
                refused.push(found.refused(None, Reason::of(Code::NotStorable)));
                continue;
            }
        };
        if let (Owner::Account(account), Some(send)) = (&owner, send) {
            sends.push((account.clone(), send));
        }
        // What somebody wants holds whatever becomes of the item as a fact (R18).
        if let (Owner::Account(account), Some(heard)) = (&owner, heard) {
            said.push((account.clone(), found.phone_number_id.clone(), heard));
        }
        match (owner, meaning) {
            (Owner::Nobody, _) => {
                let reason = Reason::at(Code::UnknownPhoneNumber, NUMBER);
                refused.push(found.refused(None, reason));
            }
            // Whichever of them it is confirmed for has what came before.
            (Owner::Claimants(claimants), _) => {
                refused.extend(claimants.iter().map(|claimant| {
                    let reason = Reason::at(Code::NumberPending, NUMBER);
                    found.clone().refused(Some(claimant.clone()), reason)
                }));
            }
            (Owner::Account(account), Err(reason)) => {
                refused.push(found.refused(Some(account), reason));
            }
            (Owner::Account(account), Ok(Meaning::Fact(event))) => {
                places.push((found, account.clone()));
                events.push((account, event));
            }
            (Owner::Account(_), Ok(Meaning::Ignored(_) | Meaning::Cart(_))) => {}
        }
    }
    let secrets = webhook.secrets.current().await;
    let key = &secrets.phone_key;
    let outcomes = store_each(table, key, accounts, events).await;
    for ((found, account), outcome) in places.into_iter().zip(outcomes) {
        match outcome {
            Ok(_) => {}
            Err(NotStored::Refused(reason)) => refused.push(found.refused(Some(account), reason)),
            Err(NotStored::Failed(error)) => failures.add(error),
        }
    }
    for error in resolve(webhook, dates.now, sends).await {
        failures.add(error);
    }
    let listener = Listener { table, phone_key: &webhook.phone_key };
    if let Err(error) = listener.keep_all(said).await {
        failures.add(error);
    }
    for news in &body.news {
        match news::note(table, dates.now, news).await {
            Ok(true) => {}
            Ok(false) => *ignored.entry(news.field).or_default() += 1,
            Err(error) => failures.add(error),
        }
    }
    // Before anything is kept aside: the redelivery would keep it aside again.
    failures.into_result().map_err(Problem::unavailable)?;
    // Its numbers are international: no country is asked.
    keep_all(table, key.in_country(CountryCode::BRAZIL), dates.now, refused).await?;
    owners.still_claimed(accounts).await?;
    for (kind, n) in ignored {
        count(Counter::TrafficIgnored { kind }, n);
    }
    Ok(())
}

/// Reads a status or a message by itself, as it was kept aside, or says why it can't count. `list` is
/// the list that it stood in.
pub fn read(dates: Dates, list: &str, item: &RawValue) -> Result<Meaning, Reason> {
    let list = WebhookList::named(list).ok_or(Reason::of(Code::InvalidField))?;
    item::read(dates, &Found { phone_number_id: None, list, item })
}

/// Finishes the sends that statuses name, each once (R16); what failed for now.
async fn resolve(
    Webhook { table, phone_key, .. }: &Webhook,
    now: Instant,
    mut sends: Vec<(Account, (SendId, ReminderId))>,
) -> Vec<StoreError> {
    sends.sort();
    sends.dedup();
    let sends = sends.into_iter().map(|(account, (send, told))| async move {
        let resolved = table.send_resolve(phone_key, &account, &send, &told, now).await;
        match resolved {
            Ok(_) => None,
            Err(error) if error.is_transient() => Some(error),
            Err(error) => {
                // It would never succeed: its receipts count all the same.
                let cause = chain(&error);
                tracing::error!(%account, cause, "a send can't be resolved by its status");
                None
            }
        }
    });
    let sends: Vec<_> = sends.collect();
    let failed = stream::iter(sends).buffer_unordered(CONCURRENT_WRITES);
    failed.filter_map(std::future::ready).collect().await
}

/// What a status, a message or a preference says of the person behind it, as [`read`] reads it.
#[must_use]
pub fn hear(dates: Dates, list: &str, item: &RawValue) -> Option<Heard> {
    let list = WebhookList::named(list)?;
    heard::read(dates.now, &Found { phone_number_id: None, list, item }, item::is_stop_tap)
}

/// Whose the phone numbers of one body are: each is looked up once.
#[derive(Default)]
struct Owners(HashMap<PhoneNumberId, Owner>);

impl Owners {
    async fn of(
        &mut self,
        accounts: &Accounts,
        id: Option<&PhoneNumberId>,
    ) -> Result<Owner, StoreError> {
        let Some(id) = id else { return Ok(Owner::Nobody) };
        if let Some(owner) = self.0.get(id) {
            return Ok(owner.clone());
        }
        let owner = accounts.of_phone_number(id).await?;
        self.0.insert(id.clone(), owner.clone());
        Ok(owner)
    }

    /// Looks again at the numbers that were merely claimed, once their items are kept aside. A
    /// confirmation replays what it finds there: of one that came in between it may have found nothing.
    /// Then the body must come again.
    async fn still_claimed(&self, accounts: &Accounts) -> Result<(), Problem> {
        for (id, owner) in &self.0 {
            if matches!(owner, Owner::Claimants(_))
                && matches!(accounts.of_phone_number(id).await?, Owner::Account(_))
            {
                return Err(Problem::unavailable("a phone number was confirmed meanwhile"));
            }
        }
        Ok(())
    }
}
