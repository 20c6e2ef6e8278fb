//! Whoever erases dies before or after any of its calls, and starts over; and events that come in
//! between any two of them.

use engine::faults::{Call, Fault, Faults};
use serde_json::json;
use shared::domain::values::span::Span;
use shared::store::aside::{Aside, AsideOwner};

use crate::store::functions::phone_key;
use crate::store::stream::Stream;
use crate::store::{PHONE_NUMBER_ID, Store, settings};
use crate::stream::check::{Snapshot, scan};
use crate::stream::told::{
    account, days, delivered, link_clicked, order_event, ordered, read, reminder, sent,
    sent_with_link,
};

/// The shopper's user, phone digest and cart, and the shopper keys of reminders that name them.
const NAMES: [&str; 3] = ["shopper-ana", "phoneofana", "cartofana"];

async fn erase(store: &Store) -> u16 {
    let store = store.with_scope("admin:write");
    store.post("/shoppers/erase", json!({"userId": "shopper-ana"})).await.status
}

/// Reminders and orders of the shopper and of another one who shares her phone, some of them not
/// yet derived, a click that waits at its link, a body kept aside.
async fn stream() -> Stream {
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
    let aside = Aside {
        received_at: days(1),
        source: "events".to_owned(),
        code: "unknown-campaign".to_owned(),
        field: None,
        body: json!({"item": {"data": {"userId": "shopper-ana"}}}).to_string(),
    };
    stream.store.table.aside_keep(&AsideOwner::Account(account()), &aside).await.unwrap();
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
    assert_eq!(stream.store.table.erasure_running(&account()).await.unwrap(), None, "{when}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_nothing_that_a_second_one_does_not_do() {
    let expected = figures(&mut stream().await).await;
    // To die before a call is to die after the one before it.
    for call in 0.. {
        let mut stream = stream().await;
        let faults =
            Faults::planned(move |made| (made.number == call).then_some(Fault::CrashAfter));
        let dying = stream.store.through(stream.under(&faults, 1).table);
        let died = tokio::select! {
            biased;
            status = erase(&dying) => { assert_eq!(status, 200); false }
            () = faults.crashed() => true,
        };
        // The stream goes on meanwhile.
        stream.drain().await;
        let when = format!("at call {call}");
        assert_eq!(erase(&stream.store).await, 200, "{when}");
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
    let slowed = stream.store.through(stream.under(&faults, 3).table);
    let mut erasing = std::pin::pin!(erase(&slowed));
    let mut reached = false;
    let status = tokio::select! {
        biased;
        status = &mut erasing => status,
        () = hold.reached() => {
            reached = true;
            late(&stream).await;
            stream.drain().await;
            hold.release();
            erasing.await
        }
    };
    assert_eq!(status, 200, "at call {call}");
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
    canceled.status = shared::domain::values::order_status::OrderStatus::parse("canceled").unwrap();
    stream
        .tell_all([
            sent("a", days(0), "c1", "user:shopper-ana phone:phoneofana cart:cartofana"),
            sent("b", days(-1), "c2", "user:shopper-ana"),
            read("a", days(0)),
            link_clicked("a", "late", days(1)),
            ordered("o1", days(1), "cart:cartofana"),
            shared::domain::facts::event::Event::Order(canceled),
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

/// What was kept aside for the account's own number before it was its own goes; another number's is
/// another store's, whatever it names.
#[tokio::test(start_paused = true)]
async fn what_was_kept_aside_for_other_numbers_stays() {
    let stream = stream().await;
    let aside = |number: &str| Aside {
        received_at: days(1),
        source: "whatsapp".to_owned(),
        code: "unknown-phone-number".to_owned(),
        field: None,
        body: json!({"phoneNumberId": number, "item": {"context": {"id": "wamid.a"}}}).to_string(),
    };
    let owner = |number: &str| AsideOwner::PhoneNumber(number.to_owned().try_into().unwrap());
    let (table, other) = (&stream.store.table, "106540352242999");
    for number in [PHONE_NUMBER_ID, other] {
        table.aside_keep(&owner(number), &aside(number)).await.unwrap();
    }
    table.aside_keep(&AsideOwner::Nobody, &aside("none")).await.unwrap();
    assert_eq!(erase(&stream.store).await, 200);
    let left = |owner: AsideOwner| async move {
        table.aside_page(&owner, None, 10).await.unwrap().items.len()
    };
    assert_eq!(left(owner(PHONE_NUMBER_ID)).await, 0);
    assert_eq!(left(owner(other)).await, 1);
    assert_eq!(left(AsideOwner::Nobody).await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_erased_reminder_is_closed() {
    let mut stream = stream().await;
    stream.drain().await;
    assert_eq!(erase(&stream.store).await, 200);
    let held = |stream: &Stream| {
        let table = stream.store.table.clone();
        async move { table.reminder(&account(), &reminder("a")).await.unwrap().unwrap() }
    };
    let before = held(&stream).await;
    assert!(before.erased_at.is_some() && before.delivered_at == Some(days(0)));
    let user = before.sent.as_ref().unwrap().identities.user_id.clone().unwrap();
    assert!(user.as_str().starts_with("erased-"));
    late(&stream).await;
    stream.drain().await;
    assert_eq!(held(&stream).await, before);
}

/// An event of somebody else makes the order older while it is erased: its writer has pointers of all
/// whom the order named, at the new instant, and can't store the order any more.
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
    assert_eq!(erase(&stream.store).await, 200);
    hold.release();
    overtaken.await.unwrap().unwrap();
    names_nobody(&stream, "after the writer").await;
}
