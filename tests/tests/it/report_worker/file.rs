//! What stands in the file (R9, R10).

use engine::faults::Faults;
use shared::domain::facts::event::{ClickKind, Receipt};
use shared::domain::reports::row::ReportFormat;

use crate::store::Store;
use crate::store::facts::item;
use crate::store::worker::Worker;

/// One order of each kind that R10 tells apart.
pub(crate) async fn all_kinds() -> Worker {
    let store = Store::open_at_noon().await;
    // Everything known; texts that CSV and JSON must quote.
    let cart = vec![item("s\"1", "Café, \"grande\"\r\n☕", 2, 1_990), item("2", "=SUM(A1)", 1, 0)];
    store.sent_with("r1", "c1", "2026-11-02T23:59:59.999-03:00", ("ana", "ABC-1"), cart).await;
    store.receipt("r1", Receipt::Delivered, "2026-11-03T00:00:04-03:00").await;
    store.receipt("r1", Receipt::Read, "2026-11-03T00:01:00-03:00").await;
    store.clicked("r1", "k1", ClickKind::Link, "2026-11-03T00:02:00-03:00").await;
    let bought = vec![item("1", "Caneca; azul", 1, 123_456)];
    let when = ("2026-11-03T00:10:00.987-03:00", "2026-11-03T00:10:00.987-03:00");
    store
        .part_with("o1", ("01", "created"), when, ("ana", "cart9"), ("BRL", 123_556), bought)
        .await;
    // A guest's split order: one part canceled, two live; user and cart from the reminder, which
    // was read without a click.
    store.sent("r2", "c2", "2026-11-01T10:00:00-03:00", ("=cmd|' /C calc'!A0", "cart2")).await;
    store.receipt("r2", Receipt::Read, "2026-11-01T10:05:00-03:00").await;
    let when = ("2026-11-04T10:00:00-03:00", "2026-11-04T10:00:00-03:00");
    let guest = ("", "cart2");
    store
        .part_with(
            "o2",
            ("01", "invoiced"),
            when,
            guest,
            ("CLP", 5_000),
            vec![item("a", "A", 1, 4_000)],
        )
        .await;
    store
        .part_with(
            "o2",
            ("02", "canceled"),
            when,
            guest,
            ("CLP", 9_000),
            vec![item("b", "B", 1, 9_000)],
        )
        .await;
    store
        .part_with(
            "o2",
            ("03", "handling"),
            when,
            guest,
            ("CLP", 700),
            vec![item("c", "C", 7, 100)],
        )
        .await;
    // A click after the order, and a reply: neither gives the credit.
    store.sent("r3", "c1", "2026-11-01T09:00:00-03:00", "@bia").await;
    store.receipt("r3", Receipt::Delivered, "2026-11-01T09:00:00-03:00").await;
    let when = ("2026-11-02T09:00:00-03:00", "2026-11-02T09:00:00-03:00");
    store.part("o3", ("01", "created"), when, "@bia", ("BRL", 100)).await;
    store.clicked("r3", "k1", ClickKind::Reply, "2026-11-02T09:00:00.001-03:00").await;
    // Credited to nobody, outside the range, and dead.
    let when = ("2026-11-05T10:00:00-03:00", "2026-11-05T10:00:00-03:00");
    store.part("o4", ("01", "created"), when, "nobody", ("BRL", 1)).await;
    store.conversion("o5", "2026-10-31T23:00:00-03:00", "2026-11-01T10:00:00-03:00", 1).await;
    store.conversion("o6", "2026-11-05T10:00:00-03:00", "2026-11-05T11:00:00-03:00", 1).await;
    store.settle().await;
    let when = ("2026-11-05T11:00:00-03:00", "2026-11-06T11:00:00-03:00");
    store.part("o6", ("01", "canceled"), when, "u-o6", ("BRL", 1)).await;
    store.settle().await;
    Worker::of(&store).await
}

/// Lines as they are, their ends included.
fn lines(file: &str) -> Vec<&str> {
    file.split_inclusive("\r\n").collect()
}

#[tokio::test]
async fn a_csv_holds_the_conversions_of_the_range() {
    let worker = all_kinds().await;
    let (built, file) = worker.built(&worker.deps).await;
    insta::assert_debug_snapshot!((built, lines(&file)));
}

#[tokio::test]
async fn one_campaign_alone() {
    let worker = all_kinds().await;
    let (built, file) = worker.built_as(&worker.deps, ReportFormat::Csv, Some("c2")).await;
    assert_eq!((built.rows, lines(&file).len()), (1, 2));
    assert!(file.contains("cart2"));
}

#[tokio::test]
async fn nothing_but_a_header_without_conversions() {
    let worker = Worker::open().await;
    let (built, file) = worker.built(&worker.deps).await;
    assert_eq!(built.rows, 0);
    assert!(built.totals.is_empty());
    assert_eq!(
        file,
        "userId,deliveredReminderAt,readReminderAt,orderCreatedAt,hasClickedOnReminder,checkoutItems,\
         orderItems,orderTotal,currency,orderFormId\r\n"
    );
}

#[tokio::test]
async fn rows_go_by_day_creation_and_group() {
    let worker = Worker::open().await;
    // The later day's orders are made first; three at one instant.
    worker.store.conversion("b", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 2).await;
    worker.store.conversion("a", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 3).await;
    worker.store.conversion("c", "2026-11-01T10:00:00-03:00", "2026-11-04T09:00:00-03:00", 1).await;
    worker
        .store
        .conversion("d", "2026-11-02T10:00:00-03:00", "2026-11-02T10:59:59.999-03:00", 4)
        .await;
    worker.store.settle().await;
    let (_, file) = worker.built(&worker.deps).await;
    let users: Vec<&str> =
        lines(&file)[1..].iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(users, ["u-c", "u-d", "u-a", "u-b"]);
}

/// R7: what is canceled is taken back.
#[tokio::test]
async fn a_canceled_order_disappears() {
    let worker = Worker::open().await;
    worker
        .store
        .conversion("a", "2026-11-02T10:00:00-03:00", "2026-11-02T11:00:00-03:00", 250)
        .await;
    worker.store.settle().await;
    assert_eq!(worker.built(&worker.deps).await.0.rows, 1);
    let when = ("2026-11-02T11:00:00-03:00", "2026-11-03T11:00:00-03:00");
    worker.store.part("a", ("01", "canceled"), when, "u-a", ("BRL", 250)).await;
    worker.store.settle().await;
    let (built, file) = worker.built(&worker.deps).await;
    assert_eq!((built.rows, lines(&file).len()), (0, 1));
}

/// A day of more than one page (500), with orders at one instant across the page's end.
#[tokio::test]
async fn a_day_of_several_pages_misses_nothing() {
    let worker = Worker::open().await;
    let groups: Vec<String> = (0..503).map(|n| format!("o{n:04}")).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let sent = "2026-11-02T10:00:00-03:00";
    worker.store.sent("r", "c1", sent, "u").await;
    worker.store.receipt("r", Receipt::Delivered, sent).await;
    for group in groups.iter().copied() {
        let when = ("2026-11-02T11:00:00-03:00", "2026-11-02T11:00:00-03:00");
        worker.store.part(group, ("01", "created"), when, ("u", group), ("BRL", 1)).await;
    }
    worker.store.settle().await;
    let faults = Faults::default();
    let (built, file) = worker.built(&worker.under(&faults)).await;
    assert_eq!((built.rows, built.totals.iter().map(|(_, sum)| sum).sum::<i64>()), (503, 503));
    let carts: Vec<&str> =
        lines(&file)[1..].iter().map(|line| line.trim_end().rsplit(',').next().unwrap()).collect();
    assert_eq!(carts, groups);
    // In one pass of 30 days, one of which has a second page.
    let queries =
        faults.calls().iter().filter(|call| call.body.to_string().contains("#DAY#")).count();
    assert_eq!(queries, 31);
}
