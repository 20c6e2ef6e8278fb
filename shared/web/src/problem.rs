//! The one error envelope of the API: RFC 9457 problem JSON with a stable code.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};
use telemetry::chain;
use utoipa::ToSchema;

/// The media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler answers instead of a result: a status, a stable code, and what the caller may know.
///
/// A 4xx carries a public `detail` and, where one is at fault, the `field`. A 5xx carries neither:
/// its cause is kept for the log, which [`crate::layer::conventions`] writes once.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Option<Cow<'static, str>>,
    field: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The body of every error, as RFC 9457 defines it, with the members of this API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: Cow<'static, str>,
    /// The HTTP status in words.
    #[schema(example = "Unprocessable Entity")]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// A stable, machine-readable name of the problem, in kebab case.
    #[schema(example = "invalid-field")]
    pub code: Cow<'static, str>,
    /// What went wrong, in words. Absent from 5xx answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
    /// The field, parameter or header at fault, as a path (`items[3].price`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Names this answer in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, detail: None, field: None, headers: Vec::new(), cause: None }
    }

    fn told(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(status, code) }
    }

    /// 400 `malformed-json`: the body is no JSON at all.
    #[must_use]
    pub fn malformed_json(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::BAD_REQUEST, "malformed-json", detail)
    }

    /// 400: the request can't be read as HTTP says it should.
    #[must_use]
    pub fn bad_request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: nobody vouches for the caller: a missing or bad signature or secret.
    #[must_use]
    pub fn unauthorized(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 401 `missing-token` with the challenge of RFC 6750: the request carries no checked token.
    #[must_use]
    pub fn missing_token() -> Self {
        Self::unauthorized("missing-token", "a bearer token is needed")
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: the caller is known and may not do this.
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::FORBIDDEN, code, detail)
    }

    /// 403 `insufficient-scope`: the token lacks `scope`.
    #[must_use]
    pub fn insufficient_scope(scope: &str) -> Self {
        Self::forbidden("insufficient-scope", format!("the token lacks the scope {scope}"))
    }

    /// 404: no such thing, or none of the caller's.
    #[must_use]
    pub fn not_found(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::NOT_FOUND, code, detail)
    }

    /// 404 `account-not-found`: the token is sound and its account was never set up.
    #[must_use]
    pub fn account_not_found() -> Self {
        Self::not_found("account-not-found", "the account is not set up yet")
    }

    /// 404 `campaign-not-found`: the caller's account has no such campaign.
    #[must_use]
    pub fn campaign_not_found() -> Self {
        Self::not_found("campaign-not-found", "the account has no such campaign")
    }

    /// 404 `route-not-found`: no route has this path.
    #[must_use]
    pub fn route_not_found() -> Self {
        Self::not_found("route-not-found", "no route has this path")
    }

    /// 405 `method-not-allowed`. `allowed` goes into the `Allow` header; leave it empty inside a
    /// router, which fills in the methods of its route.
    #[must_use]
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let problem = Self::told(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "this path has no such method",
        );
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        match HeaderValue::try_from(names.join(",")) {
            Ok(value) if !names.is_empty() => problem.with_header(ALLOW, value),
            _ => problem,
        }
    }

    /// 409: the request is sound and the state of things forbids it.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::CONFLICT, code, detail)
    }

    /// 410: it was there, and is no more.
    #[must_use]
    pub fn gone(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::GONE, code, detail)
    }

    /// 412 `precondition-failed`: `If-Match` names an older version.
    #[must_use]
    pub fn precondition_failed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::PRECONDITION_FAILED, "precondition-failed", detail).at("If-Match")
    }

    /// 413 `payload-too-large`: the body passes `limit_bytes`.
    #[must_use]
    pub fn payload_too_large(limit_bytes: usize) -> Self {
        Self::told(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload-too-large",
            format!("the body may have at most {limit_bytes} bytes"),
        )
    }

    /// 413 `too-many-items`: the body holds more than `limit` items, and none was taken.
    #[must_use]
    pub fn too_many_items(limit: usize) -> Self {
        Self::told(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-many-items",
            format!("a body may hold at most {limit} items"),
        )
    }

    /// 415 `unsupported-media-type`: the `Content-Type` is none that this route reads.
    #[must_use]
    pub fn unsupported_media_type(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
            .at("Content-Type")
    }

    /// 422: `field` holds what it may not hold.
    #[must_use]
    pub fn unprocessable(
        code: &'static str,
        field: impl Into<String>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::told(StatusCode::UNPROCESSABLE_ENTITY, code, detail).at(field)
    }

    /// 422 `invalid-field`: `field` is missing, unknown, or of the wrong shape.
    #[must_use]
    pub fn invalid_field(field: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::unprocessable("invalid-field", field, detail)
    }

    /// 428 `precondition-required`: an edit must say which version it edits.
    #[must_use]
    pub fn precondition_required() -> Self {
        Self::told(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "send the version that you read as If-Match",
        )
        .at("If-Match")
    }

    /// 429: more than a limit allows.
    #[must_use]
    pub fn too_many_requests(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::told(StatusCode::TOO_MANY_REQUESTS, code, detail)
    }

    /// 500 `internal`: a fault of ours that trying again won't mend. `cause` is for the log only.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::caused(StatusCode::INTERNAL_SERVER_ERROR, "internal", cause)
    }

    /// 503 `unavailable`: storage failed in a way that may pass; the caller should try again (R12).
    /// `cause` is for the log only.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::caused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", cause)
    }

    fn caused(
        status: StatusCode,
        code: &'static str,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..Self::new(status, code) }
    }

    /// The problem that stands for a bare status, such as one that a framework extractor answered.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::BAD_REQUEST => ("bad-request", "the request can't be read"),
            StatusCode::UNAUTHORIZED => ("unauthorized", "the caller is not known"),
            StatusCode::FORBIDDEN => ("forbidden", "the caller may not do this"),
            StatusCode::NOT_FOUND => ("not-found", "there is no such thing"),
            StatusCode::METHOD_NOT_ALLOWED => return Self::method_not_allowed(&[]),
            StatusCode::PAYLOAD_TOO_LARGE => ("payload-too-large", "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported-media-type", "this route reads no such content type")
            }
            StatusCode::UNPROCESSABLE_ENTITY => ("unprocessable", "the request can't be processed"),
            StatusCode::SERVICE_UNAVAILABLE => {
                return Self::unavailable("a bare 503 left a handler");
            }
            _ if status.is_client_error() => ("refused", "the request was refused"),
            _ => return Self::internal(format!("a bare {status} left a handler")),
        };
        Self::told(status, code, detail)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The field at fault, where one is.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The public message.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The whole chain of causes as one text, outermost first: one field of one log line.
    #[must_use]
    pub fn cause_chain(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| chain(cause))
    }

    /// The body that the caller sees.
    #[must_use]
    pub fn body(&self, request_id: Option<&str>) -> ProblemBody {
        let ours = self.status.is_server_error();
        ProblemBody {
            kind: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            code: self.code.into(),
            detail: self.detail.clone().filter(|_| !ours),
            field: self.field.clone().filter(|_| !ours),
            request_id: request_id.map(str::to_owned),
        }
    }

    /// The whole answer, with `request_id` in its body.
    #[must_use]
    pub fn render(&self, request_id: Option<&str>) -> Response {
        // A struct of texts and one integer always serialises.
        let body = serde_json::to_vec(&self.body(request_id)).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }
}

impl IntoResponse for Problem {
    /// The answer without a request id; [`crate::layer::conventions`] finds the problem in
    /// the extensions, adds the id and writes the log line.
    fn into_response(self) -> Response {
        let mut response = self.render(None);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
