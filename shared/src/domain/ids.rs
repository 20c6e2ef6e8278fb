//! Ids that others mint and ids that we mint, as types that can't hold an invalid one.

use crate::domain::{invalid::Invalid, limits};

/// Defines a text newtype whose values passed `$check`, and which may be logged.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $crate::domain::ids::private_text_type!($(#[$doc])* $name, $what, $rule, $check);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use text_type;

/// Gives a text newtype that must reach no log a `Debug` without its text.
macro_rules! redacted_debug {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}
pub(crate) use redacted_debug;

/// Defines a text newtype whose values passed `$check`; it can't be printed.
macro_rules! private_text_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(
            Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads one.
            ///
            /// # Errors
            /// When the text is not admitted; the error says what is.
            pub fn parse(text: &str) -> Result<Self, $crate::domain::invalid::Invalid> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::domain::invalid::Invalid::new($what, $rule))
                }
            }

            /// The text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::domain::invalid::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::domain::invalid::Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use private_text_type;

/// Visible ASCII without `#` (the separator of table keys) and `%` (its escape).
fn is_id(text: &str) -> bool {
    (1..=limits::ID_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'%')
}

text_type!(
    /// A reminder's id: the provider's message id (wamid), always.
    ReminderId, "reminderId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A click's id: the tap's message id, or token + whole second of a tracked link.
    ClickId, "clickId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A VTEX `orderGroup`: one purchase.
    OrderGroup, "orderGroup", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A VTEX order id (`…-01`): one part of a purchase.
    OrderId, "orderId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A campaign's id: minted by us.
    CampaignId, "campaignId", "1-50 letters, digits, - or _",
    |t| (1..=50).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
private_text_type!(
    /// A tracked link's token: at least 128 random bits, base64url, minted by us. Who knows it can
    /// click.
    LinkToken, "linkToken", "20-64 characters of base64url",
    |t| (20..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
redacted_debug!(LinkToken);
text_type!(
    /// `WhatsApp`'s id of a business phone number.
    PhoneNumberId, "phoneNumberId", "1-50 digits",
    |t| (1..=50).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit())
);

impl ClickId {
    /// The id of a click on a tracked link: taps within one whole second are one.
    ///
    /// # Errors
    /// Never for a token that was parsed; the signature keeps this path free of panics.
    pub fn of_link(token: &LinkToken, second: i64) -> Result<Self, Invalid> {
        Self::parse(&format!("{}.{second}", token.as_str()))
    }
}

#[cfg(test)]
mod tests;
