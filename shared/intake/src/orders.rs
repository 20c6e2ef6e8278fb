//! Reading an order from VTEX and storing it. The hook, a replay and catching up share this, so that
//! all of them end in the same facts.

use std::borrow::Cow;

use domain::facts::event::OrderUpdated;
use domain::values::account::Account;
use domain::values::identity::{PhoneKey, Phones};
use domain::values::ids::OrderId;
use domain::values::phone::CountryCode;
use runtime::clock::Clock;
use runtime::sealing::SealingKey;
use serde_json::value::RawValue;
use store::facts::Written;
use store::vtex::VtexKeys;
use store::{StoreError, Table};
use telemetry::{Counter, count};
use vtex::order::{self, Unusable};
use vtex::{Stores, VtexApi, VtexError};

use crate::accounts::Accounts;
use crate::aside::{Refused, keep_all};
use crate::dates::Dates;
use crate::facts::{NotStored, store_order};
use crate::reason::{Code, Reason};

/// The endpoint's name in counts and among what is kept aside.
pub const SOURCE: &str = "vtex";

/// How orders that were sold elsewhere are counted.
pub const FULFILLMENT: &str = "fulfillment";

/// What orders are read and stored with.
#[derive(Debug, Clone)]
pub struct Orders<S = VtexApi> {
    /// Where they are stored.
    pub table: Table,
    /// What is known of their accounts.
    pub accounts: Accounts,
    /// The clock by which their dates are judged.
    pub clock: Clock,
    /// The secret under which phone numbers are digested.
    pub phone_key: PhoneKey,
    /// What opens the keys of stores.
    pub sealing: SealingKey,
    /// Where they are read.
    pub api: S,
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderTaken {
    /// It is stored.
    Stored(Written),
    /// It was sold elsewhere and is only delivered by this store: of no use.
    SoldElsewhere,
    /// It can't count; its notification is kept aside.
    KeptAside(Code),
}

/// Why an order isn't taken for now: it must come again.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// VTEX couldn't tell it.
    #[error("the order could not be read")]
    Vtex(#[source] VtexError),
    /// The table couldn't take it.
    #[error("the order could not be stored")]
    Table(#[source] StoreError),
}

impl NotTaken {
    /// Counts what kept an order away, for the alarms.
    pub fn count(&self) {
        match self {
            Self::Vtex(VtexError::KeysRefused { .. }) => count(Counter::VtexKeysRefused, 1),
            Self::Vtex(_) => count(Counter::VtexUnavailable, 1),
            Self::Table(_) => {}
        }
    }
}

/// Reads an order as VTEX tells it now and stores it, or keeps `notification` aside.
pub async fn take_order<S: Stores>(
    orders: &Orders<S>,
    account: &Account,
    keys: &VtexKeys,
    id: &OrderId,
    notification: &RawValue,
) -> Result<OrderTaken, NotTaken> {
    let reason = match store_current_order(orders, account, keys, id).await? {
        Ok(Some(written)) => return Ok(OrderTaken::Stored(written)),
        Ok(None) => return Ok(OrderTaken::SoldElsewhere),
        Err(reason) => reason,
    };
    let code = reason.code;
    let kept = keep_notification(orders, account, reason, notification).await;
    kept.map_err(NotTaken::Table)?;
    Ok(OrderTaken::KeptAside(code))
}

/// Reads an order as VTEX tells it now and stores it, or says why it can't count; none for one that was
/// sold elsewhere. The document decides that, so that every way that an order comes by ends the same.
pub async fn store_current_order<S: Stores>(
    orders: &Orders<S>,
    account: &Account,
    keys: &VtexKeys,
    id: &OrderId,
) -> Result<Result<Option<Written>, Reason>, NotTaken> {
    let document = match orders.api.order(account, keys, id).await {
        Ok(document) => document,
        Err(error) if error.is_transient() => return Err(NotTaken::Vtex(error)),
        Err(VtexError::NotFound { .. }) => {
            return Ok(Err(Reason::at(Code::OrderNotFound, "OrderId")));
        }
        Err(_) => return Ok(Err(Reason::at(Code::OrderRefused, "OrderId"))),
    };
    if order::is_sold_elsewhere(&document) {
        count(Counter::TrafficIgnored { kind: FULFILLMENT }, 1);
        return Ok(Ok(None));
    }
    let dates = Dates { now: orders.clock.now(), retention: orders.table.retention() };
    let country = orders.accounts.country(account).await.map_err(NotTaken::Table)?;
    let event = match judge(orders.phone_key.in_country(country), dates, id, &document) {
        Ok(event) => event,
        Err(reason) => return Ok(Err(reason)),
    };
    match store_order(&orders.table, &orders.phone_key, account, &event).await {
        Ok(written) => Ok(Ok(Some(written))),
        Err(NotStored::Refused(reason)) => Ok(Err(in_document(reason))),
        Err(NotStored::Failed(error)) => Err(NotTaken::Table(error)),
    }
}

/// The event that a document means; the fields of a reason are the document's.
fn judge(
    phones: Phones<'_>,
    dates: Dates,
    id: &OrderId,
    document: &RawValue,
) -> Result<OrderUpdated, Reason> {
    let event = order::read(document, phones).map_err(|unusable| match unusable {
        Unusable::Field { field } if field.is_empty() => Reason::invalid("order"),
        Unusable::Field { field } => Reason::invalid(format!("order.{field}")),
        Unusable::Date { field } => Reason::at(Code::ImpossibleDate, format!("order.{field}")),
    })?;
    if event.order_id != *id {
        return Err(Reason::invalid("order.orderId"));
    }
    let created = dates.judge_subject(event.created_at);
    created.map_err(|code| Reason::at(code, "order.creationDate"))?;
    let changed = dates.judge(event.changed_at);
    changed.map_err(|code| Reason::at(code, "order.lastChange"))?;
    Ok(event)
}

/// The reason with the field of VTEX's document instead of the event's.
fn in_document(reason: Reason) -> Reason {
    let field = match reason.field.as_deref() {
        Some("data.userId") => "order.clientProfileData.userProfileId",
        Some("data.phone") => "order.clientProfileData.phone",
        Some("data.orderFormId") => "order.orderFormId",
        Some("data.orderId") => "order.orderId",
        _ => return reason,
    };
    Reason::at(reason.code, field)
}

/// Keeps a notification aside, without the order: a replay reads that again.
pub async fn keep_notification<S: Stores>(
    orders: &Orders<S>,
    account: &Account,
    reason: Reason,
    notification: &RawValue,
) -> Result<(), StoreError> {
    let refused = Refused {
        source: SOURCE,
        reason,
        account: Some(account.clone()),
        phone_number_id: None,
        list: None,
        item: Some(Cow::Borrowed(notification)),
    };
    // It names no number.
    let phones = orders.phone_key.in_country(CountryCode::BRAZIL);
    keep_all(&orders.table, phones, orders.clock.now(), vec![refused]).await
}
