//! Time zones, and days on which something is the matter with them.

use chrono::{DateTime, Days, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Both sides of the equator and of the date line, an offset of 45 minutes, clock changes at
/// midnight (Brazil until 2019, Chile) and in the small hours.
const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::America__Sao_Paulo,
    Tz::America__Santiago,
    Tz::Europe__Lisbon,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
];

/// A zone with an ordinary day and those beside its clock changes.
pub struct ZonedDays {
    pub zone: Tz,
    pub days: Vec<NaiveDate>,
}

/// The zones with days between 300 and 40 days before `now`.
pub fn places(now: DateTime<Utc>) -> Vec<ZonedDays> {
    let today = now.date_naive();
    ZONES
        .into_iter()
        .map(|zone| {
            let mut days = vec![today - Days::new(100)];
            let noon = |day: NaiveDate| day.and_hms_opt(12, 0, 0).unwrap();
            let offset = |day| zone.offset_from_utc_datetime(&noon(day)).fix();
            for back in (40..300).rev() {
                let day = today - Days::new(back);
                let next = day + Days::new(1);
                if offset(day) != offset(next) {
                    days.extend([day, next]);
                }
            }
            ZonedDays { zone, days }
        })
        .collect()
}

/// The first instant of a day, in ms. No zone here skips more than an hour at midnight.
pub fn start(zone: Tz, day: NaiveDate) -> i64 {
    let midnight = day.and_hms_opt(0, 0, 0).unwrap();
    let start = zone
        .from_local_datetime(&midnight)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest());
    start.unwrap().timestamp_millis()
}
