//! Catching up: the orders of a range of days, read from VTEX's order list and stored as the hook
//! stores them. For a store that connects late, and after an outage.
//!
//! VTEX lists orders by their creation: one that was made before the range and changed within it is
//! only found by an earlier `from`. Storing an order again changes nothing (R2), so a range may overlap
//! what came in by the hook, and the job may be stopped and run again.

use std::time::Duration;

use chrono_tz::Tz;
use futures::stream::{self, StreamExt as _};
use ingest::vtex::{NotTaken, OrderTaken, Orders, keep_notification, take_order};
use ingest::{Code, Reason};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderId;
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::store::StoreError;
use shared::store::facts::Written;
use shared::store::vtex::VtexKeys;
use shared::vtex::VtexError;
use shared::vtex::list::{ListPage, Listed, Slice};

/// Orders that are read at a time: VTEX allows an account 100 calls a second, which its shop needs,
/// too.
const CONCURRENT_READS: usize = 4;

/// How patiently a failed call is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often each call is made at most.
    pub attempts: u32,
    /// The pause after VTEX asked for one (429); it recommends a minute.
    pub throttled: Duration,
    /// The pause after any other failure.
    pub failed: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { attempts: 5, throttled: Duration::from_mins(1), failed: Duration::from_secs(2) }
    }
}

/// What came of the orders so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that VTEX listed.
    pub listed: u64,
    /// Orders whose facts changed.
    pub changed: u64,
    /// Orders that were known as they are.
    pub unchanged: u64,
    /// Orders sold elsewhere, which the hook doesn't bring either.
    pub ignored: u64,
    /// Orders that can't count; their reasons are kept aside.
    pub kept_aside: u64,
}

/// What the job tells on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A page of the list is stored; what came of all so far.
    Page(Tally),
    /// All orders of this day are stored; what came of all so far.
    Day(StoreDay, Tally),
}

/// Why the job stopped. What it stored stays; it can be run again.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// The account was never connected to VTEX.
    #[error("the account was never connected to its VTEX store")]
    NotConnected,
    /// The connection can't be read.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// A day can't be finished; those before it are done.
    #[error("stopped at {day}, all days before it are done")]
    Stopped {
        /// Where to go on.
        day: StoreDay,
        /// Why.
        #[source]
        cause: DayError,
    },
}

/// Why a day can't be finished.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// VTEX's list can't be read.
    #[error("the order list could not be read")]
    List(#[source] VtexError),
    /// VTEX lists more orders of one instant than it hands out.
    #[error("VTEX lists more orders of {} than it hands out", .0.from)]
    TooMany(Slice),
    /// An order can't be taken for now.
    #[error("an order could not be taken")]
    Order(#[source] NotTaken),
    /// The table can't be read or written.
    #[error("the table failed")]
    Table(#[source] StoreError),
}

/// Stores every order that was made on the days of `period` in `zone`. `progress` hears of each
/// page and each day.
///
/// # Errors
/// When VTEX or the table fails for longer than `pace` has patience, or the keys are refused.
pub async fn catch_up(
    orders: &Orders,
    account: &Account,
    period: Period,
    zone: Tz,
    pace: Pace,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Tally, CatchUpError> {
    let connection = orders.table.vtex(account).await.map_err(CatchUpError::Table)?;
    let connection = connection.ok_or(CatchUpError::NotConnected)?;
    let keys = connection.keys(account, &orders.sealing).map_err(CatchUpError::Table)?;
    let job = Job { orders, account, keys, pace };
    let mut tally = Tally::default();
    // A day at a time, from the first: what is done when the job stops is a range, too.
    for day in period.days() {
        let done = job.day(day, zone, &mut tally, progress).await;
        done.map_err(|cause| CatchUpError::Stopped { day, cause })?;
        progress(Progress::Day(day, tally));
    }
    Ok(tally)
}

struct Job<'a> {
    orders: &'a Orders,
    account: &'a Account,
    keys: VtexKeys,
    pace: Pace,
}

impl Job<'_> {
    async fn day(
        &self,
        day: StoreDay,
        zone: Tz,
        tally: &mut Tally,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), DayError> {
        let end = day.plus_days(1).start(zone);
        let mut waiting = vec![Slice { from: day.start(zone), to: end.minus(Span::millis(1)) }];
        while let Some(slice) = waiting.pop() {
            let first = self.page(slice, 1).await?;
            if !first.paging.is_within_reach() {
                let (earlier, later) = slice.halves().ok_or(DayError::TooMany(slice))?;
                waiting.extend([later, earlier]);
                continue;
            }
            self.store_slice(slice, first, tally, progress).await?;
        }
        Ok(())
    }

    async fn store_slice(
        &self,
        slice: Slice,
        first: ListPage,
        tally: &mut Tally,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), DayError> {
        let mut page = first;
        let mut number = 1;
        loop {
            let ended = page.list.is_empty() || u64::from(number) >= page.paging.pages;
            self.store_page(page.list, tally).await?;
            progress(Progress::Page(*tally));
            if ended {
                return Ok(());
            }
            number += 1;
            page = self.page(slice, number).await?;
        }
    }

    async fn store_page(&self, list: Vec<Listed>, tally: &mut Tally) -> Result<(), DayError> {
        let mut orders = stream::iter(list)
            .map(|listed| async move {
                if listed.is_sold_elsewhere() {
                    Ok(None)
                } else {
                    self.order(&listed).await.map(Some)
                }
            })
            .buffer_unordered(CONCURRENT_READS);
        while let Some(taken) = orders.next().await {
            tally.listed += 1;
            match taken? {
                None | Some(OrderTaken::SoldElsewhere) => tally.ignored += 1,
                Some(OrderTaken::Stored(Written::Changed)) => tally.changed += 1,
                Some(OrderTaken::Stored(Written::Unchanged)) => tally.unchanged += 1,
                Some(OrderTaken::KeptAside(_)) => tally.kept_aside += 1,
            }
        }
        Ok(())
    }

    async fn page(&self, slice: Slice, number: u32) -> Result<ListPage, DayError> {
        let mut attempt = 1;
        loop {
            match self.orders.api.orders(self.account, &self.keys, slice, number).await {
                Ok(page) => return Ok(page),
                Err(error) if self.pause_after(&error, attempt).await => attempt += 1,
                Err(error) => return Err(DayError::List(error)),
            }
        }
    }

    async fn order(&self, listed: &Listed) -> Result<OrderTaken, DayError> {
        let notification = self.notification(&listed.order_id)?;
        let Ok(id) = OrderId::parse(&listed.order_id) else {
            let reason = Reason::invalid("OrderId");
            let kept = keep_notification(self.orders, self.account, reason, &notification).await;
            kept.map_err(DayError::Table)?;
            return Ok(OrderTaken::KeptAside(Code::InvalidField));
        };
        let mut attempt = 1;
        loop {
            match take_order(self.orders, self.account, &self.keys, &id, &notification).await {
                Ok(taken) => return Ok(taken),
                Err(NotTaken::Vtex(error)) if self.pause_after(&error, attempt).await => {
                    attempt += 1;
                }
                Err(error) => return Err(DayError::Order(error)),
            }
        }
    }

    /// The notification that the hook would have brought: what is kept aside replays like any other.
    fn notification(&self, order_id: &str) -> Result<Box<RawValue>, DayError> {
        let notification = json!({
            "Domain": "Marketplace",
            "OrderId": order_id,
            "Origin": {"Account": self.account},
        });
        to_raw_value(&notification)
            .map_err(|error| DayError::Table(StoreError::corrupt("kept aside", error)))
    }

    /// Waits before another attempt; `false` when there is none.
    async fn pause_after(&self, error: &VtexError, attempt: u32) -> bool {
        let again = attempt < self.pace.attempts
            && error.is_transient()
            // No pause mends keys.
            && !matches!(error, VtexError::KeysRefused { .. });
        if again {
            let throttled =
                matches!(error, VtexError::Busy { status, .. } if status.as_u16() == 429);
            let pause = if throttled { self.pace.throttled } else { self.pace.failed };
            tokio::time::sleep(pause).await;
        }
        again
    }
}
