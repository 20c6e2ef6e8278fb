//! `POST /webhooks/vtex/{account}`: VTEX's order hook.
//!
//! A notification only says that an order changed: the order is read from VTEX and folded in as
//! `order.updated` is. What VTEX can't tell for now is answered 5xx, so that the notification comes
//! again; what it will never tell is kept aside and answered 200 (the poison rule), since VTEX drops
//! a hook that goes three days without one.

use std::time::Duration;

use axum::extract::State;
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::value::RawValue;
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderId;
use shared::domain::values::limits::WEBHOOK_BODY_BYTES;
use shared::intake::accounts::Accounts;
use shared::intake::orders::{
    FULFILLMENT, NotTaken, OrderTaken, Orders, SOURCE, keep_notification, take_order,
};
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Secret, Settings};
use shared::store::Table;
use shared::telemetry::{Counter, count};
use shared::vtex::hook::SECRET_HEADER;
use shared::vtex::{Timeouts, VtexApi, VtexError};
use shared::web::body::parse_json;
use shared::web::signature::verify_header_secret;
use shared::web::{Problem, ProblemBody, RawBody};

use crate::config::Config;
use crate::sender::{NamedAccount, account_of};
use crate::vtex::connection::{Connection, Connections};
use crate::vtex::notification::{Notification, NotificationContent, is_ping};

mod connection;
mod notification;

pub use notification::order_named;

/// An answer leaves within this time: VTEX waits for 5 s, the gateway and a cold start included. What
/// is still under way then is broken off. That does no harm: the notification comes again (R2).
const ANSWERS_WITHIN: Duration = Duration::from_millis(4_200);
/// The variable with a secret that every account's hook may send; the local stack sets it,
/// template.yaml never does.
const HOOK_SECRET: &str = "VTEX_HOOK_SECRET";

/// How the hook reaches VTEX.
#[derive(Debug)]
pub struct VtexAccess {
    api: VtexApi,
    answers_within: Duration,
    /// A secret that every account's hook may send.
    secret_for_all: Option<Secret>,
}

impl VtexAccess {
    /// The hook on `api`.
    #[must_use]
    pub fn new(api: VtexApi) -> Self {
        Self { api, answers_within: ANSWERS_WITHIN, secret_for_all: None }
    }

    /// VTEX itself, or what the settings name instead.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let vtex = Self::new(VtexApi::from_settings(settings, Timeouts::HOOK)?);
        Ok(match settings.optional(HOOK_SECRET) {
            Some(_) => vtex.with_secret_for_all(settings.secret(HOOK_SECRET)?),
            None => vtex,
        })
    }

    /// The same with another limit for an answer.
    #[must_use]
    pub fn answering_within(self, answers_within: Duration) -> Self {
        Self { answers_within, ..self }
    }

    /// The same for a stack of one machine: every account's hook may send `secret`, and an account
    /// that was never connected is read with keys that open nothing but a stand-in.
    #[must_use]
    pub fn with_secret_for_all(self, secret: Secret) -> Self {
        Self { secret_for_all: Some(secret), ..self }
    }
}

/// What notifications are judged and orders stored with.
#[derive(Debug, Clone)]
pub(crate) struct OrderHook {
    accounts: Accounts,
    clock: Clock,
    connections: Connections,
    orders: Orders,
    answers_within: Duration,
}

impl OrderHook {
    pub(crate) fn new(
        vtex: VtexAccess,
        table: &Table,
        clock: &Clock,
        accounts: &Accounts,
        config: &Config,
    ) -> Self {
        let VtexAccess { api, answers_within, secret_for_all } = vtex;
        let (table, clock, accounts) = (table.clone(), clock.clone(), accounts.clone());
        let (phone_key, sealing) = (config.phone_key.clone(), config.sealing.clone());
        Self {
            accounts: accounts.clone(),
            clock: clock.clone(),
            connections: Connections::new(
                table.clone(),
                clock.clone(),
                sealing.clone(),
                secret_for_all,
            ),
            orders: Orders { table, accounts, clock, phone_key, sealing, api },
            answers_within,
        }
    }
}

impl OrderHook {
    /// What orders are read and stored with.
    pub(crate) fn orders(&self) -> Orders {
        self.orders.clone()
    }
}

/// Takes a notification. The order is read from VTEX before the answer.
#[utoipa::path(
    post,
    path = "/webhooks/vtex/{account}",
    operation_id = "receiveOrderNotification",
    tag = "webhooks",
    params(
        ("account" = String, Path, description = "The store's VTEX account"),
        ("x-hook-secret" = Option<String>, Header, description = "The secret that the hook was configured with; only a ping goes without"),
    ),
    request_body = Notification,
    responses(
        (status = 200, description = "The order is durable as VTEX tells it now, or the notification kept aside, or it was a ping, or of no use (`Fulfillment`)"),
        (status = 400, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The secret is missing or wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`origin-mismatch`: the notification is another account's", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account, or it was never connected to VTEX", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 4 MiB", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests (answered by the gateway)"),
        (status = 500, description = "A fault of ours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "VTEX or the table did not answer in time: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn receive(
    State(hook): State<OrderHook>,
    account: NamedAccount,
    headers: HeaderMap,
    RawBody(body): RawBody<WEBHOOK_BODY_BYTES>,
) -> Result<StatusCode, Problem> {
    let taken = take(&hook, account, &headers, &body);
    let taken = tokio::time::timeout(hook.answers_within, taken).await;
    taken.map_err(Problem::unavailable)?.map(|()| StatusCode::OK)
}

async fn take(
    hook: &OrderHook,
    named: NamedAccount,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Problem> {
    let account = account_of(named)?;
    hook.accounts.get(&account).await?.ok_or_else(Problem::account_not_found)?;
    // VTEX doesn't say whether its ping carries the header, a ping asks for nothing, and one that is
    // refused keeps the hook from ever being configured.
    if !headers.contains_key(SECRET_HEADER) && is_ping(body) {
        return Ok(());
    }
    let connection = authenticate(hook, &account, headers).await?;
    let notification: Box<RawValue> = parse_json(body)?;
    let order_id = match notification::read(&notification) {
        Ok(NotificationContent::Ping) => return Ok(()),
        // Who knows the secret is the account's hook; only another name, spelt out, speaks against it.
        Ok(NotificationContent::Order { origin: Some(origin), .. })
            if !origin.eq_ignore_ascii_case(account.as_str()) =>
        {
            count(Counter::SignatureRefused { source: SOURCE }, 1);
            return Err(Problem::forbidden(
                "origin-mismatch",
                "the notification's Origin.Account is another than the path's",
            )
            .at("Origin.Account"));
        }
        Ok(NotificationContent::Order { fulfillment: true, .. }) => {
            count(Counter::TrafficIgnored { kind: FULFILLMENT }, 1);
            return Ok(());
        }
        Ok(NotificationContent::Order { order_id, .. }) => order_id,
        Err(reason) => Err(reason),
    };
    match order_id {
        Ok(id) => read_and_store(hook, &account, connection, &id, &notification).await,
        Err(reason) => Ok(keep_notification(&hook.orders, &account, reason, &notification).await?),
    }
}

/// Judges the secret before anything of the body is read.
async fn authenticate(
    hook: &OrderHook,
    account: &Account,
    headers: &HeaderMap,
) -> Result<Connection, Problem> {
    const NAME: HeaderName = HeaderName::from_static(SECRET_HEADER);
    let now = hook.clock.now();
    let mut connection = hook.connections.get(account).await?;
    let mut verdict = verify_header_secret(headers, &NAME, &connection.secrets(now)?);
    if verdict.is_err() && !connection.fresh {
        // A secret that was made a moment ago must work at once.
        connection = hook.connections.get_afresh(account).await?;
        verdict = verify_header_secret(headers, &NAME, &connection.secrets(now)?);
    }
    if !connection.exists() {
        return Err(not_connected());
    }
    match verdict {
        Ok(()) => Ok(connection),
        Err(error) => {
            count(Counter::SignatureRefused { source: SOURCE }, 1);
            Err(error.into())
        }
    }
}

fn not_connected() -> Problem {
    Problem::not_found("vtex-not-connected", "the account was never connected to its VTEX store")
}

async fn read_and_store(
    hook: &OrderHook,
    account: &Account,
    connection: Connection,
    id: &OrderId,
    notification: &RawValue,
) -> Result<(), Problem> {
    let keys = connection.keys()?.ok_or_else(not_connected)?;
    let mut taken = take_order(&hook.orders, account, &keys, id, notification).await;
    if !connection.fresh && is_keys_refused(&taken) {
        // Keys that were changed a moment ago must work at once.
        let newer = hook.connections.get_afresh(account).await?.keys()?;
        if let Some(newer) = newer.filter(|newer| *newer != keys) {
            taken = take_order(&hook.orders, account, &newer, id, notification).await;
        }
    }
    match taken {
        // Behind the order: where the note fails, the order comes again and changes nothing (R2).
        Ok(OrderTaken::Stored(_)) => Ok(hook.connections.note_heard(account).await?),
        Ok(OrderTaken::SoldElsewhere | OrderTaken::KeptAside(_)) => Ok(()),
        Err(error) => {
            error.count();
            Err(not_taken(error))
        }
    }
}

/// What an order that isn't taken for now is answered.
pub(crate) fn not_taken(error: NotTaken) -> Problem {
    match error {
        // A StoreError says itself whether trying again may help.
        NotTaken::Table(error) => error.into(),
        NotTaken::Vtex(_) => Problem::unavailable(error),
    }
}

fn is_keys_refused<T>(taken: &Result<T, NotTaken>) -> bool {
    matches!(taken, Err(NotTaken::Vtex(VtexError::KeysRefused { .. })))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_template_gives_no_secret_to_all() {
        assert!(!include_str!("../../../template.yaml").contains(HOOK_SECRET));
    }

    #[test]
    fn an_answer_leaves_in_time() {
        let read = Timeouts::HOOK.total;
        assert!(read < ANSWERS_WITHIN && ANSWERS_WITHIN < Duration::from_secs(5));
    }

    #[test]
    fn settings_may_name_a_secret_for_all() {
        let vtex =
            |pairs: &[(&str, &str)]| VtexAccess::from_settings(&Settings::of(pairs)).unwrap();
        assert_eq!(vtex(&[]).secret_for_all, None);
        let local = vtex(&[("VTEX_HOOK_SECRET", "local-hook-secret")]);
        assert_eq!(local.secret_for_all, Some(Secret::new("local-hook-secret")));
        assert!(!format!("{local:?}").contains("local-hook"));
    }
}
