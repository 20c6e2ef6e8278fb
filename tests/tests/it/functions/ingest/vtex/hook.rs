//! Who may notify, of what, and what becomes of it.

use serde_json::{Value, json};
use shared::domain::values::limits::WEBHOOK_BODY_BYTES;
use shared::domain::values::money::Currency;
use shared::domain::values::span::Span;
use shared::telemetry::{Counter, counted};
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};

use crate::functions::ingest::vtex::support::{
    ACCOUNT, SECRET, Store, account, add_account, connect, now, reason,
};

const PATH: &str = "/webhooks/vtex/acme";

#[tokio::test]
async fn a_notification_folds_the_order_as_vtex_tells_it() {
    let store = Store::open().await;
    store.vtex.put(order());
    let mut stale = notification(ACCOUNT, ORDER_ID, "Marketplace");
    // What the notification says of the state is not believed.
    stale["State"] = json!("canceled");
    store.hook(&stale).await.is_ok();
    let folded = store.order(ORDER_GROUP).await.unwrap();
    let amount = folded.amount().unwrap();
    assert_eq!((amount.currency, amount.minor_units), (Currency::parse("BRL").unwrap(), 19_990));
    assert_eq!(folded.created_at.to_string(), "2026-11-20T12:00:00.123Z");
    let part = folded.parts.values().next().unwrap();
    assert_eq!(part.status.as_str(), "payment-approved");
    assert_eq!(part.changed_at.to_string(), "2026-11-20T12:05:30.765Z");
    let call = store.vtex.calls().pop().unwrap();
    assert_eq!(call.target, "/api/oms/pvt/orders/1172452900788-01");
    assert!(call.authorized);
}

#[tokio::test]
async fn the_hook_and_order_updated_end_in_the_same_fact() {
    let (hooked, told) = (Store::open().await, Store::open().await);
    hooked.change(order()).await.is_ok();
    let data = json!({
        "orderGroup": ORDER_GROUP, "orderId": ORDER_ID, "status": "payment-approved",
        "createdAt": "2026-11-20T12:00:00.1234567Z", "changedAt": "2026-11-20T12:05:30.7654321Z",
        "userId": "6f2d3a30-4c1b-4f3e-9b53-1df0c2c2f7a1", "phone": "5561999990001",
        "orderFormId": "0A5BE4B4-B1F1-4E6D-B4C4-D1D3C2B1A099", "currency": "BRL", "value": 19990,
        "items": [{"id": "287611", "name": "Camiseta Básica", "quantity": 2, "price": 9495}],
    });
    assert_eq!(told.order_updated(&data).await.status, 200);
    let order = told.order(ORDER_GROUP).await;
    assert!(order.is_some());
    assert_eq!(hooked.order(ORDER_GROUP).await, order);
    // And each of them finds nothing new in the other.
    assert_eq!(hooked.order_updated(&data).await.status, 200);
    assert_eq!(hooked.order(ORDER_GROUP).await, order);
}

#[tokio::test]
async fn a_notification_that_comes_twice_changes_nothing() {
    let store = Store::open().await;
    store.change(order()).await.is_ok();
    let first = store.order(ORDER_GROUP).await;
    store.notify(ORDER_ID).await.is_ok();
    assert_eq!(store.order(ORDER_GROUP).await, first);
}

#[tokio::test]
async fn a_ping_is_answered() {
    let store = Store::open().await;
    let ping = json!({"hookConfig": "ping"}).to_string();
    store.post(PATH, &[SECRET], ping.clone()).await.is_ok();
    // VTEX may try an address without the header.
    store.post(PATH, &[], ping.clone()).await.is_ok();
    store.post(PATH, &["wrong"], ping.clone()).await.is_problem(401, "invalid-signature");
    // Nothing else goes without.
    for body in [
        json!({"hookConfig": "ping", "OrderId": ORDER_ID}).to_string(),
        json!({"hookConfig": "pong"}).to_string(),
        format!("{ping}{}", " ".repeat(1_024)),
        "{}".to_owned(),
        String::new(),
    ] {
        let answer = store.post(PATH, &[], body.clone()).await;
        assert_eq!(answer.status, 401, "{body}");
    }
    assert!(store.vtex.calls().is_empty());
}

#[tokio::test]
async fn only_the_accounts_own_secret_opens_the_hook() {
    let store = Store::open().await;
    add_account(&store.table, "other").await;
    connect(&store.table, "other", "other-secret").await;
    store.vtex.put(order());
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
        let answer = store.post(PATH, secrets, body.clone()).await;
        assert_eq!(answer.status, 401, "{secrets:?}: {}", answer.text);
    }
    assert_eq!(counted(refused) - before, 9);
    assert!(store.vtex.calls().is_empty());
    assert_eq!(store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn a_secret_works_from_its_first_moment_and_its_predecessor_for_a_day() {
    let store = Store::open().await;
    store.change(order()).await.is_ok();
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    let post = async |secret: &str| store.post(PATH, &[secret], body.clone()).await.status.as_u16();
    let pending = store
        .table
        .vtex_begin(&account(), &crate::functions::ingest::vtex::support::keys(), "new")
        .await
        .unwrap();
    assert_eq!(pending, "new");
    // Pending: VTEX pings with it before it says yes.
    assert_eq!((post("new").await, post(SECRET).await), (200, 200));
    store.table.vtex_confirm(&account(), "new", now()).await.unwrap();
    store.clock.set(now().plus(Span::hours(24)).minus(Span::millis(1)));
    assert_eq!((post("new").await, post(SECRET).await), (200, 200));
    store.clock.set(now().plus(Span::hours(24)));
    assert_eq!((post("new").await, post(SECRET).await), (200, 401));
}

#[tokio::test]
async fn an_account_must_exist_and_be_connected() {
    let store = Store::unconnected().await;
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    for path in ["/webhooks/vtex/nobody", "/webhooks/vtex/ACME", "/webhooks/vtex/a%23b"] {
        let answer = store.post(path, &[SECRET], body.clone()).await;
        answer.is_problem(404, "account-not-found");
    }
    store.post(PATH, &[SECRET], body.clone()).await.is_problem(404, "vtex-not-connected");
    store.post(PATH, &[], body.clone()).await.is_problem(404, "vtex-not-connected");
    // That there is no connection is not believed for a moment.
    connect(&store.table, ACCOUNT, SECRET).await;
    store.vtex.put(order());
    store.post(PATH, &[SECRET], body).await.is_ok();
}

#[tokio::test]
async fn a_notification_must_name_the_accounts_own_order() {
    let store = Store::open().await;
    store.vtex.put(order());
    for origin in [
        json!({"Account": "other", "Key": "k"}),
        json!({"Account": "acme2"}),
        json!({"Account": "ACME"}),
        json!({"Account": ""}),
        json!({"Account": null}),
        json!({}),
        json!(null),
    ] {
        let mut foreign = notification(ACCOUNT, ORDER_ID, "Marketplace");
        foreign["Origin"] = origin.clone();
        let answer = store.hook(&foreign).await;
        answer.is_problem(403, "origin-mismatch");
    }
    assert!(store.vtex.calls().is_empty());
    assert!(store.asides().await.is_empty());
}

#[tokio::test]
async fn the_delivery_of_an_order_is_passed_over() {
    let store = Store::open().await;
    store.vtex.put(order());
    let ignored = Counter::TrafficIgnored { kind: "fulfillment" };
    let before = counted(ignored);
    store.hook(&notification(ACCOUNT, ORDER_ID, "Fulfillment")).await.is_ok();
    assert_eq!(counted(ignored) - before, 1);
    assert!(store.vtex.calls().is_empty());
    store.hook(&notification(ACCOUNT, ORDER_ID, "Marketplace")).await.is_ok();
    assert!(store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn an_unknown_domain_costs_no_order() {
    let store = Store::open().await;
    store.vtex.put(order());
    let mut strange = notification(ACCOUNT, ORDER_ID, "Chain");
    store.hook(&strange).await.is_ok();
    assert!(store.order(ORDER_GROUP).await.is_some());
    let object = strange.as_object_mut().unwrap();
    object.remove("Domain");
    object.insert("Surprise".to_owned(), json!([1]));
    store.hook(&strange).await.is_ok();
}

#[tokio::test]
async fn a_body_is_limited_and_must_be_json() {
    let store = Store::open().await;
    store.vtex.put(order());
    let padded = |bytes: usize| {
        let text = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    store.post(PATH, &[SECRET], padded(WEBHOOK_BODY_BYTES)).await.is_ok();
    let answer = store.post(PATH, &[SECRET], padded(WEBHOOK_BODY_BYTES + 1)).await;
    answer.is_problem(413, "payload-too-large");
    for text in ["", "{", "<xml/>", "\u{feff}{}"] {
        store.post(PATH, &[SECRET], text).await.is_problem(400, "malformed-json");
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
        let store = Store::open().await;
        store.hook(&body).await.is_ok();
        assert_eq!(store.reason().await, reason("invalid-field", field), "{body}");
        let aside = store.asides().await.remove(0);
        assert_eq!(aside.source, "vtex");
        let held: Value = serde_json::from_str(&aside.body).unwrap();
        assert_eq!((&held["account"], &held["item"]), (&json!(ACCOUNT), &body));
        assert!(store.vtex.calls().is_empty());
    }
}

/// The stack of one machine: any account's hook may send one secret.
#[tokio::test]
async fn a_secret_for_all_opens_every_hook() {
    let store = Store::unconnected().await;
    let api = shared::vtex::VtexApi::at(
        store.vtex.url(),
        crate::functions::ingest::vtex::support::PATIENT,
    );
    let local = ingest::Vtex::new(api)
        .answering_within(crate::functions::ingest::vtex::support::PATIENT.total)
        .with_secret_for_all(shared::runtime::config::Secret::new("local-hook-secret"));
    let local = store.reaching(local);
    let body = notification(ACCOUNT, ORDER_ID, "Marketplace").to_string();
    local.post(PATH, &["wrong"], body.clone()).await.is_problem(401, "invalid-signature");
    let ping = json!({"hookConfig": "ping"}).to_string();
    local.post(PATH, &["local-hook-secret"], ping).await.is_ok();
    // Its keys open nothing here.
    let answer = local.post(PATH, &["local-hook-secret"], body.clone()).await;
    answer.is_problem(503, "unavailable");
    connect(&store.table, ACCOUNT, SECRET).await;
    store.vtex.put(order_with(json!({})));
    for secret in ["local-hook-secret", SECRET] {
        local.post(PATH, &[secret], body.clone()).await.is_ok();
    }
    assert!(store.order(ORDER_GROUP).await.is_some());
}
