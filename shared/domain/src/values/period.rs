//! Ranges of store days, inclusive at both ends (R1).

use crate::values::limits;
use crate::values::store_day::StoreDay;

/// `from..=to`, at most 366 days.
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
    /// More than 366 days.
    #[error("a range has at most 366 days")]
    TooLong,
    /// Starts more than 366 days ago: its facts may have expired.
    #[error("a range starts at most 366 days ago")]
    TooOld,
}

impl Period {
    /// A range of days.
    ///
    /// # Errors
    /// [`PeriodError::Reversed`] and [`PeriodError::TooLong`].
    pub fn new(from: StoreDay, to: StoreDay) -> Result<Self, PeriodError> {
        match from.days_until(to) {
            ..0 => Err(PeriodError::Reversed),
            days if days >= i64::from(limits::RANGE_DAYS) => Err(PeriodError::TooLong),
            _ => Ok(Self { from, to }),
        }
    }

    /// The range, if facts of all its days are still kept on the day `today`.
    ///
    /// # Errors
    /// [`PeriodError::TooOld`].
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

    /// Whether `day` lies in the range.
    #[must_use]
    pub fn contains(self, day: StoreDay) -> bool {
        self.from <= day && day <= self.to
    }

    /// Every day, first to last.
    pub fn days(self) -> impl Iterator<Item = StoreDay> {
        let count = u64::try_from(self.from.days_until(self.to)).map_or(0, |days| days + 1);
        (0..count).map(move |days| self.from.plus_days(days))
    }
}

/// Whether `day` ended 18 days ago or more on the day `today`: it gains no more conversions.
#[must_use]
pub fn is_settled(day: StoreDay, today: StoreDay) -> bool {
    // The day ends where the next one starts.
    let settled_from = day.plus_days(1 + limits::SETTLED_DAYS);
    settled_from <= today
}

#[cfg(test)]
mod tests;
