//! What every answer of every function has in common: request id, headers, problem bodies, one log
//! line per fault.

use std::any::Any;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Uri};
use lambda_http::request::RequestContext;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::problem::{PROBLEM_JSON, Problem};
use crate::routes::{RouteVerdict, judge};

/// The header that names an answer in the logs.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request being answered: API Gateway's, else a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

/// Marks an error whose body is a page for a person instead of problem JSON: a shopper's browser shows
/// what it is given. Put it among the answer's extensions; whoever does logs the fault.
#[derive(Debug, Clone, Copy)]
pub struct PageForPeople;

impl RequestId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(request: &Request) -> Self {
        let given = match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        // An id that can't stand in a header can't be looked up either.
        let usable =
            given.filter(|id| !id.is_empty() && HeaderValue::try_from(id.as_str()).is_ok());
        Self(usable.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()))
    }
}

/// Gives `router` the conventions of this API. Call it last, on the finished router: routes added
/// later would escape it.
///
/// - every answer names its request (`x-request-id`) and carries the security headers;
/// - every error is problem JSON (but for a [`PageForPeople`]), also an unknown route (404), a method that the path doesn't have in
///   any function (405), a framework's rejection and a panic (500);
/// - every 5xx is logged once, with method, matched route and request id, and its causes as one
///   field. The raw path is never logged: it can hold a token.
pub fn conventions(router: Router) -> Router {
    router
        .method_not_allowed_fallback(async |method: Method, uri: Uri| {
            match judge(&method, uri.path()) {
                // Routes of this router alone: axum tells their methods.
                RouteVerdict::NotFound => Problem::method_not_allowed(&[]),
                verdict @ RouteVerdict::MethodNotAllowed(_) => verdict.into(),
            }
        })
        .fallback(async |method: Method, uri: Uri| Problem::from(judge(&method, uri.path())))
        .layer(CatchPanicLayer::custom(panicked))
        // Around the layer before: a panic is answered and logged like another fault.
        .layer(from_fn(answer))
}

async fn answer(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(&request);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(id.clone());

    let span = tracing::info_span!("http", %method, %route, request_id = id.as_str());
    let response = next.run(request).instrument(span).await;
    let mut response = with_problem_body(response, &id, &method, &route);
    add_headers(&mut response, &id);
    response
}

/// A panic is a fault like another: the caller gets a 500 and the function lives on.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => {
            panic.downcast::<&str>().map_or_else(|_| "no message", |text| *text).to_owned()
        }
    };
    Problem::internal(format!("panicked: {message}")).into_response()
}

/// Writes the problem body of an error, with the request id in it, and logs a fault of ours.
fn with_problem_body(
    mut response: Response,
    id: &RequestId,
    method: &Method,
    route: &str,
) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if response.extensions_mut().remove::<PageForPeople>().is_some() {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_problem_json(&response) => return response,
        None => Problem::of_status(status),
    };
    if problem.status().is_server_error() {
        let cause = problem.cause_chain().unwrap_or_default();
        tracing::error!(
            %method, route, request_id = id.as_str(), status = problem.status().as_u16(),
            code = problem.code(), cause, "the request failed"
        );
    }
    let mut rendered = problem.render(Some(id.as_str()));
    for name in [ALLOW, WWW_AUTHENTICATE] {
        if let Some(value) = response.headers_mut().remove(&name) {
            rendered.headers_mut().entry(name).or_insert(value);
        }
    }
    rendered
}

fn is_problem_json(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| value == PROBLEM_JSON)
}

fn add_headers(response: &mut Response, id: &RequestId) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(id.as_str()) {
        headers.insert(X_REQUEST_ID, value);
    }
    headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests;
