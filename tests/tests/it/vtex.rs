//! A VTEX store from its connection to its numbers, over HTTP: what one call sets up, and orders that
//! come by the hook.

use chrono::{Duration, SecondsFormat, Utc};
use futures::FutureExt as _;
use local::functions::{VTEX_HOOK_SECRET, wiring_reaching};
use local::stack::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vtex_stand_in::documents::{ORDER_FORM_ID, ORDER_ID, notification, order_with};
use vtex_stand_in::{APP_KEY, APP_TOKEN, Vtex};

use crate::stack::{Running, Store, answer};

/// A stack that reaches a VTEX which pings it back.
pub async fn start() -> (Running, Vtex) {
    let vtex = Vtex::start().await.unwrap();
    let wiring = wiring_reaching(vtex.url());
    let running = Running::start_with(|options| Options { wiring, ..options }).await;
    let http = running.http.clone();
    vtex.ping_through(move |ping| {
        let mut request = http.post(&ping.url).body(ping.body);
        for (name, value) in &ping.headers {
            request = request.header(name, value);
        }
        async move { request.send().await.unwrap().status() == StatusCode::OK }.boxed()
    });
    (running, vtex)
}

async fn connect(store: &Store<'_>) -> (StatusCode, Value) {
    let keys = json!({"appKey": APP_KEY, "appToken": APP_TOKEN});
    store.admin(Method::POST, "/account/vtex", Some(keys)).await
}

/// What VTEX does when an order changed: it calls the address that it was given, with the headers.
async fn notify(store: &Store<'_>, vtex: &Vtex) -> (StatusCode, Value) {
    let hook = vtex.hook().unwrap();
    let secret = hook["hook"]["headers"]["x-hook-secret"].as_str().unwrap();
    let body = notification(&store.account, ORDER_ID, "Marketplace").to_string();
    let request = store.running.http.post(hook["hook"]["url"].as_str().unwrap());
    answer(request.header("x-hook-secret", secret).body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_the_hook_counts_until_it_is_canceled() {
    let (running, vtex) = start().await;
    let store = running.store("hooked", "America/Sao_Paulo", 1).await;
    let (status, connected) = connect(&store).await;
    assert_eq!(status, StatusCode::OK, "{connected}");
    assert_eq!(connected["hookUrl"], running.url("/webhooks/vtex/hooked"));

    let start = Utc::now() - Duration::hours(6);
    let at = |minutes: i64| {
        (start + Duration::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Millis, true)
    };
    let event = |kind: &str, minutes: i64, data: Value| {
        json!({"specversion": "1.0", "id": kind, "source": "https://shop.example", "type": kind,
            "time": at(minutes), "data": data})
    };
    let (status, accepted) = store
        .batch(vec![
            event(
                "reminder.sent",
                0,
                json!({"reminderId": "wamid.1", "campaignId": store.campaigns[0],
                    "orderFormId": ORDER_FORM_ID, "checkoutItems": []}),
            ),
            event("reminder.status", 1, json!({"reminderId": "wamid.1", "status": "read"})),
        ])
        .await;
    assert_eq!((status, &accepted["accepted"]), (StatusCode::OK, &json!(2)), "{accepted}");

    vtex.put(order_with(json!({"creationDate": at(10), "lastChange": at(11)})));
    assert_eq!(notify(&store, &vtex).await.0, StatusCode::OK);
    running.drain().await;
    let (status, why) = store.get("/orders/1172452900788").await;
    assert_eq!(status, StatusCode::OK, "{why}");
    let day = (start - Duration::hours(3)).date_naive();
    let path = format!("/metrics?from={day}&to={day}");
    let totals = store.get(&path).await.1["totals"].clone();
    assert_eq!(totals["conversions"], json!({"total": 1, "assisted": 1, "clickThrough": 0}));
    assert_eq!(totals["conversionValue"], json!([{"currency": "BRL", "amount": "199.90"}]));

    let canceled = json!({"status": "canceled", "creationDate": at(10), "lastChange": at(12)});
    vtex.put(order_with(canceled));
    assert_eq!(notify(&store, &vtex).await.0, StatusCode::OK);
    running.drain().await;
    let totals = store.get(&path).await.1["totals"].clone();
    assert_eq!(totals["conversions"]["total"], 0);
    assert_eq!(totals["conversionValue"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_secret_opens_every_hook_and_no_other_does() {
    let running = Running::start().await;
    let store = running.store("plain", "America/Sao_Paulo", 0).await;
    let post = |secret: &'static str, body: Value| {
        let request = running.http.post(running.url("/webhooks/vtex/plain"));
        answer(request.header("x-hook-secret", secret).body(body.to_string()))
    };
    let ping = json!({"hookConfig": "ping"});
    assert_eq!(post(VTEX_HOOK_SECRET, ping.clone()).await.0, StatusCode::OK);
    assert_eq!(post("wrong", ping).await.0, StatusCode::UNAUTHORIZED);
    let foreign = notification("other", ORDER_ID, "Marketplace");
    let (status, problem) = post(VTEX_HOOK_SECRET, foreign).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (403, Some("origin-mismatch")));
    // No VTEX is reached from here: the notification would come again.
    let own = notification("plain", ORDER_ID, "Marketplace");
    assert_eq!(post(VTEX_HOOK_SECRET, own).await.0, StatusCode::SERVICE_UNAVAILABLE);
    let (status, problem) = connect(&store).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("unavailable")));
}
