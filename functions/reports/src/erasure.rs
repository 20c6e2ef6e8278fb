//! `POST /shoppers/erase`: a shopper's identities leave the system (LGPD art. 18).
//!
//! It stands beside the reports because it deletes their files. What happens to facts, and why no
//! total moves, is told in [`shared::counting::erase`]; here is the order of the whole: facts, what
//! was kept aside, report files, and last the pointers, by which a second call finds what a first
//! one left. It is done when no pointer is left.
//!
//! Out of reach are mails that were sent, the table's backups (35 days) and its stream (24 hours).

use std::collections::BTreeSet;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::counting::erase::{self, AskedShopper, Cohorts};
use shared::domain::reports::report::{Report, ReportId};
use shared::domain::rules::erasure::Mask;
use shared::domain::values::account::Account;
use shared::domain::values::identity::{Phones, UserId};
use shared::domain::values::instant::Instant;
use shared::store::StoreError;
use shared::store::aside::AsideOwner;
use shared::store::erasure::{Erased, Erasure};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Writer};
use utoipa::ToSchema;

use crate::Deps;

mod naming;

use naming::Naming;

/// Reports and items kept aside that are read at a time.
const PAGE: usize = 100;
/// How often the pointers are looked for again; new ones come from events that arrive meanwhile.
const ROUNDS: usize = 20;
/// Erasures of others that are ended first: one at a time is under way.
const OTHERS: usize = 5;

/// Whom to erase: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShopperToErase {
    /// The store's id of the shopper.
    #[schema(min_length = 1, max_length = 100)]
    user_id: Option<String>,
    /// The shopper's phone number in any notation, read as an event's is.
    phone: Option<String>,
}

/// A shopper who is erased.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErasedShopper {
    /// The erasure's id: its record says who asked for it and when.
    id: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Instant,
    /// Reminders that were anonymised.
    reminders: u64,
    /// Orders that were anonymised.
    orders: u64,
    /// Items kept aside that were deleted.
    kept_aside: u64,
    /// Reports whose files were deleted.
    reports: u64,
}

/// Why an erasure stopped. Called again, it goes on.
#[derive(Debug, thiserror::Error)]
enum EraseError {
    #[error("the table failed")]
    Table(#[source] StoreError),
    #[error("a report's file could not be deleted")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("events of the shopper kept coming in")]
    Busy,
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Table(error) => error.into(),
            error => Self::unavailable(error),
        }
    }
}

/// Erase a shopper
///
/// The shopper's user id, phone numbers and carts become random values wherever they stand;
/// amounts, instants, days and credit stay, so no figure moves. Report files in which the shopper
/// may stand and items kept aside that name the shopper are deleted. Late events about erased
/// reminders and orders change nothing. Asking again does what is left to do. After a 503 ask again.
#[utoipa::path(
    post,
    path = "/shoppers/erase",
    operation_id = "eraseShopper",
    tag = "shoppers",
    security(("bearer" = ["admin:write"])),
    request_body = ShopperToErase,
    responses(
        (status = 200, description = "Nothing names the shopper any more.", body = ErasedShopper),
        JsonBodyProblems,
        AccountProblems,
        (status = 422, description = "`invalid-field`: neither or both are named, or it can't be one.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn erase_shopper(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<ShopperToErase>,
) -> Result<Json<ErasedShopper>, Problem> {
    let account = &writer.account;
    let country = set_up(&deps.table, account).await?.settings.country();
    let phones = deps.phone_key.in_country(country);
    let subject = subject(phones, wanted)?;
    let shopper = deps.phone_key.digest_of(&match &subject {
        AskedShopper::User(user) => format!("erased user {}", user.as_str()),
        AskedShopper::Phone(phone) => format!("erased phone {}", phone.as_str()),
    });
    for _ in 0..OTHERS {
        let erasure = match deps.table.erasure_running(account).await? {
            Some(running) => running,
            None => begin(&deps, &writer, &subject, &shopper).await?,
        };
        if deps.table.erasure_running(account).await?.is_some_and(|running| running != erasure) {
            continue;
        }
        let erased = Box::pin(run(&deps, account, phones, &erasure)).await?;
        if erasure.shopper == shopper {
            let Erased { reminders, orders, kept_aside, reports } = erased;
            let (id, erased_at) = (erasure.id, erasure.at);
            return Ok(Json(ErasedShopper {
                id,
                erased_at,
                reminders,
                orders,
                kept_aside,
                reports,
            }));
        }
    }
    Err(EraseError::Busy.into())
}

fn subject(phones: Phones<'_>, wanted: ShopperToErase) -> Result<AskedShopper, Problem> {
    match (wanted.user_id, wanted.phone) {
        (Some(user), None) => UserId::parse(&user)
            .map(AskedShopper::User)
            .map_err(|_| Problem::invalid_field("userId", "a user id has 1-100 characters")),
        (None, Some(phone)) => phones
            .digest(&phone)
            .map(AskedShopper::Phone)
            .ok_or_else(|| Problem::invalid_field("phone", "a phone has 8 to 15 digits")),
        _ => Err(Problem::invalid_field("userId", "name the shopper by userId or by phone")),
    }
}

/// Makes an erasure of the subject the one that the account is at, unless another is.
async fn begin(
    deps: &Deps,
    writer: &Writer,
    subject: &AskedShopper,
    shopper: &str,
) -> Result<Erasure, Problem> {
    let now = deps.clock.now();
    let identities = erase::identities(&deps.table, &writer.account, subject).await?;
    let erasure = Erasure {
        // A UUID as those of reports: it sorts by its time.
        id: ReportId::new(now, &deps.random()?).to_string(),
        shopper: shopper.to_owned(),
        by: writer.subject.clone(),
        at: now,
        mask: Mask::new(identities, &deps.random()?),
    };
    deps.table.erasure_start(&writer.account, &erasure).await?;
    Ok(erasure)
}

async fn run(
    deps: &Deps,
    account: &Account,
    phones: Phones<'_>,
    erasure: &Erasure,
) -> Result<Erased, EraseError> {
    let mut erased = Erased::default();
    let (mut reminders, mut orders) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..ROUNDS {
        let pointed = deps.table.pointers_of(account, &erasure.mask).await?;
        if round > 0 && pointed.is_empty() {
            (erased.reminders, erased.orders) = (reminders.len() as u64, orders.len() as u64);
            let now = deps.clock.now();
            deps.table.erasure_finish(account, erasure, erased, now).await?;
            return Ok(erased);
        }
        let cohorts = erase::facts(&deps.table, account, erasure, &pointed).await?;
        let naming = Naming::new(&erasure.mask, (&deps.phone_key, phones), &pointed);
        erased.kept_aside += delete_asides(deps, account, &naming).await?;
        erased.reports += delete_files(deps, account, &cohorts).await?;
        deps.table.pointers_delete(&pointed).await?;
        reminders.extend(pointed.reminders);
        orders.extend(pointed.orders);
    }
    Err(EraseError::Busy)
}

/// Deletes what was kept aside and names the shopper or one of the facts, in the lists of the account
/// and of its phone numbers from before they were its own. What is kept for other numbers is of other
/// stores' shoppers.
async fn delete_asides(
    deps: &Deps,
    account: &Account,
    naming: &Naming<'_>,
) -> Result<u64, StoreError> {
    let record = deps.table.account(account).await?;
    let mut deleted = 0;
    for owner in AsideOwner::all_of(account, record.as_ref()) {
        let mut after: Option<String> = None;
        loop {
            let page = deps.table.aside_page(&owner, after.as_deref(), PAGE).await?;
            for (id, item) in &page.items {
                if naming.names_shopper(&item.body) {
                    deps.table.aside_delete(&owner, id).await?;
                    deleted += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(deleted)
}

/// Deletes the files of reports that cover one of these days and campaigns: of every attempt, since
/// one that failed may have left its file, too.
async fn delete_files(
    deps: &Deps,
    account: &Account,
    cohorts: &Cohorts,
) -> Result<u64, EraseError> {
    let covers = |report: &Report| {
        cohorts.iter().any(|(day, campaign)| {
            (report.from..=report.to).contains(day)
                && report.campaign_id.as_ref().is_none_or(|id| id == campaign)
        })
    };
    let (mut deleted, mut after) = (0, None);
    loop {
        let page = deps.table.reports(account, after.as_ref(), PAGE).await?;
        for report in page.reports.iter().filter(|report| covers(report)) {
            // First, so that an attempt under way keeps nothing that it read before.
            deps.table.report_note_file_erased(report, deps.clock.now()).await?;
            for attempt in 1..=report.attempts {
                for key in (Report { attempts: attempt, ..report.clone() }).s3_keys() {
                    let request = deps.s3.delete_object().bucket(&*deps.bucket).key(key);
                    request.send().await.map_err(|error| EraseError::Storage(error.into()))?;
                }
            }
            deleted += u64::from(report.file.is_some() && report.file_erased_at.is_none());
        }
        after = page.next;
        if after.is_none() {
            return Ok(deleted);
        }
    }
}
