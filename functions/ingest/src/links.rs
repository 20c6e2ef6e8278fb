//! `GET` and `HEAD /r/{token}`: tracked links.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use shared::domain::facts::event::{ClickKind, ReminderClicked};
use shared::domain::values::ids::{ClickId, LinkToken};
use shared::store::StoreError;
use shared::store::links::Link;
use shared::telemetry::chain;
use shared::telemetry::{Counter, count};
use shared::web::{Problem, ProblemBody};

use crate::deps::Deps;
use crate::problems::PublicProblems;

mod preview;

/// How long a shopper waits for their tap to be counted. A sound write takes a few milliseconds;
/// a shop that doesn't open costs more than a click.
const COUNTING_LASTS: Duration = Duration::from_secs(2);

/// Why a tap isn't counted.
#[derive(Debug, thiserror::Error)]
enum Uncounted {
    #[error("the click can't be stored")]
    Store(#[source] StoreError),
    #[error("the click took too long to store")]
    Slow,
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
        (status = 404, description = "No such link", body = ProblemBody, content_type = "application/problem+json"),
        PublicProblems,
    ),
)]
pub(crate) async fn follow(
    State(deps): State<Deps>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let link = find(&deps, token).await?;
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
    if preview::is_agent(&String::from_utf8_lossy(agent)) {
        count(Counter::TrafficIgnored { kind: "link-preview" }, 1);
        return redirect(&link);
    }
    let counted = tokio::time::timeout(COUNTING_LASTS, count_tap(&deps, &link)).await;
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
        (status = 404, description = "No such link", body = ProblemBody, content_type = "application/problem+json"),
        PublicProblems,
    ),
)]
pub(crate) async fn probe(
    State(deps): State<Deps>,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let link = find(&deps, token).await?;
    count(Counter::TrafficIgnored { kind: "link-preview" }, 1);
    redirect(&link)
}

/// A text that can't be a token is one that nobody minted.
async fn find(deps: &Deps, token: Result<Path<String>, PathRejection>) -> Result<Link, Problem> {
    let unknown = || Problem::not_found("link-not-found", "there is no such link");
    let token = token.ok().and_then(|Path(text)| LinkToken::parse(&text).ok());
    let token = token.ok_or_else(unknown)?;
    deps.table.link(&token).await?.ok_or_else(unknown)
}

/// Counts a tap: on its reminder, or at the link until that is known. When the link is bound in
/// between, the rollup moves the click from the link to the reminder.
async fn count_tap(deps: &Deps, link: &Link) -> Result<(), Uncounted> {
    let at = deps.clock.now();
    let click_id = ClickId::of_link(&link.token, at.seconds());
    let written = match &link.reminder_id {
        Some(reminder_id) => {
            let reminder_id = reminder_id.clone();
            let click = ReminderClicked { reminder_id, click_id, kind: ClickKind::Link, at };
            deps.table.click_write(&link.account, &click).await
        }
        None => deps.table.early_click_write(&link.token, &click_id, at).await,
    };
    written.map_err(Uncounted::Store)?;
    count(Counter::FactsAccepted { kind: "click" }, 1);
    Ok(())
}

/// 302 to the store. Not to be kept, since every tap counts; and the store is not to see the
/// token.
fn redirect(link: &Link) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(&link.url).map_err(Problem::internal)?;
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
