//! Report schedules: which periods are due when. Pure: the instant of the tick comes in.
//!
//! A schedule runs on its run days (every day, Mondays, firsts of a month) at 06:00 in the
//! account's zone, and each run asks for the period that ended the day before. A period belongs
//! to exactly one run day of the calendar, so no clock change, no late, doubled or missing tick
//! can skip or double one: a tick takes all runs since the last one that was taken.

use chrono::{Datelike as _, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::reports::row::ReportFormat;
use crate::values::account::Account;
use crate::values::email::EmailAddress;
use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::period::Period;
use crate::values::span::Span;
use crate::values::store_day::{StoreDay, first_at};
use crate::values::text::text_type;
use crate::values::uuid::{is_uuid, uuid_at};

/// When in the account's day its schedules run: the night's events are in, and the mail is there
/// when people start work.
const RUN_TIME: NaiveTime = NaiveTime::from_hms_opt(6, 0, 0).expect("a day has a 06:00");
/// How many days back missed runs are made up for: a whole month, so that an outage costs no
/// monthly report.
pub const CATCH_UP_DAYS: i64 = 35;

text_type!(
    /// A schedule's id: a UUID of version 7 as 32 hex digits.
    ScheduleId, "id", "32 hex digits", is_uuid
);

impl ScheduleId {
    /// The id of a schedule that is made at `at`.
    #[must_use]
    pub fn new(at: Instant, random: &[u8; 10]) -> Self {
        Self(uuid_at(at, random))
    }
}

/// How often a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// Every day, for the day before.
    Daily,
    /// On Mondays, for the seven days before.
    Weekly,
    /// On the first of a month, for the month before.
    Monthly,
}

/// Whether a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleStatus {
    /// It does.
    Active,
    /// It does not; runs that fall due meanwhile are not made up for.
    Paused,
}

/// Why a schedule was paused without the store's asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PauseReason {
    /// Its recipient wished for no more mails. It goes on when they wish for them again.
    RecipientUnsubscribed,
    /// Its recipient was asked to confirm that they want its reports, and didn't. It goes on when they
    /// do, or when the store resumes it and they are asked again.
    RecipientNotConfirmed,
    /// Its address takes no mail. It goes on when the store resumes it.
    Bounced,
    /// Its recipient called one of the account's mails spam: they unsubscribed.
    Complained,
}

impl PauseReason {
    /// Whether it ends when the recipient says that they want the reports.
    #[must_use]
    pub const fn ends_with_a_wish(self) -> bool {
        match self {
            Self::RecipientUnsubscribed | Self::RecipientNotConfirmed | Self::Complained => true,
            Self::Bounced => false,
        }
    }
}

/// A standing order for reports. `Debug` leaves people out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Whose it is.
    pub account: Account,
    /// Whom its reports go to.
    pub email: EmailAddress,
    /// How often.
    pub frequency: Frequency,
    /// One campaign alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<CampaignId>,
    /// What the files are.
    #[serde(deserialize_with = "ReportFormat::stored")]
    pub format: ReportFormat,
    /// Whether it runs.
    pub status: ScheduleStatus,
    /// When it was made.
    pub created_at: Instant,
    /// The `sub` claim of who made it.
    pub created_by: String,
    /// Since when it runs: its creation or last resumption. Earlier runs are not made up for.
    pub active_since: Instant,
    /// When it was edited last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Instant>,
    /// The day of the last run that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<StoreDay>,
    /// Why it is paused, where the store didn't ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_reason: Option<PauseReason>,
    /// When its recipient wished for no more mails, where that paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribed_at: Option<Instant>,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule")
            .field("account", &self.account)
            .field("id", &self.id)
            .field("frequency", &self.frequency)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// One run of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The run day.
    pub day: StoreDay,
    /// When it is due.
    pub at: Instant,
    /// What it asks for.
    pub period: Period,
}

impl Schedule {
    /// The runs that are due at `now` and were not taken yet, oldest first.
    #[must_use]
    pub fn due(&self, zone: Tz, now: Instant) -> Vec<Run> {
        if self.status == ScheduleStatus::Paused {
            return Vec::new();
        }
        let since = self.active_since.max(now.minus(Span::days(CATCH_UP_DAYS)));
        let last = StoreDay::of(now, zone);
        // The run of a day that the zone skipped comes a day later.
        let mut day = StoreDay::of(since, zone).minus_days(1);
        let mut due = Vec::new();
        while day <= last {
            let taken = self.last_run.is_some_and(|taken| day <= taken);
            let run = if taken { None } else { self.frequency.run_on(day, zone) };
            due.extend(run.filter(|run| since < run.at && run.at <= now));
            day = day.plus_days(1);
        }
        due
    }
}

/// The days within which each frequency has a run: a month, and a day that the zone may have skipped.
const LONGEST_GAP_DAYS: u64 = 32;

impl Schedule {
    /// The run that comes next: the oldest that is due already, else the first after `now`; none while it is
    /// paused.
    #[must_use]
    pub fn next(&self, zone: Tz, now: Instant) -> Option<Run> {
        if self.status == ScheduleStatus::Paused {
            return None;
        }
        let due = self.due(zone, now).into_iter().next();
        let from = StoreDay::of(now, zone).minus_days(1);
        let mut ahead = (0..=LONGEST_GAP_DAYS + 1)
            .filter_map(|days| self.frequency.run_on(from.plus_days(days), zone))
            .filter(|run| now < run.at);
        due.or_else(|| ahead.next())
    }
}

impl Frequency {
    /// The period that ended last: what a run today, or the last one before, asks for.
    #[must_use]
    pub fn latest(self, zone: Tz, now: Instant) -> Option<Period> {
        let today = StoreDay::of(now, zone);
        let mut back = (0..=LONGEST_GAP_DAYS)
            .filter_map(|days| self.run_on(today.minus_days(days), zone))
            .map(|run| run.period);
        back.next()
    }

    /// The run of `day`; none when it isn't a run day, or the period before it is a day that
    /// the zone skipped.
    #[expect(clippy::expect_used, reason = "1 to 31 days, first to last, are a range")]
    fn run_on(self, day: StoreDay, zone: Tz) -> Option<Run> {
        let date = day.date();
        let runs = match self {
            Self::Daily => !is_skipped(day.minus_days(1), zone),
            Self::Weekly => date.weekday() == Weekday::Mon,
            Self::Monthly => date.day() == 1,
        };
        let to = day.minus_days(1);
        let from = match self {
            Self::Daily => to,
            Self::Weekly => day.minus_days(7),
            Self::Monthly => to.minus_days(u64::from(to.date().day0())),
        };
        runs.then(|| Run {
            day,
            at: run_at(day, zone),
            period: Period::new(from, to).expect("1 to 31 days, first to last, are a range"),
        })
    }
}

/// 06:00 of a run day. Where a clock change skips that hour, the first instant behind it; where
/// it comes twice, the first; for a day that the zone skipped, 06:00 of the day after.
fn run_at(day: StoreDay, zone: Tz) -> Instant {
    let existing = if is_skipped(day, zone) { day.plus_days(1) } else { day };
    first_at(existing.date().and_time(RUN_TIME), zone)
}

/// Whether the zone never had this day (Samoa had no 30 December 2011).
fn is_skipped(day: StoreDay, zone: Tz) -> bool {
    day.start(zone) == day.plus_days(1).start(zone)
}

#[cfg(test)]
mod tests;
