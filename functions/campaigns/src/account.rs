//! `/account`: what a store sets up, and the secret that signs its events.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::limits;
use shared::store::accounts::{AccountRecord, AccountWritten};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;

mod settings;
pub mod vtex;

pub use settings::NewSettings;

/// An account's settings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountView {
    /// The account.
    #[schema(value_type = String)]
    account: Account,
    /// The zone of its store days.
    #[schema(example = "America/Sao_Paulo")]
    time_zone: &'static str,
    /// Whether the zone can't change any more: the account has a reminder (R1).
    time_zone_fixed: bool,
    /// The language of its mails: that of the people who read them, whatever the campaigns' are.
    language: Language,
    /// The business phone numbers whose webhooks are this account's, sorted.
    #[schema(value_type = Vec<String>)]
    phone_number_ids: Vec<PhoneNumberId>,
    /// The store's address: tracked links lead nowhere else.
    store_url: String,
    /// The domains beside the store's own to which reports are mailed without asking their readers
    /// first, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    report_domains: Option<Vec<String>>,
    /// Whether the account has a signing secret. The secret itself is told once, when it is made.
    has_signing_secret: bool,
}

impl AccountView {
    fn of(account: &Account, record: AccountRecord) -> Self {
        Self {
            account: account.clone(),
            time_zone: record.settings.time_zone.name(),
            time_zone_fixed: record.time_zone_fixed,
            language: record.settings.language,
            phone_number_ids: record.settings.phone_number_ids,
            store_url: record.settings.store_url.into(),
            report_domains: record.settings.report_domains,
            has_signing_secret: !record.signing_secrets.is_empty(),
        }
    }
}

/// A fresh signing secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewSigningSecret {
    /// `whsec_` and the base64 of 32 bytes. It can't be read again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: String,
}

/// The account's settings
#[utoipa::path(
    get,
    path = "/account",
    operation_id = "getAccount",
    tag = "account",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The settings.", body = AccountView),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_account(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<AccountView>, Problem> {
    let record = set_up(&deps.table, &reader.account).await?;
    Ok(Json(AccountView::of(&reader.account, record)))
}

/// Set up the account
///
/// Creates the token's account or replaces its settings as a whole.
#[utoipa::path(
    put,
    path = "/account",
    operation_id = "putAccount",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    request_body = NewSettings,
    responses(
        (status = 200, description = "The settings are replaced.", body = AccountView),
        (status = 201, description = "The account is created.", body = AccountView),
        JsonBodyProblems,
        (status = 409, description = "`time-zone-fixed`: the account has reminders, whose days were cut in \
            its zone. `phone-number-taken`: another account has one of the phone numbers. Nothing was \
            changed.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` names the field.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn put_account(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<NewSettings>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    let account = &writer.account;
    let status = match deps.table.account_write(account, &wanted.settings()?).await? {
        AccountWritten::Created => StatusCode::CREATED,
        AccountWritten::Updated => StatusCode::OK,
        AccountWritten::TimeZoneFixed => {
            let detail = "the account has reminders: its time zone can't change any more";
            return Err(Problem::conflict("time-zone-fixed", detail).at("timeZone"));
        }
        AccountWritten::PhoneNumberTaken(id) => {
            let detail = format!("another account has the phone number {id}");
            return Err(Problem::conflict("phone-number-taken", detail).at("phoneNumberIds"));
        }
    };
    let record = set_up(&deps.table, account).await?;
    Ok((status, Json(AccountView::of(account, record))))
}

/// Make a signing secret
///
/// The secret signs the account's events and sends (Standard Webhooks). The one before stays valid for
/// 24 hours, so that senders can change over.
#[utoipa::path(
    post,
    path = "/account/signing-secret",
    operation_id = "createSigningSecret",
    tag = "account",
    security(("bearer" = ["admin:write"])),
    responses(
        (status = 200, description = "The secret. It is told this once.", body = NewSigningSecret),
        AccountProblems,
        (status = 409, description = "`too-many-secrets`: 100 secrets of the last 24 hours are still valid.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn add_signing_secret(
    State(deps): State<Deps>,
    writer: Writer,
) -> Result<Json<NewSigningSecret>, Problem> {
    let account = &writer.account;
    let now = deps.clock.now();
    // Two requests at once may both pass: the limit keeps the item small and needn't be exact.
    if set_up(&deps.table, account).await?.valid_secrets(now).count() >= limits::SIGNING_SECRETS {
        let detail = format!("at most {} secrets are valid at once", limits::SIGNING_SECRETS);
        return Err(Problem::conflict("too-many-secrets", detail));
    }
    let secret = deps.signing_secret()?.reveal();
    if deps.table.account_add_signing_secret(account, &secret, now).await? {
        Ok(Json(NewSigningSecret { secret }))
    } else {
        Err(Problem::account_not_found())
    }
}
