//! How long facts are kept, and what comes too late to be one.

use crate::values::instant::Instant;
use crate::values::limits;
use crate::values::period::{Period, PeriodError};
use crate::values::span::Span;
use crate::values::store_day::StoreDay;

/// How long facts are kept after their subject's instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// For ever (the local stack).
    Unlimited,
    /// For so many days of 24 h.
    Days(i64),
}

impl Retention {
    /// The epoch second at which an item about `subject` expires.
    #[must_use]
    pub fn expires_at(self, subject: Instant) -> Option<i64> {
        match self {
            Self::Unlimited => None,
            Self::Days(days) => Some(subject.plus(Span::days(days)).seconds()),
        }
    }

    /// The range, if the facts of all its days are still kept on the store day `today`.
    ///
    /// # Errors
    /// [`PeriodError::TooOld`] where retention is limited and the range starts too long ago.
    pub fn covers(self, period: Period, today: StoreDay) -> Result<Period, PeriodError> {
        match self {
            Self::Unlimited => Ok(period),
            Self::Days(_) => period.kept_on(today),
        }
    }

    /// Whether an event about `subject` comes too late to be counted for good: its items are
    /// about to expire or would be expired already (`too-old`).
    #[must_use]
    pub fn is_too_old(self, subject: Instant, now: Instant) -> bool {
        match self {
            Self::Unlimited => false,
            Self::Days(days) => {
                let kept = Span::days(days - limits::RETENTION_MARGIN_DAYS);
                now.since(subject) >= kept
            }
        }
    }
}

#[cfg(test)]
mod tests;
