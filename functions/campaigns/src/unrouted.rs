//! `$default`: what no route of the API takes, in this function or another.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use lambda_http::request::RequestContext;
use shared::web::Problem;
use shared::web::routes::judge;

/// The gateway's name for its catch-all route.
const DEFAULT: &str = "$default";

/// Answers 404 or 405 to whatever the gateway matched with no route. Such a request brings no
/// checked token, so none may reach a handler, not even by a path that this router knows.
pub(crate) async fn judged(request: Request, next: Next) -> Response {
    let unrouted = matches!(
        request.extensions().get(),
        Some(RequestContext::ApiGatewayV2(context)) if context.route_key.as_deref() == Some(DEFAULT)
    );
    if unrouted {
        return Problem::from(judge(request.method(), request.uri().path())).into_response();
    }
    next.run(request).await
}
