//! `GET /orders`: the conversions of a range, page by page, in the report's order (R9, R10) or from its end.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::facts::credit::{Credit, CreditKind};
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::ids::{CampaignId, OrderGroup, ReminderDigest, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::money::{Currency, Sums};
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::{StoreError, Table};
use shared::web::api::{AdminProblems, RangeProblems};
use shared::web::{Cursor, Json, Problem, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::range::SelectedRange;
use crate::text::{Amount, amounts, decimal, local};

mod listing;

use listing::{Listing, Wanted};

/// Conversions on one page: what a person reads at once, and one batch of reads.
pub const PAGE: usize = 50;

/// The conversions that are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversionsQuery {
    /// The first store day of the reminders.
    #[param(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day, itself included; at most 366 days with the first.
    #[param(value_type = String, format = Date)]
    to: StoreDay,
    /// One campaign alone.
    #[param(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// Those of one kind alone.
    #[param(inline, value_type = Option<CreditKindName>)]
    kind: Option<CreditKind>,
    /// Those of one currency alone.
    #[param(value_type = Option<String>, example = "BRL")]
    currency: Option<Currency>,
    /// Which come first; `oldest` when absent.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// `next` of the page before, of the same selection and order.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ConversionPlace>>,
}

/// Which conversions come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// In the report's order: by the reminder's store day, then the order's creation, then the order group.
    #[default]
    Oldest,
    /// In the opposite order.
    Newest,
}

/// A conversion's place in the report's order. Made of parsed parts alone: a forged cursor can't
/// reach beyond the conversions of the caller's own account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConversionPlace {
    day: StoreDay,
    created_at: Instant,
    order_group: OrderGroup,
}

/// One page of conversions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversions {
    /// By the reminder's store day, then the order's creation, then the order group, or the other way
    /// round. A page can hold fewer than 50, even none, and still have a next one.
    items: Vec<Conversion>,
    /// What all pages come to.
    totals: SelectedTotals,
    /// Where the next page starts, as the parameter `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What the conversions of the range, the campaign and the kind come to, as the metrics count them. A chosen
/// currency doesn't narrow this: the value tells it apart, and how many orders are of one currency isn't counted.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectedTotals {
    /// How many, of all currencies.
    conversions: i64,
    /// Their value by currency, zeros left out (R7, R8).
    value: Vec<Amount>,
}

/// An order that is credited to a reminder.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conversion {
    /// The purchase.
    #[schema(value_type = String)]
    order_group: OrderGroup,
    /// When it was made, with the store's offset.
    #[schema(format = DateTime)]
    created_at: String,
    /// The value of its live parts in decimals of its currency (R7, R8).
    #[schema(example = "199.90")]
    order_total: String,
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// The reminder that has the credit.
    credit: CreditedReminder,
    /// When that reminder was delivered, receipts and clicks considered (R3).
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    /// The read receipt's instant.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<String>,
    /// Whether a click on that reminder came at or before the order.
    has_clicked_on_reminder: bool,
}

/// The reminder that an order is credited to, and where that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditedReminder {
    /// How it earned the order (R6).
    #[schema(value_type = CreditKindName)]
    kind: CreditKind,
    /// The reminder; absent once it was erased.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder_id: Option<ReminderId>,
    /// Its campaign.
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// Its store day: the day in whose metrics the order counts (R1).
    #[schema(value_type = String, format = Date)]
    day: StoreDay,
}

/// How a reminder earned an order (R6).
#[derive(ToSchema)]
#[schema(as = CreditKind, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document's description of a domain type")]
pub(crate) enum CreditKindName {
    /// By a delivery within 3 days before the order.
    Assisted,
    /// By a click on the link within 15 days before the order.
    ClickThrough,
}

impl CreditedReminder {
    /// The reminder of a credit, read.
    pub(crate) fn of(credit: &Credit, reminder: Option<&Reminder>) -> Self {
        Self {
            kind: credit.kind,
            reminder_id: reminder.and_then(|reminder| reminder.reminder_id.clone()),
            campaign_id: credit.campaign_id.clone(),
            day: credit.day,
        }
    }
}

/// Conversions of a range of days
///
/// The orders that the metrics of the same range count, one page after the other.
#[utoipa::path(
    get,
    path = "/orders",
    operation_id = "listOrders",
    tag = "metrics",
    params(ConversionsQuery),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "One page.", body = Conversions),
        RangeProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_conversions(
    State(deps): State<Deps>,
    reader: Reader,
    Query(query): Query<ConversionsQuery>,
) -> Result<Json<Conversions>, Problem> {
    let period = Period::new(query.from, query.to)?;
    let account = &reader.account;
    let campaign_id = query.campaign_id.as_ref();
    let rollups = async { deps.table.rollups(account, period).await.map_err(Problem::from) };
    let selection = SelectedRange::read(&deps, account, period, campaign_id);
    let (selection, rollups) = futures::try_join!(selection, rollups)?;
    let wanted = Wanted { campaign_id, kind: query.kind, currency: query.currency.as_ref() };
    let (days, totals) = selected(&rollups, wanted);
    let list = Listing { table: &deps.table, account, days, wanted, sort: query.sort };
    let page = list.page(query.cursor.map(|cursor| cursor.0)).await?;
    let next = page.next.map(|place| Cursor(place).encode()).transpose()?;
    let items = told(&deps.table, account, &page.orders, &selection.settings).await?;
    Ok(Json(Conversions { items, totals, next }))
}

/// The days that have conversions, in their order, and what those come to. A conversion is listed once the
/// metrics count it: so days whose rollups count none needn't be looked up in the index.
fn selected(
    rollups: &BTreeMap<Cohort, Totals>,
    wanted: Wanted<'_>,
) -> (Vec<StoreDay>, SelectedTotals) {
    let (mut days, mut conversions, mut value) = (Vec::new(), 0, Sums::default());
    for (cohort, totals) in rollups {
        if wanted.campaign_id.is_some_and(|id| cohort.campaign_id() != Some(id)) {
            continue;
        }
        let (count, all, by_click) = match wanted.kind {
            None => (totals.conversions(), 1, 0),
            Some(CreditKind::Assisted) => (totals.assisted, 1, -1),
            Some(CreditKind::ClickThrough) => (totals.click_through, 0, 1),
        };
        if count > 0 {
            days.push(cohort.day);
        }
        conversions += count;
        value.add_all(&totals.value, all);
        value.add_all(&totals.click_through_value, by_click);
    }
    days.dedup();
    (days, SelectedTotals { conversions, value: amounts(&value) })
}

/// The orders with the reminders that have their credit.
async fn told(
    table: &Table,
    account: &Account,
    orders: &[Order],
    settings: &AccountSettings,
) -> Result<Vec<Conversion>, StoreError> {
    let credited = orders.iter().filter_map(|order| order.credit.as_ref());
    let reminders = table.reminders(account, credited.map(|credit| &credit.reminder)).await?;
    let reminders: BTreeMap<&ReminderDigest, &Reminder> =
        reminders.iter().map(|reminder| (&reminder.reminder, reminder)).collect();
    let told = orders.iter().filter_map(|order| {
        let credit = order.credit.as_ref()?;
        let amount = order.amount()?;
        let reminder = reminders.get(&credit.reminder).copied();
        Some(Conversion {
            order_group: order.order_group.clone(),
            created_at: local(order.created_at, settings),
            order_total: decimal(&amount.currency, amount.minor_units),
            currency: amount.currency,
            credit: CreditedReminder::of(credit, reminder),
            delivered_at: reminder.and_then(Reminder::delivered_at).map(|at| local(at, settings)),
            read_at: reminder.and_then(|reminder| reminder.read_at).map(|at| local(at, settings)),
            has_clicked_on_reminder: reminder
                .and_then(|reminder| reminder.first_click_at)
                .is_some_and(|click| click <= order.created_at),
        })
    });
    Ok(told.collect())
}
