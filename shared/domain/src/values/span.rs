//! Lengths of time.

/// A length of time in milliseconds; a day is exactly 24 h (R6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub const fn millis(millis: i64) -> Self {
        Self(millis)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1_000)
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self(hours * 3_600_000)
    }

    /// So many days of exactly 24 h.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days * 86_400_000)
    }

    /// The length in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The length in whole seconds, away from zero: so it is on the same side of zero, and of any
    /// bound in whole seconds, as the length itself.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        let away = if self.0 < 0 { -999 } else { 999 };
        self.0.saturating_add(away) / 1_000
    }
}
