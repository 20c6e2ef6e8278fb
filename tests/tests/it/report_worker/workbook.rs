//! The workbook (R10): what its sheet holds, and what it does not hold any more.

use std::io::{Cursor, Read as _};

use mail_parser::{MessageParser, MimeHeaders as _};
use report_worker::build::{BuildError, WorkbookLimits};
use shared::domain::facts::event::Receipt;
use shared::domain::reports::report::{ReportFailure, ReportStatus};
use shared::domain::reports::row::ReportFormat;
use zip::ZipArchive;

use crate::report_worker::file::all_kinds;
use crate::store::Store;
use crate::store::facts::item;
use crate::store::worker::Worker;

/// A file of a workbook.
fn entry(workbook: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The sheet, a line for each row.
fn sheet(workbook: &[u8]) -> Vec<String> {
    let sheet = entry(workbook, "xl/worksheets/sheet1.xml");
    sheet.split("<row ").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_workbook_holds_the_conversions_of_the_range() {
    let worker = all_kinds().await;
    let (built, workbook) = worker.built_workbook(&worker.deps).await.unwrap();
    let (csv, _) = worker.built(&worker.deps).await;
    assert_eq!((built.rows, &built.totals), (csv.rows, &csv.totals));
    insta::assert_debug_snapshot!(sheet(&workbook));
    let styles = entry(&workbook, "xl/styles.xml");
    for format in ["yyyy-mm-dd hh:mm:ss", "#,##0.00", "#,##0\""] {
        assert!(styles.contains(format), "{format}: {styles}");
    }
}

/// Whatever a text says, no cell holds a formula; and no row does where there is no conversion.
#[tokio::test]
async fn no_cell_is_a_formula() {
    let worker = all_kinds().await;
    let (_, workbook) = worker.built_workbook(&worker.deps).await.unwrap();
    let sheet = sheet(&workbook).concat();
    assert!(sheet.contains("=cmd|") && !sheet.contains("<f>") && !sheet.contains("<f "), "{sheet}");
    let nothing = Worker::open().await;
    let (built, workbook) = nothing.built_workbook(&nothing.deps).await.unwrap();
    assert_eq!(built.rows, 0);
    let sheet = entry(&workbook, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<row ").count(), 1);
    assert!(sheet.contains("<autoFilter ref=\"A1:J1\"/>"), "{sheet}");
}

#[tokio::test]
async fn the_same_conversions_make_the_same_bytes() {
    let worker = all_kinds().await;
    let (_, first) = worker.built_workbook(&worker.deps).await.unwrap();
    worker.store.pass(crate::report_worker::minutes(90));
    let (_, second) = worker.built_workbook(&worker.deps).await.unwrap();
    assert!(first == second);
}

/// Each limit holds just so much, and one past it the report ends for good.
#[tokio::test]
async fn more_than_a_workbook_holds_is_told() {
    let worker = all_kinds().await;
    let with = |rows, sheet_bytes| {
        worker.deps.clone().with_workbook_limits(WorkbookLimits { rows, sheet_bytes })
    };
    let all = WorkbookLimits::default();
    let (built, workbook) = worker.built_workbook(&with(3, all.sheet_bytes)).await.unwrap();
    assert_eq!(built.rows, 3);
    let past = worker.built_workbook(&with(2, all.sheet_bytes)).await.unwrap_err();
    assert!(matches!(past, BuildError::TooLarge), "{past:?}");

    // What the sheet takes is never underestimated, and the least bound that suffices is exact.
    let mut bounds = 0..1_000_000_u64;
    while bounds.start < bounds.end {
        let middle = bounds.start.midpoint(bounds.end);
        match worker.built_workbook(&with(3, middle)).await {
            Ok(_) => bounds.end = middle,
            Err(_) => bounds.start = middle + 1,
        }
    }
    let takes = sheet(&workbook)[2..].concat().len() as u64;
    assert!((takes..takes * 4).contains(&bounds.end), "{takes} bytes, bound {}", bounds.end);

    worker.s3.forget();
    let report = worker.request_as(ReportFormat::Xlsx).await;
    worker.deliver_to(&with(2, all.sheet_bytes), &report).await;
    let stored = worker.stored(&report).await;
    assert_eq!(
        (stored.status, stored.failure),
        (ReportStatus::Failed, Some(ReportFailure::TooLarge))
    );
    assert!(worker.s3.calls().is_empty() && worker.ses.mails().is_empty());
}

#[tokio::test]
async fn a_mail_carries_the_workbook() {
    let worker = all_kinds().await;
    let report = worker.request_as(ReportFormat::Xlsx).await;
    worker.deliver(&report).await;
    let stored = worker.stored(&report).await;
    assert_eq!(stored.status, ReportStatus::Mailed);
    let key = stored.file.unwrap().s3_key;
    assert!(key.ends_with("/conversions-2026-11-01-2026-11-30.xlsx"), "{key}");
    let mail = worker.ses.mail();
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let attachment = parsed.attachment(0).unwrap();
    assert_eq!(attachment.attachment_name(), Some("conversions-2026-11-01-2026-11-30.xlsx"));
    let kind = attachment.content_type().unwrap();
    assert_eq!(
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap()),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    assert_eq!(attachment.contents(), worker.s3.read(&key).await);
    let stored = worker.s3.client.head_object().bucket("reports").key(&key).send().await.unwrap();
    assert_eq!(stored.content_type(), Some(ReportFormat::Xlsx.media_type()));
}

/// Conversions whose rows hardly shrink in a zip: about 30 kB each.
async fn dense(rows: u64) -> Worker {
    let store = Store::open_at_noon().await;
    let mut state = 1_u64;
    let mut noise = || {
        // Knuth's generator: its upper half looks random enough to a zip.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{:08x}", state >> 32)
    };
    for n in 0..rows {
        let (reminder, user) = (format!("r{n}"), format!("u{n:03}"));
        let mut list = || {
            (0..130)
                .map(|n| item("x", &(0..25).map(|_| noise()).collect::<String>(), 1, n))
                .collect()
        };
        let sent = "2026-11-02T10:00:00-03:00";
        store.sent_with(&reminder, "c1", sent, &user, list()).await;
        store.receipt(&reminder, Receipt::Delivered, sent).await;
        let when = ("2026-11-02T11:00:00-03:00", "2026-11-02T11:00:00-03:00");
        let group = format!("o{n:03}");
        store.part_with(&group, ("01", "created"), when, &user, ("BRL", 1), list()).await;
    }
    store.settle().await;
    Worker::of(&store).await
}

/// Beyond a part's size it goes in parts, and comes out whole; where the upload fails nothing stays.
#[tokio::test]
async fn a_large_workbook_goes_in_parts() {
    let worker = dense(200).await;
    let (built, workbook) = worker.built_workbook(&worker.deps).await.unwrap();
    assert!(built.bytes > 5_500_000, "{} bytes", built.bytes);
    assert_eq!(sheet(&workbook).len(), 1 + 1 + 200);
    assert_eq!(worker.s3.calls().iter().filter(|call| *call == "UploadPart").count(), 2);
    for (operation, well) in [
        ("CreateMultipartUpload", 0),
        ("UploadPart", 0),
        ("UploadPart", 1),
        ("CompleteMultipartUpload", 0),
    ] {
        worker.s3.forget();
        worker.s3.fail(operation, well);
        let failed = worker.built_workbook(&worker.deps).await.unwrap_err();
        assert!(matches!(failed, BuildError::Storage { .. }), "{operation} {well}: {failed:?}");
        let aborted = worker.s3.calls().last().unwrap() == "AbortMultipartUpload";
        assert_eq!(aborted, operation != "CreateMultipartUpload", "{operation} {well}");
        worker.s3.mend();
    }
}
