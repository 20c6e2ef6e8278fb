//! Whom an account's reports go to, and what the owner of the address said about it.

use serde::{Deserialize, Serialize};

use crate::reports::report::LEASE;
use crate::values::account::{Account, StoreUrl};
use crate::values::digest::{base64url, sha256};
use crate::values::domain_name::{is_ones_own, registrable};
use crate::values::email::EmailAddress;
use crate::values::instant::Instant;
use crate::values::span::Span;

/// What stands in keys for an address of one account's recipients: SHA-256 over account and
/// mailbox. It isn't keyed: the address stands in the account's reports and schedules
/// anyway, and the report worker needs no secret for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientDigest(String);

impl RecipientDigest {
    /// That of `email`, whichever accounts write to it.
    #[must_use]
    pub fn of_address(email: &EmailAddress) -> Self {
        Self(base64url(&sha256(email.mailbox().as_bytes())))
    }

    /// That of `email` among `account`'s recipients.
    #[must_use]
    pub fn of(account: &Account, email: &EmailAddress) -> Self {
        // No account holds the separator.
        Self(base64url(&sha256(format!("{account}#{}", email.mailbox()).as_bytes())))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How long the link of a mail to confirm works, and so how long a report waits for its recipient.
pub const CONFIRMATION_LIFE: Span = Span::hours(24);

/// Whether the account itself answers for an address: one of the store's own domain, where the store's
/// address is known to be its own, or one of the settings' `reportDomains`. Nobody is asked before the
/// first report to it.
#[must_use]
pub fn is_vouched_for(store: Option<&StoreUrl>, listed: &[String], email: &EmailAddress) -> bool {
    let own = store.and_then(StoreUrl::host).and_then(registrable);
    let is_own = own.is_some() && own == registrable(email.domain());
    (is_own || email.is_of(listed)) && is_ones_own(email.domain())
}

/// What the owner of an address said about an account's mails. Nobody else can change it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recipient {
    /// When they wished for no more mails. It holds for every mail of the account until they
    /// wish for them again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribed_at: Option<Instant>,
    /// When they confirmed that they want the account's reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Instant>,
    /// When they were asked to confirm, of late, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Instant>,
    /// Which of these askings is the last whose mail is known to be out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Instant>,
    /// Counts the writes.
    pub version: u64,
}

impl Recipient {
    /// Whether they wish for no mail.
    #[must_use]
    pub const fn is_unsubscribed(&self) -> bool {
        self.unsubscribed_at.is_some()
    }

    /// Whether they wish for the account's mails.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some() && !self.is_unsubscribed()
    }

    /// Until when the link works that they were sent last, or are being sent; none where none does.
    #[must_use]
    pub fn asked_until(&self, now: Instant) -> Option<Instant> {
        let until = self.asked.last()?.plus(CONFIRMATION_LIFE);
        (now < until && self.lost(now).is_none()).then_some(until)
    }

    /// The last asking, where its mail isn't known to be out and the attempt that asked has ended
    /// without a word: it crashed before or after SES took the mail.
    #[must_use]
    pub fn lost(&self, now: Instant) -> Option<Instant> {
        let last = *self.asked.last()?;
        (self.sent != Some(last) && now.since(last) >= LEASE).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn digest(account: &str, email: &str) -> RecipientDigest {
        RecipientDigest::of(&Account::parse(account).unwrap(), &EmailAddress::parse(email).unwrap())
    }

    #[test]
    fn an_address_is_one_recipient_however_it_is_written_and_another_in_each_account() {
        let bob = digest("acme", "bob@store.example");
        assert_eq!(bob.as_str().len(), 43);
        assert_eq!(digest("acme", "BOB@Store.Example"), bob);
        assert_eq!(digest("acme", "bob+x@store.example"), bob);
        assert_ne!(digest("acme", "bo.b@store.example"), bob);
        assert_ne!(digest("other", "bob@store.example"), bob);
        assert!(!format!("{bob:?}").contains("store"));
    }

    #[test]
    fn a_store_answers_for_its_own_domain_and_those_it_lists() {
        let store = |url: &str| StoreUrl::parse(url).unwrap();
        let (own, platform) = (store("https://www.store.com.br"), store("https://acme.myvtex.com"));
        let (own, platform, none) = (Some(&own), Some(&platform), &[][..]);
        let agency = &["agency.example".to_owned()][..];
        let provider = &["gmail.com".to_owned()][..];
        for (store, listed, email, vouched) in [
            (own, none, "ana@store.com.br", true),
            (own, none, "ana@mail.store.com.br", true),
            (own, none, "ana@Store.com.BR", true),
            (own, none, "ana@other.com.br", false),
            (own, none, "ana@com.br", false),
            (own, none, "ana@store.com.br.evil.example", false),
            (own, none, "ana@agency.example", false),
            (own, agency, "ana@agency.example", true),
            (own, agency, "ana@store.com.br", true),
            // A listed domain stands for itself alone.
            (own, agency, "ana@mail.agency.example", false),
            (platform, none, "ana@myvtex.com", false),
            (platform, none, "ana@other.myvtex.com", false),
            // While the store's address waits for its confirmation.
            (None, none, "ana@store.com.br", false),
            (None, agency, "ana@agency.example", true),
            // Listed before that was refused.
            (own, provider, "ana@gmail.com", false),
        ] {
            let email = EmailAddress::parse(email).unwrap();
            assert_eq!(is_vouched_for(store, listed, &email), vouched, "{}", email.as_str());
        }
    }

    #[test]
    fn a_link_works_for_a_day_after_the_last_asking() {
        let at = |text| Instant::parse_rfc3339(text).unwrap();
        let asked = vec![at("2026-11-20T12:00:00Z"), at("2026-11-22T12:00:00Z")];
        let sent = asked.last().copied();
        let recipient = Recipient { asked, sent, ..Recipient::default() };
        let end = at("2026-11-23T12:00:00Z");
        assert_eq!(recipient.asked_until(at("2026-11-23T11:59:59.999Z")), Some(end));
        assert_eq!(recipient.asked_until(end), None);
        assert_eq!(Recipient::default().asked_until(end), None);
    }

    #[test]
    fn an_asking_that_is_not_known_to_be_out_is_believed_while_its_attempt_may_live() {
        let at = |text| Instant::parse_rfc3339(text).unwrap();
        let first = at("2026-11-20T12:00:00Z");
        let recipient = Recipient { asked: vec![first], sent: None, ..Recipient::default() };
        let ends = first.plus(LEASE);
        let before = ends.minus(Span::millis(1));
        assert_eq!(
            (recipient.asked_until(before), recipient.lost(before)),
            (Some(at("2026-11-21T12:00:00Z")), None)
        );
        assert_eq!((recipient.asked_until(ends), recipient.lost(ends)), (None, Some(first)));
        // An earlier one that went out says nothing of a later one.
        let again =
            Recipient { asked: vec![first, ends], sent: Some(first), ..Recipient::default() };
        assert_eq!(again.lost(ends.plus(LEASE)), Some(ends));
    }
}
