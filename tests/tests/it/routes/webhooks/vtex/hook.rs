//! Who may notify, of what, and what becomes of it.

use serde_json::{Value, json};
use shared::domain::values::limits::WEBHOOK_BODY_BYTES;
use shared::domain::values::money::Currency;
use shared::domain::values::span::Span;
use shared::telemetry::{Counter, counted};
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};

use crate::store::contents::reason;
use crate::store::hook::{Hook, SECRET, begin, confirm, keys};
use crate::store::{ACCOUNT, now};

const PATH: &str = "/webhooks/vtex/acme";

#[tokio::test]
async fn a_notification_folds_the_order_as_vtex_tells_it() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let mut stale = notification(ACCOUNT, ORDER_ID, "Marketplace");
    // What the notification says of the state is not believed.
    stale["State"] = json!("canceled");
    hook.send(&stale).await.is_empty();
    let folded = hook.store.order(ORDER_GROUP).await.unwrap();
    let amount = folded.amount().unwrap();
    assert_eq!((amount.currency, amount.minor_units), (Currency::parse("BRL").unwrap(), 19_990));
    assert_eq!(folded.created_at.to_string(), "2026-11-20T12:00:00.123Z");
    let part = folded.parts.values().next().unwrap();
    assert_eq!(part.status.as_str(), "payment-approved");
    assert_eq!(part.changed_at.to_string(), "2026-11-20T12:05:30.765Z");
    let call = hook.vtex.calls().pop().unwrap();
    assert_eq!(call.target, "/api/oms/pvt/orders/1172452900788-01");
    assert!(call.authorized);
}

#[tokio::test]
async fn the_hook_and_order_updated_end_in_the_same_fact() {
    let (hooked, told) = (Hook::open().await, Hook::open().await);
    hooked.change(order()).await.is_empty();
    let data = json!({
        "orderGroup": ORDER_GROUP, "orderId": ORDER_ID, "status": "payment-approved",
        "createdAt": "2026-11-20T12:00:00.1234567Z", "changedAt": "2026-11-20T12:05:30.7654321Z",
        "userId": "6f2d3a30-4c1b-4f3e-9b53-1df0c2c2f7a1", "phone": "5561999990001",
        "orderFormId": "0A5BE4B4-B1F1-4E6D-B4C4-D1D3C2B1A099", "currency": "BRL", "value": 19990,
        "items": [{"id": "287611", "name": "Camiseta Básica", "quantity": 2, "price": 9495}],
    });
    let event = json!({
        "specversion": "1.0", "id": "e", "source": "https://acme.example/orders",
        "type": "order.updated", "data": data,
    });
    told.store.event(&event).await.is_ok();
    let order = told.store.order(ORDER_GROUP).await;
    assert!(order.is_some());
    assert_eq!(hooked.store.order(ORDER_GROUP).await, order);
    // And each of them finds nothing new in the other.
    hooked.store.event(&event).await.is_ok();
    assert_eq!(hooked.store.order(ORDER_GROUP).await, order);
}

#[tokio::test]
async fn a_notification_that_comes_twice_changes_nothing() {
    let hook = Hook::open().await;
    hook.change(order()).await.is_empty();
    let first = hook.store.order(ORDER_GROUP).await;
    hook.notify(ORDER_ID).await.is_empty();
    assert_eq!(hook.store.order(ORDER_GROUP).await, first);
}

#[tokio::test]
async fn a_ping_is_answered() {
    let hook = Hook::open().await;
    let ping = json!({"hookConfig": "ping"}).to_string();
    hook.post(PATH, &[SECRET], ping.clone()).await.is_empty();
    // VTEX may try an address without the header.
    hook.post(PATH, &[], ping.clone()).await.is_empty();
    hook.post(PATH, &["wrong"], ping.clone()).await.is_problem(401, "invalid-signature");
    // Nothing else goes without.
    for body in [
        json!({"hookConfig": "ping", "OrderId": ORDER_ID}).to_string(),
        json!({"hookConfig": "pong"}).to_string(),
        format!("{ping}{}", " ".repeat(1_024)),
        "{}".to_owned(),
        String::new(),
    ] {
        let answer = hook.post(PATH, &[], body.clone()).await;
        assert_eq!(answer.status, 401, "{body}");
    }
    assert!(hook.vtex.calls().is_empty());
}

#[tokio::test]
async fn only_the_accounts_own_secret_opens_the_hook() {
    let hook = Hook::open().await;
    hook.store.beside("other", "222", 8).await;
    hook.connect("other", "other-secret").await;
    hook.vtex.put(order());
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    let refused = Counter::SignatureRefused { source: "vtex" };
    let before = counted(refused);
    for secrets in [
        &[][..],
        &[""],
        &["hook-secre"],
        &["hook-secret2"],
        &["HOOK-SECRET"],
        &["other-secret"],
        &["local-hook-secret"],
        // Which of the two was judged?
        &[SECRET, SECRET],
        &[SECRET, "wrong"],
    ] {
        let answer = hook.post(PATH, secrets, body.clone()).await;
        assert_eq!(answer.status, 401, "{secrets:?}: {}", answer.text);
    }
    assert_eq!(counted(refused) - before, 9);
    assert!(hook.vtex.calls().is_empty());
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn a_secret_works_from_its_first_moment_and_its_predecessor_for_a_day() {
    let hook = Hook::open().await;
    hook.change(order()).await.is_empty();
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    let post = async |secret: &str| hook.post(PATH, &[secret], body.clone()).await.status;
    assert_eq!(begin(&hook.store, &keys(), "new").await, "new");
    // Pending: VTEX pings with it before it says yes.
    assert_eq!((post("new").await, post(SECRET).await), (200, 200));
    confirm(&hook.store, "new").await;
    hook.store.clock.set(now().plus(Span::hours(24)).minus(Span::millis(1)));
    assert_eq!((post("new").await, post(SECRET).await), (200, 200));
    hook.store.clock.set(now().plus(Span::hours(24)));
    assert_eq!((post("new").await, post(SECRET).await), (200, 401));
}

#[tokio::test]
async fn an_account_must_exist_and_be_connected() {
    let hook = Hook::unconnected().await;
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    for path in ["/webhooks/vtex/nobody", "/webhooks/vtex/ACME", "/webhooks/vtex/a%23b"] {
        let answer = hook.post(path, &[SECRET], body.clone()).await;
        answer.is_problem(404, "account-not-found");
    }
    hook.post(PATH, &[SECRET], body.clone()).await.is_problem(404, "vtex-not-connected");
    hook.post(PATH, &[], body.clone()).await.is_problem(404, "vtex-not-connected");
    // That there is no connection is not believed for a moment.
    hook.connect(ACCOUNT, SECRET).await;
    hook.vtex.put(order());
    hook.post(PATH, &[SECRET], body).await.is_empty();
}

#[tokio::test]
async fn a_notification_must_name_the_accounts_own_order() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    for origin in [
        json!({"Account": "other", "Key": "k"}),
        json!({"Account": "acme2"}),
        json!({"Account": "ACME2"}),
    ] {
        let mut foreign = notification(ACCOUNT, ORDER_ID, "Marketplace");
        foreign["Origin"] = origin.clone();
        let answer = hook.send(&foreign).await;
        answer.is_problem(403, "origin-mismatch");
    }
    assert!(hook.vtex.calls().is_empty());
    assert!(hook.store.asides().await.is_empty());
}

/// Whoever knows the secret is the account's hook: VTEX drops one that is refused for three days.
#[tokio::test]
async fn a_notification_may_leave_out_or_shout_whose_it_is() {
    for origin in [
        json!({"Account": "ACME"}),
        json!({"Account": "Acme", "Key": "k"}),
        json!({"Account": ""}),
        json!({"Account": null}),
        json!({"Account": 7}),
        json!({}),
        json!("acme"),
        json!(null),
    ] {
        let hook = Hook::open().await;
        hook.vtex.put(order());
        let mut told = notification(ACCOUNT, ORDER_ID, "Marketplace");
        told["Origin"] = origin.clone();
        hook.post(PATH, &["wrong"], told.to_string()).await.is_problem(401, "invalid-signature");
        hook.send(&told).await.is_empty();
        assert!(hook.store.order(ORDER_GROUP).await.is_some(), "{origin}");
    }
    let hook = Hook::open().await;
    hook.vtex.put(order());
    hook.send(&json!({"OrderId": ORDER_ID})).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

/// The order's own document decides, whatever the notification says, as it does when orders are caught up.
#[tokio::test]
async fn an_order_that_was_sold_elsewhere_is_of_no_use() {
    let hook = Hook::open().await;
    let ignored = Counter::TrafficIgnored { kind: "fulfillment" };
    let before = counted(ignored);
    for origin in ["Fulfillment", "FULFILLMENT"] {
        hook.change(order_with(json!({"origin": origin}))).await.is_empty();
    }
    assert_eq!(counted(ignored) - before, 2);
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
    assert!(hook.store.asides().await.is_empty());
    for origin in [json!("Chain"), json!(null), json!(7), json!("Marketplace")] {
        let hook = Hook::open().await;
        hook.change(order_with(json!({"origin": origin}))).await.is_empty();
        assert!(hook.store.order(ORDER_GROUP).await.is_some(), "{origin}");
    }
}

#[tokio::test]
async fn the_delivery_of_an_order_is_passed_over() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let ignored = Counter::TrafficIgnored { kind: "fulfillment" };
    let before = counted(ignored);
    hook.send(&notification(ACCOUNT, ORDER_ID, "Fulfillment")).await.is_empty();
    assert_eq!(counted(ignored) - before, 1);
    assert!(hook.vtex.calls().is_empty());
    hook.send(&notification(ACCOUNT, ORDER_ID, "Marketplace")).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn an_unknown_domain_costs_no_order() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let mut strange = notification(ACCOUNT, ORDER_ID, "Chain");
    hook.send(&strange).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
    let object = strange.as_object_mut().unwrap();
    object.remove("Domain");
    object.insert("Surprise".to_owned(), json!([1]));
    hook.send(&strange).await.is_empty();
}

#[tokio::test]
async fn a_body_is_limited_and_must_be_json() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let padded = |bytes: usize| {
        let text = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    hook.post(PATH, &[SECRET], padded(WEBHOOK_BODY_BYTES)).await.is_empty();
    let answer = hook.post(PATH, &[SECRET], padded(WEBHOOK_BODY_BYTES + 1)).await;
    answer.is_problem(413, "payload-too-large");
    for text in ["", "{", "<xml/>", "\u{feff}{}"] {
        hook.post(PATH, &[SECRET], text).await.is_problem(400, "malformed-json");
    }
}

#[tokio::test]
async fn a_notification_that_names_no_order_is_kept_aside() {
    for (body, field) in [
        (json!([notification(ACCOUNT, ORDER_ID, "Marketplace")]), ""),
        (json!(null), ""),
        (json!({"OrderId": 7, "Origin": {"Account": ACCOUNT}}), ""),
        (json!({"Origin": {"Account": ACCOUNT}}), "OrderId"),
        (json!({"OrderId": "", "Origin": {"Account": ACCOUNT}}), "OrderId"),
        (json!({"OrderId": "a#b", "Origin": {"Account": ACCOUNT}}), "OrderId"),
        (json!({"OrderId": "x".repeat(201), "Origin": {"Account": ACCOUNT}}), "OrderId"),
    ] {
        let hook = Hook::open().await;
        hook.send(&body).await.is_empty();
        assert_eq!(hook.store.reason().await, reason("invalid-field", field), "{body}");
        let aside = hook.store.asides().await.remove(0);
        assert_eq!(aside.source, "vtex");
        let held: Value = serde_json::from_str(&aside.body).unwrap();
        assert_eq!((&held["account"], &held["item"]), (&json!(ACCOUNT), &body));
        assert!(hook.vtex.calls().is_empty());
    }
}

/// The stack of one machine: any account's hook may send one secret.
#[tokio::test]
async fn a_secret_for_all_opens_every_hook() {
    let hook = Hook::unconnected().await;
    let api = shared::vtex::VtexApi::at(hook.vtex.url(), crate::store::hook::PATIENT);
    let local = ingest::VtexAccess::new(api)
        .answering_within(crate::store::hook::PATIENT.total)
        .with_secret_for_all(shared::runtime::config::Secret::new("local-hook-secret"));
    let local = hook.reaching(local);
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    local.post(PATH, &["wrong"], body.clone()).await.is_problem(401, "invalid-signature");
    let ping = json!({"hookConfig": "ping"}).to_string();
    local.post(PATH, &["local-hook-secret"], ping).await.is_empty();
    // Its keys open nothing here.
    let answer = local.post(PATH, &["local-hook-secret"], body.clone()).await;
    answer.is_problem(503, "unavailable");
    hook.connect(ACCOUNT, SECRET).await;
    hook.vtex.put(order_with(json!({})));
    for secret in ["local-hook-secret", SECRET] {
        local.post(PATH, &[secret], body.clone()).await.is_empty();
    }
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}
