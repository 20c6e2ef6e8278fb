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
use tokio::time::{Instant as Deadline, timeout_at};
use utoipa::openapi;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema as _};

use crate::front_pages::FrontPages;
use crate::problems::SenderProblems;

mod preview;
mod sorry;

/// How long a shopper waits for their link to be read and their tap to be counted, before they are
/// redirected without that. Each takes a few milliseconds; a shop that doesn't open costs more than an
/// uncounted tap.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// What links are followed with.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) front_pages: FrontPages,
}

/// Why a tap isn't counted.
#[derive(Debug, thiserror::Error)]
enum Uncounted {
    #[error("the link can't be read")]
    Unread(#[source] StoreError),
    #[error("the click can't be stored")]
    Store(#[source] StoreError),
    #[error("the table took too long")]
    Slow,
}

/// The answers that both operations can give beside the redirect.
struct LinkProblems;

impl IntoResponses for LinkProblems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let mut responses = SenderProblems::responses();
        responses.extend(problems([("404", "No such link")]));
        let page = ContentBuilder::new().schema(Some(String::schema())).build();
        let unread = ResponseBuilder::new()
            .description("The link can't be read for now, nor is its store known: a page says so")
            .content("text/html", page)
            .build();
        responses.insert("503".to_owned(), RefOr::T(unread));
        responses
    }
}

/// Leads a shopper to the store and counts their tap.
///
/// A table that is slow or fails costs the tap and not the shop: the shopper is led to the link's
/// target, or, where the link itself can't be read, to the front page of its store.
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
    State(links): State<Links>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let deadline = Deadline::now() + ANSWERS_WITHIN;
    let token = token_of(token)?;
    let read = read(&links, &token, deadline).await;
    if preview::is_machine(&headers) {
        return unseen(&links, &token, read);
    }
    let link = match read {
        Ok(link) => link.ok_or_else(unknown)?,
        Err(error) => {
            count(Counter::ClicksUncounted, 1);
            return Ok(without_link(&links, &token, &error));
        }
    };
    if link.full {
        count(Counter::ClicksBeyondLimit, 1);
        return redirect(&link);
    }
    let counted = timeout_at(deadline, count_tap(&links.table, &link, links.clock.now())).await;
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
    State(links): State<Links>,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let deadline = Deadline::now() + ANSWERS_WITHIN;
    let token = token_of(token)?;
    let read = read(&links, &token, deadline).await;
    unseen(&links, &token, read)
}

/// Leads a program that no shopper looks at to the store: that is no tap.
fn unseen(
    links: &Links,
    token: &LinkToken,
    read: Result<Option<Link>, Uncounted>,
) -> Result<Response, Problem> {
    let answer = match read {
        Ok(link) => redirect(&link.ok_or_else(unknown)?)?,
        Err(error) => without_link(links, token, &error),
    };
    count(Counter::TrafficIgnored { kind: "link-preview" }, 1);
    Ok(answer)
}

/// The token of a path; a text that can't be a token is answered like an unknown one.
fn token_of(token: Result<Path<String>, PathRejection>) -> Result<LinkToken, Problem> {
    let token = token.ok().and_then(|Path(text)| LinkToken::parse(&text).ok());
    token.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::not_found("link-not-found", "there is no such link")
}

/// Reads a link, and learns where its store is.
async fn read(
    links: &Links,
    token: &LinkToken,
    deadline: Deadline,
) -> Result<Option<Link>, Uncounted> {
    let read = timeout_at(deadline, links.table.link(token)).await;
    let link = read.map_err(|_| Uncounted::Slow)?.map_err(Uncounted::Unread)?;
    if let Some(link) = &link {
        links.front_pages.learn(link);
    }
    Ok(link)
}

/// What a shopper gets whose link can't be read: the store all the same, or a page that says so.
fn without_link(links: &Links, token: &LinkToken, error: &Uncounted) -> Response {
    let cause = chain(error);
    let front_page = links.front_pages.of(token);
    let led = if front_page.is_some() { "the store's front page" } else { "a page that says so" };
    tracing::error!(cause, led, "a link could not be read");
    front_page.map_or_else(sorry::page, to)
}

/// Counts a tap: on its reminder, or at the link until that is known. When the link is bound in
/// between, the rollup moves the click from the link to the reminder.
async fn count_tap(table: &Table, link: &Link, at: Instant) -> Result<(), Uncounted> {
    let click_id = ClickId::of_link(&link.token, at.seconds());
    let written = match &link.reminder {
        Some(reminder) => {
            let tap = (&click_id, at);
            table.click_write_by_link(&link.account, reminder, &link.token, tap).await
        }
        None => table.early_click_write(&link.token, &click_id, at).await,
    };
    written.map_err(Uncounted::Store)?;
    count(Counter::FactsAccepted { kind: "click" }, 1);
    Ok(())
}

fn redirect(link: &Link) -> Result<Response, Problem> {
    HeaderValue::try_from(&link.url).map(to).map_err(Problem::internal)
}

/// A redirect to the store. Nobody caches it, so that every tap comes here, and it sends no referrer,
/// so that the store doesn't see the token.
fn to(location: HeaderValue) -> Response {
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::FOUND, headers).into_response()
}
