//! Statuses that name a send of ours resolve it (R16).

use serde_json::{Value, json};
use shared::domain::facts::cart::{Beat, Cart, CartState, SendId};
use shared::domain::facts::decision::{Decision, SendOutcome, Verdict};
use shared::domain::values::identity::Identities;
use shared::domain::values::ids::{CampaignId, LinkToken, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::keyed_id::{CartId, ContactId};
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::graph::message::callback;
use shared::store::carts::{CartRecord, Terms};
use shared::store::facts::Written;
use shared::store::links::Link;
use shared::store::sends::{Claim, SendRecord, Sending};
use shared::telemetry::{Counter, counted};

use crate::store::functions::phone_key;
use crate::store::phones::Phones;
use crate::store::told::{WAMID, status, statuses};
use crate::store::{CAMPAIGN, NOW_SECS, Store, ZONE, account};

/// A business-scoped id.
const USER: &str = "BR.13491208655302741918";

fn form() -> OrderForm {
    OrderForm::parse("0f1e2d3c4b5a69788796a5b4c3d2e1f0").unwrap()
}

fn cart_id() -> CartId {
    phone_key().cart(&form().id())
}

/// A cart whose message was claimed a minute ago.
async fn claimed(store: &Store) -> SendRecord {
    let (table, now) = (&store.table, store.clock.now());
    let terms = Terms { any_page: true, any_campaign: true, delay: Span::seconds(1_800) };
    let left = now.minus(Span::hours(1));
    let beat = (Beat { at: left, payment: true }, Written::Unchanged);
    table.cart_beat((&account(), &cart_id()), &form(), beat, (terms, &|| true), now).await.unwrap();
    let held = table.cart(&account(), &cart_id()).await.unwrap().unwrap();
    let claimed_at = now.minus(Span::seconds(60));
    let send_id = SendId::new(&[7; 16]);
    let campaign_id = CampaignId::parse(CAMPAIGN).unwrap();
    let send = SendRecord {
        send_id: send_id.clone(),
        account: account(),
        cart: cart_id(),
        episode: held.cart.episode,
        contact: ContactId::parse(&"c".repeat(43)).unwrap(),
        decided_at: claimed_at,
        day: StoreDay::of(claimed_at, ZONE),
        time_zone: ZONE,
        campaign_id: campaign_id.clone(),
        identities: Identities { order_form_id: Some(form().id()), ..Identities::default() },
        items: None,
        link_token: LinkToken::new(&[8; 16], ""),
        claimed_at,
        reminder_id: None,
        erased: false,
    };
    let decision = Decision {
        episode: held.cart.episode,
        decided_at: claimed_at,
        day: send.day,
        campaign_id: Some(campaign_id.clone()),
        was_read: false,
        verdict: Verdict::Reminded { send: SendOutcome::Claimed, reason: None },
    };
    let link = Link {
        token: send.link_token.clone(),
        account: account(),
        campaign_id: campaign_id.clone(),
        url: "https://acme.example/".to_owned(),
        created_at: claimed_at,
        reminder: None,
        full: false,
    };
    let cart = CartRecord { cart: held.cart.claimed(send_id, claimed_at).unwrap(), ..held };
    let campaign = table.campaign(&account(), &campaign_id).await.unwrap().unwrap();
    let settings = table.account(&account()).await.unwrap().unwrap();
    let phone_key = phone_key();
    let claim = Claim {
        phone_key: &phone_key,
        cart: &cart,
        send: &send,
        items: &ItemList::default(),
        link: &link,
        held: None,
        decision: &decision,
        campaign_version: campaign.version,
        settings_version: settings.version,
        cooldown: Span::hours(24),
    };
    assert!(table.send_claim(&claim).await.unwrap());
    send
}

fn named(send: &SendRecord, word: &str) -> Value {
    let mut status = status(WAMID, word, NOW_SECS);
    status["biz_opaque_callback_data"] = callback(&send.send_id).into();
    status
}

async fn held(store: &Store) -> (Cart, SendOutcome) {
    let cart = store.table.cart(&account(), &cart_id()).await.unwrap().unwrap().cart;
    let decision = store.table.decision(&account(), &cart_id(), cart.episode).await.unwrap();
    match decision.unwrap().verdict {
        Verdict::Reminded { send, .. } => (cart, send),
        other => panic!("{other:?}"),
    }
}

async fn sent_at(store: &Store) -> Option<Instant> {
    Some(store.reminder(WAMID).await?.sent?.sent_at)
}

#[tokio::test]
async fn any_status_that_names_a_send_resolves_it() {
    for word in ["sent", "delivered", "read", "failed", "something-new"] {
        let store = Store::open().await;
        let send = claimed(&store).await;
        store.whatsapp(statuses(&[named(&send, word)])).await.is_ok();
        let (cart, outcome) = held(&store).await;
        assert_eq!((cart.state, outcome), (CartState::Closed, SendOutcome::Accepted), "{word}");
        assert_eq!(sent_at(&store).await, Some(send.decided_at));
        // Nothing leads to the cart any more.
        assert!(store.table.cart_pointer(&account(), &cart_id()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_answer_and_all_statuses_count_once() {
    let store = Store::open().await;
    let send = claimed(&store).await;
    let all = ["sent", "delivered", "read"].map(|word| named(&send, word));
    store.whatsapp(statuses(&all)).await.is_ok();
    let before = store.contents().await;
    store.whatsapp(statuses(&all)).await.is_ok();
    let sending = Sending { send: &send, led_by: &[], now: store.clock.now() };
    store.table.send_lose(sending).await.unwrap();
    let (cart, outcome) = held(&store).await;
    assert_eq!((cart.state, outcome), (CartState::Closed, SendOutcome::Accepted));
    // What was lost wrote a pointer and nothing else.
    assert_eq!(store.contents().await.len(), before.len() + 1);
}

#[tokio::test]
async fn a_sent_status_without_our_callback_is_still_dropped() {
    let store = Store::open().await;
    let send = claimed(&store).await;
    let before = store.contents().await;
    let mut other = status(WAMID, "sent", NOW_SECS);
    store.whatsapp(statuses(std::slice::from_ref(&other))).await.is_ok();
    for callback in ["s2.BwcHBwcHBwcHBwcHBwcHBw", "s1.", "s1.unknown", "order-7"] {
        other["biz_opaque_callback_data"] = callback.into();
        store.whatsapp(statuses(std::slice::from_ref(&other))).await.is_ok();
    }
    // One of a send that nobody claimed.
    other["biz_opaque_callback_data"] = callback(&SendId::new(&[9; 16])).into();
    store.whatsapp(statuses(&[other])).await.is_ok();
    assert_eq!(store.contents().await, before);
    assert_eq!(counted(Counter::TrafficIgnored { kind: "sent" }), 5);
    assert_eq!(held(&store).await.1, SendOutcome::Claimed);
    drop(send);
}

#[tokio::test]
async fn a_held_message_is_accepted_and_may_fail_later() {
    let store = Store::open().await;
    let send = claimed(&store).await;
    // Meta's answer said that it holds the message back; that is a yes.
    let wamid = ReminderId::parse(WAMID).unwrap();
    store.table.send_finish(&phone_key(), &send, &wamid, &[], store.clock.now()).await.unwrap();
    store.whatsapp(statuses(&[named(&send, "failed")])).await.is_ok();
    assert_eq!(held(&store).await.1, SendOutcome::Accepted);
    assert!(store.reminder(WAMID).await.unwrap().is_failed());
}

/// A later failure of a message to somebody who hides their number: the send knows whom it was for.
#[tokio::test]
async fn a_later_failure_without_a_phone_is_heard_by_its_send() {
    let phones = Phones::open().await;
    let store = &phones.store;
    store.clock.set(store.clock.now().plus(Span::hours(1)));
    let send = claimed(store).await;
    let failed = |code: u32| {
        let mut failed = named(&send, "failed");
        failed["timestamp"] = (NOW_SECS + 3_600).to_string().into();
        failed.as_object_mut().unwrap().remove("recipient_id");
        failed["recipient_user_id"] = USER.into();
        failed["errors"] = json!([{"code": code, "title": "t"}]);
        failed
    };
    let contact = async || store.table.contact(&account(), &send.contact).await.unwrap();
    let at = store.clock.now();
    store.whatsapp(statuses(&[failed(131_026)])).await.is_ok();
    assert_eq!(contact().await.suppressed_until, Some(at.plus(Span::days(30))));
    // Whose the id is, is learned by the way.
    let user = phone_key().business_user(USER);
    let learned = store.table.business_user(&account(), &user).await.unwrap().contact;
    assert_eq!(learned.as_ref(), Some(&send.contact));
    store.whatsapp(statuses(&[failed(131_042)])).await.is_ok();
    assert_eq!(store.get("/account/whatsapp").await.ok()["blocked"]["cure"], "settle-payment");
    assert!(!contact().await.opt_out);
    store.whatsapp(statuses(&[failed(131_050)])).await.is_ok();
    assert_eq!((contact().await.opt_out, contact().await.opt_at), (true, Some(at)));
    // One that names another's send says nothing of anybody.
    let before = store.contents().await.len();
    let mut other = failed(131_050);
    other["recipient_user_id"] = Value::Null;
    other["biz_opaque_callback_data"] = callback(&SendId::new(&[9; 16])).into();
    store.whatsapp(statuses(&[other])).await.is_ok();
    assert_eq!(store.contents().await.len(), before);
}
