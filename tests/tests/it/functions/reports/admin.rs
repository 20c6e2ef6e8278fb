//! A person with a token.

use ::reports::{Deps, router};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use axum::body::Body;
use engine::Engine;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::reports::report::{Report, ReportId};
use shared::domain::rules::retention::Retention;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;
use shared::store::Table;
use tower::ServiceExt as _;

pub(crate) const NOW: &str = "2026-11-22T12:00:00-03:00";

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A request for a report that nothing is wrong with.
pub(crate) fn november() -> Value {
    json!({"email": "bia@store.example", "from": "2026-11-01", "to": "2026-11-30"})
}

/// `before` with some fields changed; null takes one away.
pub(crate) fn with(before: &Value, changes: &Value) -> Value {
    let mut body = before.clone();
    for (name, value) in changes.as_object().unwrap() {
        let fields = body.as_object_mut().unwrap();
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    body
}

/// One account's token for both scopes, and the function behind it. Clones share the table.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) engine: Engine,
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    pub(crate) scope: &'static str,
}

impl Admin {
    /// `acme`, set up with the campaign `c1`.
    pub(crate) async fn new() -> Self {
        let engine = Engine::within().await.unwrap();
        let admin = Self {
            table: engine.table(),
            engine,
            clock: Clock::manual(at(NOW)),
            account: Account::parse("acme").unwrap(),
            scope: "admin:read admin:write",
        };
        admin.set_up(None).await;
        admin
    }

    /// (Again) with these domains allowed.
    pub(crate) async fn set_up(&self, report_domains: Option<&[&str]>) {
        let settings = AccountSettings {
            time_zone: chrono_tz::America::Sao_Paulo,
            language: Language::PtBr,
            phone_number_ids: Vec::new(),
            store_url: StoreUrl::parse("https://shop.example").unwrap(),
            report_domains: report_domains
                .map(|list| list.iter().map(|domain| (*domain).to_owned()).collect()),
        };
        self.table.account_write(&self.account, &settings).await.unwrap();
        let after = Campaign {
            campaign_id: CampaignId::parse("c1").unwrap(),
            name: CampaignName::parse("First").unwrap(),
            language: Language::EnUs,
            message_type: MessageType::Text,
            status: CampaignStatus::Active,
            version: 1,
            created_at: at(NOW),
            updated_at: at(NOW),
        };
        let change = CampaignChange { at: at(NOW), by: "ana".to_owned(), after, before: None };
        self.table.campaign_write(&self.account, &change).await.unwrap();
    }

    /// The same with the token of another account.
    pub(crate) fn of(&self, account: &str) -> Self {
        Self { account: Account::parse(account).unwrap(), ..self.clone() }
    }

    pub(crate) fn with_scope(&self, scope: &'static str) -> Self {
        Self { scope, ..self.clone() }
    }

    /// The same with facts that expire after so many days.
    pub(crate) fn with_retention(&self, days: i64) -> Self {
        let table =
            Table::new(self.engine.client.clone(), engine::TABLE_NAME, Retention::Days(days));
        Self { table, ..self.clone() }
    }

    /// So many seconds later.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus(Span::seconds(seconds)));
    }

    /// Asks for a report; its id.
    pub(crate) async fn requested(&self) -> String {
        let answer = self.post("/reports", &november()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// A report as it is stored.
    pub(crate) async fn stored(&self, id: &str) -> Report {
        let id = ReportId::parse(id).unwrap();
        self.table.report(&self.account, &id).await.unwrap().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body.to_string())).await
    }

    /// Asks for a report with an idempotency key.
    pub(crate) async fn post_with_key(&self, key: &str, body: &Value) -> Answer {
        self.send("POST", "/reports", &[("idempotency-key", key)], Some(body.to_string())).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let claims =
            json!({"account": self.account, "sub": "ana@acme.example", "scope": self.scope});
        self.ask(request, &json!({"jwt": {"claims": claims, "scopes": null}})).await
    }

    /// A request as the gateway passes it on, with what its authorizer found.
    pub(crate) async fn ask(&self, mut request: Request<Body>, authorizer: &Value) -> Answer {
        let context = json!({
            "http": {"method": request.method().as_str()},
            "requestId": "request-1",
            "authorizer": authorizer,
        });
        let context = serde_json::from_value(context).unwrap();
        request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        let deps = Deps::new(
            self.table.clone(),
            s3(),
            "reports",
            self.clock.clone(),
            PhoneKey::new("phone-key"),
        );
        let response = router(deps).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

/// A client that only signs.
fn s3() -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
        .endpoint_url("https://s3.example")
        .force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// Status, code and field of a problem.
    pub(crate) fn problem(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status, text("code"), text("field"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
