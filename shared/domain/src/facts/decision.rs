//! What became of an episode of a cart: exactly one decision (R14).

use serde::{Deserialize, Serialize};

use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::store_day::StoreDay;

/// Why a cart isn't reminded of, or not yet (R15). The words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It waited too long for its gate to open.
    Expired,
    /// The account sends nothing at present.
    SendingDisabled,
    /// Meta takes nothing from the account at present.
    AccountBlocked,
    /// Another episode of this cart was reminded of.
    AlreadyReminded,
    /// The shopper bought.
    Purchased,
    /// The store's order form could not be read.
    StoreUnreachable,
    /// The store knows no such order form.
    CartGone,
    /// Nothing is in it.
    CartEmpty,
    /// No campaign in its language is sent by the system.
    NoCampaign,
    /// All campaigns in its language are paused.
    CampaignPaused,
    /// The shopper didn't come as far as every campaign asks.
    PaymentNotReached,
    /// The message's template doesn't exist at Meta.
    TemplateMissing,
    /// Meta hasn't judged the template yet.
    TemplatePending,
    /// Meta paused the template.
    TemplatePaused,
    /// Meta refused the template.
    TemplateRejected,
    /// Meta switched the template off.
    TemplateDisabled,
    /// The cart names no phone number.
    NoPhone,
    /// The phone number is masked.
    PhoneMasked,
    /// What stands for a phone number is none.
    PhoneInvalid,
    /// Meta delivers no such message to that country.
    CountryUnsupported,
    /// Nothing says that the shopper agreed.
    NoConsent,
    /// The shopper wants no messages.
    OptedOut,
    /// Meta asked not to write to the shopper for a time.
    Suppressed,
    /// The campaign has minimums, and none in the cart's currency.
    CurrencyUnlisted,
    /// The cart is worth less than the campaign's minimum.
    BelowMinimum,
    /// The contact was reminded of another cart a short while ago.
    Cooldown,
    /// The store lets nothing go out at this hour.
    QuietHours,
    /// Meta's limit of messages a day is used up.
    MessagingLimit,
    /// The shopper asked to be forgotten.
    Erased,
}

impl Reason {
    /// Its word in the API.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a reason serialises as a text")]
    pub fn word(self) -> String {
        let written = serde_json::to_value(self).expect("a reason serialises");
        written.as_str().expect("a reason serialises as a text").to_owned()
    }

    /// The reason of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::from(word)).ok()
    }

    /// Whether a cart that is closed for it begins a new episode with its next activity, rather than
    /// a day later: what was missing may be there then (R13).
    #[must_use]
    pub const fn frees_at_once(self) -> bool {
        matches!(
            self,
            Self::PaymentNotReached
                | Self::NoPhone
                | Self::PhoneMasked
                | Self::PhoneInvalid
                | Self::NoConsent
                | Self::CartEmpty
                | Self::BelowMinimum
        )
    }
}

/// How far the send of a reminded episode came. It only goes forward: the greater is kept, whatever
/// came first (R14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SendOutcome {
    /// A message is about to leave.
    Claimed,
    /// The answer was lost: it may have left.
    Unknown,
    /// No status told of it within a day.
    Unconfirmed,
    /// It wasn't taken.
    Rejected,
    /// Meta took it.
    Accepted,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "outcome")]
pub enum Verdict {
    /// A message, and how far it came.
    Reminded {
        /// How far it came.
        send: SendOutcome,
        /// Why it was refused, where the gate refused a later attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// None, to measure what messages bring.
    HeldOut,
    /// None, and why.
    Skipped {
        /// Why.
        reason: Reason,
        /// What it waited for, where it expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_by: Option<Reason>,
    },
}

impl Verdict {
    /// What was decided, without how far it came and why.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Reminded { .. } => Outcome::Reminded,
            Self::HeldOut => Outcome::HeldOut,
            Self::Skipped { .. } => Outcome::Skipped,
        }
    }
}

/// What was decided of an episode: a verdict without how far it came and why. The words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// A message.
    Reminded,
    /// None, to measure what messages bring.
    HeldOut,
    /// None, for a reason.
    Skipped,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reminded, Self::HeldOut, Self::Skipped];

    /// Its word in the API, as a stored verdict's `outcome` writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reminded => "reminded",
            Self::HeldOut => "heldOut",
            Self::Skipped => "skipped",
        }
    }
}

/// The one decision of an episode. It belongs to the store day on which it was made (R14), and so
/// does its reminder (R1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// When the episode began: its name.
    pub episode: Instant,
    /// When it was decided.
    pub decided_at: Instant,
    /// The store day of that.
    pub day: StoreDay,
    /// The campaign; none where none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<CampaignId>,
    /// Whether its store had told the cart before: one that is gone since then was no made-up one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_read: bool,
    /// What was decided.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Decision {
    /// Whether nothing is counted for it: anybody can make up the id of an order form, which its store knows at no
    /// reading (R14).
    #[must_use]
    pub const fn counts_nowhere(&self) -> bool {
        matches!(self.verdict, Verdict::Skipped { reason: Reason::CartGone, .. }) && !self.was_read
    }

    /// The decision with the outcome of its send moved on; none where that would change nothing: the
    /// decision is no reminder, or its send came as far already.
    #[must_use]
    pub fn moved_on(&self, to: SendOutcome, why: Option<Reason>) -> Option<Self> {
        match self.verdict {
            Verdict::Reminded { send, .. } if send < to => {
                Some(Self { verdict: Verdict::Reminded { send: to, reason: why }, ..self.clone() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::samples::ms;

    const ALL: [SendOutcome; 5] = [
        SendOutcome::Claimed,
        SendOutcome::Unknown,
        SendOutcome::Unconfirmed,
        SendOutcome::Rejected,
        SendOutcome::Accepted,
    ];

    fn decision(verdict: Verdict) -> Decision {
        let day = StoreDay::parse("2026-11-01").unwrap();
        Decision {
            episode: ms(0),
            decided_at: ms(5),
            day,
            campaign_id: None,
            was_read: false,
            verdict,
        }
    }

    #[test]
    fn an_outcome_only_goes_forward() {
        for held in ALL {
            for told in ALL {
                let before = decision(Verdict::Reminded { send: held, reason: None });
                let after = before.moved_on(told, None);
                let expected = decision(Verdict::Reminded { send: told, reason: None });
                assert_eq!(after, (told > held).then_some(expected));
            }
        }
    }

    #[test]
    fn what_was_skipped_stays_skipped() {
        let skipped = Verdict::Skipped { reason: Reason::Purchased, held_by: None };
        for verdict in [skipped, Verdict::HeldOut] {
            assert_eq!(decision(verdict).moved_on(SendOutcome::Accepted, None), None);
        }
    }

    #[test]
    fn a_decision_is_written_as_the_api_says() {
        let expired =
            Verdict::Skipped { reason: Reason::Expired, held_by: Some(Reason::StoreUnreachable) };
        let text = serde_json::to_string(&decision(expired)).unwrap();
        assert_eq!(
            text,
            r#"{"episode":"2026-11-01T12:00:00.000Z","decidedAt":"2026-11-01T12:00:00.005Z","day":"2026-11-01","outcome":"skipped","reason":"expired","heldBy":"store-unreachable"}"#
        );
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.word());
        }
        let read: Decision = serde_json::from_str(&text).unwrap();
        assert_eq!(read, decision(expired));
    }
}
