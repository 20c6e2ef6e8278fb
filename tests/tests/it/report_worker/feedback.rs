//! What SES tells of mails that it had taken, as `EventBridge` delivers it.

use engine::faults::{Call, Fault, Faults};
use report_worker::{WorkerEvent, handle};
use serde_json::{Value, json};
use shared::domain::reports::report::{Report, ReportStatus, ReturnReason};
use shared::domain::reports::schedule::{Frequency, PauseReason, ScheduleStatus};
use shared::domain::values::email::EmailAddress;
use shared::telemetry::counted_in_all;

use crate::report_worker::minutes;
use crate::report_worker::schedules::{reports, schedule, tick_at};
use crate::report_worker::ses::Mood;
use crate::store::worker::Worker;

const BIA: &str = "bia@store.example";

/// An event with the fields that SES's documentation shows for it.
fn event(mail: &crate::report_worker::ses::Mail, kind: &str, what: &Value) -> Value {
    let mut tags = json!({
        "ses:operation": ["SendRawEmail"], "ses:configuration-set": [mail.configuration_set],
        "ses:source-ip": ["192.0.2.1"], "ses:from-domain": ["campaigns.example"],
        "ses:caller-identity": ["report-worker"],
    });
    for (name, value) in &mail.tags {
        tags[name] = json!([value]);
    }
    let mut detail = json!({
        "eventType": kind,
        "mail": {
            "timestamp": "2026-11-22T15:00:00.000Z", "source": mail.source,
            "sourceArn": "arn:aws:ses:us-east-1:123456789012:identity/campaigns.example",
            "sendingAccountId": "123456789012", "messageId": "0100018f-example-000000",
            "destination": mail.destinations, "headersTruncated": false,
            "headers": [{"name": "To", "value": BIA}],
            "commonHeaders": {"to": [BIA], "subject": "x", "messageId": "0100018f-example-000000"},
            "tags": tags,
        },
    });
    for (name, value) in what.as_object().unwrap() {
        detail[name] = value.clone();
    }
    let told = match kind {
        "Bounce" => "Email Bounced",
        "Complaint" => "Email Complaint Received",
        _ => "Email Rejected",
    };
    json!({
        "version": "0", "id": "6f9d4c1a-0000-0000-0000-000000000000", "detail-type": told, "source": "aws.ses",
        "account": "123456789012", "time": "2026-11-22T15:00:01Z", "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:123456789012:configuration-set/MailFeedback"], "detail": detail,
    })
}

fn bounce(kind: &str, sub_kind: &str) -> Value {
    json!({"bounce": {
        "feedbackId": "0100018f-feedback-000000", "bounceType": kind, "bounceSubType": sub_kind,
        "bouncedRecipients": [{"emailAddress": BIA, "action": "failed", "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
        "timestamp": "2026-11-22T15:00:01.000Z", "reportingMTA": "dns; mta.example",
    }})
}

fn complaint() -> Value {
    json!({"complaint": {
        "complainedRecipients": [{"emailAddress": BIA}], "timestamp": "2026-11-22T15:00:01.000Z",
        "feedbackId": "0100018f-feedback-000000", "complaintSubType": null,
        "userAgent": "ExampleCorp Feedback Loop (V0.01)", "complaintFeedbackType": "abuse",
        "arrivalDate": "2026-11-22T15:00:01.000Z",
    }})
}

/// A mail that SES dropped since its reader complained of another one, perhaps of another store.
fn suppressed_complaint() -> Value {
    let mut what = complaint();
    what["complaint"]["complaintSubType"] = "OnAccountSuppressionList".into();
    what
}

async fn tell(worker: &Worker, event: Value) -> bool {
    let answer = handle(&worker.deps, WorkerEvent::try_from(event).unwrap()).await.unwrap();
    answer["noted"].as_bool().unwrap()
}

/// A worker whose mails name the configuration set, and a report that it mailed.
async fn mailed() -> (Worker, Report) {
    let worker = Worker::open().await.with_configuration_set("MailFeedback");
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    (worker, report)
}

#[tokio::test]
async fn a_mail_says_whose_it_is() {
    let (worker, report) = mailed().await;
    let mail = worker.ses.mail();
    assert_eq!(mail.configuration_set.as_deref(), Some("MailFeedback"));
    let expected = [("account", "acme"), ("report", report.id.as_str()), ("mail", "report")];
    assert_eq!(mail.tags, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn each_way_back_has_its_reason() {
    for (kind, what, reason, pause) in [
        (
            "Bounce",
            bounce("Permanent", "General"),
            ReturnReason::AddressRefused,
            Some(PauseReason::Bounced),
        ),
        (
            "Bounce",
            bounce("Permanent", "NoEmail"),
            ReturnReason::AddressRefused,
            Some(PauseReason::Bounced),
        ),
        (
            "Bounce",
            bounce("Permanent", "Suppressed"),
            ReturnReason::AddressSuppressed,
            Some(PauseReason::Bounced),
        ),
        (
            "Bounce",
            bounce("Permanent", "OnAccountSuppressionList"),
            ReturnReason::AddressSuppressed,
            Some(PauseReason::Bounced),
        ),
        ("Bounce", bounce("Transient", "MailboxFull"), ReturnReason::MailboxFull, None),
        ("Bounce", bounce("Transient", "MessageTooLarge"), ReturnReason::MailTooLarge, None),
        ("Bounce", bounce("Transient", "ContentRejected"), ReturnReason::MailRefused, None),
        ("Bounce", bounce("Transient", "AttachmentRejected"), ReturnReason::MailRefused, None),
        ("Bounce", bounce("Transient", "General"), ReturnReason::Unknown, None),
        ("Bounce", bounce("Undetermined", "Undetermined"), ReturnReason::Unknown, None),
        ("Complaint", complaint(), ReturnReason::Complaint, Some(PauseReason::Complained)),
        (
            "Complaint",
            suppressed_complaint(),
            ReturnReason::AddressSuppressed,
            Some(PauseReason::Bounced),
        ),
        ("Reject", json!({"reject": {"reason": "Bad content"}}), ReturnReason::MailRefused, None),
    ] {
        let (worker, report) = mailed().await;
        let daily = schedule(&worker, 1, Frequency::Daily).await;
        let before = counted_in_all("MailsReturned");
        let event = event(&worker.ses.mail(), kind, &what);
        assert!(tell(&worker, event.clone()).await, "{event}");
        // At least once: again is once.
        assert!(tell(&worker, event.clone()).await);
        assert_eq!(counted_in_all("MailsReturned"), before + 2);
        let stored = worker.stored(&report).await;
        assert_eq!(stored.returned.map(|returned| returned.reason), Some(reason), "{event}");
        assert_eq!(stored.status, ReportStatus::Mailed);
        let account = &worker.store.account;
        let after = worker.store.table.schedule(account, &daily.id).await.unwrap().unwrap();
        assert_eq!(after.pause_reason, pause, "{event}");
        let paused = after.status == ScheduleStatus::Paused;
        assert_eq!(paused, pause.is_some());
        // Who calls it spam wants no other either.
        let bia = EmailAddress::parse(BIA).unwrap();
        let recipient = worker.store.table.recipient(account, &bia).await.unwrap();
        assert_eq!(recipient.is_unsubscribed(), reason == ReturnReason::Complaint);
    }
}

/// "Out of the office" comes as a bounce, too, though the mail is there.
#[tokio::test]
async fn an_automatic_answer_is_no_bounce() {
    let (worker, report) = mailed().await;
    let mut answer = bounce("Transient", "General");
    answer["bounce"]["bouncedRecipients"] = json!([{"emailAddress": BIA}]);
    assert!(!tell(&worker, event(&worker.ses.mail(), "Bounce", &answer)).await);
    assert_eq!(worker.stored(&report).await.returned, None);
}

/// They took it out of the spam folder.
#[tokio::test]
async fn a_report_that_a_mail_is_no_spam_is_no_complaint() {
    let (worker, report) = mailed().await;
    let mut what = complaint();
    what["complaint"]["complaintFeedbackType"] = "not-spam".into();
    assert!(!tell(&worker, event(&worker.ses.mail(), "Complaint", &what)).await);
    assert_eq!(worker.stored(&report).await.returned, None);
}

/// SES drops a mail to a suppressed address within milliseconds.
#[tokio::test]
async fn an_event_may_come_before_our_own_note() {
    let worker = Worker::open().await.with_configuration_set("MailFeedback");
    let report = worker.request(None).await;
    let faults = Faults::default();
    let is_note =
        |call: &Call| call.operation == "UpdateItem" && call.body.to_string().contains(":mailed");
    let hold = faults.hold(is_note);
    let slow = worker.under(&faults).with_configuration_set("MailFeedback");
    let meanwhile = async {
        hold.reached().await;
        let what = bounce("Permanent", "OnAccountSuppressionList");
        assert!(tell(&worker, event(&worker.ses.mail(), "Bounce", &what)).await);
        hold.release();
    };
    tokio::join!(worker.deliver_to(&slow, &report), meanwhile);
    let stored = worker.stored(&report).await;
    assert_eq!(stored.status, ReportStatus::Mailed);
    assert_eq!(stored.returned.unwrap().reason, ReturnReason::AddressSuppressed);
}

/// Its answer was lost, so it would be mailed again: to somebody who called the first one spam.
#[tokio::test]
async fn what_came_back_is_not_mailed_again() {
    let worker = Worker::open().await.with_configuration_set("MailFeedback");
    worker.ses.will([Mood::TakeAndBreak]);
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Waiting);
    let what = bounce("Transient", "MailboxFull");
    assert!(tell(&worker, event(&worker.ses.mail(), "Bounce", &what)).await);
    worker.store.pass(minutes(60));
    assert_eq!(worker.tick().await["touched"], 0);
    worker.deliver(&report).await;
    assert_eq!(worker.ses.mails().len(), 1);
    assert!(worker.store.table.reports_open().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_complaint_says_more_than_a_bounce_whichever_comes_first() {
    for complaint_first in [true, false] {
        let (worker, report) = mailed().await;
        let mail = worker.ses.mail();
        let mut events = [
            event(&mail, "Complaint", &complaint()),
            event(&mail, "Bounce", &bounce("Transient", "MailboxFull")),
        ];
        if !complaint_first {
            events.reverse();
        }
        for event in events {
            tell(&worker, event).await;
        }
        let returned = worker.stored(&report).await.returned.unwrap();
        assert_eq!(returned.reason, ReturnReason::Complaint);
    }
}

/// A question to an address that doesn't exist: its report needn't wait for a day.
#[tokio::test]
async fn a_question_that_comes_back_ends_the_wait() {
    let worker = Worker::open().await.with_configuration_set("MailFeedback");
    worker.store.answer_for_nobody_else().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    let report = reports(&worker).await.remove(0);
    worker.deliver(&report).await;
    let mail = worker.ses.mail();
    // They may still find it.
    let full = event(&mail, "Bounce", &bounce("Transient", "MailboxFull"));
    assert!(!tell(&worker, full).await);
    assert_eq!(worker.stored(&report).await.returned, None);
    assert!(tell(&worker, event(&mail, "Bounce", &bounce("Permanent", "General"))).await);
    let stored = worker.stored(&report).await;
    assert_eq!(stored.returned.unwrap().reason, ReturnReason::AddressRefused);
    assert!(worker.store.table.reports_open().await.unwrap().is_empty());
    let account = &worker.store.account;
    let paused = worker.store.table.schedule(account, &daily.id).await.unwrap().unwrap();
    assert_eq!(paused.pause_reason, Some(PauseReason::Bounced));
}

#[tokio::test]
async fn events_of_other_mails_are_passed_over() {
    let (worker, report) = mailed().await;
    let before = worker.stored(&report).await;
    let known = event(&worker.ses.mail(), "Bounce", &bounce("Permanent", "General"));
    let with = |name: &str, value: Value| {
        let mut event = known.clone();
        event["detail"]["mail"]["tags"][name] = value;
        event
    };
    let mut untagged = known.clone();
    untagged["detail"]["mail"].as_object_mut().unwrap().remove("tags");
    let mut delivered = known.clone();
    delivered["detail"]["eventType"] = json!("Delivery");
    for event in [
        untagged,
        delivered,
        with("account", json!(["other"])),
        with("account", json!(["A#B"])),
        with("report", json!(["1"])),
        with("report", json!([])),
    ] {
        assert!(!tell(&worker, event.clone()).await, "{event}");
    }
    assert_eq!(worker.stored(&report).await, before);
}

/// Lambda delivers the event again.
#[tokio::test]
async fn an_event_that_can_not_be_noted_fails() {
    let (worker, _) = mailed().await;
    let event = event(&worker.ses.mail(), "Complaint", &complaint());
    let faults =
        Faults::planned(|call| (call.operation == "UpdateItem").then_some(Fault::Throttled));
    let deps = worker.under(&faults);
    assert!(handle(&deps, WorkerEvent::try_from(event).unwrap()).await.is_err());
}
