//! API Gateway's part: routes, the authorizer, events in payload 2.0, and the errors that it answers by itself.

mod authorizer;
pub(crate) mod compression;
mod event;
mod invoke;
mod local;
mod pages;
mod routes;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use chrono::Utc;
use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt as _;
use serde_json::json;
use shared::runtime::random::Randomness;

use self::{
    event::Incoming,
    invoke::{InvokeError, MAX_PAYLOAD_BYTES, invoke},
    routes::DEFAULT_ROUTE,
};
use crate::{
    events::Rules,
    functions::Functions,
    graph::Posting,
    mailbox::Mailbox,
    schedule::Schedules,
    streams::{DrainError, Streams},
    template::Template,
};
pub(crate) use authorizer::Authorizer;
pub use authorizer::{AUDIENCE, AuthorizerError, ISSUER};

/// A body past this isn't read on: the client is cut off instead of answered.
const MAX_READ_BYTES: usize = 64 * 1024 * 1024;
/// Everything here comes over loopback.
const SOURCE_IP: &str = "127.0.0.1";

/// What the gateway works with.
pub(crate) struct Gateway {
    pub(crate) template: &'static Template,
    pub(crate) functions: Functions,
    pub(crate) authorizer: Authorizer,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) streams: Arc<Streams>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) rules: Rules,
    pub(crate) posting: Posting,
    pub(crate) authority: String,
    pub(crate) pages: Vec<PathBuf>,
}

/// Where the built page may be.
pub(crate) fn page_directories() -> Vec<PathBuf> {
    pages::directories()
}

/// All that the stack's port answers: `/local/...`, the API's routes, the page, and the `$default` route.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    local::router().fallback(handle).with_state(gateway).layer(compression::layer())
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let request_id = request_id();
    let mut response = gateway.answer(request, &request_id).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    // Whatever it wrote is in the stream now.
    gateway.streams.wake();
    response
}

impl Gateway {
    /// Waits until everything accepted is handled: what stands in the stream, what became of the mails
    /// that this sent, and what that wrote.
    pub(crate) async fn drain(&self) -> Result<(), DrainError> {
        // What the phones tell is a part of what was accepted.
        if !self.posting.settle().await {
            tracing::warn!("webhooks of the stand-in for Graph are still waiting");
        }
        self.streams.drain().await?;
        self.rules.deliver().await;
        self.streams.drain().await
    }

    async fn answer(&self, request: Request, request_id: &str) -> Response {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let Some(matched) = routes::find(self.template, parts.method.as_str(), path) else {
            return refuse(StatusCode::NOT_FOUND, "Not Found");
        };
        if matched.route_key == DEFAULT_ROUTE
            && matches!(parts.method, http::Method::GET | http::Method::HEAD)
            && let Some(page) =
                pages::get(&self.pages, &parts, &format!("http://{}", self.authority)).await
        {
            return page;
        }
        let claims = if matched.authorized {
            let authorization =
                parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            match self.authorizer.judge(authorization) {
                Some(claims) => Some(claims),
                None => return unauthorized(authorization.is_some()),
            }
        } else {
            None
        };
        let body = match read(body).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        let Some(function) = self.functions.http.get(matched.function) else {
            tracing::error!(function = matched.function, "the function is not wired");
            return refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        let incoming = Incoming {
            parts: &parts,
            body: &body,
            source_ip: SOURCE_IP,
            authority: &self.authority,
            request_id,
            now: Utc::now(),
        };
        let event = event::event(&incoming, &matched, claims.as_ref());
        match invoke(function.clone(), &event, request_id).await {
            Ok(answer) => match event::response(&answer) {
                Some(response) => response.map(Body::from),
                None => failed(matched.function, request_id, &"its answer is no HTTP answer"),
            },
            Err(InvokeError::TooLarge(_)) => {
                refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long")
            }
            Err(error @ InvokeError::TimedOut) => {
                tracing::error!(function = matched.function, request_id, %error, "no answer");
                refuse(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Err(error) => failed(matched.function, request_id, &error),
        }
    }
}

fn failed(function: &str, request_id: &str, error: &dyn std::fmt::Display) -> Response {
    tracing::error!(function, request_id, %error, "the function failed");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// An answer of the gateway's own.
fn refuse(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({"message": message}))).into_response()
}

fn unauthorized(has_token: bool) -> Response {
    let mut response = refuse(StatusCode::UNAUTHORIZED, "Unauthorized");
    let challenge = if has_token { r#"Bearer scope="" error="invalid_token""# } else { "Bearer" };
    response
        .headers_mut()
        .insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

/// Reads a body. One that is too large for Lambda is read to its end all the same (within reason), since a client
/// that is still sending would miss the answer.
async fn read(mut body: Body) -> Result<Vec<u8>, Response> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(refuse(StatusCode::BAD_REQUEST, "Bad Request"));
        };
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length <= MAX_PAYLOAD_BYTES {
                bytes.extend_from_slice(&data);
            } else if length > MAX_READ_BYTES {
                break;
            }
        }
    }
    if length > MAX_PAYLOAD_BYTES {
        Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"))
    } else {
        Ok(bytes)
    }
}

fn request_id() -> String {
    // Ids only help to find a line in the log.
    let drawn = Randomness::system().bytes::<12>();
    drawn.map_or_else(|_| "unnumbered".to_owned(), |bytes| URL_SAFE.encode(bytes))
}
