//! What the stand-in does instead of answering.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use futures::stream::{self, StreamExt as _};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// What it does instead of answering.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// Refuses with this code of Meta's.
    Code(u32),
    /// Answers with this status and without a code.
    Status(u16),
    /// Takes nothing, and never answers.
    SilentBefore,
    /// Takes the message, and never answers.
    SilentAfter,
    /// Takes nothing, and breaks off its answer.
    ResetBefore,
    /// Takes the message, and breaks off its answer.
    ResetAfter,
    /// Takes the message, and holds it back to see how the first ones are received.
    Held,
}

impl Fault {
    /// Whether the message is taken all the same.
    pub(super) const fn takes(&self) -> bool {
        matches!(self, Self::SilentAfter | Self::ResetAfter | Self::Held)
    }

    /// The answer, or none; of a message that was held, the plain one.
    pub(super) async fn answer(self) -> Option<Response> {
        match self {
            Self::Held => None,
            Self::Code(code) => Some(refusal(code)),
            Self::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
                Some(status.into_response())
            }
            Self::SilentBefore | Self::SilentAfter => std::future::pending().await,
            Self::ResetBefore | Self::ResetAfter => {
                let pieces = [Ok("{"), Err(std::io::Error::other("the answer breaks off"))];
                let body = Body::from_stream(stream::iter(pieces).boxed());
                Some(([("content-type", "application/json")], body).into_response())
            }
        }
    }
}

/// How Meta refuses.
pub(super) fn refusal(code: u32) -> Response {
    let status = match code {
        4 | 80_007 | 130_429 | 131_048 | 131_056 => StatusCode::TOO_MANY_REQUESTS,
        190 => StatusCode::UNAUTHORIZED,
        1 | 2 | 131_000 => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let error = json!({
        "message": format!("(#{code}) refused by the stand-in"), "type": "OAuthException", "code": code,
        "fbtrace_id": "local",
    });
    (status, axum::Json(json!({"error": error}))).into_response()
}
