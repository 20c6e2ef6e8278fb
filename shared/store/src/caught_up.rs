//! Up to which creation the orders of an account were caught up from its store, after an outage.
//!
//! Whoever catches up writes what it has done itself. Of two at once either's mark may stay, and both are true:
//! the lesser one costs reading some orders again, which changes nothing (R2).

use serde::{Deserialize, Serialize};

use crate::table::attributes::write;
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::instant::Instant;

/// Which orders were caught up: those that were created from one instant to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaughtUp {
    /// The first instant.
    pub from: Instant,
    /// The last instant; before the first one: none was caught up yet.
    pub until: Instant,
    /// When this was written.
    pub at: Instant,
    /// Since when it gets no further; none: it got further at the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck_since: Option<Instant>,
}

impl Table {
    /// Which orders of an account were caught up last.
    pub async fn orders_caught_up(
        &self,
        account: &Account,
    ) -> Result<Option<CaughtUp>, StoreError> {
        self.get("orders caught up", &Key::orders_caught_up(account)).await
    }

    /// Notes which orders of an account were caught up.
    pub async fn orders_note_caught_up(
        &self,
        account: &Account,
        mark: &CaughtUp,
    ) -> Result<(), StoreError> {
        let item = write("orders caught up", &Key::orders_caught_up(account), mark)?;
        self.put("note that orders were caught up", item).await
    }
}
