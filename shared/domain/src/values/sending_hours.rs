//! When a store lets messages go out: one window for each weekday, in the store's time zone.

use chrono::{Datelike as _, NaiveTime, Timelike as _, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::values::instant::Instant;
use crate::values::invalid::Invalid;
use crate::values::span::Span;
use crate::values::store_day::{StoreDay, first_at};

/// Minutes of a day; `24:00` closes a window at its end.
const DAY_MINUTES: u16 = 24 * 60;
/// How far ahead an opening can lie: a week in which one day is open, and that day's hours fell into
/// the hour that a clock change skipped.
const DAYS_AHEAD: u64 = 15;

/// A window of one day, from its opening to just before its close. Text: `["09:00", "20:00"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(String, String)", into = "(String, String)")]
pub struct Window {
    opens: u16,
    closes: u16,
}

impl Window {
    const WHAT: Invalid =
        Invalid::new("hours", "two times HH:MM from 00:00 to 24:00, the close after the opening");

    /// A window from two times `HH:MM`.
    ///
    /// # Errors
    /// Where they are no times, or the close isn't after the opening.
    pub fn parse(opens: &str, closes: &str) -> Result<Self, Invalid> {
        let window = Self { opens: minute_of(opens)?, closes: minute_of(closes)? };
        if window.opens < window.closes { Ok(window) } else { Err(Self::WHAT) }
    }

    const fn holds(self, minute: u16) -> bool {
        self.opens <= minute && minute < self.closes
    }

    #[expect(clippy::expect_used, reason = "an opening is before a close, so before 24:00")]
    fn opening(self) -> NaiveTime {
        NaiveTime::from_hms_opt(u32::from(self.opens / 60), u32::from(self.opens % 60), 0)
            .expect("an opening is a time of day")
    }
}

fn minute_of(text: &str) -> Result<u16, Invalid> {
    let digits = |part: &str| -> Option<u16> {
        let shaped = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if shaped { part.parse().ok() } else { None }
    };
    let minute = text.split_once(':').and_then(|(hours, minutes)| {
        let minutes = digits(minutes).filter(|minutes| *minutes < 60)?;
        Some(digits(hours)? * 60 + minutes)
    });
    minute.filter(|minute| *minute <= DAY_MINUTES).ok_or(Window::WHAT)
}

impl TryFrom<(String, String)> for Window {
    type Error = Invalid;
    fn try_from((opens, closes): (String, String)) -> Result<Self, Invalid> {
        Self::parse(&opens, &closes)
    }
}

impl From<Window> for (String, String) {
    fn from(window: Window) -> Self {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        (text(window.opens), text(window.closes))
    }
}

/// The windows of a week; a day without one is closed. At least one day is open, else nothing would
/// ever be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Week", into = "Week")]
pub struct SendingHours(Week);

/// A week as the API writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Week {
    #[serde(skip_serializing_if = "Option::is_none")]
    mon: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tue: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wed: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thu: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fri: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sat: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sun: Option<Window>,
}

impl TryFrom<Week> for SendingHours {
    type Error = Invalid;
    fn try_from(week: Week) -> Result<Self, Invalid> {
        if week == Week::default() {
            Err(Invalid::new("hours", "open on one weekday at least"))
        } else {
            Ok(Self(week))
        }
    }
}

impl From<SendingHours> for Week {
    fn from(hours: SendingHours) -> Self {
        hours.0
    }
}

impl SendingHours {
    /// The same window on every day.
    #[must_use]
    pub const fn daily(window: Window) -> Self {
        let every = Some(window);
        Self(Week {
            mon: every,
            tue: every,
            wed: every,
            thu: every,
            fri: every,
            sat: every,
            sun: every,
        })
    }

    const fn on(&self, weekday: Weekday) -> Option<Window> {
        match weekday {
            Weekday::Mon => self.0.mon,
            Weekday::Tue => self.0.tue,
            Weekday::Wed => self.0.wed,
            Weekday::Thu => self.0.thu,
            Weekday::Fri => self.0.fri,
            Weekday::Sat => self.0.sat,
            Weekday::Sun => self.0.sun,
        }
    }

    /// Whether clocks in `zone` show a time within a window.
    #[must_use]
    pub fn are_open(&self, at: Instant, zone: Tz) -> bool {
        let local = at.to_utc().with_timezone(&zone);
        // A day has 1,440 minutes.
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(DAY_MINUTES);
        self.on(local.weekday()).is_some_and(|window| window.holds(minute))
    }

    /// The first instant from `from` on, never before it, whose local time lies within a window. An
    /// opening that a clock change skips comes right after the change.
    #[must_use]
    #[expect(clippy::expect_used, reason = "one day of each week is open")]
    pub fn opening(&self, from: Instant, zone: Tz) -> Instant {
        if self.are_open(from, zone) {
            return from;
        }
        let today = StoreDay::of(from, zone);
        (0..=DAYS_AHEAD)
            .find_map(|days| self.opening_on(today.plus_days(days), from, zone))
            .expect("one day of each week is open")
    }

    /// Minutes from `at` until the window that it lies in closes; none where it lies in none.
    #[must_use]
    pub fn minutes_left(&self, at: Instant, zone: Tz) -> u16 {
        let local = at.to_utc().with_timezone(&zone);
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(DAY_MINUTES);
        let window = self.on(local.weekday()).filter(|window| window.holds(minute));
        window.map_or(0, |window| window.closes - minute)
    }

    fn opening_on(&self, day: StoreDay, from: Instant, zone: Tz) -> Option<Instant> {
        let window = self.on(day.date().weekday())?;
        let (start, end) = (day.start(zone), day.plus_days(1).start(zone));
        let mut openings: Vec<Instant> = if end.since(start) == Span::days(1) {
            vec![first_at(day.date().and_time(window.opening()), zone)]
        } else {
            // The clocks change on this day: a window can begin late, or come twice.
            let minutes = end.since(start).as_seconds() / 60;
            (0..minutes).map(|minute| start.plus(Span::seconds(minute * 60))).collect()
        };
        openings.retain(|at| *at >= from && self.are_open(*at, zone));
        openings.into_iter().min()
    }
}

#[cfg(test)]
mod tests;
