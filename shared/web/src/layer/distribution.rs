//! Who goes around the distribution is refused.
//!
//! The API has an address of its own, which passes by the web ACL and the headers of the distribution.
//! So the distribution adds a secret to each request that it passes on, and the functions know that
//! secret's digest: the secret itself stands in no environment variable.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use domain::values::digest::{hex, sha256};
use http::{HeaderMap, HeaderName};
use runtime::config::{ConfigError, Secret, Settings};
use telemetry::{Counter, count};

use super::{RequestId, add_headers};
use crate::problem::Problem;

/// The header that holds the distribution's secret.
pub const X_ORIGIN_SECRET: HeaderName = HeaderName::from_static("x-origin-secret");
/// The setting: digests of the secrets that are taken, as hex, with commas between; several during a
/// change of the secret.
pub const ORIGIN_SECRET_DIGESTS: &str = "ORIGIN_SECRET_DIGESTS";

/// The secrets that the distribution may show.
#[derive(Debug, Clone)]
struct Taken(Arc<[Secret]>);

impl Taken {
    fn admits(&self, headers: &HeaderMap) -> bool {
        headers.get(X_ORIGIN_SECRET).is_some_and(|shown| {
            let digest = hex(&sha256(shown.as_bytes()));
            self.0.iter().any(|taken| taken.matches(digest.as_bytes()))
        })
    }
}

/// Lets `router` answer what came through the distribution alone: everything else gets 403
/// `not-through-distribution`. Where the settings name no secret it answers everybody. Call it last,
/// on the router that the Lambda runs.
pub fn behind_distribution(router: Router, settings: &Settings<'_>) -> Result<Router, ConfigError> {
    if settings.optional(ORIGIN_SECRET_DIGESTS).is_none() {
        return Ok(router);
    }
    let digests = settings.list(ORIGIN_SECRET_DIGESTS)?;
    let is_digest = |text: &String| {
        text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    if !digests.iter().all(is_digest) {
        let expected = "SHA-256 digests as hex";
        return Err(ConfigError::Invalid { name: ORIGIN_SECRET_DIGESTS, expected });
    }
    let taken = Taken(digests.into_iter().map(Secret::new).collect());
    Ok(router.layer(from_fn(move |request: Request, next: Next| {
        let taken = taken.clone();
        async move {
            if taken.admits(request.headers()) { next.run(request).await } else { refuse(&request) }
        }
    })))
}

fn refuse(request: &Request) -> Response {
    count(Counter::SignatureRefused { source: "distribution" }, 1);
    let id = RequestId::of(request);
    let detail = "requests come through the distribution";
    let problem = Problem::forbidden("not-through-distribution", detail);
    let mut response = problem.render(Some(id.as_str()));
    add_headers(&mut response, &id);
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use http::StatusCode;
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;
    use crate::layer::{X_REQUEST_ID, conventions};

    fn router(digests: &str) -> Result<Router, ConfigError> {
        let router = conventions(Router::new().route("/things", get(async || "a thing")));
        behind_distribution(router, &Settings::of(&[(ORIGIN_SECRET_DIGESTS, digests)]))
    }

    async fn ask(router: Router, path: &str, shown: Option<&str>) -> (StatusCode, Value) {
        let mut request = Request::builder().uri(path).body(Body::empty()).unwrap();
        if let Some(shown) = shown {
            request.headers_mut().insert(X_ORIGIN_SECRET, shown.parse().unwrap());
        }
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        assert!(response.headers().contains_key(X_REQUEST_ID));
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn only_the_distribution_is_answered() {
        let digests = ["new", "old"].map(|secret| hex(&sha256(secret.as_bytes()))).join(", ");
        for (path, shown, expected) in [
            ("/things", Some("new"), 200),
            ("/things", Some("old"), 200),
            ("/things", Some("older"), 403),
            ("/things", Some(""), 403),
            ("/things", None, 403),
            // What no route takes, too, and the digest is no secret.
            ("/elsewhere", None, 403),
            ("/elsewhere", Some("new"), 404),
            ("/things", digests.split(',').next(), 403),
        ] {
            let (status, body) = ask(router(&digests).unwrap(), path, shown).await;
            assert_eq!(status.as_u16(), expected, "{path} {shown:?}");
            if expected == 403 {
                assert_eq!(body["code"], "not-through-distribution");
                assert!(body["requestId"].is_string());
            }
        }
    }

    #[tokio::test]
    async fn without_a_secret_everybody_is_answered() {
        assert_eq!(ask(router("").unwrap(), "/things", None).await.0, StatusCode::OK);
    }

    /// A secret in place of its digest would refuse everybody, and stand in the clear.
    #[test]
    fn what_is_no_digest_stops_the_function() {
        let digest = hex(&sha256(b"new"));
        for wrong in ["new", &digest.to_uppercase(), &digest[1..], &format!("{digest},old")] {
            let expected = "SHA-256 digests as hex";
            let invalid = ConfigError::Invalid { name: ORIGIN_SECRET_DIGESTS, expected };
            assert_eq!(router(wrong).unwrap_err(), invalid, "{wrong}");
        }
    }
}
