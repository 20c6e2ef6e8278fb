#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::values::span::Span;

const ZONE: Tz = chrono_tz::America::Sao_Paulo;

fn day(text: &str) -> StoreDay {
    StoreDay::parse(text).unwrap()
}

fn compare(from: &str, to: &str, with: ComparedWith) -> Comparison {
    Comparison::new(Period::new(day(from), day(to)).unwrap(), with)
}

/// `from..to` of the earlier days.
fn earlier(from: &str, to: &str, with: ComparedWith) -> String {
    let earlier = compare(from, to, with).earlier();
    format!("{}..{}", earlier.from(), earlier.to())
}

#[test]
fn the_previous_period_ends_the_day_before_and_is_as_long() {
    let with = ComparedWith::PreviousPeriod;
    assert_eq!(earlier("2026-11-27", "2026-11-27", with), "2026-11-26..2026-11-26");
    assert_eq!(earlier("2026-11-22", "2026-11-28", with), "2026-11-15..2026-11-21");
    assert_eq!(earlier("2026-03-01", "2026-03-31", with), "2026-01-29..2026-02-28");
}

#[test]
fn the_same_weekdays_are_whole_weeks_earlier() {
    let with = ComparedWith::SameWeekdays;
    assert_eq!(earlier("2026-11-27", "2026-11-27", with), "2026-11-20..2026-11-20");
    assert_eq!(earlier("2026-11-22", "2026-11-28", with), "2026-11-15..2026-11-21");
    assert_eq!(earlier("2026-10-30", "2026-11-28", with), "2026-09-25..2026-10-24");
}

#[test]
fn the_same_days_of_the_month_before_end_with_a_shorter_one() {
    let with = ComparedWith::LastMonth;
    assert_eq!(earlier("2026-11-01", "2026-11-28", with), "2026-10-01..2026-10-28");
    assert_eq!(earlier("2026-03-01", "2026-03-31", with), "2026-02-01..2026-02-28");
    assert_eq!(earlier("2026-10-31", "2026-10-31", with), "2026-09-30..2026-09-30");
    assert_eq!(earlier("2027-01-01", "2027-01-05", with), "2026-12-01..2026-12-05");
}

#[test]
fn the_same_days_of_the_year_before() {
    let with = ComparedWith::LastYear;
    assert_eq!(earlier("2026-11-01", "2026-11-28", with), "2025-11-01..2025-11-28");
    assert_eq!(earlier("2028-02-01", "2028-02-29", with), "2027-02-01..2027-02-28");
}

/// The longest range, whose counterpart a month earlier is a day longer than a range may be.
#[test]
fn the_longest_range_has_earlier_days_too() {
    let comparison = compare("2027-03-31", "2028-03-30", ComparedWith::LastMonth);
    assert_eq!((comparison.period().length(), comparison.earlier().length()), (366, 367));
    assert_eq!(comparison.days().count(), 367);
    assert_eq!(comparison.days().filter(|(_, against)| against.is_none()).count(), 6);
}

#[test]
fn before_the_first_day_there_is_none() {
    for with in [ComparedWith::PreviousPeriod, ComparedWith::LastMonth, ComparedWith::LastYear] {
        assert_eq!(earlier("0000-01-01", "0000-01-03", with), "0000-01-01..0000-01-01");
    }
}

#[test]
fn days_without_a_counterpart_name_none() {
    // Forward: October's 31st has none in September, whose 30th is compared with October's.
    let longer = compare("2026-10-29", "2026-11-01", ComparedWith::LastMonth);
    let pairs: Vec<_> = longer.days().collect();
    assert_eq!(
        pairs,
        [
            (day("2026-09-29"), Some(day("2026-10-29"))),
            (day("2026-09-30"), Some(day("2026-10-30"))),
            (day("2026-10-01"), Some(day("2026-11-01"))),
        ]
    );
    // Backward: January's last days have none in February.
    let shorter = compare("2026-02-27", "2026-03-01", ComparedWith::LastMonth);
    let pairs: Vec<_> = shorter.days().collect();
    assert_eq!(
        pairs,
        [
            (day("2026-01-27"), Some(day("2026-02-27"))),
            (day("2026-01-28"), Some(day("2026-02-28"))),
            (day("2026-01-29"), None),
            (day("2026-01-30"), None),
            (day("2026-01-31"), None),
            (day("2026-02-01"), Some(day("2026-03-01"))),
        ]
    );
}

#[test]
fn an_earlier_day_is_told_as_old_as_the_later_one_is() {
    let now = Instant::parse_rfc3339("2026-11-28T14:15:00-03:00").unwrap();
    let week = compare("2026-11-22", "2026-11-28", ComparedWith::PreviousPeriod);
    let until = |text| Ripe::Until(Instant::parse_rfc3339(text).unwrap());
    assert_eq!(week.ripe(day("2026-11-21"), now, ZONE), until("2026-11-21T14:15:00-03:00"));
    // Day by day the same stretch of time earlier: the range's days are older than today.
    assert_eq!(week.ripe(day("2026-11-15"), now, ZONE), until("2026-11-21T14:15:00-03:00"));
    let ahead = compare("2026-11-28", "2026-11-29", ComparedWith::PreviousPeriod);
    assert_eq!(ahead.ripe(day("2026-11-27"), now, ZONE), Ripe::Nothing);
    assert_eq!(ahead.ripe(day("2026-11-26"), now, ZONE), until("2026-11-26T14:15:00-03:00"));
}

#[test]
fn a_settled_day_compares_whole() {
    let comparison = compare("2026-11-01", "2026-11-02", ComparedWith::PreviousPeriod);
    let now = day("2026-11-20").start(ZONE);
    let ripe = |earlier, now| comparison.ripe(day(earlier), now, ZONE);
    assert_eq!(ripe("2026-10-30", now), Ripe::Wholly);
    assert!(matches!(ripe("2026-10-31", now), Ripe::Until(_)));
    assert!(matches!(ripe("2026-10-30", now.minus(Span::millis(1))), Ripe::Until(_)));
}

#[test]
fn a_day_without_a_counterpart_is_as_old_as_the_one_before_it() {
    let comparison = compare("2026-02-27", "2026-03-01", ComparedWith::LastMonth);
    let now = Instant::parse_rfc3339("2026-03-01T10:00:00-03:00").unwrap();
    let until = |text| Ripe::Until(Instant::parse_rfc3339(text).unwrap());
    // February's last day is a day and ten hours old.
    assert_eq!(comparison.ripe(day("2026-01-28"), now, ZONE), until("2026-01-29T10:00:00-03:00"));
    assert_eq!(comparison.ripe(day("2026-01-31"), now, ZONE), until("2026-02-01T10:00:00-03:00"));
    assert_eq!(comparison.ripe(day("2026-02-01"), now, ZONE), until("2026-02-01T10:00:00-03:00"));
}

/// Ages are time that passed, also where clocks were changed: in New York the 1st of November 2026 has 25
/// hours.
#[test]
fn ages_go_over_clock_changes() {
    let zone = chrono_tz::America::New_York;
    let comparison = compare("2026-11-02", "2026-11-02", ComparedWith::PreviousPeriod);
    let now = Instant::parse_rfc3339("2026-11-02T12:00:00-05:00").unwrap();
    let expected = Instant::parse_rfc3339("2026-11-01T11:00:00-05:00").unwrap();
    assert_eq!(comparison.ripe(day("2026-11-01"), now, zone), Ripe::Until(expected));
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    let with = prop_oneof![
        Just(ComparedWith::PreviousPeriod),
        Just(ComparedWith::SameWeekdays),
        Just(ComparedWith::LastMonth),
        Just(ComparedWith::LastYear),
    ];
    (0_u64..1_500, 0_u64..366, with).prop_map(|(start, length, with)| {
        let from = day("2026-01-01").plus_days(start);
        Comparison::new(Period::new(from, from.plus_days(length)).unwrap(), with)
    })
}

proptest! {
    /// Counterparts come in order and each once; where the two ranges are as long, every day has one. No
    /// earlier day is told later than its counterpart, or the one before it, is old.
    #[test]
    fn days_and_their_counterparts_keep_their_order(comparison in any_comparison()) {
        let period = comparison.period();
        let counterparts: Vec<StoreDay> = comparison.days().filter_map(|(_, against)| against).collect();
        prop_assert!(counterparts.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(counterparts.iter().all(|day| period.contains(*day)));
        prop_assert_eq!(counterparts.first(), Some(&period.from()));
        let always = matches!(comparison.with(), ComparedWith::PreviousPeriod | ComparedWith::SameWeekdays);
        if always {
            prop_assert_eq!(counterparts, period.days().collect::<Vec<_>>());
            prop_assert!(comparison.earlier().to() < period.from());
        }
        let now = period.to().plus_days(2).start(ZONE);
        let points = comparison.days().filter_map(|(day, _)| match comparison.ripe(day, now, ZONE) {
            Ripe::Until(point) => Some(point.since(day.start(ZONE)).as_millis()),
            Ripe::Wholly | Ripe::Nothing => None,
        });
        let ages: Vec<i64> = points.collect();
        prop_assert!(ages.windows(2).all(|pair| pair[0] >= pair[1]), "{ages:?}");
    }
}
