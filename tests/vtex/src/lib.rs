//! A stand-in for VTEX's API on a loopback port: orders, the order list, order forms, the hook's configuration;
//! and every way in which VTEX fails to answer.
//!
//! - [`Vtex`]: the running stand-in,
//! - [`Fault`]: what it does instead of answering,
//! - [`documents`]: orders and order forms as VTEX tells them.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};

pub mod documents;
mod forms;
mod list;

/// The app key that the stand-in takes.
pub const APP_KEY: &str = "vtexappkey-acme-TEST";
/// The app token that the stand-in takes.
pub const APP_TOKEN: &str = "TESTTOKENTESTTOKEN";
/// Bytes of a body that it reads.
const BODY_BYTES: usize = 1024 * 1024;

/// What the stand-in does instead of answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status and no body.
    Status(u16),
    /// Answers 200 with this text.
    Text(String),
    /// Redirects there.
    Redirect(String),
    /// Never answers.
    Silence,
    /// Starts to answer and never ends.
    HalfAnAnswer,
}

/// A call that the stand-in heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Path and query, as they were sent.
    pub target: String,
    /// Whether the keys were right.
    pub authorized: bool,
}

/// VTEX tries an address before it takes a hook's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// The address.
    pub url: String,
    /// The headers that the hook sends.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// Sends a ping, and says whether it was answered with 200.
type Pinger = Arc<dyn Fn(Ping) -> BoxFuture<'static, bool> + Send + Sync>;

#[derive(Default)]
struct Store {
    orders: BTreeMap<String, Value>,
    forms: BTreeMap<String, Value>,
    hook: Option<Value>,
    calls: Vec<Call>,
    next: VecDeque<Option<Fault>>,
    always: Option<Fault>,
    app_token: Option<String>,
    pinger: Option<Pinger>,
}

/// A running stand-in. It ends with the runtime it was started on.
#[derive(Clone)]
pub struct Vtex {
    url: String,
    store: Arc<Mutex<Store>>,
}

impl Vtex {
    /// Starts a stand-in without orders and without a hook.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let vtex = Self { url, store: Arc::default() };
        let router = Router::new().fallback(answer).with_state(vtex.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(vtex)
    }

    /// Its address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds an order or changes it. The document's `orderId` says which.
    pub fn put(&self, document: Value) {
        let id = text(&document, "/orderId").unwrap_or_default();
        self.put_as(&id, document);
    }

    /// Tells `document` as the order `id`, whatever it says.
    pub fn put_as(&self, id: &str, document: Value) {
        self.locked().orders.insert(id.to_owned(), document);
    }

    /// Adds an order form or changes it. The document's `orderFormId` says which.
    pub fn put_form(&self, document: Value) {
        let id = text(&document, "/orderFormId").unwrap_or_default();
        self.locked().forms.insert(id, document);
    }

    /// Does this instead of answering the next call that nothing else is planned for.
    pub fn fail_once(&self, fault: Fault) {
        self.plan([Some(fault)]);
    }

    /// What is done instead of answering the next calls, one by one; none: the call is answered.
    pub fn plan(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.locked().next.extend(faults);
    }

    /// Does this instead of answering any call; none: answers again.
    pub fn fail_always(&self, fault: Option<Fault>) {
        self.locked().always = fault;
    }

    /// Takes this app token and no other.
    pub fn change_token(&self, token: &str) {
        self.locked().app_token = Some(token.to_owned());
    }

    /// Pings through `ping` before it takes a hook's configuration; without one it takes any.
    pub fn ping_through(
        &self,
        ping: impl Fn(Ping) -> BoxFuture<'static, bool> + Send + Sync + 'static,
    ) {
        self.locked().pinger = Some(Arc::new(ping));
    }

    /// The hook's configuration.
    #[must_use]
    pub fn hook(&self) -> Option<Value> {
        self.locked().hook.clone()
    }

    /// Configures the hook as somebody else would.
    pub fn set_hook(&self, configuration: Value) {
        self.locked().hook = Some(configuration);
    }

    /// The calls that were heard so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.locked().calls.clone()
    }

    fn locked(&self) -> MutexGuard<'_, Store> {
        // Nothing is left half done under the lock.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call, and says what is done instead of answering it.
    fn hear(&self, call: Call) -> Option<Fault> {
        let mut store = self.locked();
        store.calls.push(call);
        match store.next.pop_front() {
            Some(planned) => planned,
            None => store.always.clone(),
        }
    }

    fn is_authorized(&self, request: &Request) -> bool {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let token = self.locked().app_token.clone();
        header("X-VTEX-API-AppKey") == Some(APP_KEY)
            && header("X-VTEX-API-AppToken") == Some(token.as_deref().unwrap_or(APP_TOKEN))
    }

    /// The order or the order form at a path.
    fn document(&self, path: &str, query: &str) -> Option<Value> {
        let store = self.locked();
        if let Some(id) = path.strip_prefix("/api/checkout/pub/orderForm/") {
            return Some(forms::told(store.forms.get(id)?.clone(), query));
        }
        store.orders.get(path.strip_prefix("/api/oms/pvt/orders/")?).cloned()
    }

    fn listed(&self, query: &str) -> Option<Value> {
        list::page(&self.locked().orders, query)
    }
}

async fn answer(State(vtex): State<Vtex>, request: Request) -> Response {
    let authorized = vtex.is_authorized(&request);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let call = Call { method: method.clone(), target, authorized };
    if let Some(fault) = vtex.hear(call) {
        return fail(fault).await;
    }
    if !authorized {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match (method.as_str(), path.as_str()) {
        ("GET", "/api/orders/hook/config") => json_or_404(vtex.hook()),
        ("POST", "/api/orders/hook/config") => configure(&vtex, request.into_body()).await,
        ("GET", "/api/oms/pvt/orders") => vtex
            .listed(request.uri().query().unwrap_or_default())
            .map_or_else(|| StatusCode::BAD_REQUEST.into_response(), answer_json),
        ("GET", path) => {
            json_or_404(vtex.document(path, request.uri().query().unwrap_or_default()))
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn fail(fault: Fault) -> Response {
    match fault {
        Fault::Status(status) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT).into_response()
        }
        Fault::Text(text) => text.into_response(),
        Fault::Redirect(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Fault::Silence => std::future::pending().await,
        Fault::HalfAnAnswer => {
            let piece = stream::iter([Ok::<_, std::io::Error>("{\"orderId\":")]);
            let body = Body::from_stream(piece.chain(stream::pending()));
            ([("content-type", "application/json")], body).into_response()
        }
    }
}

async fn configure(vtex: &Vtex, body: Body) -> Response {
    let bytes = axum::body::to_bytes(body, BODY_BYTES).await.unwrap_or_default();
    let configuration: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(url) = text(&configuration, "/hook/url") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let pinger = vtex.locked().pinger.clone();
    if let Some(pinger) = pinger {
        let headers = configuration.pointer("/hook/headers").and_then(Value::as_object);
        let headers = headers.into_iter().flatten().filter_map(|(name, value)| {
            value.as_str().map(|value| (name.clone(), value.to_owned()))
        });
        let body = json!({"hookConfig": "ping"}).to_string();
        if !pinger(Ping { url, headers: headers.collect(), body }).await {
            return (StatusCode::BAD_REQUEST, "Unable to check address").into_response();
        }
    }
    vtex.set_hook(configuration);
    answer_json(json!({}))
}

fn json_or_404(value: Option<Value>) -> Response {
    value.map_or_else(|| StatusCode::NOT_FOUND.into_response(), answer_json)
}

fn answer_json(value: Value) -> Response {
    axum::Json(value).into_response()
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
