//! How orders are written: read, folded by the pure fold, written on the version that was read
//! (R2).

use std::collections::BTreeSet;

use crate::facts::items_item;
use crate::table::attributes::{Attributes, expire, s, write};
use crate::table::condition::Written;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::event::OrderUpdated;
use domain::facts::order::Order;
use domain::values::account::Account;
use domain::values::invalid::Invalid;
use domain::values::item::ItemList;

/// What became of an order's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderWritten {
    /// It is folded in.
    Written(Written),
    /// The order has reached a limit; the event can't be folded.
    Refused(Invalid),
}

impl Table {
    /// Folds an event into its order. Item lists and identity pointers are written first, then
    /// the order, on the condition that nobody wrote it meanwhile; else it starts over.
    pub async fn order_fold(
        &self,
        account: &Account,
        event: &OrderUpdated,
    ) -> Result<OrderWritten, StoreError> {
        let mut attempts = Attempts::at("write an order");
        let mut pointed = BTreeSet::new();
        loop {
            attempts.next().await?;
            let held = self.order(account, &event.order_group).await?;
            if let Some(erased) = held.as_ref().filter(|held| held.erased_at.is_some()) {
                // An earlier try, or one that died, may have written what names somebody again.
                self.delete_order_hints(account, event, pointed, erased).await?;
                return Ok(OrderWritten::Written(Written::Unchanged));
            }
            let mut next = held.clone().unwrap_or_else(|| Order::first(event));
            let tied_items = match next.tied_with(event) {
                Some(digest) => self.order_items(account, &event.order_group, Some(digest)).await?,
                None => ItemList::default(),
            };
            if let Err(limit) = next.fold(event, tied_items) {
                return Ok(OrderWritten::Refused(limit));
            }
            if held.as_ref() == Some(&next) {
                return Ok(OrderWritten::Written(Written::Unchanged));
            }
            let pointers = missing_pointers(account, held.as_ref(), &next);
            pointed.extend(pointers.iter().cloned());
            self.write_order_hints(account, event, pointers, &next).await?;
            next.version += 1;
            if self.order_put(account, &next).await? {
                return Ok(OrderWritten::Written(Written::Changed));
            }
        }
    }

    /// The event's item list and `pointers`.
    async fn write_order_hints(
        &self,
        account: &Account,
        event: &OrderUpdated,
        pointers: BTreeSet<Key>,
        next: &Order,
    ) -> Result<(), StoreError> {
        let mut hints: Vec<Attributes> = pointers.iter().map(Key::attributes).collect();
        if let Some(digest) = event.items.digest() {
            let key = Key::order_items(account, &event.order_group, &digest);
            hints.push(items_item(&key, &event.items));
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
        let mut hints: Vec<Attributes> = pointers.iter().map(Key::attributes).collect();
        let expires_at = self.retention.expires_at(order.created_at);
        for hint in &mut hints {
            expire(hint, expires_at);
        }
        self.put_many("write an order's pointers", hints).await
    }

    /// Writes a whole order on the version before its own; `false` when another was faster.
    pub async fn order_put(&self, account: &Account, order: &Order) -> Result<bool, StoreError> {
        // Nothing but this method writes orders, and each write raises the version.
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
