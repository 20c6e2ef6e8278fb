#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::samples::at;

const YEAR: Retention = Retention::Days(limits::RETENTION_DAYS);

#[test]
fn an_item_expires_so_many_days_after_its_subject() {
    let subject = at("2026-11-01T12:00:00.999Z");
    let expires = Instant::from_millis(YEAR.expires_at(subject).unwrap() * 1_000);
    assert_eq!(expires, at("2027-12-06T12:00:00Z"));
    assert_eq!(Retention::Unlimited.expires_at(subject), None);
}

/// No event is taken whose items would expire while it still counts.
#[test]
fn too_old_begins_a_margin_before_the_end() {
    let subject = at("2026-11-01T12:00:00Z");
    let margin = Span::days(limits::RETENTION_DAYS - limits::RETENTION_MARGIN_DAYS);
    let (just, before) = (subject.plus(margin), subject.plus(margin).minus(Span::millis(1)));
    assert!(YEAR.is_too_old(subject, just));
    assert!(!YEAR.is_too_old(subject, before));
    assert!(!Retention::Unlimited.is_too_old(subject, just));
    assert!(limits::RETENTION_MARGIN_DAYS.unsigned_abs() > limits::SETTLED_DAYS);
}

#[test]
fn a_range_may_start_as_far_back_as_facts_are_kept() {
    let day = |text| StoreDay::parse(text).unwrap();
    let range = Period::new(day("2025-10-31"), day("2025-11-01")).unwrap();
    let today = range.from().plus_days(limits::RANGE_DAYS.into());
    assert_eq!(YEAR.covers(range, today), Ok(range));
    assert_eq!(YEAR.covers(range, today.plus_days(1)), Err(PeriodError::TooOld));
    assert_eq!(Retention::Unlimited.covers(range, today.plus_days(1)), Ok(range));
}
