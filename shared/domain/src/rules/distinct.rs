//! Distinct shoppers of any range of days (R4), from sums that add up.
//!
//! Distinct shoppers of days don't add up: who clicked on two days counts once over both. So a day
//! doesn't count its shoppers alone, but how many of them clicked how long before: N(d, p) is the
//! number of shoppers with a click on day d whose previous day with a click is p. In a range
//! `from..=to` each shopper has exactly one first day: the one whose previous day, if any, lies
//! before `from`. So the distinct shoppers of the range are the sum of N(d, p) over the days d of the
//! range and all p before `from`. N is kept by the gap d - p in days; a day's share of a range is
//! then the shoppers without a previous day and those with a gap longer than d - from.

use crate::values::store_day::StoreDay;
use crate::values::tally::Tally;

/// Days from a shopper's previous day with a click to this one; 0: there is none before.
pub type Gap = u32;

/// How many shoppers clicked on a day, by their gap. As a difference its numbers may be negative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Shoppers(Tally<Gap>);

impl Shoppers {
    /// One shopper with this gap.
    #[must_use]
    pub fn one(gap: Gap) -> Self {
        Self(Tally::from_iter([(gap, 1)]))
    }

    /// Adds shoppers of one gap.
    pub fn add(&mut self, gap: Gap, shoppers: i64) {
        self.0.add(&gap, shoppers);
    }

    /// Adds `other` once (`sign` 1) or takes it away (`sign` -1).
    pub fn add_all(&mut self, other: &Self, sign: i64) {
        self.0.add_all(&other.0, sign);
    }

    /// The shoppers by gap, the shortest first.
    pub fn iter(&self) -> impl Iterator<Item = (Gap, i64)> {
        self.0.iter().map(|(gap, shoppers)| (*gap, *shoppers))
    }

    /// Of the shoppers of `day` those who clicked on no day before it from `from` on: its share of the
    /// distinct shoppers of a range that begins there.
    #[must_use]
    pub fn new_since(&self, from: StoreDay, day: StoreDay) -> i64 {
        let days_before = from.days_until(day);
        let new = self.iter().filter(|(gap, _)| *gap == 0 || i64::from(*gap) > days_before);
        new.map(|(_, shoppers)| shoppers).sum()
    }

    /// All shoppers of this day.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.iter().map(|(_, shoppers)| shoppers).sum()
    }
}

impl FromIterator<(Gap, i64)> for Shoppers {
    fn from_iter<T: IntoIterator<Item = (Gap, i64)>>(shoppers: T) -> Self {
        Self(shoppers.into_iter().collect())
    }
}

/// The days on which one shopper clicked, each with its gap. Takes them in ascending order; a day
/// that comes several times counts once.
pub fn gaps(days: impl IntoIterator<Item = StoreDay>) -> impl Iterator<Item = (StoreDay, Gap)> {
    let mut previous: Option<StoreDay> = None;
    days.into_iter().filter_map(move |day| {
        let before = previous.replace(day);
        match before {
            None => Some((day, 0)),
            Some(before) => {
                let gap = u32::try_from(before.days_until(day)).unwrap_or(0);
                (gap > 0).then_some((day, gap))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::collections::BTreeMap;

    use super::*;

    fn day(number: u64) -> StoreDay {
        StoreDay::parse("2026-11-01").unwrap().plus_days(number)
    }

    #[test]
    fn who_clicked_on_two_days_counts_once_over_both() {
        let mut days: BTreeMap<StoreDay, Shoppers> = BTreeMap::new();
        for (on, gap) in gaps([day(0), day(0), day(3), day(4)]) {
            days.entry(on).or_default().add(gap, 1);
        }
        assert_eq!(days[&day(0)], Shoppers::one(0));
        assert_eq!(days[&day(3)], Shoppers::one(3));
        assert_eq!(days[&day(4)].new_since(day(4), day(4)), 1);
        assert_eq!(days[&day(4)].new_since(day(3), day(4)), 0);
        assert_eq!(days[&day(3)].new_since(day(1), day(3)), 1);
        assert_eq!(days[&day(3)].new_since(day(0), day(3)), 0);
    }
    /// Every range of ten days, with a shopper for each set of days on which one can have clicked.
    #[test]
    fn any_range_counts_its_distinct_shoppers() {
        const DAYS: u64 = 10;
        let clicked_on = |shopper: u64, number: u64| shopper >> number & 1 == 1;
        let mut days: BTreeMap<StoreDay, Shoppers> = BTreeMap::new();
        for shopper in 0..1_u64 << DAYS {
            let clicked = (0..DAYS).filter(|number| clicked_on(shopper, *number)).map(day);
            for (on, gap) in gaps(clicked) {
                days.entry(on).or_default().add(gap, 1);
            }
        }
        for from in 0..DAYS {
            for to in from..DAYS {
                let in_range =
                    |shopper: &u64| (from..=to).any(|number| clicked_on(*shopper, number));
                let expected = (0..1_u64 << DAYS).filter(in_range).count();
                let new = |(on, held): (&StoreDay, &Shoppers)| held.new_since(day(from), *on);
                let found: i64 = days.range(day(from)..=day(to)).map(new).sum();
                assert_eq!(found, i64::try_from(expected).unwrap(), "{from}..={to}");
            }
        }
    }
}
