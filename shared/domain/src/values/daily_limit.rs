//! How many people Meta lets a business begin to write to within a day.
//!
//! Meta, *Messaging Limits*: people outside of a customer service window, within moving 24 hours. The limit is that of
//! a business portfolio, and all of its phone numbers share it. We hold an account's own messages against it: that is
//! careful, since messages are counted rather than people and a tenth is kept back; and it is careless where one
//! portfolio has several accounts here or sends by other systems, too, since what those send is seen nowhere here.

use serde::{Deserialize, Serialize};

/// A limit, as Meta tells it. The smaller is the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DailyLimit {
    /// So many people.
    People(u32),
    /// As many as it likes.
    Unlimited,
}

impl Default for DailyLimit {
    /// Of a business of which Meta told nothing: what a new portfolio has.
    fn default() -> Self {
        Self::People(250)
    }
}

impl DailyLimit {
    /// The limit that Meta's word names: a tier (`TIER_250`, `TIER_2K`, `TIER_UNLIMITED`), or a number, of which -1
    /// is no limit (Meta, *`business_capability_update` webhook reference*). None where it names none: `TIER_NOT_SET`,
    /// or a word that we don't know.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let tier = word.strip_prefix("TIER_").unwrap_or(word);
        if matches!(tier, "UNLIMITED" | "-1") {
            return Some(Self::Unlimited);
        }
        let people = match tier.strip_suffix('K') {
            Some(thousands) => thousands.parse::<u32>().ok()?.checked_mul(1_000)?,
            None => tier.parse().ok()?,
        };
        Some(Self::People(people))
    }

    /// How many messages we begin within 24 hours at most: a tenth is kept back, since others count, too.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::People(people) => people as u64 * 9 / 10,
            Self::Unlimited => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_tiers_or_numbers() {
        for (word, expected) in [
            ("TIER_50", Some(DailyLimit::People(50))),
            ("TIER_250", Some(DailyLimit::People(250))),
            ("TIER_1K", Some(DailyLimit::People(1_000))),
            ("TIER_2K", Some(DailyLimit::People(2_000))),
            ("TIER_100K", Some(DailyLimit::People(100_000))),
            ("TIER_UNLIMITED", Some(DailyLimit::Unlimited)),
            ("2000", Some(DailyLimit::People(2_000))),
            ("-1", Some(DailyLimit::Unlimited)),
            ("TIER_NOT_SET", None),
            ("-2", None),
            ("TIER_9999999K", None),
            ("K", None),
            ("", None),
        ] {
            assert_eq!(DailyLimit::of_word(word), expected, "{word}");
        }
    }

    #[test]
    fn a_tenth_is_kept_back_of_a_limit_and_nothing_where_there_is_none() {
        assert_eq!(DailyLimit::default().most(), 225);
        assert_eq!(DailyLimit::People(9).most(), 8);
        assert_eq!(DailyLimit::People(u32::MAX).most(), 3_865_470_565);
        assert_eq!(DailyLimit::Unlimited.most(), u64::MAX);
        assert!(DailyLimit::People(u32::MAX) < DailyLimit::Unlimited);
    }
}
