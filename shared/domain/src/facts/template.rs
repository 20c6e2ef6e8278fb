//! The messages' templates at Meta, as far as we heard of them (R19).

use serde::{Deserialize, Serialize};

use crate::facts::decision::Reason;
use crate::values::instant::Instant;

/// What Meta says of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateState {
    /// It may be sent.
    Approved,
    /// It is looked at.
    Pending,
    /// Paused, since people complained.
    Paused,
    /// Refused.
    Rejected,
    /// Switched off.
    Disabled,
    /// Taken away, or never made.
    Missing,
}

impl TemplateState {
    /// The state that Meta's word names (Meta, *`message_template_status_update` webhook reference*, and the status of
    /// a template that is read); words that we don't know may not be sent.
    ///
    /// - `FLAGGED`: people complained, and it is at risk of being disabled. Until then it is approved as before.
    /// - `REINSTATED`: it is no longer flagged or disabled, and can be sent again.
    /// - `UNARCHIVED`: it has the status from before it was archived, which this doesn't name: it is not sent until its
    ///   state is read again.
    /// - `LOCKED`: it can't be edited, which comes with a pause.
    /// - `IN_APPEAL`: it was refused, and is looked at once more.
    /// - `LIMIT_EXCEEDED`: the business account has as many templates as it may, so this one isn't there.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        match word {
            "APPROVED" | "FLAGGED" | "REINSTATED" => Self::Approved,
            "PAUSED" | "LOCKED" => Self::Paused,
            "REJECTED" => Self::Rejected,
            "DISABLED" => Self::Disabled,
            "DELETED" | "PENDING_DELETION" | "ARCHIVED" | "LIMIT_EXCEEDED" => Self::Missing,
            // `PENDING`, `IN_APPEAL` and `UNARCHIVED` among them.
            _ => Self::Pending,
        }
    }

    /// R15: what the gate says of a template in this state.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Approved => None,
            Self::Pending => Some(Reason::TemplatePending),
            Self::Paused => Some(Reason::TemplatePaused),
            Self::Rejected => Some(Reason::TemplateRejected),
            Self::Disabled => Some(Reason::TemplateDisabled),
            Self::Missing => Some(Reason::TemplateMissing),
        }
    }
}

/// A template, of one language and message type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// What Meta said last.
    pub state: TemplateState,
    /// When Meta said it, by Meta's clock.
    pub event_at: Instant,
}

impl Template {
    /// R19: what Meta said last by its own clock holds, whatever arrived last. Of one instant the state
    /// that isn't sent, so that the order of arrival decides nothing.
    #[must_use]
    pub fn told(held: Option<Self>, told: Self) -> Self {
        match held {
            Some(held) if held.rank() >= told.rank() => held,
            _ => told,
        }
    }

    const fn rank(&self) -> (i64, u8) {
        let caution = match self.state {
            TemplateState::Approved => 0,
            TemplateState::Pending => 1,
            TemplateState::Paused => 2,
            TemplateState::Rejected => 3,
            TemplateState::Disabled => 4,
            TemplateState::Missing => 5,
        };
        (self.event_at.millis(), caution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::ms;

    fn template(state: TemplateState, at: i64) -> Template {
        Template { state, event_at: ms(at) }
    }

    #[test]
    fn an_old_template_event_changes_nothing() {
        let paused = template(TemplateState::Paused, 5);
        assert_eq!(Template::told(Some(paused), template(TemplateState::Approved, 4)), paused);
        let approved = template(TemplateState::Approved, 6);
        assert_eq!(Template::told(Some(paused), approved), approved);
        assert_eq!(Template::told(None, paused), paused);
    }

    #[test]
    fn of_one_instant_the_order_of_arrival_decides_nothing() {
        let (approved, paused) =
            (template(TemplateState::Approved, 5), template(TemplateState::Paused, 5));
        assert_eq!(Template::told(Some(approved), paused), paused);
        assert_eq!(Template::told(Some(paused), approved), paused);
    }

    #[test]
    fn only_what_is_approved_is_sent() {
        use TemplateState::{Approved, Disabled, Missing, Paused, Pending, Rejected};
        for (word, state) in [
            ("APPROVED", Approved),
            ("FLAGGED", Approved),
            ("REINSTATED", Approved),
            ("PENDING", Pending),
            ("IN_APPEAL", Pending),
            ("UNARCHIVED", Pending),
            ("PAUSED", Paused),
            ("LOCKED", Paused),
            ("REJECTED", Rejected),
            ("DISABLED", Disabled),
            ("DELETED", Missing),
            ("PENDING_DELETION", Missing),
            ("ARCHIVED", Missing),
            ("LIMIT_EXCEEDED", Missing),
            ("approved", Pending),
            ("", Pending),
            ("NEW_WORD", Pending),
        ] {
            let told = TemplateState::of_word(word);
            assert_eq!(told, state, "{word}");
            assert_eq!(told.reason().is_none(), state == Approved, "{word}");
        }
    }
}
