//! When a cart is due, and until when it is worth a message (R13).

use chrono_tz::Tz;

use crate::values::instant::Instant;
use crate::values::sending_hours::SendingHours;
use crate::values::span::Span;

/// How long a due cart waits for its gate to open before it expires.
pub const WORTH_A_MESSAGE: Span = Span::hours(48);
/// How much of the first opening a cart gets in any case: a Friday evening's cart has its Monday.
pub const OF_FIRST_OPENING: Span = Span::hours(2);
/// How soon a gate that was closed is tried again.
pub const TRY_AGAIN: Span = Span::seconds(15 * 60);
/// For how long it is tried that soon; then it is tried hourly.
pub const TRY_OFTEN_FOR: Span = Span::hours(1);

/// R13: whether a cart that was due at `due` has waited too long at `now`: 48 hours, and two of the
/// first opening since it was due.
#[must_use]
pub fn is_expired(due: Instant, hours: &SendingHours, zone: Tz, now: Instant) -> bool {
    let opening = hours.opening(due, zone);
    now > due.plus(WORTH_A_MESSAGE) && now > opening.plus(OF_FIRST_OPENING)
}

/// R15: when a cart that was due at `due` and whose gate is closed at `now` is tried again.
#[must_use]
pub fn try_again_at(due: Instant, now: Instant) -> Instant {
    let span = if now.since(due) < TRY_OFTEN_FOR { TRY_AGAIN } else { Span::hours(1) };
    now.plus(span)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::samples::at;

    const SAO_PAULO: Tz = Tz::America__Sao_Paulo;

    fn office() -> SendingHours {
        serde_json::from_str(
            r#"{"mon":["09:00","18:00"],"tue":["09:00","18:00"],"wed":["09:00","18:00"],
                "thu":["09:00","18:00"],"fri":["09:00","18:00"]}"#,
        )
        .unwrap()
    }

    #[test]
    fn friday_evening_is_not_expired_on_monday() {
        // Friday 2026-11-06, 20:00 in São Paulo; Monday's opening is at 12:00 UTC.
        let due = at("2026-11-06T23:00:00Z");
        assert!(!is_expired(due, &office(), SAO_PAULO, at("2026-11-09T12:00:00Z")));
        assert!(!is_expired(due, &office(), SAO_PAULO, at("2026-11-09T14:00:00Z")));
        assert!(is_expired(due, &office(), SAO_PAULO, at("2026-11-09T14:00:00.001Z")));
    }

    #[test]
    fn an_old_due_cart_expires() {
        // A Monday noon: the store is open, so 48 hours are all it gets.
        let due = at("2026-11-02T15:00:00Z");
        assert!(!is_expired(due, &office(), SAO_PAULO, at("2026-11-04T15:00:00Z")));
        assert!(is_expired(due, &office(), SAO_PAULO, at("2026-11-04T15:00:00.001Z")));
    }

    #[test]
    fn a_closed_gate_is_tried_often_at_first() {
        let due = at("2026-11-02T15:00:00Z");
        let soon = at("2026-11-02T15:59:59.999Z");
        assert_eq!(try_again_at(due, soon), at("2026-11-02T16:14:59.999Z"));
        let late = at("2026-11-02T16:00:00Z");
        assert_eq!(try_again_at(due, late), at("2026-11-02T17:00:00Z"));
    }
}
