//! `/opt-outs`: who wants no messages, by their phone number (R18). The number stands in no address and in no log.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::facts::contact::{Contact, Opt};
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::ContactId;
use shared::domain::values::phone::Phone;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Principal, Problem, Writer};
use utoipa::ToSchema;

use crate::Deps;

/// Whose wish it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedContact {
    /// Their phone number, as the store writes it or international.
    #[schema(example = "+55 11 98555-0101", min_length = 1, max_length = 40)]
    pub(crate) phone: String,
}

/// What is known of a contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OptOut)]
pub struct OptOutView {
    /// Whether they want no messages.
    opted_out: bool,
    /// When they said so last, either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Instant>,
    /// Until when they are left alone since Meta asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    suppressed_until: Option<Instant>,
    /// Meta's code for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
}

impl OptOutView {
    fn of(contact: &Contact, now: Instant) -> Self {
        let suppressed_until = contact.suppressed_until.filter(|until| now < *until);
        Self {
            opted_out: contact.opt_out,
            since: contact.opt_at,
            code: contact.code.filter(|_| suppressed_until.is_some()),
            suppressed_until,
        }
    }
}

/// The number that a store means by `phone`; 422 where it is none.
pub(crate) async fn phone_of(
    deps: &Deps,
    account: &Account,
    phone: &str,
) -> Result<(Phone, ContactId), Problem> {
    let country = set_up(&deps.table, account).await?.settings.country();
    let phone = Phone::parse(phone, country);
    let phone = phone.ok_or_else(|| Problem::invalid_field("phone", "a phone number"))?;
    let contact = deps.whatsapp()?.phone_key.contact(&phone);
    Ok((phone, contact))
}

async fn wish(
    deps: &Deps,
    by: &Principal,
    wanted: &WantedContact,
    opt: Option<Opt>,
) -> Result<Json<OptOutView>, Problem> {
    let (_, contact) = phone_of(deps, &by.account, &wanted.phone).await?;
    let now = deps.clock.now();
    if let Some(opt) = opt {
        deps.table_by(by).contact_opt_told(&by.account, &contact, opt, now).await?;
    }
    let contact = deps.table.contact(&by.account, &contact).await?;
    Ok(Json(OptOutView::of(&contact, now)))
}

/// Note that somebody wants no messages
#[utoipa::path(
    post,
    path = "/opt-outs",
    operation_id = "addOptOut",
    tag = "opt-outs",
    security(("bearer" = ["admin:write"])),
    request_body = WantedContact,
    responses(
        (status = 200, description = "They get no message that is claimed after this answer.", body = OptOutView),
        JsonBodyProblems,
        AccountProblems,
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn add_opt_out(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<WantedContact>,
) -> Result<Json<OptOutView>, Problem> {
    wish(&deps, &writer, &wanted, Some(Opt::Out)).await
}

/// Look up whether somebody wants messages
///
/// A `POST` that changes nothing, so that the number stands in no address.
#[utoipa::path(
    post,
    path = "/opt-outs/lookup",
    operation_id = "lookUpOptOut",
    tag = "opt-outs",
    security(("bearer" = ["admin:write"])),
    request_body = WantedContact,
    responses(
        (status = 200, description = "What is known of them.", body = OptOutView),
        JsonBodyProblems,
        AccountProblems,
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn look_up_opt_out(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<WantedContact>,
) -> Result<Json<OptOutView>, Problem> {
    wish(&deps, &writer, &wanted, None).await
}

/// Note that somebody wants messages again
///
/// Only they can say so: note it when they did. What Meta asked for stays.
#[utoipa::path(
    post,
    path = "/opt-outs/remove",
    operation_id = "removeOptOut",
    tag = "opt-outs",
    security(("bearer" = ["admin:write"])),
    request_body = WantedContact,
    responses(
        (status = 200, description = "They may get messages again.", body = OptOutView),
        JsonBodyProblems,
        AccountProblems,
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn remove_opt_out(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<WantedContact>,
) -> Result<Json<OptOutView>, Problem> {
    wish(&deps, &writer, &wanted, Some(Opt::In)).await
}
