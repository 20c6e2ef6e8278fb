//! How the file gets into the bucket.

use shared::domain::facts::event::Receipt;
use shared::domain::reports::report::{ReportFailure, ReportStatus};

use crate::report_worker::minutes;
use crate::store::Store;
use crate::store::facts::item;
use crate::store::worker::Worker;

/// Conversions whose rows are about 260 kB each.
async fn heavy(rows: usize) -> Worker {
    let store = Store::open_at_noon().await;
    let list: Vec<_> =
        (0..500).map(|n| item(&format!("{n:0100}"), &"n".repeat(100), 1, n)).collect();
    for n in 0..rows {
        let (reminder, user) = (format!("r{n}"), format!("u{n:02}"));
        let sent = "2026-11-02T10:00:00-03:00";
        store.sent_with(&reminder, "c1", sent, &user, list.clone()).await;
        store.receipt(&reminder, Receipt::Delivered, sent).await;
        let when = ("2026-11-02T11:00:00-03:00", "2026-11-02T11:00:00-03:00");
        let group = format!("o{n:02}");
        store.part_with(&group, ("01", "created"), when, &user, ("BRL", 1), list.clone()).await;
    }
    store.settle().await;
    Worker::of(&store).await
}

#[tokio::test]
async fn a_small_file_goes_in_one_piece() {
    let worker = Worker::open().await;
    worker.built(&worker.deps).await;
    assert_eq!(worker.s3.calls(), ["PutObject", "GetObject"]);
}

/// Beyond a part's size the file goes in parts, and comes out whole.
#[tokio::test]
async fn a_large_file_goes_in_parts() {
    let worker = heavy(24).await;
    let (built, file) = worker.built(&worker.deps).await;
    assert!(built.bytes > 6_000_000);
    assert_eq!(
        worker.s3.calls(),
        [
            "CreateMultipartUpload",
            "UploadPart",
            "UploadPart",
            "CompleteMultipartUpload",
            "GetObject"
        ]
    );
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let users: Vec<String> =
        reader.records().map(|row| row.unwrap().get(0).unwrap().to_owned()).collect();
    assert_eq!(users, (0..24).map(|n| format!("u{n:02}")).collect::<Vec<String>>());
}

#[tokio::test]
async fn what_fails_leaves_nothing_behind() {
    let worker = heavy(24).await;
    for (operation, well) in [
        ("CreateMultipartUpload", 0),
        ("UploadPart", 0),
        ("UploadPart", 1),
        ("CompleteMultipartUpload", 0),
    ] {
        worker.s3.forget();
        worker.s3.fail(operation, well);
        worker.store.pass(minutes(120));
        let report = worker.request(None).await;
        worker.deliver(&report).await;
        let stored = worker.stored(&report).await;
        assert_eq!(stored.status, ReportStatus::Waiting, "{operation} {well}");
        assert_eq!(stored.failure, Some(ReportFailure::Storage));
        assert_eq!(stored.file, None);
        let started = operation != "CreateMultipartUpload";
        let aborted = worker.s3.calls().last().unwrap() == "AbortMultipartUpload";
        assert_eq!(aborted, started, "{operation} {well}");
        worker.s3.mend();
        assert!(worker.s3.keys().await.is_empty());
    }
    assert!(worker.ses.mails().is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_stored_or_read_back_is_not_mailed() {
    for operation in ["PutObject", "GetObject"] {
        let worker = Worker::open().await;
        worker.s3.fail(operation, 0);
        let report = worker.request(None).await;
        worker.deliver(&report).await;
        let stored = worker.stored(&report).await;
        assert_eq!(
            (stored.status, stored.failure),
            (ReportStatus::Waiting, Some(ReportFailure::Storage))
        );
        assert!(worker.ses.mails().is_empty());
        // The next attempt makes it all anew.
        worker.s3.mend();
        worker.store.pass(minutes(5));
        assert_eq!(worker.tick().await["touched"], 1);
        worker.deliver(&report).await;
        assert_eq!(worker.stored(&report).await.status, ReportStatus::Mailed);
    }
}
