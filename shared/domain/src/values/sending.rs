//! How an account and its campaigns send: what marketing people set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::values::instant::Instant;
use crate::values::invalid::Invalid;
use crate::values::limits;
use crate::values::money::Currency;
use crate::values::sending_hours::{SendingHours, Window};
use crate::values::span::Span;
use crate::values::text::text_type;

text_type!(
    /// The code of a coupon that a message carries; `WhatsApp` copies at most 15 characters.
    CouponCode, "couponCode", "1-15 letters and digits",
    |t| (1..=limits::COUPON_CODE_CHARS).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric())
);

/// Minutes between a cart's last activity and its reminder (R13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Delay(u16);

impl Delay {
    /// The delay of a campaign that says none.
    pub const DEFAULT: Self = Self(60);

    /// So many minutes.
    ///
    /// # Errors
    /// Beyond [`limits::DELAY_MINUTES`].
    pub fn minutes(minutes: u16) -> Result<Self, Invalid> {
        if limits::DELAY_MINUTES.contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(Invalid::new("delayMinutes", "20-1440"))
        }
    }

    /// The delay as a length of time.
    #[must_use]
    pub fn span(self) -> Span {
        Span::seconds(i64::from(self.0) * 60)
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u16> for Delay {
    type Error = Invalid;
    fn try_from(minutes: u16) -> Result<Self, Invalid> {
        Self::minutes(minutes)
    }
}

impl From<Delay> for u16 {
    fn from(delay: Delay) -> Self {
        delay.0
    }
}

/// How far a shopper must have come for a cart to be reminded of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// To the payment page.
    #[default]
    Payment,
    /// Anywhere in the checkout.
    Any,
}

/// How a campaign sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignSending {
    /// Whether the system sends it. Then no other sender may (R20).
    pub enabled: bool,
    /// How long after its last activity a cart is due.
    #[serde(default)]
    pub delay_minutes: Delay,
    /// How far the shopper must have come.
    #[serde(default)]
    pub trigger: Trigger,
    /// The least value of a cart in minor units, by currency. Where there are any, a cart in another
    /// currency isn't reminded of; where there are none, every cart is worth it.
    #[serde(default)]
    pub minimum: BTreeMap<Currency, i64>,
    /// Of several campaigns of a cart's language the one of the lowest rank is taken.
    #[serde(default)]
    pub rank: u32,
    /// The coupon of a campaign of that message type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_code: Option<CouponCode>,
}

/// What an account says of its shoppers' consent (R18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ConsentPolicy {
    /// It sends to shoppers whose opt-in is recorded with their cart.
    Recorded,
    /// It declared that it has collected the consent of all itself.
    Declared {
        /// The `sub` claim of who declared it.
        by: String,
        /// When.
        at: Instant,
    },
}

/// How an account sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountSending {
    /// Whether anything is sent.
    pub enabled: bool,
    /// When messages may go out.
    pub hours: SendingHours,
    /// Hours between two reminders to one contact.
    pub cooldown_hours: CooldownHours,
    /// Whose consent it goes by; until it says so, nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentPolicy>,
}

impl AccountSending {
    /// What is proposed to an account that never said how it sends: by day, once a day, and nothing until it says so.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test reads both constants")]
    pub fn proposed() -> Self {
        let by_day = Window::parse("09:00", "20:00").expect("a window of the day");
        let once_a_day = CooldownHours::new(*limits::COOLDOWN_HOURS.start());
        Self {
            enabled: false,
            hours: SendingHours::daily(by_day),
            cooldown_hours: once_a_day.expect("the least cooldown is one"),
            consent: None,
        }
    }
}

/// Hours between two reminders to one contact (R15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct CooldownHours(u16);

impl CooldownHours {
    /// So many hours.
    ///
    /// # Errors
    /// Beyond [`limits::COOLDOWN_HOURS`].
    pub fn new(hours: u16) -> Result<Self, Invalid> {
        if limits::COOLDOWN_HOURS.contains(&hours) {
            Ok(Self(hours))
        } else {
            Err(Invalid::new("cooldownHours", "24-720"))
        }
    }

    /// The cooldown as a length of time.
    #[must_use]
    pub fn span(self) -> Span {
        Span::hours(i64::from(self.0))
    }
}

impl TryFrom<u16> for CooldownHours {
    type Error = Invalid;
    fn try_from(hours: u16) -> Result<Self, Invalid> {
        Self::new(hours)
    }
}

impl From<CooldownHours> for u16 {
    fn from(hours: CooldownHours) -> Self {
        hours.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_delay_is_20_minutes_to_a_day() {
        for minutes in [20, 60, 1_440] {
            assert_eq!(u16::from(Delay::minutes(minutes).unwrap()), minutes);
        }
        for minutes in [0, 19, 1_441, u16::MAX] {
            let error = Delay::minutes(minutes).unwrap_err();
            let (least, most) = limits::DELAY_MINUTES.into_inner();
            assert_eq!(error.rule, format!("{least}-{most}"));
        }
        assert_eq!(Delay::DEFAULT.span(), Span::hours(1));
    }

    #[test]
    fn a_cooldown_is_a_day_to_30() {
        for hours in [24, 720] {
            assert_eq!(u16::from(CooldownHours::new(hours).unwrap()), hours);
        }
        for hours in [0, 23, 721] {
            let error = CooldownHours::new(hours).unwrap_err();
            let (least, most) = limits::COOLDOWN_HOURS.into_inner();
            assert_eq!(error.rule, format!("{least}-{most}"));
        }
    }

    #[test]
    fn nothing_is_sent_until_the_account_says_so() {
        let proposed = AccountSending::proposed();
        assert!(!proposed.enabled && proposed.consent.is_none());
        assert_eq!(proposed.cooldown_hours.span(), Span::days(1));
    }

    #[test]
    fn a_coupon_code_is_what_whatsapp_copies() {
        for code in ["A", "VOLTA10", "ABCDEFGHIJKLMNO"] {
            assert_eq!(CouponCode::parse(code).unwrap().as_str(), code);
        }
        for code in ["", "ABCDEFGHIJKLMNOP", "VOLTA 10", "AÇÚCAR", "10%"] {
            assert!(CouponCode::parse(code).is_err(), "{code}");
        }
    }

    #[test]
    fn what_a_campaign_leaves_out_has_its_defaults() {
        let sending: CampaignSending = serde_json::from_str(r#"{"enabled":true}"#).unwrap();
        assert_eq!(
            (sending.delay_minutes, sending.trigger, sending.rank, sending.minimum.len()),
            (Delay::DEFAULT, Trigger::Payment, 0, 0)
        );
    }
}
