//! Calls a function the way Lambda does: JSON in, JSON out, within limits, and without sharing its panics.

use std::time::Duration;

use axum::Router;
use lambda_http::{Adapter, Context, LambdaEvent, Service as _, request::LambdaRequest};
use serde_json::Value;

/// Lambda's limit of a request and of an answer.
pub(super) const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;
/// API Gateway waits no longer for a function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a function gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvokeError {
    /// The event is longer than Lambda takes.
    #[error("the event has {0} bytes")]
    TooLarge(usize),
    /// The function took too long.
    #[error("the function took more than 30 s")]
    TimedOut,
    /// The function panicked.
    #[error("the function panicked")]
    Panicked(#[source] tokio::task::JoinError),
    /// The event, or the answer, is no JSON of the right shape.
    #[error("the event or the answer is not what it should be")]
    Json(#[source] serde_json::Error),
    /// The answer is longer than Lambda takes.
    #[error("the answer has {0} bytes")]
    AnswerTooLarge(usize),
}

/// Calls the function behind `router` with an API Gateway event.
pub(super) async fn invoke(
    router: Router,
    event: &Value,
    request_id: &str,
) -> Result<Value, InvokeError> {
    let event = event.to_string();
    if event.len() > MAX_PAYLOAD_BYTES {
        return Err(InvokeError::TooLarge(event.len()));
    }
    let payload: LambdaRequest = serde_json::from_str(&event).map_err(InvokeError::Json)?;
    let mut context = Context::default();
    request_id.clone_into(&mut context.request_id);

    // In the task, so that a panic of the conversion is the function's, too.
    let mut call = tokio::spawn(async move {
        let answer = {
            let mut adapter = Adapter::from(router);
            adapter.call(LambdaEvent::new(payload, context))
        };
        answer.await
    });
    let outcome = tokio::time::timeout(TIMEOUT, &mut call).await;
    let Ok(joined) = outcome else {
        call.abort();
        return Err(InvokeError::TimedOut);
    };
    let Ok(answer) = joined.map_err(InvokeError::Panicked)?;
    let answer = serde_json::to_string(&answer).map_err(InvokeError::Json)?;
    if answer.len() > MAX_PAYLOAD_BYTES {
        return Err(InvokeError::AnswerTooLarge(answer.len()));
    }
    serde_json::from_str(&answer).map_err(InvokeError::Json)
}
