//! What was kept aside, through ingest again after a fix.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::key::{FactKey, Key};
use shared::store::{StoreError, Table};

use crate::aside::KeptItem;
use crate::vtex::Orders;

mod item;

pub use item::{ReplayError, Replayed, replay_item};

/// Where the rollup keeps aside what it can't handle.
const ROLLUP: &str = "rollup";
/// Items that are read at a time: an item has up to 400 KB.
const PAGE: usize = 25;

/// Which items, and whether for real.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Those of one reason alone (`unknown-campaign`, …).
    pub reason: Option<String>,
    /// Those that came for one business number alone.
    pub number: Option<PhoneNumberId>,
    /// Only tell which there are.
    pub dry_run: bool,
}

/// What became of the items, by what became of them and the reason for which they were kept aside.
pub type Outcomes = BTreeMap<(&'static str, String), u64>;

/// Sends the items of an account through ingest again, oldest first, and deletes those that went
/// through or turn out not to be ours to use; beside its own those that came for its business numbers
/// before these were its own. `progress` hears of each item.
///
/// An item is deleted after it was stored: a crash in between leaves one that stores nothing new
/// the next time (R2).
pub async fn replay(
    orders: &Orders,
    account: &Account,
    what: &Replay,
    mut progress: impl FnMut(),
) -> Result<Outcomes, ReplayError> {
    let table = &orders.table;
    let record = table.account(account).await.map_err(ReplayError::Table)?;
    let mut outcomes = Outcomes::new();
    for owner in AsideOwner::all_of(account, record.as_ref()) {
        let mut after: Option<String> = None;
        loop {
            let page = table.aside_page(&owner, after.as_deref(), PAGE).await;
            let page = page.map_err(ReplayError::Table)?;
            for (id, item) in &page.items {
                progress();
                let wanted = what.reason.as_ref().is_none_or(|reason| *reason == item.code)
                    && what.number.as_ref().is_none_or(|number| came_for(item, number));
                if wanted && let Some(word) = one(orders, account, &owner, (id, item), what).await?
                {
                    *outcomes.entry((word, item.code.clone())).or_default() += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(outcomes)
}

/// Whether an item that was kept aside came for a business number.
#[must_use]
pub fn came_for(item: &Aside, number: &PhoneNumberId) -> bool {
    KeptItem::of(item).and_then(|kept| kept.phone_number_id).as_ref() == Some(number)
}

/// Touches the fact of a stream's record that the rollup could not handle, so that its own record
/// comes again and is derived. What was not *counted* of it is a recount's to find.
async fn touch(
    table: &Table,
    now: Instant,
    account: &Account,
    item: &Aside,
) -> Result<bool, StoreError> {
    let body: Value = serde_json::from_str(&item.body).unwrap_or_default();
    // Of a large record only its keys are kept.
    let keys = body.pointer("/dynamodb/Keys").unwrap_or(&body);
    let text = |name: &str| keys.pointer(&format!("/{name}/S")).and_then(Value::as_str);
    let (Some(pk), Some(sk)) = (text("pk"), text("sk")) else { return Ok(false) };
    match FactKey::parse(pk, sk) {
        Some(FactKey::Order(owner, _)) if owner == *account => {
            table.fact_touch(pk, sk, true, now).await
        }
        Some(FactKey::Reminder(owner, _) | FactKey::Click(owner, ..)) if owner == *account => {
            table.fact_touch(pk, sk, false, now).await
        }
        // The link's own record moves the clicks that wait at it, too.
        Some(FactKey::Link(token) | FactKey::EarlyClick(token, _)) => {
            let link = table.link(&token).await?.filter(|link| link.account == *account);
            let Some(link) = link else { return Ok(false) };
            let key = Key::link(&link.token);
            table.fact_touch(&key.pk, &key.sk, false, now).await
        }
        _ => Ok(false),
    }
}

/// Tries one item: what became of it; none for another's.
async fn one(
    orders: &Orders,
    account: &Account,
    owner: &AsideOwner,
    (id, item): (&str, &Aside),
    what: &Replay,
) -> Result<Option<&'static str>, ReplayError> {
    if what.dry_run {
        let known = owner.is_account();
        return Ok(Some(if known { "waiting" } else { "waiting, of no known account" }));
    }
    let table = &orders.table;
    if item.source == ROLLUP && owner.is_account() {
        let now = orders.clock.now();
        if !touch(table, now, account, item).await.map_err(ReplayError::Table)? {
            return Ok(Some("not replayable"));
        }
        table.aside_delete(owner, id).await.map_err(ReplayError::Table)?;
        return Ok(Some("derived again"));
    }
    let (word, done) = match replay_item(orders, account, item).await? {
        Replayed::Stored => ("stored", true),
        Replayed::Ignored => ("not ours to use", true),
        Replayed::Refused(_) => ("refused again", false),
        Replayed::Unknown if owner.is_account() => ("not replayable", false),
        Replayed::NotOurs | Replayed::Unknown => return Ok(None),
    };
    if done {
        table.aside_delete(owner, id).await.map_err(ReplayError::Table)?;
    }
    Ok(Some(word))
}
