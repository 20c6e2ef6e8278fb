//! Whoever erases dies before or after any of its calls, and starts over; and events that come in
//! between any two of them.

use engine::faults::{Call, Fault, Faults};
use futures::future::LocalBoxFuture;
use shared::domain::facts::event::Event;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;
use shared::store::erasure::{Erasure, ErasureStatus};
use shared::store::{StoreError, Table};

use crate::store;
use crate::store::functions::phone_key;
use crate::store::stream::{Stream, erase_all};
use crate::store::{PHONE_NUMBER_ID, settings};
use crate::stream::check::{Snapshot, scan};
use crate::stream::told::{
    account, days, delivered, link_clicked, order_event, ordered, read, sent, sent_with_link, who,
};

/// The shopper's user and cart. Her phone is bia's, too, and stays.
const NAMES: [&str; 2] = ["shopper-ana", "cartofana"];
const ERASURE: &str = "erasure";

/// Asks for the erasure, and runs it to its end.
async fn erase(stream: &Stream, table: &Table) -> Result<(), StoreError> {
    let ana = who("user:shopper-ana").each().collect();
    let by = Some("the store".to_owned());
    let job = Erasure::requested(ERASURE.to_owned(), by, ana, stream.store.clock.now());
    table.erasure_request(&account(), &job).await?;
    store::stream::erase(table, &account(), ERASURE).await
}

/// Reminders and orders of the shopper and of another one who shares her phone, some of them not
/// yet derived, a click that waits at its link, a body kept aside.
fn stream() -> LocalBoxFuture<'static, Stream> {
    Box::pin(opened())
}

async fn opened() -> Stream {
    let mut stream = Stream::open(2).await;
    stream.store.write_settings(&settings(account().as_str(), PHONE_NUMBER_ID)).await;
    stream.mint("l").await;
    stream
        .tell_all([
            sent("a", days(0), "c1", "user:shopper-ana phone:phoneofana cart:cartofana"),
            delivered("a", days(0)),
            link_clicked("a", "k", days(1)),
            sent("b", days(0), "c1", "user:shopper-ana"),
            link_clicked("b", "k", days(1)),
            sent("g", days(0), "c1", "cart:cartofana"),
            delivered("g", days(1)),
            sent("v", days(0), "c1", "user:bia phone:phoneofana"),
            link_clicked("v", "k", days(1)),
            ordered("o1", days(2), "cart:cartofana"),
            ordered("o2", days(2), "user:bia"),
            ordered("o3", days(3), "user:shopper-ana phone:phoneofana"),
        ])
        .await;
    stream.drain().await;
    // Stored, and not derived yet.
    stream.tap("l", days(1).plus(Span::hours(1))).await;
    stream
        .tell_all([
            sent_with_link("l", days(0), "c2", "user:shopper-ana"),
            ordered("o4", days(2), "user:shopper-ana"),
        ])
        .await;
    stream
}

/// What may not change: all totals, and the number of distinct shoppers who clicked.
async fn figures(stream: &mut Stream) -> (String, usize) {
    stream.drain().await;
    let rollups = Snapshot::of(&stream.store.engine).await.rollups;
    let shoppers = Snapshot::of(&stream.store.engine).await.shoppers;
    (format!("{rollups:?}"), shoppers.len())
}

async fn names_nobody(stream: &Stream, when: &str) {
    for item in scan(&stream.store.engine).await {
        let text = format!("{item:?}");
        let named = NAMES.iter().find(|name| text.contains(**name));
        assert!(named.is_none(), "{when}: {named:?} in {text}");
    }
    let job = stream.store.table.erasure(&account(), ERASURE).await.unwrap().unwrap();
    assert_eq!((job.status, job.left_shared), (ErasureStatus::Done, 1), "{when}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_nothing_that_a_second_one_does_not_do() {
    let expected = figures(&mut stream().await).await;
    // To die before a call is to die after the one before it.
    for call in 0.. {
        let mut stream = stream().await;
        let faults =
            Faults::planned(move |made| (made.number == call).then_some(Fault::CrashAfter));
        let dying = stream.under(&faults, 1).table;
        let died = tokio::select! {
            biased;
            erased = erase(&stream, &dying) => { erased.unwrap(); false }
            () = faults.crashed() => true,
        };
        // The stream goes on meanwhile.
        stream.drain().await;
        let when = format!("at call {call}");
        erase(&stream, &stream.store.table).await.unwrap();
        names_nobody(&stream, &when).await;
        assert_eq!(figures(&mut stream).await, expected, "{when}");
        assert!(stream.credit("o2").await.is_some(), "another shopper's order keeps its credit");
        if !died {
            assert!(call > 40, "{call} calls");
            break;
        }
    }
}

/// The stream is derived and counted, and late events come, before the call number `call` goes out.
async fn erases_amid_traffic(call: usize) -> bool {
    let mut stream = stream().await;
    let faults = Faults::default();
    let hold = faults.hold(move |made: &Call| made.number == call);
    let slowed = stream.under(&faults, 3).table;
    let asker = Stream::of(&stream.store, 1);
    let mut erasing = std::pin::pin!(erase(&asker, &slowed));
    let mut reached = false;
    let erased = tokio::select! {
        biased;
        erased = &mut erasing => erased,
        () = hold.reached() => {
            reached = true;
            late(&stream).await;
            stream.drain().await;
            hold.release();
            erasing.await
        }
    };
    erased.unwrap();
    erase_all(&stream.store.table).await;
    stream.drain().await;
    late(&stream).await;
    let before = figures(&mut stream).await;
    late(&stream).await;
    assert_eq!(figures(&mut stream).await, before, "at call {call}");
    names_nobody(&stream, &format!("at call {call}")).await;
    reached
}

/// Events of facts that are erased before, meanwhile or afterwards.
async fn late(stream: &Stream) {
    let mut canceled = order_event("o3", "01", days(3), "user:shopper-ana phone:phoneofana");
    canceled.changed_at = days(9);
    canceled.status = OrderStatus::parse("canceled").unwrap();
    stream
        .tell_all([
            sent("a", days(0), "c1", "user:shopper-ana phone:phoneofana cart:cartofana"),
            sent("b", days(-1), "c2", "user:shopper-ana"),
            read("a", days(0)),
            link_clicked("a", "late", days(1)),
            ordered("o1", days(1), "cart:cartofana"),
            Event::Order(canceled),
        ])
        .await;
}

#[tokio::test(start_paused = true)]
async fn events_between_any_two_calls_bring_nobody_back() {
    let mut call = 0;
    while Box::pin(erases_amid_traffic(call)).await {
        call += 1;
    }
    assert!(call > 40, "{call} calls");
}

/// An erased reminder stays open: receipts, clicks and details that come late count as ever.
#[tokio::test(start_paused = true)]
async fn an_erased_reminder_is_open() {
    let mut stream = stream().await;
    stream.drain().await;
    erase(&stream, &stream.store.table).await.unwrap();
    let before = stream.reminder("a").await;
    let user = before.sent.as_ref().unwrap().identities.user_id.clone().unwrap();
    assert!(user.as_str().starts_with("erased-") && before.reminder_id.is_none());
    late(&stream).await;
    stream.drain().await;
    let after = stream.reminder("a").await;
    assert_eq!(after.read_at, Some(days(0)));
    assert_eq!(after.sent, before.sent);
    assert_eq!(after.reminder_id, None, "a late event doesn't bring the id back");
    // Told with an earlier instant, which counts: and still it names nobody.
    let b = stream.reminder("b").await;
    assert_eq!(b.sent.as_ref().unwrap().sent_at, days(-1));
    assert_eq!(b.sent.unwrap().identities.user_id, Some(user));
    names_nobody(&stream, "afterwards").await;
}

/// A bystander who shares the phone: her order's later cancellation comes off, and her credit stood.
#[tokio::test(start_paused = true)]
async fn other_people_s_facts_stay_open() {
    let mut stream = stream().await;
    stream.drain().await;
    erase(&stream, &stream.store.table).await.unwrap();
    stream.drain().await;
    assert!(stream.credit("o2").await.is_some());
    let mut canceled = order_event("o2", "01", days(2), "user:bia");
    canceled.changed_at = days(9);
    canceled.status = OrderStatus::parse("canceled").unwrap();
    stream.tell(Event::Order(canceled)).await;
    stream.settle().await;
    assert_eq!(stream.credit("o2").await, None);
}

/// An event of somebody else makes the order older while it is erased: its writer has pointers of all
/// whom the order named, at the new instant.
#[tokio::test(start_paused = true)]
async fn a_writer_who_made_an_order_older_while_it_was_erased() {
    let mut stream = stream().await;
    stream.drain().await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let table = stream.under(&faults, 1).table;
    let older = order_event("o3", "02", days(1), "user:bia");
    let overtaken =
        tokio::spawn(async move { table.order_fold(&phone_key(), &account(), &older).await });
    hold.reached().await;
    erase(&stream, &stream.store.table).await.unwrap();
    hold.release();
    overtaken.await.unwrap().unwrap();
    names_nobody(&stream, "after the writer").await;
    stream.settle().await;
}

/// An event in flight beside an erasure: its pointer is taken for that of a fact which never comes.
/// Then its fact is found by the alias all the same, and its conversion counts.
#[tokio::test(start_paused = true)]
async fn a_fact_that_comes_after_its_pointer_was_taken_away_is_found_by_its_alias() {
    let mut stream = stream().await;
    stream.drain().await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem");
    let table = stream.under(&faults, 1).table;
    let order = order_event("o9", "01", days(1), "user:shopper-ana");
    let slow =
        tokio::spawn(async move { table.order_fold(&phone_key(), &account(), &order).await });
    hold.reached().await;
    erase(&stream, &stream.store.table).await.unwrap();
    hold.release();
    slow.await.unwrap().unwrap();
    stream.tell(delivered("b", days(1))).await;
    stream.settle().await;
    assert!(stream.credit("o9").await.is_some());
    names_nobody(&stream, "after the writer").await;
}
