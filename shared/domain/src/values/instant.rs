//! Instants in whole milliseconds (R2).

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::values::invalid::Invalid;
use crate::values::limits;
use crate::values::span::Span;

/// A moment in time, cut to milliseconds on entry (R2). Its text is RFC 3339 in UTC of fixed
/// width (`2026-11-22T14:06:41.000Z`), so that texts sort as instants do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Instant(i64);

/// The greatest instant that has a four-digit year; a wider text would break the sort order.
const MAX_MILLIS: i64 = 253_402_300_799_999;

impl Instant {
    const WHAT: Invalid = Invalid::new("time", "an RFC 3339 date and time between 1970 and 9999");

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z, held between that and the
    /// year 9999.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 {
            Self(0)
        } else if millis > MAX_MILLIS {
            Self(MAX_MILLIS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0 / 1_000
    }

    /// Reads RFC 3339 with any offset and any number of fractional digits; digits after the
    /// third are cut, never rounded.
    pub fn parse_rfc3339(text: &str) -> Result<Self, Invalid> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| Self::WHAT)?;
        // Euclidean towards the past, as a cut of the fraction is.
        let millis = at.timestamp_millis();
        if (0..=MAX_MILLIS).contains(&millis) { Ok(Self(millis)) } else { Err(Self::WHAT) }
    }

    /// Whether an event may carry this time: from 2016 to 48 h ahead of `now`.
    #[must_use]
    pub fn is_plausible(self, now: Self) -> bool {
        self.0 >= limits::EARLIEST_MILLIS && self <= now.plus(limits::FUTURE)
    }

    /// The instant `span` later, held within the range of instants.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self::from_millis(self.0.saturating_add(span.as_millis()))
    }

    /// The instant `span` earlier, held within the range of instants.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self::from_millis(self.0.saturating_sub(span.as_millis()))
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span::millis(self.0 - earlier.0)
    }

    /// The same moment as chrono's type.
    #[must_use]
    #[expect(clippy::expect_used, reason = "chrono's range holds the years 1970 to 9999")]
    pub fn to_utc(self) -> DateTime<Utc> {
        let at = Utc.timestamp_millis_opt(self.0).single();
        at.expect("chrono's range holds the years 1970 to 9999")
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self::from_millis(at.timestamp_millis())
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

impl TryFrom<String> for Instant {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse_rfc3339(&text)
    }
}

/// The earlier of two instants of which either may be missing.
#[must_use]
pub fn earliest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The later of two instants of which either may be missing.
#[must_use]
pub fn latest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    a.max(b)
}

#[cfg(test)]
mod tests;
