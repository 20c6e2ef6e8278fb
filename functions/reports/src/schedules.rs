//! `/report-schedules`: reports that come by themselves.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use chrono_tz::Tz;
use futures::future::try_join_all;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::{Frequency, Schedule, ScheduleId, ScheduleStatus};
use shared::domain::values::account::Account;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::limits;
use shared::store::schedules::ScheduleCreated;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems, problems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::Deps;
use crate::wanted::{check_campaign, check_recipient};

pub mod edit;
mod view;

pub use view::{SchedulePeriod, ScheduleView};

/// A schedule to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSchedule {
    /// The one address that its reports are mailed to.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// How often, always at 06:00 of the store's time and for the period just ended.
    frequency: Frequency,
    /// One campaign alone.
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// What the file is; `csv` when absent.
    format: Option<ReportFormat>,
}

/// All schedules of the account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleList {
    /// In the order in which they were made; at most 20.
    items: Vec<ScheduleView>,
}

/// The answer of every operation on a schedule of the path.
struct ScheduleProblems;

impl IntoResponses for ScheduleProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([("404", "`schedule-not-found`.")])
    }
}

fn not_found() -> Problem {
    Problem::not_found("schedule-not-found", "the account has no such schedule")
}

/// All schedules
#[utoipa::path(
    get,
    path = "/report-schedules",
    operation_id = "listReportSchedules",
    tag = "report schedules",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The schedules.", body = ScheduleList),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_schedules(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<ScheduleList>, Problem> {
    let zone = set_up(&deps.table, &reader.account).await?.settings.time_zone;
    let schedules = deps.table.schedules(&reader.account).await?;
    // At most 20: their recipients are read all at once.
    let views = schedules.into_iter().map(|schedule| ScheduleView::of(&deps, zone, schedule));
    Ok(Json(ScheduleList { items: try_join_all(views).await? }))
}

/// Make a schedule
///
/// Its first run is the next 06:00 of the store's time that it has one, for the period that ended
/// the day before. Where its recipient has to confirm first (see `POST /reports`), the first report
/// asks them.
#[utoipa::path(
    post,
    path = "/report-schedules",
    operation_id = "createReportSchedule",
    tag = "report schedules",
    security(("bearer" = ["admin:write"])),
    request_body = NewSchedule,
    responses(
        (status = 201, description = "The schedule.", body = ScheduleView, headers(
            ("Location" = String, description = "The schedule's path."),
        )),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`too-many-schedules`: the account has 20.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field`, `recipient-unsubscribed` or `unknown-campaign`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn create_schedule(
    State(deps): State<Deps>,
    writer: Writer,
    Json(new): Json<NewSchedule>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<ScheduleView>), Problem> {
    let account = &writer.account;
    let zone = set_up(&deps.table, account).await?.settings.time_zone;
    check_recipient(&deps.table, account, &new.email).await?;
    check_campaign(&deps.table, account, new.campaign_id.as_ref()).await?;
    let now = deps.clock.now();
    let schedule = Schedule {
        id: ScheduleId::new(now, &deps.random()?),
        account: account.clone(),
        email: new.email,
        frequency: new.frequency,
        campaign_id: new.campaign_id,
        format: new.format.unwrap_or(ReportFormat::Csv),
        status: ScheduleStatus::Active,
        created_at: now,
        created_by: writer.subject.clone(),
        active_since: now,
        edited_at: None,
        last_run: None,
        pause_reason: None,
        unsubscribed_at: None,
    };
    match deps.table.by(&writer.subject, now).schedule_create(&schedule).await? {
        ScheduleCreated::Created => {
            let path = format!("/report-schedules/{}", schedule.id);
            let location = HeaderValue::try_from(path).map_err(Problem::internal)?;
            let view = ScheduleView::of(&deps, zone, schedule).await?;
            Ok((StatusCode::CREATED, [(LOCATION, location)], Json(view)))
        }
        ScheduleCreated::TooMany => {
            let most = limits::SCHEDULES_PER_ACCOUNT;
            let detail = format!("an account has at most {most} schedules");
            Err(Problem::conflict("too-many-schedules", detail))
        }
    }
}

async fn set_status(
    deps: &Deps,
    writer: &Writer,
    id: &str,
    status: ScheduleStatus,
) -> Result<Json<ScheduleView>, Problem> {
    let id = ScheduleId::parse(id).map_err(|_| not_found())?;
    let (account, now) = (&writer.account, deps.clock.now());
    let zone = zone(deps, account).await?;
    if status == ScheduleStatus::Active {
        let held = deps.table.schedule(account, &id).await?.ok_or_else(not_found)?;
        if deps.table.recipient(account, &held.email).await?.is_unsubscribed() {
            let detail = "its recipient wished for no more mails, and alone can change that";
            return Err(Problem::conflict("recipient-unsubscribed", detail));
        }
    }
    let table = deps.table.by(&writer.subject, now);
    let schedule = table.schedule_set_status(account, &id, status, now).await?;
    let schedule = schedule.ok_or_else(not_found)?;
    ScheduleView::of(deps, zone, schedule).await.map(Json)
}

/// The zone in which an account's schedules run; an account without settings has no schedule.
async fn zone(deps: &Deps, account: &Account) -> Result<Tz, Problem> {
    let record = deps.table.account(account).await?;
    record.map(|record| record.settings.time_zone).ok_or_else(not_found)
}

/// Pause a schedule
///
/// Runs that fall due while it is paused are not made up for; nor is one of the last minutes whose
/// report wasn't requested yet. Pausing a paused one changes nothing.
#[utoipa::path(
    post,
    path = "/report-schedules/{id}/pause",
    operation_id = "pauseReportSchedule",
    tag = "report schedules",
    security(("bearer" = ["admin:write"])),
    params(("id" = String, Path, description = "The schedule's id.")),
    responses(
        (status = 200, description = "The schedule, paused.", body = ScheduleView),
        ScheduleProblems,
        AdminProblems,
    )
)]
pub(crate) async fn pause_schedule(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Json<ScheduleView>, Problem> {
    set_status(&deps, &writer, &id, ScheduleStatus::Paused).await
}

/// Resume a schedule
///
/// Resuming an active one changes nothing.
#[utoipa::path(
    post,
    path = "/report-schedules/{id}/resume",
    operation_id = "resumeReportSchedule",
    tag = "report schedules",
    security(("bearer" = ["admin:write"])),
    params(("id" = String, Path, description = "The schedule's id.")),
    responses(
        (status = 200, description = "The schedule, active.", body = ScheduleView),
        ScheduleProblems,
        (status = 409, description = "`recipient-unsubscribed`: its recipient wished for no more mails.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn resume_schedule(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Json<ScheduleView>, Problem> {
    set_status(&deps, &writer, &id, ScheduleStatus::Active).await
}

/// Delete a schedule
///
/// Reports that it requested before stay.
#[utoipa::path(
    delete,
    path = "/report-schedules/{id}",
    operation_id = "deleteReportSchedule",
    tag = "report schedules",
    security(("bearer" = ["admin:write"])),
    params(("id" = String, Path, description = "The schedule's id.")),
    responses(
        (status = 204, description = "It is deleted."),
        ScheduleProblems,
        AdminProblems,
    )
)]
pub(crate) async fn delete_schedule(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = ScheduleId::parse(&id).map_err(|_| not_found())?;
    let table = deps.table.by(&writer.subject, deps.clock.now());
    if table.schedule_delete(&writer.account, &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found())
    }
}
