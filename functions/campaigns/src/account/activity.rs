//! `GET /account/activity`: who changed what of the account, and when.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::activity::{Activity, Change};
use shared::domain::values::instant::Instant;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems};
use shared::web::{Cursor, Json, Problem, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// Entries on one page: a screen or two.
pub const PAGE: usize = 50;
/// Bytes of an entry's id: an instant and a few letters.
const ID_BYTES: usize = 100;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivityQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A page of an account's activity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivityList)]
pub(crate) struct ActivityList {
    /// Newest first.
    items: Vec<ActivityEntry>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<Cursor<String>>,
}

/// A change that a person made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivityEntry {
    /// Its id.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Who did it: the token's `sub`.
    by: String,
    /// What.
    #[serde(flatten)]
    change: Change,
}

/// Who changed what
///
/// Every change that a person made by this API, each once: of settings, connections, secrets, campaigns, how the
/// system sends, schedules; reports, erasures and replays that were asked for. It names no shopper. An entry is kept for a year.
#[utoipa::path(
    get,
    path = "/account/activity",
    operation_id = "listActivity",
    tag = "account",
    params(ActivityQuery),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "A page of the activity.", body = ActivityList),
        AccountProblems,
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_activity(
    State(deps): State<Deps>,
    reader: Reader,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<ActivityList>, Problem> {
    let after = query.cursor.map(|cursor| cursor.0);
    // Ids are ASCII: a key of anything else could lie behind the list's end, and no key is empty.
    if after.as_ref().is_some_and(|id| id.is_empty() || !id.is_ascii() || id.len() > ID_BYTES) {
        return Err(Problem::invalid_field("cursor", "this is no cursor of this list"));
    }
    set_up(&deps.table, &reader.account).await?;
    let page = deps.table.activity_page(&reader.account, after.as_deref(), PAGE).await?;
    let items = page.items.into_iter().map(|(id, Activity { at, by, change })| ActivityEntry {
        id,
        at,
        by,
        change,
    });
    Ok(Json(ActivityList { items: items.collect(), next: page.next.map(Cursor) }))
}
