//! Issue: each period is requested exactly once per schedule, whatever the ticks do. Pure: the
//! ticks run on a schedule in memory.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate, TimeZone as _, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::{
    CATCH_UP_DAYS, Frequency, Schedule, ScheduleId, ScheduleStatus,
};
use shared::domain::values::account::Account;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;

/// Zones whose clocks do what clocks can do, with a time at which they do it.
const PLACES: [(Tz, &str); 8] = [
    (chrono_tz::America::Sao_Paulo, "2018-11-04T03:00:00Z"),
    (chrono_tz::America::Sao_Paulo, "2019-02-17T02:00:00Z"),
    (chrono_tz::America::Santiago, "2026-09-06T04:00:00Z"),
    (chrono_tz::Europe::Lisbon, "2026-10-25T01:00:00Z"),
    (chrono_tz::Asia::Kathmandu, "2026-11-22T00:00:00Z"),
    (chrono_tz::Australia::Lord_Howe, "2026-10-03T15:30:00Z"),
    (chrono_tz::Pacific::Apia, "2011-12-30T10:00:00Z"),
    (chrono_tz::Africa::Cairo, "2026-10-29T21:00:00Z"),
];

fn schedule(frequency: Frequency, since: Instant) -> Schedule {
    Schedule {
        id: ScheduleId::new(since, &[7; 10]),
        account: Account::parse("acme").unwrap(),
        email: EmailAddress::parse("ana@store.example").unwrap(),
        frequency,
        campaign_id: None,
        format: ReportFormat::Csv,
        status: ScheduleStatus::Active,
        created_at: since,
        created_by: "ana".to_owned(),
        active_since: since,
        edited_at: None,
        last_run: None,
        pause_reason: None,
        unsubscribed_at: None,
    }
}

/// Whether the zone had this day: some minute of it is a local time.
fn exists(date: NaiveDate, zone: Tz) -> bool {
    (0..24 * 60).step_by(15).any(|minute| {
        let local = date.and_hms_opt(minute / 60, minute % 60, 0).unwrap();
        zone.from_local_datetime(&local).earliest().is_some()
    })
}

const QUARTER: i64 = 15 * 60_000;

/// What has to be requested, by looking at every quarter of an hour (all these zones' clocks keep to
/// them): the first of each day at or after 06:00 is that day's run, and asks for what ended since the last day.
fn expected(
    frequency: Frequency,
    zone: Tz,
    since: Instant,
    until: Instant,
) -> BTreeSet<(NaiveDate, NaiveDate)> {
    let mut periods = BTreeSet::new();
    let mut at = since.minus(Span::days(3)).millis() / QUARTER * QUARTER;
    let mut last_run: Option<NaiveDate> = None;
    while at <= until.millis() {
        let local = Instant::from_millis(at).to_utc().with_timezone(&zone);
        let date = local.date_naive();
        let six = local.time() >= chrono::NaiveTime::from_hms_opt(6, 0, 0).unwrap();
        if six && last_run != Some(date) {
            if at > since.millis() {
                // All days of the calendar since the last run are run days by now.
                let mut day = last_run.unwrap().succ_opt().unwrap();
                while day <= date {
                    let to = day.pred_opt().unwrap();
                    let from = match frequency {
                        Frequency::Daily => exists(to, zone).then_some(to),
                        Frequency::Weekly => {
                            (day.weekday() == Weekday::Mon).then(|| to - chrono::Days::new(6))
                        }
                        Frequency::Monthly => (day.day() == 1).then(|| to.with_day(1).unwrap()),
                    };
                    periods.extend(from.map(|from| (from, to)));
                    day = day.succ_opt().unwrap();
                }
            }
            last_run = Some(date);
        }
        at += QUARTER;
    }
    periods
}

fn frequencies() -> impl Strategy<Value = Frequency> {
    prop_oneof![Just(Frequency::Daily), Just(Frequency::Weekly), Just(Frequency::Monthly)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_period_is_requested_once_whatever_the_ticks_do(
        place in 0..PLACES.len(),
        frequency in frequencies(),
        start_minutes in -20_000_i64..20_000,
        // Minutes between ticks: on time, twice, backwards, missing for hours or days.
        gaps in prop::collection::vec(
            prop_oneof![6 => 0_i64..30, 3 => 200_i64..2_000, 1 => 2_000_i64..20_000, 1 => -60_i64..0],
            1..120,
        ),
    ) {
        let (zone, around) = PLACES[place];
        let around = Instant::parse_rfc3339(around).unwrap();
        let since = around.plus(Span::seconds(start_minutes * 60));
        let mut schedule = schedule(frequency, since);
        let mut requested: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        let (mut now, mut latest) = (since, since);
        for gap in gaps {
            now = now.plus(Span::seconds(gap * 60));
            latest = latest.max(now);
            for run in schedule.due(zone, now) {
                prop_assert!(run.at > since && run.at <= now);
                let (from, to) = (run.period.from().date(), run.period.to().date());
                prop_assert!(run.at >= StoreDay::of(run.at, zone).start(zone));
                requested.push((from, to));
                schedule.last_run = Some(run.day);
            }
        }
        // No outage of these is longer than what is made up for.
        prop_assert!(20_000 < CATCH_UP_DAYS * 24 * 60);
        let once: BTreeSet<_> = requested.iter().copied().collect();
        prop_assert_eq!(once.len(), requested.len(), "twice: {:?}", requested);
        prop_assert_eq!(once, expected(frequency, zone, since, latest));
    }
}
