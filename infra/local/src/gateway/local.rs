//! `/local/...`: what a developer and the tests need and the cloud doesn't have.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;

use super::Gateway;
use crate::graph::{Act, Delivery, Fault, SentMessage};
use crate::mailbox::Mail;

/// What a token allows when nothing is said.
const DEFAULT_SCOPE: &str = "admin:read admin:write";

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/local/token", get(token))
        .route("/local/mailbox", get(mailbox))
        .route("/local/mailbox/{id}", get(mail))
        .route("/local/drain", post(drain))
        .route("/local/tick", post(tick))
        .route("/local/whatsapp", get(messages).post(act))
        .route("/local/whatsapp/faults", post(faults))
        .route("/local/whatsapp/delivery", post(deliver_like))
        .route("/local/whatsapp/deliver", post(deliver))
}

/// A refusal in plain text: a developer reads it.
type Refusal = (StatusCode, String);

fn trouble(error: impl std::fmt::Display) -> Refusal {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

#[derive(Deserialize)]
struct TokenQuery {
    account: String,
    scope: Option<String>,
}

async fn token(
    State(gateway): State<Arc<Gateway>>,
    Query(query): Query<TokenQuery>,
) -> Result<String, Refusal> {
    let account: Account = Account::parse(&query.account)
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))?;
    let scope = query.scope.as_deref().unwrap_or(DEFAULT_SCOPE);
    gateway.authorizer.issue(account.as_str(), scope).map_err(trouble)
}

async fn mailbox(State(gateway): State<Arc<Gateway>>) -> Json<Vec<Mail>> {
    Json(gateway.mailbox.list())
}

async fn mail(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    match gateway.mailbox.raw(&id) {
        Ok(Some(raw)) => Ok(([(CONTENT_TYPE, "message/rfc822")], raw).into_response()),
        Ok(None) => Err((StatusCode::NOT_FOUND, "There is no such mail.\n".into())),
        Err(error) => Err(trouble(error)),
    }
}

async fn drain(State(gateway): State<Arc<Gateway>>) -> Result<StatusCode, Refusal> {
    match gateway.drain().await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))),
    }
}

#[derive(Deserialize)]
struct TickQuery {
    at: Option<String>,
}

async fn tick(
    State(gateway): State<Arc<Gateway>>,
    Query(query): Query<TickQuery>,
) -> Result<StatusCode, Refusal> {
    let at = query.at.as_deref().map(Instant::parse_rfc3339).transpose();
    let at = at.map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))?;
    let outcome = gateway.schedules.tick(at).await;
    gateway.streams.wake();
    outcome.map(|()| StatusCode::NO_CONTENT).map_err(trouble)
}

async fn messages(State(gateway): State<Arc<Gateway>>) -> Json<Vec<SentMessage>> {
    Json(gateway.posting.graph().messages())
}

async fn act(
    State(gateway): State<Arc<Gateway>>,
    Json(act): Json<Act>,
) -> Result<StatusCode, Refusal> {
    let done = gateway.posting.graph().act(act);
    done.map_err(|error| (StatusCode::NOT_FOUND, format!("{error}\n")))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What Graph does instead of answering.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    /// The next calls, one by one; null: the call is answered.
    #[serde(default)]
    next: Vec<Option<Fault>>,
    /// Any other call.
    #[serde(default)]
    always: Option<Fault>,
}

async fn faults(State(gateway): State<Arc<Gateway>>, Json(faults): Json<Faults>) -> StatusCode {
    let graph = gateway.posting.graph();
    graph.plan(faults.next);
    graph.fail_always(faults.always);
    StatusCode::NO_CONTENT
}

async fn deliver_like(
    State(gateway): State<Arc<Gateway>>,
    Json(delivery): Json<Delivery>,
) -> StatusCode {
    gateway.posting.graph().deliver_like(delivery);
    StatusCode::NO_CONTENT
}

async fn deliver(State(gateway): State<Arc<Gateway>>) -> StatusCode {
    let all = gateway.posting.deliver().await;
    gateway.streams.wake();
    if all { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}
