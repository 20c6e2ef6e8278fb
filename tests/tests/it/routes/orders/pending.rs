//! `GET /orders/{orderGroup+}` while facts are stored and their records not handled: the answer is
//! what it will be, and says that it is pending.

use serde_json::Value;
use shared::domain::facts::event::{ClickKind, Event, Receipt, ReminderSent};
use shared::domain::values::identity::{Identities, UserId};
use shared::domain::values::ids::{CampaignId, ClickId, LinkToken, ReminderId};
use shared::domain::values::item::ItemList;
use shared::domain::values::span::Span;
use shared::store::links::Link;

use crate::store::functions::phone_key;
use crate::store::stream::Stream;
use crate::store::{Store, at};
use crate::stream::told::token;

const ORDERED: &str = "2026-11-20T12:00:00-03:00";

/// `hours` before the order.
fn before(hours: i64) -> String {
    at(ORDERED).minus(Span::hours(hours)).to_string()
}

/// An open store and its stream, whose records wait until they are drained.
async fn store() -> (Store, Stream) {
    let store = Store::open().await;
    let stream = Stream::of(&store, 1);
    (store, stream)
}

async fn explained(store: &Store) -> Value {
    store.get("/orders/o1").await.ok()
}

/// The verdict, who has the credit, who is counted, and whether that is pending.
fn told(body: &Value) -> (String, String, String, bool) {
    let text = |of: &Value| of.as_str().unwrap_or("none").to_owned();
    (
        text(&body["verdict"]["code"]),
        text(&body["credit"]["reminderId"]),
        text(&body["counted"]["reminderId"]),
        body["pending"].as_bool().unwrap(),
    )
}

/// Asserts what is told now, that it is pending, and that it stays the same once everything is
/// worked in and counted.
async fn pending_then_counted(
    (store, stream): (&Store, &mut Stream),
    (code, credit, counted): (&str, &str, &str),
) {
    let mut early = explained(store).await;
    let expected =
        |counted: &str, pending| (code.to_owned(), credit.to_owned(), counted.to_owned(), pending);
    assert_eq!(told(&early), expected(counted, true));
    stream.drain().await;
    let settled = explained(store).await;
    assert_eq!(told(&settled), expected(credit, false));
    // Nothing else is told in another way.
    early["counted"] = settled["counted"].clone();
    early["pending"] = false.into();
    assert_eq!(early, settled);
}

/// A reminder that nobody is known to have received, and an order without a credit.
async fn unheard(store: &Store, stream: &mut Stream) {
    store.sent("r1", "c1", &before(30), "ana").await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    stream.drain().await;
    let expected = ("no-candidate-in-time".to_owned(), "none".to_owned(), "none".to_owned(), false);
    assert_eq!(told(&explained(store).await), expected);
}

#[tokio::test]
async fn a_click_is_judged_as_soon_as_it_is_stored() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    store.clicked("r1", "k1", ClickKind::Link, &before(1)).await;
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "none")).await;
}

/// R3: a tap on a reply delivers, and gives no click-through.
#[tokio::test]
async fn a_reply_is_a_delivery_as_soon_as_it_is_stored() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    store.clicked("r1", "k1", ClickKind::Reply, &before(1)).await;
    pending_then_counted((&store, &mut stream), ("assisted", "r1", "none")).await;
}

/// The derived first click came after the order; the earlier tap's webhook was late.
#[tokio::test]
async fn a_click_before_the_derived_first_one_is_judged() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    store.clicked("r1", "k1", ClickKind::Link, &before(-2)).await;
    stream.drain().await;
    assert_eq!(told(&explained(&store).await).0, "no-candidate-in-time");
    store.clicked("r1", "k2", ClickKind::Link, &before(2)).await;
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "none")).await;
}

/// A later click of another reminder takes the credit over.
#[tokio::test]
async fn a_click_takes_the_credit_over_as_soon_as_it_is_stored() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    store.sent("r2", "c2", &before(20), "ana").await;
    store.receipt("r2", Receipt::Delivered, &before(20)).await;
    stream.drain().await;
    assert_eq!(told(&explained(&store).await).2, "r2");
    store.clicked("r1", "k1", ClickKind::Link, &before(1)).await;
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "r2")).await;
}

/// Nothing about the credit changes, only the click's own day and campaign are missing.
#[tokio::test]
async fn a_click_without_its_day_is_pending() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    store.clicked("r1", "k1", ClickKind::Link, &before(1)).await;
    stream.drain().await;
    store.clicked("r1", "k2", ClickKind::Reply, &before(-1)).await;
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "r1")).await;
}

/// A link and its early taps; then the reminder that carries it.
async fn tapped_early(store: &Store, taps: &[i64]) {
    let link = Link {
        token: token("early"),
        account: store.account.clone(),
        campaign_id: CampaignId::parse("c1").unwrap(),
        url: "https://acme.example/".to_owned(),
        created_at: at(&before(31)),
        reminder: None,
        full: false,
    };
    store.table.link_put(&link).await.unwrap();
    for hours in taps {
        let tapped = at(&before(*hours));
        let id = ClickId::of_link(&link.token, tapped.seconds());
        store.table.early_click_write(&link.token, &id, tapped).await.unwrap();
    }
}

async fn sent_with_link(store: &Store, id: &str, token: LinkToken) {
    let event = ReminderSent {
        reminder_id: ReminderId::parse(id).unwrap(),
        at: at(&before(30)),
        campaign_id: CampaignId::parse("c1").unwrap(),
        identities: Identities {
            user_id: Some(UserId::parse("ana").unwrap()),
            ..Identities::default()
        },
        items: ItemList::default(),
        link_token: Some(token),
    };
    store.tell(Event::Sent(event)).await;
}

#[tokio::test]
async fn a_tap_that_waits_at_its_link_is_judged() {
    let (store, mut stream) = store().await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    tapped_early(&store, &[1, 3]).await;
    stream.drain().await;
    sent_with_link(&store, "r1", token("early")).await;
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "none")).await;
}

/// It came after the order and after a derived first click: only its place is yet to change.
#[tokio::test]
async fn a_tap_that_waits_at_its_link_is_pending_though_it_decides_nothing() {
    let (store, mut stream) = store().await;
    tapped_early(&store, &[]).await;
    sent_with_link(&store, "r1", token("early")).await;
    store.clicked("r1", "k1", ClickKind::Link, &before(1)).await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    stream.drain().await;
    assert!(!told(&explained(&store).await).3);
    // The redirect read the link before it was bound, and wrote afterwards.
    let tapped = at(&before(-1));
    let id = ClickId::of_link(&token("early"), tapped.seconds());
    store.table.early_click_write(&token("early"), &id, tapped).await.unwrap();
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "r1")).await;
}

/// One tap with two bodies: the earlier instant counts, wherever it lies (R4).
#[tokio::test]
async fn two_bodies_of_one_tap_are_one_click() {
    let (store, mut stream) = store().await;
    tapped_early(&store, &[]).await;
    sent_with_link(&store, "r1", token("early")).await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    let tapped = at(&before(1));
    let id = ClickId::of_link(&token("early"), tapped.seconds());
    let later = tapped.plus(Span::millis(400)).to_string();
    store.clicked("r1", id.as_str(), ClickKind::Link, &later).await;
    stream.drain().await;
    store.table.early_click_write(&token("early"), &id, tapped).await.unwrap();
    pending_then_counted((&store, &mut stream), ("click-through", "r1", "r1")).await;
}

/// A link that another reminder has is not this one's, whatever its details say.
#[tokio::test]
async fn a_tap_at_another_reminders_link_is_not_judged() {
    let (store, mut stream) = store().await;
    unheard(&store, &mut stream).await;
    tapped_early(&store, &[1]).await;
    let other = ReminderSent {
        reminder_id: ReminderId::parse("r2").unwrap(),
        at: at(&before(30)),
        campaign_id: CampaignId::parse("c1").unwrap(),
        identities: Identities {
            user_id: Some(UserId::parse("bia").unwrap()),
            ..Identities::default()
        },
        items: ItemList::default(),
        link_token: Some(token("early")),
    };
    store.tell(Event::Sent(other.clone())).await;
    let own = ReminderSent {
        // Its digest is greater: at one instant the other has the link.
        reminder_id: ReminderId::parse("r5").unwrap(),
        identities: Identities {
            user_id: Some(UserId::parse("ana").unwrap()),
            ..Identities::default()
        },
        ..other
    };
    let refused = store
        .table
        .reminder_write_details(&phone_key(), &store.account, &own, crate::store::ZONE)
        .await
        .unwrap();
    assert_eq!(refused, shared::store::facts::SentWritten::LinkRefused);
    let early = explained(&store).await;
    assert_eq!((told(&early).0.as_str(), told(&early).3), ("no-candidate-in-time", false));
    stream.drain().await;
    assert_eq!(explained(&store).await, early);
}

/// The order's own events: folded, and judged a moment later.
#[tokio::test]
async fn an_order_that_was_folded_and_not_judged_is_pending() {
    let (store, mut stream) = store().await;
    store.sent("r1", "c1", &before(30), "ana").await;
    store.receipt("r1", Receipt::Delivered, &before(2)).await;
    stream.drain().await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    pending_then_counted((&store, &mut stream), ("assisted", "r1", "none")).await;
    let when = (ORDERED, "2026-11-21T12:00:00-03:00");
    store.part("o1", ("01", "canceled"), when, "ana", ("BRL", 5_000)).await;
    pending_then_counted((&store, &mut stream), ("order-not-live", "none", "r1")).await;
}
