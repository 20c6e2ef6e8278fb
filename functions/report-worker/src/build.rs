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
//!
//! What the index doesn't name is not in the file: an entry that it has yet to see, or an order that
//! moved from a day not yet read to a day already read. So the file's conversions and their values by
//! day are compared with the rollups ([`by_day`]): at rest they agree (R9), and the file is stored.
//! Where they differ, either the index lags behind the facts, or the rollups do, or credits moved
//! while we read; which of these can't be told, and all of them end by themselves. So the file is
//! forgotten and built again after a pause ([`PAUSES`]).
//!
//! - The first file has to be just what the rollups count. Beside that comparison, one Query, a range
//!   in which nothing moves costs nothing and waits for nothing.
//! - A later file may, day by day, also be anything between what the rollups counted right before it
//!   was begun and what they count when it is done: in a store in which purchases come all the time
//!   the two are never equal, and each is as true as the other.
//! - The last file is stored in any case. Where it lacks something the mail says so
//!   ([`Built::short_of`]). One that has more than is counted lacks nothing: its facts were read, and
//!   the rollups lag.
//!
//! So a file that was built while nothing moved is in exact order, and one that is not told to be
//! short holds each order that was a conversion of the range all the time, once. There is one
//! exception: an order is missed without a word where another one of its day, worth as much, is in
//! the file and not counted yet; in the last file also where that one is worth more.
//!
//! Memory is flat: a few pages of the index and their orders, a few batches of rows and one part
//! of the upload are held at a time, beside 16 bytes for each order taken ([`selection`]). A workbook
//! waits on the disk for its end ([`workbook`]).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono_tz::Tz;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use shared::domain::facts::order::Order;
use shared::domain::reports::report::ReportFailure;
use shared::domain::reports::row::ReportFormat;
use shared::domain::values::account::Account;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::money::Sums;
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::store::StoreError;

use crate::Deps;
use by_day::{ConversionsByDay, Standing};
use file::GrowingFile;
use pages::IndexPage;
use selection::Selection;

pub use workbook::WorkbookLimits;

mod by_day;
mod csv_file;
mod file;
mod pages;
mod rows;
mod selection;
mod upload;
mod workbook;

/// Item lists that are read together, an order's parts and cart each have one: one `BatchGetItem`
/// and, as people buy, a few hundred kilobytes. Where every list is as long as it may be
/// ([`ITEM_LIST_BYTES`](shared::domain::values::limits::ITEM_LIST_BYTES)), they are 35 MB.
const LISTS_AT_ONCE: usize = 100;
/// Batches of rows that are read while one is written.
const BATCHES_AHEAD: usize = 2;

/// Before a file that differs from the rollups is built again. An index is less than a second behind
/// the table, the rollups one or two. What still differs after these 40 seconds is a fault that no
/// waiting mends; and somebody waits for the mail.
pub const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(9),
    Duration::from_secs(27),
];
/// No file is begun later than this after the first: that of a year of a large store takes minutes,
/// and the Lambda has 15 with the mail.
pub const LAST_BEGINS_WITHIN: Span = Span::seconds(5 * 60);

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
    /// As what.
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
    /// Where the file lacks conversions, as far as the rollups tell: how many there should be. Not
    /// more than `rows` where only their value tells it.
    pub short_of: Option<u64>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The facts couldn't be read.
    #[error("the facts could not be read")]
    Table(#[source] StoreError),
    /// A row couldn't be written, or the whole not be zipped.
    #[error("the file could not be written")]
    Row(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There are more rows than a workbook holds.
    #[error("a workbook does not hold so much")]
    TooLarge,
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
    /// What is noted on the report.
    #[must_use]
    pub const fn failure(&self) -> ReportFailure {
        match self {
            Self::Table(_) => ReportFailure::Table,
            Self::TooLarge => ReportFailure::TooLarge,
            Self::Row(_) | Self::Storage { .. } => ReportFailure::Storage,
        }
    }
}

/// Builds a report's file and stores it. Nothing is stored when it fails.
pub async fn write_report(deps: &Deps, spec: &ReportSpec<'_>) -> Result<Built, BuildError> {
    let last_begins = deps.clock.now().plus(LAST_BEGINS_WITHIN);
    let mut pauses = PAUSES.into_iter();
    let mut before = None;
    loop {
        let draft = Box::pin(draft(deps, spec, before.as_ref())).await?;
        let again = if draft.standing == Standing::Complete { None } else { pauses.next() };
        let Some(pause) = again.filter(|pause| deps.clock.now().plus(span(*pause)) <= last_begins)
        else {
            return draft.store().await;
        };
        draft.file.abort().await;
        deps.pause.pause(pause).await;
        before = Some(counted(deps, spec).await?);
    }
}

fn span(pause: Duration) -> Span {
    Span::millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}

/// What the rollups count by now.
async fn counted(deps: &Deps, spec: &ReportSpec<'_>) -> Result<ConversionsByDay, BuildError> {
    let rollups = deps.table.rollups(spec.account, spec.period).await;
    let rollups = rollups.map_err(BuildError::Table)?;
    Ok(ConversionsByDay::counted(&rollups, spec.campaign_id))
}

/// A file whose end isn't stored yet.
struct Draft<'a> {
    as_of: Instant,
    file: GrowingFile<'a>,
    standing: Standing,
}

impl Draft<'_> {
    async fn store(self) -> Result<Built, BuildError> {
        let (as_of, rows, totals) = (self.as_of, self.file.rows(), self.file.totals());
        let short_of = match self.standing {
            Standing::Short { of } => Some(of),
            Standing::Complete | Standing::Ahead => None,
        };
        let bytes = self.file.finish().await?;
        Ok(Built { as_of, rows, bytes, totals, short_of })
    }
}

/// Writes a file and compares it with what the rollups count now, and counted `before`. Nothing is
/// stored when it fails.
async fn draft<'a>(
    deps: &'a Deps,
    spec: &ReportSpec<'a>,
    before: Option<&ConversionsByDay>,
) -> Result<Draft<'a>, BuildError> {
    let as_of = deps.clock.now();
    let mut file = GrowingFile::new(deps, spec)?;
    match Box::pin(write_rows(deps, spec, before, &mut file)).await {
        Ok(standing) => Ok(Draft { as_of, file, standing }),
        Err(error) => {
            file.abort().await;
            Err(error)
        }
    }
}

async fn write_rows(
    deps: &Deps,
    spec: &ReportSpec<'_>,
    before: Option<&ConversionsByDay>,
    file: &mut GrowingFile<'_>,
) -> Result<Standing, BuildError> {
    let selection = Mutex::new(Selection::new(spec.period, spec.campaign_id.cloned()));
    write_selected(deps, spec, &selection, file).await?;
    let after = counted(deps, spec).await?;
    Ok(locked(&selection).taken().standing(before.unwrap_or(&after), &after))
}

/// Reads the index, and writes what is selected.
async fn write_selected(
    deps: &Deps,
    spec: &ReportSpec<'_>,
    selection: &Mutex<Selection>,
    file: &mut GrowingFile<'_>,
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
