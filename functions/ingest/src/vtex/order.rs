//! Reading an order from VTEX and folding it in: what the hook, a replay and the catch-up share, so
//! that all of them end in the same facts.

use std::borrow::Cow;

use serde_json::value::RawValue;
use shared::domain::facts::event::{Event, OrderUpdated};
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderId;
use shared::store::StoreError;
use shared::store::facts::Written;
use shared::store::vtex::VtexKeys;
use shared::telemetry::{Counter, count};
use shared::vtex::VtexError;
use shared::vtex::order::{self, Unusable};
use shared::web::Problem;

use crate::aside::{Code, Reason, Refused, judge_subject, keep_all};
use crate::deps::Deps;
use crate::store::{NotStored, store_all};
use crate::vtex::SOURCE;

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is folded in.
    Folded(Written),
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
    pub(super) fn count(&self) {
        match self {
            Self::Vtex(VtexError::KeysRefused { .. }) => count(Counter::VtexKeysRefused, 1),
            Self::Vtex(_) => count(Counter::VtexUnavailable, 1),
            Self::Table(_) => {}
        }
    }
}

impl From<NotTaken> for Problem {
    fn from(error: NotTaken) -> Self {
        match error {
            // A StoreError says itself whether trying again may help.
            NotTaken::Table(error) => error.into(),
            NotTaken::Vtex(_) => Self::unavailable(error),
        }
    }
}

/// Reads an order as VTEX tells it now and folds it in, or keeps `notification` aside.
pub(crate) async fn take_order(
    deps: &Deps,
    account: &Account,
    keys: &VtexKeys,
    id: &OrderId,
    notification: &RawValue,
) -> Result<Taken, NotTaken> {
    let reason = match try_order(deps, account, keys, id).await? {
        Ok(written) => return Ok(Taken::Folded(written)),
        Err(reason) => reason,
    };
    let code = reason.code;
    keep_all(deps, vec![refused(account, reason, notification)]).await.map_err(NotTaken::Table)?;
    Ok(Taken::KeptAside(code))
}

/// Reads an order as VTEX tells it now and folds it in, or says why it can't count.
pub(super) async fn try_order(
    deps: &Deps,
    account: &Account,
    keys: &VtexKeys,
    id: &OrderId,
) -> Result<Result<Written, Reason>, NotTaken> {
    match deps.vtex_api().order(account, keys, id).await {
        Ok(document) => match judge(deps, id, &document) {
            Ok(event) => fold(deps, account, event).await,
            Err(reason) => Ok(Err(reason)),
        },
        Err(error) if error.is_transient() => Err(NotTaken::Vtex(error)),
        Err(VtexError::NotFound { .. }) => Ok(Err(Reason::at(Code::OrderNotFound, "OrderId"))),
        Err(_) => Ok(Err(Reason::at(Code::OrderRefused, "OrderId"))),
    }
}

/// The event that a document means; the fields of a reason are the document's.
fn judge(deps: &Deps, id: &OrderId, document: &RawValue) -> Result<OrderUpdated, Reason> {
    let event =
        order::read(document, &deps.config.phone_key).map_err(|unusable| match unusable {
            Unusable::Field { field } if field.is_empty() => Reason::invalid("order"),
            Unusable::Field { field } => Reason::invalid(format!("order.{field}")),
            Unusable::Date { field } => Reason::at(Code::ImpossibleDate, format!("order.{field}")),
        })?;
    if event.order_id != *id {
        return Err(Reason::invalid("order.orderId"));
    }
    judge_subject(deps, event.created_at).map_err(|code| Reason::at(code, "order.creationDate"))?;
    if event.changed_at.is_plausible(deps.clock.now()) {
        Ok(event)
    } else {
        Err(Reason::at(Code::ImpossibleDate, "order.lastChange"))
    }
}

async fn fold(
    deps: &Deps,
    account: &Account,
    event: OrderUpdated,
) -> Result<Result<Written, Reason>, NotTaken> {
    match store_all(deps, account, vec![Event::Order(event)]).await.pop() {
        Some(Ok(written)) => Ok(Ok(written)),
        Some(Err(NotStored::Refused(reason))) => Ok(Err(in_document(reason))),
        Some(Err(NotStored::Failed(error))) => Err(NotTaken::Table(error)),
        // One outcome stands for each event.
        None => Ok(Err(Reason::of(Code::NotStorable))),
    }
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

/// A notification on its way aside: not the order, which is read again when it is replayed.
pub(super) fn refused<'a>(
    account: &Account,
    reason: Reason,
    notification: &'a RawValue,
) -> Refused<'a> {
    Refused {
        source: SOURCE,
        reason,
        account: Some(account.clone()),
        phone_number_id: None,
        list: None,
        item: Some(Cow::Borrowed(notification)),
    }
}
