//! What was kept aside, through ingest again after a fix.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::intake::aside::KeptItem;
use shared::intake::orders::Orders;
use shared::intake::reason::Reason;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::key::{FactKey, Key};
use shared::store::{StoreError, Table};

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
    /// Leave what the rollup could not handle to an operator: to derive it again is the work of a function
    /// that all stores share.
    pub leaves_records: bool,
}

/// What became of the items, by what became of them and the reason for which they were kept aside.
pub type Outcomes = BTreeMap<(&'static str, String), u64>;

/// Where a replay goes on: in one of an account's lists, behind an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The business number whose list it is; none: the account's own.
    pub number: Option<PhoneNumberId>,
    /// The id of the last item that was looked at; none of the list's.
    pub after: Option<String>,
}

/// How far one part of a replay goes. Whatever they are, it goes on by one item.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Items that are tried.
    pub tried: u64,
    /// Items that are read, also those of other reasons.
    pub looked_at: u64,
    /// How long it goes on.
    pub within: Duration,
}

impl Bounds {
    /// To the end.
    pub const NONE: Self = Self { tried: u64::MAX, looked_at: u64::MAX, within: Duration::MAX };
}

/// What a part of a replay did.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// What became of the items.
    pub outcomes: Outcomes,
    /// Items that went through, or turned out not to be ours to use.
    pub done: u64,
    /// Items that were tried and stay.
    pub left: u64,
    /// Where the next part begins; none: nothing is left to try.
    pub next: Option<Place>,
}

/// Sends the items of an account through ingest again, oldest first, and deletes those that went
/// through or turn out not to be ours to use; beside its own those that came for its business numbers
/// before these were its own. What is refused again stays, with its reason of now. `progress` hears of
/// each item.
///
/// An item is deleted after it was stored: a crash in between leaves one that stores nothing new
/// the next time (R2).
pub async fn replay(
    orders: &Orders,
    account: &Account,
    what: &Replay,
    progress: impl FnMut(),
) -> Result<Outcomes, ReplayError> {
    Ok(replay_part(orders, account, what, (None, Bounds::NONE), progress).await?.outcomes)
}

/// [`replay`] from a place on, within bounds.
pub async fn replay_part(
    orders: &Orders,
    account: &Account,
    what: &Replay,
    (from, bounds): (Option<Place>, Bounds),
    mut progress: impl FnMut(),
) -> Result<Part, ReplayError> {
    let (table, begun) = (&orders.table, tokio::time::Instant::now());
    let record = table.account(account).await.map_err(ReplayError::Table)?;
    let mut lists: Vec<AsideOwner> = AsideOwner::all_of(account, record.as_ref()).collect();
    lists.sort_unstable();
    let from = from.map(|place| (place.list(account), place.after));
    let (mut part, mut looked_at) = (Part::default(), 0);
    for list in lists {
        let mut after = match &from {
            Some((at, _)) if list < *at => continue,
            Some((at, after)) if list == *at => after.clone(),
            _ => None,
        };
        loop {
            let page = table.aside_page(&list, after.as_deref(), PAGE).await;
            let page = page.map_err(ReplayError::Table)?;
            for (id, item) in &page.items {
                let spent = part.done + part.left >= bounds.tried
                    || looked_at >= bounds.looked_at
                    || begun.elapsed() >= bounds.within;
                if spent && looked_at > 0 {
                    part.next = Some(Place::behind(&list, after));
                    return Ok(part);
                }
                progress();
                looked_at += 1;
                if what.wants(item) {
                    part.add(item, one(orders, account, &list, (id, item), what).await?);
                }
                after = Some(id.clone());
            }
            if page.next.is_none() {
                break;
            }
        }
    }
    Ok(part)
}

impl Place {
    fn list(&self, account: &Account) -> AsideOwner {
        self.number.clone().map_or_else(|| account.into(), AsideOwner::PhoneNumber)
    }

    fn behind(list: &AsideOwner, after: Option<String>) -> Self {
        let number = match list {
            AsideOwner::PhoneNumber(number) => Some(number.clone()),
            AsideOwner::Account(_) | AsideOwner::Nobody => None,
        };
        Self { number, after }
    }
}

impl Replay {
    fn wants(&self, item: &Aside) -> bool {
        self.reason.as_ref().is_none_or(|reason| *reason == item.code)
            && self.number.as_ref().is_none_or(|number| came_for(item, number))
    }
}

impl Part {
    fn add(&mut self, item: &Aside, tried: Tried) {
        match tried {
            Tried::Done(_) => self.done += 1,
            Tried::Stays(_) | Tried::Others => self.left += 1,
        }
        if let Tried::Done(word) | Tried::Stays(word) = tried {
            *self.outcomes.entry((word, item.code.clone())).or_default() += 1;
        }
    }
}

/// What became of one item.
#[derive(Debug, Clone, Copy)]
enum Tried {
    /// It is deleted.
    Done(&'static str),
    /// It stays.
    Stays(&'static str),
    /// It stays, and is another's, or was not known to be this account's.
    Others,
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

/// Tries one item.
async fn one(
    orders: &Orders,
    account: &Account,
    owner: &AsideOwner,
    (id, item): (&str, &Aside),
    what: &Replay,
) -> Result<Tried, ReplayError> {
    if what.dry_run {
        let known = owner.is_account();
        return Ok(Tried::Stays(if known { "waiting" } else { "waiting, of no known account" }));
    }
    let table = &orders.table;
    let tried = if item.source == ROLLUP && owner.is_account() {
        let touched = !what.leaves_records
            && touch(table, orders.clock.now(), account, item).await.map_err(ReplayError::Table)?;
        if touched { Tried::Done("derived again") } else { Tried::Stays("not replayable") }
    } else {
        match replay_item(orders, account, item).await? {
            Replayed::Stored => Tried::Done("stored"),
            Replayed::Ignored => Tried::Done("not ours to use"),
            Replayed::Refused(reason) => {
                note(table, owner, (id, item), &reason).await.map_err(ReplayError::Table)?;
                Tried::Stays("refused again")
            }
            Replayed::Unknown if owner.is_account() => Tried::Stays("not replayable"),
            Replayed::NotOurs | Replayed::Unknown => Tried::Others,
        }
    };
    if let Tried::Done(_) = tried {
        table.aside_delete(owner, id).await.map_err(ReplayError::Table)?;
    }
    Ok(tried)
}

/// Notes why an item can't count now, where that is another reason than before.
async fn note(
    table: &Table,
    owner: &AsideOwner,
    (id, item): (&str, &Aside),
    Reason { code, field }: &Reason,
) -> Result<(), StoreError> {
    let (code, field) = (code.as_str(), field.as_deref());
    if (code, field) != (item.code.as_str(), item.field.as_deref()) {
        table.aside_note_reason(owner, id, code, field).await?;
    }
    Ok(())
}
