//! Whom an account's reports go to, and what the owner of the address said about it.

use serde::{Deserialize, Serialize};

use crate::values::account::Account;
use crate::values::digest::{base64url, sha256};
use crate::values::email::EmailAddress;
use crate::values::instant::Instant;

/// What stands in keys for an address of one account's recipients: SHA-256 over account and
/// canonical address. It isn't keyed: the address stands in the account's reports and schedules
/// anyway, and the report worker needs no secret for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientDigest(String);

impl RecipientDigest {
    /// That of `email` among `account`'s recipients.
    #[must_use]
    pub fn of(account: &Account, email: &EmailAddress) -> Self {
        // No account holds the separator.
        Self(base64url(&sha256(format!("{account}#{}", email.canonical()).as_bytes())))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the owner of an address said about an account's mails. Nobody else can change it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recipient {
    /// When they wished for no more mails. It holds for every mail of the account until they
    /// wish for them again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribed_at: Option<Instant>,
}

impl Recipient {
    /// Whether they wish for no mail.
    #[must_use]
    pub const fn is_unsubscribed(&self) -> bool {
        self.unsubscribed_at.is_some()
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
        assert_ne!(digest("acme", "bob+x@store.example"), bob);
        assert_ne!(digest("acme", "bo.b@store.example"), bob);
        assert_ne!(digest("other", "bob@store.example"), bob);
        assert!(!format!("{bob:?}").contains("store"));
    }
}
