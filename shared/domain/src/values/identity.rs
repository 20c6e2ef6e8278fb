//! Who a reminder went to and who ordered: the identities that R5 matches by.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::values::digest::{base64url, first, hmac, sha256};
use crate::values::ids::{ClickId, LinkToken, ReminderDigest, ReminderId};
use crate::values::limits;
use crate::values::phone::{CountryCode, Phone};
use crate::values::text::{private_text_type, redacted_debug, text_type};

pub mod alias;

use alias::is_alias;

private_text_type!(
    /// The store's id of a shopper, compared by its exact bytes. Some stores take the e-mail address.
    UserId, "userId", "1-100 characters",
    |t| !t.is_empty() && t.chars().count() <= limits::IDENTITY_CHARS
);
redacted_debug!(UserId);
text_type!(
    /// A cart's id, lower case without dashes (VTEX sends 32 hex digits or a dashed UUID).
    OrderFormId, "orderFormId", "1-100 characters",
    |t| is_alias(t) || !t.is_empty() && t.chars().count() <= limits::IDENTITY_CHARS
        && t.chars().all(|c| c != '-' && c.to_lowercase().eq([c]))
);
text_type!(
    /// A phone number's keyed digest: the only form in which a number is kept. A plain hash
    /// could be reversed by trying all numbers.
    PhoneDigest, "phone", "a keyed digest",
    |t| is_alias(t) || t.len() == 43 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);

impl UserId {
    /// An optional user id as it came; a placeholder is none (R5), and so are an alias and one that is too long to
    /// be kept (R10).
    pub fn optional(text: &str) -> Result<Option<Self>, crate::values::invalid::Invalid> {
        let is_too_long = text.chars().nth(limits::IDENTITY_CHARS).is_some();
        let is_none = names_nobody(text) || is_too_long || is_alias(text);
        if is_none { Ok(None) } else { Self::parse(text).map(Some) }
    }
}

impl OrderFormId {
    /// An optional order form id as it came, normalised: lower case, no dashes; a placeholder is none (R5).
    /// A capital that has no lower case is taken as it is. Letter by letter, so that the notation with
    /// dashes can't end a word that goes on in the other one (a sigma's lower case depends on that).
    pub fn optional(text: &str) -> Result<Option<Self>, crate::values::invalid::Invalid> {
        let normal: String =
            text.chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect();
        if names_nobody(text) { Ok(None) } else { Self::parse(&normal).map(Some) }
    }
}

/// Words that systems write where they know nobody.
const NOBODY: [&str; 4] = ["null", "undefined", "none", "nan"];

/// R5: whether a text is a placeholder, which would make strangers one shopper: nothing but blanks, zeros
/// and dashes (`0`, an all-zero UUID, with its braces, too), one of [`NOBODY`] in any case, or masked.
fn names_nobody(text: &str) -> bool {
    let is_blank =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{feff}');
    let word = text.trim_matches(is_blank);
    word.contains('*')
        || word.chars().all(|c| matches!(c, '0' | '-' | '{' | '}') || is_blank(c))
        || NOBODY.iter().any(|nobody| word.eq_ignore_ascii_case(nobody))
}

/// The secret under which phone numbers, reminder ids and the data of events are digested. Never
/// rotated: keys, matching and erasure depend on equal ones having equal digests for as long as facts
/// are kept.
#[derive(Clone)]
pub struct PhoneKey(Vec<u8>);

impl PhoneKey {
    /// A key from a secret's bytes.
    #[must_use]
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(secret.into())
    }

    /// The digest of a number: HMAC-SHA256, base64url.
    #[must_use]
    pub fn digest(&self, phone: &Phone) -> PhoneDigest {
        PhoneDigest(self.digest_of(phone.digits()))
    }

    /// The same for the texts of a store of this country.
    #[must_use]
    pub const fn in_country(&self, country: CountryCode) -> Phones<'_> {
        Phones { key: self, country }
    }

    /// The digest of any other text that must not be kept in the clear. Digits alone are a number's:
    /// give it a prefix.
    #[must_use]
    pub fn digest_of(&self, text: &str) -> String {
        base64url(&hmac(&self.0, &[text.as_bytes()]))
    }
}

impl std::fmt::Debug for PhoneKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneKey(…)")
    }
}

/// How a store's phone numbers are read and digested.
#[derive(Debug, Clone, Copy)]
pub struct Phones<'a> {
    key: &'a PhoneKey,
    country: CountryCode,
}

impl Phones<'_> {
    /// The secret alone.
    #[must_use]
    pub const fn key(&self) -> &PhoneKey {
        self.key
    }

    /// The digest of the number that a text is; none for a text that is none (R5).
    #[must_use]
    pub fn digest(&self, text: &str) -> Option<PhoneDigest> {
        Phone::parse(text, self.country).map(|phone| self.key.digest(&phone))
    }
}

/// An identity that is none and no placeholder either: it is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OddIdentity {
    /// The user id.
    UserId,
    /// The cart.
    OrderFormId,
}

impl ReminderId {
    /// The digest that stands for it under the system's key secret. Ties of credit are settled by it
    /// (R6), so it must never change.
    #[must_use]
    #[expect(clippy::expect_used, reason = "32 bytes in base64url are a reminder's digest")]
    pub fn digest(&self, key: &PhoneKey) -> ReminderDigest {
        let digest = key.digest_of(&format!("reminder#{self}"));
        ReminderDigest::parse(&digest).expect("32 bytes in base64url are a reminder's digest")
    }
}

impl ClickId {
    /// The id as it is stored: a digest, since `WhatsApp`'s ids of taps encode the shopper's phone number.
    /// That of a tap on a tracked link is ours, and stays as it is.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a digest is visible ASCII without # and %")]
    pub fn stored(&self, key: &PhoneKey) -> Self {
        let is_ours = self.as_str().rsplit_once('.').is_some_and(|(token, second)| {
            LinkToken::parse(token).is_ok() && second.parse::<i64>().is_ok()
        });
        if is_ours {
            return self.clone();
        }
        let digest = key.digest_of(&format!("click#{self}"));
        Self::parse(&digest).expect("a digest is visible ASCII without # and %")
    }
}

/// The identities of a reminder: at most one of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identities {
    /// The store's user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The phone number's digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneDigest>,
    /// The cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_form_id: Option<OrderFormId>,
}

impl Identities {
    /// Those that these texts name (R5), by whatever way they came. A text that is absent names nobody.
    pub fn named(
        user_id: Option<&str>,
        phone: Option<&str>,
        order_form_id: Option<&str>,
        phones: Phones<'_>,
    ) -> Result<Self, OddIdentity> {
        Ok(Self {
            user_id: UserId::optional(user_id.unwrap_or_default())
                .map_err(|_| OddIdentity::UserId)?,
            phone: phone.and_then(|text| phones.digest(text)),
            order_form_id: OrderFormId::optional(order_form_id.unwrap_or_default())
                .map_err(|_| OddIdentity::OrderFormId)?,
        })
    }

    /// Whether there is none at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.user_id.is_none() && self.phone.is_none() && self.order_form_id.is_none()
    }

    /// The shopper: the userId, else the phone, else the cart.
    #[must_use]
    pub fn shopper(&self) -> Option<Shopper> {
        let text = match self {
            Self { user_id: Some(user), .. } => format!("user#{}", user.as_str()),
            Self { phone: Some(phone), .. } => format!("phone#{phone}"),
            Self { order_form_id: Some(cart), .. } => format!("cart#{cart}"),
            _ => return None,
        };
        Some(Shopper::of(&text))
    }
}

/// A shopper's key for counting distinct ones (R4): a digest, so that it is short, safe in a
/// table key and says nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shopper(String);

impl Shopper {
    /// The shopper of a reminder that names none: it went to somebody all the same, so that its
    /// clicks count (R4), and to nobody that another reminder names.
    #[must_use]
    pub fn unnamed(reminder: &ReminderDigest) -> Self {
        Self::of(&format!("reminder#{reminder}"))
    }

    fn of(text: &str) -> Self {
        // 128 bits: two shoppers of one store never meet by chance.
        Self(base64url(&first::<16>(&sha256(text.as_bytes()))))
    }

    /// A shopper's key as the table has it.
    pub fn parse(text: &str) -> Result<Self, crate::values::invalid::Invalid> {
        let is_digest = text.len() == 22
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if is_digest {
            Ok(Self(text.to_owned()))
        } else {
            Err(crate::values::invalid::Invalid::new("shopper", "a digest of 22 characters"))
        }
    }

    /// The key's text: 22 characters of base64url.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identities of an order: the union of all that its events named (R2), within its limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentitySets {
    /// User ids.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub user_ids: BTreeSet<UserId>,
    /// Phone digests.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub phones: BTreeSet<PhoneDigest>,
    /// Carts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub order_form_ids: BTreeSet<OrderFormId>,
}

impl IdentitySets {
    /// Adds what an event named.
    pub fn add(&mut self, named: &Identities) {
        self.user_ids.extend(named.user_id.clone());
        self.phones.extend(named.phone.clone());
        self.order_form_ids.extend(named.order_form_id.clone());
    }

    /// R5: whether an order with these identities and a reminder with `reminder`'s belong
    /// together. Not transitive: only these two are compared.
    #[must_use]
    pub fn matches(&self, reminder: &Identities) -> bool {
        reminder.order_form_id.as_ref().is_some_and(|cart| self.order_form_ids.contains(cart))
            || reminder.user_id.as_ref().is_some_and(|user| self.user_ids.contains(user))
            || reminder.phone.as_ref().is_some_and(|phone| self.phones.contains(phone))
    }

    /// Drops all but the `limit` smallest identities of each kind.
    pub fn keep_smallest(&mut self, limit: usize) {
        fn keep<T: Ord>(set: &mut BTreeSet<T>, limit: usize) {
            while set.len() > limit {
                set.pop_last();
            }
        }
        keep(&mut self.user_ids, limit);
        keep(&mut self.phones, limit);
        keep(&mut self.order_form_ids, limit);
    }

    /// The field of an event that names an identity which isn't among these.
    #[must_use]
    pub fn missing(&self, named: &Identities) -> Option<&'static str> {
        fn lacks<T: Ord>(set: &BTreeSet<T>, named: Option<&T>) -> bool {
            named.is_some_and(|named| !set.contains(named))
        }
        let fields = [
            ("userId", lacks(&self.user_ids, named.user_id.as_ref())),
            ("phone", lacks(&self.phones, named.phone.as_ref())),
            ("orderFormId", lacks(&self.order_form_ids, named.order_form_id.as_ref())),
        ];
        fields.into_iter().find(|(_, lacks)| *lacks).map(|(field, _)| field)
    }
}

#[cfg(test)]
mod tests;
