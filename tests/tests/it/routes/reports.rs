//! `/reports` and what lies below it; `/d/{token}`.

use serde_json::{Value, json};
use shared::domain::reports::report::{Report, ReportId};

use crate::store::{Answer, Store};

pub(crate) mod download;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod refusals;
pub(crate) mod repeats;
pub(crate) mod request;

/// A store that is open, at noon of its own day, and a person of it.
pub(crate) async fn store() -> Store {
    Store::open_at_noon().await.with_claim("sub", "ana@acme.example")
}

/// A request for a report that nothing is wrong with.
fn november() -> Value {
    json!({"email": "bia@store.example", "from": "2026-11-01", "to": "2026-11-30"})
}

/// `before` with some fields changed; null takes one away.
fn with(before: &Value, changes: &Value) -> Value {
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

impl Store {
    /// Asks for a report; its id.
    async fn requested(&self) -> String {
        let answer = self.post("/reports", november()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Asks for a report with an idempotency key.
    async fn post_with_key(&self, key: &str, body: &Value) -> Answer {
        self.send("POST", "/reports", &[("idempotency-key", key)], Some(body.to_string())).await
    }

    /// A report as it is stored.
    async fn stored(&self, id: &str) -> Report {
        let id = ReportId::parse(id).unwrap();
        self.table.report(&self.account, &id).await.unwrap().unwrap()
    }
}
