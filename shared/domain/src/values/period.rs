//! Ranges of store days, inclusive at both ends (R1).

use crate::values::limits;
use crate::values::store_day::StoreDay;

/// `from..=to`, at most [`limits::RANGE_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: StoreDay,
    to: StoreDay,
}

/// Why two days are no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// `from` comes after `to`.
    #[error("from must not be after to")]
    Reversed,
    /// It has too many days.
    #[error("a range has at most {} days", limits::RANGE_DAYS)]
    TooLong,
    /// It starts too long ago: its facts may have expired.
    #[error("a range starts at most {} days ago", limits::RANGE_DAYS)]
    TooOld,
}

impl Period {
    /// A range of days.
    pub fn new(from: StoreDay, to: StoreDay) -> Result<Self, PeriodError> {
        match from.days_until(to) {
            ..0 => Err(PeriodError::Reversed),
            days if days >= i64::from(limits::RANGE_DAYS) => Err(PeriodError::TooLong),
            _ => Ok(Self { from, to }),
        }
    }

    /// The earlier days of a comparison. Months differ in length, so they can be a few more than a range
    /// may have.
    pub(crate) fn of_comparison(from: StoreDay, to: StoreDay) -> Self {
        debug_assert!(from <= to, "an earlier day has an earlier counterpart");
        Self { from, to }
    }

    /// The range, if facts of all its days are still kept on the day `today`.
    pub fn kept_on(self, today: StoreDay) -> Result<Self, PeriodError> {
        if self.from.days_until(today) > i64::from(limits::RANGE_DAYS) {
            Err(PeriodError::TooOld)
        } else {
            Ok(self)
        }
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> StoreDay {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn to(self) -> StoreDay {
        self.to
    }

    /// How many days it has.
    #[must_use]
    pub fn length(self) -> u64 {
        self.from.days_until(self.to).unsigned_abs() + 1
    }

    /// Whether `day` lies in the range.
    #[must_use]
    pub fn contains(self, day: StoreDay) -> bool {
        self.from <= day && day <= self.to
    }

    /// Every day, first to last.
    pub fn days(self) -> impl Iterator<Item = StoreDay> {
        std::iter::successors(Some(self.from), |day| Some(day.plus_days(1)))
            .take_while(move |day| *day <= self.to)
    }
}

/// Whether `day` ended so long ago on the day `today` that it gains no more conversions.
#[must_use]
pub fn is_settled(day: StoreDay, today: StoreDay) -> bool {
    // The day ends where the next one starts.
    let settled_from = day.plus_days(1 + limits::SETTLED_DAYS);
    settled_from <= today
}

#[cfg(test)]
mod tests;
