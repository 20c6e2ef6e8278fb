//! An index that lags behind the facts, and rollups that do: the report waits a little, and never
//! lacks a purchase without a word.

use engine::faults::{Call, Fault, Faults};
use mail_parser::MessageParser;
use report_worker::build::{LAST_BEGINS_WITHIN, PAUSES};
use shared::domain::reports::report::ReportStatus;
use shared::domain::values::span::Span;
use shared::telemetry::{Counter, counted};

use super::moving::{reads_day, reads_rollups, three_days, users};
use crate::store::worker::Worker;

/// The index of the third day lacks its order until so many pauses were made.
fn lagging(worker: &Worker, pauses: usize) -> Faults {
    let made = worker.pauses.clone();
    Faults::planned(move |call| {
        let lags = reads_day(call, "2026-11-03") && made.made().len() < pauses;
        lags.then_some(Fault::WithoutNewest)
    })
}

fn all_pauses() -> Vec<u64> {
    PAUSES.iter().map(std::time::Duration::as_secs).collect()
}

/// What the one mail says, and the rows of what is attached to it.
fn mailed(worker: &Worker) -> (String, usize) {
    let raw = worker.ses.mail().raw;
    let parsed = MessageParser::default().parse(&raw).unwrap();
    let file = String::from_utf8(parsed.attachment(0).unwrap().contents().to_vec()).unwrap();
    (parsed.body_text(0).unwrap().into_owned(), users(&file).len())
}

#[tokio::test]
async fn a_report_waits_for_an_index_that_catches_up() {
    let worker = three_days().await;
    for pauses in [1, PAUSES.len()] {
        let worker = Worker::of(&worker.store).await;
        let began = worker.store.clock.now();
        let (built, file) = worker.built(&worker.under(&lagging(&worker, pauses))).await;
        assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
        assert_eq!((built.rows, built.short_of), (3, None));
        assert_eq!(worker.pauses.made(), all_pauses()[..pauses]);
        // What was built before is forgotten, and tells no time.
        assert_eq!(worker.s3.calls(), ["PutObject", "GetObject"]);
        let waited: u64 = worker.pauses.made().iter().sum();
        assert_eq!(built.as_of, began.plus(Span::seconds(waited.cast_signed())));
    }
}

#[tokio::test]
async fn a_report_whose_index_stays_behind_says_what_it_lacks() {
    let before = counted(Counter::ReportsMailedShort);
    let worker = three_days().await;
    let report = worker.request(None).await;
    let faults = lagging(&worker, usize::MAX);
    worker.deliver_to(&worker.under(&faults), &report).await;
    assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
    assert_eq!(worker.pauses.made(), all_pauses());
    let (text, rows) = mailed(&worker);
    assert!(text.contains("pode estar incompleto: tem 2 de 3 compras."), "{text}");
    assert_eq!(rows, 2);
    assert_eq!(counted(Counter::ReportsMailedShort) - before, 1);
    // Five files; before each but the first the rollups are read again.
    let calls = faults.calls();
    assert_eq!(calls.iter().filter(|call| reads_day(call, "2026-11-03")).count(), 5);
    assert_eq!(calls.iter().filter(|call| reads_rollups(call)).count(), 5 + 4);
}

/// The same report when its index is up to date: no word of it, and no wait.
#[tokio::test]
async fn a_report_that_is_what_the_metrics_count_says_nothing() {
    let before = counted(Counter::ReportsMailedShort);
    let worker = three_days().await;
    let report = worker.request(None).await;
    let faults = Faults::default();
    worker.deliver_to(&worker.under(&faults), &report).await;
    let (text, rows) = mailed(&worker);
    assert!(!text.contains("incompleto"), "{text}");
    assert_eq!((rows, worker.pauses.made()), (3, vec![]));
    assert_eq!(faults.calls().iter().filter(|call| reads_rollups(call)).count(), 1);
    assert_eq!(counted(Counter::ReportsMailedShort), before);
}

/// All orders are of another campaign.
#[tokio::test]
async fn a_campaigns_report_is_compared_with_that_campaign() {
    let worker = three_days().await;
    let report = worker.request(Some("c2")).await;
    worker.deliver_to(&worker.under(&lagging(&worker, usize::MAX)), &report).await;
    let (text, rows) = mailed(&worker);
    assert!(!text.contains("incompleto"), "{text}");
    assert_eq!((rows, worker.pauses.made()), (0, vec![]));
}

/// What is credited and not counted yet is in the file. It is waited for, and no mail calls it
/// incomplete.
#[tokio::test]
async fn a_report_that_is_ahead_of_the_metrics_is_not_short() {
    let worker = three_days().await;
    let (sent, ordered) = ("2026-11-03T10:00:00-03:00", "2026-11-03T12:00:00-03:00");
    worker.store.conversion("o4", sent, ordered, 100).await;
    worker.store.derive().await;
    let (built, file) = worker.built(&worker.deps).await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3", "u-o4"]);
    assert_eq!((built.short_of, worker.pauses.made()), (None, all_pauses()));
}

/// Purchases go on coming: the file needs to be what was counted at some instant of its making.
#[tokio::test]
async fn a_report_of_a_busy_day_lies_between_two_readings() {
    let worker = three_days().await;
    let faults = lagging(&worker, 1);
    // The second file has passed the third day when an order of that day is counted.
    let made = worker.pauses.clone();
    let hold =
        faults.hold(move |call: &Call| reads_day(call, "2026-11-25") && made.made().len() == 1);
    let deps = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        let (sent, ordered) = ("2026-11-03T10:00:00-03:00", "2026-11-03T12:00:00-03:00");
        worker.store.conversion("o4", sent, ordered, 100).await;
        worker.store.settle().await;
        hold.release();
    };
    let ((built, file), ()) = tokio::join!(worker.built(&deps), meanwhile);
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
    assert_eq!((built.short_of, worker.pauses.made()), (None, vec![1]));
}

/// A file that takes minutes is not begun again so late that the worker would end before the mail.
#[tokio::test]
async fn no_file_is_begun_too_late() {
    for (takes, pauses) in
        [(LAST_BEGINS_WITHIN.as_seconds() - 1, vec![1]), (LAST_BEGINS_WITHIN.as_seconds(), vec![])]
    {
        let worker = three_days().await;
        let (clock, made) = (worker.store.clock.clone(), worker.pauses.clone());
        let faults = Faults::planned(move |call| {
            if reads_day(call, "2026-11-01") && made.made().is_empty() {
                clock.set(clock.now().plus(Span::seconds(takes)));
            }
            reads_day(call, "2026-11-03").then_some(Fault::WithoutNewest)
        });
        let (built, _) = worker.built(&worker.under(&faults)).await;
        assert_eq!((built.rows, built.short_of), (2, Some(3)), "{takes}");
        assert_eq!(worker.pauses.made(), pauses, "{takes}");
    }
}
