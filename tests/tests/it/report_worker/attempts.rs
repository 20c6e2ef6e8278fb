//! From the record to the mail, and everything that can go wrong between.

use engine::faults::{Call, Fault, Faults};
use mail_parser::MessageParser;
use report_worker::{WorkerEvent, handle};
use serde_json::json;
use shared::domain::reports::report::{ATTEMPTS, LEASE, Report, ReportFailure, ReportStatus};
use shared::telemetry::{Counter, counted};

use crate::report_worker::minutes;
use crate::report_worker::ses::Mood;
use crate::store::worker::{Worker, event};

fn is_note(call: &Call, word: &str) -> bool {
    call.operation == "UpdateItem" && call.body.to_string().contains(word)
}

async fn nothing_is_open(worker: &Worker) -> bool {
    worker.store.table.reports_open().await.unwrap().is_empty()
}

#[tokio::test]
async fn a_request_is_mailed() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    worker.store.pass(minutes(1));
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Mailed, 1));
    assert_eq!(stored.mailed_at, Some(worker.store.clock.now()));
    assert_eq!(stored.failure, None);
    assert!(!stored.sending);
    assert_eq!(worker.s3.keys().await, [stored.file.unwrap().s3_key]);
    assert!(nothing_is_open(&worker).await);
}

#[tokio::test]
async fn a_record_that_comes_twice_mails_once() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    tokio::join!(worker.deliver(&report), worker.deliver(&report), worker.deliver(&report));
    worker.deliver(&report).await;
    assert_eq!(worker.ses.mails().len(), 1);
    assert_eq!(worker.stored(&report).await.attempts, 1);
}

#[tokio::test]
async fn a_refused_mail_is_tried_again_after_a_pause() {
    let worker = Worker::open().await;
    worker.ses.will([Mood::Refuse]);
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Waiting, 1));
    assert_eq!(stored.failure, Some(ReportFailure::Mail));
    assert!(stored.file.is_some(), "it can be downloaded all the same");
    assert!(!stored.sending);
    // Neither its own record nor an early tick starts it.
    worker.deliver(&report).await;
    worker.store.pass(minutes(4));
    let ticked =
        |touched: u64| json!({"requested": 0, "touched": touched, "givenUp": 0, "erasures": 0});
    assert_eq!(worker.tick().await, ticked(0));
    worker.store.pass(minutes(1));
    assert_eq!(worker.tick().await, ticked(1));
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Due);
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts, stored.failure), (ReportStatus::Mailed, 2, None));
    assert_eq!(worker.ses.mails().len(), 1);
    assert!(nothing_is_open(&worker).await);
}

/// The end is what was written; what led the tick there is only a hint.
#[tokio::test]
async fn an_end_whose_pointer_stays_is_an_end_all_the_same() {
    let worker = Worker::open().await;
    let faults =
        Faults::planned(|call| (call.operation == "DeleteItem").then_some(Fault::Throttled));
    let failing = worker.under(&faults);
    let counts = || (counted(Counter::ReportsMailed), counted(Counter::ReportsFailed));
    let before = counts();
    let mailed = worker.request(None).await;
    worker.deliver_to(&failing, &mailed).await;
    assert_eq!(worker.stored(&mailed).await.status, ReportStatus::Mailed);
    assert_eq!(counts(), (before.0 + 1, before.1));
    // The tick's own reading closes what stayed open.
    assert!(nothing_is_open(&worker).await);

    worker.store.pass(minutes(1));
    let failed = worker.request(None).await;
    worker.ses.will(vec![Mood::Refuse; 20]);
    for _ in 1..=ATTEMPTS {
        worker.store.pass(minutes(320));
        worker.tick().await;
        worker.deliver_to(&failing, &failed).await;
    }
    assert_eq!(worker.stored(&failed).await.status, ReportStatus::Failed);
    assert_eq!(counts(), (before.0 + 1, before.1 + 1));
}

#[tokio::test]
async fn after_the_last_attempt_it_is_given_up() {
    let worker = Worker::open().await;
    worker.ses.will(vec![Mood::Refuse; 20]);
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    for attempt in 2..=ATTEMPTS {
        assert_eq!(worker.stored(&report).await.status, ReportStatus::Waiting);
        worker.store.pass(minutes(320));
        assert_eq!(worker.tick().await["touched"], 1, "{attempt}");
        worker.deliver(&report).await;
    }
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, ATTEMPTS));
    assert_eq!(stored.failure, Some(ReportFailure::Mail));
    assert!(nothing_is_open(&worker).await);
    worker.store.pass(minutes(10_000));
    assert_eq!(worker.tick().await["touched"], 0);
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await, stored);
}

/// The mail service takes the mail and its answer is lost: it is mailed again, knowingly.
#[tokio::test]
async fn a_lost_answer_mails_a_second_copy_and_counts_it() {
    let before = counted(Counter::ReportsMailedTwicePossible);
    let worker = Worker::open().await;
    worker.ses.will([Mood::TakeAndBreak]);
    let report = worker.request(None).await;
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.sending), (ReportStatus::Waiting, true));
    worker.store.pass(minutes(5));
    worker.tick().await;
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
    assert_eq!(counted(Counter::ReportsMailedTwicePossible) - before, 1);
    let mails = worker.ses.mails();
    let ids: Vec<String> = mails
        .iter()
        .map(|mail| {
            MessageParser::default().parse(&mail.raw).unwrap().message_id().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

/// The worker dies at a call to the table; then its lease ends and a tick brings the report back.
async fn dies(
    worker: &Worker,
    report: &Report,
    at: impl Fn(&Call) -> bool + Send + 'static,
    fault: Fault,
) {
    let faults = Faults::planned(move |call| at(call).then_some(fault));
    let deps = worker.under(&faults);
    tokio::select! {
        _ = handle(&deps, event(report)) => panic!("it lived on"),
        () = faults.crashed() => {}
    }
    worker.store.pass(minutes(LEASE.as_seconds() / 60 - 1));
    assert_eq!(worker.tick().await["touched"], 0);
    worker.store.pass(minutes(1));
}

#[tokio::test]
async fn a_crash_before_the_mail_costs_a_delay() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    dies(&worker, &report, |call| is_note(call, "sending = :true"), Fault::CrashBefore).await;
    assert_eq!(worker.tick().await["touched"], 1);
    let stored = worker.stored(&report).await;
    assert_eq!(stored.failure, Some(ReportFailure::Interrupted));
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts, stored.failure), (ReportStatus::Mailed, 2, None));
    assert_eq!(worker.ses.mails().len(), 1);
}

#[tokio::test]
async fn a_crash_between_the_mail_and_its_note_mails_a_second_copy_and_counts_it() {
    let before = counted(Counter::ReportsMailedTwicePossible);
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    dies(&worker, &report, |call| is_note(call, ":mailed"), Fault::CrashBefore).await;
    assert_eq!(worker.ses.mails().len(), 1);
    assert_eq!(worker.tick().await["touched"], 1);
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
    assert_eq!(worker.ses.mails().len(), 2);
    assert_eq!(counted(Counter::ReportsMailedTwicePossible) - before, 1);
}

/// The note is written and the pointer to the report is not deleted: the tick deletes it.
#[tokio::test]
async fn a_crash_after_the_note_leaves_nothing_to_do() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    dies(&worker, &report, |call| call.operation == "DeleteItem", Fault::CrashBefore).await;
    assert_eq!(worker.tick().await["touched"], 0);
    worker.deliver(&report).await;
    assert_eq!(worker.ses.mails().len(), 1);
    assert!(nothing_is_open(&worker).await);
}

#[tokio::test]
async fn a_report_whose_attempts_all_die_is_given_up() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    for attempt in 1..=ATTEMPTS {
        dies(&worker, &report, |call| is_note(call, "sending = :true"), Fault::CrashBefore).await;
        let ticked = worker.tick().await;
        assert_eq!(ticked["givenUp"], u64::from(attempt == ATTEMPTS), "{attempt}");
    }
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, ATTEMPTS));
    assert_eq!(stored.failure, Some(ReportFailure::Interrupted));
    assert!(nothing_is_open(&worker).await);
}

/// A worker that was taken for dead wakes up when another one has mailed the report.
#[tokio::test]
async fn a_slow_worker_does_not_mail_beside_its_successor() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| is_note(call, "sending = :true"));
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        worker.store.pass(LEASE);
        assert_eq!(worker.tick().await["touched"], 1);
        worker.deliver(&report).await;
        hold.release();
    };
    tokio::join!(worker.deliver_to(&slow, &report), meanwhile);
    assert_eq!(worker.ses.mails().len(), 1);
    let stored = worker.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Mailed, 2));
    assert!(stored.file.unwrap().s3_key.contains("/2/"));
}

/// The stream lost the record, or every try at it failed before it was claimed.
#[tokio::test]
async fn a_request_that_nobody_picked_up_is_touched() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let faults = Faults::planned(|_| Some(Fault::Unsent));
    worker.deliver_to(&worker.under(&faults), &report).await;
    assert_eq!(worker.stored(&report).await, report);
    worker.store.pass(minutes(4));
    assert_eq!(worker.tick().await["touched"], 0);
    for _ in 0..2 {
        // Each touch changes the item: without a change there would be no record.
        worker.store.pass(minutes(5));
        let before = worker.stored(&report).await;
        assert_eq!(worker.tick().await["touched"], 1);
        assert_ne!(worker.stored(&report).await, before);
    }
    worker.deliver(&report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
}

#[tokio::test]
async fn a_table_that_fails_is_noted() {
    let worker = Worker::open().await;
    let report = worker.request(None).await;
    let faults = Faults::planned(|call| (call.operation == "Query").then_some(Fault::Throttled));
    worker.deliver_to(&worker.under(&faults), &report).await;
    let stored = worker.stored(&report).await;
    assert_eq!(
        (stored.status, stored.failure),
        (ReportStatus::Waiting, Some(ReportFailure::Table))
    );
}

#[tokio::test]
async fn records_that_are_no_reports_are_passed() {
    let worker = Worker::open().await;
    let other = json!({
        "Records": [
            {"eventID": "1", "eventName": "INSERT", "dynamodb": {
                "Keys": {"pk": {"S": "acme#ORDER#1"}, "sk": {"S": "FACT"}},
                "NewImage": {}, "SequenceNumber": "1"}},
            {"eventName": 3},
        ],
    });
    let answer = handle(&worker.deps, WorkerEvent::try_from(other).unwrap()).await.unwrap();
    assert_eq!(answer, json!({"state": {}, "batchItemFailures": []}));
    assert!(worker.ses.mails().is_empty());
}

#[test]
fn events_are_told_apart() {
    let read = |event| WorkerEvent::try_from(event);
    assert_eq!(read(json!({"tick": true})).unwrap(), WorkerEvent::Tick(None));
    let at = crate::store::at("2026-11-22T15:00:00Z");
    assert_eq!(
        read(json!({"tick": "2026-11-22T12:00:00-03:00"})).unwrap(),
        WorkerEvent::Tick(Some(at))
    );
    for unknown in [
        json!({"source": "aws.ses", "detail-type": "Email Bounced"}),
        json!({"source": "aws.ec2", "detail-type": "Other", "detail": {}}),
        json!({"tick": false}),
        json!({"tick": "noon"}),
        json!({}),
        json!([]),
        json!({"Records": 1}),
    ] {
        assert!(read(unknown.clone()).is_err(), "{unknown}");
    }
}
