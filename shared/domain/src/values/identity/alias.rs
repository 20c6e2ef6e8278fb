//! One identity by itself, and the alias that an erasure puts in its place.

use serde::{Deserialize, Serialize};

use super::{Identities, IdentitySets, OrderFormId, PhoneDigest, UserId};
use crate::values::digest::hex;

/// The start of an alias.
const PREFIX: &str = "erased-";
/// Hex digits behind it: 128 random bits.
const DIGITS: usize = 32;

/// Whether a text is an alias: no event can name one. As a user id it names nobody, a cart that an
/// event names has no dash, and a phone's digest is longer.
pub(super) fn is_alias(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == DIGITS
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// One identity of a reminder or an order. `Debug` shows its kind alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Identity {
    /// The store's user id.
    User(UserId),
    /// A phone number's digest.
    Phone(PhoneDigest),
    /// A cart.
    Cart(OrderFormId),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({}…)", self.kind())
    }
}

impl Identity {
    /// Its kind, as keys have it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Phone(_) => "phone",
            Self::Cart(_) => "cart",
        }
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::User(user) => user.as_str(),
            Self::Phone(phone) => phone.as_str(),
            Self::Cart(cart) => cart.as_str(),
        }
    }

    /// Whether it stands for a value that was erased.
    #[must_use]
    pub fn is_alias(&self) -> bool {
        is_alias(self.value())
    }

    /// An alias of this kind, made of 128 random bits.
    #[must_use]
    pub fn alias(&self, random: &[u8; 16]) -> Self {
        let text = format!("{PREFIX}{}", hex(random));
        match self {
            Self::User(_) => Self::User(UserId(text)),
            Self::Phone(_) => Self::Phone(PhoneDigest(text)),
            Self::Cart(_) => Self::Cart(OrderFormId(text)),
        }
    }
}

impl Identities {
    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = Identity> + '_ {
        let user = self.user_id.iter().cloned().map(Identity::User);
        let phone = self.phone.iter().cloned().map(Identity::Phone);
        user.chain(phone).chain(self.order_form_id.iter().cloned().map(Identity::Cart))
    }
}

impl IdentitySets {
    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = Identity> + '_ {
        let users = self.user_ids.iter().cloned().map(Identity::User);
        let phones = self.phones.iter().cloned().map(Identity::Phone);
        users.chain(phones).chain(self.order_form_ids.iter().cloned().map(Identity::Cart))
    }

    /// Adds one.
    pub fn insert(&mut self, identity: Identity) {
        match identity {
            Identity::User(user) => self.user_ids.insert(user),
            Identity::Phone(phone) => self.phones.insert(phone),
            Identity::Cart(cart) => self.order_form_ids.insert(cart),
        };
    }

    /// Takes one out.
    pub fn remove(&mut self, identity: &Identity) {
        match identity {
            Identity::User(user) => self.user_ids.remove(user),
            Identity::Phone(phone) => self.phones.remove(phone),
            Identity::Cart(cart) => self.order_form_ids.remove(cart),
        };
    }

    /// Whether it is among them.
    #[must_use]
    pub fn contains(&self, identity: &Identity) -> bool {
        match identity {
            Identity::User(user) => self.user_ids.contains(user),
            Identity::Phone(phone) => self.phones.contains(phone),
            Identity::Cart(cart) => self.order_form_ids.contains(cart),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.user_ids.len() + self.phones.len() + self.order_form_ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FromIterator<Identity> for IdentitySets {
    fn from_iter<I: IntoIterator<Item = Identity>>(identities: I) -> Self {
        let mut sets = Self::default();
        identities.into_iter().for_each(|identity| sets.insert(identity));
        sets
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::samples::identities;

    #[test]
    fn no_event_can_name_an_alias() {
        for named in identities("ana", "5561999990001", "c").each() {
            let alias = named.alias(&[0xab; 16]);
            assert!(alias.is_alias() && !named.is_alias());
            assert_eq!(alias.kind(), named.kind());
            let told = identities(alias.value(), alias.value(), alias.value());
            assert!(told.each().all(|told| told != alias), "{}", alias.value());
            assert_eq!(told.user_id, None);
            // It is stored and read as it is.
            let json = serde_json::to_string(&alias).unwrap();
            assert_eq!(serde_json::from_str::<Identity>(&json).unwrap(), alias);
        }
    }

    #[test]
    fn what_looks_like_one_is_none() {
        let digits = "0123456789abcdef0123456789abcdef";
        assert!(is_alias(&format!("erased-{digits}")));
        for text in ["erased-", "erased-abc", digits] {
            assert!(!is_alias(text), "{text}");
        }
        assert!(!is_alias(&format!("erased-{}", digits.to_uppercase())));
        assert!(!is_alias(&format!("erased-{digits}0")));
        assert_eq!(identities("erased-abc", "", "").user_id.unwrap().as_str(), "erased-abc");
    }
}
