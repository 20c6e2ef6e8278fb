//! A schedule as it is told.

use chrono_tz::Tz;
use serde::Serialize;
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::{
    Frequency, PauseReason, Schedule, ScheduleId, ScheduleStatus,
};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::store_day::StoreDay;
use shared::web::Problem;
use utoipa::ToSchema;

use crate::Deps;

/// A schedule as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReportSchedule)]
pub struct ScheduleView {
    /// Its id.
    #[schema(value_type = String)]
    id: ScheduleId,
    /// Whether it runs.
    status: ScheduleStatus,
    /// The address that its reports are mailed to.
    #[schema(value_type = String, format = Email)]
    email: EmailAddress,
    /// How often.
    frequency: Frequency,
    /// One campaign alone.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<CampaignId>,
    /// What the files are.
    format: ReportFormat,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Who made it.
    created_by: String,
    /// The store day of its last run.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_on: Option<StoreDay>,
    /// When it runs next; absent while it is paused. In the past while a run is due and not taken yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at: Option<Instant>,
    /// The period of its frequency that ended last: what to ask `POST /reports` for to have it at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_period: Option<SchedulePeriod>,
    /// Why it was paused, where the store didn't ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<PauseReason>,
    /// When its recipient unsubscribed by the link in a mail, where that paused it. Only they can
    /// change that, by the same link.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribed_at: Option<Instant>,
    /// Whether its recipient wishes for no mail of the account, whatever paused it: resuming it is refused then.
    recipient_unsubscribed: bool,
}

/// Store days, both included.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchedulePeriod {
    /// The first.
    #[schema(value_type = String, format = Date)]
    from: StoreDay,
    /// The last.
    #[schema(value_type = String, format = Date)]
    to: StoreDay,
}

impl ScheduleView {
    /// Tells a schedule of an account whose days are of `zone`.
    pub(super) async fn of(deps: &Deps, zone: Tz, schedule: Schedule) -> Result<Self, Problem> {
        let now = deps.clock.now();
        let recipient = deps.table.recipient(&schedule.account, &schedule.email).await?;
        let next = schedule.next(zone, now);
        let latest = schedule.frequency.latest(zone, now);
        Ok(Self {
            id: schedule.id,
            status: schedule.status,
            email: schedule.email,
            frequency: schedule.frequency,
            campaign_id: schedule.campaign_id,
            format: schedule.format,
            created_at: schedule.created_at,
            created_by: schedule.created_by,
            last_run_on: schedule.last_run,
            next_run_at: next.map(|run| run.at),
            latest_period: latest
                .map(|period| SchedulePeriod { from: period.from(), to: period.to() }),
            pause_reason: schedule.pause_reason,
            unsubscribed_at: schedule.unsubscribed_at,
            recipient_unsubscribed: recipient.is_unsubscribed(),
        })
    }
}
