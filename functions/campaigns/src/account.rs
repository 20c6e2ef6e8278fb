//! `/account`: what a store sets up, and the secret that signs its events.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::limits;
use shared::domain::values::phone::CountryCode;
use shared::runtime::config::Secret;
use shared::store::accounts::{AccountRecord, AccountWritten};
use shared::store::whatsapp::Connection;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;

pub mod activity;
pub mod sending;
mod settings;
pub mod vtex;
pub mod whatsapp;

pub use settings::{NewSettings, PriceOfMessage};
use whatsapp::ConnectionView;

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
    /// The calling code of the country whose phone numbers come without one.
    #[schema(value_type = String, example = "55")]
    country_code: CountryCode,
    /// The language of its mails: that of the people who read them, whatever the campaigns' are.
    language: Language,
    /// The business phone numbers whose webhooks are this account's, sorted; those that are `pending`
    /// are not yet.
    #[schema(value_type = Vec<String>)]
    phone_number_ids: Vec<PhoneNumberId>,
    /// The store's address: tracked links lead nowhere else, unless it is `pending`.
    store_url: String,
    /// The domains beside the store's own to which reports are mailed without asking their readers
    /// first, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    report_domains: Option<Vec<String>>,
    /// What one message delivered costs, by currency; empty: nobody said.
    message_prices: Vec<PriceOfMessage>,
    /// Whether the account has a signing secret. The secret itself is told once, when it is made.
    has_signing_secret: bool,
    /// The connection to `WhatsApp`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    whatsapp: Option<ConnectionView>,
    /// What waits for an operator's confirmation.
    pending: Pending,
}

/// What waits for an operator's confirmation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pending {
    /// Phone numbers that the account claims, sorted: what comes for them is kept aside
    /// (`number-pending`) and counts once the claim is confirmed.
    #[schema(value_type = Vec<String>)]
    phone_number_ids: Vec<PhoneNumberId>,
    /// The store's address: links lead to the one before it, or nowhere (409 `store-url-pending`), until
    /// it is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    store_url: Option<String>,
}

impl AccountView {
    fn of(account: &Account, record: AccountRecord, connection: Option<Connection>) -> Self {
        let pending = Pending {
            store_url: record.pending_store_url.map(|_| record.settings.store_url.clone().into()),
            phone_number_ids: record.pending_phone_number_ids.into_iter().collect(),
        };
        Self {
            account: account.clone(),
            country_code: record.settings.country(),
            time_zone: record.settings.time_zone.name(),
            time_zone_fixed: record.time_zone_fixed,
            language: record.settings.language,
            phone_number_ids: record.settings.phone_number_ids,
            store_url: record.settings.store_url.into(),
            report_domains: record.settings.report_domains,
            message_prices: PriceOfMessage::list(record.settings.message_prices),
            has_signing_secret: !record.signing_secrets.is_empty(),
            whatsapp: connection.map(ConnectionView::from),
            pending,
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
    let account = &reader.account;
    let (record, connection) =
        tokio::join!(set_up(&deps.table, account), deps.table.whatsapp(account));
    Ok(Json(AccountView::of(account, record?, connection?)))
}

/// Set up the account
///
/// Creates the token's account or replaces its settings as a whole. A phone number that is new to the
/// account, and an address at another host than before, are `pending` until an operator has confirmed
/// that they are the store's.
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
            its zone. `phone-number-taken`: another account has one of the phone numbers. \
            `phone-number-claimed`: too many accounts claim one of them already. Nothing was changed.",
            body = ProblemBody, content_type = "application/problem+json"),
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn put_account(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<NewSettings>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    let account = &writer.account;
    let (table, settings) = (deps.table_by(&writer), wanted.settings()?);
    let status = match table.account_write(account, &settings, &deps.vetting).await? {
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
        AccountWritten::PhoneNumberClaimedOften(id) => {
            let most = limits::CLAIMS_PER_PHONE_NUMBER;
            let detail = format!("{most} accounts claim the phone number {id} already");
            return Err(Problem::conflict("phone-number-claimed", detail).at("phoneNumberIds"));
        }
    };
    let record = set_up(&deps.table, account).await?;
    let connection = deps.table.whatsapp(account).await?;
    Ok((status, Json(AccountView::of(account, record, connection))))
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
    if set_up(&deps.table, account).await?.valid_secret_count(now) >= limits::SIGNING_SECRETS {
        let detail = format!("at most {} secrets are valid at once", limits::SIGNING_SECRETS);
        return Err(Problem::conflict("too-many-secrets", detail));
    }
    let secret = Secret::new(deps.signing_secret()?.reveal());
    let table = deps.table_by(&writer);
    if table.account_add_signing_secret(account, &secret, &deps.sealing, now).await? {
        Ok(Json(NewSigningSecret { secret: secret.expose().to_owned() }))
    } else {
        Err(Problem::account_not_found())
    }
}
