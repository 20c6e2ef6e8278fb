//! Spans that make instants meet, and ways to write an instant.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::draw::Draw;

pub const MS: i64 = 1;
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;

/// When a reminder is sent, from the start of the anchor day: around its midnights, too, which
/// a clock change moves by an hour.
pub const SENT: [i64; 20] = [
    0,
    0,
    0,
    0,
    0,
    0,
    HOUR,
    10 * HOUR,
    -MS,
    MS,
    23 * HOUR,
    DAY - MS,
    DAY,
    DAY + HOUR,
    DAY + HOUR - MS,
    -HOUR,
    -DAY,
    2 * DAY,
    2 * DAY + HOUR,
    2 * DAY - MS,
];
/// How far another `reminder.sent` of the same reminder is off.
pub const SENT_AGAIN: [i64; 10] = [0, 0, 0, 0, 0, MS, -MS, -HOUR, -DAY, DAY];
/// From sending to a receipt or a click.
pub const AFTER_SENT: [i64; 12] = [0, 0, 0, 0, MS, HOUR, HOUR, DAY, 3 * DAY, -MS, -HOUR, 15 * DAY];
/// From an order to a receipt or a click: the windows of R6, their ends, and one past.
pub const BEFORE_ORDER: [i64; 10] =
    [-HOUR, 0, -3 * DAY, -3 * DAY, -3 * DAY - MS, -15 * DAY, -15 * DAY, -15 * DAY - MS, -MS, MS];
/// From a reminder to an order.
pub const ORDER: [i64; 14] = [
    HOUR,
    0,
    DAY,
    2 * DAY,
    3 * DAY,
    3 * DAY,
    3 * DAY + MS,
    3 * DAY - MS,
    15 * DAY,
    15 * DAY,
    15 * DAY + MS,
    15 * DAY - MS,
    4 * DAY,
    16 * DAY,
];
/// How far the creation of another part or state is off.
pub const CREATED: [i64; 10] = [0, 0, 0, 0, 0, 0, MS, -MS, HOUR, -DAY];
/// From an order to a change of it.
pub const CHANGED: [i64; 8] = [0, 0, 0, MS, HOUR, HOUR, DAY, -MS];

/// An instant as some sender writes it: other offsets, no fraction or one of up to seven
/// digits, of which those after the third are cut (R2).
pub fn written(millis: i64, draw: &mut Draw<'_>) -> String {
    let at = DateTime::from_timestamp_millis(millis).unwrap();
    let offset = |hours: i32, minutes: i32| {
        at.with_timezone(&FixedOffset::east_opt(hours * 3_600 + minutes * 60).unwrap())
    };
    let style = draw.pick(&[0, 0, 0, 1, 2, 3, 4]);
    match style {
        0 => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        1 => offset(-3, 0).to_rfc3339_opts(SecondsFormat::Millis, false),
        2 => offset(5, 45).to_rfc3339_opts(SecondsFormat::AutoSi, false),
        3 => at.format("%Y-%m-%dT%H:%M:%S%.3f0000Z").to_string(),
        _ => at.format("%Y-%m-%dT%H:%M:%S%.3f9999+00:00").to_string(),
    }
}
