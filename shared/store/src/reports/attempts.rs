//! What the worker and the tick write on a report.
//!
//! An attempt claims its report by a condition on the status and is numbered by the claim; every
//! later write of the attempt is conditional on that number. So a record that is delivered twice
//! starts one attempt, and an attempt that was taken for dead can't disturb its successor.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use serde::Deserialize;

use crate::table::attributes::{n, read, s, value};
use crate::table::condition::{if_condition_held, unless_condition_failed};
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::reports::report::{
    ATTEMPTS, LEASE, PICK_UP, Report, ReportFailure, ReportFile, ReportId, ReportStatus,
    ReturnReason, Returned,
};
use domain::values::account::Account;
use domain::values::email::EmailAddress;
use domain::values::instant::Instant;

/// The attribute of what came back.
const RETURNED: &str = "returned";

/// A report that this attempt may work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The report as it stands after the claim.
    pub report: Report,
    /// Whether an earlier attempt may have mailed it: it ended between handing the mail over
    /// and noting the answer.
    pub maybe_mailed: bool,
}

/// What leads to a report that isn't done.
#[derive(Deserialize)]
struct OpenReport {
    account: Account,
    id: ReportId,
}

impl Table {
    /// Claims a report that waits to be started; none when it isn't there or another attempt
    /// has it. The claim counts as an attempt and lasts for [`LEASE`].
    pub async fn report_claim(
        &self,
        account: &Account,
        id: &ReportId,
        now: Instant,
    ) -> Result<Option<Claimed>, StoreError> {
        let next_attempt_at = now.plus(LEASE);
        let result = self
            .update_report(account, id)
            // What came back is done, whatever an attempt without an answer left.
            .condition_expression(
                "#status IN (:requested, :due) AND attribute_not_exists(#returned)",
            )
            .expression_attribute_names("#returned", RETURNED)
            .update_expression(
                "SET #status = :running, nextAttemptAt = :lease, sending = :false ADD attempts :one",
            )
            .expression_attribute_values(":requested", status(ReportStatus::Requested))
            .expression_attribute_values(":due", status(ReportStatus::Due))
            .expression_attribute_values(":running", status(ReportStatus::Running))
            .expression_attribute_values(":lease", s(next_attempt_at))
            .expression_attribute_values(":false", AttributeValue::Bool(false))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        let claimed = if_condition_held("claim a report", result)?;
        let Some(old) = claimed.and_then(|output| output.attributes) else { return Ok(None) };
        let old: Report = read("report", old)?;
        let report = Report {
            status: ReportStatus::Running,
            attempts: old.attempts + 1,
            next_attempt_at,
            sending: false,
            ..old
        };
        Ok(Some(Claimed { report, maybe_mailed: old.sending }))
    }

    /// Notes the file and that the mail is about to be handed over; `false` when the attempt
    /// was taken for dead and must not mail.
    pub async fn report_note_sending(
        &self,
        report: &Report,
        file: &ReportFile,
    ) -> Result<bool, StoreError> {
        let result = self
            .update_attempt(report)
            .update_expression("SET sending = :true, #file = :file REMOVE failure, fileErasedAt")
            .expression_attribute_names("#file", "file")
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":file", value("report", file)?)
            .send()
            .await;
        Ok(unless_condition_failed("note a mail about to be sent", result)?.is_changed())
    }

    /// Notes that the mail service took the mail with `file`. It is true whatever became of the
    /// attempt meanwhile, and keeps a successor from mailing again.
    pub async fn report_note_mailed(
        &self,
        report: &Report,
        file: &ReportFile,
        now: Instant,
    ) -> Result<(), StoreError> {
        let result = self
            .update_report(&report.account, &report.id)
            .condition_expression("attribute_exists(pk)")
            .update_expression(
                "SET #status = :mailed, mailedAt = :now, #file = :file, sending = :false REMOVE failure",
            )
            .expression_attribute_names("#file", "file")
            .expression_attribute_values(":mailed", status(ReportStatus::Mailed))
            .expression_attribute_values(":now", s(now))
            .expression_attribute_values(":file", value("report", file)?)
            .expression_attribute_values(":false", AttributeValue::Bool(false))
            .send()
            .await;
        unless_condition_failed("note a mailed report", result)?;
        self.close_soon(report).await;
        Ok(())
    }

    /// Notes that the attempt failed: it waits for its next one, or is given up. `unknown`:
    /// the mail may have been taken all the same. The answer is the status that was written;
    /// none when the attempt was taken for dead before.
    pub async fn report_note_failed(
        &self,
        report: &Report,
        failure: ReportFailure,
        unknown: bool,
        now: Instant,
    ) -> Result<Option<ReportStatus>, StoreError> {
        let retry_at = report.retry_at(failure, now);
        let next = if retry_at.is_some() { ReportStatus::Waiting } else { ReportStatus::Failed };
        let result = self
            .update_attempt(report)
            .update_expression(
                "SET #status = :next, failure = :failure, sending = :sending, nextAttemptAt = :at",
            )
            .expression_attribute_values(":next", status(next))
            .expression_attribute_values(":failure", value("report", &failure)?)
            .expression_attribute_values(":sending", AttributeValue::Bool(unknown))
            .expression_attribute_values(":at", s(retry_at.unwrap_or(report.next_attempt_at)))
            .send()
            .await;
        if !unless_condition_failed("note a failed attempt", result)?.is_changed() {
            return Ok(None);
        }
        if next.is_final() {
            self.close_soon(report).await;
        }
        Ok(Some(next))
    }

    /// Notes that the attempt asked the recipient, for whose answer the report waits until `until`;
    /// `false` when the attempt was taken for dead before.
    pub async fn report_note_waiting(
        &self,
        report: &Report,
        until: Instant,
    ) -> Result<bool, StoreError> {
        let result = self
            .update_attempt(report)
            .update_expression(
                "SET #status = :next, waitsUntil = :until, nextAttemptAt = :until REMOVE failure",
            )
            .expression_attribute_values(":next", status(ReportStatus::WaitingForRecipient))
            .expression_attribute_values(":until", s(until))
            .send()
            .await;
        Ok(unless_condition_failed("note a report that waits", result)?.is_changed())
    }

    /// Notes that the mail service brought a report's mail back. What came first stays, except that a
    /// complaint says more than a bounce. `false`: the account has no such report.
    pub async fn report_note_returned(
        &self,
        account: &Account,
        id: &ReportId,
        returned: Returned,
    ) -> Result<bool, StoreError> {
        let update = self
            .update_item(&Key::report(account, id))
            .update_expression("SET #returned = :returned")
            .expression_attribute_names("#returned", RETURNED)
            .expression_attribute_values(":returned", value("report", &returned)?);
        let update = if returned.reason == ReturnReason::Complaint {
            update
                .condition_expression(
                    "attribute_exists(pk) AND (attribute_not_exists(#returned) OR #returned.#reason <> :complaint)",
                )
                .expression_attribute_names("#reason", "reason")
                .expression_attribute_values(":complaint", value("report", &returned.reason)?)
        } else {
            update.condition_expression("attribute_exists(pk) AND attribute_not_exists(#returned)")
        };
        let written = unless_condition_failed("note a returned report", update.send().await)?;
        let known = written.is_changed() || self.report(account, id).await?.is_some();
        if known {
            self.close_report(account, id).await?;
        }
        Ok(known)
    }

    /// Has the stream start the account's reports that wait for `email`, whose owner answered.
    pub async fn reports_wake(
        &self,
        account: &Account,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<(), StoreError> {
        let prefix = key::open_reports_of(account);
        let pointers: Vec<OpenReport> =
            self.query_prefix("open report", key::OPEN_REPORTS, &prefix).await?;
        let keys = pointers.iter().map(|open| Key::report(&open.account, &open.id));
        let reports: Vec<Report> = self.get_readable("report", keys).await?;
        let waits = |report: &Report| {
            report.status == ReportStatus::WaitingForRecipient
                && report.email.mailbox() == email.mailbox()
        };
        for report in reports.into_iter().filter(waits) {
            let result = self
                .update_report(account, &report.id)
                .condition_expression("#status = :waiting")
                .update_expression("SET #status = :due, nextAttemptAt = :at")
                .expression_attribute_values(":waiting", status(ReportStatus::WaitingForRecipient))
                .expression_attribute_values(":due", status(ReportStatus::Due))
                .expression_attribute_values(":at", s(now.plus(PICK_UP)))
                .send()
                .await;
            unless_condition_failed("wake a report", result)?;
        }
        Ok(())
    }

    /// All reports that aren't done, of all accounts. Pointers that outlived their report's end
    /// are deleted.
    pub async fn reports_open(&self) -> Result<Vec<Report>, StoreError> {
        let pointers: Vec<OpenReport> =
            self.query_prefix("open report", key::OPEN_REPORTS, "").await?;
        let keys = pointers.iter().map(|open| Key::report(&open.account, &open.id));
        let reports: Vec<Report> = self.get_readable("report", keys).await?;
        let (done, open): (Vec<Report>, Vec<Report>) =
            reports.into_iter().partition(Report::is_done);
        for report in done {
            self.close_report(&report.account, &report.id).await?;
        }
        Ok(open)
    }

    /// Touches a report that is due at `now`, so that the stream starts it; one whose last
    /// attempt died is given up. The answer is the status that was written; none when it isn't
    /// due, or changed meanwhile.
    pub async fn report_touch(
        &self,
        report: &Report,
        now: Instant,
    ) -> Result<Option<ReportStatus>, StoreError> {
        if report.is_done() || report.next_attempt_at > now {
            return Ok(None);
        }
        let died = report.status == ReportStatus::Running;
        let spent = report.attempts >= ATTEMPTS;
        let next = if spent { ReportStatus::Failed } else { ReportStatus::Due };
        let failure = if died { Some(ReportFailure::Interrupted) } else { report.failure };
        let update = self
            .update_report(&report.account, &report.id)
            // Nobody claimed, touched or ended it since it was read.
            .condition_expression(
                "#status = :held AND attempts = :attempts AND nextAttemptAt = :heldAt",
            )
            .expression_attribute_values(":held", status(report.status))
            .expression_attribute_values(":attempts", n(report.attempts))
            .expression_attribute_values(":heldAt", s(report.next_attempt_at))
            .expression_attribute_values(":next", status(next))
            .expression_attribute_values(":at", s(now.plus(PICK_UP)));
        let update = match failure {
            Some(failure) => update
                .update_expression("SET #status = :next, nextAttemptAt = :at, failure = :failure")
                .expression_attribute_values(":failure", value("report", &failure)?),
            None => update.update_expression("SET #status = :next, nextAttemptAt = :at"),
        };
        let result = update.send().await;
        if !unless_condition_failed("touch a report", result)?.is_changed() {
            return Ok(None);
        }
        if next.is_final() {
            self.close_soon(report).await;
        }
        Ok(Some(next))
    }

    /// Closes a report whose end is written: a failure makes that no less true, and the next tick
    /// closes what is left open.
    async fn close_soon(&self, report: &Report) {
        if let Err(error) = self.close_report(&report.account, &report.id).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, report = %report.id, "an ended report is left for the tick to close");
        }
    }

    /// Deletes what leads the tick to a report. After a crash before it the tick does.
    async fn close_report(&self, account: &Account, id: &ReportId) -> Result<(), StoreError> {
        self.delete("close a report", &Key::open_report(account, id)).await
    }

    fn update_report(&self, account: &Account, id: &ReportId) -> UpdateItemFluentBuilder {
        self.update_item(&Key::report(account, id)).expression_attribute_names("#status", "status")
    }

    /// An update on the condition that the attempt still has its report.
    fn update_attempt(&self, report: &Report) -> UpdateItemFluentBuilder {
        self.update_report(&report.account, &report.id)
            .condition_expression("#status = :mine AND attempts = :attempt")
            .expression_attribute_values(":mine", status(ReportStatus::Running))
            .expression_attribute_values(":attempt", n(report.attempts))
    }
}

/// A status as it is stored.
fn status(status: ReportStatus) -> AttributeValue {
    s(match status {
        ReportStatus::Requested => "requested",
        ReportStatus::Running => "running",
        ReportStatus::Waiting => "waiting",
        ReportStatus::WaitingForRecipient => "waiting-for-recipient",
        ReportStatus::Due => "due",
        ReportStatus::Mailed => "mailed",
        ReportStatus::Failed => "failed",
    })
}
