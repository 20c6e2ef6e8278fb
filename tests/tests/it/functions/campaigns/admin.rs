//! A person with a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ::campaigns::{Deps, router};
use axum::Router;
use axum::body::Body;
use engine::Engine;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::runtime::random::Randomness;
use shared::store::Table;
use tower::ServiceExt as _;

pub(crate) const START: &str = "2026-11-22T12:00:00.000Z";

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// The settings of a store, without phone numbers.
pub(crate) fn settings() -> Value {
    json!({"timeZone": "America/Sao_Paulo", "language": "pt-BR", "phoneNumberIds": [],
        "storeUrl": "https://shop.example"})
}

pub(crate) fn new_campaign(name: &str) -> Value {
    json!({"name": name, "language": "pt-BR", "messageType": "text"})
}

/// One account's token for both scopes, and the function behind it. Clones share the table.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    pub(crate) scope: &'static str,
    randomness: Randomness,
}

impl Admin {
    /// `acme` on a table of its own, not set up.
    pub(crate) async fn new() -> Self {
        let engine = Engine::within().await.unwrap();
        let draws = Arc::new(AtomicU8::new(0));
        Self {
            table: engine.table(),
            clock: Clock::manual(at(START)),
            account: Account::parse("acme").unwrap(),
            scope: "admin:read admin:write",
            randomness: Randomness::from_fn(move |bytes| {
                bytes.fill(draws.fetch_add(1, Ordering::SeqCst));
                Ok(())
            }),
        }
    }

    /// `acme`, set up.
    pub(crate) async fn set_up() -> Self {
        let admin = Self::new().await;
        assert_eq!(admin.put("/account", settings()).await.status, 201);
        admin
    }

    /// The same with the token of another account.
    pub(crate) fn of(&self, account: &str) -> Self {
        Self { account: Account::parse(account).unwrap(), ..self.clone() }
    }

    /// The same with other scopes.
    pub(crate) fn with_scope(&self, scope: &'static str) -> Self {
        Self { scope, ..self.clone() }
    }

    /// Makes a campaign; its id.
    pub(crate) async fn campaign(&self, name: &str) -> String {
        let answer = self.post("/campaigns", new_campaign(name)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["campaignId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let body = (!body.is_null()).then(|| body.to_string());
        self.send("POST", path, &[], body).await
    }

    /// Edits a campaign on a version.
    pub(crate) async fn patch(&self, id: &str, tag: &str, body: Value) -> Answer {
        let path = format!("/campaigns/{id}");
        self.send("PATCH", &path, &[("if-match", tag)], Some(body.to_string())).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let claims = json!({"account": self.account, "sub": "ana", "scope": self.scope});
        let context = json!({
            "http": {"method": method},
            "requestId": "request-1",
            "routeKey": format!("{method} {path}"),
            "authorizer": {"jwt": {"claims": claims, "scopes": null}},
        });
        self.hand_over(request, &context).await
    }

    pub(crate) async fn hand_over(&self, mut request: Request<Body>, context: &Value) -> Answer {
        let context = serde_json::from_value(context.clone()).unwrap();
        request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        let response = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    fn router(&self) -> Router {
        let deps = Deps::new(self.table.clone(), self.clock.clone());
        router(deps.with_randomness(self.randomness.clone()))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and field of a problem.
    pub(crate) fn problem(&self) -> (u16, &str, &str) {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status, text("code"), text("field"))
    }

    /// What a snapshot keeps: the status, the headers of this function's own, the body.
    pub(crate) fn shown(&self) -> Value {
        let headers: serde_json::Map<String, Value> = ["etag", "location", "allow"]
            .into_iter()
            .filter(|name| self.headers.contains_key(*name))
            .map(|name| (name.to_owned(), self.header(name).into()))
            .collect();
        json!({"status": self.status, "headers": headers, "body": self.body})
    }
}
