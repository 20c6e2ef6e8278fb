//! What SES tells of a mail after it took it: it came back, or its reader called it spam.
//!
//! SES takes mails to addresses that it suppresses, too, and drops them: only these events tell. They
//! come by `EventBridge` from the configuration set that every mail names, at least once and in any
//! order, perhaps before our own note that the mail is out. The tags of the mail say whose it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shared::domain::reports::report::{ReportId, ReturnReason, Returned};
use shared::domain::values::account::Account;
use shared::store::StoreError;
use shared::telemetry::{Counter, count};

use crate::Deps;
use crate::handover::{ACCOUNT_TAG, CONFIRMATION, MAIL_TAG, REPORT_TAG};

/// An event of SES as `EventBridge` delivers it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MailEvent {
    detail: Detail,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Mail {
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(default, rename = "bounceSubType")]
    sub_kind: String,
    #[serde(default)]
    bounced_recipients: Vec<Bounced>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_sub_type: Option<String>,
    complaint_feedback_type: Option<String>,
}

/// A recipient of a bounce. What the receiving server said of it stands in its delivery status
/// notification; an automatic answer has none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Bounced {
    action: Option<Value>,
    status: Option<Value>,
}

impl Detail {
    /// Why the mail came back; none for what says nothing of that.
    fn reason(&self) -> Option<ReturnReason> {
        match (self.event_type.as_str(), &self.bounce) {
            ("Bounce", Some(bounce)) => bounce.reason(),
            ("Complaint", _) => {
                self.complaint.as_ref().map_or(Some(ReturnReason::Complaint), Complaint::reason)
            }
            // SES found something in it that it doesn't send.
            ("Reject", _) => Some(ReturnReason::MailRefused),
            _ => None,
        }
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.mail.tags.get(name)?.first().map(String::as_str)
    }

    /// Whose mail it was; none for one that isn't ours.
    fn report(&self) -> Option<(Account, ReportId)> {
        let account = Account::parse(self.tag(ACCOUNT_TAG)?).ok()?;
        Some((account, ReportId::parse(self.tag(REPORT_TAG)?).ok()?))
    }
}

impl Complaint {
    fn reason(&self) -> Option<ReturnReason> {
        match (self.complaint_sub_type.as_deref(), self.complaint_feedback_type.as_deref()) {
            // They complained of another mail, perhaps of another store, and this one was not sent.
            (Some("OnAccountSuppressionList"), _) => Some(ReturnReason::AddressSuppressed),
            // They took it out of the spam folder (RFC 6430).
            (_, Some("not-spam")) => None,
            _ => Some(ReturnReason::Complaint),
        }
    }
}

impl Bounce {
    fn reason(&self) -> Option<ReturnReason> {
        let told = |recipient: &Bounced| recipient.action.is_some() || recipient.status.is_some();
        Some(match (self.kind.as_str(), self.sub_kind.as_str()) {
            ("Permanent", "Suppressed" | "OnAccountSuppressionList" | "UnsubscribedRecipient") => {
                ReturnReason::AddressSuppressed
            }
            ("Permanent", _) => ReturnReason::AddressRefused,
            (_, "MailboxFull") => ReturnReason::MailboxFull,
            (_, "MessageTooLarge") => ReturnReason::MailTooLarge,
            (_, "ContentRejected" | "AttachmentRejected") => ReturnReason::MailRefused,
            // SES tells answers such as "out of the office" as bounces, too.
            ("Transient", "General") if !self.bounced_recipients.iter().any(told) => return None,
            _ => ReturnReason::Unknown,
        })
    }
}

/// Notes what became of a mail: on its report, and on the recipient's schedules where no further
/// mail would fare better. Doing it again changes nothing.
///
/// # Errors
/// When the table doesn't answer; Lambda delivers the event again.
pub(crate) async fn note(deps: &Deps, event: &MailEvent) -> Result<bool, StoreError> {
    let detail = &event.detail;
    let (Some((account, id)), Some(reason)) = (detail.report(), detail.reason()) else {
        tracing::info!(kind = detail.event_type, "an event of a mail is passed over");
        return Ok(false);
    };
    if detail.tag(MAIL_TAG) == Some(CONFIRMATION) && reason.pause_reason().is_none() {
        // They may still find the question and answer it.
        tracing::info!(%account, report = %id, ?reason, "a question came back for now");
        return Ok(false);
    }
    let now = deps.clock.now();
    let returned = Returned { reason, at: now };
    if !deps.table.report_note_returned(&account, &id, returned).await? {
        tracing::warn!(%account, report = %id, "a mail came back whose report is not there");
        return Ok(false);
    }
    if let (Some(pause), Some(report)) =
        (reason.pause_reason(), deps.table.report(&account, &id).await?)
    {
        if reason == ReturnReason::Complaint {
            // Who calls our mails spam wants none.
            deps.table.recipient_unsubscribe(&account, &report.email, now).await?;
        }
        deps.table.schedules_pause_to(&account, &report.email, pause, now).await?;
    }
    let kind = if reason == ReturnReason::Complaint { "complaint" } else { "bounce" };
    count(Counter::MailsReturned { kind }, 1);
    tracing::warn!(%account, report = %id, ?reason, "a mail came back");
    Ok(true)
}
