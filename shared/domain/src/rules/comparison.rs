//! Which earlier days a range is compared with, and up to which point.
//!
//! A day goes on gaining purchases after it ended. So an earlier day is told as it stood when it was as
//! old as the day that it is compared with is now: today until a quarter past two is compared with
//! yesterday until a quarter past two, and yesterday with the day before until a quarter past two of the
//! day after.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::values::instant::Instant;
use crate::values::period::{Period, is_settled};
use crate::values::store_day::StoreDay;

/// What a range is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ComparedWith {
    /// As many days, which end the day before the range begins.
    PreviousPeriod,
    /// As many days on the same weekdays: the latest that end before the range begins.
    SameWeekdays,
    /// The same days of the month before.
    LastMonth,
    /// The same days of the year before.
    LastYear,
}

/// A range and the earlier one that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    period: Period,
    with: ComparedWith,
}

/// How much of an earlier day compares with the day that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ripe {
    /// All of it: the later day gains nothing any more.
    Wholly,
    /// What came at or before an instant.
    Until(Instant),
    /// Nothing yet: the later day has not begun.
    Nothing,
}

impl Comparison {
    /// `period` compared with earlier days.
    #[must_use]
    pub const fn new(period: Period, with: ComparedWith) -> Self {
        Self { period, with }
    }

    /// The range.
    #[must_use]
    pub const fn period(self) -> Period {
        self.period
    }

    /// What it is compared with.
    #[must_use]
    pub const fn with(self) -> ComparedWith {
        self.with
    }

    /// The earlier days. A month or a year earlier they can be some days more or fewer than the range.
    #[must_use]
    pub fn earlier(self) -> Period {
        Period::of_comparison(self.before(self.period.from()), self.before(self.period.to()))
    }

    /// The earlier days, each with the day of the range that it is compared with. Where months differ in
    /// length, a day at the end of the longer one has no counterpart: an earlier one then has none here,
    /// and one of the range isn't named.
    pub fn days(self) -> impl Iterator<Item = (StoreDay, Option<StoreDay>)> {
        self.earlier().days().map(move |earlier| (earlier, self.counterpart(earlier)))
    }

    /// How much of an earlier day compares, at the instant `now`. One without a counterpart is taken to be
    /// as old as the day before it.
    #[must_use]
    pub fn ripe(self, earlier: StoreDay, now: Instant, zone: Tz) -> Ripe {
        let later = self.as_old_as(earlier);
        let begun = later.start(zone);
        if is_settled(later, StoreDay::of(now, zone)) {
            Ripe::Wholly
        } else if begun > now {
            Ripe::Nothing
        } else {
            Ripe::Until(earlier.start(zone).plus(now.since(begun)))
        }
    }

    /// The first day of the range that is compared with `earlier`.
    fn counterpart(self, earlier: StoreDay) -> Option<StoreDay> {
        self.later_days(earlier).find(|later| self.before(*later) == earlier)
    }

    /// The day of the range by whose age an earlier one is told.
    fn as_old_as(self, earlier: StoreDay) -> StoreDay {
        let counterpart = self.counterpart(earlier);
        let before_it =
            || self.later_days(earlier).filter(|day| self.before(*day) < earlier).last();
        counterpart.or_else(before_it).unwrap_or_else(|| self.period.from())
    }

    /// The days of the range that can have `earlier` for their counterpart, and some before them: months
    /// differ by three days.
    fn later_days(self, earlier: StoreDay) -> impl Iterator<Item = StoreDay> {
        let near = match self.with {
            ComparedWith::PreviousPeriod | ComparedWith::SameWeekdays => {
                earlier.plus_days(self.shift())
            }
            ComparedWith::LastMonth => earlier.plus_months(1),
            ComparedWith::LastYear => earlier.plus_months(12),
        };
        let from = near.minus_days(3).max(self.period.from());
        let to = near.plus_days(3).min(self.period.to());
        std::iter::successors(Some(from), |day| Some(day.plus_days(1)))
            .take_while(move |day| *day <= to)
    }

    /// The earlier day that a day of the range is compared with.
    fn before(self, later: StoreDay) -> StoreDay {
        let before = match self.with {
            ComparedWith::PreviousPeriod | ComparedWith::SameWeekdays => {
                later.minus_days(self.shift())
            }
            ComparedWith::LastMonth => later.minus_months(1),
            ComparedWith::LastYear => later.minus_months(12),
        };
        before.max(StoreDay::FIRST)
    }

    /// How many days lie between a day of the range and its counterpart, where they are always as many.
    fn shift(self) -> u64 {
        let length = self.period.length();
        match self.with {
            ComparedWith::SameWeekdays => length.next_multiple_of(7),
            _ => length,
        }
    }
}

#[cfg(test)]
mod tests;
