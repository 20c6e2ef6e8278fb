//! `/account/vtex`: how an account is connected to its VTEX store, and connecting it.
//!
//! One call stores the keys and makes VTEX's order hook notify us. The store is the token's own: its
//! host follows from the account's name, so that nobody can have the keys sent elsewhere, and no
//! hook of another account can be claimed.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderId;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Secret, Settings};
use shared::store::vtex::{VtexKeys, VtexRecord};
use shared::vtex::list::Slice;
use shared::vtex::{Stores as _, Timeouts, VtexApi, VtexError, hook, order, time_zone};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use url::Url;
use utoipa::ToSchema;

use crate::Deps;

/// How long the answer waits for what VTEX says of the store's time zone, which it can do without:
/// with the calls before it stays below the gateway's 30 s.
const HINT_WITHIN: Duration = Duration::from_secs(3);
/// How far back an order is looked for that tells the time zone.
const HINT_SPAN: Span = Span::days(30);

/// How a store is connected.
#[derive(Debug, Clone)]
pub struct Connector {
    api: VtexApi,
    /// The base of the address that VTEX notifies.
    public_url: String,
}

impl Deps {
    /// Where order forms are read.
    pub(crate) fn stores(&self) -> Result<&VtexApi, Problem> {
        let started = "the function was started without a way to VTEX";
        self.connector
            .as_deref()
            .map(|connector| &connector.api)
            .ok_or_else(|| Problem::internal(started))
    }
}

impl Connector {
    /// Stores of `api` notify below `public_url` (no slash at its end).
    #[must_use]
    pub fn new(api: VtexApi, public_url: impl Into<String>) -> Self {
        Self { api, public_url: public_url.into() }
    }

    /// VTEX itself, and the public address that the settings name.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let api = VtexApi::from_settings(settings, Timeouts::PATIENT)?;
        Ok(Self::new(api, settings.base_url("PUBLIC_URL")?))
    }
}

/// The keys of a store. No answer ever holds them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VtexConnection {
    /// The app key.
    #[schema(example = "vtexappkey-acme-ABCDEF", min_length = 1, max_length = 200)]
    app_key: String,
    /// The app token. Its role must be allowed to view orders, list orders, and administer the hook
    /// ("Feed v3 and Hook Admin").
    #[schema(min_length = 1, max_length = 1000)]
    app_token: String,
    /// Whether to take over a hook that notifies another address now: that address hears of no more
    /// orders. A key has one hook; a key of its own spares the question.
    #[serde(default)]
    replace: bool,
}

/// A store that is connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VtexConnected {
    /// The address that VTEX notifies from now on.
    #[schema(example = "https://api.example/webhooks/vtex/acme")]
    hook_url: String,
    /// The zone that VTEX's name for the store's time zone stands for, if an order of the last 30 days
    /// told it: a hint at a wrong `timeZone` while it can still be changed. Nothing is counted by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "America/Sao_Paulo")]
    store_time_zone: Option<&'static str>,
}

/// How the store is connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VtexState)]
pub struct VtexView {
    /// Whether VTEX has confirmed that it notifies this system.
    connected: bool,
    /// When it did so last; absent where it never did, or long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    connected_at: Option<Instant>,
    /// The name of the keys; their secret is never told.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_key: Option<String>,
    /// When VTEX brought an order last, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_order_at: Option<Instant>,
}

/// How the store is connected
#[utoipa::path(
    get,
    path = "/account/vtex",
    operation_id = "getVtex",
    tag = "account",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The connection, whether or not there is one.", body = VtexView),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_vtex(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<VtexView>, Problem> {
    let (table, account) = (&deps.table, &reader.account);
    set_up(table, account).await?;
    let record = table.vtex(account).await?;
    let last_order_at = table.vtex_heard(account).await?;
    Ok(Json(VtexView {
        connected: record.as_ref().is_some_and(VtexRecord::is_connected),
        connected_at: record.as_ref().and_then(VtexRecord::connected_at),
        app_key: record.map(|record| record.app_key().to_owned()),
        last_order_at,
    }))
}

/// Connect the store
///
/// Stores the keys, gives the hook a fresh secret, and makes it notify this system of every state of
/// every order. Calling it again renews the secret; the one before stays valid for 24 hours.
#[utoipa::path(
    post,
    path = "/account/vtex",
    operation_id = "connectVtex",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    request_body = VtexConnection,
    responses(
        (status = 200, description = "VTEX notifies of orders from now on.", body = VtexConnected),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`hook-taken`: the hook notifies another address, and `replace` is \
            not true; nothing was changed. `hook-refused`: VTEX could not reach our address, or refused it.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` names the field. `vtex-keys-refused`: VTEX refused the \
            keys, or they lack a permission.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn connect_vtex(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<VtexConnection>,
) -> Result<Json<VtexConnected>, Problem> {
    let account = &writer.account;
    let keys = VtexKeys::parse(&wanted.app_key, &wanted.app_token)
        .map_err(|invalid| Problem::invalid_field(invalid.what, invalid.to_string()))?;
    set_up(&deps.table, account).await?;
    let connector = deps.connector.as_deref().ok_or_else(|| {
        Problem::internal("the function was started without a way to connect stores")
    })?;
    let hook_url = hook::receiver(&connector.public_url, account);
    let present = connector.api.hook_url(account, &keys).await.map_err(problem)?;
    if let Some(other) = present.filter(|present| *present != hook_url && !wanted.replace) {
        return Err(hook_taken(&other));
    }
    // The secret is stored before VTEX hears it: it pings with it, and may notify with it before our
    // call returns. Until it has confirmed, the secret before stays.
    let fresh = Secret::new(deps.signing_secret()?.reveal());
    let secret = deps.table.vtex_begin(account, &keys, &fresh, &deps.sealing).await?;
    let configured = connector.api.configure_hook(account, &keys, &hook_url, secret.expose());
    configured.await.map_err(problem)?;
    deps.table_by(&writer).vtex_confirm(account, &secret, &deps.sealing, deps.clock.now()).await?;
    let hint = store_time_zone(&connector.api, account, &keys, &deps.clock);
    let store_time_zone = tokio::time::timeout(HINT_WITHIN, hint).await.ok().flatten();
    Ok(Json(VtexConnected { hook_url, store_time_zone }))
}

/// Names the host alone: an address may hold a secret.
fn hook_taken(url: &str) -> Problem {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.as_deref().unwrap_or("another address");
    let detail = format!("the hook notifies {host} now; send replace: true to take it over");
    Problem::conflict("hook-taken", detail).at("replace")
}

fn problem(error: VtexError) -> Problem {
    match error {
        VtexError::KeysRefused { .. } => {
            let detail = "VTEX refused the keys, or they lack a permission";
            Problem::unprocessable("vtex-keys-refused", "appKey", detail)
        }
        VtexError::Refused { .. } => {
            let detail = "VTEX could not reach the address of this system, or refused it";
            Problem::conflict("hook-refused", detail)
        }
        error => Problem::unavailable(error),
    }
}

/// The zone that an order of late tells the store to be in.
async fn store_time_zone(
    api: &VtexApi,
    account: &Account,
    keys: &VtexKeys,
    clock: &Clock,
) -> Option<&'static str> {
    let now = clock.now();
    let slice = Slice { from: now.minus(HINT_SPAN), to: now };
    let page = api.orders(account, keys, slice, 1).await.ok()?;
    let id = OrderId::parse(&page.list.first()?.order_id).ok()?;
    let document = api.order(account, keys, &id).await.ok()?;
    time_zone::of(&order::time_zone(&document)?).map(chrono_tz::Tz::name)
}
