//! Reasons in a sentence each. The numbers in them are those that judge (R6).

use shared::domain::rules::credit::{ASSIST_WINDOW, CLICK_THROUGH_WINDOW};
use shared::domain::values::span::Span;

use super::answer::{OutcomeCode, VerdictCode};

/// A window of R6 in days.
const fn in_days(window: Span) -> i64 {
    window.as_millis() / Span::days(1).as_millis()
}

const CLICK_DAYS: i64 = in_days(CLICK_THROUGH_WINDOW);
const ASSIST_DAYS: i64 = in_days(ASSIST_WINDOW);

impl VerdictCode {
    pub(super) fn sentence(self) -> String {
        match self {
            Self::ClickThrough => format!(
                "The order counts: the reminder's link was clicked within {CLICK_DAYS} days before it, \
                 and no other reminder's link later."
            ),
            Self::Assisted => format!(
                "The order counts: no reminder's link was clicked within {CLICK_DAYS} days before it, and \
                 this reminder was the last one delivered within {ASSIST_DAYS} days before it."
            ),
            Self::OrderNotLive => {
                "The order doesn't count: all its parts are incomplete, canceled, replaced or failed."
                    .to_owned()
            }
            Self::NoCandidate => {
                "The order doesn't count: no reminder shares its cart, its user or its phone number."
                    .to_owned()
            }
            Self::NoCandidateInTime => format!(
                "The order doesn't count: no reminder of its shopper was clicked within {CLICK_DAYS} days \
                 or delivered within {ASSIST_DAYS} days before it."
            ),
        }
    }
}

impl OutcomeCode {
    pub(super) fn sentence(self) -> String {
        match self {
            Self::Won => "This reminder has the credit.".to_owned(),
            Self::LaterClickWon => format!(
                "Its link was clicked within {CLICK_DAYS} days before the order, but another reminder's \
                 link was clicked later."
            ),
            Self::ClickWon => format!(
                "It was delivered within {ASSIST_DAYS} days before the order, but another reminder's link \
                 was clicked within {CLICK_DAYS} days, and a click goes before a delivery."
            ),
            Self::LaterDeliveryWon => format!(
                "It was delivered within {ASSIST_DAYS} days before the order, but another reminder was \
                 delivered later."
            ),
            Self::TieLost => {
                "It equals the winner to the millisecond; the greater reminder id has the \
                 credit."
                    .to_owned()
            }
            Self::TooLongAgo => format!(
                "It was delivered more than {ASSIST_DAYS} days before the order, and its link wasn't \
                 clicked within {CLICK_DAYS} days before it."
            ),
            Self::DeliveredAfterOrder => {
                "It was delivered only after the order was made.".to_owned()
            }
            Self::NotDelivered => "No receipt and no click says that it was delivered.".to_owned(),
            Self::OrderNotLive => {
                "The order itself doesn't count: all its parts are incomplete, canceled, replaced or \
                 failed."
                    .to_owned()
            }
        }
    }
}
