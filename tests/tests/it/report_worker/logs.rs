//! What the worker writes to its log when things go wrong.

use engine::faults::{Fault, Faults};

use crate::captured_log::Log;
use crate::report_worker::minutes;
use crate::report_worker::ses::Mood;
use crate::store::worker::Worker;

/// No address of a recipient, no shopper, no token: also not in what a service answers.
#[tokio::test]
async fn failures_are_told_without_people() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::INFO);
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let worker = Worker::open().await;
    worker
        .store
        .conversion("o1", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 100)
        .await;
    worker.store.settle().await;
    for mood in [Some(Mood::Refuse), Some(Mood::TakeAndBreak), None] {
        worker.store.pass(minutes(60));
        worker.ses.will(mood);
        let report = worker.request(None).await;
        let deps = worker.deps.clone().with_attachment_bytes(0);
        worker.deliver_to(&deps, &report).await;
    }
    worker.store.pass(minutes(60));
    let report = worker.request(None).await;
    worker.s3.fail("PutObject", 0);
    worker.deliver(&report).await;
    worker.store.pass(minutes(60));
    let report = worker.request(None).await;
    let faults =
        Faults::planned(|call| (call.operation == "BatchGetItem").then_some(Fault::Refused));
    worker.deliver_to(&worker.under(&faults), &report).await;

    let told = log.text();
    for expected in [
        "MessageRejected",
        "the mail service did not answer",
        "the mail is handed over",
        "PutObject",
        "order",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    for person in ["bia@", "store.example", "u-o1", "/d/"] {
        assert!(!told.contains(person), "{person}: {told}");
    }
}
