//! A store that has one of everything, and its request for each route.

use local::graph::TOKEN;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::web::routes::ROUTES;

use super::{Door, door};
use crate::stack::{Running, Store};

/// A store that has one of everything.
pub(super) struct Owner<'a> {
    pub(super) store: Store<'a>,
    pub(super) report: String,
    pub(super) schedule: String,
    pub(super) erasure: String,
    /// The campaign whose messages can be tried out.
    tried: String,
}

/// The stores' business account.
const WABA: &str = "5550177";

fn connection(store: &Store<'_>) -> Value {
    json!({"wabaId": WABA, "phoneNumberId": store.phone_number_id(), "token": TOKEN})
}

pub(super) const ORDER_GROUP: &str = "1500000777";
/// A cart that was left behind.
const ORDER_FORM: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

impl<'a> Owner<'a> {
    pub(super) async fn of(running: &'a Running, account: &str) -> Self {
        let store = running.store(account, "America/Sao_Paulo", 1).await;
        let order = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "order.updated",
            "time": "2026-11-03T12:00:00Z",
            "data": {"orderGroup": ORDER_GROUP, "orderId": "1500000777-01", "status": "invoiced",
                "createdAt": "2026-11-03T12:00:00Z", "changedAt": "2026-11-03T12:00:00Z",
                "userId": "shopper-1", "currency": "BRL", "value": 11_980, "items": []}});
        assert_eq!(store.batch(vec![order]).await.1["accepted"], 1);
        let id = async |path: &str, body: Value| {
            let (status, made) = store.admin(Method::POST, path, Some(body)).await;
            assert!(status.is_success(), "{path}: {made}");
            made["id"].as_str().unwrap().to_owned()
        };
        let email = format!("{account}@shop.example");
        let range = json!({"email": email, "from": "2026-11-01", "to": "2026-11-02"});
        // In the order in which one needs the other.
        running.stack.graph().add_number(WABA, &store.phone_number_id());
        for (method, path) in
            [(Method::PUT, "/account/whatsapp"), (Method::POST, "/templates/en-US/text")]
        {
            let body = (method == Method::PUT).then(|| connection(&store));
            let (status, answer) = store.admin(method, path, body).await;
            assert!(status.is_success(), "{path}: {answer}");
        }
        let english = json!({"name": "en", "language": "en-US", "messageType": "text"});
        let (_, english) = store.admin(Method::POST, "/campaigns", Some(english)).await;
        let tried = english["campaignId"].as_str().unwrap().to_owned();
        let sent = store.request(Method::PATCH, &format!("/campaigns/{tried}"));
        let sent = sent.header("if-match", "\"1\"").json(&json!({"sending": {"enabled": true}}));
        assert!(sent.send().await.unwrap().status().is_success());
        let cart = json!({"specversion": "1.0", "id": "2", "source": "/s", "type": "cart.updated",
            "time": "2026-11-03T12:00:00Z", "data": {"orderFormId": ORDER_FORM,
            "lastActivityAt": "2026-11-03T12:00:00Z", "reachedPayment": true}});
        assert_eq!(store.batch(vec![cart]).await.1["accepted"], 1);
        let report = id("/reports", range).await;
        let schedule = id("/report-schedules", json!({"email": email, "frequency": "daily"})).await;
        let erasure = id("/shoppers/erase", json!({"userId": "shopper-2"})).await;
        running.drain().await;
        Self { store, report, schedule, erasure, tried }
    }

    /// The route's path with this store's own things in it.
    pub(super) fn path(&self, template: &str) -> String {
        let id = if template.starts_with("/reports/") {
            &self.report
        } else if template.starts_with("/report-schedules/") {
            &self.schedule
        } else if template.ends_with("/test") {
            &self.tried
        } else if template.starts_with("/shoppers/") {
            &self.erasure
        } else {
            &self.store.campaigns[0]
        };
        let path = template
            .replace("{id}", id)
            .replace("{orderGroup+}", ORDER_GROUP)
            .replace("{orderFormId}", ORDER_FORM)
            .replace("{language}", "en-US")
            .replace("{messageType}", "text")
            .replace("{account}", &self.store.account);
        match template {
            "/metrics" | "/orders" | "/carts" => format!("{path}?from=2026-11-01&to=2026-11-30"),
            _ => path,
        }
    }

    /// A request that nothing but its door could refuse.
    pub(super) fn request(&self, method: &Method, template: &str) -> RequestBuilder {
        let url = self.store.running.url(&self.path(template));
        let request = self.store.running.http.request(method.clone(), url);
        match self.body(&format!("{method} {template}")) {
            Some(body) => request.header("if-match", "\"1\"").json(&body),
            None => request,
        }
    }

    fn body(&self, route: &str) -> Option<Value> {
        let email = format!("{}@shop.example", self.store.account);
        Some(match route {
            "PUT /account" => json!({"timeZone": "America/Sao_Paulo", "language": "es",
                "phoneNumberIds": [self.store.phone_number_id()], "storeUrl": "https://shop.example"}),
            "POST /account/vtex" => json!({"appKey": "key", "appToken": "token"}),
            "PUT /account/whatsapp" => connection(&self.store),
            "PUT /account/sending" => json!({"enabled": false, "cooldownHours": 24,
                "hours": {"mon": ["09:00", "20:00"]}}),
            "POST /opt-outs"
            | "POST /opt-outs/lookup"
            | "POST /opt-outs/remove"
            | "POST /shoppers/carts" => json!({"phone": "+55 11 98555-0199"}),
            "POST /campaigns/{id}/test" => json!({"phone": "+55 11 98555-0101"}),
            "POST /campaigns" => json!({"name": "n", "language": "es", "messageType": "text"}),
            "PATCH /campaigns/{id}" => json!({"name": "renamed"}),
            "POST /reports" => json!({"email": email, "from": "2026-11-01", "to": "2026-11-02"}),
            "POST /report-schedules" => json!({"email": email, "frequency": "weekly"}),
            "PATCH /report-schedules/{id}" => json!({"frequency": "monthly"}),
            "POST /events/aside/replay" => json!({}),
            "POST /shoppers/erase" => json!({"userId": "shopper-1"}),
            _ => return None,
        })
    }

    /// All that the store sees of itself.
    pub(super) async fn sight(&self) -> Vec<Value> {
        let mut sight = Vec::new();
        for (method, template) in ROUTES {
            let own =
                matches!(door(&format!("{method} {template}")), Door::Account | Door::Thing(_));
            if *method == Method::GET && own && !template.ends_with("/download") {
                let (status, mut body) = self.store.get(&self.path(template)).await;
                assert_eq!(status, StatusCode::OK, "{template}: {body}");
                if *template == "/carts/{orderFormId}" {
                    // As of the instant at which it is asked.
                    body["gate"].take();
                }
                sight.push(body);
            }
        }
        sight
    }
}
