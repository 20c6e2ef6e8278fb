//! Days and hours of a store.

use chrono::{DateTime, Datelike as _, Timelike as _, Weekday};
use chrono_tz::Tz;

use super::MINUTE;
use crate::raw_cart::Millis;

/// Any hour of any day.
pub(super) fn always() -> Vec<(Weekday, u32, u32)> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    [Mon, Tue, Wed, Thu, Fri, Sat, Sun].map(|day| (day, 0, 1_440)).to_vec()
}

fn local(at: Millis, zone: Tz) -> DateTime<Tz> {
    DateTime::from_timestamp_millis(at).unwrap().with_timezone(&zone)
}

/// The store day.
pub(super) fn day(at: Millis, zone: Tz) -> String {
    local(at, zone).date_naive().to_string()
}

/// Whether messages may go out.
pub(super) fn is_open(hours: &[(Weekday, u32, u32)], at: Millis, zone: Tz) -> bool {
    let local = local(at, zone);
    let minute = local.hour() * 60 + local.minute();
    hours
        .iter()
        .any(|(day, opens, closes)| *day == local.weekday() && *opens <= minute && minute < *closes)
}

/// The first instant from `from` on at which they may: minute after minute.
pub(super) fn opening(hours: &[(Weekday, u32, u32)], from: Millis, zone: Tz) -> Millis {
    let mut at = from;
    while !is_open(hours, at, zone) {
        at = (at / MINUTE + 1) * MINUTE;
    }
    at
}
