//! What a shopper sees whose link can't be read for now and whose store isn't known.

use axum::response::{Html, IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use shared::web::layer::PageForPeople;

/// The page's policy: it is text, and its link leads to where it came from.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The page in the three languages, since nothing tells the shopper's. An empty `href` is the page itself:
/// it tries again.
const PAGE: &str = r#"<!DOCTYPE html>
<html lang="pt-BR">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>503</title></head>
<body style="font-family: sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem">
<p lang="pt-BR">Não conseguimos abrir este link agora. <a href="">Tente de novo</a> em alguns instantes.</p>
<p lang="es">No pudimos abrir este enlace ahora. <a href="">Inténtalo de nuevo</a> en unos instantes.</p>
<p lang="en-US">We could not open this link right now. <a href="">Try again</a> in a few moments.</p>
</body>
</html>
"#;

/// A 503 that says so.
pub(super) fn page() -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (RETRY_AFTER, HeaderValue::from_static("5")),
    ];
    let page = (StatusCode::SERVICE_UNAVAILABLE, headers, Html(PAGE));
    let mut response = page.into_response();
    response.extensions_mut().insert(PageForPeople);
    response
}
