//! The account (the tenant) and its settings.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::values::campaign::Language;
use crate::values::digest::{base64url, first, sha256};
use crate::values::ids::PhoneNumberId;
use crate::values::invalid::Invalid;
use crate::values::limits;
use crate::values::money::{Currency, MessagePrice};
use crate::values::phone::CountryCode;
use crate::values::text::text_type;

/// Bytes of an account's tag: two of ten thousand accounts have the same with a chance of one in five
/// million.
const TAG_BYTES: usize = 6;

text_type!(
    /// The store: a VTEX account name. Nothing crosses it.
    Account, "account", "1-50 characters of a-z, 0-9 and -",
    |t| (1..=limits::ACCOUNT_BYTES).contains(&t.len())
        && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

/// What a store set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountSettings {
    /// The zone of the account's store days; fixed once it has a reminder (R1).
    pub time_zone: Tz,
    /// The country whose national phone numbers its texts hold; absent: [that of its zone](Self::country).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<CountryCode>,
    /// The language of its mails.
    pub language: Language,
    /// Business phone numbers whose webhooks belong to this account, sorted.
    pub phone_number_ids: Vec<PhoneNumberId>,
    /// The store's address: tracked links lead nowhere else.
    pub store_url: StoreUrl,
    /// Domains beside the store's own to which reports are mailed without asking their readers first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_domains: Option<Vec<String>>,
    /// What a message costs, by the currency in which it is paid for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub message_prices: BTreeMap<Currency, MessagePrice>,
}

impl AccountSettings {
    /// The country by whose plan phone numbers without a calling code are read (R5).
    #[must_use]
    pub fn country(&self) -> CountryCode {
        self.country_code.unwrap_or_else(|| CountryCode::of_zone(self.time_zone))
    }
}

/// The origin of a store: `https`, a host, no user, no query, no fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StoreUrl(url::Url);

impl Account {
    /// A few letters that tell the account from others, for tokens: nobody learns its name from them.
    #[must_use]
    pub fn tag(&self) -> String {
        base64url(&first::<TAG_BYTES>(&sha256(self.as_str().as_bytes())))
    }
}

impl StoreUrl {
    const WHAT: Invalid = Invalid::new(
        "storeUrl",
        "an https address of at most 500 characters without user, query and fragment",
    );

    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let url = url::Url::parse(text).map_err(|_| Self::WHAT)?;
        let plain = url.scheme() == "https"
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && text.len() <= limits::STORE_URL_BYTES;
        if plain { Ok(Self(url)) } else { Err(Self::WHAT) }
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its host, in lower case.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// Whether another address is at the same store: scheme, host and port. Its path may differ.
    #[must_use]
    pub fn is_same_store(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// The name of its host, where that is a name and the port the usual one.
    #[must_use]
    pub fn usual_host(&self) -> Option<&str> {
        self.0.domain().filter(|_| self.0.port().is_none())
    }

    /// Whether it has no path.
    #[must_use]
    pub fn is_front_page(&self) -> bool {
        self.0.path() == "/"
    }

    /// The front page of the store that a link target is within; none for what is no such target.
    #[must_use]
    pub fn front_page_of(target: &str) -> Option<Self> {
        let url = url::Url::parse(target).ok()?;
        Self::parse(&url.origin().ascii_serialization()).ok()
    }

    /// A link target within this store: the same scheme, host and port, no user. The
    /// normalised text is returned, so that what is checked is what is redirected to.
    ///
    /// What leads anywhere else is refused: no open redirect.
    pub fn target(&self, target: &str) -> Result<String, Invalid> {
        const WHAT: Invalid = Invalid::new(
            "url",
            "an address of the account's own store of at most 2,000 characters",
        );
        if target.len() > limits::LINK_TARGET_BYTES {
            return Err(WHAT);
        }
        let url = url::Url::parse(target).map_err(|_| WHAT)?;
        // The scheme by itself, too: the origin of a `blob:` address is that of what it names.
        let same = url.scheme() == self.0.scheme()
            && url.origin() == self.0.origin()
            && url.username().is_empty()
            && url.password().is_none();
        if same { Ok(url.into()) } else { Err(WHAT) }
    }
}

impl TryFrom<String> for StoreUrl {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<StoreUrl> for String {
    fn from(url: StoreUrl) -> Self {
        url.0.into()
    }
}

#[cfg(test)]
mod tests;
