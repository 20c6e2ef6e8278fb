#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use chrono::Offset as _;
use chrono_tz::Tz;

use super::*;
use crate::samples::at;
use crate::values::span::Span;

fn day(text: &str) -> StoreDay {
    StoreDay::parse(text).unwrap()
}

#[test]
fn r1_day_in_store_zone_across_dst() {
    for (zone, instant, expected) in [
        // Brazil skipped the midnight of 2018-11-04.
        (Tz::America__Sao_Paulo, "2018-11-04T02:59:59.999Z", "2018-11-03"),
        (Tz::America__Sao_Paulo, "2018-11-04T03:00:00Z", "2018-11-04"),
        // 2019-02-16 had 25 hours.
        (Tz::America__Sao_Paulo, "2019-02-17T02:59:59.999Z", "2019-02-16"),
        (Tz::America__Sao_Paulo, "2019-02-17T03:00:00Z", "2019-02-17"),
        (Tz::Europe__Lisbon, "2026-03-28T23:59:59.999Z", "2026-03-28"),
        (Tz::Europe__Lisbon, "2026-03-29T23:00:00Z", "2026-03-30"),
        (Tz::Asia__Kathmandu, "2026-11-01T18:14:59.999Z", "2026-11-01"),
        (Tz::Asia__Kathmandu, "2026-11-01T18:15:00Z", "2026-11-02"),
        (Tz::Pacific__Apia, "2026-11-01T11:00:00Z", "2026-11-02"),
    ] {
        assert_eq!(StoreDay::of(at(instant), zone), day(expected), "{zone} {instant}");
    }
}

/// Clock changes at midnight, in the small hours, by half an hour, twice around Ramadan.
#[test]
fn r1_a_day_starts_at_its_first_instant() {
    for zone in [
        Tz::UTC,
        Tz::America__Sao_Paulo,
        Tz::America__Santiago,
        Tz::America__Havana,
        Tz::Atlantic__Azores,
        Tz::Asia__Beirut,
        Tz::Africa__Casablanca,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::Asia__Kathmandu,
        Tz::Pacific__Apia,
    ] {
        let mut current = day("2016-01-01");
        while current < day("2028-01-01") {
            let start = current.start(zone);
            assert_eq!(StoreDay::of(start, zone), current, "{zone}");
            let before = StoreDay::of(start.minus(Span::millis(1)), zone);
            assert_eq!(before, current.minus_days(1), "{zone} {current}");
            current = current.plus_days(1);
        }
    }
}

#[test]
fn r1_a_day_that_a_zone_skipped_starts_with_the_next() {
    let zone = Tz::Pacific__Apia;
    assert_eq!(day("2011-12-30").start(zone), day("2011-12-31").start(zone));
    assert_eq!(day("2011-12-31").start(zone), at("2011-12-30T10:00:00Z"));
}

/// What [`StoreDay::start`] takes for granted, at every clock change that there is.
#[test]
fn r1_no_zone_skips_more_than_a_day() {
    let weeks = || std::iter::successors(Some(day("1970-01-01")), |day| Some(day.plus_days(7)));
    for zone in chrono_tz::TZ_VARIANTS {
        let offset = |day: StoreDay| {
            zone.offset_from_utc_datetime(&day.date().and_time(NaiveTime::MIN)).fix()
        };
        for week in weeks().take_while(|week| *week < day("2040-01-01")) {
            if offset(week) == offset(week.plus_days(7)) {
                continue;
            }
            for days in 0..8 {
                let current = week.plus_days(days);
                let next = current.plus_days(1).start(zone);
                assert!(current.start(zone) <= next, "{zone} {current}");
            }
        }
    }
}

#[test]
fn days_have_one_form() {
    for text in ["2024-02-29", "0001-01-01", "9999-12-31"] {
        assert_eq!(day(text).to_string(), text);
    }
    for text in [
        "",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-01",
        "2026-11-1 ",
        "2026/11/01",
        "20261101",
        "+026-11-01",
        "-026-11-01",
        "12026-11-01",
        "2026-11-01Z",
        "2026-11-\u{661}",
    ] {
        assert!(StoreDay::parse(text).is_err(), "{text}");
    }
}

#[test]
fn days_count_by_the_calendar() {
    assert_eq!(day("2024-02-28").plus_days(2), day("2024-03-01"));
    assert_eq!(day("2024-03-01").minus_days(366), day("2023-03-01"));
    assert_eq!(day("2023-03-01").days_until(day("2024-03-01")), 366);
    assert_eq!(day("2024-03-01").days_until(day("2024-02-29")), -1);
    assert_eq!(day("2026-11-01").ymd(), (2026, 11, 1));
    // Held, not wrapped.
    assert!(day("9999-12-31").plus_days(u64::MAX) > day("9999-12-31"));
    assert!(day("0001-01-01").minus_days(u64::MAX) < day("0001-01-01"));
}
