//! The functions that answer HTTP, behind one way to call them.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::body::Body;
use http::Request;
use ingest::Config;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{ReminderDigest, ReminderId};
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::store::accounts::Vetting;
use tower::ServiceExt as _;

use super::{Answer, Store};

pub(crate) const APP_SECRET: &str = "app-secret";
pub(crate) const OLD_APP_SECRET: &str = "old-app-secret";
pub(crate) const VERIFY_TOKEN: &str = "verify-token";

/// The four functions, each on the same table and clock.
#[derive(Clone)]
pub(crate) struct Functions {
    /// What ingestion works with, for those who call it without HTTP.
    pub(crate) ingest: ::ingest::Deps,
    campaigns: ::campaigns::Deps,
    routers: Arc<Routers>,
}

struct Routers {
    ingest: Router,
    metrics: Router,
    campaigns: Router,
    reports: Router,
}

impl Functions {
    pub(crate) fn on(table: &Table, clock: &Clock) -> Self {
        let draws = AtomicU8::new(0);
        let randomness = shared::runtime::random::Randomness::from_fn(move |bytes| {
            bytes.fill(draws.fetch_add(1, Ordering::SeqCst));
            Ok(())
        });
        let ingest = ::ingest::Deps::new(table.clone(), clock.clone(), config());
        let campaigns = ::campaigns::Deps::new(table.clone(), clock.clone(), sealing())
            .with_randomness(randomness)
            .with_vetting(Vetting::AtOnce)
            .with_sender(true);
        let metrics = metric_queries::Deps::new(table.clone(), clock.clone());
        let reports =
            ::reports::Deps::new(table.clone(), s3(), "reports", clock.clone(), phone_key());
        let routers = Routers {
            ingest: ::ingest::router(ingest.clone()),
            metrics: metric_queries::router(metrics),
            campaigns: ::campaigns::router(campaigns.clone()),
            reports: ::reports::router(reports),
        };
        Self { ingest, campaigns, routers: Arc::new(routers) }
    }

    /// The one that the gateway hands whatever none of its routes takes.
    pub(crate) fn catch_all(&self) -> &Router {
        &self.routers.campaigns
    }

    /// The one that the gateway hands requests of this path.
    fn of(&self, path: &str) -> &Router {
        if path == "/shoppers/carts" {
            return &self.routers.campaigns;
        }
        match path.split('/').nth(1).unwrap_or_default() {
            "webhooks" | "events" | "sends" | "carts" | "r" => &self.routers.ingest,
            "metrics" | "orders" => &self.routers.metrics,
            "reports" | "report-schedules" | "shoppers" | "c" | "d" | "u" => &self.routers.reports,
            _ => self.catch_all(),
        }
    }

    fn with(&self, ingest: ::ingest::Deps, campaigns: ::campaigns::Deps) -> Self {
        let routers = Routers {
            ingest: ::ingest::router(ingest.clone()),
            campaigns: ::campaigns::router(campaigns.clone()),
            metrics: self.routers.metrics.clone(),
            reports: self.routers.reports.clone(),
        };
        Self { ingest, campaigns, routers: Arc::new(routers) }
    }
}

/// The system's secret.
pub(crate) fn system_secret() -> Secret {
    Secret::new("phone-key")
}

/// The digest that stands for a reminder's id.
pub(crate) fn digest(id: &str) -> ReminderDigest {
    ReminderId::parse(id).unwrap().digest(&phone_key())
}

pub(crate) fn phone_key() -> PhoneKey {
    PhoneKey::new(system_secret().expose())
}

/// What seals the secrets of accounts.
pub(crate) fn sealing() -> SealingKey {
    SealingKey::derive(&system_secret())
}

fn config() -> Config {
    Config {
        whatsapp_app_secrets: vec![Secret::new(APP_SECRET), Secret::new(OLD_APP_SECRET)],
        whatsapp_verify_token: Secret::new(VERIFY_TOKEN),
        phone_key: phone_key(),
        sealing: sealing(),
        public_url: "https://links.example".to_owned(),
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

impl Store {
    /// The same behind another ingestion.
    pub(crate) fn with_ingest(
        &self,
        change: impl FnOnce(::ingest::Deps) -> ::ingest::Deps,
    ) -> Self {
        let Functions { ingest, campaigns, .. } = self.functions.clone();
        let functions = self.functions.with(change(ingest), campaigns);
        Self { functions, ..self.clone() }
    }

    /// The same behind another Admin of campaigns and accounts.
    pub(crate) fn with_campaigns(
        &self,
        change: impl FnOnce(::campaigns::Deps) -> ::campaigns::Deps,
    ) -> Self {
        let Functions { ingest, campaigns, .. } = self.functions.clone();
        let functions = self.functions.with(ingest, change(campaigns));
        Self { functions, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.send("PUT", path, &[], Some(body.borrow().to_string())).await
    }

    /// Null: without a body.
    pub(crate) async fn post(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        let body = body.borrow();
        let body = (!body.is_null()).then(|| body.to_string());
        self.send("POST", path, &[], body).await
    }

    /// Edits a campaign on a version.
    pub(crate) async fn patch(&self, id: &str, tag: &str, body: Value) -> Answer {
        let path = format!("/campaigns/{id}");
        self.send("PATCH", &path, &[("if-match", tag)], Some(body.to_string())).await
    }

    /// Makes a campaign as the Admin does; its id.
    pub(crate) async fn campaign(&self, name: &str) -> String {
        let answer = self.post("/campaigns", super::asked_campaign(name)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["campaignId"].as_str().unwrap().to_owned()
    }

    /// A request with the store's token; a body is JSON unless a header says otherwise.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        self.call(self.authorized(method, path, headers, body)).await
    }

    /// Such a request, as the gateway hands it over.
    pub(crate) fn authorized(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let context = json!({
            "http": {"method": method},
            "requestId": "request-1",
            "routeKey": format!("{method} {path}"),
            "authorizer": {"jwt": {"claims": self.claims, "scopes": null}},
        });
        within(request, &context)
    }

    /// A request, with what the gateway tells of it.
    pub(crate) async fn hand_over(&self, request: Request<Body>, context: &Value) -> Answer {
        self.call(within(request, context)).await
    }

    /// A request as it is.
    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let unrouted = matches!(
            request.extensions().get(),
            Some(RequestContext::ApiGatewayV2(context))
                if context.route_key.as_deref() == Some("$default")
        );
        let path = request.uri().path();
        let router = if unrouted { self.functions.catch_all() } else { self.functions.of(path) };
        ask(router, request).await
    }
}

fn within(mut request: Request<Body>, context: &Value) -> Request<Body> {
    let context = serde_json::from_value(context.clone()).unwrap();
    // What a test asks for needs no encoding.
    let query = request.uri().query().unwrap_or_default().split('&');
    let query: HashMap<String, String> = query
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let extensions = std::mem::take(request.extensions_mut());
    *request.extensions_mut() = extensions.with_query_string_parameters(query);
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request
}

/// One function's answer, whichever the path names.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    Answer::of(router.clone().oneshot(request).await.unwrap()).await
}
