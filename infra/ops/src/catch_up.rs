//! Catching up: the orders of a range of days, read from VTEX's order list and stored as the hook
//! stores them. For a store that connects late, and after an outage.
//!
//! VTEX lists orders by their creation: one that was made before the range and changed within it is
//! only found by an earlier `from`. Storing an order again changes nothing (R2), so a range may overlap
//! what came in by the hook, and the job may be stopped and run again.

use chrono_tz::Tz;
use shared::domain::values::account::Account;
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::intake::catch_up::{CatchUp, Pace, SliceError, Tally};
use shared::intake::orders::Orders;
use shared::store::StoreError;
use shared::vtex::list::Slice;

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
        cause: SliceError,
    },
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
    let job = CatchUp { orders, account, keys, pace };
    let mut tally = Tally::default();
    // A day at a time, from the first: what is done when the job stops is a range, too.
    for day in period.days() {
        let done = store_day(&job, day, zone, &mut tally, progress).await;
        done.map_err(|cause| CatchUpError::Stopped { day, cause })?;
        progress(Progress::Day(day, tally));
    }
    Ok(tally)
}

async fn store_day(
    job: &CatchUp<'_>,
    day: StoreDay,
    zone: Tz,
    tally: &mut Tally,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), SliceError> {
    let end = day.plus_days(1).start(zone);
    let mut waiting = vec![Slice { from: day.start(zone), to: end.minus(Span::millis(1)) }];
    while let Some(slice) = waiting.pop() {
        let first = job.page(slice, 1).await?;
        if !first.paging.is_within_reach() {
            let (earlier, later) = slice.halves().ok_or(SliceError::TooMany(slice))?;
            waiting.extend([later, earlier]);
            continue;
        }
        job.store_slice(slice, first, tally, &mut |tally| progress(Progress::Page(tally))).await?;
    }
    Ok(())
}
