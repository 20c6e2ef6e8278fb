//! Report schedules.
//!
//! Beside a schedule stand a pointer under [`key::STANDING_SCHEDULES`], by which the tick finds
//! all schedules of all accounts without a scan, and the count of the account's schedules, for
//! their limit. All three are written in one transaction.
//!
//! A period's report has an id that follows from schedule and run day, and is put only where
//! there is none: whoever requests it, and however often, it is requested once. The run is noted
//! on the schedule in the same transaction, so that the next tick needn't try it again.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, n, s, value, write};
use crate::table::condition::unless_condition_failed;
use crate::table::key::{self, Key};
use crate::table::transact::{delete, put, update};
use crate::{StoreError, Table};
use domain::activity::{Change, Deed};
use domain::reports::report::{DownloadToken, Report};
use domain::reports::row::ReportFormat;
use domain::reports::schedule::{
    Frequency, PauseReason, Run, Schedule, ScheduleId, ScheduleStatus,
};
use domain::values::account::Account;
use domain::values::email::EmailAddress;
use domain::values::ids::CampaignId;
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

/// What became of a new schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleCreated {
    /// It is stored.
    Created,
    /// The account has as many schedules as it may; nothing was written.
    TooMany,
}

/// Which campaigns a schedule's reports are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfCampaigns {
    /// All of them.
    All,
    /// One alone.
    One(CampaignId),
}

impl From<Option<CampaignId>> for OfCampaigns {
    fn from(campaign_id: Option<CampaignId>) -> Self {
        campaign_id.map_or(Self::All, Self::One)
    }
}

/// What of a schedule changes; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// Whom its reports go to from now on.
    pub email: Option<EmailAddress>,
    /// How often.
    pub frequency: Option<Frequency>,
    /// What they are of.
    pub campaigns: Option<OfCampaigns>,
    /// What the files are.
    pub format: Option<ReportFormat>,
}

/// How long an unsubscribe link is known: as long as anybody keeps such a mail.
pub const UNSUBSCRIBE_LINK_LIFE: Span = Span::days(400);

/// What a mail's unsubscribe link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsubscription {
    /// Whose mail it was.
    pub account: Account,
    /// Whom it went to.
    pub email: EmailAddress,
}

/// What leads to a schedule.
#[derive(Deserialize)]
struct StandingSchedule {
    account: Account,
    id: ScheduleId,
}

impl Table {
    /// Stores a new schedule, up to the limit.
    pub async fn schedule_create(
        &self,
        schedule: &Schedule,
    ) -> Result<ScheduleCreated, StoreError> {
        let key = Key::schedule(&schedule.account, &schedule.id);
        let mut pointer = Key::standing_schedule(&schedule.account, &schedule.id).attributes();
        pointer.insert("account".to_owned(), s(schedule.account.as_str()));
        pointer.insert("id".to_owned(), s(schedule.id.as_str()));
        let count = self
            .update_of(&Key::schedule_count(&schedule.account))
            .update_expression("ADD #count :one")
            .condition_expression("attribute_not_exists(#count) OR #count < :most")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":most", n(limits::SCHEDULES_PER_ACCOUNT));
        let mut actions = vec![
            put(self
                .put_of(write("schedule", &key, schedule)?)
                .condition_expression("attribute_not_exists(pk)"))?,
            put(self.put_of(pointer))?,
            update(count)?,
        ];
        let change = Change::of_schedule(Deed::ScheduleAdded, schedule);
        actions.extend(self.entry(&schedule.account, change)?);
        // The id is fresh: only the count can refuse.
        let created = self.transact("create a schedule", actions).await?;
        Ok(if created.is_done() { ScheduleCreated::Created } else { ScheduleCreated::TooMany })
    }

    /// An account's schedules, oldest first.
    pub async fn schedules(&self, account: &Account) -> Result<Vec<Schedule>, StoreError> {
        self.query_prefix("schedule", &key::schedules(account), "").await
    }

    /// Pauses or resumes a schedule at `now`; none when there is no such schedule. What it is
    /// already, it stays, and nothing is written.
    pub async fn schedule_set_status(
        &self,
        account: &Account,
        id: &ScheduleId,
        status: ScheduleStatus,
        now: Instant,
    ) -> Result<Option<Schedule>, StoreError> {
        let Some(held) = self.schedule(account, id).await? else { return Ok(None) };
        let request = self
            .update_of(&Key::schedule(account, id))
            .condition_expression("attribute_exists(pk) AND #status <> :status")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", word(status));
        let (request, deed) = match status {
            ScheduleStatus::Paused => {
                (request.update_expression("SET #status = :status"), Deed::SchedulePaused)
            }
            // Periods that ended during the pause are not made up for.
            ScheduleStatus::Active => {
                let request = request
                    .update_expression(
                        "SET #status = :status, activeSince = :now REMOVE pauseReason, unsubscribedAt",
                    )
                    .expression_attribute_values(":now", s(now));
                (request, Deed::ScheduleResumed)
            }
        };
        let mut actions = vec![update(request)?];
        actions.extend(self.entry(account, Change::of_schedule(deed, &held))?);
        // Refused: it has that status, or is gone.
        let _ = self.transact("pause or resume a schedule", actions).await?;
        self.schedule(account, id).await
    }

    /// Changes what a schedule brings and to whom; none when there is no such schedule. Of a frequency that is
    /// new to it earlier runs are not made up for, and why its mails to another address ended says nothing of
    /// the new one.
    pub async fn schedule_edit(
        &self,
        account: &Account,
        id: &ScheduleId,
        change: &ScheduleChange,
        now: Instant,
    ) -> Result<Option<Schedule>, StoreError> {
        const KIND: &str = "schedule";
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        let Some(held) = self.schedule(account, id).await? else { return Ok(None) };
        let mut request = self
            .update_of(&Key::schedule(account, id))
            .condition_expression("attribute_exists(pk)");
        if let Some(email) = &change.email {
            set.push("email = :email");
            remove.extend(["pauseReason", "unsubscribedAt"]);
            request = request.expression_attribute_values(":email", value(KIND, email)?);
        }
        if let Some(frequency) = &change.frequency {
            set.extend(["frequency = :frequency", "activeSince = :now"]);
            request = request.expression_attribute_values(":frequency", value(KIND, frequency)?);
        }
        if let Some(format) = &change.format {
            set.push("#format = :format");
            request = request
                .expression_attribute_names("#format", "format")
                .expression_attribute_values(":format", value(KIND, format)?);
        }
        match &change.campaigns {
            Some(OfCampaigns::One(campaign_id)) => {
                set.push("campaignId = :campaign");
                request = request.expression_attribute_values(":campaign", s(campaign_id.as_str()));
            }
            Some(OfCampaigns::All) => remove.push("campaignId"),
            None => {}
        }
        if set.is_empty() && remove.is_empty() {
            return Ok(Some(held));
        }
        set.push("editedAt = :now");
        let clauses = [("SET", set), ("REMOVE", remove)];
        let clauses = clauses.into_iter().filter(|(_, names)| !names.is_empty());
        let expression: Vec<String> =
            clauses.map(|(verb, names)| format!("{verb} {}", names.join(", "))).collect();
        let fields = [
            ("email", change.email.is_some()),
            ("frequency", change.frequency.is_some()),
            ("campaignId", change.campaigns.is_some()),
            ("format", change.format.is_some()),
        ];
        let edited = Change::of_schedule(Deed::ScheduleEdited, &held).of_fields(fields);
        let request = request.expression_attribute_values(":now", s(now));
        let mut actions = vec![update(request.update_expression(expression.join(" ")))?];
        actions.extend(self.entry(account, edited)?);
        // Refused: it is gone.
        let _ = self.transact("edit a schedule", actions).await?;
        self.schedule(account, id).await
    }

    /// Stores what a mail's unsubscribe link leads to, under its token's hash, for as long as a
    /// mail may lie in a mailbox.
    pub async fn unsubscription_write(
        &self,
        token: &DownloadToken,
        unsubscription: &Unsubscription,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut item = write("unsubscription", &Key::unsubscription(token), unsubscription)?;
        expire(&mut item, Some(now.plus(UNSUBSCRIBE_LINK_LIFE).seconds()));
        self.put("write an unsubscription", item).await
    }

    /// What an unsubscribe link leads to.
    pub async fn unsubscription(
        &self,
        token: &DownloadToken,
    ) -> Result<Option<Unsubscription>, StoreError> {
        self.get("unsubscription", &Key::unsubscription(token)).await
    }

    /// A schedule.
    pub async fn schedule(
        &self,
        account: &Account,
        id: &ScheduleId,
    ) -> Result<Option<Schedule>, StoreError> {
        self.get("schedule", &Key::schedule(account, id)).await
    }

    /// Pauses every running schedule of an account whose mails go to `email`, and notes why. Doing
    /// it again changes nothing.
    pub async fn schedules_pause_to(
        &self,
        account: &Account,
        email: &EmailAddress,
        reason: PauseReason,
        now: Instant,
    ) -> Result<(), StoreError> {
        for schedule in self.schedules_to(account, email).await? {
            let update = self
                .update_item(&Key::schedule(account, &schedule.id))
                .condition_expression("#status = :active")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":active", word(ScheduleStatus::Active))
                .expression_attribute_values(":paused", word(ScheduleStatus::Paused))
                .expression_attribute_values(":reason", value("schedule", &reason)?);
            let update = match reason {
                PauseReason::RecipientUnsubscribed => update
                    .update_expression(
                        "SET #status = :paused, pauseReason = :reason, unsubscribedAt = :now",
                    )
                    .expression_attribute_values(":now", s(now)),
                PauseReason::RecipientNotConfirmed
                | PauseReason::Bounced
                | PauseReason::Complained => {
                    update.update_expression("SET #status = :paused, pauseReason = :reason")
                }
            };
            unless_condition_failed("pause a recipient's schedule", update.send().await)?;
        }
        Ok(())
    }

    /// Resumes the schedules of an account to `email` that waited for a word of its owner.
    pub async fn schedules_resume_to(
        &self,
        account: &Account,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<(), StoreError> {
        for schedule in self.schedules_to(account, email).await? {
            if let Some(reason) = schedule.pause_reason.filter(|reason| reason.ends_with_a_wish()) {
                let resumed = self
                    .update_item(&Key::schedule(account, &schedule.id))
                    .condition_expression("#status = :paused AND pauseReason = :reason")
                    .update_expression(
                        "SET #status = :active, activeSince = :now REMOVE pauseReason, unsubscribedAt",
                    )
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":active", word(ScheduleStatus::Active))
                    .expression_attribute_values(":paused", word(ScheduleStatus::Paused))
                    .expression_attribute_values(":reason", value("schedule", &reason)?)
                    .expression_attribute_values(":now", s(now))
                    .send()
                    .await;
                unless_condition_failed("resume a recipient's schedule", resumed)?;
            }
        }
        Ok(())
    }

    /// An account's schedules whose mails go to `email`.
    async fn schedules_to(
        &self,
        account: &Account,
        email: &EmailAddress,
    ) -> Result<Vec<Schedule>, StoreError> {
        let mut schedules = self.schedules(account).await?;
        schedules.retain(|schedule| schedule.email.mailbox() == email.mailbox());
        Ok(schedules)
    }

    /// Deletes a schedule; `false` when there is none.
    pub async fn schedule_delete(
        &self,
        account: &Account,
        id: &ScheduleId,
    ) -> Result<bool, StoreError> {
        let count = self
            .update_of(&Key::schedule_count(account))
            .update_expression("ADD #count :less")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":less", n(-1));
        let Some(held) = self.schedule(account, id).await? else { return Ok(false) };
        let mut actions = vec![
            delete(
                self.delete_of(&Key::schedule(account, id))
                    .condition_expression("attribute_exists(pk)"),
            )?,
            delete(self.delete_of(&Key::standing_schedule(account, id)))?,
            update(count)?,
        ];
        actions.extend(self.entry(account, Change::of_schedule(Deed::ScheduleDeleted, &held))?);
        Ok(self.transact("delete a schedule", actions).await?.is_done())
    }

    /// All schedules of all accounts.
    pub async fn schedules_standing(&self) -> Result<Vec<Schedule>, StoreError> {
        let pointers: Vec<StandingSchedule> =
            self.query_prefix("standing schedule", key::STANDING_SCHEDULES, "").await?;
        let keys = pointers.iter().map(|standing| Key::schedule(&standing.account, &standing.id));
        self.get_readable("schedule", keys).await
    }

    /// Requests `report` for a run of its schedule; `false` when the run was taken before, or
    /// the schedule was paused or deleted meanwhile.
    pub async fn schedule_request_report(
        &self,
        schedule: &Schedule,
        run: &Run,
        report: &Report,
    ) -> Result<bool, StoreError> {
        let mut actions = self.put_report(report)?;
        actions.push(self.note_run(schedule, run)?);
        Ok(self.transact("request a scheduled report", actions).await?.is_done())
    }

    /// Notes a run of the schedule as it was read: one that was edited meanwhile runs with what it says now.
    fn note_run(&self, schedule: &Schedule, run: &Run) -> Result<TransactWriteItem, StoreError> {
        let request = self
            .update_of(&Key::schedule(&schedule.account, &schedule.id))
            .update_expression("SET lastRun = :day")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":day", s(run.day))
            .expression_attribute_values(":active", word(ScheduleStatus::Active));
        let (unedited, request) = match schedule.edited_at {
            Some(at) => {
                ("editedAt = :edited", request.expression_attribute_values(":edited", s(at)))
            }
            None => ("attribute_not_exists(editedAt)", request),
        };
        update(request.condition_expression(format!("#status = :active AND {unedited}")))
    }
}

/// A status as it is stored.
fn word(status: ScheduleStatus) -> AttributeValue {
    s(match status {
        ScheduleStatus::Active => "active",
        ScheduleStatus::Paused => "paused",
    })
}
