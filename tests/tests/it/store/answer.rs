//! What a function answered, within the process or over HTTP.

use axum::body::to_bytes;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

/// More than any answer has.
const ANSWER_BYTES: usize = 16 << 20;

/// An answer, read to its end. Snapshots of it hold its status and its JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    #[serde(skip)]
    pub(crate) headers: HeaderMap,
    #[serde(skip)]
    pub(crate) text: String,
    /// Its JSON; null without any.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_BYTES).await.unwrap();
        Self::read(parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    pub(crate) async fn over_http(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self::read(status, headers, response.text().await.unwrap())
    }

    fn read(status: StatusCode, headers: HeaderMap, text: String) -> Self {
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status: status.as_u16(), headers, text, body }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Its JSON, which it must have.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// It is a 200.
    #[track_caller]
    pub(crate) fn is_ok(&self) -> &Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    /// The JSON of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        self.is_ok().json()
    }

    /// It is a 200 without a body.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        assert_eq!((self.status, self.text.as_str()), (200, ""));
    }

    /// Status, code and field of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, &str, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        let code = self.body["code"].as_str().unwrap();
        (self.status, code, self.body["field"].as_str().unwrap_or_default())
    }

    /// It is this problem, of whatever field.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> &Value {
        let (told_status, told_code, _) = self.problem();
        assert_eq!((told_status, told_code), (status, code), "{}", self.text);
        &self.body
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What a snapshot keeps where headers matter: those of the function's own, too.
    pub(crate) fn shown(&self) -> Value {
        let headers: serde_json::Map<String, Value> = ["etag", "location", "allow"]
            .into_iter()
            .filter(|name| self.headers.contains_key(*name))
            .map(|name| (name.to_owned(), self.header(name).into()))
            .collect();
        json!({"status": self.status, "headers": headers, "body": self.body})
    }
}
