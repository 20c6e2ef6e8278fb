//! Traps of comparing one reminder with an order instead of judging it whole, and of clicks that move.

use engine::faults::Faults;
use shared::domain::facts::event::{Event, ReminderSent};
use shared::domain::values::span::Span;

use super::concurrent::start;
use crate::store::stream::Stream;
use crate::stream::told::{
    days, delivered, link_clicked, order_event, ordered, read, reminder, sent, sent_with_link,
    token,
};

/// `name` was sent with the link of `of`.
fn sent_with_the_link_of(of: &str, name: &str, day: i64, user: &str) -> Event {
    match sent(name, days(day), "c1", user) {
        Event::Sent(event) => Event::Sent(ReminderSent { link_token: Some(token(of)), ..event }),
        other => other,
    }
}

/// A slow worker judged the order when only r1 was known, and writes r1's credit when r2, which had
/// the higher one, has lost it and r3 was compared with r2's.
/// Guard: a credit that fell has the order judged whole.
#[tokio::test(start_paused = true)]
async fn a_lower_credit_written_late() {
    let mut stream = Stream::open(8).await;
    stream
        .tell_all([
            sent("r1", days(0), "c1", "user:u"),
            sent("r2", days(0), "c1", "user:u"),
            sent("r3", days(0), "c1", "user:u"),
            delivered("r1", days(1)),
            delivered("r2", days(3)),
            ordered("o", days(4), "user:u"),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r2 c1 2026-11-01");

    // r2 was delivered earlier than it seemed, so that r1 has the order: that is about to be written.
    stream.tell(read("r2", days(0))).await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let slow = start(&stream, &faults, batch.event.clone());
    hold.reached().await;
    // r3 is compared with r2's credit of day 3, which is higher than its own.
    stream.tell(delivered("r3", days(2))).await;
    let meanwhile = stream.batches().into_iter().find(|b| b.event.shard_id != batch.event.shard_id);
    let meanwhile = meanwhile.expect("the two lie in different shards");
    let answer = stream.handle(meanwhile.event.clone()).await;
    stream.shards.settle(&meanwhile, &answer);
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r2 c1 2026-11-01");
    hold.release();
    let answer = slow.await.unwrap();
    stream.shards.settle(&batch, &answer);
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r1 c1 2026-11-01");
    // r3 is not heard of again; the record of the credit that fell is.
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r3 c1 2026-11-01");
}

/// Guard: an order's pointers are those of all its identities at its instant as folded. An event that
/// names the cart alone makes the order older; the reminder knows it by the user.
#[tokio::test(start_paused = true)]
async fn an_instant_lowered_by_an_event_that_names_another_identity() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            ordered("o", days(9), "user:u"),
            Event::Order(order_event("o", "02", days(3), "cart:x")),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await, None);
    // The pointer of the user at the order's first instant is outside of the delivery's window.
    stream.tell(delivered("r", days(2))).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c1 2026-11-01");
}

/// Guard: day and campaign of a credit are compared for equality, too.
#[tokio::test(start_paused = true)]
async fn a_winner_whose_day_and_campaign_move() {
    let mut stream = Stream::open(3).await;
    stream
        .tell_all([
            sent("r1", days(2), "c1", "user:u"),
            sent("r2", days(2), "c1", "user:u"),
            link_clicked("r1", "k", days(3)),
            delivered("r2", days(3)),
            ordered("o", days(4), "user:u"),
        ])
        .await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r1 c1 2026-11-03");
    stream.tell(sent("r1", days(1), "c1", "user:u")).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r1 c1 2026-11-02");
    stream.tell(sent("r1", days(0), "c2", "user:u")).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "ClickThrough r1 c2 2026-11-01");
    assert_eq!(snapshot.totals("2026-11-01", "c2").click_through, 1);
}

/// Guards: a click that moves counts once, where its link belongs; the reminder that it left has the
/// first click of those that stayed, or none, and loses the orders and the shopper that it had by it.
#[tokio::test(start_paused = true)]
async fn clicks_that_move_count_once_and_set_the_first_click_back() {
    let mut stream = Stream::open(3).await;
    stream.mint("link").await;
    stream
        .tell_all([
            sent_with_the_link_of("link", "r1", 1, "user:a"),
            ordered("of-a", days(10), "user:a"),
            ordered("of-b", days(10), "user:b"),
            link_clicked("r1", "own", days(8)),
        ])
        .await;
    stream.tap("link", days(2)).await;
    stream.tap("link", days(9)).await;
    let totals = stream.settle().await.totals("2026-11-02", "c1");
    assert_eq!((totals.total_clicks, totals.click_through), (3, 1));
    assert_eq!(stream.reminder("r1").await.first_click_at, Some(days(2)));

    // Another reminder was sent with it before: both taps are its.
    stream.tell(sent_with_the_link_of("link", "r2", 0, "user:b")).await;
    let snapshot = stream.settle().await;
    let (left, got) = (snapshot.totals("2026-11-02", "c1"), snapshot.totals("2026-11-01", "c1"));
    assert_eq!((left.total_clicks, left.click_through), (1, 1));
    assert_eq!((got.total_clicks, got.click_through), (2, 1));
    assert_eq!(stream.reminder("r1").await.first_click_at, Some(days(8)));
    assert_eq!(stream.reminder("r2").await.first_click_at, Some(days(2)));
    assert_eq!(stream.credit("of-b").await.unwrap(), "ClickThrough r2 c1 2026-11-01");
    assert_eq!(snapshot.shoppers.len(), 2);
}

/// The same with a reminder that keeps no click at all: nobody clicked it then.
#[tokio::test(start_paused = true)]
async fn a_reminder_whose_only_click_moves_was_never_clicked() {
    let mut stream = Stream::open(2).await;
    stream.mint("link").await;
    stream
        .tell_all([
            sent_with_the_link_of("link", "r1", 1, "user:a"),
            ordered("o", days(3), "user:a"),
        ])
        .await;
    stream.tap("link", days(2)).await;
    stream.settle().await;
    assert!(stream.credit("o").await.is_some());
    stream.tell(sent_with_the_link_of("link", "r2", 0, "user:b")).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await, None);
    let totals = snapshot.totals("2026-11-02", "c1");
    assert_eq!((totals.sent, totals.delivered, totals.read, totals.total_clicks), (1, 0, 0, 0));
    assert_eq!(stream.reminder("r1").await.first_click_at, None);
    assert_eq!(snapshot.shoppers.len(), 1);
}

/// R2: a token is the earliest's that names it, also one whose details the reminder didn't keep,
/// since it was sent even earlier without any link.
#[tokio::test(start_paused = true)]
async fn a_token_is_taken_back_by_an_earlier_sent() {
    let mut stream = Stream::open(3).await;
    stream.mint("link").await;
    stream.tell(sent("r1", days(0), "c1", "user:a")).await;
    stream.tell(sent_with_the_link_of("link", "r2", 3, "user:b")).await;
    stream.tap("link", days(4)).await;
    stream.settle().await;
    assert_eq!(stream.reminder("r2").await.first_click_at, Some(days(4)));

    // Not kept, since r1 was sent before; but it names the link before r2 does.
    stream.tell(sent_with_the_link_of("link", "r1", 2, "user:a")).await;
    stream.settle().await;
    let kept = stream.reminder("r1").await.sent.unwrap();
    assert_eq!((kept.sent_at, kept.link_token), (days(0), None));
    assert_eq!(stream.reminder("r1").await.first_click_at, Some(days(4)));
    assert_eq!(stream.reminder("r2").await.first_click_at, None);

    // And back again: the click that was marked as moved counts once more.
    stream.tell(sent_with_the_link_of("link", "r2", 1, "user:b")).await;
    let snapshot = stream.settle().await;
    assert_eq!(stream.reminder("r1").await.first_click_at, None);
    assert_eq!(stream.reminder("r2").await.first_click_at, Some(days(4)));
    let clicks = &snapshot.clicks;
    assert_eq!(clicks.len(), 2);
    assert_eq!(clicks.iter().filter(|(_, click)| click.moved).count(), 1);
}

/// At one instant the smaller digest has the token, whatever came first.
#[tokio::test(start_paused = true)]
async fn of_two_that_name_a_token_at_one_instant_the_smaller_has_it() {
    for order in [["r1", "r2"], ["r2", "r1"]] {
        let mut stream = Stream::open(2).await;
        stream.mint("link").await;
        for name in order {
            stream.tell(sent_with_the_link_of("link", name, 0, "user:a")).await;
        }
        stream.tap("link", days(1)).await;
        stream.settle().await;
        let link = stream.store.table.link(&token("link")).await.unwrap().unwrap();
        let (less, greater) =
            if reminder("r1") < reminder("r2") { ("r1", "r2") } else { ("r2", "r1") };
        assert_eq!(link.reminder, Some(reminder(less)), "{order:?}");
        assert_eq!(stream.reminder(greater).await.first_click_at, None);
    }
}

/// A tap that is stored on the reminder that had the link when the redirect looked.
#[tokio::test(start_paused = true)]
async fn a_tap_that_is_stored_after_its_link_went_to_another() {
    let mut stream = Stream::open(2).await;
    stream.mint("r1").await;
    stream.tell(sent_with_link("r1", days(1), "c1", "user:a")).await;
    stream.tell(sent_with_the_link_of("r1", "r0", 0, "user:b")).await;
    stream.settle().await;
    let id = shared::domain::values::ids::ClickId::of_link(&token("r1"), days(2).seconds());
    let (table, account) = (&stream.store.table, crate::stream::told::account());
    let tap = (&id, days(2).plus(Span::millis(5)));
    table.click_write_by_link(&account, &reminder("r1"), &token("r1"), tap).await.unwrap();
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").total_clicks, 1);
    assert_eq!(snapshot.totals("2026-11-02", "c1").total_clicks, 0);
}
