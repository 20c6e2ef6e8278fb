//! `POST /carts/{account}` and `cart.updated`: carts come in (R13).

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use shared::domain::facts::cart::{Cart, CartState};
use shared::domain::facts::decision::Reason;
use shared::domain::values::campaign::{CampaignChange, CampaignEdit};
use shared::domain::values::identity::UserId;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{
    BEAT_BODY_BYTES, NEW_CARTS_PER_MINUTE_IN_DOUBT, NEW_CARTS_PER_SECOND,
};
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::span::Span;
use shared::store::carts::begun::CartsRead;
use shared::store::carts::data::CartField;
use shared::store::names::Naming;
use shared::store::vtex::VtexKeys;
use shared::telemetry::{Counter, counted};

use crate::store::functions::{phone_key, sealing};
use crate::store::hook::begin;
use crate::store::told::{PHONE, event};
use crate::store::{Answer, CAMPAIGN, NOW_SECS, Store, account, secret};

const FORM: &str = "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0";

/// A store that VTEX tells of, and whose campaign the system sends.
async fn sending(trigger: &str) -> Store {
    let store = unconnected(trigger).await;
    begin(&store, &VtexKeys::parse("key", "token").unwrap(), "hook").await;
    store
}

/// The same without a connection to VTEX.
async fn unconnected(trigger: &str) -> Store {
    let store = Store::open().await;
    let id = CampaignId::parse(CAMPAIGN).unwrap();
    let before = store.table.campaign(&account(), &id).await.unwrap().unwrap();
    let sending = json!({"enabled": true, "trigger": trigger, "delayMinutes": 30});
    let edit = CampaignEdit {
        sending: Some(serde_json::from_value(sending).unwrap()),
        ..CampaignEdit::default()
    };
    let (at, by) = (store.clock.now(), "ana".to_owned());
    let after = before.edited(&edit, at).unwrap();
    let change = CampaignChange { before: Some(before), after, at, by };
    store.table.campaign_write(&account(), &change).await.unwrap();
    store
}

async fn beat(store: &Store, account: &str, body: &str) -> Answer {
    let request = Request::post(format!("/carts/{account}"))
        .header("content-type", "text/plain;charset=UTF-8")
        .body(Body::from(body.to_owned()))
        .unwrap();
    store.call(request).await
}

fn said(form: &str, page: &str) -> String {
    json!({"orderFormId": form, "page": page}).to_string()
}

async fn cart(store: &Store, form: &str) -> Option<Cart> {
    let id = phone_key().cart(&OrderForm::parse(form).unwrap().id());
    store.table.cart(&account(), &id).await.unwrap().map(|held| held.cart)
}

#[tokio::test]
async fn a_browser_says_that_a_cart_lives() {
    let store = sending("payment").await;
    assert_eq!(beat(&store, "acme", &said(FORM, "payment")).await.status, 202);
    let first = cart(&store, FORM).await.unwrap();
    assert_eq!((first.state, first.episode), (CartState::Waiting, store.clock.now()));
    assert_eq!(first.due_at, store.clock.now().plus(Span::seconds(30 * 60)));
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    // The same order form in another spelling, at another page: the cart lives on.
    let other = FORM.replace('-', "").to_lowercase();
    beat(&store, "acme", &said(&other, "other")).await;
    let second = cart(&store, FORM).await.unwrap();
    assert_eq!((second.last_activity_at, second.payment), (store.clock.now(), true));
    assert_eq!(second.episode, first.episode);
}

#[tokio::test]
async fn reaching_payment_later_begins_an_episode() {
    let store = sending("payment").await;
    beat(&store, "acme", &said(FORM, "other")).await;
    assert_eq!(cart(&store, FORM).await, None);
    beat(&store, "acme", &said(FORM, "payment")).await;
    assert!(cart(&store, FORM).await.is_some());
    // Where some campaign asks for no payment page, any page begins one.
    let store = sending("any").await;
    beat(&store, "acme", &said(FORM, "other")).await;
    assert!(!cart(&store, FORM).await.unwrap().payment);
}

#[tokio::test]
async fn a_store_that_sends_nothing_keeps_no_carts() {
    let store = Store::open().await;
    beat(&store, "acme", &said(FORM, "payment")).await;
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn the_cart_route_answers_alike_for_unknown_ids() {
    let store = sending("payment").await;
    let alike = |mut answer: Answer| {
        // Each request has an id of its own.
        answer.headers.remove("x-request-id").unwrap();
        answer
    };
    let known = alike(beat(&store, "acme", &said(FORM, "payment")).await);
    assert_eq!((known.status, known.text.as_str()), (202, ""));
    let long = format!("{}{}", said("b", "payment"), " ".repeat(BEAT_BODY_BYTES));
    let bodies = [
        ("nobody", said(FORM, "payment")),
        ("No#body", said(FORM, "payment")),
        ("acme", said("../x", "payment")),
        ("acme", said("", "payment")),
        ("acme", said("a", "elsewhere")),
        ("acme", "{".to_owned()),
        ("acme", "[]".to_owned()),
        ("acme", String::new()),
        ("acme", long),
    ];
    for (account, body) in bodies {
        let account = account.replace('#', "%23");
        let answer = alike(beat(&store, &account, &body).await);
        assert_eq!((answer.status, &answer.text), (known.status, &known.text), "{body}");
        assert_eq!(answer.headers, known.headers, "{body}");
    }
    // Only the one that can be a cart is one: with its pointer, and counted among those of its second.
    assert_eq!(store.contents().await.len(), 3);
}

#[tokio::test]
async fn a_beat_has_at_most_1_kb() {
    let store = sending("payment").await;
    let padded = |form: &str, bytes: usize| {
        let body = said(form, "payment");
        let more = bytes - body.len();
        format!("{body}{}", " ".repeat(more))
    };
    beat(&store, "acme", &padded("aa", BEAT_BODY_BYTES)).await;
    beat(&store, "acme", &padded("bb", BEAT_BODY_BYTES + 1)).await;
    assert!(cart(&store, "aa").await.is_some());
    assert_eq!(cart(&store, "bb").await, None);
}

#[tokio::test]
async fn a_flood_of_carts_is_cut_by_the_second() {
    let store = sending("payment").await;
    let form = |number: u32| format!("{number:032x}");
    beat(&store, "acme", &said(&form(0), "payment")).await;
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    // However many instances take them: one takes a request at a time, and a flood starts as many as it needs.
    let alone = async |number: u32| {
        let store = store.anew();
        beat(&store, "acme", &said(&form(number), "payment")).await;
    };
    for number in 1..=NEW_CARTS_PER_SECOND + 1 {
        alone(number).await;
    }
    assert!(cart(&store, &form(NEW_CARTS_PER_SECOND)).await.is_some());
    assert_eq!(cart(&store, &form(NEW_CARTS_PER_SECOND + 1)).await, None);
    // Those that live already go on.
    store.clock.set(store.clock.now().plus(Span::millis(500)));
    alone(0).await;
    assert_eq!(cart(&store, &form(0)).await.unwrap().last_activity_at, store.clock.now());
    store.clock.set(store.clock.now().plus(Span::millis(500)));
    alone(NEW_CARTS_PER_SECOND + 1).await;
    assert!(cart(&store, &form(NEW_CARTS_PER_SECOND + 1)).await.is_some());
}

/// Where neither VTEX nor a backend can tell whose a cart is, none is kept.
#[tokio::test]
async fn without_vtex_a_browser_begins_only_what_a_backend_told_of() {
    let store = unconnected("any").await;
    beat(&store, "acme", &said(FORM, "payment")).await;
    assert_eq!(cart(&store, FORM).await, None);
    assert!(store.contents().await.is_empty());
    store.event(&updated(NOW_SECS, &json!({"phone": PHONE}))).await;
    let begun = cart(&store, FORM).await.unwrap();
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    beat(&store, "acme", &said(FORM, "payment")).await;
    let lives = cart(&store, FORM).await.unwrap();
    assert_eq!((lives.episode, lives.last_activity_at), (begun.episode, store.clock.now()));
    // Decided, it may begin anew by a browser: what was told of it is still there.
    let id = phone_key().cart(&OrderForm::parse(FORM).unwrap().id());
    let held = store.table.cart(&account(), &id).await.unwrap().unwrap();
    let closed = held.cart.closed(store.clock.now(), Reason::BelowMinimum).unwrap();
    let closed = shared::store::carts::CartRecord { cart: closed, ..held };
    assert!(store.table.cart_put(&account(), &id, &closed).await.unwrap());
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    beat(&store, "acme", &said(FORM, "payment")).await;
    assert_eq!(cart(&store, FORM).await.unwrap().episode, store.clock.now());
}

#[tokio::test]
async fn browsers_begin_few_carts_while_most_are_made_up() {
    let store = sending("payment").await;
    let read = async |found: u64, gone: u64| {
        let (now, read) = (store.clock.now(), CartsRead { found, gone });
        store.table.carts_read_count(&account(), now, read).await.unwrap();
    };
    beat(&store, "acme", &said("aa", "payment")).await;
    read(10, 10).await;
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    beat(&store, "acme", &said("bb", "payment")).await;
    assert!(cart(&store, "bb").await.is_some());
    read(0, 1).await;
    // What was read is used for a minute.
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    let before = counted(Counter::CartsMadeUp);
    // A few a minute, so that some made-up ones don't silence the store.
    for number in 0..NEW_CARTS_PER_MINUTE_IN_DOUBT {
        beat(&store, "acme", &said(&format!("dd{number}"), "payment")).await;
        assert!(cart(&store, &format!("dd{number}")).await.is_some());
    }
    beat(&store, "acme", &said("cc", "payment")).await;
    assert_eq!(cart(&store, "cc").await, None);
    // Another instance has begun none itself.
    beat(&store.anew(), "acme", &said("cc", "payment")).await;
    assert_eq!(cart(&store, "cc").await, None);
    let asked = u64::from(NEW_CARTS_PER_MINUTE_IN_DOUBT) + 2;
    assert_eq!(counted(Counter::CartsMadeUp), before + asked);
    // Those that live go on, and a backend is believed.
    beat(&store, "acme", &said("bb", "payment")).await;
    assert_eq!(cart(&store, "bb").await.unwrap().last_activity_at, store.clock.now());
    store.event(&updated(NOW_SECS, &json!({}))).await;
    assert!(cart(&store, FORM).await.is_some());
    store.clock.set(store.clock.now().plus(Span::hours(1)));
    beat(&store, "acme", &said("cc", "payment")).await;
    assert!(cart(&store, "cc").await.is_some());
}

fn updated(secs: i64, more: &Value) -> Value {
    let mut data = json!({
        "orderFormId": FORM, "reachedPayment": true,
        "lastActivityAt": shared::domain::values::instant::Instant::from_millis(secs * 1_000).to_string(),
    });
    for (name, value) in more.as_object().unwrap() {
        data[name] = value.clone();
    }
    event("cart.updated", secs, &data)
}

async fn said_of(store: &Store, field: CartField) -> Option<String> {
    let id = phone_key().cart(&OrderForm::parse(FORM).unwrap().id());
    let (account, sealing) = (account(), sealing());
    let said = store.table.cart_said(&account, &id, &sealing, store.clock.now());
    said.await.unwrap().get(field).map(str::to_owned)
}

#[tokio::test]
async fn a_backend_tells_a_cart_with_its_shopper() {
    let store = sending("payment").await;
    let all = json!({
        "userId": "ana", "phone": PHONE, "firstName": "Ana", "language": "pt-BR", "currency": "BRL",
        "value": 11980, "items": [{"id": "1", "name": "Shirt", "quantity": 2, "price": 5990}],
        "url": "https://acme.example/cart",
        "consent": {"granted": true, "at": "2026-11-01T12:00:00Z", "source": "checkout"},
    });
    let answer = store.event(&updated(NOW_SECS - 60, &all)).await;
    assert_eq!(answer.json(), json!({"accepted": 1, "keptAside": []}));
    assert_eq!(cart(&store, FORM).await.unwrap().episode.seconds(), NOW_SECS - 60);
    assert_eq!(said_of(&store, CartField::Phone).await.as_deref(), Some(PHONE));
    assert_eq!(said_of(&store, CartField::Value).await.as_deref(), Some("11980"));
    assert!(said_of(&store, CartField::Items).await.unwrap().contains("Shirt"));
    // What it says of a person stands nowhere in clear.
    let contents = store.contents().await.concat();
    assert!(!contents.contains("99999-0001") && !contents.contains("5561999990001"), "{contents}");
    assert!(!contents.contains("\"Ana\"") && !contents.contains("ana\""), "{contents}");
    // Null takes away, what is left out stays.
    store.event(&updated(NOW_SECS - 30, &json!({"firstName": null}))).await;
    assert_eq!(said_of(&store, CartField::FirstName).await, None);
    assert_eq!(said_of(&store, CartField::Phone).await.as_deref(), Some(PHONE));
}

/// An erasure takes away what was said by then, however late that comes; what is said afterwards is new.
#[tokio::test]
async fn what_was_said_before_an_erasure_brings_nothing() {
    let store = sending("payment").await;
    let person = json!({"userId": "ana", "phone": PHONE, "firstName": "Ana"});
    store.event(&updated(NOW_SECS - 120, &person)).await;
    let user = Identity::User(UserId::parse("ana").unwrap());
    let erased_at = Instant::from_millis((NOW_SECS - 60) * 1_000);
    store.table.mark(&phone_key(), &account(), &user, erased_at, &[7; 16]).await.unwrap();
    let id = phone_key().cart(&OrderForm::parse(FORM).unwrap().id());
    let named = store.table.named_in(&phone_key(), &account(), &user).await.unwrap();
    assert!(matches!(&named[..], [one] if one.naming == Naming::Cart(id.clone())), "{named:?}");
    let now = Instant::from_millis(NOW_SECS * 1_000);
    store.table.cart_forget(&account(), &id, erased_at, now).await.unwrap();
    assert_eq!(said_of(&store, CartField::Phone).await, None);
    let late = json!({"userId": "ana", "phone": PHONE});
    store.event(&updated(NOW_SECS - 60, &late)).await;
    assert_eq!(said_of(&store, CartField::Phone).await, None);
    let held = store.table.cart(&account(), &id).await.unwrap().unwrap();
    assert!(held.order_form.is_erased());
    store.event(&updated(NOW_SECS - 59, &late)).await;
    assert_eq!(said_of(&store, CartField::Phone).await.as_deref(), Some(PHONE));
}

#[tokio::test]
async fn an_event_without_a_signature_tells_nothing() {
    let store = sending("payment").await;
    let body = updated(NOW_SECS, &json!({}));
    let path = "/events/acme";
    let answer = store
        .signed_by(&secret(9), path, "application/cloudevents+json", body.to_string().as_bytes())
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(cart(&store, FORM).await, None);
}

#[tokio::test]
async fn an_odd_field_is_named_and_kept_aside() {
    let store = sending("payment").await;
    let cases = [
        (json!({"phone": 7}), "data.phone"),
        (json!({"value": -1}), "data.value"),
        (json!({"value": "12"}), "data.value"),
        (json!({"consent": {"granted": "yes"}}), "data.consent"),
        (json!({"consent": {"granted": true, "at": "yesterday"}}), "data.consent.at"),
        (json!({"lastActivityAt": "soon"}), "data.lastActivityAt"),
        (json!({"orderFormId": "a/b"}), "data.orderFormId"),
        (json!({"firstName": "a".repeat(2_001)}), "data.firstName"),
    ];
    for (more, field) in cases {
        let answer = store.event(&updated(NOW_SECS, &more)).await.json();
        assert_eq!(answer["keptAside"][0]["field"], field, "{more}");
    }
    assert_eq!(cart(&store, FORM).await, None);
}

/// What a backend tells for tomorrow holds as of now, else nothing later could correct it.
#[tokio::test]
async fn an_event_from_tomorrow_is_one_of_now() {
    let store = sending("payment").await;
    let tomorrow = NOW_SECS + 86_400;
    store.event(&updated(tomorrow, &json!({"phone": "+5511985550101"}))).await;
    assert_eq!(cart(&store, FORM).await.unwrap().last_activity_at, store.clock.now());
    store.clock.set(store.clock.now().plus(Span::seconds(60)));
    store.event(&updated(NOW_SECS + 60, &json!({"phone": PHONE}))).await;
    assert_eq!(said_of(&store, CartField::Phone).await.as_deref(), Some(PHONE));
}
