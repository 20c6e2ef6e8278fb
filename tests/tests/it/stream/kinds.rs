//! A record of each kind, and what it changes.

use engine::faults::Faults;
use shared::domain::facts::event::{ClickKind, Event};
use shared::domain::rules::contribution::Totals;
use shared::domain::rules::distinct::Shoppers;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;
use shared::store::stream::{EventName, UserIdentity};
use shared::telemetry;

use crate::store::stream::Stream;
use crate::stream::told::{
    account, at, clicked, days, delivered, failed, link_clicked, order_event, ordered, read, sent,
};

const DAY: &str = "2026-11-01";

async fn after(stream: &mut Stream, event: Event) -> Totals {
    stream.tell(event).await;
    stream.settle().await.totals(DAY, "c1")
}

#[tokio::test(start_paused = true)]
async fn every_receipt_counts_as_r3_says() {
    let mut stream = Stream::open(2).await;
    let totals = after(&mut stream, sent("r", days(0), "c1", "user:u")).await;
    assert_eq!(totals, Totals { sent: 1, ..Totals::default() });
    let totals = after(&mut stream, failed("r", at(1))).await;
    assert_eq!(totals, Totals { sent: 1, failed: 1, ..Totals::default() });
    let totals = after(&mut stream, delivered("r", at(2))).await;
    assert_eq!(totals, Totals { sent: 1, delivered: 1, ..Totals::default() });
    let totals = after(&mut stream, read("r", at(3))).await;
    assert_eq!(totals, Totals { sent: 1, delivered: 1, read: 1, ..Totals::default() });
    let totals = after(&mut stream, clicked("r", "k", ClickKind::Reply, at(4))).await;
    let shoppers = Shoppers::one(0);
    let all =
        Totals { sent: 1, delivered: 1, read: 1, total_clicks: 1, shoppers, ..Totals::default() };
    assert_eq!(totals, all);
}

#[tokio::test(start_paused = true)]
async fn a_reply_never_clicks_through() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            clicked("r", "k", ClickKind::Reply, days(1)),
            ordered("o", days(2), "user:u"),
            ordered("late", days(5), "user:u"),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c1 2026-11-01");
    assert_eq!(stream.credit("late").await, None);
    // R4: the other body of the same click is a link, at the same instant.
    stream.tell(link_clicked("r", "k", days(1))).await;
    let totals = stream.settle().await.totals(DAY, "c1");
    assert_eq!((totals.total_clicks, totals.click_through, totals.assisted), (1, 2, 0));
}

/// R4: of two bodies of one tap the earlier says what it was; all that followed from the other is taken back.
#[tokio::test(start_paused = true)]
async fn a_reply_that_was_a_stop_is_no_click() {
    let mut stream = Stream::open(2).await;
    stream.tell_all([sent("r", days(0), "c1", "user:u"), ordered("o", days(2), "user:u")]).await;
    let totals = after(&mut stream, clicked("r", "k", ClickKind::Reply, days(1))).await;
    assert_eq!((totals.total_clicks, totals.opt_outs, totals.read, totals.assisted), (1, 0, 1, 1));
    // At the same instant the stop goes first.
    let totals = after(&mut stream, clicked("r", "k", ClickKind::OptOut, days(1))).await;
    let expected = Totals { sent: 1, opt_outs: 1, ..Totals::default() };
    assert_eq!(totals, expected);
    assert_eq!(stream.credit("o").await, None);
    assert_eq!(stream.reminder("r").await.first_click_at, None);
    // A later body changes nothing, a click of another id does.
    let totals = after(&mut stream, clicked("r", "k", ClickKind::Reply, days(1))).await;
    assert_eq!(totals, expected);
    let totals = after(&mut stream, link_clicked("r", "l", days(1))).await;
    assert_eq!((totals.total_clicks, totals.opt_outs, totals.click_through), (1, 1, 1));
    // And a link goes before a stop.
    let totals = after(&mut stream, link_clicked("r", "k", days(1))).await;
    assert_eq!((totals.total_clicks, totals.opt_outs), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_order_counts_while_it_lives() {
    let mut stream = Stream::open(2).await;
    stream.tell_all([sent("r", days(0), "c1", "user:u"), delivered("r", days(0))]).await;
    let totals = after(&mut stream, ordered("o", days(3), "user:u")).await;
    assert_eq!(totals.assisted, 1);
    assert_eq!(totals.value.iter().map(|(_, sum)| sum).sum::<i64>(), 10_000);

    let mut second = order_event("o", "02", days(3), "");
    second.value = 500;
    let totals = after(&mut stream, Event::Order(second.clone())).await;
    assert_eq!(
        (totals.assisted, totals.value.iter().map(|(_, sum)| sum).sum::<i64>()),
        (1, 10_500)
    );

    let canceled = OrderStatus::parse("canceled").unwrap();
    second.status = canceled.clone();
    second.changed_at = days(4);
    let totals = after(&mut stream, Event::Order(second)).await;
    assert_eq!(
        (totals.assisted, totals.value.iter().map(|(_, sum)| sum).sum::<i64>()),
        (1, 10_000)
    );

    let mut first = order_event("o", "01", days(3), "");
    first.status = canceled;
    first.changed_at = days(5);
    let totals = after(&mut stream, Event::Order(first)).await;
    assert_eq!((totals.assisted, totals.value.iter().len()), (0, 0));
    assert_eq!(stream.credit("o").await, None);
}

/// Just inside and just outside of both spans of R6.
#[tokio::test(start_paused = true)]
async fn spans_are_inclusive() {
    let mut stream = Stream::open(2).await;
    let millisecond = Span::millis(1);
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(0)),
            ordered("in", days(3), "user:u"),
            ordered("out", days(3).plus(millisecond), "user:u"),
            ordered("before", days(0).minus(millisecond), "user:u"),
            sent("clicked", days(0), "c2", "cart:x"),
            link_clicked("clicked", "k", days(0)),
            ordered("clicked-now", days(0), "cart:x"),
            ordered("clicked-in", days(15), "cart:x"),
            ordered("clicked-out", days(15).plus(millisecond), "cart:x"),
        ])
        .await;
    stream.settle().await;
    assert!(stream.credit("in").await.is_some());
    assert_eq!(stream.credit("out").await, None);
    assert_eq!(stream.credit("before").await, None);
    for name in ["clicked-now", "clicked-in"] {
        assert_eq!(stream.credit(name).await.unwrap(), "ClickThrough clicked c2 2026-11-01");
    }
    assert_eq!(stream.credit("clicked-out").await, None);
}

/// R8: the part left out raises an alarm, once.
#[tokio::test(start_paused = true)]
async fn mixed_currencies_raise_an_alarm() {
    let mut stream = Stream::open(1).await;
    let before = telemetry::counted(telemetry::Counter::CurrencyMismatch);
    stream.tell_all([sent("r", days(0), "c1", "user:u"), delivered("r", days(0))]).await;
    let mut dollars = order_event("o", "02", days(1), "user:u");
    dollars.currency = shared::domain::values::money::Currency::parse("USD").unwrap();
    stream.tell_all([ordered("o", days(1), "user:u"), Event::Order(dollars)]).await;
    let totals = stream.settle().await.totals(DAY, "c1");
    assert_eq!(totals.value.iter().len(), 1);
    assert_eq!(telemetry::counted(telemetry::Counter::CurrencyMismatch), before + 1);
}

/// An expiry, and a deletion by hand, never change a rollup, and ask the table nothing.
#[tokio::test(start_paused = true)]
async fn a_removal_derives_nothing_and_counts_nothing() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            link_clicked("r", "k", days(1)),
            ordered("o", days(2), "user:u"),
        ])
        .await;
    let rollups = stream.settle().await.rollups;
    for item in crate::stream::check::scan(&stream.store.engine).await {
        let (pk, sk) = (item["pk"].clone(), item["sk"].clone());
        if !pk.as_s().unwrap().contains("ROLLUP") && !pk.as_s().unwrap().contains("CHECKPOINT") {
            let delete = stream.store.engine.client.delete_item().table_name(engine::TABLE_NAME);
            delete.key("pk", pk).key("sk", sk).send().await.unwrap();
        }
    }
    let mut batch = stream.batch();
    assert!(batch.event.records.len() >= 3);
    for record in &mut batch.event.records {
        assert_eq!(record.event_name, EventName::Remove);
        let (kind, principal_id) = ("Service".to_owned(), "dynamodb.amazonaws.com".to_owned());
        record.user_identity = Some(UserIdentity { kind, principal_id });
    }
    let faults = Faults::default();
    let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
    assert_eq!(answer.batch_item_failures, []);
    assert_eq!(faults.calls().len(), 0);
    let day = shared::domain::values::store_day::StoreDay::parse(DAY).unwrap();
    let period = shared::domain::values::period::Period::new(day, day).unwrap();
    let held = stream.store.table.rollups(&account(), period).await.unwrap();
    let before: Vec<_> =
        rollups.into_iter().map(|((_, cohort), totals)| (cohort, totals)).collect();
    assert_eq!(held.into_iter().collect::<Vec<_>>(), before);
}
