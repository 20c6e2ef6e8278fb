//! `PATCH /report-schedules/{id}`.

use axum::extract::{Path, State};
use serde::{Deserialize, Deserializer};
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::{Frequency, ScheduleId};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::store::schedules::{OfCampaigns, ScheduleChange};
use shared::web::api::{AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Writer};
use utoipa::ToSchema;

use super::{ScheduleProblems, ScheduleView, not_found, zone};
use crate::Deps;
use crate::wanted::{check_campaign, check_recipient};

/// What of a schedule changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleEdit {
    /// The one address that its reports are mailed to from now on.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Option<EmailAddress>,
    /// How often. Earlier runs of a new frequency are not made up for.
    frequency: Option<Frequency>,
    /// One campaign alone; null for all of them.
    #[serde(default, rename = "campaignId", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    campaigns: Option<OfCampaigns>,
    /// What the files are.
    format: Option<ReportFormat>,
}

/// A field that is there: null is a value of it.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<OfCampaigns>, D::Error> {
    Option::<CampaignId>::deserialize(field).map(|id| Some(id.into()))
}

/// Edit a schedule
///
/// An edit neither pauses nor resumes it. Where its mails to another address ended, that is no reason of the new
/// address's any more.
#[utoipa::path(
    patch,
    path = "/report-schedules/{id}",
    operation_id = "editReportSchedule",
    tag = "report schedules",
    security(("bearer" = ["admin:write"])),
    params(("id" = String, Path, description = "The schedule's id.")),
    request_body = ScheduleEdit,
    responses(
        (status = 200, description = "The schedule.", body = ScheduleView),
        JsonBodyProblems,
        ScheduleProblems,
        (status = 422, description = "`invalid-field`, `recipient-unsubscribed` or `unknown-campaign`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn edit_schedule(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
    Json(edit): Json<ScheduleEdit>,
) -> Result<Json<ScheduleView>, Problem> {
    let id = ScheduleId::parse(&id).map_err(|_| not_found())?;
    let account = &writer.account;
    let zone = zone(&deps, account).await?;
    let held = deps.table.schedule(account, &id).await?.ok_or_else(not_found)?;
    // What is said again is no change: it neither asks for a word of the recipient nor skips a run.
    let change = ScheduleChange {
        email: edit.email.filter(|email| *email != held.email),
        frequency: edit.frequency.filter(|frequency| *frequency != held.frequency),
        campaigns: edit.campaigns.filter(|of| *of != held.campaign_id.clone().into()),
        format: edit.format.filter(|format| *format != held.format),
    };
    if let Some(email) = &change.email {
        check_recipient(&deps.table, account, email).await?;
    }
    if let Some(OfCampaigns::One(campaign_id)) = &change.campaigns {
        check_campaign(&deps.table, account, Some(campaign_id)).await?;
    }
    let now = deps.clock.now();
    let edited =
        deps.table.by(&writer.subject, now).schedule_edit(account, &id, &change, now).await?;
    ScheduleView::of(&deps, zone, edited.ok_or_else(not_found)?).await.map(Json)
}
