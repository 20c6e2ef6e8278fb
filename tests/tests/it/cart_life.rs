//! A cart from the shopper's browser to the store's numbers, over HTTP: left behind, reminded of by the
//! system itself, and bought.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vtex_stand_in::documents::{NAME, ORDER_FORM_ID, order_form};
use vtex_stand_in::{APP_KEY, APP_TOKEN};

use crate::stack::{Running, Store, answer};

pub(crate) fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A store that VTEX tells of, and whose first campaign the system sends.
pub(crate) async fn connected<'a>(running: &'a Running, account: &str) -> Store<'a> {
    let store = sending(running, account).await;
    let keys = json!({"appKey": APP_KEY, "appToken": APP_TOKEN});
    let (status, told) = store.admin(Method::POST, "/account/vtex", Some(keys)).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    store
}

/// A store whose first campaign the system sends, at any hour.
pub(crate) async fn sending<'a>(running: &'a Running, account: &str) -> Store<'a> {
    let store = running.store(account, "America/Sao_Paulo", 1).await;
    send_from(&store, "5550100200").await;
    store
}

/// Has the system send the first campaign of a store, from a number of the stand-in for Meta.
pub(crate) async fn send_from(store: &Store<'_>, number: &str) {
    let ok = async |method: Method, path: &str, body: Value| {
        let (status, told) = store.admin(method, path, Some(body)).await;
        assert!(status.is_success(), "{path} {status} {told}");
    };
    let connection =
        json!({"wabaId": "5550100", "phoneNumberId": number, "token": local::graph::TOKEN});
    ok(Method::PUT, "/account/whatsapp", connection).await;
    ok(Method::POST, "/templates/pt-BR/text", json!({})).await;
    let day = ["00:00", "24:00"];
    let hours =
        json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day});
    let sending =
        json!({"enabled": true, "hours": hours, "cooldownHours": 24, "consent": "recorded"});
    ok(Method::PUT, "/account/sending", sending).await;
    let request = store.request(Method::PATCH, &format!("/campaigns/{}", store.campaigns[0]));
    let request = request.header("if-match", "\"1\"").json(&json!({"sending": {"enabled": true}}));
    let (status, told) = answer(request).await;
    assert_eq!(status, StatusCode::OK, "{told}");
}

pub(crate) async fn beat(store: &Store<'_>, body: Value) -> StatusCode {
    let url = store.running.url(&format!("/carts/{}", store.account));
    let request = store.running.http.post(url).header("content-type", "text/plain");
    request.body(body.to_string()).send().await.unwrap().status()
}

pub(crate) async fn tick(running: &Running, at: DateTime<Utc>) {
    let url = format!("{}?at={}", running.url("/local/tick"), text(at));
    let answer = running.http.post(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{:?}", answer.text().await);
    running.drain().await;
}

async fn messages(running: &Running) -> Vec<Value> {
    let (_, told) = answer(running.http.get(running.url("/local/whatsapp"))).await;
    told.as_array().unwrap().clone()
}

pub(crate) async fn funnel(store: &Store<'_>, now: DateTime<Utc>) -> Value {
    let (from, to) =
        ((now - Duration::days(1)).date_naive(), (now + Duration::days(1)).date_naive());
    let (status, told) = store.get(&format!("/metrics?from={from}&to={to}")).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_left_behind_is_reminded_of_once_and_counts_as_anybodys() {
    let (running, vtex) = crate::vtex::start().await;
    let store = connected(&running, "left").await;
    vtex.put_form(order_form());
    let now = Utc::now();
    let left = json!({"orderFormId": ORDER_FORM_ID, "page": "payment"});
    assert_eq!(beat(&store, left).await, StatusCode::ACCEPTED);
    tick(&running, now + Duration::minutes(59)).await;
    assert_eq!(messages(&running).await.len(), 0);
    tick(&running, now + Duration::minutes(61)).await;
    tick(&running, now + Duration::minutes(62)).await;
    let messages = messages(&running).await;
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message["to"], "5561999990001");
    assert!(message["text"].as_str().unwrap().contains(NAME), "{message}");
    let link = message["link"].as_str().unwrap();
    let token = link.rsplit('/').next().unwrap();
    let tapped = running.http.get(running.url(&format!("/r/{token}"))).send().await.unwrap();
    let target = tapped.headers()["location"].to_str().unwrap();
    let cart = format!("https://shop.example/checkout/?orderFormId={ORDER_FORM_ID}#/cart");
    assert_eq!(target, cart);
    running.drain().await;
    let told = funnel(&store, now).await;
    assert_eq!((&told["funnel"]["carts"], &told["funnel"]["accepted"]), (&json!(1), &json!(1)));
    let totals = &told["totals"];
    assert_eq!((&totals["sent"], &totals["totalClicks"]), (&json!(1), &json!(1)), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_without_a_shopper_becomes_a_reason() {
    let (running, vtex) = crate::vtex::start().await;
    let store = connected(&running, "nobody").await;
    let mut nobody = order_form();
    nobody["clientProfileData"] = json!(null);
    vtex.put_form(nobody);
    let now = Utc::now();
    beat(&store, json!({"orderFormId": ORDER_FORM_ID, "page": "payment"})).await;
    // One that the store doesn't know counts nowhere.
    beat(&store, json!({"orderFormId": "0".repeat(31) + "1", "page": "payment"})).await;
    tick(&running, now + Duration::minutes(61)).await;
    assert_eq!(messages(&running).await.len(), 0);
    let told = funnel(&store, now).await;
    assert_eq!(told["funnel"]["skipped"], json!([{"reason": "no-phone", "count": 1}]), "{told}");
}

/// What a backend tells of a cart and its shopper's phone.
fn cart(number: u32, at: DateTime<Utc>) -> Value {
    let data = json!({
        "orderFormId": format!("cart-{number}"), "lastActivityAt": text(at),
        "reachedPayment": true, "phone": format!("+551198555{number:04}"), "firstName": "Ana",
        "language": "pt-BR", "currency": "BRL", "value": 11980,
        "consent": {"granted": true, "at": text(at), "source": "checkout"},
    });
    json!({"specversion": "1.0", "id": number.to_string(), "source": "https://shop.example",
        "type": "cart.updated", "time": text(at), "data": data})
}

/// A store without a connection to VTEX: its backend tells all that is needed.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_backend_tells_is_enough() {
    let running = Running::start().await;
    let store = sending(&running, "backend").await;
    let now = Utc::now();
    let (status, told) = store.batch(vec![cart(101, now)]).await;
    assert_eq!((status, &told["accepted"]), (StatusCode::OK, &json!(1)), "{told}");
    tick(&running, now + Duration::minutes(61)).await;
    let messages = messages(&running).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["to"], "5511985550101");
}

/// Nine tenths of the 250 people that a new business may begin to write to, and more as soon as Meta says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_sends_225_messages_a_day_until_meta_lets_it_send_more() {
    let running = Running::start().await;
    let store = sending(&running, "limited").await;
    let now = Utc::now();
    let (status, told) = store.batch((0..230).map(|number| cart(number, now)).collect()).await;
    assert_eq!((status, &told["accepted"]), (StatusCode::OK, &json!(230)), "{told}");
    // A number sends 40 a second, and a tick is one instant.
    for minute in 61..71 {
        tick(&running, now + Duration::minutes(minute)).await;
    }
    assert_eq!(messages(&running).await.len(), 225);
    let raised = json!({"act": "limit", "number": "5550100200", "tier": "TIER_2K"});
    let post = running.http.post(running.url("/local/whatsapp")).json(&raised);
    assert_eq!(post.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    running.drain().await;
    // Who waits for the limit is looked at again within an hour.
    tick(&running, now + Duration::minutes(132)).await;
    assert_eq!(messages(&running).await.len(), 230);
}
