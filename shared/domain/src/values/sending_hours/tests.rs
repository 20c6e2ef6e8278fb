#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::samples::at;

const SAO_PAULO: Tz = Tz::America__Sao_Paulo;
const NEW_YORK: Tz = Tz::America__New_York;

fn hours(json: &str) -> SendingHours {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_window_is_two_times_in_order() {
    for (opens, closes) in [("09:00", "20:00"), ("00:00", "24:00"), ("23:59", "24:00")] {
        let window = Window::parse(opens, closes).unwrap();
        assert_eq!(<(String, String)>::from(window), (opens.to_owned(), closes.to_owned()));
    }
    for (opens, closes) in [
        ("09:00", "09:00"),
        ("20:00", "09:00"),
        ("9:00", "20:00"),
        ("09:60", "20:00"),
        ("09:00", "24:01"),
        ("24:00", "24:00"),
        ("", "20:00"),
        ("09:00:00", "20:00"),
        ("+9:00", "20:00"),
        ("09-00", "20:00"),
    ] {
        assert!(Window::parse(opens, closes).is_err(), "{opens} {closes}");
    }
}

#[test]
fn a_window_has_so_many_minutes_left() {
    let hours = hours(r#"{"mon":["09:00","20:00"],"tue":["23:00","24:00"]}"#);
    let left = |text: &str| hours.minutes_left(at(text), SAO_PAULO);
    // 12:00 UTC is nine o'clock there.
    assert_eq!(left("2026-11-02T11:59:59Z"), 0);
    assert_eq!(left("2026-11-02T12:00:00Z"), 11 * 60);
    assert_eq!(left("2026-11-02T22:59:59Z"), 1);
    assert_eq!(left("2026-11-02T23:00:00Z"), 0);
    assert_eq!(left("2026-11-04T02:59:00Z"), 1);
}

#[test]
fn a_week_that_never_opens_is_none() {
    assert!(serde_json::from_str::<SendingHours>("{}").is_err());
    assert!(serde_json::from_str::<SendingHours>(r#"{"monday":["09:00","20:00"]}"#).is_err());
    let text = r#"{"mon":["09:00","20:00"],"sat":["10:00","14:00"]}"#;
    assert_eq!(serde_json::to_string(&hours(text)).unwrap(), text);
}

#[test]
fn an_open_store_opens_now() {
    let hours = hours(r#"{"mon":["09:00","20:00"]}"#);
    // 2026-11-02 is a Monday; São Paulo is three hours behind.
    for now in ["2026-11-02T12:00:00Z", "2026-11-02T22:59:59.999Z"] {
        assert_eq!(hours.opening(at(now), SAO_PAULO), at(now));
    }
    for (now, opening) in [
        ("2026-11-02T11:59:59.999Z", "2026-11-02T12:00:00Z"),
        ("2026-11-02T23:00:00Z", "2026-11-09T12:00:00Z"),
    ] {
        assert_eq!(hours.opening(at(now), SAO_PAULO), at(opening));
    }
}

#[test]
fn saturday_night_waits_until_monday() {
    let hours = hours(
        r#"{"mon":["09:00","20:00"],"tue":["09:00","20:00"],"wed":["09:00","20:00"],
            "thu":["09:00","20:00"],"fri":["09:00","20:00"],"sat":["10:00","14:00"]}"#,
    );
    let saturday_night = at("2026-11-08T01:00:00Z");
    assert_eq!(hours.opening(saturday_night, SAO_PAULO), at("2026-11-09T12:00:00Z"));
}

#[test]
fn an_opening_in_the_gap_opens_after_it() {
    // On 2026-03-08 New York's clocks go from 02:00 to 03:00.
    let gap = at("2026-03-08T07:00:00Z");
    let early = hours(r#"{"sun":["02:30","12:00"]}"#);
    assert_eq!(early.opening(at("2026-03-08T05:00:00Z"), NEW_YORK), gap);
    // A window that the change swallows whole isn't open on that day.
    let swallowed = hours(r#"{"sun":["02:10","02:50"]}"#);
    let next_sunday = at("2026-03-15T06:10:00Z");
    assert_eq!(swallowed.opening(at("2026-03-08T05:00:00Z"), NEW_YORK), next_sunday);
}

#[test]
fn an_hour_that_comes_twice_opens_twice() {
    // On 2026-11-01 New York's clocks go from 02:00 back to 01:00.
    let hours = hours(r#"{"sun":["00:30","01:30"]}"#);
    let first_close = at("2026-11-01T05:30:00Z");
    assert_eq!(hours.opening(first_close, NEW_YORK), at("2026-11-01T06:00:00Z"));
    let second_close = at("2026-11-01T06:30:00Z");
    assert_eq!(hours.opening(second_close, NEW_YORK), at("2026-11-08T05:30:00Z"));
}

#[test]
fn an_opening_is_open_and_nothing_before_it_is() {
    let hours = hours(r#"{"tue":["01:15","01:45"],"sun":["00:45","03:20"]}"#);
    for zone in
        [SAO_PAULO, NEW_YORK, Tz::Pacific__Apia, Tz::Africa__Cairo, Tz::Australia__Lord_Howe]
    {
        for step in 0..200 {
            let from = at("2026-03-01T00:00:00Z").plus(Span::hours(step * 37));
            let opening = hours.opening(from, zone);
            assert!(opening >= from && hours.are_open(opening, zone), "{zone} {from}");
            let minutes = opening.since(from).as_seconds() / 60;
            let before = (0..minutes).map(|minute| from.plus(Span::seconds(minute * 60)));
            assert!(before.into_iter().all(|at| !hours.are_open(at, zone)), "{zone} {from}");
        }
    }
}
