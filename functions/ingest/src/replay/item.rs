//! One item that was kept aside, through the functions of its endpoint again.

use serde_json::value::RawValue;
use shared::domain::facts::event::Event;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::intake::aside::KeptItem;
use shared::intake::dates::Dates;
use shared::intake::facts::NotStored;
use shared::intake::orders::{self, NotTaken, Orders, store_current_order};
use shared::intake::reason::{Code, Reason};
use shared::store::StoreError;
use shared::store::aside::Aside;

use crate::carts::Carts;
use crate::facts::store_all;
use crate::meaning::Meaning;
use crate::vtex::order_named;
use crate::whatsapp::Listener;
use crate::{events, whatsapp};

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It is a fact now, or was one already.
    Stored,
    /// It is not ours to use, as is known now.
    Ignored,
    /// It still can't count.
    Refused(Reason),
    /// It is another account's, or nobody's, still.
    NotOurs,
    /// No endpoint sent it here, or no more than its reason was kept of it.
    Unknown,
}

/// Why a replay stopped. What went through before is done; run it again for the rest.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The list can't be read, or an item that went through can't be deleted.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// VTEX can't tell an order for now, or the order can't be stored.
    #[error("the order can't be had for now")]
    Order(#[source] NotTaken),
}

/// Sends an item through the functions of its endpoint again. The item itself is left as it is: what
/// still can't count is not kept aside a second time, and who calls deletes what went through.
///
/// # Errors
/// When the table or VTEX fails for now. Trying again is harmless (R2).
pub async fn replay_item(
    orders: &Orders,
    account: &Account,
    aside: &Aside,
) -> Result<Replayed, ReplayError> {
    let Some(KeptItem { phone_number_id, list, item }) = KeptItem::of(aside) else {
        return Ok(Replayed::Unknown);
    };
    let dates = Dates { now: orders.clock.now(), retention: orders.table.retention() };
    match aside.source.as_str() {
        events::SOURCE => {
            let country = orders.accounts.country(account).await.map_err(ReplayError::Table)?;
            let phones = orders.phone_key.in_country(country);
            store(orders, account, events::read(phones, dates, item)).await
        }
        whatsapp::SOURCE => {
            let list = list.unwrap_or_default();
            let read = whatsapp::read(dates, &list, item);
            let heard = whatsapp::hear(dates, &list, item);
            // Also of what is refused: its reason would tell of another's shopper.
            if (!matches!(read, Ok(Meaning::Ignored(_))) || heard.is_some())
                && !is_number_of(orders, account, phone_number_id.as_ref()).await?
            {
                return Ok(Replayed::NotOurs);
            }
            let Some(heard) = heard else { return store(orders, account, read).await };
            let listener = Listener { table: &orders.table, phone_key: &orders.phone_key };
            let kept = listener.keep(account, phone_number_id.as_ref(), &heard).await;
            kept.map_err(ReplayError::Table)?;
            match read {
                // It is no fact, and was heard all the same.
                Ok(Meaning::Ignored(_)) => Ok(Replayed::Stored),
                read => store(orders, account, read).await,
            }
        }
        orders::SOURCE => order(orders, account, item).await,
        _ => Ok(Replayed::Unknown),
    }
}

async fn is_number_of(
    orders: &Orders,
    account: &Account,
    id: Option<&PhoneNumberId>,
) -> Result<bool, ReplayError> {
    let Some(id) = id else { return Ok(false) };
    let number = orders.table.phone_number(id).await;
    Ok(number.map_err(ReplayError::Table)?.account.as_ref() == Some(account))
}

async fn store(
    orders: &Orders,
    account: &Account,
    read: Result<Meaning, Reason>,
) -> Result<Replayed, ReplayError> {
    let event: Event = match read {
        Ok(Meaning::Fact(event)) => event,
        Ok(Meaning::Cart(updated)) => {
            let orders = orders.clone();
            let carts = Carts::new(orders.table, orders.clock, orders.phone_key, orders.sealing);
            carts.update(account, &updated).await.map_err(ReplayError::Table)?;
            return Ok(Replayed::Stored);
        }
        Ok(Meaning::Ignored(_)) => return Ok(Replayed::Ignored),
        Err(reason) => return Ok(Replayed::Refused(reason)),
    };
    let table = &orders.table;
    match store_all(table, &orders.phone_key, &orders.accounts, account, vec![event]).await.pop() {
        Some(Err(NotStored::Refused(reason))) => Ok(Replayed::Refused(reason)),
        Some(Err(NotStored::Failed(error))) => Err(ReplayError::Table(error)),
        // One outcome stands for each event.
        Some(Ok(_)) | None => Ok(Replayed::Stored),
    }
}

/// Reads the order of a notification from VTEX and stores it.
async fn order(
    orders: &Orders,
    account: &Account,
    notification: &RawValue,
) -> Result<Replayed, ReplayError> {
    let id = match order_named(notification) {
        Ok(Some(id)) => id,
        Ok(None) => return Ok(Replayed::Ignored),
        Err(reason) => return Ok(Replayed::Refused(reason)),
    };
    let Some(connection) = orders.table.vtex(account).await.map_err(ReplayError::Table)? else {
        return Ok(Replayed::Refused(Reason::of(Code::OrderRefused)));
    };
    let keys = connection.keys(account, &orders.sealing).map_err(ReplayError::Table)?;
    let stored = store_current_order(orders, account, &keys, &id).await;
    Ok(match stored.map_err(ReplayError::Order)? {
        Ok(Some(_)) => Replayed::Stored,
        Ok(None) => Replayed::Ignored,
        Err(reason) => Replayed::Refused(reason),
    })
}
