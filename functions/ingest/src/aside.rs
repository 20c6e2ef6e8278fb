//! What should have counted and can't is kept aside with its reason (R12).

use std::borrow::Cow;
use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::store::StoreError;
use shared::store::aside::Aside;
use shared::telemetry::{Counter, count};

use crate::deps::Deps;
use crate::store::CONCURRENT_WRITES;

mod listing;

pub(crate) use listing::{__path_list, list};

mod shortened;

/// Bytes of an item that is kept aside: with its keys it stays below `DynamoDB`'s 400 KB.
const BODY_BYTES: usize = 384 * 1024;

/// Why an item can't count, as a stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The business phone number belongs to no account.
    UnknownPhoneNumber,
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
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPhoneNumber => "unknown-phone-number",
            Self::UnknownCampaign => "unknown-campaign",
            Self::UnknownEventType => "unknown-event-type",
            Self::UnknownLinkToken => "unknown-link-token",
            Self::TapWithoutContext => "tap-without-context",
            Self::ImpossibleDate => "impossible-date",
            Self::TooOld => "too-old",
            Self::InvalidField => "invalid-field",
            Self::OrderLimit => "order-limit",
            Self::OrderNotFound => "order-not-found",
            Self::OrderRefused => "order-refused",
            Self::NotStorable => "not-storable",
        }
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
    pub(crate) const fn of(code: Code) -> Self {
        Self { code, field: None }
    }

    pub(crate) fn at(code: Code, field: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: Some(field.into()) }
    }

    pub(crate) fn invalid(field: impl Into<Cow<'static, str>>) -> Self {
        Self::at(Code::InvalidField, field)
    }
}

/// Judges the instant of what an event is about: whether it can be one, and whether its facts
/// would stay long enough.
pub(crate) fn judge_subject(deps: &Deps, at: Instant) -> Result<(), Code> {
    let now = deps.clock.now();
    if !at.is_plausible(now) {
        Err(Code::ImpossibleDate)
    } else if deps.table.retention().is_too_old(at, now) {
        Err(Code::TooOld)
    } else {
        Ok(())
    }
}

/// An item on its way aside, with all that a replay needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused<'a> {
    #[serde(skip)]
    pub(crate) source: &'static str,
    #[serde(skip)]
    pub(crate) reason: Reason,
    /// Absent: no account is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<Account>,
    /// The business number that a `WhatsApp` item came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number_id: Option<PhoneNumberId>,
    /// The list that a `WhatsApp` item stood in: `statuses` or `messages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<&'static str>,
    /// The item as it came; a very long one without what doesn't count of it.
    pub(crate) item: Option<Cow<'a, RawValue>>,
}

impl Refused<'_> {
    fn into_aside(mut self, received_at: Instant) -> Result<Aside, StoreError> {
        self.item = self.item.and_then(|item| shortened::to_fit(item, BODY_BYTES));
        let body = serde_json::to_string(&self)
            .map_err(|error| StoreError::corrupt("kept aside", error))?;
        Ok(Aside {
            received_at,
            source: self.source.to_owned(),
            code: self.reason.code.as_str().to_owned(),
            field: self.reason.field.map(Cow::into_owned),
            body,
        })
    }
}

/// Keeps items aside, all of them or an error; and counts them.
pub(crate) async fn keep_all(deps: &Deps, refused: Vec<Refused<'_>>) -> Result<(), StoreError> {
    let received_at = deps.clock.now();
    let mut asides = Vec::with_capacity(refused.len());
    for item in refused {
        let (account, code) = (item.account.clone(), item.reason.code);
        asides.push((account, code, item.into_aside(received_at)?));
    }
    let mut writes = stream::iter(asides)
        .map(|(account, code, aside)| async move {
            deps.table.aside_keep(account.as_ref(), &aside).await.map(|()| code)
        })
        .buffer_unordered(CONCURRENT_WRITES);
    let mut kept = BTreeMap::new();
    while let Some(code) = writes.next().await {
        *kept.entry(code?).or_default() += 1;
    }
    for (code, n) in kept {
        count(Counter::KeptAside { reason: Code::as_str(code) }, n);
    }
    Ok(())
}
