//! Reading what a caller sent: bodies and query strings, with errors that name the field.

use axum::body::Bytes;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::problem::Problem;
use domain::values::limits::ADMIN_BODY_BYTES;

mod path;
mod query;

/// A JSON body of at most `LIMIT` bytes, and a JSON answer.
///
/// Judged in this order: size (413), content type (415), JSON or not (400 `malformed-json`), shape
/// (422 `invalid-field` with the field's path; a missing field names itself). A type that should
/// refuse unknown fields says so with `#[serde(deny_unknown_fields)]`.
#[derive(Debug, Clone, Copy)]
pub struct Json<T, const LIMIT: usize = ADMIN_BODY_BYTES>(pub T);

/// The query string. A missing, wrong or repeated parameter is 422 `invalid-field` with the
/// parameter's name. So is an unknown one where `T` says `#[serde(deny_unknown_fields)]`, as each
/// should: a misspelt filter must not silently widen an answer.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// The raw bytes of a body of at most `LIMIT` bytes (413 beyond), for signatures over them.
#[derive(Debug, Clone)]
pub struct RawBody<const LIMIT: usize>(pub Bytes);

impl<S: Send + Sync, const LIMIT: usize> FromRequest<S> for RawBody<LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, LIMIT).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let declared = require_json(request.headers());
        let bytes = read(request, LIMIT).await?;
        declared?;
        parse_object(&bytes).map(Self)
    }
}

impl<T: Serialize, const LIMIT: usize> IntoResponse for Json<T, LIMIT> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        query::parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        let too_large = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if too_large {
            Problem::payload_too_large(limit)
        } else {
            Problem::bad_request("unreadable-body", "the body ended early")
        }
    })
}

/// Refuses (415) a body that isn't declared as `application/json` or some `…+json`.
pub fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let essence = media_type(headers).unwrap_or_default();
    let json = essence == "application/json"
        || essence.split_once('/').is_some_and(|(_, subtype)| {
            subtype.strip_suffix("+json").is_some_and(|prefix| !prefix.is_empty())
        });
    if json { Ok(()) } else { Err(Problem::unsupported_media_type("send application/json")) }
}

/// The media type of a body in lower case, without parameters.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split_once(';').map_or(value, |(essence, _)| essence);
    Some(essence.trim().to_ascii_lowercase())
}

/// Reads `bytes` as the JSON form of a `T`: 400 `malformed-json` when they are no JSON, 422
/// `invalid-field` with the path of the field at fault when they are another shape.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Syntax first and to the end, so that what follows can only be about shape.
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return Err(malformed(&error));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        // A number where one of some words is wanted is called a syntax error: whether this is JSON
        // is asked anew, of a reader that takes any.
        if error.inner().is_data() || serde_json::from_slice::<Value>(bytes).is_ok() {
            let (field, detail) =
                path::at_fault(&error.path().to_string(), &error.inner().to_string());
            Problem::invalid_field(field, detail)
        } else {
            // Text that the scan above lets pass: a lone surrogate, too deep a nesting.
            malformed(error.inner())
        }
    })
}

/// Reads a body that is one object, as [`parse_json`] does. An array is 422 `invalid-field`: a struct
/// could be read from one, its fields in the order of our source, which no caller is to rely on.
pub fn parse_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        parse_json::<IgnoredAny>(bytes)?;
        return Err(Problem::invalid_field(path::WHOLE, "the body must be an object"));
    }
    parse_json(bytes)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::malformed_json(format!(
        "the body is no JSON at line {}, column {}",
        error.line(),
        error.column()
    ))
}

#[cfg(test)]
mod tests;
