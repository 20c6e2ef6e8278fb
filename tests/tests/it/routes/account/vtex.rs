//! Connecting a store: what `POST /account/vtex` keeps, what it makes VTEX do, and what it refuses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use futures::FutureExt as _;
use http::Request;
use serde_json::{Value, json};
use shared::domain::values::span::Span;
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};
use vtex_stand_in::{APP_KEY, APP_TOKEN, Fault, Ping};

use crate::store::functions::sealing;
use crate::store::hook::{Hook, PUBLIC_URL};
use crate::store::{Answer, Store, account, now};

const HOOK_URL: &str = "https://api.example/v1/webhooks/vtex/acme";

/// A store that is set up and not connected. Its VTEX pings the function that it is to notify.
async fn open() -> Hook {
    let hook = Hook::of(&Store::set_up().await).await;
    answer_pings(&hook);
    hook
}

/// The pings that VTEX sends from now on.
fn answer_pings(hook: &Hook) -> Arc<Mutex<Vec<Ping>>> {
    let (store, pings) = (hook.store.clone(), Arc::<Mutex<Vec<Ping>>>::default());
    let heard = Arc::clone(&pings);
    hook.vtex.ping_through(move |ping| {
        let (store, heard) = (store.clone(), Arc::clone(&heard));
        async move {
            let path = ping.url.strip_prefix(PUBLIC_URL).unwrap().to_owned();
            let mut request = Request::post(path);
            for (name, value) in &ping.headers {
                request = request.header(name, value);
            }
            let body = Body::from(ping.body.clone());
            heard.lock().unwrap().push(ping);
            store.call(request.body(body).unwrap()).await.status == 200
        }
        .boxed()
    });
    pings
}

async fn connect_with(hook: &Hook, body: &Value) -> Answer {
    hook.store.post("/account/vtex", body).await
}

async fn connect(hook: &Hook) -> Answer {
    connect_with(hook, &keys()).await
}

/// The secret that VTEX sends from now on.
fn hook_secret(hook: &Hook) -> String {
    let hook = hook.vtex.hook().unwrap();
    hook["hook"]["headers"]["x-hook-secret"].as_str().unwrap().to_owned()
}

async fn notify(hook: &Hook, secret: &str) -> u16 {
    let body = notification("acme", ORDER_ID, "Marketplace").to_string();
    hook.post("/webhooks/vtex/acme", &[secret], body).await.status
}

fn keys() -> Value {
    json!({"appKey": APP_KEY, "appToken": APP_TOKEN})
}

fn foreign() -> Value {
    json!({"filter": {"type": "FromWorkflow", "status": ["invoiced"]},
        "hook": {"url": "https://erp.example/vtex?token=s3cret", "headers": {"key": "value"}}})
}

#[tokio::test]
async fn one_call_connects_a_store() {
    let hook = open().await;
    let pings = answer_pings(&hook);
    let answer = connect(&hook).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"hookUrl": HOOK_URL})));
    let configured = hook.vtex.hook().unwrap();
    assert_eq!(configured["hook"]["url"], HOOK_URL);
    assert_eq!(configured["filter"]["type"], "FromWorkflow");
    // VTEX's ping reached the hook with the new secret, and the hook works.
    let pings = pings.lock().unwrap().clone();
    let headers = BTreeMap::from([("x-hook-secret".to_owned(), hook_secret(&hook))]);
    assert_eq!(pings.len(), 1);
    assert_eq!((pings[0].url.as_str(), &pings[0].headers), (HOOK_URL, &headers));
    assert!(hook_secret(&hook).starts_with("whsec_"));
    hook.vtex.put(order());
    assert_eq!(notify(&hook, &hook_secret(&hook)).await, 200);
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
    // Only the call and the header know the secrets.
    for path in ["/account", "/campaigns"] {
        let text = hook.store.get(path).await.text;
        assert!(!text.contains(APP_TOKEN) && !text.contains("whsec_"), "{text}");
    }
    assert!(!answer.text.contains(APP_TOKEN) && !answer.text.contains("whsec_"));
}

#[tokio::test]
async fn a_hook_of_somebody_else_is_not_taken_unasked() {
    let hook = open().await;
    hook.vtex.set_hook(foreign());
    let answer = connect(&hook).await;
    let problem = answer.is_problem(409, "hook-taken");
    assert_eq!(problem["field"], "replace");
    // The host helps to find whose it is; the rest of the address may hold a secret.
    assert!(answer.text.contains("erp.example") && !answer.text.contains("s3cret"));
    assert_eq!(hook.vtex.hook(), Some(foreign()));
    assert_eq!(hook.store.table.vtex(&account()).await.unwrap(), None);
    let mut asked = keys();
    asked["replace"] = json!(false);
    connect_with(&hook, &asked).await.is_problem(409, "hook-taken");
    asked["replace"] = json!(true);
    assert_eq!(connect_with(&hook, &asked).await.status, 200);
    assert_eq!(hook.vtex.hook().unwrap()["hook"]["url"], HOOK_URL);
}

#[tokio::test]
async fn a_hook_of_our_own_is_renewed_and_its_old_secret_stays_for_a_day() {
    let hook = open().await;
    hook.vtex.put(order());
    assert_eq!(connect(&hook).await.status, 200);
    let old = hook_secret(&hook);
    assert_eq!(connect(&hook).await.status, 200);
    let new = hook_secret(&hook);
    assert_ne!(old, new);
    assert_eq!((notify(&hook, &old).await, notify(&hook, &new).await), (200, 200));
    hook.store.clock.set(now().plus(Span::hours(24)));
    assert_eq!((notify(&hook, &old).await, notify(&hook, &new).await), (401, 200));
    // Another deployment of this system is somebody else, too.
    let mut elsewhere = foreign();
    elsewhere["hook"]["url"] = json!("https://staging.example/webhooks/vtex/acme");
    hook.vtex.set_hook(elsewhere);
    connect(&hook).await.is_problem(409, "hook-taken");
}

#[tokio::test]
async fn no_hook_is_told_in_several_ways() {
    for none in [json!({}), json!({"hook": null}), json!({"hook": {"url": ""}})] {
        let hook = open().await;
        hook.vtex.set_hook(none);
        assert_eq!(connect(&hook).await.status, 200);
    }
}

#[tokio::test]
async fn an_attempt_that_vtex_refuses_leaves_the_hook_as_it_was() {
    let hook = open().await;
    hook.vtex.put(order());
    assert_eq!(connect(&hook).await.status, 200);
    let held = hook_secret(&hook);
    // The ping fails.
    hook.vtex.ping_through(|_| async { false }.boxed());
    connect(&hook).await.is_problem(409, "hook-refused");
    answer_pings(&hook);
    hook.vtex.plan([None, Some(Fault::Status(502))]);
    connect(&hook).await.is_problem(503, "unavailable");
    assert_eq!(hook_secret(&hook), held);
    // However long ago that was, what VTEX sends is taken: the secret that it holds, and the one that
    // it may have taken before its answer was lost.
    hook.store.clock.set(now().plus(Span::days(30)));
    let record = hook.store.table.vtex(&account()).await.unwrap().unwrap();
    let pending = record.pending_secret(&account(), &sealing()).unwrap().unwrap();
    let pending = pending.expose().to_owned();
    assert_eq!((notify(&hook, &held).await, notify(&hook, &pending).await), (200, 200));
    assert_eq!(connect(&hook).await.status, 200);
    assert_eq!(hook_secret(&hook), pending);
    assert_eq!(notify(&hook, &pending).await, 200);
}

#[tokio::test]
async fn keys_that_vtex_refuses_are_told() {
    let hook = open().await;
    let wrong = json!({"appKey": APP_KEY, "appToken": "WRONG"});
    let answer = connect_with(&hook, &wrong).await;
    assert_eq!(answer.is_problem(422, "vtex-keys-refused")["field"], "appKey");
    assert!(!answer.text.contains("WRONG"));
    // They may read the hook and not write it.
    hook.vtex.plan([None, Some(Fault::Status(403))]);
    connect(&hook).await.is_problem(422, "vtex-keys-refused");
    assert_eq!(hook.vtex.hook(), None);
}

#[tokio::test]
async fn a_vtex_that_fails_is_asked_again_later() {
    let hook = open().await;
    for fault in [
        Fault::Status(429),
        Fault::Status(500),
        Fault::Text("<html>".to_owned()),
        // A hook whose address can't be read is not taken for none.
        Fault::Text(json!({"hook": {"address": "https://erp.example"}}).to_string()),
    ] {
        hook.vtex.fail_once(fault);
        connect(&hook).await.is_problem(503, "unavailable");
    }
    assert_eq!(hook.vtex.hook(), None);
    assert_eq!(hook.store.table.vtex(&account()).await.unwrap(), None);
}

#[tokio::test]
async fn the_stores_time_zone_is_a_hint() {
    let hook = open().await;
    hook.vtex.put(order());
    let answer = connect(&hook).await;
    assert_eq!(answer.body["storeTimeZone"], "America/Sao_Paulo");
    hook.vtex.put(order_with(json!({"storePreferencesData": {
        "currencyCode": "CLP", "timeZone": "Pacific SA Standard Time"}})));
    assert_eq!(connect(&hook).await.body["storeTimeZone"], "America/Santiago");
    hook.vtex.put(order_with(json!({"storePreferencesData": {
        "currencyCode": "CLP", "timeZone": "Nowhere Standard Time"}})));
    assert_eq!(connect(&hook).await.body, json!({"hookUrl": HOOK_URL}));
    // The connection doesn't depend on it.
    hook.vtex.plan([None, None, Some(Fault::Status(500))]);
    assert_eq!(connect(&hook).await.body, json!({"hookUrl": HOOK_URL}));
}

#[tokio::test]
async fn a_request_is_judged_before_vtex_is_asked() {
    let hook = open().await;
    for (body, field) in [
        (json!({"appToken": "t"}), "appKey"),
        (json!({"appKey": "k"}), "appToken"),
        (json!({"appKey": "", "appToken": "t"}), "appKey"),
        (json!({"appKey": "k", "appToken": "a\r\nx-evil: 1"}), "appToken"),
        (json!({"appKey": "k", "appToken": "t", "replace": "yes"}), "replace"),
        // Nobody chooses where the keys are sent.
        (json!({"appKey": "k", "appToken": "t", "host": "evil.example"}), "host"),
    ] {
        let answer = connect_with(&hook, &body).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], field, "{body}");
    }
    let read = hook.store.with_scope("admin:read").post("/account/vtex", keys()).await;
    read.is_problem(403, "insufficient-scope");
    let nobody = Hook::of(&Store::unset().await).await;
    connect(&nobody).await.is_problem(404, "account-not-found");
    assert!(hook.vtex.calls().is_empty() && nobody.vtex.calls().is_empty());
}

/// What is told of the connection: whether it is there, since when, by which keys, and when it brought an order last.
#[tokio::test]
async fn the_connection_is_told_without_its_secrets() {
    let hook = open().await;
    let told = async || hook.store.get("/account/vtex").await.ok();
    assert_eq!(told().await, json!({"connected": false}));
    connect(&hook).await.is_ok();
    let at = now().to_string();
    let mut expected = json!({"connected": true, "connectedAt": at, "appKey": APP_KEY});
    assert_eq!(told().await, expected);
    // One that VTEX doesn't know is kept aside: none was brought.
    assert_eq!(notify(&hook, &hook_secret(&hook)).await, 200);
    assert_eq!(told().await, expected);
    hook.vtex.put(order());
    assert_eq!(notify(&hook, &hook_secret(&hook)).await, 200);
    expected["lastOrderAt"] = json!(at);
    assert_eq!(told().await, expected);
    // To the minute: within one, no order costs a write more.
    hook.store.pass(Span::seconds(59));
    assert_eq!(notify(&hook, &hook_secret(&hook)).await, 200);
    assert_eq!(told().await, expected);
    hook.store.pass(Span::seconds(1));
    assert_eq!(notify(&hook, &hook_secret(&hook)).await, 200);
    expected["lastOrderAt"] = json!(hook.store.clock.now().to_string());
    assert_eq!(told().await, expected);
    // Nothing of it crosses the account.
    assert_eq!(hook.store.of("other").get("/account/vtex").await.problem().0, 404);
    let other = hook.store.beside("other", "222", 8).await;
    assert_eq!(other.get("/account/vtex").await.ok(), json!({"connected": false}));
    assert_eq!(other.with_scope("none").get("/account/vtex").await.problem().0, 403);
}
