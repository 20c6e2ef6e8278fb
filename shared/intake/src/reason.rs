//! Why an item can't count, as it is kept aside and told to the sender (R12).

use std::borrow::Cow;

/// Why an item can't count, as a stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Code {
    /// The business phone number belongs to no account.
    UnknownPhoneNumber,
    /// The account's claim of the business phone number is pending: an operator's confirmation replays
    /// what came for it.
    NumberPending,
    /// The account has no such campaign.
    UnknownCampaign,
    /// No event has this type.
    UnknownEventType,
    /// The link's token was not minted for this account, or another reminder carries it.
    UnknownLinkToken,
    /// A tap that doesn't say which message it was on.
    TapWithoutContext,
    /// A time that is none, or from before 2016, or more than 48 h ahead.
    ImpossibleDate,
    /// What it is about would expire while it still counts.
    TooOld,
    /// A field is missing or holds what it may not hold.
    InvalidField,
    /// The order has as many parts or shoppers as it may.
    OrderLimit,
    /// VTEX knows no such order.
    OrderNotFound,
    /// VTEX refuses to tell the order, or tells more of it than can be read.
    OrderRefused,
    /// The table refuses it for good: a fault of ours, logged.
    NotStorable,
}

impl Code {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Why an item can't count, and the field at fault where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub code: Code,
    /// The path of the field within the item (`data.value`).
    pub field: Option<Cow<'static, str>>,
}

impl Reason {
    /// A reason that is no single field's.
    #[must_use]
    pub const fn of(code: Code) -> Self {
        Self { code, field: None }
    }

    /// A reason at a field.
    pub fn at(code: Code, field: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: Some(field.into()) }
    }

    /// A field is missing or holds what it may not hold.
    pub fn invalid(field: impl Into<Cow<'static, str>>) -> Self {
        Self::at(Code::InvalidField, field)
    }
}
