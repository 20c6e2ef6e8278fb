//! The known traps of deriving, each with the guard that it holds.

mod concurrent;
mod rivals;

use shared::domain::facts::event::Event;
use shared::domain::values::span::Span;

use crate::store::stream::Stream;
use crate::stream::told::{
    at, days, delivered, link_clicked, order_event, ordered, read, sent, sent_with_link,
};

/// Guard: every click has the orders of its reminder derived again, not only one that lowers the
/// reminder's first click.
#[tokio::test(start_paused = true)]
async fn a_later_link_click_that_is_not_the_first() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r1", days(0), "c1", "user:u"),
            sent("r2", days(0), "c1", "user:u"),
            link_clicked("r1", "first", days(1)),
            link_clicked("r2", "other", days(2)),
            ordered("o", days(5), "user:u"),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r2 c1 2026-11-01");

    stream.tell(link_clicked("r1", "later", days(3))).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r1 c1 2026-11-01");
    assert_eq!(snapshot.totals("2026-11-01", "c1").click_through, 1);
}

/// Guard: the record of a reminder's details gives all its clicks their cohort; those that came
/// before it found none.
#[tokio::test(start_paused = true)]
async fn a_click_before_its_reminder() {
    let mut stream = Stream::open(2).await;
    stream.tell(link_clicked("r1", "early", days(1))).await;
    stream.tell(ordered("o", days(2), "user:u")).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await, None);

    stream.tell(sent("r1", days(0), "c1", "user:u")).await;
    let totals = stream.settle().await.totals("2026-11-01", "c1");
    assert_eq!((totals.sent, totals.delivered, totals.read), (1, 1, 1));
    assert_eq!((totals.total_clicks, totals.click_through), (1, 1));
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r1 c1 2026-11-01");
}

/// Guards: clicks that have a cohort get another one when the details move; the orders of the
/// details before the change are derived, too.
#[tokio::test(start_paused = true)]
async fn an_earlier_reminder_sent_moves_day_campaign_and_identities() {
    let mut stream = Stream::open(3).await;
    stream
        .tell_all([
            sent("r", days(2), "c1", "user:a"),
            link_clicked("r", "k", days(2)),
            ordered("of-a", days(3), "user:a"),
            ordered("of-b", days(3), "user:b"),
        ])
        .await;
    let totals = stream.settle().await.totals("2026-11-03", "c1");
    assert_eq!((totals.sent, totals.total_clicks, totals.click_through), (1, 1, 1));
    assert_eq!(stream.credit("of-a").await.unwrap(), "ClickThrough r c1 2026-11-03");

    stream.tell(sent("r", days(0), "c2", "user:b")).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("of-a").await, None);
    assert_eq!(stream.credit("of-b").await.unwrap(), "ClickThrough r c2 2026-11-01");
    let totals = snapshot.totals("2026-11-01", "c2");
    assert_eq!((totals.sent, totals.total_clicks, totals.click_through), (1, 1, 1));
    // The campaign's, and its shopper's over all campaigns.
    assert_eq!(snapshot.rollups.len(), 2, "nothing is left on the day before");
}

/// The same move with an unchanged shopper: the credit's day and campaign follow.
/// Guard: a credit is compared whole, with its day and campaign.
#[tokio::test(start_paused = true)]
async fn an_earlier_reminder_sent_moves_the_credit_that_it_keeps() {
    let mut stream = Stream::open(3).await;
    stream
        .tell_all([
            sent("r", days(2), "c1", "user:a"),
            delivered("r", days(2)),
            ordered("o", days(3), "user:a"),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c1 2026-11-03");

    stream.tell(sent("r", days(0), "c2", "user:a")).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c2 2026-11-01");
    assert_eq!(snapshot.totals("2026-11-01", "c2").assisted, 1);
    assert_eq!(snapshot.rollups.len(), 1);
}

/// Guard: an order's identities are the union of all that its events named, those too whose
/// state is older than the one kept.
#[tokio::test(start_paused = true)]
async fn a_stale_order_updated_that_alone_names_the_user() {
    let mut stream = Stream::open(2).await;
    let mut newer = order_event("o", "01", days(2), "cart:x");
    newer.changed_at = days(3);
    let stale = order_event("o", "01", days(2), "user:u");
    stream
        .tell_all([
            sent("r", days(1), "c1", "user:u"),
            delivered("r", days(1)),
            Event::Order(newer),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await, None);

    stream.tell(Event::Order(stale)).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c1 2026-11-02");
}

/// Guard: an earlier receipt has all orders since the new delivery derived, those after the old
/// one, which may lose their credit, and those between the two, which may get it.
#[tokio::test(start_paused = true)]
async fn an_earlier_receipt_takes_a_credit_back_and_gives_one() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(4)),
            ordered("between", days(3), "user:u"),
            ordered("just", days(4), "user:u"),
            ordered("after", days(5), "user:u"),
        ])
        .await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("between").await, None);
    assert_eq!(snapshot.totals("2026-11-01", "c1").assisted, 2);

    stream.tell(read("r", days(1))).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("after").await, None);
    for name in ["between", "just"] {
        assert_eq!(stream.credit(name).await.unwrap(), "Assisted r c1 2026-11-01");
    }
    assert_eq!(snapshot.totals("2026-11-01", "c1").assisted, 2);
}

/// Guard: pointers tell when their order was created at the earliest; an order that becomes older
/// is derived by its own record.
#[tokio::test(start_paused = true)]
async fn an_order_that_becomes_older_than_the_delivery() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(2)),
            ordered("o", days(3), "user:u"),
        ])
        .await;
    stream.settle().await;
    assert!(stream.credit("o").await.is_some());

    let mut older = order_event("o", "02", days(1), "user:u");
    older.status = shared::domain::values::order_status::OrderStatus::parse("canceled").unwrap();
    stream.tell(Event::Order(older)).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await, None);
    assert_eq!(snapshot.totals("2026-11-01", "c1").assisted, 0);
}

/// Guard: a link's record moves the clicks that wait at it.
#[tokio::test(start_paused = true)]
async fn a_tap_before_its_link_is_bound() {
    let mut stream = Stream::open(3).await;
    stream.mint("r").await;
    stream.tap("r", days(1)).await;
    stream.tell(ordered("o", days(2), "user:u")).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await, None);

    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    let totals = stream.settle().await.totals("2026-11-01", "c1");
    assert_eq!((totals.read, totals.total_clicks, totals.click_through), (1, 1, 1));
    assert_eq!(stream.reminder("r").await.first_click_at, Some(days(1)));

    // A second tap in the same second is the same click, whatever way it takes.
    stream.tap("r", days(1).plus(Span::millis(500))).await;
    assert_eq!(stream.settle().await.totals("2026-11-01", "c1").total_clicks, 1);
}

/// Guard: the record of a click that waits moves it, when its link was bound after the redirect
/// looked and before it stored the click.
#[tokio::test(start_paused = true)]
async fn a_tap_that_is_stored_after_its_link_was_bound() {
    let mut stream = Stream::open(3).await;
    stream.mint("r").await;
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    stream.settle().await;

    let token = crate::stream::told::token("r");
    let click = shared::domain::values::ids::ClickId::of_link(&token, at(1).seconds());
    stream.store.table.early_click_write(&token, &click, at(1)).await.unwrap();
    assert_eq!(stream.settle().await.totals("2026-11-01", "c1").total_clicks, 1);
}
