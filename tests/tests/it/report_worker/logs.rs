//! What the worker writes to its log when things go wrong.

use engine::faults::{Fault, Faults};

use crate::captured_log::Log;
use crate::fixtures::report_worker::Stage;
use crate::report_worker::ses::Mood;

/// No address of a recipient, no shopper, no token: also not in what a service answers.
#[tokio::test]
async fn failures_are_told_without_people() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::INFO);
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let stage = Stage::new().await;
    stage.conversion("o1", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 100).await;
    for mood in [Some(Mood::Refuse), Some(Mood::TakeAndBreak), None] {
        stage.pass(60);
        stage.ses.will(mood);
        let report = stage.request(None).await;
        let deps = stage.deps.clone().with_attachment_bytes(0);
        stage.deliver_to(&deps, &report).await;
    }
    stage.pass(60);
    let report = stage.request(None).await;
    stage.s3.fail("PutObject", 0);
    stage.deliver(&report).await;
    stage.pass(60);
    let report = stage.request(None).await;
    let faults =
        Faults::planned(|call| (call.operation == "BatchGetItem").then_some(Fault::Refused));
    stage.deliver_to(&stage.worker(&faults), &report).await;

    let told = log.text();
    for expected in [
        "MessageRejected",
        "the mail service did not answer",
        "the report is mailed",
        "PutObject",
        "order",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    for person in ["bia@", "store.example", "u-o1", "/d/"] {
        assert!(!told.contains(person), "{person}: {told}");
    }
}
