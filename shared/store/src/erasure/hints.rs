//! What a late event wrote before it met its erased fact is taken back.

use std::collections::BTreeSet;

use super::PointerKey;
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::facts::event::{OrderUpdated, ReminderSent};
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::values::account::Account;

impl Table {
    /// Deletes pointers and item list that a late `reminder.sent` wrote for an erased reminder,
    /// but for those that the reminder itself has: it may name somebody else, too.
    pub(crate) async fn delete_reminder_hints(
        &self,
        account: &Account,
        event: &ReminderSent,
        erased: &Reminder,
    ) -> Result<(), StoreError> {
        let own = erased.sent.as_ref();
        let id = &event.reminder_id;
        let kept: BTreeSet<Key> = own
            .map(|sent| key::reminder_pointers(account, &sent.identities, id))
            .into_iter()
            .flatten()
            .collect();
        let mut hints = key::reminder_pointers(account, &event.identities, id);
        hints.retain(|pointer| !kept.contains(pointer));
        let list = event
            .items
            .digest()
            .filter(|list| own.is_none_or(|sent| sent.items.as_ref() != Some(list)));
        hints.extend(list.map(|list| Key::cart_items(account, &event.reminder_id, &list)));
        self.delete_many("take pointers back", &hints).await
    }

    /// The same for a late `order.updated`: the pointers of the event's identities, at whatever
    /// instant the order was thought to be created at, and those in `pointed`, which were written for
    /// other identities that the order named before it was erased.
    pub(crate) async fn delete_order_hints(
        &self,
        account: &Account,
        event: &OrderUpdated,
        pointed: BTreeSet<Key>,
        erased: &Order,
    ) -> Result<(), StoreError> {
        let kept: BTreeSet<String> =
            key::identity_set_pks(account, &erased.identities).into_iter().collect();
        let mut pointers = pointed;
        // The event was folded into an order at least as old as this one, if into any.
        let earliest = erased.created_at.min(event.created_at);
        let (from, to) = key::order_pointer_range(earliest, event.created_at);
        for pk in key::identity_pks(account, &event.identities) {
            let found: Vec<PointerKey> = self.query("pointer", &pk, &from, &to).await?;
            let ours = found.into_iter().filter(|PointerKey { sk, .. }| {
                key::parse_order_pointer(sk).is_some_and(|(_, group)| group == event.order_group)
            });
            pointers.extend(ours.map(|PointerKey { pk, sk }| Key { pk, sk }));
        }
        pointers.retain(|pointer| !kept.contains(&pointer.pk));
        let mut hints: Vec<Key> = pointers.into_iter().collect();
        let held = |list: &_| erased.parts.values().any(|part| part.items.as_ref() == Some(list));
        let list = event.items.digest().filter(|list| !held(list));
        hints.extend(list.map(|list| Key::order_items(account, &event.order_group, &list)));
        self.delete_many("take pointers back", &hints).await
    }
}
