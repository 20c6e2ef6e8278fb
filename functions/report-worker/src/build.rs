//! The file of a report, written to S3 while it is read (R10).
//!
//! Rows are sorted by the reminder's store day, the order's creation and its group. The index
//! `byDay` holds the orders in just this place, but it is eventually consistent, and credits move
//! while it is read: it names the orders, and the facts, read again strongly, decide ([`pages`],
//! [`selection`]).
//!
//! - An order is kept when the *fact* credits it to a reminder of the range (and campaign). It is
//!   taken when the file comes to the place that the fact names, wherever the index named it: one
//!   that is met early waits for its place, one whose place is past goes in at once.
//! - An order group is taken once, however often it is met.
//! - An order that moved from a day not yet read to a day already read is met nowhere. So the
//!   file's conversions and their values by day are compared with the rollups at the end, and where
//!   they differ the index is read once more and what is new is added at the end of the file. In a
//!   table at rest they agree (R9), and nothing is read twice.
//!
//! So a file that was built while nothing moved is complete and in exact order. Where credits moved
//! meanwhile, each order that was a conversion of the range all the time is in it once. There is one
//! exception: where another order of the same value left the day to which an unread one moved, the
//! sums agree, and the unread one is missed.
//!
//! Memory is flat: a few pages of the index and their orders, a few batches of rows and one part
//! of the upload are held at a time, beside 16 bytes for each order taken ([`selection`]).

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono_tz::Tz;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use shared::domain::facts::order::Order;
use shared::domain::reports::row::ReportFormat;
use shared::domain::values::account::Account;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::money::Sums;
use shared::domain::values::period::Period;
use shared::store::StoreError;

use crate::Deps;
use file::CsvFile;
use pages::IndexPage;
use selection::Selection;
use upload::Upload;

mod file;
mod pages;
mod rows;
mod selection;
mod upload;

/// Item lists that are read together, an order's parts and cart each have one: one `BatchGetItem`
/// and, as people buy, a few hundred kilobytes. Where every list is as long as it may be
/// ([`ITEM_LIST_BYTES`](shared::domain::values::limits::ITEM_LIST_BYTES)), they are 35 MB.
const LISTS_AT_ONCE: usize = 100;
/// Batches of rows that are read while one is written.
const BATCHES_AHEAD: usize = 2;

/// What to write, and where.
#[derive(Debug, Clone, Copy)]
pub struct ReportSpec<'a> {
    /// Whose conversions.
    pub account: &'a Account,
    /// The account's zone, in which times are told.
    pub zone: Tz,
    /// Of which store days (R1).
    pub period: Period,
    /// Of one campaign alone.
    pub campaign_id: Option<&'a CampaignId>,
    /// For which program.
    pub format: ReportFormat,
    /// The file's key in the bucket.
    pub s3_key: &'a str,
    /// The name that a browser saves it under.
    pub file_name: &'a str,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// When reading began.
    pub as_of: Instant,
    /// Conversions.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Sums of `orderTotal` by currency (R9).
    pub totals: Sums,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The facts couldn't be read.
    #[error("the facts could not be read")]
    Table(#[source] StoreError),
    /// A row couldn't be written as CSV.
    #[error("a row could not be written")]
    Csv(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file couldn't be stored.
    #[error("S3 did not complete {operation}")]
    Storage {
        /// The call.
        operation: &'static str,
        /// The SDK's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl BuildError {
    /// Whether the table is at fault, not the storage.
    #[must_use]
    pub const fn is_of_table(&self) -> bool {
        matches!(self, Self::Table(_))
    }
}

/// Builds a report's file and stores it. Nothing is stored when it fails.
pub async fn write_report(deps: &Deps, spec: &ReportSpec<'_>) -> Result<Built, BuildError> {
    let as_of = deps.clock.now();
    let upload = Upload::new(&deps.s3, &deps.bucket, spec.s3_key, spec.file_name);
    let mut file = CsvFile::new(upload, spec.format, spec.zone)?;
    let selection = Mutex::new(Selection::new(spec.period, spec.campaign_id.cloned()));
    match Box::pin(write_rows(deps, spec, &selection, &mut file)).await {
        Ok(()) => {
            let (rows, totals) = (file.rows(), file.totals());
            let bytes = file.finish().await?;
            Ok(Built { as_of, rows, bytes, totals })
        }
        Err(error) => {
            file.abort().await;
            Err(error)
        }
    }
}

async fn write_rows(
    deps: &Deps,
    spec: &ReportSpec<'_>,
    selection: &Mutex<Selection>,
    file: &mut CsvFile<'_>,
) -> Result<(), BuildError> {
    pass(deps, spec, selection, file).await?;
    let counted = deps.table.rollups(spec.account, spec.period).await.map_err(BuildError::Table)?;
    if locked(selection).agrees_with(&counted) {
        return Ok(());
    }
    // Credits moved while we read, or the rollups lag behind. A second reading finds what is new.
    pass(deps, spec, selection, file).await
}

/// Reads the index once, and writes what is new.
async fn pass(
    deps: &Deps,
    spec: &ReportSpec<'_>,
    selection: &Mutex<Selection>,
    file: &mut CsvFile<'_>,
) -> Result<(), BuildError> {
    let (table, account) = (&deps.table, spec.account);
    let pages = pages::pages(table, account, spec.period)
        .map_ok(|page: IndexPage| async move {
            let groups = locked(selection).new_to_us(&page);
            let orders = pages::orders(table, account, groups).await?;
            Ok((page, orders))
        })
        .try_buffered(pages::AHEAD);
    let batches = pages.map_ok(|(page, orders)| {
        let selected = locked(selection).select(&page, orders);
        stream::iter(batches_of(selected).into_iter().map(Ok))
    });
    // Boxed, here and in `pages`: the type of the whole chain is too deep for callers.
    let mut rows = batches
        .try_flatten()
        .map_ok(|orders| rows::rows(table, account, orders))
        .try_buffered(BATCHES_AHEAD)
        .boxed();
    while let Some(batch) = rows.try_next().await.map_err(BuildError::Table)? {
        file.write(&batch).await?;
    }
    Ok(())
}

/// Splits orders into batches whose rows are made together. Item lists are what fills memory, so these
/// are counted.
fn batches_of(orders: Vec<Order>) -> Vec<Vec<Order>> {
    let mut batches = Vec::new();
    let (mut batch, mut lists) = (Vec::new(), 0);
    for order in orders {
        let more = 1 + order.live_parts().count();
        if lists + more > LISTS_AT_ONCE && !batch.is_empty() {
            batches.push(std::mem::take(&mut batch));
            lists = 0;
        }
        lists += more;
        batch.push(order);
    }
    batches.extend((!batch.is_empty()).then_some(batch));
    batches
}

/// Never held across an await. After a panic nobody reads what it guards.
fn locked(selection: &Mutex<Selection>) -> MutexGuard<'_, Selection> {
    selection.lock().unwrap_or_else(PoisonError::into_inner)
}
