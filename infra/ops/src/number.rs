//! Phone numbers: an operator confirms whose they are, or moves one to another account.

use ingest::replay::{Outcomes, Replay, ReplayError, came_for, replay};
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::intake::reason::Code;
use shared::store::aside::AsideOwner;
use shared::store::phone_numbers::{NumberConfirmed, NumberMoved};
use shared::store::{StoreError, Table};

use crate::intake::Intake;

/// Items that are read at a time: an item has up to 400 KB.
const PAGE: usize = 25;

/// What a confirmation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What became of what was kept aside for the number.
    pub replayed: Outcomes,
    /// The other accounts that claim it or did, each with how many items were deleted that had been kept
    /// aside for it in case.
    pub others: Vec<(Account, u64)>,
}

/// Why a number isn't confirmed or moved.
#[derive(Debug, thiserror::Error)]
pub enum NumberError {
    /// The account doesn't name the number in its settings.
    #[error("{0} does not claim this number: it has to name it in its settings first")]
    Unclaimed(Account),
    /// Another account has it.
    #[error("the number is {0}'s: `number move` takes it to another account")]
    Taken(Account),
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// The account has as many numbers as it may.
    #[error("the account has as many numbers as it may")]
    TooMany,
    /// The table failed. Calling it again goes on with what is left.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// The number is confirmed, and what was kept aside isn't all replayed. Calling it again goes on.
    #[error("what was kept aside could not all be replayed")]
    Replay(#[source] ReplayError),
}

/// Confirms an account's claim of a number, replays what was kept aside for it, and deletes what other
/// accounts that claim it had been kept aside: it is of this one's shoppers. `progress` hears of each
/// item. What was done stays done; doing it again changes nothing.
pub async fn confirm(
    intake: &Intake,
    account: &Account,
    number: &PhoneNumberId,
    progress: impl FnMut(),
) -> Result<Confirmation, NumberError> {
    let table = &intake.orders.table;
    let confirmed = table.phone_number_confirm(account, number).await;
    match confirmed.map_err(NumberError::Table)? {
        NumberConfirmed::Confirmed => {}
        NumberConfirmed::Unclaimed => return Err(NumberError::Unclaimed(account.clone())),
        NumberConfirmed::Taken(owner) => return Err(NumberError::Taken(owner)),
    }
    let what = Replay { number: Some(number.clone()), ..Replay::default() };
    let replayed =
        replay(&intake.orders, account, &what, progress).await.map_err(NumberError::Replay)?;
    let held = table.phone_number(number).await.map_err(NumberError::Table)?;
    let mut others = Vec::with_capacity(held.claimants.len());
    for other in held.claimants.union(&held.former).filter(|other| *other != account) {
        let deleted = forget(table, other, number).await.map_err(NumberError::Table)?;
        others.push((other.clone(), deleted));
    }
    if !held.former.is_empty() {
        table.phone_number_forget_former(number).await.map_err(NumberError::Table)?;
    }
    Ok(Confirmation { replayed, others })
}

/// Moves a number, with what comes for it from now on, to another account; whose it was.
pub async fn move_to(
    table: &Table,
    number: &PhoneNumberId,
    account: &Account,
) -> Result<NumberMoved, NumberError> {
    match table.phone_number_move(number, account).await.map_err(NumberError::Table)? {
        moved @ (NumberMoved::From(_) | NumberMoved::Already) => Ok(moved),
        NumberMoved::NoAccount => Err(NumberError::NoAccount),
        NumberMoved::TooMany => Err(NumberError::TooMany),
    }
}

/// Deletes what was kept aside for an account since it claims a number; how many items.
async fn forget(
    table: &Table,
    account: &Account,
    number: &PhoneNumberId,
) -> Result<u64, StoreError> {
    let owner = AsideOwner::from(account);
    let (mut deleted, mut after) = (0, None);
    loop {
        let page = table.aside_page(&owner, after.as_deref(), PAGE).await?;
        for (id, item) in &page.items {
            if item.code == Code::NumberPending.as_str() && came_for(item, number) {
                table.aside_delete(&owner, id).await?;
                deleted += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(deleted);
        }
    }
}
