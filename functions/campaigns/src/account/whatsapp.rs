//! `/account/whatsapp`: what connects an account to `WhatsApp`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::domain::rules::cure::{Cure, cure};
use shared::domain::values::account::Account;
use shared::domain::values::ids::{PhoneNumberId, WabaId};
use shared::domain::values::instant::Instant;
use shared::domain::values::limits;
use shared::graph::AccessToken;
use shared::graph::client::GraphError;
use shared::runtime::config::Secret;
use shared::store::phone_numbers::NumberProved;
use shared::store::whatsapp::{Connection, NewConnection};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;
use crate::whatsapp::before_meta;

/// An account's connection to `WhatsApp`. Its token is never told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WhatsappConnection)]
pub struct ConnectionView {
    /// The business account at Meta.
    #[schema(value_type = String)]
    waba_id: WabaId,
    /// The phone number that messages are sent from.
    #[schema(value_type = String)]
    phone_number_id: PhoneNumberId,
    /// The name that shoppers see.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_name: Option<String>,
    /// When it was connected, or its token was renewed.
    #[schema(value_type = String, format = DateTime)]
    connected_at: Instant,
    /// Why Meta takes nothing from the account at present: its carts wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<BlockedView>,
}

/// Why Meta takes nothing from an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WhatsappBlocked)]
pub struct BlockedView {
    /// Meta's code.
    code: u32,
    /// When it said so first.
    #[schema(value_type = String, format = DateTime)]
    since: Instant,
    /// What the store can do about it.
    cure: Cure,
}

impl From<Connection> for ConnectionView {
    fn from(connection: Connection) -> Self {
        let blocked = connection.blocked.map(|blocked| BlockedView {
            code: blocked.code,
            since: blocked.since,
            cure: cure(blocked.code),
        });
        Self {
            waba_id: connection.waba_id,
            phone_number_id: connection.phone_number_id,
            verified_name: connection.verified_name,
            connected_at: connection.connected_at,
            blocked,
        }
    }
}

/// How to connect an account. No answer ever holds the token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewWhatsappConnection)]
pub struct WantedConnection {
    /// The business account at Meta.
    #[schema(value_type = String, pattern = "^[0-9]{1,50}$")]
    waba_id: WabaId,
    /// The phone number to send from: one of the business account's.
    #[schema(value_type = String, pattern = "^[0-9]{1,50}$")]
    phone_number_id: PhoneNumberId,
    /// A token of a system user of the app whose webhooks lead here, with the permissions
    /// `whatsapp_business_messaging` and `whatsapp_business_management`.
    #[schema(min_length = 1, max_length = 1000)]
    token: String,
}

impl WantedConnection {
    /// 422 where the token can't be one.
    fn token(&self) -> Result<Secret, Problem> {
        let is_visible = self.token.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible && (1..=limits::ACCESS_TOKEN_BYTES).contains(&self.token.len()) {
            return Ok(Secret::new(&self.token));
        }
        let detail = format!("1-{} visible ASCII characters", limits::ACCESS_TOKEN_BYTES);
        Err(Problem::invalid_field("token", detail))
    }
}

fn not_connected() -> Problem {
    Problem::not_found("whatsapp-not-connected", "the account is not connected to WhatsApp")
}

/// The connection to WhatsApp
#[utoipa::path(
    get,
    path = "/account/whatsapp",
    operation_id = "getWhatsapp",
    tag = "account",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The connection.", body = ConnectionView),
        (status = 404, description = "`whatsapp-not-connected`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn get_whatsapp(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<ConnectionView>, Problem> {
    let connection = deps.table.whatsapp(&reader.account).await?.ok_or_else(not_connected)?;
    Ok(Json(connection.into()))
}

/// Connect WhatsApp
///
/// Meta is asked whether the token opens the business account and the phone number before anything is kept. That
/// proves that the number is the store's: a pending claim of it is confirmed, and it joins the account's phone numbers.
/// Meta is told to send the business account's webhooks, and asked how many messages the business may begin within a
/// day and whether it has Marketing Messages. A connection that stands is replaced.
#[utoipa::path(
    put,
    path = "/account/whatsapp",
    operation_id = "putWhatsapp",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    request_body = WantedConnection,
    responses(
        (status = 200, description = "The account is connected.", body = ConnectionView),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`phone-number-taken`: the number is another account's here. \
            `too-many-phone-numbers`: the account has as many as it may. `whatsapp-refused`: Meta refused to \
            send the business account's webhooks.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` names the field. `whatsapp-token-refused`: Meta doesn't know \
            the token, or it lacks a permission. `whatsapp-account-unknown`: the token opens no such business \
            account. `phone-number-unknown`: the business account has no such number. Nothing was changed.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn put_whatsapp(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<WantedConnection>,
) -> Result<Json<ConnectionView>, Problem> {
    let account = &writer.account;
    let secret = wanted.token()?;
    set_up(&deps.table, account).await?;
    let graph = &deps.whatsapp()?.graph;
    let token = AccessToken::new(secret.expose());
    let numbers = graph.numbers(&token, &wanted.waba_id).await.map_err(not_opened)?;
    let number = numbers.into_iter().find(|number| number.id == wanted.phone_number_id);
    let number = number.ok_or_else(|| {
        let detail = "the business account has no such phone number";
        Problem::unprocessable("phone-number-unknown", "phoneNumberId", detail)
    })?;
    match deps.table.phone_number_prove(account, &wanted.phone_number_id).await? {
        NumberProved::Proved => {}
        NumberProved::Taken => {
            let detail = "another account has this phone number";
            return Err(Problem::conflict("phone-number-taken", detail).at("phoneNumberId"));
        }
        NumberProved::TooMany => {
            let most = limits::PHONE_NUMBERS_PER_ACCOUNT;
            let detail = format!("an account has at most {most} phone numbers");
            return Err(Problem::conflict("too-many-phone-numbers", detail).at("phoneNumberId"));
        }
        NumberProved::NoAccount => return Err(Problem::account_not_found()),
    }
    graph.subscribe(&token, &wanted.waba_id).await.map_err(|error| match error {
        GraphError::Refused { code: Some(code), .. } => {
            let detail = format!("Meta refused to send webhooks: its code is {code}");
            Problem::conflict("whatsapp-refused", detail)
        }
        error => Problem::unavailable(error),
    })?;
    let new = NewConnection {
        waba_id: wanted.waba_id,
        phone_number_id: wanted.phone_number_id,
        verified_name: number.verified_name,
        token: secret,
    };
    let now = deps.clock.now();
    let table = deps.table_by(&writer);
    let connection = table.whatsapp_connect(account, &new, &deps.sealing, now).await?;
    note_told(&deps, account, (&connection, &token)).await?;
    Ok(Json(connection.into()))
}

/// Asks Meta for the account's messaging limit and for its Marketing Messages: by itself Meta tells of them only when
/// they change. Asked once the connection stands, so that a webhook that comes meanwhile finds the account. What Meta
/// doesn't tell stays as it was: a new account begins with the limit of a new business, and sends the usual way.
async fn note_told(
    deps: &Deps,
    account: &Account,
    (connection, token): (&Connection, &AccessToken),
) -> Result<(), Problem> {
    let (graph, at) = (&deps.whatsapp()?.graph, before_meta(deps.clock.now()));
    let untold = |error: GraphError| {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, %account, "Meta did not tell something of an account");
    };
    let limit = graph.daily_limit(token, &connection.phone_number_id).await;
    let limit = limit.unwrap_or_else(|error| {
        untold(error);
        None
    });
    deps.table.whatsapp_note_limits(account, (limit, false), at).await?;
    match graph.has_marketing_messages(token, &connection.waba_id).await {
        Ok(Some(has)) => {
            deps.table.whatsapp_note_marketing(account, has, at).await?;
        }
        Ok(None) => {}
        Err(error) => untold(error),
    }
    Ok(())
}

/// What it means that Meta doesn't list a business account's numbers.
fn not_opened(error: GraphError) -> Problem {
    match error {
        GraphError::Refused { code: Some(100 | 33 | 803), .. } => {
            let detail = "the token opens no such business account";
            Problem::unprocessable("whatsapp-account-unknown", "wabaId", detail)
        }
        GraphError::Refused { code: Some(0 | 3 | 10 | 190 | 200..=299), .. } => {
            let detail = "Meta doesn't know the token, or it lacks a permission";
            Problem::unprocessable("whatsapp-token-refused", "token", detail)
        }
        error => Problem::unavailable(error),
    }
}

/// Disconnect WhatsApp
///
/// The token is forgotten. Carts wait until the account is connected again, or expire. The phone number stays the
/// account's.
#[utoipa::path(
    delete,
    path = "/account/whatsapp",
    operation_id = "deleteWhatsapp",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    responses(
        (status = 204, description = "The account is not connected any more."),
        (status = 404, description = "`whatsapp-not-connected`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn delete_whatsapp(
    State(deps): State<Deps>,
    writer: Writer,
) -> Result<StatusCode, Problem> {
    if deps.table_by(&writer).whatsapp_disconnect(&writer.account).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_connected())
    }
}
