//! Connecting a store: what `POST /account/vtex` keeps, what it makes VTEX do, and what it refuses.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use campaigns::{Connector, Deps, Random};
use engine::Engine;
use futures::FutureExt as _;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::OrderGroup;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::store::Table;
use shared::vtex::{Timeouts, VtexApi};
use tower::ServiceExt as _;
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};
use vtex_stand_in::{APP_KEY, APP_TOKEN, Fault, Ping, Vtex};

const PUBLIC_URL: &str = "https://api.example/v1";
const HOOK_URL: &str = "https://api.example/v1/webhooks/vtex/acme";
const PATIENT: Timeouts =
    Timeouts { connect: Duration::from_secs(30), total: Duration::from_secs(30) };

fn now() -> Instant {
    Instant::parse_rfc3339("2026-11-22T12:00:00Z").unwrap()
}

fn account() -> Account {
    Account::parse("acme").unwrap()
}

/// A store that is set up and not connected; the function that connects it, and the one that VTEX
/// notifies.
struct Store {
    vtex: Vtex,
    table: Table,
    clock: Clock,
    campaigns: Router,
    ingest: Router,
    pings: Arc<Mutex<Vec<Ping>>>,
}

struct Answer {
    status: u16,
    body: Value,
    text: String,
}

impl Answer {
    #[track_caller]
    fn is_problem(&self, status: u16, code: &str) -> &Value {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}", self.text);
        &self.body
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status, body: serde_json::from_str(&text).unwrap_or_default(), text }
}

impl Store {
    async fn open() -> Self {
        let store = Self::not_set_up().await;
        let settings = json!({"timeZone": "America/Sao_Paulo", "language": "pt-BR",
            "phoneNumberIds": [], "storeUrl": "https://acme.example"});
        assert_eq!(store.admin(Method::PUT, "/account", &settings).await.status, 201);
        store
    }

    async fn not_set_up() -> Self {
        let table = Engine::within().await.unwrap().table();
        let vtex = Vtex::start().await.unwrap();
        let clock = Clock::manual(now());
        let draws = AtomicU8::new(1);
        let random = Random::from_fn(move |b| b.fill(draws.fetch_add(1, Ordering::SeqCst)));
        let api = VtexApi::at(vtex.url(), PATIENT);
        let campaigns = Deps::new(table.clone(), clock.clone())
            .with_random(random)
            .with_connector(Connector::new(api.clone(), PUBLIC_URL));
        let config = ingest::Config {
            whatsapp_app_secrets: vec![Secret::new("app-secret")],
            whatsapp_verify_token: Secret::new("verify-token"),
            phone_key: PhoneKey::new("phone-key"),
            public_url: PUBLIC_URL.to_owned(),
        };
        let hook = ingest::VtexAccess::new(api).answering_within(PATIENT.total);
        let ingest = ingest::Deps::new(table.clone(), clock.clone(), config).with_vtex(hook);
        let store = Self {
            vtex,
            table,
            clock,
            campaigns: campaigns::router(campaigns),
            ingest: ingest::router(ingest),
            pings: Arc::default(),
        };
        store.answer_pings();
        store
    }

    /// VTEX's pings reach the function that it is to notify.
    fn answer_pings(&self) {
        let (ingest, pings) = (self.ingest.clone(), Arc::clone(&self.pings));
        self.vtex.ping_through(move |ping| {
            let (ingest, pings) = (ingest.clone(), Arc::clone(&pings));
            async move {
                let path = ping.url.strip_prefix(PUBLIC_URL).unwrap().to_owned();
                let mut request = Request::post(path);
                for (name, value) in &ping.headers {
                    request = request.header(name, value);
                }
                let body = Body::from(ping.body.clone());
                pings.lock().unwrap().push(ping);
                send(&ingest, request.body(body).unwrap()).await.status == 200
            }
            .boxed()
        });
    }

    async fn admin(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.token(method, path, body, "admin:read admin:write").await
    }

    async fn token(&self, method: Method, path: &str, body: &Value, scope: &str) -> Answer {
        let context = json!({
            "http": {"method": method.as_str(), "path": path}, "requestId": "req-1",
            "authorizer": {"jwt": {"claims": {"account": "acme", "sub": "ana", "scope": scope}}},
        });
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let mut request = request.body(Body::from(body.to_string())).unwrap();
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        request.extensions_mut().insert(context);
        send(&self.campaigns, request).await
    }

    async fn connect_with(&self, body: &Value) -> Answer {
        self.admin(Method::POST, "/account/vtex", body).await
    }

    async fn connect(&self) -> Answer {
        self.connect_with(&keys()).await
    }

    /// The secret that VTEX sends from now on.
    fn hook_secret(&self) -> String {
        let hook = self.vtex.hook().unwrap();
        hook["hook"]["headers"]["x-hook-secret"].as_str().unwrap().to_owned()
    }

    async fn notify(&self, secret: &str) -> u16 {
        let body = notification("acme", ORDER_ID, "Marketplace").to_string();
        let request = Request::post("/webhooks/vtex/acme").header("x-hook-secret", secret);
        send(&self.ingest, request.body(Body::from(body)).unwrap()).await.status
    }
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
    let store = Store::open().await;
    let answer = store.connect().await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"hookUrl": HOOK_URL})));
    let hook = store.vtex.hook().unwrap();
    assert_eq!(hook["hook"]["url"], HOOK_URL);
    assert_eq!(hook["filter"]["type"], "FromWorkflow");
    // VTEX's ping reached the hook with the new secret, and the hook works.
    let pings = store.pings.lock().unwrap().clone();
    let headers = BTreeMap::from([("x-hook-secret".to_owned(), store.hook_secret())]);
    assert_eq!(pings.len(), 1);
    assert_eq!((pings[0].url.as_str(), &pings[0].headers), (HOOK_URL, &headers));
    assert!(store.hook_secret().starts_with("whsec_"));
    store.vtex.put(order());
    assert_eq!(store.notify(&store.hook_secret()).await, 200);
    let group = OrderGroup::parse(ORDER_GROUP).unwrap();
    assert!(store.table.order(&account(), &group).await.unwrap().is_some());
    // Only the call and the header know the secrets.
    for path in ["/account", "/campaigns"] {
        let text = store.admin(Method::GET, path, &json!(null)).await.text;
        assert!(!text.contains(APP_TOKEN) && !text.contains("whsec_"), "{text}");
    }
    assert!(!answer.text.contains(APP_TOKEN) && !answer.text.contains("whsec_"));
}

#[tokio::test]
async fn a_hook_of_somebody_else_is_not_taken_unasked() {
    let store = Store::open().await;
    store.vtex.set_hook(foreign());
    let answer = store.connect().await;
    let problem = answer.is_problem(409, "hook-taken");
    assert_eq!(problem["field"], "replace");
    // The host helps to find whose it is; the rest of the address may hold a secret.
    assert!(answer.text.contains("erp.example") && !answer.text.contains("s3cret"));
    assert_eq!(store.vtex.hook(), Some(foreign()));
    assert_eq!(store.table.vtex(&account()).await.unwrap(), None);
    let mut asked = keys();
    asked["replace"] = json!(false);
    store.connect_with(&asked).await.is_problem(409, "hook-taken");
    asked["replace"] = json!(true);
    assert_eq!(store.connect_with(&asked).await.status, 200);
    assert_eq!(store.vtex.hook().unwrap()["hook"]["url"], HOOK_URL);
}

#[tokio::test]
async fn a_hook_of_our_own_is_renewed_and_its_old_secret_stays_for_a_day() {
    let store = Store::open().await;
    store.vtex.put(order());
    assert_eq!(store.connect().await.status, 200);
    let old = store.hook_secret();
    assert_eq!(store.connect().await.status, 200);
    let new = store.hook_secret();
    assert_ne!(old, new);
    assert_eq!((store.notify(&old).await, store.notify(&new).await), (200, 200));
    store.clock.set(now().plus(Span::hours(24)));
    assert_eq!((store.notify(&old).await, store.notify(&new).await), (401, 200));
    // Another deployment of this system is somebody else, too.
    let mut elsewhere = foreign();
    elsewhere["hook"]["url"] = json!("https://staging.example/webhooks/vtex/acme");
    store.vtex.set_hook(elsewhere);
    store.connect().await.is_problem(409, "hook-taken");
}

#[tokio::test]
async fn no_hook_is_told_in_several_ways() {
    for none in [json!({}), json!({"hook": null}), json!({"hook": {"url": ""}})] {
        let store = Store::open().await;
        store.vtex.set_hook(none);
        assert_eq!(store.connect().await.status, 200);
    }
}

#[tokio::test]
async fn an_attempt_that_vtex_refuses_leaves_the_hook_as_it_was() {
    let store = Store::open().await;
    store.vtex.put(order());
    assert_eq!(store.connect().await.status, 200);
    let held = store.hook_secret();
    // The ping fails.
    store.vtex.ping_through(|_| async { false }.boxed());
    store.connect().await.is_problem(409, "hook-refused");
    store.answer_pings();
    store.vtex.plan([None, Some(Fault::Status(502))]);
    store.connect().await.is_problem(503, "unavailable");
    assert_eq!(store.hook_secret(), held);
    // However long ago that was, what VTEX sends is taken: the secret that it holds, and the one that
    // it may have taken before its answer was lost.
    store.clock.set(now().plus(Span::days(30)));
    let record = store.table.vtex(&account()).await.unwrap().unwrap();
    let pending = record.pending_secret.unwrap().secret;
    assert_eq!((store.notify(&held).await, store.notify(&pending).await), (200, 200));
    assert_eq!(store.connect().await.status, 200);
    assert_eq!(store.hook_secret(), pending);
    assert_eq!(store.notify(&pending).await, 200);
}

#[tokio::test]
async fn keys_that_vtex_refuses_are_told() {
    let store = Store::open().await;
    let wrong = json!({"appKey": APP_KEY, "appToken": "WRONG"});
    let answer = store.connect_with(&wrong).await;
    assert_eq!(answer.is_problem(422, "vtex-keys-refused")["field"], "appKey");
    assert!(!answer.text.contains("WRONG"));
    // They may read the hook and not write it.
    store.vtex.plan([None, Some(Fault::Status(403))]);
    store.connect().await.is_problem(422, "vtex-keys-refused");
    assert_eq!(store.vtex.hook(), None);
}

#[tokio::test]
async fn a_vtex_that_fails_is_asked_again_later() {
    let store = Store::open().await;
    for fault in [
        Fault::Status(429),
        Fault::Status(500),
        Fault::Text("<html>".to_owned()),
        // A hook whose address can't be read is not taken for none.
        Fault::Text(json!({"hook": {"address": "https://erp.example"}}).to_string()),
    ] {
        store.vtex.fail_once(fault);
        store.connect().await.is_problem(503, "unavailable");
    }
    assert_eq!(store.vtex.hook(), None);
    assert_eq!(store.table.vtex(&account()).await.unwrap(), None);
}

#[tokio::test]
async fn the_stores_time_zone_is_a_hint() {
    let store = Store::open().await;
    store.vtex.put(order());
    let answer = store.connect().await;
    assert_eq!(answer.body["storeTimeZone"], "America/Sao_Paulo");
    store.vtex.put(order_with(json!({"storePreferencesData": {
        "currencyCode": "CLP", "timeZone": "Pacific SA Standard Time"}})));
    assert_eq!(store.connect().await.body["storeTimeZone"], "America/Santiago");
    store.vtex.put(order_with(json!({"storePreferencesData": {
        "currencyCode": "CLP", "timeZone": "Nowhere Standard Time"}})));
    assert_eq!(store.connect().await.body, json!({"hookUrl": HOOK_URL}));
    // The connection doesn't depend on it.
    store.vtex.plan([None, None, Some(Fault::Status(500))]);
    assert_eq!(store.connect().await.body, json!({"hookUrl": HOOK_URL}));
}

#[tokio::test]
async fn a_request_is_judged_before_vtex_is_asked() {
    let store = Store::open().await;
    for (body, field) in [
        (json!({"appToken": "t"}), "appKey"),
        (json!({"appKey": "k"}), "appToken"),
        (json!({"appKey": "", "appToken": "t"}), "appKey"),
        (json!({"appKey": "k", "appToken": "a\r\nx-evil: 1"}), "appToken"),
        (json!({"appKey": "k", "appToken": "t", "replace": "yes"}), "replace"),
        // Nobody chooses where the keys are sent.
        (json!({"appKey": "k", "appToken": "t", "host": "evil.example"}), "host"),
    ] {
        let answer = store.connect_with(&body).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], field, "{body}");
    }
    let read = store.token(Method::POST, "/account/vtex", &keys(), "admin:read").await;
    read.is_problem(403, "insufficient-scope");
    let nobody = Store::not_set_up().await;
    nobody.connect().await.is_problem(404, "account-not-found");
    assert!(store.vtex.calls().is_empty() && nobody.vtex.calls().is_empty());
}
