//! How orders are written: read, folded by the pure fold, written on the version that was read
//! (R2).

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::items_item;
use crate::renaming::pointer_item;
use crate::table::attributes::{Attributes, expire, s, write};
use crate::table::condition::Written;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::event::OrderUpdated;
use domain::facts::order::Order;
use domain::rules::erasure::Marks;
use domain::values::account::Account;
use domain::values::identity::PhoneKey;
use domain::values::instant::Instant;
use domain::values::invalid::Invalid;
use domain::values::item::{ItemList, ItemsDigest};

/// What became of an order's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderWritten {
    /// It is folded in.
    Written(Written),
    /// The order has reached a limit: what the error names of the event isn't kept. All else of it is
    /// folded in, so that the order doesn't depend on what came first.
    Refused(Invalid),
}

impl Table {
    /// Folds an event into its order; see [`order_fold_all`](Self::order_fold_all).
    #[expect(clippy::expect_used, reason = "there is one outcome for each event")]
    pub async fn order_fold(
        &self,
        key: &PhoneKey,
        account: &Account,
        event: &OrderUpdated,
    ) -> Result<OrderWritten, StoreError> {
        let mut outcomes = self.order_fold_all(key, account, std::slice::from_ref(event)).await?;
        Ok(outcomes.pop().expect("there is one outcome for each event"))
    }

    /// Folds events of *one* order into it, in one read and one write; what became of each, in their
    /// order. Item lists and identity pointers are written first, then the order, on the condition that
    /// nobody wrote it meanwhile; else it starts over.
    ///
    /// **Erased values.** As with a reminder, marks are read before, and aliases written; and once more
    /// after anything was written. Where nothing was, the first reading came after that of the order:
    /// what was marked later is found there by its erasure.
    pub async fn order_fold_all(
        &self,
        key: &PhoneKey,
        account: &Account,
        events: &[OrderUpdated],
    ) -> Result<Vec<OrderWritten>, StoreError> {
        let Some(first) = events.first() else { return Ok(Vec::new()) };
        debug_assert!(events.iter().all(|event| event.order_group == first.order_group));
        let group = &first.order_group;
        let told = || events.iter().flat_map(|event| event.identities.each());
        let mut attempts = Attempts::at("write an order");
        // Raw values of the order as it was read: pointers of theirs may have been written by a turn that lost.
        let mut met = BTreeSet::new();
        let mut wrote = false;
        loop {
            attempts.next().await?;
            let held = self.order(account, group).await?;
            let named = held.as_ref().map(|held| held.identities.clone()).unwrap_or_default();
            let begins = events.iter().map(|event| event.created_at);
            let begins = begins.chain(held.as_ref().map(|held| held.created_at));
            let began = begins.min().unwrap_or(first.created_at);
            let marks = self.marks(key, account, named.each().chain(told())).await?;
            let mut next = match &held {
                Some(held) => marks.order(held, began),
                None => Order::first(first),
            };
            let outcomes = fold_into(key, &marks, began, &mut next, events);
            met.extend(named.each());
            if held.as_ref() != Some(&next) {
                wrote = true;
                let pointers = missing_pointers(account, held.as_ref(), &next);
                self.write_order_hints(account, events, pointers, (held.as_ref(), &next)).await?;
                next.version += 1;
                if !self.order_put(account, &next).await? {
                    continue;
                }
            }
            let mut taken = marks.renamed(met.iter().cloned().chain(told()), began);
            if wrote {
                let now = next.identities.each().chain(met.iter().cloned()).chain(told());
                let marks = self.marks(key, account, now).await?;
                if !marks.renamed(next.identities.each(), began).is_empty() {
                    self.order_rename(key, account, group).await?;
                }
                taken.extend(marks.renamed(met.iter().cloned().chain(told()), began));
                let now_named = marks.sets(&next.identities, began);
                self.erasure_queue_joined(key, account, &marks, (&named, &now_named)).await?;
            }
            self.order_take_back(account, group, &taken).await?;
            return Ok(outcomes);
        }
    }

    /// `pointers`, and the item lists that `next` names and `held` doesn't.
    async fn write_order_hints(
        &self,
        account: &Account,
        events: &[OrderUpdated],
        pointers: BTreeSet<Key>,
        (held, next): (Option<&Order>, &Order),
    ) -> Result<(), StoreError> {
        let mut hints: Vec<Attributes> =
            pointers.iter().map(|pointer| pointer_item(pointer, next.created_at)).collect();
        let named = |order: &Order, list: &ItemsDigest| {
            order.parts.values().any(|part| part.items.as_ref() == Some(list))
        };
        for (digest, items) in item_lists(events) {
            if named(next, &digest) && !held.is_some_and(|held| named(held, &digest)) {
                let key = Key::order_items(account, &next.order_group, &digest);
                hints.push(items_item(&key, items));
            }
        }
        let expires_at = self.retention.expires_at(next.created_at);
        for hint in &mut hints {
            expire(hint, expires_at);
        }
        self.put_many("write an order's pointers", hints).await
    }

    /// Writes all pointers that lead to a stored order, whether or not they are there.
    pub async fn order_point(&self, account: &Account, order: &Order) -> Result<(), StoreError> {
        let pointers = missing_pointers(account, None, order);
        self.write_order_hints(account, &[], pointers, (Some(order), order)).await
    }

    /// Writes a whole order on the version before its own; `false` when another was faster.
    pub async fn order_put(&self, account: &Account, order: &Order) -> Result<bool, StoreError> {
        // Every write of an order raises its version: `fact_touch`, the only other one, too.
        let item = self.order_item(account, order)?;
        Ok(self.put_on_version("write an order", item, order.version).await?.is_changed())
    }

    /// The item of an order. Its place in the day's index follows from its credit and its
    /// instant, so the two can't disagree.
    fn order_item(&self, account: &Account, order: &Order) -> Result<Attributes, StoreError> {
        let mut item = write("order", &Key::order(account, &order.order_group), order)?;
        if let Some(credit) = &order.credit {
            item.insert("dayPk".to_owned(), s(key::day_pk(account, credit.day)));
            let sk = key::conversion_day_sk(order.created_at, &order.order_group);
            item.insert("daySk".to_owned(), s(sk));
        }
        expire(&mut item, self.retention.expires_at(order.created_at));
        Ok(item)
    }
}

/// The pure fold of events into `order`, which began then, one after the other.
fn fold_into(
    key: &PhoneKey,
    marks: &Marks,
    began: Instant,
    order: &mut Order,
    events: &[OrderUpdated],
) -> Vec<OrderWritten> {
    let mut outcomes = Vec::with_capacity(events.len());
    let renamed = || events.iter().map(|event| marks.updated(event, began));
    for (event, told) in renamed().zip(events) {
        let before = order.clone();
        // What isn't kept shows when all are folded: one of them may give way to a later one.
        let _ = order.fold(&event, &told.digest(key));
        outcomes.push(if *order == before { Written::Unchanged } else { Written::Changed });
    }
    let told = renamed().zip(outcomes).map(|(event, written)| match order.keeps(&event) {
        Err(limit) => OrderWritten::Refused(limit),
        Ok(()) => OrderWritten::Written(written),
    });
    told.collect()
}

/// The pointers that lead to `next` and not to `held`: those of all its identities at its instant,
/// less those that are there. Pointers are written before the order that they lead to, so a stored
/// order's are stored, too. One with an earlier, stale instant is left: it costs whoever finds it one
/// read.
fn missing_pointers(account: &Account, held: Option<&Order>, next: &Order) -> BTreeSet<Key> {
    let of = |order: &Order| {
        key::order_pointers(account, &order.identities, order.created_at, &order.order_group)
    };
    let mut pointers = of(next);
    if let Some(held) = held {
        let there = of(held);
        pointers.retain(|pointer| !there.contains(pointer));
    }
    pointers
}

/// The item lists of events, each once.
fn item_lists(events: &[OrderUpdated]) -> BTreeMap<ItemsDigest, &ItemList> {
    events.iter().filter_map(|event| Some((event.items.digest()?, &event.items))).collect()
}
