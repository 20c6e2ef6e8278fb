//! What was kept aside, through its own function again after a fix (R12).

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::facts::event::Event;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::store::StoreError;
use shared::store::aside::Aside;

use crate::aside::{Code, Reason};
use crate::deps::Deps;
use crate::store::{NotStored, store_all};
use crate::vtex::NotTaken;
use crate::{events, vtex, whatsapp};

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

/// Why an item could not be tried for now.
#[derive(Debug, thiserror::Error)]
pub enum NotReplayed {
    /// The table failed.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// VTEX couldn't tell the order.
    #[error("the order can't be had for now")]
    Vtex(#[source] NotTaken),
}

/// What is kept of an item beside its reason.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    #[serde(default)]
    phone_number_id: Option<PhoneNumberId>,
    #[serde(default)]
    list: Option<String>,
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
}

/// Sends an item through the endpoint's own function again. The item itself is left as it is: what
/// still can't count is not kept aside a second time, and who calls deletes what went through.
///
/// # Errors
/// When the table or VTEX fails for now. Trying again is harmless (R2).
pub async fn replay(
    deps: &Deps,
    account: &Account,
    aside: &Aside,
) -> Result<Replayed, NotReplayed> {
    let Ok(Kept { phone_number_id, list, item: Some(item) }) = serde_json::from_str(&aside.body)
    else {
        return Ok(Replayed::Unknown);
    };
    let event = match aside.source.as_str() {
        events::SOURCE => events::replay(deps, item),
        whatsapp::SOURCE => {
            let list = list.unwrap_or_default();
            let read = whatsapp::replay(deps, phone_number_id, &list, item).await;
            match read.map_err(NotReplayed::Table)? {
                Some(Ok((owner, event))) if owner == *account => Some(Ok(event)),
                Some(Ok(_)) => return Ok(Replayed::NotOurs),
                Some(Err(reason)) if reason.code == Code::UnknownPhoneNumber => {
                    return Ok(Replayed::NotOurs);
                }
                Some(Err(reason)) => Some(Err(reason)),
                None => None,
            }
        }
        vtex::SOURCE => {
            let taken = vtex::replay(deps, account, item).await.map_err(NotReplayed::Vtex)?;
            return Ok(match taken {
                Some(Ok(_)) => Replayed::Stored,
                Some(Err(reason)) => Replayed::Refused(reason),
                None => Replayed::Ignored,
            });
        }
        _ => return Ok(Replayed::Unknown),
    };
    match event {
        None => Ok(Replayed::Ignored),
        Some(Err(reason)) => Ok(Replayed::Refused(reason)),
        Some(Ok(event)) => store(deps, account, event).await,
    }
}

async fn store(deps: &Deps, account: &Account, event: Event) -> Result<Replayed, NotReplayed> {
    match store_all(deps, account, vec![event]).await.pop() {
        Some(Err(NotStored::Refused(reason))) => Ok(Replayed::Refused(reason)),
        Some(Err(NotStored::Failed(error))) => Err(NotReplayed::Table(error)),
        // One outcome stands for each event.
        Some(Ok(_)) | None => Ok(Replayed::Stored),
    }
}
