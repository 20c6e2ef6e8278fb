//! The index of the range, page by page, and the orders that it names.

use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use shared::domain::facts::order::Order;
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderGroup;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::by_day::DayConversion;
use shared::store::{StoreError, Table};

/// Entries of a page: the stretch within which orders are sorted by their facts. Most stores'
/// days are one page.
const PAGE: usize = 500;
/// Days whose first pages are read at once: most of a year's days have few conversions, and a
/// query's time is mostly the way there and back.
const DAYS_AT_ONCE: usize = 8;
/// Pages whose orders are read ahead.
pub(super) const AHEAD: usize = 2;
/// Orders of one `BatchGetItem`.
const BATCH: usize = 100;
/// Batches of a page that are read at once.
const BATCHES_AT_ONCE: usize = 4;

/// A page of a day's index.
pub(super) struct IndexPage {
    /// The day.
    pub(super) day: StoreDay,
    /// Its entries, in the order of the report.
    pub(super) entries: Vec<DayConversion>,
    /// Whether the day ends with it.
    pub(super) last: bool,
}

/// The pages of all days, in order; each day has at least one.
pub(super) fn pages<'a>(
    table: &'a Table,
    account: &'a Account,
    period: Period,
) -> BoxStream<'a, Result<IndexPage, StoreError>> {
    stream::iter(period.days())
        .map(move |day| page(table, account, day, None))
        .buffered(DAYS_AT_ONCE)
        .map_ok(move |first| {
            stream::try_unfold(Some(first), move |page| further(table, account, page))
        })
        .try_flatten()
        .boxed()
}

/// A page and the one behind it in its day.
async fn further(
    table: &Table,
    account: &Account,
    held: Option<IndexPage>,
) -> Result<Option<(IndexPage, Option<IndexPage>)>, StoreError> {
    let Some(held) = held else { return Ok(None) };
    let end = held.entries.last().filter(|_| !held.last);
    let next = match end {
        Some(end) => Some(page(table, account, held.day, Some(end.position.clone())).await?),
        None => None,
    };
    Ok(Some((held, next)))
}

async fn page(
    table: &Table,
    account: &Account,
    day: StoreDay,
    after: Option<String>,
) -> Result<IndexPage, StoreError> {
    let entries = table.day_conversions(account, day, after.as_deref(), Some(PAGE)).await?;
    let last = entries.len() < PAGE;
    Ok(IndexPage { day, entries, last })
}

/// The orders of these groups, read strongly; in any order.
pub(super) async fn orders(
    table: &Table,
    account: &Account,
    groups: Vec<OrderGroup>,
) -> Result<Vec<Order>, StoreError> {
    let reads: Vec<_> = groups.chunks(BATCH).map(|batch| table.orders(account, batch)).collect();
    stream::iter(reads).buffered(BATCHES_AT_ONCE).try_concat().await
}
