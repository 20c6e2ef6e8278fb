//! Whom messages go to: what they want, and since when (R18).

use serde::{Deserialize, Serialize};

use crate::values::instant::{Instant, latest};
use crate::values::keyed_id::CartId;
use crate::values::span::Span;

/// Why a contact is left alone for a time: Meta's code.
pub type SuppressionCode = u32;

/// A contact of an account, known by a keyed digest alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Whether it wants no messages.
    #[serde(default)]
    pub opt_out: bool,
    /// When it said so last, either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_at: Option<Instant>,
    /// When it was decided last to write to it, or not to for measure's sake; of an attempt again, when that was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_decided_at: Option<Instant>,
    /// For which cart that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_cart: Option<CartId>,
    /// For which episode of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_episode: Option<Instant>,
    /// Until when it is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_until: Option<Instant>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<SuppressionCode>,
    /// When it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Instant>,
}

/// Whether a contact wants messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opt {
    /// It does, again.
    In,
    /// It doesn't.
    Out,
}

impl Contact {
    /// R18: what was said at the newest instant holds; of one instant, that it wants none. None where
    /// nothing changes.
    #[must_use]
    pub fn opted(&self, opt: Opt, at: Instant) -> Option<Self> {
        let wants_none = opt == Opt::Out;
        let is_newer = match self.opt_at {
            None => true,
            Some(held) => at > held || (at == held && wants_none && !self.opt_out),
        };
        is_newer.then(|| Self { opt_out: wants_none, opt_at: Some(at), ..self.clone() })
    }

    /// R18: left alone for `span` from the event's instant, not from its arrival. A suppression only
    /// grows longer. Whoever was erased gets none: nothing new is kept of them.
    #[must_use]
    pub fn suppressed(&self, at: Instant, span: Span, code: SuppressionCode) -> Option<Self> {
        let until = at.plus(span);
        let is_longer = self.suppressed_until.is_none_or(|held| until > held);
        (is_longer && self.erased_at.is_none()).then(|| Self {
            suppressed_until: Some(until),
            code: Some(code),
            ..self.clone()
        })
    }

    /// Whether it is left alone at `now`.
    #[must_use]
    pub fn is_suppressed(&self, now: Instant) -> bool {
        self.suppressed_until.is_some_and(|until| now < until)
    }

    /// R15: whether the last message to it, for another episode than this one, is less than `cooldown`
    /// ago. Two carts can begin at one instant: an episode is named by both.
    #[must_use]
    pub fn cools_down(&self, of: (&CartId, Instant), cooldown: Span, now: Instant) -> bool {
        let last = self.last_cart.as_ref().zip(self.last_episode);
        last != Some(of) && self.last_decided_at.is_some_and(|last| now.since(last) < cooldown)
    }

    /// Erased at `at`: it wants no messages from then on, and cools down from then.
    #[must_use]
    pub fn erased(&self, at: Instant) -> Self {
        let opted = self.opted(Opt::Out, at).unwrap_or_else(|| self.clone());
        Self {
            last_decided_at: latest(self.last_decided_at, Some(at)),
            erased_at: latest(self.erased_at, Some(at)),
            ..opted
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::samples::ms;

    fn told(events: &[(Opt, i64)]) -> bool {
        let mut contact = Contact::default();
        for (opt, at) in events {
            contact = contact.opted(*opt, ms(*at)).unwrap_or(contact);
        }
        contact.opt_out
    }

    #[test]
    fn an_older_resume_undoes_no_stop() {
        assert!(told(&[(Opt::Out, 5), (Opt::In, 4)]));
        assert!(told(&[(Opt::In, 4), (Opt::Out, 5)]));
        assert!(!told(&[(Opt::In, 6), (Opt::Out, 5)]));
        assert!(!told(&[(Opt::Out, 5), (Opt::In, 6)]));
    }

    #[test]
    fn of_one_instant_the_stop_holds() {
        assert!(told(&[(Opt::Out, 5), (Opt::In, 5)]));
        assert!(told(&[(Opt::In, 5), (Opt::Out, 5)]));
    }

    #[test]
    fn a_suppression_only_grows_longer() {
        let long = Contact::default().suppressed(ms(0), Span::days(30), 131_026).unwrap();
        assert_eq!(long.suppressed(ms(0), Span::days(7), 130_472), None);
        // It counts from when it happened, however late that is heard.
        assert_eq!(long.suppressed(ms(0).minus(Span::days(1)), Span::days(30), 131_021), None);
        let longer = long.suppressed(ms(1), Span::days(30), 131_062).unwrap();
        assert_eq!(
            (longer.suppressed_until, longer.code),
            (Some(ms(1).plus(Span::days(30))), Some(131_062))
        );
        assert!(long.is_suppressed(ms(0).plus(Span::days(30)).minus(Span::millis(1))));
        assert!(!long.is_suppressed(ms(0).plus(Span::days(30))));
    }

    #[test]
    fn a_cooldown_knows_its_own_episode() {
        let [cart, other] = ["a", "b"].map(|letter| CartId::parse(&letter.repeat(43)).unwrap());
        let contact = Contact {
            last_decided_at: Some(ms(0)),
            last_cart: Some(cart.clone()),
            last_episode: Some(ms(-9)),
            ..Contact::default()
        };
        let (day, almost) = (Span::hours(24), ms(0).plus(Span::hours(24)).minus(Span::millis(1)));
        assert!(!contact.cools_down((&cart, ms(-9)), day, ms(1)));
        assert!(contact.cools_down((&cart, ms(-8)), day, almost));
        assert!(contact.cools_down((&other, ms(-9)), day, almost));
        assert!(!contact.cools_down((&cart, ms(-8)), day, ms(0).plus(day)));
    }

    #[test]
    fn whoever_is_erased_stays_opted_out_and_gets_nothing_new() {
        let erased = Contact::default().erased(ms(10));
        assert!(erased.opt_out);
        assert_eq!((erased.last_decided_at, erased.erased_at), (Some(ms(10)), Some(ms(10))));
        assert_eq!(erased.suppressed(ms(11), Span::days(1), 131_049), None);
        assert!(erased.opted(Opt::In, ms(9)).is_none());
    }
}
