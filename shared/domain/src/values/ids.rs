//! Ids that others mint and ids that we mint, as types that can't hold an invalid one.

use crate::values::digest::base64url;
use crate::values::instant::Instant;
use crate::values::limits;
use crate::values::text::{private_text_type, redacted_debug, text_type};
use crate::values::uuid::uuid_at;

/// Visible ASCII without `#` (the separator of table keys) and `%` (its escape).
fn is_id(text: &str) -> bool {
    (1..=limits::ID_BYTES).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'%')
}

/// Characters of a token's 16 random bytes.
const RANDOM_CHARS: usize = 22;

/// Whether a path with this text in it would be resolved into another one: browsers, proxies and the
/// functions' own URL parser do that before anybody reads it, also where the dots came encoded. A
/// backslash parts segments as a slash does, and a question mark ends the last one.
fn has_dot_segment(text: &str) -> bool {
    text.split(['/', '\\', '?']).any(|segment| matches!(segment, "." | ".."))
}

text_type!(
    /// A reminder's id: the provider's message id (wamid), always.
    ReminderId, "reminderId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// What stands for a reminder's id in keys, pointers, credits, links and clicks: its keyed digest.
    /// `WhatsApp`'s message ids encode the phone number.
    ReminderDigest, "reminder", "a keyed digest",
    |t| t.len() == 43 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
text_type!(
    /// A click's id: the tap's message id, or token + whole second of a tracked link.
    ClickId, "clickId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A VTEX `orderGroup`: one purchase. It may hold slashes and whatever else a path can be made to name.
    OrderGroup, "orderGroup", "1-200 visible ASCII characters without # and %, no . or .. between slashes",
    |text| is_id(text) && !has_dot_segment(text)
);
text_type!(
    /// A VTEX order id (`…-01`): one part of a purchase.
    OrderId, "orderId", "1-200 visible ASCII characters without # and %", is_id
);
text_type!(
    /// A campaign's id: minted by us.
    CampaignId, "campaignId", "1-50 letters, digits, - or _",
    |t| (1..=limits::CAMPAIGN_ID_BYTES).contains(&t.len())
        && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
private_text_type!(
    /// A tracked link's token: at least 128 random bits, base64url, minted by us. Who knows it can
    /// click.
    LinkToken, "linkToken", "20-64 characters of base64url",
    |t| limits::LINK_TOKEN_BYTES.contains(&t.len())
        && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
redacted_debug!(LinkToken);
text_type!(
    /// `WhatsApp`'s id of a business phone number.
    PhoneNumberId, "phoneNumberId", "1-50 digits",
    |t| (1..=limits::PHONE_NUMBER_ID_DIGITS).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit())
);
text_type!(
    /// `WhatsApp`'s id of a business account, to which phone numbers and templates belong.
    WabaId, "wabaId", "1-50 digits",
    |t| (1..=limits::PHONE_NUMBER_ID_DIGITS).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit())
);

impl CampaignId {
    /// The id of a campaign that is made at `at`: a UUID of version 7, so that ids sort as campaigns
    /// were made.
    #[must_use]
    pub fn new(at: Instant, random: &[u8; 10]) -> Self {
        Self(uuid_at(at, random))
    }
}

impl ClickId {
    /// The id of a click on a tracked link: taps within one whole second are one.
    #[must_use]
    pub fn of_link(token: &LinkToken, second: i64) -> Self {
        // The longest token, the dot and the 20 characters of the longest number are an id.
        const { assert!(*limits::LINK_TOKEN_BYTES.end() + 21 <= limits::ID_BYTES) };
        Self(format!("{}.{second}", token.as_str()))
    }
}

impl LinkToken {
    /// A token of these random bits, of which 128 can't be guessed, and the tag of the account that it
    /// is minted for.
    #[must_use]
    pub fn new(random: &[u8; 16], account_tag: &str) -> Self {
        Self(format!("{}{account_tag}", base64url(random)))
    }

    /// The tag of the account that it was minted for; none of a token from before there were tags.
    #[must_use]
    pub fn account_tag(&self) -> Option<&str> {
        self.0.get(RANDOM_CHARS..).filter(|tag| !tag.is_empty())
    }
}

#[cfg(test)]
mod tests;
