#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

fn day(text: &str) -> StoreDay {
    StoreDay::parse(text).unwrap()
}

#[test]
fn a_range_has_366_days_at_most() {
    let from = day("2025-11-01");
    let most = Period::new(from, from.plus_days(365)).unwrap();
    assert_eq!(most.days().count(), 366);
    assert_eq!(Period::new(from, from.plus_days(366)), Err(PeriodError::TooLong));
    assert_eq!(Period::new(from, from.minus_days(1)), Err(PeriodError::Reversed));
}

#[test]
fn r1_a_range_includes_both_ends() {
    let (from, to) = (day("2026-10-30"), day("2026-11-02"));
    let period = Period::new(from, to).unwrap();
    let days: Vec<String> = period.days().map(|day| day.to_string()).collect();
    assert_eq!(days, ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]);
    assert!(period.contains(from) && period.contains(to));
    assert!(!period.contains(from.minus_days(1)) && !period.contains(to.plus_days(1)));
    assert_eq!(Period::new(from, from).unwrap().days().collect::<Vec<_>>(), [from]);
}

#[test]
fn a_range_starts_366_days_ago_at_most() {
    let today = day("2026-11-22");
    let kept = Period::new(today.minus_days(366), today.minus_days(366)).unwrap();
    assert_eq!(kept.kept_on(today), Ok(kept));
    assert_eq!(kept.kept_on(today.plus_days(1)), Err(PeriodError::TooOld));
    let ahead = Period::new(today.plus_days(5), today.plus_days(5)).unwrap();
    assert_eq!(ahead.kept_on(today), Ok(ahead));
}

#[test]
fn a_day_is_settled_18_days_after_it_ended() {
    // 1 November ends where the 2nd starts.
    assert!(!is_settled(day("2026-11-01"), day("2026-11-19")));
    assert!(is_settled(day("2026-11-01"), day("2026-11-20")));
}
