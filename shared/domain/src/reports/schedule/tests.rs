#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn schedule(frequency: Frequency, active_since: &str) -> Schedule {
    Schedule {
        id: ScheduleId::new(at(active_since), &[7; 10]),
        account: Account::parse("acme").unwrap(),
        email: EmailAddress::parse("ana@store.example").unwrap(),
        frequency,
        campaign_id: None,
        format: ReportFormat::Csv,
        status: ScheduleStatus::Active,
        created_at: at(active_since),
        created_by: "ana@store.example".to_owned(),
        active_since: at(active_since),
        edited_at: None,
        last_run: None,
        pause_reason: None,
        unsubscribed_at: None,
    }
}

/// The runs due at `now` as `from..to at instant`.
fn due(schedule: &Schedule, zone: Tz, now: &str) -> Vec<String> {
    let told = |run: Run| format!("{}..{} at {}", run.period.from(), run.period.to(), run.at);
    schedule.due(zone, at(now)).into_iter().map(told).collect()
}

/// It was made when the files for Excel were CSVs and called `excel`.
#[test]
fn an_old_schedule_for_excel_brings_workbooks() {
    let made = schedule(Frequency::Daily, "2026-11-21T12:00:00Z");
    let mut item = serde_json::to_value(made).unwrap();
    item["format"] = "excel".into();
    let read: Schedule = serde_json::from_value(item).unwrap();
    assert_eq!(read.format, ReportFormat::Xlsx);
}

#[test]
fn a_day_is_due_at_six_of_the_next() {
    let daily = schedule(Frequency::Daily, "2026-11-21T12:00:00Z");
    let zone = chrono_tz::America::Sao_Paulo;
    assert!(due(&daily, zone, "2026-11-22T08:59:59.999Z").is_empty());
    let run = "2026-11-21..2026-11-21 at 2026-11-22T09:00:00.000Z";
    assert_eq!(due(&daily, zone, "2026-11-22T09:00:00Z"), [run]);
    // A tick that comes late finds it still; one that finds it taken does not.
    assert_eq!(due(&daily, zone, "2026-11-23T08:59:59Z"), [run]);
    let taken = Schedule { last_run: StoreDay::parse("2026-11-22").ok(), ..daily.clone() };
    assert!(due(&taken, zone, "2026-11-23T08:59:59Z").is_empty());
    assert_eq!(due(&taken, zone, "2026-11-24T09:00:00Z").len(), 2);
    let paused = Schedule { status: ScheduleStatus::Paused, ..daily };
    assert!(due(&paused, zone, "2026-11-24T09:00:00Z").is_empty());
}

#[test]
fn a_schedule_asks_for_nothing_that_ran_before_it() {
    let zone = chrono_tz::America::Sao_Paulo;
    let at_six = schedule(Frequency::Daily, "2026-11-22T09:00:00Z");
    assert!(due(&at_six, zone, "2026-11-22T09:00:00Z").is_empty());
    let before_six = schedule(Frequency::Daily, "2026-11-22T08:59:59.999Z");
    assert_eq!(due(&before_six, zone, "2026-11-22T09:00:00Z").len(), 1);
}

#[test]
fn weeks_end_on_sundays_and_months_on_their_last_day() {
    let zone = chrono_tz::Asia::Kathmandu;
    let weekly = schedule(Frequency::Weekly, "2026-11-10T00:00:00Z");
    assert_eq!(
        due(&weekly, zone, "2026-11-25T00:00:00Z"),
        [
            "2026-11-09..2026-11-15 at 2026-11-16T00:15:00.000Z",
            "2026-11-16..2026-11-22 at 2026-11-23T00:15:00.000Z",
        ]
    );
    let monthly = schedule(Frequency::Monthly, "2028-02-10T00:00:00Z");
    assert_eq!(
        due(&monthly, zone, "2028-03-01T00:15:00Z"),
        ["2028-02-01..2028-02-29 at 2028-03-01T00:15:00.000Z"]
    );
    let january = schedule(Frequency::Monthly, "2026-12-31T00:00:00Z");
    assert_eq!(
        due(&january, zone, "2027-01-02T00:00:00Z"),
        ["2026-12-01..2026-12-31 at 2027-01-01T00:15:00.000Z"]
    );
}

#[test]
fn clock_changes_move_the_instant_and_nothing_else() {
    // Lord Howe's clocks move by half an hour, Santiago's skip midnight.
    let daily = schedule(Frequency::Daily, "2026-10-02T18:00:00Z");
    assert_eq!(
        due(&daily, chrono_tz::Australia::Lord_Howe, "2026-10-04T20:00:00Z"),
        [
            "2026-10-02..2026-10-02 at 2026-10-02T19:30:00.000Z",
            "2026-10-03..2026-10-03 at 2026-10-03T19:00:00.000Z",
            "2026-10-04..2026-10-04 at 2026-10-04T19:00:00.000Z",
        ]
    );
    let daily = schedule(Frequency::Daily, "2026-09-05T08:00:00Z");
    assert_eq!(
        due(&daily, chrono_tz::America::Santiago, "2026-09-07T12:00:00Z"),
        [
            "2026-09-04..2026-09-04 at 2026-09-05T10:00:00.000Z",
            "2026-09-05..2026-09-05 at 2026-09-06T09:00:00.000Z",
            "2026-09-06..2026-09-06 at 2026-09-07T09:00:00.000Z",
        ]
    );
}

#[test]
fn a_day_that_the_zone_skipped_has_no_report() {
    let apia = chrono_tz::Pacific::Apia;
    let daily = schedule(Frequency::Daily, "2011-12-28T16:00:00Z");
    assert_eq!(
        due(&daily, apia, "2012-01-01T00:00:00Z"),
        [
            "2011-12-28..2011-12-28 at 2011-12-29T16:00:00.000Z",
            "2011-12-29..2011-12-29 at 2011-12-30T16:00:00.000Z",
            "2011-12-31..2011-12-31 at 2011-12-31T16:00:00.000Z",
        ]
    );
    // Also when the schedule was made on the day on which the skipped day's run comes.
    let late = schedule(Frequency::Daily, "2011-12-30T11:00:00Z");
    assert_eq!(
        due(&late, apia, "2011-12-30T16:00:00Z"),
        ["2011-12-29..2011-12-29 at 2011-12-30T16:00:00.000Z"]
    );
}

#[test]
fn a_long_outage_is_made_up_for_up_to_a_month() {
    let daily = schedule(Frequency::Daily, "2026-01-01T00:00:00Z");
    assert_eq!(daily.due(chrono_tz::UTC, at("2026-11-22T12:00:00Z")).len(), 35);
}

#[test]
fn the_next_run_is_the_first_that_was_not_taken() {
    let zone = chrono_tz::America::Sao_Paulo;
    let next = |schedule: &Schedule, now: &str| schedule.next(zone, at(now)).map(|run| run.at);
    let daily = schedule(Frequency::Daily, "2026-11-21T12:00:00Z");
    let run = at("2026-11-22T09:00:00Z");
    assert_eq!(next(&daily, "2026-11-22T08:59:59.999Z"), Some(run));
    // It is due, and no tick took it yet.
    assert_eq!(next(&daily, "2026-11-22T09:00:00Z"), Some(run));
    let taken = Schedule { last_run: StoreDay::parse("2026-11-22").ok(), ..daily.clone() };
    assert_eq!(next(&taken, "2026-11-22T09:00:00Z"), Some(at("2026-11-23T09:00:00Z")));
    let paused = Schedule { status: ScheduleStatus::Paused, ..daily };
    assert_eq!(next(&paused, "2026-11-22T09:00:00Z"), None);
    for (frequency, expected) in
        [(Frequency::Weekly, "2026-12-07T09:00:00Z"), (Frequency::Monthly, "2027-01-01T09:00:00Z")]
    {
        let made = schedule(frequency, "2026-12-01T12:00:00Z");
        assert_eq!(next(&made, "2026-12-01T12:00:00Z"), Some(at(expected)), "{frequency:?}");
    }
}

#[test]
fn the_latest_period_is_the_last_that_ended() {
    let zone = chrono_tz::America::Sao_Paulo;
    for (frequency, now, from, to) in [
        (Frequency::Daily, "2026-11-22T03:00:00Z", "2026-11-21", "2026-11-21"),
        (Frequency::Daily, "2026-11-22T02:59:59Z", "2026-11-20", "2026-11-20"),
        // 22 November 2026 is a Sunday: its week has not ended.
        (Frequency::Weekly, "2026-11-22T12:00:00Z", "2026-11-09", "2026-11-15"),
        (Frequency::Weekly, "2026-11-23T03:00:00Z", "2026-11-16", "2026-11-22"),
        (Frequency::Monthly, "2026-11-30T12:00:00Z", "2026-10-01", "2026-10-31"),
        (Frequency::Monthly, "2026-12-01T03:00:00Z", "2026-11-01", "2026-11-30"),
        (Frequency::Monthly, "2026-12-31T12:00:00Z", "2026-11-01", "2026-11-30"),
    ] {
        let period = frequency.latest(zone, at(now)).unwrap();
        let told = (period.from().to_string(), period.to().to_string());
        assert_eq!(told, (from.to_owned(), to.to_owned()), "{frequency:?} {now}");
    }
    // Samoa had no 30 December 2011: on the 31st the day that ended last is the 29th.
    let period = Frequency::Daily.latest(chrono_tz::Pacific::Apia, at("2011-12-30T12:00:00Z"));
    assert_eq!(period.unwrap().to().to_string(), "2011-12-29");
}
