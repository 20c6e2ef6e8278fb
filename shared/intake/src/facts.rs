//! What became of a fact that was to be stored.

use domain::facts::event::OrderUpdated;
use domain::values::account::Account;
use domain::values::identity::PhoneKey;
use store::facts::Written;
use store::orders::OrderWritten;
use store::{StoreError, Table};
use telemetry::{Counter, chain, count};

use crate::reason::{Code, Reason};

/// How orders are counted.
pub const ORDER: &str = "order";

/// Why a fact isn't stored. The first question is whether it may come again (STYLE 9).
#[derive(Debug, thiserror::Error)]
pub enum NotStored {
    /// It can't count, now or later: to be kept aside.
    #[error("the fact can't count: {}", .0.code.as_str())]
    Refused(Reason),
    /// The table failed for now: the sender must deliver again.
    #[error("the fact could not be stored for now")]
    Failed(#[source] StoreError),
}

/// What a write came to, or the reason why its fact can't count.
pub type WrittenOr = Result<Result<Written, Reason>, StoreError>;

/// What a write of `kind` came to. One that can never succeed is told by a log line, and refused.
pub fn stored(
    account: &Account,
    kind: &'static str,
    written: WrittenOr,
) -> Result<Written, NotStored> {
    match written {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(reason)) => Err(NotStored::Refused(reason)),
        Err(error) if error.is_transient() => Err(NotStored::Failed(error)),
        // The poison rule: what never succeeds must not come again for ever.
        Err(error) => {
            let cause = chain(&error);
            tracing::error!(%account, kind, cause, "a fact can't be stored and is kept aside");
            Err(NotStored::Refused(Reason::of(Code::NotStorable)))
        }
    }
}

/// Stores an order, which needs to know nothing of its account.
pub async fn store_order(
    table: &Table,
    key: &PhoneKey,
    account: &Account,
    order: &OrderUpdated,
) -> Result<Written, NotStored> {
    let written = table.order_fold(key, account, order).await.map(within_limits);
    let outcome = stored(account, ORDER, written);
    if outcome.is_ok() {
        count(Counter::FactsAccepted { kind: ORDER }, 1);
    }
    outcome
}

/// What became of an order that was folded in.
pub fn within_limits(written: OrderWritten) -> Result<Written, Reason> {
    match written {
        OrderWritten::Written(written) => Ok(written),
        OrderWritten::Refused(limit) => {
            Err(Reason::at(Code::OrderLimit, format!("data.{}", limit.what)))
        }
    }
}
