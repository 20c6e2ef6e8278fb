//! What bounds the carts that browsers begin. Anybody can post one, so neither of these asks who does.

use aws_sdk_dynamodb::types::ReturnValue;
use serde::Deserialize;

use crate::table::attributes::n;
use crate::table::condition::unless_condition_failed;
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::limits::{
    NEW_CARTS_PER_MINUTE_IN_DOUBT, NEW_CARTS_PER_SECOND, READS_THAT_TELL,
};
use domain::values::span::Span;

/// How long a second's count is kept.
const SECOND_STAYS: Span = Span::seconds(600);
/// Seconds of a window in which carts that were read are counted.
const WINDOW_SECS: i64 = 1_800;
/// How long a window's count is kept.
const WINDOW_STAYS: Span = Span::hours(6);

/// Carts of an account that were read at its store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct CartsRead {
    /// Those that it has.
    #[serde(default)]
    pub found: u64,
    /// Those that there are not: an order form was made up.
    #[serde(default)]
    pub gone: u64,
}

impl CartsRead {
    /// Whether so many don't exist that browsers begin few more: more than half of those that were read.
    #[must_use]
    pub const fn are_made_up(self) -> bool {
        self.found + self.gone >= READS_THAT_TELL && self.gone > self.found
    }
}

impl Table {
    /// Whether one more cart of an account may begin within this second, whichever instance asks; it counts.
    pub async fn cart_may_begin(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<bool, StoreError> {
        self.begun_count(&Key::begun(account, now), NEW_CARTS_PER_SECOND, now).await
    }

    /// The same within this minute, while most of the carts that were read were made up.
    pub async fn cart_may_begin_in_doubt(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let key = Key::begun_in_doubt(account, now);
        self.begun_count(&key, NEW_CARTS_PER_MINUTE_IN_DOUBT, now).await
    }

    async fn begun_count(&self, key: &Key, most: u32, now: Instant) -> Result<bool, StoreError> {
        let result = self
            .update_item(key)
            .update_expression("ADD carts :one SET expiresAt = :expires")
            .condition_expression("attribute_not_exists(carts) OR carts < :most")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":most", n(most))
            .expression_attribute_values(":expires", n(now.plus(SECOND_STAYS).seconds()))
            .send()
            .await;
        Ok(unless_condition_failed("count new carts", result)?.is_changed())
    }

    /// Adds carts to those that were read.
    pub async fn carts_read_count(
        &self,
        account: &Account,
        now: Instant,
        read: CartsRead,
    ) -> Result<(), StoreError> {
        self.update_item(&Key::carts_read(account, window(now)))
            .update_expression("ADD #found :found, #gone :gone SET expiresAt = :expires")
            .expression_attribute_names("#found", "found")
            .expression_attribute_names("#gone", "gone")
            .expression_attribute_values(":found", n(read.found))
            .expression_attribute_values(":gone", n(read.gone))
            .expression_attribute_values(":expires", n(now.plus(WINDOW_STAYS).seconds()))
            .return_values(ReturnValue::None)
            .send()
            .await
            .map_err(|error| StoreError::of_call("count carts that were read", error))?;
        Ok(())
    }

    /// The carts that were read within this window and the one before: half an hour to an hour.
    pub async fn carts_read(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<CartsRead, StoreError> {
        let mut sum = CartsRead::default();
        for window in [window(now) - 1, window(now)] {
            let key = Key::carts_read(account, window);
            let read: Option<CartsRead> = self.get("carts that were read", &key).await?;
            let read = read.unwrap_or_default();
            (sum.found, sum.gone) = (sum.found + read.found, sum.gone + read.gone);
        }
        Ok(sum)
    }
}

const fn window(at: Instant) -> i64 {
    at.seconds().div_euclid(WINDOW_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_of_enough_carts_tell() {
        let of = |found, gone| CartsRead { found, gone }.are_made_up();
        assert!(!of(0, 0) && !of(0, READS_THAT_TELL - 1));
        assert!(of(0, READS_THAT_TELL));
        assert!(!of(10, 10) && of(10, 11));
        assert!(!of(1_000, 1_000) && of(1_000, 1_001));
    }
}
