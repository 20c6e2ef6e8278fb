//! `GET` and `HEAD /r/{token}`: tracked links.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use shared::domain::values::ids::{ClickId, LinkToken};
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::store::links::Link;
use shared::store::{StoreError, Table};
use shared::telemetry::chain;
use shared::telemetry::{Counter, count};
use shared::web::Problem;
use shared::web::api::problems;
use utoipa::IntoResponses;
use utoipa::openapi;
use utoipa::openapi::RefOr;

use crate::problems::SenderProblems;

mod preview;

/// How long a shopper waits for their tap to be counted before they are redirected without it. A write
/// takes a few milliseconds; a shop that doesn't open costs more than an uncounted tap.
const COUNTING_LASTS: Duration = Duration::from_secs(2);

/// Why a tap isn't counted.
#[derive(Debug, thiserror::Error)]
enum Uncounted {
    #[error("the click can't be stored")]
    Store(#[source] StoreError),
    #[error("the click took too long to store")]
    Slow,
}

/// The answers that both operations can give beside the redirect.
struct LinkProblems;

impl IntoResponses for LinkProblems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let mut responses = SenderProblems::responses();
        responses.extend(problems([("404", "No such link")]));
        responses
    }
}

/// Leads a shopper to the store and counts their tap.
#[utoipa::path(
    get,
    path = "/r/{token}",
    operation_id = "followLink",
    tag = "links",
    params(("token" = String, Path, description = "The link's token")),
    responses(
        (status = 302, description = "To the store", headers(("Location" = String, description = "The link's target, within the store"))),
        LinkProblems,
    ),
)]
pub(crate) async fn follow(
    State(table): State<Table>,
    State(clock): State<Clock>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let link = find(&table, token).await?;
    if preview::is_machine(&headers) {
        count(Counter::TrafficIgnored { kind: "link-preview" }, 1);
        return redirect(&link);
    }
    if link.full {
        count(Counter::ClicksBeyondLimit, 1);
        return redirect(&link);
    }
    let counted = tokio::time::timeout(COUNTING_LASTS, count_tap(&table, &link, clock.now())).await;
    if let Err(error) = counted.unwrap_or(Err(Uncounted::Slow)) {
        count(Counter::ClicksUncounted, 1);
        // Without the token, which is the link's secret.
        let cause = chain(&error);
        tracing::error!(account = %link.account, cause, "a tap was redirected and not counted");
    }
    redirect(&link)
}

/// Shows where a link leads without a tap: message apps ask so before they show it.
#[utoipa::path(
    head,
    path = "/r/{token}",
    operation_id = "probeLink",
    tag = "links",
    params(("token" = String, Path, description = "The link's token")),
    responses(
        (status = 302, description = "To the store", headers(("Location" = String, description = "The link's target, within the store"))),
        LinkProblems,
    ),
)]
pub(crate) async fn probe(
    State(table): State<Table>,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let link = find(&table, token).await?;
    count(Counter::TrafficIgnored { kind: "link-preview" }, 1);
    redirect(&link)
}

/// The link of a token; a text that can't be a token is answered like an unknown one.
async fn find(table: &Table, token: Result<Path<String>, PathRejection>) -> Result<Link, Problem> {
    let unknown = || Problem::not_found("link-not-found", "there is no such link");
    let token = token.ok().and_then(|Path(text)| LinkToken::parse(&text).ok());
    let token = token.ok_or_else(unknown)?;
    table.link(&token).await?.ok_or_else(unknown)
}

/// Counts a tap: on its reminder, or at the link until that is known. When the link is bound in
/// between, the rollup moves the click from the link to the reminder.
async fn count_tap(table: &Table, link: &Link, at: Instant) -> Result<(), Uncounted> {
    let click_id = ClickId::of_link(&link.token, at.seconds());
    let written = match &link.reminder_id {
        Some(reminder_id) => {
            let tap = (&click_id, at);
            table.click_write_by_link(&link.account, reminder_id, &link.token, tap).await
        }
        None => table.early_click_write(&link.token, &click_id, at).await,
    };
    written.map_err(Uncounted::Store)?;
    count(Counter::FactsAccepted { kind: "click" }, 1);
    Ok(())
}

/// A redirect to the store. Nobody caches it, so that every tap comes here, and it sends no referrer,
/// so that the store doesn't see the token.
fn redirect(link: &Link) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(&link.url).map_err(Problem::internal)?;
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
