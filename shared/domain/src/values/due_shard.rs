//! The shards over which the system's sender spreads the accounts whose carts it looks at.

use crate::values::account::Account;
use crate::values::digest::{first, sha256};
use crate::values::invalid::Invalid;

/// How many shards there are. Fixed for good: a pointer lies under its account's shard.
pub const DUE_SHARDS: u8 = 16;

/// A shard. All carts of an account are in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueShard(u8);

impl DueShard {
    /// The shard of an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let [byte] = first::<1>(&sha256(account.as_str().as_bytes()));
        Self(byte % DUE_SHARDS)
    }

    /// The shard of this number.
    ///
    /// # Errors
    /// From [`DUE_SHARDS`] on.
    pub const fn new(number: u8) -> Result<Self, Invalid> {
        if number < DUE_SHARDS { Ok(Self(number)) } else { Err(Invalid::new("shard", "0-15")) }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..DUE_SHARDS).map(Self)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn accounts_are_spread_over_all_shards() {
        let mut seen: Vec<DueShard> = (0..200)
            .map(|number| DueShard::of(&Account::parse(&format!("store-{number}")).unwrap()))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, DueShard::all().collect::<Vec<_>>());
    }

    #[test]
    fn a_shard_is_one_of_sixteen() {
        assert_eq!(DueShard::new(DUE_SHARDS - 1).unwrap().number(), 15);
        assert_eq!(DueShard::new(DUE_SHARDS).unwrap_err().rule, format!("0-{}", DUE_SHARDS - 1));
    }
}
