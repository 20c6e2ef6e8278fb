//! `GET /reports` and `GET /reports/{id}`.

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use shared::domain::reports::report::{
    Report, ReportFailure, ReportFile, ReportId, ReportStatus, ReturnReason,
};
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::ScheduleId;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::money::Currency;
use shared::domain::values::store_day::StoreDay;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems};
use shared::web::{Cursor, Json, Problem, ProblemBody, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// Reports on one page: what a person reads at once.
pub const PAGE: usize = 50;

/// How far a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ReportStatus)]
pub enum ReportProgress {
    /// It waits to be started, for the first time or again.
    Requested,
    /// It is being built or mailed.
    Running,
    /// Its recipient was asked to confirm that they want it, and has until `waitsUntil`.
    WaitingForRecipient,
    /// It is handed to the mail service.
    Mailed,
    /// It is given up.
    Failed,
    /// The mail came back after the mail service had taken it; `returned` says why.
    Bounced,
    /// Its reader called it spam.
    Complained,
}

impl ReportProgress {
    fn of(report: &Report) -> Self {
        match report.returned.map(|returned| returned.reason) {
            Some(ReturnReason::Complaint) => Self::Complained,
            Some(_) => Self::Bounced,
            None => report.status.into(),
        }
    }
}

impl From<ReportStatus> for ReportProgress {
    fn from(status: ReportStatus) -> Self {
        match status {
            // Whether the tick or the stream starts it is nobody's business.
            ReportStatus::Requested | ReportStatus::Waiting | ReportStatus::Due => Self::Requested,
            ReportStatus::Running => Self::Running,
            ReportStatus::WaitingForRecipient => Self::WaitingForRecipient,
            ReportStatus::Mailed => Self::Mailed,
            ReportStatus::Failed => Self::Failed,
        }
    }
}

/// The page that is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportsQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ReportId>>,
}

/// One page of reports.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportList {
    /// Newest first.
    items: Vec<ReportView>,
    /// Where the next page starts, as the parameter `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A report as asked for and as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Report)]
pub struct ReportView {
    /// Its id.
    #[schema(value_type = String)]
    id: ReportId,
    /// How far it is.
    status: ReportProgress,
    /// The address that it is mailed to.
    #[schema(value_type = String, format = Email)]
    email: EmailAddress,
    /// The first store day.
    #[schema(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day.
    #[schema(value_type = String, format = Date)]
    to: StoreDay,
    /// One campaign alone.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<CampaignId>,
    /// For which program.
    format: ReportFormat,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Instant,
    /// Who asked for it; absent for a schedule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<String>,
    /// The schedule that asked for it.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_id: Option<ScheduleId>,
    /// How often it was started.
    attempts: u32,
    /// When it is tried again at the earliest, after a failure.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Instant>,
    /// Until when it waits for its recipient's confirmation; then it fails
    /// (`recipient-not-confirmed`).
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<Instant>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<ReportFailure>,
    /// When it was mailed.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mailed_at: Option<Instant>,
    /// Why and when the mail came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<ReturnedView>,
    /// The file, once it can be downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileView>,
    /// When the file was deleted, since a shopper who stood in it was erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    file_erased_at: Option<Instant>,
}

/// A mail that came back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReturnedMail)]
pub struct ReturnedView {
    /// Why.
    reason: ReturnReason,
    /// When we heard of it.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

/// A report's file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReportFile)]
pub struct FileView {
    /// When its facts were read.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Its conversions (R9).
    rows: u64,
    /// Its size in bytes.
    bytes: u64,
    /// The sums of `orderTotal` by currency (R9), zeros left out.
    totals: Vec<Total>,
    /// Whether the mail carries it; else the mail holds a link.
    attached: bool,
}

/// A sum of one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Amount)]
pub struct Total {
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// Decimals with the currency's digits.
    #[schema(example = "199.90")]
    amount: String,
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            status: ReportProgress::of(&report),
            id: report.id,
            email: report.email,
            from: report.from,
            to: report.to,
            campaign_id: report.campaign_id,
            format: report.format,
            requested_at: report.requested_at,
            requested_by: report.requested_by,
            schedule_id: report.schedule_id,
            attempts: report.attempts,
            next_attempt_at: Some(report.next_attempt_at)
                .filter(|_| report.status == ReportStatus::Waiting),
            waits_until: report.waits_until.filter(|_| {
                report.status == ReportStatus::WaitingForRecipient && report.returned.is_none()
            }),
            failure: report.failure,
            mailed_at: report.mailed_at,
            returned: report
                .returned
                .map(|returned| ReturnedView { reason: returned.reason, at: returned.at }),
            file: report.file.filter(|_| report.file_erased_at.is_none()).map(FileView::from),
            file_erased_at: report.file_erased_at,
        }
    }
}

impl From<ReportFile> for FileView {
    fn from(file: ReportFile) -> Self {
        let total = |(currency, sum): (Currency, i64)| {
            let amount = currency.decimal(sum, '.');
            Total { currency, amount }
        };
        Self {
            as_of: file.as_of,
            rows: file.rows,
            bytes: file.bytes,
            totals: file.totals.into_iter().map(total).collect(),
            attached: file.attached,
        }
    }
}

/// 404 `report-not-found`.
pub(crate) fn not_found() -> Problem {
    Problem::not_found("report-not-found", "the account has no such report")
}

/// The report of the path, if it is the caller's.
pub(crate) async fn find(deps: &Deps, reader: &Reader, id: &str) -> Result<Report, Problem> {
    let id = ReportId::parse(id).map_err(|_| not_found())?;
    deps.table.report(&reader.account, &id).await?.ok_or_else(not_found)
}

/// The account's reports
#[utoipa::path(
    get,
    path = "/reports",
    operation_id = "listReports",
    tag = "reports",
    security(("bearer" = ["admin:read"])),
    params(ReportsQuery),
    responses(
        (status = 200, description = "At most 50 reports, newest first.", body = ReportList),
        AccountProblems,
        (status = 422, description = "`invalid-field` names the parameter.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn list_reports(
    State(deps): State<Deps>,
    reader: Reader,
    Query(query): Query<ReportsQuery>,
) -> Result<Json<ReportList>, Problem> {
    set_up(&deps.table, &reader.account).await?;
    let after = query.cursor.map(|cursor| cursor.0);
    let page = deps.table.reports(&reader.account, after.as_ref(), PAGE).await?;
    Ok(Json(ReportList {
        items: page.reports.into_iter().map(ReportView::from).collect(),
        next: page.next.map(|id| Cursor(id).encode()).transpose()?,
    }))
}

/// A report
#[utoipa::path(
    get,
    path = "/reports/{id}",
    operation_id = "getReport",
    tag = "reports",
    security(("bearer" = ["admin:read"])),
    params(("id" = String, Path, description = "The report's id.")),
    responses(
        (status = 200, description = "The report.", body = ReportView),
        (status = 404, description = "`report-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn get_report(
    State(deps): State<Deps>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<ReportView>, Problem> {
    find(&deps, &reader, &id).await.map(|report| Json(report.into()))
}
