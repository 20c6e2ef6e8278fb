//! How the file gets into the bucket.

use shared::domain::facts::event::Receipt;
use shared::domain::reports::report::{ReportFailure, ReportStatus};

use crate::fixtures::report_worker::{Stage, item};

/// Conversions whose rows are about 260 kB each.
async fn heavy(rows: usize) -> Stage {
    let stage = Stage::new().await;
    let list: Vec<_> =
        (0..500).map(|n| item(&format!("{n:0100}"), &"n".repeat(100), 1, n)).collect();
    for n in 0..rows {
        let (reminder, user) = (format!("r{n}"), format!("u{n:02}"));
        let sent = "2026-11-02T10:00:00-03:00";
        stage.sent(&reminder, "c1", sent, (&user, ""), list.clone()).await;
        stage.receipt(&reminder, Receipt::Delivered, sent).await;
        let when = ("2026-11-02T11:00:00-03:00", "2026-11-02T11:00:00-03:00");
        let group = format!("o{n:02}");
        stage.part(&group, ("01", "created"), when, (&user, ""), ("BRL", 1), list.clone()).await;
    }
    stage
}

#[tokio::test]
async fn a_small_file_goes_in_one_piece() {
    let stage = Stage::new().await;
    stage.built(&stage.deps).await;
    assert_eq!(stage.s3.calls(), ["PutObject", "GetObject"]);
}

/// Beyond a part's size the file goes in parts, and comes out whole.
#[tokio::test]
async fn a_large_file_goes_in_parts() {
    let stage = heavy(24).await;
    let (built, file) = stage.built(&stage.deps).await;
    assert!(built.bytes > 6_000_000);
    assert_eq!(
        stage.s3.calls(),
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
    let stage = heavy(24).await;
    for (operation, well) in [
        ("CreateMultipartUpload", 0),
        ("UploadPart", 0),
        ("UploadPart", 1),
        ("CompleteMultipartUpload", 0),
    ] {
        stage.s3.forget();
        stage.s3.fail(operation, well);
        stage.pass(120);
        let report = stage.request(None).await;
        stage.deliver(&report).await;
        let stored = stage.stored(&report).await;
        assert_eq!(stored.status, ReportStatus::Waiting, "{operation} {well}");
        assert_eq!(stored.failure, Some(ReportFailure::Storage));
        assert_eq!(stored.file, None);
        let started = operation != "CreateMultipartUpload";
        let aborted = stage.s3.calls().last().unwrap() == "AbortMultipartUpload";
        assert_eq!(aborted, started, "{operation} {well}");
        stage.s3.mend();
        assert!(stage.s3.keys().await.is_empty());
    }
    assert!(stage.ses.mails().is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_stored_or_read_back_is_not_mailed() {
    for operation in ["PutObject", "GetObject"] {
        let stage = Stage::new().await;
        stage.s3.fail(operation, 0);
        let report = stage.request(None).await;
        stage.deliver(&report).await;
        let stored = stage.stored(&report).await;
        assert_eq!(
            (stored.status, stored.failure),
            (ReportStatus::Waiting, Some(ReportFailure::Storage))
        );
        assert!(stage.ses.mails().is_empty());
        // The next attempt makes it all anew.
        stage.s3.mend();
        stage.pass(5);
        assert_eq!(stage.tick().await["touched"], 1);
        stage.deliver(&report).await;
        assert_eq!(stage.stored(&report).await.status, ReportStatus::Mailed);
    }
}
