//! Traps of two invocations side by side, and of one that dies.

use engine::faults::{Call, Fault, Faults};
use engine::streams::Batch;
use shared::domain::facts::event::Event;
use shared::domain::values::span::Span;
use shared::store::stream::{StreamEvent, StreamResponse};
use tokio::task::JoinHandle;

use crate::store::functions::phone_key;
use crate::store::stream::{self, Stream, Told};
use crate::stream::told::{
    account, at, days, delivered, failed, link_clicked, order_event, ordered, read, sent,
    sent_with_link,
};

/// Starts an invocation whose calls are under `faults`.
pub(super) fn start(
    stream: &Stream,
    faults: &Faults,
    event: StreamEvent,
) -> JoinHandle<StreamResponse> {
    let deps = stream.under(faults, 1);
    tokio::spawn(async move { rollup::handle(&deps, event).await.unwrap() })
}

/// The first `length` records of a batch.
fn head(batch: &Batch, length: usize) -> StreamEvent {
    let mut event = batch.event.clone();
    event.records.truncate(length);
    event
}

fn commits(call: &Call) -> bool {
    call.operation == "TransactWriteItems"
}

/// The slow one judged the order on a delivery on day 4; meanwhile a read receipt of day 1 makes it
/// no conversion, which the fast one finds to be so already and therefore writes nothing.
/// Guard: the record of a changed credit is derived like any other.
#[tokio::test(start_paused = true)]
async fn a_slow_worker_writing_an_outdated_credit() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(4)),
            ordered("o", days(5), "user:u"),
        ])
        .await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let slow = start(&stream, &faults, batch.event);
    hold.reached().await;

    stream.tell(read("r", days(1))).await;
    stream.drain().await;
    assert_eq!(stream.credit("o").await, None);

    hold.release();
    slow.await.unwrap();
    assert!(stream.credit("o").await.is_some(), "the outdated credit is written");
    let snapshot = stream.settle().await;
    assert_eq!(stream.credit("o").await, None);
    assert_eq!(snapshot.totals("2026-11-01", "c1").assisted, 0);
}

/// Guard: an order is read before its candidates and written on the version that was read.
#[tokio::test(start_paused = true)]
async fn an_order_that_changes_while_it_is_judged() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(1)),
            ordered("o", days(2), "user:u"),
        ])
        .await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let slow = start(&stream, &faults, batch.event);
    hold.reached().await;
    let mut canceled = order_event("o", "01", days(2), "");
    canceled.changed_at = days(3);
    canceled.status = shared::domain::values::order_status::OrderStatus::parse("canceled").unwrap();
    stream.tell(Event::Order(canceled)).await;
    hold.release();
    slow.await.unwrap();
    assert_eq!(stream.credit("o").await, None, "it was judged again before anything was written");
    stream.settle().await;
}

/// Guard: clicks and reminders are read when they are derived, and a cohort that was written late
/// is derived again.
#[tokio::test(start_paused = true)]
async fn a_slow_worker_writing_an_outdated_cohort() {
    let mut stream = Stream::open(1).await;
    stream.tell_all([sent("r", days(2), "c1", "user:a"), link_clicked("r", "k", days(3))]).await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.sort_key().is_some_and(|sk| sk.starts_with("CLICK#")));
    let slow = start(&stream, &faults, batch.event);
    hold.reached().await;
    stream.tell(sent("r", days(0), "c2", "user:b")).await;
    stream.drain().await;
    hold.release();
    slow.await.unwrap();
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c2").total_clicks, 1);
    // The campaign's, and its shopper's over all campaigns.
    assert_eq!(snapshot.rollups.len(), 2);
}

/// Guards: the transaction holds only on the checkpoint that was read; when that moved, what is
/// still open is selected anew.
#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_moved_between_selecting_and_committing() {
    for counted in 1..=3 {
        let mut stream = Stream::open(1).await;
        stream
            .tell_all([
                sent("r1", days(0), "c1", "user:u"),
                sent("r2", days(0), "c1", "user:u"),
                sent("r3", days(0), "c2", "user:u"),
            ])
            .await;
        let batch = stream.batch();
        let faults = Faults::default();
        let hold = faults.hold(commits);
        let slow = start(&stream, &faults, batch.event.clone());
        hold.reached().await;
        stream.handle(head(&batch, counted)).await;
        hold.release();
        assert_eq!(slow.await.unwrap().batch_item_failures, []);
        // Nothing is delivered again: what the slow one was given is its own to count.
        stream.shards.settle(&batch, &StreamResponse::default());
        let snapshot = stream.settle().await;
        assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 2);
        assert_eq!(snapshot.totals("2026-11-01", "c2").sent, 1);
    }
}

/// The same the other way round: the slow one has the shorter batch.
/// Guard: a checkpoint never goes back.
#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_moved_past_the_slower_batch() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([sent("r1", days(0), "c1", "user:u"), sent("r2", days(0), "c1", "user:u")])
        .await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(commits);
    let slow = start(&stream, &faults, head(&batch, 1));
    hold.reached().await;
    stream.handle(batch.event.clone()).await;
    hold.release();
    assert_eq!(slow.await.unwrap().batch_item_failures, []);
    stream.handle(batch.event).await;
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 2);
}

/// An invocation dies before or after each of its calls in turn.
/// Guard: derivations end before the transaction that counts their records.
#[tokio::test(start_paused = true)]
async fn a_crash_after_counting_and_before_deriving() {
    let mut counted_and_died = 0;
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        for call in 0.. {
            let mut stream = Stream::open(1).await;
            stream
                .tell_all([
                    sent("r", days(0), "c1", "user:u"),
                    link_clicked("r", "k", days(1)),
                    ordered("o", days(2), "user:u"),
                ])
                .await;
            let batch = stream.batch();
            let faults = Faults::planned(move |made| (made.number == call).then_some(fault));
            let deps = stream.under(&faults, 1);
            let died = tokio::select! {
                biased;
                result = rollup::handle(&deps, batch.event.clone()) => {
                    result.unwrap();
                    false
                }
                () = faults.crashed() => true,
            };
            let shard = batch.event.shard_id.as_deref().unwrap();
            if stream.store.table.checkpoint(shard).await.unwrap().is_some() {
                assert!(stream.credit("o").await.is_some(), "counted, so derived (call {call})");
                assert_eq!(stream.reminder("r").await.first_click_at, Some(days(1)));
                counted_and_died += usize::from(died);
            }
            let snapshot = stream.settle().await;
            assert_eq!(snapshot.totals("2026-11-01", "c1").click_through, 1);
            if !died {
                break;
            }
        }
    }
    assert!(counted_and_died > 0, "some invocation died after it had counted");
}

/// Guard: a reminder's details are an update of their own attributes, never a put of the item.
#[tokio::test(start_paused = true)]
async fn a_receipt_that_arrives_while_the_details_are_written() {
    // The write of a reminder's first details, and one that meets details of the same instant.
    // Against some of these `c1` wins, whichever they are.
    let campaigns = ["c0", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];
    let same_instant = campaigns.map(|campaign| Some(sent("r", days(0), campaign, "user:u")));
    let mut written = 0;
    for before in std::iter::once(None).chain(same_instant) {
        let mut stream = Stream::open(2).await;
        stream.tell_all(before).await;
        stream.tell(delivered("r", days(1))).await;
        let faults = Faults::default();
        let hold = faults.hold(|call| call.operation == "UpdateItem");
        let table = stream.under(&faults, 1).table;
        let mut writer = tokio::spawn(async move {
            let event = sent("r", days(0), "c1", "user:u");
            stream::write(&table, &Told::Event(account(), event)).await.unwrap();
        });
        tokio::select! {
            biased;
            // R2 prefers what is there: nothing is to be written.
            done = &mut writer => {
                done.unwrap();
                continue;
            }
            () = hold.reached() => written += 1,
        }
        stream.tell_all([read("r", days(2)), failed("r", days(1))]).await;
        hold.release();
        writer.await.unwrap();
        let stored = stream.reminder("r").await;
        assert_eq!(stored.delivered_at, Some(days(1)));
        assert_eq!(stored.read_at, Some(days(2)));
        assert_eq!(stored.failed_at, Some(days(1)));
        let campaign = stored.sent.unwrap().campaign_id;
        let totals = stream.settle().await.totals("2026-11-01", campaign.as_str());
        assert_eq!((totals.sent, totals.delivered, totals.read), (1, 1, 1));
    }
    assert!(written > 1, "only the first details were written");
}

/// Two taps within one second have one id; the earlier instant stays (R4), also when it is stored
/// between the reading of the later one and its removal from the link.
/// Guard: only the click that was read is removed.
#[tokio::test(start_paused = true)]
async fn an_early_tap_that_is_lowered_while_it_moves() {
    let mut stream = Stream::open(1).await;
    stream.mint("r").await;
    stream.tap("r", at(1).plus(Span::millis(700))).await;
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    let batch = stream.batch();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "DeleteItem");
    let slow = start(&stream, &faults, batch.event.clone());
    hold.reached().await;
    // A redirect that read the link before it was bound.
    let token = crate::stream::told::token("r");
    let click = shared::domain::values::ids::ClickId::of_link(&token, at(1).seconds());
    stream.store.table.early_click_write(&token, &click, at(1)).await.unwrap();
    hold.release();
    let answer = slow.await.unwrap();
    stream.shards.settle(&batch, &answer);
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.clicks.len(), 1);
    assert_eq!(snapshot.clicks[0].1.at, at(1));
}

/// An event that makes the order older is overtaken, and so is folded twice.
/// Guard: an order's pointers are those of all its identities at its instant as folded, and not of
/// those alone that the event names which makes it older.
#[tokio::test(start_paused = true)]
async fn an_overtaken_event_that_makes_an_order_older() {
    let mut stream = Stream::open(1).await;
    stream.tell(Event::Order(order_event("o", "01", days(9), "user:u"))).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let table = stream.under(&faults, 1).table;
    let older = order_event("o", "02", days(1), "");
    let overtaken =
        tokio::spawn(async move { table.order_fold(&phone_key(), &account(), &older).await });
    hold.reached().await;
    stream.tell(Event::Order(order_event("o", "03", days(9), "user:v"))).await;
    hold.release();
    let written = overtaken.await.unwrap().unwrap();
    assert!(matches!(written, shared::store::orders::OrderWritten::Written(_)));
    stream.settle().await;

    for (reminder, user, delivered_at) in
        [("r", "user:u", days(0)), ("s", "user:v", days(0).plus(Span::hours(1)))]
    {
        stream
            .tell_all([sent(reminder, days(0), "c1", user), delivered(reminder, delivered_at)])
            .await;
        stream.settle().await;
        let expected = format!("Assisted {reminder} c1 2026-11-01");
        assert_eq!(stream.credit("o").await.unwrap(), expected);
    }
}

/// A part beyond an order's limit isn't kept, and makes the order older all the same.
#[tokio::test(start_paused = true)]
async fn a_part_beyond_the_limit_that_makes_an_order_older() {
    let mut stream = Stream::open(1).await;
    let limit = shared::domain::values::limits::PARTS_PER_ORDER;
    let part = |n: usize, at| order_event("o", &format!("{n:02}"), at, "user:u");
    stream.tell_all((1..=limit).map(|n| Event::Order(part(n, days(9))))).await;
    let beyond = part(limit + 1, days(1));
    let written = stream.store.table.order_fold(&phone_key(), &account(), &beyond).await.unwrap();
    assert!(matches!(written, shared::store::orders::OrderWritten::Refused(_)));
    stream.tell_all([sent("r", days(0), "c1", "user:u"), delivered("r", days(0))]).await;
    stream.settle().await;
    assert_eq!(stream.credit("o").await.unwrap(), "Assisted r c1 2026-11-01");
}

/// Two versions of one instant are written side by side; before the one is written, the other one comes
/// again with an earlier instant, which is kept.
/// Guard: details go in the place of those alone that R2 prefers them to, as they stand then.
#[tokio::test(start_paused = true)]
async fn details_that_come_again_with_an_earlier_instant_while_others_are_written() {
    let mut written = 0;
    for (held, other) in [("c1", "c2"), ("c2", "c1")] {
        let mut stream = Stream::open(1).await;
        stream.tell(sent("r", days(2), held, "user:u")).await;
        let faults = Faults::default();
        let hold = faults.hold(|call| call.body.to_string().contains("detailsDigest"));
        let table = stream.under(&faults, 1).table;
        let event = sent("r", days(2), other, "user:u");
        let mut slow = tokio::spawn(async move {
            crate::store::facts::write(&table, &account(), &event).await.unwrap();
        });
        tokio::select! {
            biased;
            // Of the two orders the one in which R2 prefers what is there: nothing is written.
            done = &mut slow => {
                done.unwrap();
                continue;
            }
            () = hold.reached() => written += 1,
        }
        stream.tell(sent("r", days(0), held, "user:u")).await;
        hold.release();
        slow.await.unwrap();
        stream.settle().await;
        let kept = stream.reminder("r").await.sent.unwrap();
        assert_eq!((kept.sent_at, kept.campaign_id.as_str()), (days(0), held));
    }
    assert_eq!(written, 1);
}
