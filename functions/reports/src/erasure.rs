//! `POST /shoppers/erase` and `GET /shoppers/erasures/{id}`: a shopper's identities leave the system
//! (LGPD art. 18).
//!
//! Nothing is erased here: the stored job wakes the report worker, which renames the facts
//! ([`shared::counting::erase`]) and deletes what was kept aside and the files of reports.
//!
//! Out of reach are mails that were sent, the table's backups (35 days) and its stream (24 hours).

use axum::extract::{Path, State};
use http::StatusCode;
use http::header::{HeaderName, HeaderValue, LOCATION};
use serde::{Deserialize, Serialize};
use shared::counting::erase::SHARED_BY;
use shared::domain::reports::report::ReportId;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::identity::{Phones, UserId};
use shared::domain::values::instant::Instant;
use shared::domain::values::phone::Phone;
use shared::store::erasure::{Erasure, ErasureStatus, FactCount};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;

/// Whom to erase: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShopperToErase {
    /// The store's id of the shopper.
    #[schema(min_length = 1, max_length = 100)]
    user_id: Option<String>,
    /// The shopper's phone number in any notation, read as an event's is.
    phone: Option<String>,
    /// Erase it although more than 1,000 reminders and orders name it.
    #[serde(default)]
    force: bool,
}

/// An erasure that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedErasure {
    /// The erasure's id.
    id: String,
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ErasureProgress {
    /// It waits, or is under way.
    Running,
    /// Nothing is left to do.
    Done,
}

/// Reminders and orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErasedFacts)]
pub struct FactsView {
    /// Reminders.
    reminders: u64,
    /// Orders.
    orders: u64,
}

impl From<FactCount> for FactsView {
    fn from(FactCount { reminders, orders }: FactCount) -> Self {
        Self { reminders, orders }
    }
}

/// What an erasure did so far.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErasureDone)]
pub struct DoneView {
    /// Reminders in which a value became a random one.
    reminders: u64,
    /// Orders in which a value became a random one.
    orders: u64,
    /// Items kept aside that were deleted.
    kept_aside: u64,
    /// Reports whose files were deleted.
    reports: u64,
}

/// An erasure. Whom it is about is not told: it is forgotten when the erasure is done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Erasure)]
pub struct ErasureView {
    /// Its id.
    id: String,
    /// Whether it is done.
    status: ErasureProgress,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Instant,
    /// The latest beginning of a reminder or an order that it covers.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Instant,
    /// What named the shopper when it looked; none until then.
    found: FactsView,
    /// What it did so far. Fewer than were found where another erasure, or a run that died, was faster.
    done: DoneView,
    /// Phone numbers and carts that stand beside the shopper's and were left, since other shoppers'
    /// reminders or orders name them, too, or more than 1,000 do.
    left_because_shared: u64,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Instant>,
}

impl From<Erasure> for ErasureView {
    fn from(job: Erasure) -> Self {
        let status = match job.status {
            ErasureStatus::Done => ErasureProgress::Done,
            ErasureStatus::Requested | ErasureStatus::Due | ErasureStatus::Running => {
                ErasureProgress::Running
            }
        };
        Self {
            id: job.id,
            status,
            asked_at: job.asked_at,
            erased_at: job.erased_at,
            found: job.found.into(),
            done: DoneView {
                reminders: job.done.facts.reminders,
                orders: job.done.facts.orders,
                kept_aside: job.done.kept_aside,
                reports: job.done.reports,
            },
            left_because_shared: job.left_shared,
            finished_at: job.finished_at,
        }
    }
}

/// Erase a shopper
///
/// The shopper's user id, and the phone numbers and carts that stand beside it, become random values in
/// every reminder and order that began by now; `WhatsApp`'s message ids of these reminders go, and their
/// links lead to the store's front page. Amounts, instants, days and credit stay, so no figure moves, and
/// later events of these reminders and orders count as ever, without naming anybody. Report files in
/// which the shopper may stand and items kept aside that name the shopper are deleted. Carts and messages of the
/// system's own sender name the shopper no more, carts that wait end as `erased`, and the shopper gets no
/// messages until they ask for them. It is done in the
/// background; `GET /shoppers/erasures/{id}` tells how far it is.
///
/// What stays: a number or cart that other shoppers' reminders or orders name, too; the random values,
/// which whoever holds the system's key secret can find again for 430 days; mails that were sent; backups
/// for 35 days; a link that no reminder names for 20 days; keyed digests of the phone number and of carts, by which
/// nobody writes to it. What the store tells afterwards of new reminders
/// and orders is new data.
#[utoipa::path(
    post,
    path = "/shoppers/erase",
    operation_id = "eraseShopper",
    tag = "shoppers",
    security(("bearer" = ["admin:write"])),
    request_body = ShopperToErase,
    responses(
        (status = 202, description = "The erasure is stored, and begins.", body = RequestedErasure, headers(
            ("Location" = String, description = "The erasure's path."),
        )),
        JsonBodyProblems,
        AccountProblems,
        (status = 422, description = "`invalid-field`: neither or both are named, or it can't be one. \
            `shared-identity`: more than 1,000 reminders and orders name it, which is no shopper's own; \
            `force` erases it all the same.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn erase_shopper(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<ShopperToErase>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<RequestedErasure>), Problem> {
    let account = &writer.account;
    let country = set_up(&deps.table, account).await?.settings.country();
    let (field, asked) = asked(deps.phone_key.in_country(country), &wanted)?;
    if !wanted.force && deps.table.pointers_exceed(account, &asked, SHARED_BY).await? {
        let detail = "more than 1,000 reminders and orders name it: no shopper's own has as many";
        return Err(Problem::unprocessable("shared-identity", field, detail));
    }
    let now = deps.clock.now();
    // A UUID as those of reports: it sorts by its time.
    let id = ReportId::new(now, &deps.random()?).to_string();
    let contact = wanted.phone.as_deref().and_then(|text| Phone::parse(text, country));
    let contact = contact.map(|phone| deps.phone_key.contact(&phone));
    let job = Erasure::requested(id, Some(writer.subject.clone()), vec![asked], now);
    let job = Erasure { contact, ..job };
    deps.table.by(&writer.subject, now).erasure_request(account, &job).await?;
    let location = format!("/shoppers/erasures/{}", job.id);
    let location = HeaderValue::try_from(location).map_err(Problem::internal)?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(RequestedErasure { id: job.id })))
}

fn asked(phones: Phones<'_>, wanted: &ShopperToErase) -> Result<(&'static str, Identity), Problem> {
    match (&wanted.user_id, &wanted.phone) {
        (Some(user), None) => UserId::optional(user)
            .ok()
            .flatten()
            .map(|user| ("userId", Identity::User(user)))
            .ok_or_else(|| Problem::invalid_field("userId", "a user id has 1-100 characters")),
        (None, Some(phone)) => phones
            .digest(phone)
            .map(|phone| ("phone", Identity::Phone(phone)))
            .ok_or_else(|| Problem::invalid_field("phone", "a phone has 8 to 15 digits")),
        _ => Err(Problem::invalid_field("userId", "name the shopper by userId or by phone")),
    }
}

/// How far an erasure is
///
/// What it found, what it did, and what it left since others share it. Kept for 430 days.
#[utoipa::path(
    get,
    path = "/shoppers/erasures/{id}",
    operation_id = "getErasure",
    tag = "shoppers",
    params(("id" = String, Path, description = "The erasure's id.")),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The erasure.", body = ErasureView),
        (status = 404, description = "`account-not-found` or `erasure-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn get_erasure(
    State(deps): State<Deps>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<ErasureView>, Problem> {
    set_up(&deps.table, &reader.account).await?;
    let job = deps.table.erasure(&reader.account, &id).await?;
    let unknown = || Problem::not_found("erasure-not-found", "the account has no such erasure");
    Ok(Json(job.ok_or_else(unknown)?.into()))
}
