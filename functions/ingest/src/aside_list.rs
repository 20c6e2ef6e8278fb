//! `GET /events/aside`: what was kept aside for an account.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::intake::reason::Code;
use shared::store::Table;
use shared::store::aside::Aside;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems};
use shared::web::{Cursor, Json, Problem, ProblemBody, Query, Reader};
use utoipa::{IntoParams, ToSchema};

/// Items on one page: a screen or two, and at most 40 MB to read.
const PAGE: usize = 100;
/// Characters of an id that is shown; ours and the providers' are shorter.
const ID_CHARS: usize = 200;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsideQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A page of what was kept aside, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AsideList {
    items: Vec<AsideItem>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<Cursor<String>>,
}

/// Something that should have counted and can't (R12). It is kept for 30 days.
///
/// Its content is not shown: it may hold phone numbers and names, which nobody needs to find the
/// item again at its sender; its own ids are, unless it came for a phone number that the account merely
/// claims (`number-pending`), and may be another's.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AsideItem {
    /// Its id in this list.
    id: String,
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    received_at: shared::domain::values::instant::Instant,
    /// Where it came in.
    #[schema(example = "events")]
    source: String,
    /// Why it can't count.
    #[schema(example = "unknown-campaign")]
    code: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "data.campaignId")]
    field: Option<String>,
    /// The event's or message's own id; of a VTEX notification the order's.
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    /// The event's or message's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "reminder.sent")]
    item_type: Option<String>,
    /// The reminder that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder_id: Option<String>,
    /// The purchase that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_group: Option<String>,
}

impl AsideItem {
    fn of(id: String, aside: Aside) -> Self {
        let body: Value = if aside.code == Code::NumberPending.as_str() {
            Value::Null
        } else {
            serde_json::from_str(&aside.body).unwrap_or_default()
        };
        let text = |pointer: &str| {
            let text = body.pointer(pointer)?.as_str()?;
            (text.chars().count() <= ID_CHARS).then(|| text.to_owned())
        };
        Self {
            id,
            received_at: aside.received_at,
            source: aside.source,
            code: aside.code,
            field: aside.field,
            item_id: text("/item/id").or_else(|| text("/item/OrderId")),
            item_type: text("/item/type"),
            reminder_id: text("/item/data/reminderId").or_else(|| text("/item/context/id")),
            order_group: text("/item/data/orderGroup"),
        }
    }
}

/// Lists what should have counted and can't, oldest first.
#[utoipa::path(
    get,
    path = "/events/aside",
    operation_id = "listKeptAside",
    tag = "events",
    params(AsideQuery),
    responses(
        (status = 200, description = "A page of the list", body = AsideList),
        AccountProblems,
        (status = 422, description = "A bad cursor or parameter", body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    ),
    security(("bearer" = ["admin:read"])),
)]
pub(crate) async fn list(
    State(table): State<Table>,
    reader: Reader,
    Query(query): Query<AsideQuery>,
) -> Result<Json<AsideList>, Problem> {
    let after = query.cursor.map(|cursor| cursor.0);
    // Ids are ASCII: a key of anything else could lie behind the list's end.
    if after.as_ref().is_some_and(|after| !after.is_ascii() || after.len() > ID_CHARS) {
        return Err(Problem::invalid_field("cursor", "this is no cursor of this list"));
    }
    set_up(&table, &reader.account).await?;
    let page = table.aside_page(&(&reader.account).into(), after.as_deref(), PAGE).await?;
    let items = page.items.into_iter().map(|(id, aside)| AsideItem::of(id, aside)).collect();
    Ok(Json(AsideList { items, next: page.next.map(Cursor) }))
}
