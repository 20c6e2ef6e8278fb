//! What the owner of an address said is asked before every mail.

use engine::faults::Faults;
use shared::domain::reports::report::{Report, ReportFailure, ReportStatus};
use shared::domain::reports::schedule::{Frequency, PauseReason, ScheduleStatus};
use shared::domain::values::email::EmailAddress;
use shared::telemetry::{Counter, counted};

use crate::report_worker::schedules::{reports, schedule, tick_at};
use crate::store::worker::Worker;

async fn unsubscribe(worker: &Worker, email: &str) {
    let email = EmailAddress::parse(email).unwrap();
    let store = &worker.store;
    store.table.recipient_unsubscribe(&store.account, &email, store.clock.now()).await.unwrap();
}

async fn declined(worker: &Worker, report: &Report) {
    let stored = worker.stored(report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, 1));
    assert_eq!(stored.failure, Some(ReportFailure::RecipientUnsubscribed));
    assert!(worker.ses.mails().is_empty());
    assert!(worker.store.table.reports_open().await.unwrap().is_empty());
}

/// Nobody has to mend that: it is no failure that an operator is woken for.
#[tokio::test]
async fn who_unsubscribed_since_the_request_gets_nothing() {
    let counts = || (counted(Counter::ReportsFailed), counted(Counter::ReportsDeclined));
    let before = counts();
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    unsubscribe(&worker, "BIA@store.example").await;
    worker.deliver(&report).await;
    declined(&worker, &report).await;
    assert!(worker.s3.keys().await.is_empty());
    assert_eq!(counts(), (before.0, before.1 + 1));
}

/// Building a large file takes minutes.
#[tokio::test]
async fn who_unsubscribes_while_the_file_is_built_gets_nothing() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let faults = Faults::default();
    // The link of the mail to be is written when the file is there.
    let hold = faults.hold(|call| {
        call.operation == "PutItem" && call.body.to_string().contains("UNSUBSCRIBE#")
    });
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        unsubscribe(&worker, "bia@store.example").await;
        hold.release();
    };
    tokio::join!(worker.deliver_to(&slow, &report), meanwhile);
    declined(&worker, &report).await;
}

/// One that was made while its recipient unsubscribed.
#[tokio::test]
async fn a_schedule_to_somebody_who_unsubscribed_is_paused_by_its_first_report() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    unsubscribe(&worker, "bia@store.example").await;
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    let report = reports(&worker).await.remove(0);
    worker.deliver(&report).await;
    declined(&worker, &report).await;
    let account = &worker.store.account;
    let paused = worker.store.table.schedule(account, &daily.id).await.unwrap().unwrap();
    assert_eq!(paused.status, ScheduleStatus::Paused);
    assert_eq!(paused.pause_reason, Some(PauseReason::RecipientUnsubscribed));
    assert_eq!(tick_at(&worker, "2026-11-23T06:00:00-03:00").await, 0);
}

/// Nothing crosses an account: a wish of one store's reader says nothing to another's.
#[tokio::test]
async fn a_wish_holds_for_its_account_alone() {
    let worker = Worker::open().await;
    let other = worker.store.of("other");
    let email = EmailAddress::parse("bia@store.example").unwrap();
    let now = other.clock.now();
    other.table.recipient_unsubscribe(&other.account, &email, now).await.unwrap();
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
}
