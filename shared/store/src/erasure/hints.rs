//! What a late event wrote before it met its erased fact is taken back.

use std::collections::BTreeSet;

use super::PointerKey;
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::facts::event::{OrderUpdated, ReminderSent};
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::values::account::Account;
use domain::values::identity::IdentitySets;

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
        let id = &erased.reminder;
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
        hints.extend(list.map(|list| Key::cart_items(account, id, &list)));
        self.delete_many("take pointers back", &hints).await
    }

    /// The same for late `order.updated` of one order: the pointers of the events' identities, at
    /// whatever instant the order was thought to be created at, and those in `pointed`, which were
    /// written for other identities that the order named before it was erased.
    pub(crate) async fn delete_order_hints(
        &self,
        account: &Account,
        events: &[OrderUpdated],
        pointed: BTreeSet<Key>,
        erased: &Order,
    ) -> Result<(), StoreError> {
        let group = &erased.order_group;
        let mut hints = pointed;
        let mut named = IdentitySets::default();
        // The events were folded into an order at least as old as this one, if into any.
        let (mut earliest, mut latest) = (erased.created_at, erased.created_at);
        for event in events {
            named.add(&event.identities);
            earliest = earliest.min(event.created_at);
            latest = latest.max(event.created_at);
        }
        let (from, to) = key::order_pointer_range(earliest, latest);
        for pk in key::identity_set_pks(account, &named) {
            let found: Vec<PointerKey> = self.query("pointer", &pk, &from, &to).await?;
            let ours = found.into_iter().filter(|PointerKey { sk, .. }| {
                key::parse_order_pointer(sk).is_some_and(|(_, pointed)| pointed == *group)
            });
            hints.extend(ours.map(|PointerKey { pk, sk }| Key { pk, sk }));
        }
        let kept: BTreeSet<String> =
            key::identity_set_pks(account, &erased.identities).into_iter().collect();
        hints.retain(|pointer| !kept.contains(&pointer.pk));
        let held = |list: &_| erased.parts.values().any(|part| part.items.as_ref() == Some(list));
        let lists = events.iter().filter_map(|event| event.items.digest());
        let lists = lists.filter(|list| !held(list));
        hints.extend(lists.map(|list| Key::order_items(account, group, &list)));
        let hints: Vec<Key> = hints.into_iter().collect();
        self.delete_many("take pointers back", &hints).await
    }
}
