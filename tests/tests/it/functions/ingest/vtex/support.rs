//! A store that is connected to a stand-in VTEX.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use engine::Engine;
use http::{Request, StatusCode};
use ingest::vtex::catch_up::Pace;
use ingest::{Config, Deps, Vtex};
use serde_json::{Value, json};
use shared::domain::facts::order::Order;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::Language;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::OrderGroup;
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::store::Table;
use shared::store::aside::Aside;
use shared::store::vtex::VtexKeys;
use shared::vtex::{Timeouts, VtexApi};
use shared::web::signature::SigningSecret;
use tower::ServiceExt as _;
use vtex_stand_in::{APP_KEY, APP_TOKEN, documents};

pub const ACCOUNT: &str = "acme";
pub const SECRET: &str = "hook-secret";
/// Patience that no answer of the stand-in uses up, however busy the machine is.
pub const PATIENT: Timeouts =
    Timeouts { connect: Duration::from_secs(30), total: Duration::from_secs(30) };
/// No pauses between attempts.
pub const AT_ONCE: Pace = Pace { attempts: 3, throttled: Duration::ZERO, failed: Duration::ZERO };

pub fn now() -> Instant {
    Instant::parse_rfc3339("2026-11-22T12:00:00Z").unwrap()
}

pub fn account() -> Account {
    Account::parse(ACCOUNT).unwrap()
}

pub fn keys() -> VtexKeys {
    VtexKeys::parse(APP_KEY, APP_TOKEN).unwrap()
}

pub fn signing_secret() -> SigningSecret {
    SigningSecret::from_bytes([7; 32])
}

pub fn config() -> Config {
    Config {
        whatsapp_app_secrets: vec![Secret::new("app-secret")],
        whatsapp_verify_token: Secret::new("verify-token"),
        phone_key: PhoneKey::new("phone-key"),
        public_url: "https://links.example".to_owned(),
    }
}

pub struct Store {
    pub vtex: vtex_stand_in::Vtex,
    pub engine: Engine,
    pub table: Table,
    pub clock: Clock,
    pub deps: Deps,
    pub router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn is_ok(&self) {
        assert_eq!((self.status.as_u16(), self.text.as_str()), (200, ""));
    }

    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        let body: Value = serde_json::from_str(&self.text).expect("a problem");
        assert_eq!((self.status.as_u16(), &body["code"]), (status, &json!(code)), "{}", self.text);
    }
}

pub async fn add_account(table: &Table, name: &str) {
    let settings = AccountSettings {
        time_zone: chrono_tz::America::Sao_Paulo,
        language: Language::PtBr,
        phone_number_ids: Vec::new(),
        store_url: StoreUrl::parse(&format!("https://{name}.example/")).unwrap(),
        report_domains: None,
    };
    let account = Account::parse(name).unwrap();
    table.account_write(&account, &settings).await.unwrap();
    table.account_add_signing_secret(&account, &signing_secret().reveal(), now()).await.unwrap();
}

pub async fn connect(table: &Table, name: &str, secret: &str) {
    let account = Account::parse(name).unwrap();
    let pending = table.vtex_begin(&account, &keys(), secret).await.unwrap();
    table.vtex_confirm(&account, &pending, now()).await.unwrap();
}

impl Store {
    /// A store that is connected.
    pub async fn open() -> Self {
        let store = Self::unconnected().await;
        connect(&store.table, ACCOUNT, SECRET).await;
        store
    }

    /// A store that was set up and never connected.
    pub async fn unconnected() -> Self {
        let engine = Engine::within().await.unwrap();
        let table = engine.table();
        add_account(&table, ACCOUNT).await;
        let vtex = vtex_stand_in::Vtex::start().await.unwrap();
        let hook = Vtex::new(VtexApi::at(vtex.url(), PATIENT)).answering_within(PATIENT.total);
        Self::of(vtex, engine, table, hook)
    }

    fn of(vtex: vtex_stand_in::Vtex, engine: Engine, table: Table, hook: Vtex) -> Self {
        let clock = Clock::manual(now());
        let deps = Deps::new(table.clone(), clock.clone(), config()).with_vtex(hook);
        Self { vtex, engine, table, clock, router: ingest::router(deps.clone()), deps }
    }

    /// The same store as a function that reaches VTEX in another way.
    pub fn reaching(&self, hook: Vtex) -> Self {
        Self::of(self.vtex.clone(), self.engine.clone(), self.table.clone(), hook)
    }

    /// The same store as a function that reaches the table in another way.
    pub fn through(&self, table: Table) -> Self {
        let hook = Vtex::new(VtexApi::at(self.vtex.url(), PATIENT)).answering_within(PATIENT.total);
        Self::of(self.vtex.clone(), self.engine.clone(), table, hook)
    }

    pub async fn post(&self, path: &str, secrets: &[&str], body: impl Into<Vec<u8>>) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/json");
        for secret in secrets {
            request = request.header("x-hook-secret", *secret);
        }
        self.send(request.body(Body::from(body.into())).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Answer { status: parts.status, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A body from the store's own hook.
    pub async fn hook(&self, body: &Value) -> Answer {
        self.post("/webhooks/vtex/acme", &[SECRET], body.to_string()).await
    }

    /// A notification that an order changed.
    pub async fn notify(&self, order_id: &str) -> Answer {
        self.hook(&documents::notification(ACCOUNT, order_id, "Marketplace")).await
    }

    /// Changes an order at VTEX and notifies of it.
    pub async fn change(&self, document: Value) -> Answer {
        let id = document["orderId"].as_str().unwrap().to_owned();
        self.vtex.put(document);
        self.notify(&id).await
    }

    /// Sends what was kept aside through the hook's path again; none when that fails for now.
    pub async fn replay(&self, notification: &Value) -> Option<ingest::Replayed> {
        let aside = Aside {
            received_at: now(),
            source: "vtex".to_owned(),
            code: "order-not-found".to_owned(),
            field: None,
            body: json!({"account": ACCOUNT, "item": notification}).to_string(),
        };
        ingest::replay(&self.deps, &account(), &aside).await.ok()
    }

    /// The same data as a signed `order.updated`.
    pub async fn order_updated(&self, data: &Value) -> Answer {
        let event = json!({
            "specversion": "1.0", "id": "e", "source": "https://acme.example/orders",
            "type": "order.updated", "data": data,
        });
        let (body, at) = (event.to_string(), now().seconds());
        let request = Request::post("/events/acme")
            .header("content-type", "application/cloudevents+json")
            .header("webhook-id", "m")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signing_secret().sign("m", at, body.as_bytes()))
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    pub async fn order(&self, group: &str) -> Option<Order> {
        self.table.order(&account(), &OrderGroup::parse(group).unwrap()).await.unwrap()
    }

    pub async fn asides(&self) -> Vec<Aside> {
        let page = self.table.aside_page(Some(&account()), None, 1_000).await.unwrap();
        page.items.into_iter().map(|(_, aside)| aside).collect()
    }

    /// Codes and fields of what was kept aside.
    pub async fn reasons(&self) -> Vec<(String, String)> {
        let asides = self.asides().await.into_iter();
        asides.map(|aside| (aside.code, aside.field.unwrap_or_default())).collect()
    }

    /// The one reason for which anything was kept aside.
    pub async fn reason(&self) -> (String, String) {
        let mut reasons = self.reasons().await;
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        reasons.remove(0)
    }
}

pub fn reason(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}
