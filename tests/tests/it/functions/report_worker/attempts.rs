//! From the record to the mail, and everything that can go wrong between.

use engine::faults::{Call, Fault, Faults};
use mail_parser::MessageParser;
use report_worker::{WorkerEvent, handle};
use serde_json::json;
use shared::domain::reports::report::{ATTEMPTS, LEASE, Report, ReportFailure, ReportStatus};
use shared::telemetry::{Counter, counted};

use crate::functions::report_worker::ses::Mood;
use crate::functions::report_worker::stage::{Stage, event};

fn is_note(call: &Call, word: &str) -> bool {
    call.operation == "UpdateItem" && call.body.to_string().contains(word)
}

async fn nothing_is_open(stage: &Stage) -> bool {
    stage.table.reports_open().await.unwrap().is_empty()
}

#[tokio::test]
async fn a_request_is_mailed() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    stage.pass(1);
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Mailed, 1));
    assert_eq!(stored.mailed_at, Some(stage.clock.now()));
    assert_eq!(stored.failure, None);
    assert!(!stored.sending);
    assert_eq!(stage.s3.keys().await, [stored.file.unwrap().s3_key]);
    assert!(nothing_is_open(&stage).await);
}

#[tokio::test]
async fn a_record_that_comes_twice_mails_once() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    tokio::join!(stage.deliver(&report), stage.deliver(&report), stage.deliver(&report));
    stage.deliver(&report).await;
    assert_eq!(stage.ses.mails().len(), 1);
    assert_eq!(stage.stored(&report).await.attempts, 1);
}

#[tokio::test]
async fn a_refused_mail_is_tried_again_after_a_pause() {
    let stage = Stage::new().await;
    stage.ses.will([Mood::Refuse]);
    let report = stage.request(None).await;
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Waiting, 1));
    assert_eq!(stored.failure, Some(ReportFailure::Mail));
    assert!(stored.file.is_some(), "it can be downloaded all the same");
    assert!(!stored.sending);
    // Neither its own record nor an early tick starts it.
    stage.deliver(&report).await;
    stage.pass(4);
    assert_eq!(stage.tick().await, json!({"requested": 0, "touched": 0, "givenUp": 0}));
    stage.pass(1);
    assert_eq!(stage.tick().await, json!({"requested": 0, "touched": 1, "givenUp": 0}));
    assert_eq!(stage.stored(&report).await.status, ReportStatus::Due);
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts, stored.failure), (ReportStatus::Mailed, 2, None));
    assert_eq!(stage.ses.mails().len(), 1);
    assert!(nothing_is_open(&stage).await);
}

/// The end is what was written; what led the tick there is only a hint.
#[tokio::test]
async fn an_end_whose_pointer_stays_is_an_end_all_the_same() {
    let stage = Stage::new().await;
    let faults =
        Faults::planned(|call| (call.operation == "DeleteItem").then_some(Fault::Throttled));
    let worker = stage.worker(&faults);
    let counts = || (counted(Counter::ReportsMailed), counted(Counter::ReportsFailed));
    let before = counts();
    let mailed = stage.request(None).await;
    stage.deliver_to(&worker, &mailed).await;
    assert_eq!(stage.stored(&mailed).await.status, ReportStatus::Mailed);
    assert_eq!(counts(), (before.0 + 1, before.1));
    // The tick's own reading closes what stayed open.
    assert!(nothing_is_open(&stage).await);

    stage.pass(1);
    let failed = stage.request(None).await;
    stage.ses.will(vec![Mood::Refuse; 20]);
    for _ in 1..=ATTEMPTS {
        stage.pass(320);
        stage.tick().await;
        stage.deliver_to(&worker, &failed).await;
    }
    assert_eq!(stage.stored(&failed).await.status, ReportStatus::Failed);
    assert_eq!(counts(), (before.0 + 1, before.1 + 1));
}

#[tokio::test]
async fn after_the_last_attempt_it_is_given_up() {
    let stage = Stage::new().await;
    stage.ses.will(vec![Mood::Refuse; 20]);
    let report = stage.request(None).await;
    stage.deliver(&report).await;
    for attempt in 2..=ATTEMPTS {
        assert_eq!(stage.stored(&report).await.status, ReportStatus::Waiting);
        stage.pass(320);
        assert_eq!(stage.tick().await["touched"], 1, "{attempt}");
        stage.deliver(&report).await;
    }
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, ATTEMPTS));
    assert_eq!(stored.failure, Some(ReportFailure::Mail));
    assert!(nothing_is_open(&stage).await);
    stage.pass(10_000);
    assert_eq!(stage.tick().await["touched"], 0);
    stage.deliver(&report).await;
    assert_eq!(stage.stored(&report).await, stored);
}

/// The mail service takes the mail and its answer is lost: it is mailed again, knowingly.
#[tokio::test]
async fn a_lost_answer_mails_a_second_copy_and_counts_it() {
    let before = counted(Counter::ReportsMailedTwicePossible);
    let stage = Stage::new().await;
    stage.ses.will([Mood::TakeAndBreak]);
    let report = stage.request(None).await;
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.sending), (ReportStatus::Waiting, true));
    stage.pass(5);
    stage.tick().await;
    stage.deliver(&report).await;
    assert_eq!(stage.stored(&report).await.status, ReportStatus::Mailed);
    assert_eq!(counted(Counter::ReportsMailedTwicePossible) - before, 1);
    let mails = stage.ses.mails();
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
    stage: &Stage,
    report: &Report,
    at: impl Fn(&Call) -> bool + Send + 'static,
    fault: Fault,
) {
    let faults = Faults::planned(move |call| at(call).then_some(fault));
    let deps = stage.worker(&faults);
    tokio::select! {
        _ = handle(&deps, event(report)) => panic!("it lived on"),
        () = faults.crashed() => {}
    }
    stage.pass(LEASE.as_seconds() / 60 - 1);
    assert_eq!(stage.tick().await["touched"], 0);
    stage.pass(1);
}

#[tokio::test]
async fn a_crash_before_the_mail_costs_a_delay() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    dies(&stage, &report, |call| is_note(call, "sending = :true"), Fault::CrashBefore).await;
    assert_eq!(stage.tick().await["touched"], 1);
    let stored = stage.stored(&report).await;
    assert_eq!(stored.failure, Some(ReportFailure::Interrupted));
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts, stored.failure), (ReportStatus::Mailed, 2, None));
    assert_eq!(stage.ses.mails().len(), 1);
}

#[tokio::test]
async fn a_crash_between_the_mail_and_its_note_mails_a_second_copy_and_counts_it() {
    let before = counted(Counter::ReportsMailedTwicePossible);
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    dies(&stage, &report, |call| is_note(call, ":mailed"), Fault::CrashBefore).await;
    assert_eq!(stage.ses.mails().len(), 1);
    assert_eq!(stage.tick().await["touched"], 1);
    stage.deliver(&report).await;
    assert_eq!(stage.stored(&report).await.status, ReportStatus::Mailed);
    assert_eq!(stage.ses.mails().len(), 2);
    assert_eq!(counted(Counter::ReportsMailedTwicePossible) - before, 1);
}

/// The note is written and the pointer to the report is not deleted: the tick deletes it.
#[tokio::test]
async fn a_crash_after_the_note_leaves_nothing_to_do() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    dies(&stage, &report, |call| call.operation == "DeleteItem", Fault::CrashBefore).await;
    assert_eq!(stage.tick().await["touched"], 0);
    stage.deliver(&report).await;
    assert_eq!(stage.ses.mails().len(), 1);
    assert!(nothing_is_open(&stage).await);
}

#[tokio::test]
async fn a_report_whose_attempts_all_die_is_given_up() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    for attempt in 1..=ATTEMPTS {
        dies(&stage, &report, |call| is_note(call, "sending = :true"), Fault::CrashBefore).await;
        let ticked = stage.tick().await;
        assert_eq!(ticked["givenUp"], u64::from(attempt == ATTEMPTS), "{attempt}");
    }
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, ATTEMPTS));
    assert_eq!(stored.failure, Some(ReportFailure::Interrupted));
    assert!(nothing_is_open(&stage).await);
}

/// A worker that was taken for dead wakes up when another one has mailed the report.
#[tokio::test]
async fn a_slow_worker_does_not_mail_beside_its_successor() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| is_note(call, "sending = :true"));
    let slow = stage.worker(&faults);
    let meanwhile = async {
        hold.reached().await;
        stage.pass(LEASE.as_seconds() / 60);
        assert_eq!(stage.tick().await["touched"], 1);
        stage.deliver(&report).await;
        hold.release();
    };
    tokio::join!(stage.deliver_to(&slow, &report), meanwhile);
    assert_eq!(stage.ses.mails().len(), 1);
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Mailed, 2));
    assert!(stored.file.unwrap().s3_key.contains("/2/"));
}

/// The stream lost the record, or every try at it failed before it was claimed.
#[tokio::test]
async fn a_request_that_nobody_picked_up_is_touched() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    let faults = Faults::planned(|_| Some(Fault::Unsent));
    stage.deliver_to(&stage.worker(&faults), &report).await;
    assert_eq!(stage.stored(&report).await, report);
    stage.pass(4);
    assert_eq!(stage.tick().await["touched"], 0);
    for _ in 0..2 {
        // Each touch changes the item: without a change there would be no record.
        stage.pass(5);
        let before = stage.stored(&report).await;
        assert_eq!(stage.tick().await["touched"], 1);
        assert_ne!(stage.stored(&report).await, before);
    }
    stage.deliver(&report).await;
    assert_eq!(stage.stored(&report).await.status, ReportStatus::Mailed);
}

#[tokio::test]
async fn a_table_that_fails_is_noted() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    let faults = Faults::planned(|call| (call.operation == "Query").then_some(Fault::Throttled));
    stage.deliver_to(&stage.worker(&faults), &report).await;
    let stored = stage.stored(&report).await;
    assert_eq!(
        (stored.status, stored.failure),
        (ReportStatus::Waiting, Some(ReportFailure::Table))
    );
}

#[tokio::test]
async fn a_recipient_that_the_settings_no_longer_admit_gets_nothing() {
    let stage = Stage::new().await;
    let report = stage.request(None).await;
    stage.settings(Some(&["other.example"])).await;
    stage.deliver(&report).await;
    let stored = stage.stored(&report).await;
    assert_eq!((stored.status, stored.attempts), (ReportStatus::Failed, 1));
    assert_eq!(stored.failure, Some(ReportFailure::RecipientNotAllowed));
    assert!(stage.ses.mails().is_empty() && stage.s3.keys().await.is_empty());
    assert!(nothing_is_open(&stage).await);
}

#[tokio::test]
async fn records_that_are_no_reports_are_passed() {
    let stage = Stage::new().await;
    let other = json!({
        "Records": [
            {"eventID": "1", "eventName": "INSERT", "dynamodb": {
                "Keys": {"pk": {"S": "acme#ORDER#1"}, "sk": {"S": "FACT"}},
                "NewImage": {}, "SequenceNumber": "1"}},
            {"eventName": 3},
        ],
    });
    let answer = handle(&stage.deps, WorkerEvent::try_from(other).unwrap()).await.unwrap();
    assert_eq!(answer, json!({"state": {}, "batchItemFailures": []}));
    assert!(stage.ses.mails().is_empty());
}

#[test]
fn events_are_told_apart() {
    let read = |event| WorkerEvent::try_from(event);
    assert_eq!(read(json!({"tick": true})).unwrap(), WorkerEvent::Tick(None));
    let at = crate::functions::report_worker::stage::at("2026-11-22T15:00:00Z");
    assert_eq!(
        read(json!({"tick": "2026-11-22T12:00:00-03:00"})).unwrap(),
        WorkerEvent::Tick(Some(at))
    );
    for unknown in [
        json!({"tick": false}),
        json!({"tick": "noon"}),
        json!({}),
        json!([]),
        json!({"Records": 1}),
    ] {
        assert!(read(unknown.clone()).is_err(), "{unknown}");
    }
}
