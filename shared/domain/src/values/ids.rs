//! Ids that others mint and ids that we mint, as types that can't hold an invalid one.

use crate::values::invalid::Invalid;
use crate::values::limits;
use crate::values::text::{private_text_type, redacted_debug, text_type};

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
