//! Catching up: the orders that were made within a slice of time, read from VTEX's order list and stored as
//! the hook stores them.
//!
//! VTEX lists orders by their creation: one that was made before the slice and changed within it is only found
//! by an earlier one. Storing an order again changes nothing (R2), so slices may overlap what came in by the hook.

use std::time::Duration;

use domain::values::account::Account;
use domain::values::ids::OrderId;
use futures::stream::{self, StreamExt as _};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use store::StoreError;
use store::facts::Written;
use store::vtex::VtexKeys;
use telemetry::{Counter, count};
use vtex::list::{ListPage, Listed, Slice};
use vtex::{Stores, VtexApi, VtexError};

use crate::orders::{NotTaken, OrderTaken, Orders, keep_notification, take_order};
use crate::reason::{Code, Reason};

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

/// Why a slice can't be finished.
#[derive(Debug, thiserror::Error)]
pub enum SliceError {
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

impl SliceError {
    /// Whether the store refuses the keys: no pause mends them.
    #[must_use]
    pub const fn is_keys_refused(&self) -> bool {
        matches!(
            self,
            Self::List(VtexError::KeysRefused { .. })
                | Self::Order(NotTaken::Vtex(VtexError::KeysRefused { .. }))
        )
    }

    /// Counts what kept orders away, for the alarms.
    pub fn count(&self) {
        match self {
            Self::List(VtexError::KeysRefused { .. }) => count(Counter::VtexKeysRefused, 1),
            Self::List(_) => count(Counter::VtexUnavailable, 1),
            Self::Order(not_taken) => not_taken.count(),
            Self::TooMany(_) | Self::Table(_) => {}
        }
    }
}

/// What the orders of an account are listed, read and stored with.
#[derive(Debug)]
pub struct CatchUp<'a, S = VtexApi> {
    /// Where they are read and stored.
    pub orders: &'a Orders<S>,
    /// Whose they are.
    pub account: &'a Account,
    /// The keys of its store.
    pub keys: VtexKeys,
    /// How patiently a failed call is made again.
    pub pace: Pace,
}

impl<S: Stores> CatchUp<'_, S> {
    /// Stores the orders of a slice, whose first page was read; `progress` hears of each page.
    pub async fn store_slice(
        &self,
        slice: Slice,
        first: ListPage,
        tally: &mut Tally,
        progress: &mut (dyn FnMut(Tally) + Send),
    ) -> Result<(), SliceError> {
        let mut page = first;
        let mut number = 1;
        loop {
            let ended = page.list.is_empty() || u64::from(number) >= page.paging.pages;
            self.store_page(page.list, tally).await?;
            progress(*tally);
            if ended {
                return Ok(());
            }
            number += 1;
            page = self.page(slice, number).await?;
        }
    }

    async fn store_page(&self, list: Vec<Listed>, tally: &mut Tally) -> Result<(), SliceError> {
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

    /// A page of the list of a slice.
    pub async fn page(&self, slice: Slice, number: u32) -> Result<ListPage, SliceError> {
        let mut attempt = 1;
        loop {
            match self.orders.api.orders(self.account, &self.keys, slice, number).await {
                Ok(page) => return Ok(page),
                Err(error) if self.pause_after(&error, attempt).await => attempt += 1,
                Err(error) => return Err(SliceError::List(error)),
            }
        }
    }

    async fn order(&self, listed: &Listed) -> Result<OrderTaken, SliceError> {
        let notification = self.notification(&listed.order_id)?;
        let Ok(id) = OrderId::parse(&listed.order_id) else {
            let reason = Reason::invalid("OrderId");
            let kept = keep_notification(self.orders, self.account, reason, &notification).await;
            kept.map_err(SliceError::Table)?;
            return Ok(OrderTaken::KeptAside(Code::InvalidField));
        };
        let mut attempt = 1;
        loop {
            match take_order(self.orders, self.account, &self.keys, &id, &notification).await {
                Ok(taken) => return Ok(taken),
                Err(NotTaken::Vtex(error)) if self.pause_after(&error, attempt).await => {
                    attempt += 1;
                }
                Err(error) => return Err(SliceError::Order(error)),
            }
        }
    }

    /// The notification that the hook would have brought: what is kept aside replays like any other.
    fn notification(&self, order_id: &str) -> Result<Box<RawValue>, SliceError> {
        let notification = json!({
            "Domain": "Marketplace",
            "OrderId": order_id,
            "Origin": {"Account": self.account},
        });
        to_raw_value(&notification)
            .map_err(|error| SliceError::Table(StoreError::corrupt("kept aside", error)))
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
