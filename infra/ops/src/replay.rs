//! What was kept aside, through ingest again after a fix.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::domain::values::account::Account;
use shared::domain::values::ids::LinkToken;
use shared::domain::values::instant::Instant;
use shared::store::aside::Aside;
use shared::store::key::{FactKey, Key};
use shared::store::{StoreError, Table};

use crate::intake::Intake;

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
    /// Only tell which there are.
    pub dry_run: bool,
}

/// What became of the items, by what became of them and the reason for which they were kept aside.
pub type Outcomes = BTreeMap<(&'static str, String), u64>;

/// Sends the items of an account through ingest again, oldest first, and deletes those that went
/// through or turn out not to be ours to use; beside its own those of no known account whose
/// business number is the account's by now. `progress` hears of each item.
///
/// An item is deleted after it was stored: a crash in between leaves one that stores nothing new
/// the next time (R2).
pub async fn replay(
    intake: &Intake,
    account: &Account,
    what: &Replay,
    mut progress: impl FnMut(),
) -> Result<Outcomes, ReplayError> {
    let table = &intake.orders.table;
    let mut outcomes = Outcomes::new();
    for owner in [Some(account), None] {
        let mut after: Option<String> = None;
        loop {
            let page = table.aside_page(owner, after.as_deref(), PAGE).await;
            let page = page.map_err(ReplayError::Table)?;
            for (id, item) in &page.items {
                progress();
                let wanted = what.reason.as_ref().is_none_or(|reason| *reason == item.code);
                if wanted && let Some(word) = one(intake, account, owner, (id, item), what).await? {
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

/// What came of a record that the rollup could not handle.
enum Touched {
    /// The stream brings it again.
    Done,
    /// It names no fact that is there.
    No,
    /// It is about another account's link.
    NotOurs,
}

/// Touches the fact of a stream's record that the rollup could not handle, so that its own record
/// comes again and is derived. What was not *counted* of it is a recount's to find.
async fn touch(
    table: &Table,
    now: Instant,
    account: &Account,
    item: &Aside,
) -> Result<Touched, StoreError> {
    let body: Value = serde_json::from_str(&item.body).unwrap_or_default();
    // Of a large record only its keys are kept.
    let keys = body.pointer("/dynamodb/Keys").unwrap_or(&body);
    let text = |name: &str| keys.pointer(&format!("/{name}/S")).and_then(Value::as_str);
    let (Some(pk), Some(sk)) = (text("pk"), text("sk")) else { return Ok(Touched::No) };
    let touched = match FactKey::parse(pk, sk) {
        Some(FactKey::Order(owner, _)) if owner == *account => {
            table.fact_touch(pk, sk, true, now).await?
        }
        Some(FactKey::Reminder(owner, _) | FactKey::Click(owner, ..)) if owner == *account => {
            table.fact_touch(pk, sk, false, now).await?
        }
        // A click that waits at a link is derived with it.
        Some(FactKey::Link(token) | FactKey::EarlyClick(token, _)) => {
            return touch_link(table, now, account, &token).await;
        }
        _ => false,
    };
    Ok(if touched { Touched::Done } else { Touched::No })
}

/// Touches a link of the account: the key of a link names no account, the link itself does.
async fn touch_link(
    table: &Table,
    now: Instant,
    account: &Account,
    token: &LinkToken,
) -> Result<Touched, StoreError> {
    let link = match table.link(token).await {
        Ok(Some(link)) => link,
        // Whose a link is that can't be read, nobody knows.
        Ok(None) | Err(StoreError::Corrupt { .. }) => return Ok(Touched::No),
        Err(error) => return Err(error),
    };
    if link.account != *account {
        return Ok(Touched::NotOurs);
    }
    let key = Key::link(token);
    let touched = table.fact_touch(&key.pk, &key.sk, false, now).await?;
    Ok(if touched { Touched::Done } else { Touched::No })
}

/// Tries one item: what became of it; none for another's.
async fn one(
    intake: &Intake,
    account: &Account,
    owner: Option<&Account>,
    (id, item): (&str, &Aside),
    what: &Replay,
) -> Result<Option<&'static str>, ReplayError> {
    if what.dry_run {
        // Whose it is shows only when it is tried.
        return Ok(Some(if owner.is_some() { "waiting" } else { "waiting, of no known account" }));
    }
    let table = &intake.orders.table;
    // Records about links lie with those of no known account.
    if item.source == ROLLUP {
        let now = intake.orders.clock.now();
        return match touch(table, now, account, item).await.map_err(ReplayError::Table)? {
            Touched::NotOurs => Ok(None),
            Touched::No => Ok(Some("not replayable")),
            Touched::Done => {
                table.aside_delete(owner, id).await.map_err(ReplayError::Table)?;
                Ok(Some("derived again"))
            }
        };
    }
    let (word, done) = match replay_item(intake, account, item).await? {
        Replayed::Stored => ("stored", true),
        Replayed::Ignored => ("not ours to use", true),
        Replayed::Refused(_) => ("refused again", false),
        Replayed::Unknown if owner.is_some() => ("not replayable", false),
        Replayed::NotOurs | Replayed::Unknown => return Ok(None),
    };
    if done {
        table.aside_delete(owner, id).await.map_err(ReplayError::Table)?;
    }
    Ok(Some(word))
}
