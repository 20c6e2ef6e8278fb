//! `/account/sending`: whether and when an account's reminders go out, and to whom.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::values::instant::Instant;
use shared::domain::values::sending::{AccountSending, ConsentPolicy, CooldownHours};
use shared::domain::values::sending_hours::SendingHours;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;

/// Whose consent an account goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// It sends to shoppers whose opt-in is recorded with their cart.
    Recorded,
    /// It declares that it has collected the consent of all itself.
    Declared,
}

/// The hours of a week in the store's time zone: for each open day its opening and its close, which is after it. A
/// day that is left out is closed; one is open at least.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mon": ["09:00", "20:00"], "sat": ["10:00", "14:00"]}))]
#[expect(dead_code, reason = "it tells the document how hours are written")]
struct SendingWeek {
    #[schema(min_items = 2, max_items = 2)]
    mon: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    tue: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    wed: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    thu: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    fri: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    sat: Option<Vec<String>>,
    #[schema(min_items = 2, max_items = 2)]
    sun: Option<Vec<String>>,
}

/// How an account sends.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sending)]
pub struct SendingView {
    /// Whether anything is sent.
    enabled: bool,
    /// When messages may go out, in the store's time zone.
    #[schema(value_type = SendingWeek)]
    hours: SendingHours,
    /// Hours between two reminders to one person.
    #[schema(value_type = u16, minimum = 24, maximum = 720)]
    cooldown_hours: CooldownHours,
    /// Whose consent it goes by; left out until it said so: then nobody's, and nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Consent>,
    /// Who declared that all have consented.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_by: Option<String>,
    /// When they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    declared_at: Option<Instant>,
}

impl From<AccountSending> for SendingView {
    fn from(sending: AccountSending) -> Self {
        let AccountSending { enabled, hours, cooldown_hours, consent } = sending;
        let (consent, declared_by, declared_at) = match consent {
            None => (None, None, None),
            Some(ConsentPolicy::Recorded) => (Some(Consent::Recorded), None, None),
            Some(ConsentPolicy::Declared { by, at }) => {
                (Some(Consent::Declared), Some(by), Some(at))
            }
        };
        Self { enabled, hours, cooldown_hours, consent, declared_by, declared_at }
    }
}

/// How an account sends, to be set as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSending {
    /// Whether anything is sent.
    enabled: bool,
    /// When messages may go out, in the store's time zone.
    #[schema(value_type = SendingWeek)]
    hours: SendingHours,
    /// Hours between two reminders to one person.
    #[schema(value_type = u16, minimum = 24, maximum = 720)]
    cooldown_hours: CooldownHours,
    /// Whose consent it goes by; needed where anything is sent. Who declares it, and when, is kept.
    #[serde(default)]
    consent: Option<Consent>,
}

/// How an account sends
///
/// One that never said so has the hours and the cooldown that are proposed, and sends nothing.
#[utoipa::path(
    get,
    path = "/account/sending",
    operation_id = "getSending",
    tag = "account",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "How it sends.", body = SendingView),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_sending(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<SendingView>, Problem> {
    let record = set_up(&deps.table, &reader.account).await?;
    Ok(Json(record.sending.unwrap_or_else(AccountSending::proposed).into()))
}

/// Set how the account sends
///
/// Switching it off holds from the answer on: no message is claimed after it.
#[utoipa::path(
    put,
    path = "/account/sending",
    operation_id = "putSending",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    request_body = NewSending,
    responses(
        (status = 200, description = "How it sends from now on.", body = SendingView),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`sender-missing`: nothing runs that would send.",
            body = ProblemBody, content_type = "application/problem+json"),
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn put_sending(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<NewSending>,
) -> Result<Json<SendingView>, Problem> {
    if wanted.enabled && wanted.consent.is_none() {
        let detail = "say whose consent the account goes by before it sends";
        return Err(Problem::invalid_field("consent", detail));
    }
    if wanted.enabled {
        deps.require_sender()?;
    }
    let now = deps.clock.now();
    let change = |held: Option<&AccountSending>| {
        let declared = held.and_then(|held| held.consent.clone());
        let consent = wanted.consent.map(|consent| match (consent, declared) {
            (Consent::Recorded, _) => ConsentPolicy::Recorded,
            // Who declared it first stands by it.
            (Consent::Declared, Some(declared @ ConsentPolicy::Declared { .. })) => declared,
            (Consent::Declared, _) => {
                ConsentPolicy::Declared { by: writer.subject.clone(), at: now }
            }
        });
        AccountSending {
            enabled: wanted.enabled,
            hours: wanted.hours.clone(),
            cooldown_hours: wanted.cooldown_hours,
            consent,
        }
    };
    let set = deps.table_by(&writer).sending_set(&writer.account, change).await?;
    Ok(Json(set.ok_or_else(Problem::account_not_found)?.into()))
}
