//! A store on an embedded table, and callers who sign what they send.

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::body::{Body, to_bytes};
use engine::Engine;
use http::{HeaderMap, Method, Request, StatusCode};
use ingest::{Config, Deps, Randomness};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::facts::event::ClickKind;
use shared::domain::facts::reminder::Reminder;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignStatus, Language, MessageType,
};
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{CampaignId, PhoneNumberId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::store::Table;
use shared::store::aside::Aside;
use shared::web::signature::{SigningSecret, sign_hub};
use tower::ServiceExt as _;

pub const APP_SECRET: &str = "app-secret";
pub const OLD_APP_SECRET: &str = "old-app-secret";
pub const VERIFY_TOKEN: &str = "verify-token";
pub const ACCOUNT: &str = "acme";
pub const CAMPAIGN: &str = "spring";
pub const PHONE_NUMBER_ID: &str = "106540352242922";
pub const WAMID: &str = "wamid.HBgNNTU2MTk5OTk5MDAwMRUCABEYEjA/+=";
/// A phone number that no log may hold.
pub const PHONE: &str = "+55 61 99999-0001";
pub const STRUCTURED: &str = "application/cloudevents+json";
pub const BATCHED: &str = "application/cloudevents-batch+json";

/// 2026-11-22T12:00:00Z.
pub const NOW_SECS: i64 = 1_795_348_800;

pub fn now() -> Instant {
    Instant::from_millis(NOW_SECS * 1_000)
}

pub fn account() -> Account {
    Account::parse(ACCOUNT).unwrap()
}

pub fn wamid() -> ReminderId {
    ReminderId::parse(WAMID).unwrap()
}

/// One store with a campaign, a phone number and a signing secret.
pub struct Store {
    pub engine: Engine,
    pub table: Table,
    pub clock: Clock,
    pub deps: Deps,
    pub router: Router,
    pub secret: SigningSecret,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// Status and code of a problem.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        assert_eq!(body["status"], self.status.as_u16());
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.problem(), (status, code.to_owned()), "{}", self.text);
    }

    #[track_caller]
    pub fn is_ok(&self) -> &Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }
}

pub fn config() -> Config {
    Config {
        whatsapp_app_secrets: vec![Secret::new(APP_SECRET), Secret::new(OLD_APP_SECRET)],
        whatsapp_verify_token: Secret::new(VERIFY_TOKEN),
        phone_key: PhoneKey::new("phone-key"),
        public_url: "https://links.example".to_owned(),
    }
}

pub fn secret(byte: u8) -> SigningSecret {
    SigningSecret::from_bytes([byte; 32])
}

/// Settings of a store in São Paulo.
pub fn settings(name: &str, phone_number_id: &str) -> AccountSettings {
    AccountSettings {
        time_zone: chrono_tz::America::Sao_Paulo,
        language: Language::PtBr,
        phone_number_ids: vec![PhoneNumberId::parse(phone_number_id).unwrap()],
        store_url: StoreUrl::parse(&format!("https://{name}.example/")).unwrap(),
        report_domains: None,
    }
}

pub async fn add_account(table: &Table, name: &str, phone_number_id: &str, secret: &SigningSecret) {
    let account = Account::parse(name).unwrap();
    table.account_write(&account, &settings(name, phone_number_id)).await.unwrap();
    assert!(table.account_add_signing_secret(&account, &secret.reveal(), now()).await.unwrap());
}

pub async fn add_campaign(table: &Table, name: &str, id: &str) {
    let after = Campaign {
        campaign_id: CampaignId::parse(id).unwrap(),
        name: "Spring".to_owned().try_into().unwrap(),
        language: Language::PtBr,
        message_type: MessageType::Coupon,
        status: CampaignStatus::Active,
        version: 1,
        created_at: now(),
        updated_at: now(),
    };
    let change = CampaignChange { at: now(), by: "ana".to_owned(), after, before: None };
    table.campaign_write(&Account::parse(name).unwrap(), &change).await.unwrap();
}

/// Pauses or resumes the campaign.
pub async fn set_status(table: &Table, status: CampaignStatus) {
    let id = CampaignId::parse(CAMPAIGN).unwrap();
    let before = table.campaign(&account(), &id).await.unwrap().unwrap();
    let after = Campaign { status, version: before.version + 1, ..before.clone() };
    let change = CampaignChange { at: now(), by: "ana".to_owned(), after, before: Some(before) };
    table.campaign_write(&account(), &change).await.unwrap();
}

impl Store {
    pub async fn open() -> Self {
        let engine = Engine::within().await.unwrap();
        let table = engine.table();
        add_account(&table, ACCOUNT, PHONE_NUMBER_ID, &secret(7)).await;
        add_campaign(&table, ACCOUNT, CAMPAIGN).await;
        let clock = Clock::manual(now());
        let deps = Deps::new(table.clone(), clock.clone(), config());
        Self { engine, router: ingest::router(deps.clone()), deps, table, clock, secret: secret(7) }
    }

    /// The same store as a function that reaches the table in another way.
    pub fn through(&self, table: Table) -> Self {
        let deps = Deps::new(table, self.clock.clone(), config());
        Self {
            engine: self.engine.clone(),
            table: self.table.clone(),
            clock: self.clock.clone(),
            router: ingest::router(deps.clone()),
            deps,
            secret: self.secret.clone(),
        }
    }

    pub fn drawing(&self, randomness: Randomness) -> Self {
        let deps = self.deps.clone().with_randomness(randomness);
        let mut store = self.through(self.table.clone());
        store.router = ingest::router(deps.clone());
        store.deps = deps;
        store
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// An Admin's GET.
    pub async fn admin(&self, path: &str, account: &str, scope: &str) -> Answer {
        let context = json!({
            "http": {"method": "GET", "path": path}, "requestId": "req-1",
            "authorizer": {"jwt": {"claims": {"account": account, "sub": "ana", "scope": scope}}},
        });
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        request.extensions_mut().insert(context);
        self.send(request).await
    }

    /// A webhook from `WhatsApp`, signed.
    pub async fn whatsapp(&self, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        self.whatsapp_signed(body, &sign_hub(&Secret::new(APP_SECRET), body)).await
    }

    pub async fn whatsapp_signed(&self, body: &[u8], signature: &str) -> Answer {
        let request = Request::post("/webhooks/whatsapp")
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(Body::from(body.to_vec()))
            .unwrap();
        self.send(request).await
    }

    /// A request that another implementation of Standard Webhooks signed.
    pub async fn signed(&self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        self.signed_by(&self.secret, path, content_type, body.as_ref()).await
    }

    pub async fn signed_by(
        &self,
        secret: &SigningSecret,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Answer {
        let at = self.clock.now().seconds();
        let signer = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
        // The other implementation signs texts alone.
        let signature =
            signer.sign("msg_1", at, body).unwrap_or_else(|_| secret.sign("msg_1", at, body));
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("content-type", content_type)
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signature)
            .body(Body::from(body.to_vec()))
            .unwrap();
        self.send(request).await
    }

    /// One event of the store.
    pub async fn event(&self, event: &Value) -> Answer {
        self.signed("/events/acme", STRUCTURED, event.to_string()).await
    }

    /// A batch of events.
    pub async fn batch(&self, events: &[Value]) -> Answer {
        self.signed("/events/acme", BATCHED, Value::from(events).to_string()).await
    }

    pub async fn reminder(&self, id: &str) -> Option<Reminder> {
        self.table.reminder(&account(), &ReminderId::parse(id).unwrap()).await.unwrap()
    }

    /// Ids, kinds and seconds of a reminder's clicks.
    pub async fn clicks(&self, id: &str) -> Vec<(String, ClickKind, i64)> {
        let clicks =
            self.table.reminder_clicks(&account(), &ReminderId::parse(id).unwrap()).await.unwrap();
        let told = |c: shared::domain::facts::click::Click| {
            (c.click_id.as_str().to_owned(), c.click_kind, c.at.seconds())
        };
        clicks.into_iter().map(told).collect()
    }

    pub async fn asides(&self, account: Option<&Account>) -> Vec<Aside> {
        let page = self.table.aside_page(account, None, 2_000).await.unwrap();
        page.items.into_iter().map(|(_, aside)| aside).collect()
    }

    /// Codes and fields of what was kept aside for the store, sorted.
    pub async fn reasons(&self) -> Vec<(String, Option<String>)> {
        let mut reasons: Vec<_> = self
            .asides(Some(&account()))
            .await
            .into_iter()
            .map(|aside| (aside.code, aside.field))
            .collect();
        reasons.sort();
        reasons
    }

    /// Everything in the table but settings and campaigns, as text: to show that nothing changed.
    pub async fn contents(&self) -> Vec<String> {
        let output = self.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
        let mut items: Vec<String> = output
            .items()
            .iter()
            .map(|item| {
                let fields = item.iter().map(|(name, value)| (name.clone(), plain(value)));
                Value::Object(fields.collect()).to_string()
            })
            .filter(|text| !text.contains("#ACCOUNT\"") && !text.contains("#CAMPAIGN"))
            .filter(|text| !text.contains("PHONE_NUMBER#"))
            .collect();
        items.sort();
        items
    }
}

/// An attribute as JSON, whose fields have an order.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::M(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.collect())
        }
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        AttributeValue::S(text) => text.clone().into(),
        other => format!("{other:?}").into(),
    }
}

/// A webhook with one change.
pub fn webhook(value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}]})
}

/// The value of a change of the store's phone number.
pub fn value(statuses: &[Value], messages: &[Value]) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE_NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana Souza"}, "wa_id": "5561999990001"}],
        "statuses": statuses,
        "messages": messages,
    })
}

pub fn statuses(statuses: &[Value]) -> String {
    webhook(&value(statuses, &[])).to_string()
}

pub fn messages(messages: &[Value]) -> String {
    webhook(&value(&[], messages)).to_string()
}

/// A receipt as `WhatsApp` sends it.
pub fn status(id: &str, status: &str, secs: i64) -> Value {
    json!({
        "id": id, "status": status, "timestamp": secs.to_string(), "recipient_id": "5561999990001",
        "conversation": {"id": "c", "origin": {"type": "marketing"}},
        "pricing": {"billable": true, "pricing_model": "CBP", "category": "marketing"},
    })
}

/// A tap on a template's quick reply.
pub fn tap(id: &str, on: &str, secs: i64) -> Value {
    json!({
        "context": {"from": "15550783881", "id": on}, "from": "5561999990001", "id": id,
        "timestamp": secs.to_string(), "type": "button",
        "button": {"payload": "BUY", "text": "Finalizar compra"},
    })
}

/// An event of the store. Its `id` is `e`.
pub fn event(kind: &str, secs: i64, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": "e", "source": "https://store.example/reminders", "type": kind,
        "time": Instant::from_millis(secs * 1_000).to_string(), "datacontenttype": "application/json",
        "data": data,
    })
}

pub fn sent(id: &str, secs: i64) -> Value {
    event(
        "reminder.sent",
        secs,
        &json!({
            "reminderId": id, "campaignId": CAMPAIGN, "userId": "ana", "phone": PHONE,
            "orderFormId": "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0",
            "checkoutItems": [{"id": "sku-1", "name": "Camiseta", "quantity": 2, "price": 9990}],
        }),
    )
}

pub fn clicked(id: &str, click: &str, kind: &str, secs: i64) -> Value {
    let data = json!({"reminderId": id, "clickId": click, "kind": kind});
    event("reminder.clicked", secs, &data)
}

pub fn receipt(id: &str, status: &str, secs: i64) -> Value {
    event("reminder.status", secs, &json!({"reminderId": id, "status": status}))
}

pub fn order(group: &str, part: &str, secs: i64) -> Value {
    let at = Instant::from_millis(secs * 1_000).to_string();
    event(
        "order.updated",
        secs,
        &json!({
            "orderGroup": group, "orderId": format!("{group}-{part}"), "status": "payment-approved",
            "createdAt": at, "changedAt": at, "userId": "ana", "phone": PHONE,
            "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "currency": "BRL", "value": 19990,
            "items": [{"id": "sku-1", "name": "Camiseta", "quantity": 2, "price": 9990}],
        }),
    )
}
