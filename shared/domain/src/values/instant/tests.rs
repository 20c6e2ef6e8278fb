#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::at;

#[test]
fn r2_fractions_are_cut_to_milliseconds() {
    // VTEX sends seven digits.
    for (text, cut) in [
        ("2026-11-22T14:06:41.9999999Z", "2026-11-22T14:06:41.999Z"),
        ("2026-11-22T14:06:41.1239Z", "2026-11-22T14:06:41.123Z"),
        ("2026-11-22T14:06:41.1Z", "2026-11-22T14:06:41.100Z"),
        ("2026-11-22T14:06:41Z", "2026-11-22T14:06:41.000Z"),
        ("2026-11-22T11:06:41.0009-03:00", "2026-11-22T14:06:41.000Z"),
        ("2026-11-22T19:51:41+05:45", "2026-11-22T14:06:41.000Z"),
        // A leap second is the first of the next minute: no instant lies outside a day.
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(at(text).to_string(), cut, "{text}");
    }
}

#[test]
fn instants_outside_four_digit_years_after_1970_are_refused() {
    for text in ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1970-01-01T01:00:00+01:00"] {
        assert!(Instant::parse_rfc3339(text).is_ok(), "{text}");
    }
    for text in [
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999-00:01",
        "+10000-01-01T00:00:00Z",
    ] {
        assert!(Instant::parse_rfc3339(text).is_err(), "{text}");
    }
}

#[test]
fn other_texts_are_no_instants() {
    for text in [
        "",
        "2026-11-22",
        "2026-11-22T14:06:41",
        "2026-02-29T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T14:06:41.Z",
        "2026-11-22T14:06:41+24:00",
        " 2026-11-22T14:06:41Z",
        "1793534400",
    ] {
        assert!(Instant::parse_rfc3339(text).is_err(), "{text}");
    }
}

#[test]
fn texts_sort_as_instants_do() {
    let millis = [0, 1, 999, 1_000, 1_793_534_400_000, 1_793_534_400_001, MAX_MILLIS];
    let texts = millis.map(|millis| Instant::from_millis(millis).to_string());
    assert!(texts.is_sorted() && texts.iter().all(|text| text.len() == texts[0].len()));
    let back: Vec<i64> = texts.iter().map(|text| at(text).millis()).collect();
    assert_eq!(back, millis);
}

#[test]
fn plausible_times_reach_from_2016_to_48_hours_ahead() {
    let now = at("2026-11-22T00:00:00Z");
    for (text, plausible) in [
        ("2015-12-31T23:59:59.999Z", false),
        ("2016-01-01T00:00:00Z", true),
        ("2026-11-24T00:00:00Z", true),
        ("2026-11-24T00:00:00.001Z", false),
    ] {
        assert_eq!(at(text).is_plausible(now), plausible, "{text}");
    }
}

#[test]
fn sums_stay_within_the_range_of_instants() {
    let (first, last) = (Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX));
    assert_eq!((first.millis(), last.millis()), (0, MAX_MILLIS));
    assert_eq!(last.plus(Span::millis(i64::MAX)), last);
    assert_eq!(first.minus(Span::millis(i64::MAX)), first);
    assert_eq!(first.since(last), Span::millis(-MAX_MILLIS));
}

#[test]
fn r6_a_day_is_exactly_24_hours() {
    assert_eq!(Span::days(15).as_millis(), 15 * 24 * 60 * 60 * 1_000);
    assert_eq!(Span::hours(24), Span::days(1));
    assert_eq!(Span::seconds(3_600), Span::hours(1));
    for (millis, seconds) in [(-1_001, -2), (-1_000, -1), (-1, -1), (0, 0), (1, 1), (1_000, 1)] {
        assert_eq!(Span::millis(millis).as_seconds(), seconds);
    }
    // One past a bound of R6 is told as past it.
    assert!(Span::millis(Span::days(3).as_millis() + 1).as_seconds() > Span::days(3).as_seconds());
}

#[test]
fn the_earliest_of_two_ignores_what_is_missing() {
    let (early, late) = (Instant::from_millis(1), Instant::from_millis(2));
    assert_eq!(earliest(None, None), None);
    assert_eq!(earliest(Some(late), None), Some(late));
    assert_eq!(earliest(None, Some(late)), Some(late));
    assert_eq!(earliest(Some(late), Some(early)), Some(early));
}
