//! Store days: calendar days in an account's time zone (R1).

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::values::instant::Instant;
use crate::values::invalid::Invalid;

/// A calendar day in the account's time zone; text `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StoreDay(NaiveDate);

impl StoreDay {
    /// The first day that can be written.
    pub(crate) const FIRST: Self =
        Self(NaiveDate::from_ymd_opt(0, 1, 1).expect("the year 0 has a first day"));
    const WHAT: Invalid = Invalid::new("day", "a date YYYY-MM-DD");

    /// The day on which `at` lies in `zone`.
    #[must_use]
    pub fn of(at: Instant, zone: Tz) -> Self {
        Self(at.to_utc().with_timezone(&zone).date_naive())
    }

    /// Reads `YYYY-MM-DD`, four-digit years only.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| match i {
                4 | 7 => *b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !shaped {
            return Err(Self::WHAT);
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self).map_err(|_| Self::WHAT)
    }

    /// The calendar date.
    #[must_use]
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// The day so many days later (held at chrono's last day).
    #[must_use]
    pub fn plus_days(self, days: u64) -> Self {
        Self(self.0.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX))
    }

    /// The day so many days earlier (held at chrono's first day).
    #[must_use]
    pub fn minus_days(self, days: u64) -> Self {
        Self(self.0.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN))
    }

    /// The same day so many months later; in a shorter month its last day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        Self(self.0.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX))
    }

    /// The same day so many months earlier; in a shorter month its last day.
    #[must_use]
    pub fn minus_months(self, months: u32) -> Self {
        Self(self.0.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN))
    }

    /// How many days `later` comes after this day; negative when before.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        later.0.signed_duration_since(self.0).num_days()
    }

    /// The first instant of the day in `zone`. Where a clock change skips midnight, the day
    /// starts when the clocks resume; a day that the zone skips whole starts with the next.
    #[must_use]
    pub fn start(self, zone: Tz) -> Instant {
        first_at(self.0.and_time(NaiveTime::MIN), zone)
    }

    /// Year, month, day of month.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        (self.0.year(), self.0.month(), self.0.day())
    }
}

/// When clocks in `zone` first show `local`; where a clock change skips that time, the first instant
/// behind the change.
#[expect(clippy::expect_used, reason = "no zone ever skipped more than one day (Samoa's in 2011)")]
pub(crate) fn first_at(local: NaiveDateTime, zone: Tz) -> Instant {
    let at = (0..=24 * 60)
        .find_map(|minutes| {
            zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))).earliest()
        })
        .expect("no zone ever skipped more than one day");
    Instant::from_millis(at.timestamp_millis())
}

impl std::fmt::Display for StoreDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl From<StoreDay> for String {
    fn from(day: StoreDay) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for StoreDay {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests;
