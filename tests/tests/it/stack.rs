//! The local stack under test and a store on it, spoken to over HTTP alone.
//!
//! The tests of single functions have a second type of this name in `store`: it holds a table, so
//! that facts and faults can be put there. This one may not: what it shows must hold for whoever
//! has only the API.

use std::path::Path;
use std::time::Duration;

use local::functions::{PHONE_KEY_SECRET, WHATSAPP_APP_SECRET};
use local::stack::{Options, Stack};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::domain::values::identity::PhoneKey;
use shared::runtime::config::Secret;
use shared::web::signature::{SigningSecret, sign_hub};
use tempfile::TempDir;
use tests::answer::{Metrics, Question};
use tests::raw_event::RawEvent;

/// What stands for a phone's digits on a stack: the naive model breaks ties with the same.
pub(crate) fn keyed_digest(text: &str) -> String {
    PhoneKey::new(PHONE_KEY_SECRET).digest_of(text)
}

/// A stack of its own for one test.
pub(crate) struct Running {
    pub(crate) stack: Stack,
    pub(crate) http: reqwest::Client,
    data: TempDir,
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::start_with(|options| options).await
    }

    /// Starts with changed options.
    pub(crate) async fn start_with(change: impl FnOnce(Options) -> Options) -> Self {
        let data = tempfile::tempdir().unwrap();
        let stack = Stack::start(change(Options::new(data.path()))).await.unwrap();
        Self { stack, http: http(), data }
    }

    /// Ends the stack and starts another on the same data.
    pub(crate) async fn restart(self) -> Self {
        self.restart_after(|| {}).await
    }

    /// Ends the stack, does something to its data, and starts another on them.
    pub(crate) async fn restart_after(self, meddle: impl FnOnce()) -> Self {
        self.stack.shutdown().await;
        meddle();
        let stack = Stack::start(Options::new(self.data.path())).await.unwrap();
        Self { stack, ..self }
    }

    /// Waits until everything accepted is credited, counted and mailed.
    pub(crate) async fn drain(&self) {
        let answer = self.http.post(self.url("/local/drain")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }

    /// Where the stack keeps its data.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.base_url())
    }

    /// A store that is set up, with campaigns of these names.
    pub(crate) async fn store(
        &self,
        account: &str,
        time_zone: &str,
        campaigns: usize,
    ) -> Store<'_> {
        let mut store = Store::unknown(self, account).await;
        let (status, _) = store.put_account(time_zone).await;
        assert!(status.is_success(), "the account can't be set up: {status}");
        let (_, answer) = store.admin(Method::POST, "/account/signing-secret", None).await;
        store.secret = Some(SigningSecret::parse(answer["secret"].as_str().unwrap()).unwrap());
        for number in 0..campaigns {
            let body = json!({"name": format!("Campaign {number}"), "language": "pt-BR", "messageType": "text"});
            let (status, answer) = store.admin(Method::POST, "/campaigns", Some(body)).await;
            assert_eq!(status, StatusCode::CREATED);
            store.campaigns.push(answer["campaignId"].as_str().unwrap().to_owned());
        }
        store
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_mins(2))
        .build()
        .unwrap()
}

/// One account with a token of every scope.
pub(crate) struct Store<'a> {
    pub(crate) running: &'a Running,
    pub(crate) account: String,
    pub(crate) token: String,
    pub(crate) secret: Option<SigningSecret>,
    pub(crate) campaigns: Vec<String>,
}

impl<'a> Store<'a> {
    /// An account that was never set up.
    pub(crate) async fn unknown(running: &'a Running, account: &str) -> Self {
        let token = running.http.get(running.url(&format!("/local/token?account={account}")));
        let token = token.send().await.unwrap().text().await.unwrap();
        let account = account.to_owned();
        Self { running, account, token, secret: None, campaigns: Vec::new() }
    }

    /// The business phone number that this account claims: derived from its name.
    pub(crate) fn phone_number_id(&self) -> String {
        let digits: Vec<String> = self.account.bytes().map(|byte| format!("{byte:03}")).collect();
        let digits = digits.concat();
        format!("555{}", &digits[..digits.len().min(45)])
    }

    pub(crate) async fn put_account(&self, time_zone: &str) -> (StatusCode, Value) {
        let body = json!({
            "timeZone": time_zone, "countryCode": "55", "language": "en-US",
            "phoneNumberIds": [self.phone_number_id()],
            "storeUrl": "https://shop.example",
        });
        self.admin(Method::PUT, "/account", Some(body)).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.running.http.request(method, self.running.url(path)).bearer_auth(&self.token)
    }

    /// An Admin request; its status and JSON (null when there is none).
    pub(crate) async fn admin(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.admin(Method::GET, path, None).await
    }

    /// A request signed by Standard Webhooks.
    pub(crate) fn signed(&self, path: &str, content_type: &str, body: String) -> RequestBuilder {
        let id = format!("msg_{}", body.len());
        let second = chrono::Utc::now().timestamp();
        let secret = self.secret.as_ref().unwrap();
        self.running
            .http
            .post(self.running.url(path))
            .header("content-type", content_type)
            .header("webhook-id", &id)
            .header("webhook-timestamp", second.to_string())
            .header("webhook-signature", secret.sign(&id, second, body.as_bytes()))
            .body(body)
    }

    /// Sends events in one signed batch.
    pub(crate) async fn batch(&self, events: Vec<Value>) -> (StatusCode, Value) {
        let path = format!("/events/{}", self.account);
        let body = Value::Array(events).to_string();
        answer(self.signed(&path, "application/cloudevents-batch+json", body)).await
    }

    /// Sends raw events in one signed batch; each must be accepted.
    pub(crate) async fn send(&self, events: &[RawEvent]) {
        let events: Vec<Value> = events
            .iter()
            .enumerate()
            .map(|(number, event)| event.to_cloud_event(&format!("event-{number}")))
            .collect();
        let count = events.len();
        let (status, answer) = self.batch(events).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer, json!({"accepted": count, "keptAside": []}));
    }

    /// Sends the `value` of a `WhatsApp` change, signed; the metadata is added.
    pub(crate) async fn whatsapp(&self, mut value: Value) -> (StatusCode, Value) {
        value["metadata"] = json!({"phone_number_id": self.phone_number_id()});
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "5550100", "changes": [{"field": "messages", "value": value}]}],
        })
        .to_string();
        let signature = sign_hub(&Secret::new(WHATSAPP_APP_SECRET), body.as_bytes());
        let request = self.running.http.post(self.running.url("/webhooks/whatsapp"));
        answer(
            request
                .header("content-type", "application/json")
                .header("x-hub-signature-256", signature)
                .body(body),
        )
        .await
    }

    /// The metrics' body.
    pub(crate) async fn metrics(&self, question: &Question) -> Value {
        let mut path = format!("/metrics?from={}&to={}", question.from, question.to);
        if let Some(campaign) = &question.campaign_id {
            path = format!("{path}&campaignId={campaign}");
        }
        let (status, body) = self.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// A report as it lies in the bucket, once it is mailed.
    pub(crate) async fn report(&self, question: &Question) -> String {
        String::from_utf8(self.report_as(question, "csv").await).unwrap()
    }

    /// The same as a workbook.
    pub(crate) async fn workbook(&self, question: &Question) -> Vec<u8> {
        self.report_as(question, "xlsx").await
    }

    async fn report_as(&self, question: &Question, format: &str) -> Vec<u8> {
        // An address of the store's own domain, so that nobody is asked first.
        let (_, account) = self.get("/account").await;
        let email = account["storeUrl"].as_str().unwrap().replace("https://", "ana@");
        let mut body = json!({
            "email": email.trim_end_matches('/'), "from": question.from, "to": question.to,
            "format": format,
        });
        if let Some(campaign) = &question.campaign_id {
            body["campaignId"] = json!(campaign);
        }
        let (status, requested) = self.admin(Method::POST, "/reports", Some(body)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{requested}");
        self.running.drain().await;
        let id = requested["id"].as_str().unwrap();
        let (_, report) = self.get(&format!("/reports/{id}")).await;
        assert_eq!(report["status"], "mailed", "{report}");
        let (status, download) = self.get(&format!("/reports/{id}/download")).await;
        assert_eq!(status, StatusCode::OK, "{download}");
        let url = download["url"].as_str().unwrap();
        self.running.http.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
    }
}

/// The status and the JSON of an answer (null when there is none).
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or_default())
}

/// The model's metrics as the API would answer them, and the API's without what the model
/// doesn't tell (names, whether a day is settled, what became of carts).
pub(crate) fn comparable(model: &Metrics, mut api: Value) -> (Value, Value) {
    for list in ["days", "campaigns"] {
        for entry in api[list].as_array_mut().unwrap() {
            let entry = entry.as_object_mut().unwrap();
            entry.remove("settled");
            entry.remove("name");
        }
    }
    // The model knows stores with a sender of their own: no cart is decided there.
    let funnel = api.as_object_mut().unwrap().remove("funnel").unwrap();
    assert_eq!((&funnel["carts"], &funnel["skipped"]), (&json!(0), &json!([])));
    let mut model = serde_json::to_value(model).unwrap();
    for side in [&mut model, &mut api] {
        let campaigns = side["campaigns"].as_array_mut().unwrap();
        campaigns.sort_by_key(|entry| entry["campaignId"].as_str().unwrap().to_owned());
    }
    (model, api)
}
