//! An erasure (LGPD art. 18) is a renaming: each of a person's values becomes a random alias of its
//! kind wherever it stands.
//!
//! The rules compare identities for equality alone (R4, R5), so no figure moves, every fact stays
//! open, also other people's, and two erasures don't disturb each other.
//!
//! **By fact, not by event.** A fact begins at its sent instant or its order's instant (R2). In it a
//! value becomes the alias of its first mark whose `erased_at` is not before that beginning, whatever
//! event names it and whenever it comes. In a fact that began later it is new data, and stays. A
//! beginning only ever moves to earlier, and then what already stands there is renamed, too. So what a
//! fact holds in the end follows from its events and the marks, and not from what came first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::facts::event::{OrderUpdated, ReminderSent};
use crate::facts::order::{Named, Order, Part};
use crate::facts::reminder::{Reminder, Sent};
use crate::values::identity::alias::Identity;
use crate::values::identity::{Identities, IdentitySets};
use crate::values::instant::Instant;

/// One erasure of a value: what stands for it in facts that had begun by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// What stands for the value.
    pub alias: Identity,
    /// The latest beginning that it covers.
    pub erased_at: Instant,
}

/// All erasures of a value, the earliest first; of an alias those before its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkList {
    /// Each later than the one before.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Of an alias: the `erased_at` of its own mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<Instant>,
}

impl MarkList {
    /// What stands for the value in a fact that began then; none: the value itself does.
    #[must_use]
    pub fn alias(&self, began: Instant) -> Option<&Identity> {
        self.marks.iter().find(|mark| began <= mark.erased_at).map(|mark| &mark.alias)
    }

    /// The list with one more mark; none when the value is marked up to that instant already.
    #[must_use]
    pub fn with(&self, mark: Mark) -> Option<Self> {
        if self.marks.last().is_some_and(|last| last.erased_at >= mark.erased_at) {
            return None;
        }
        let marks = self.marks.iter().cloned().chain([mark]).collect();
        Some(Self { marks, ..self.clone() })
    }

    /// The list of `alias`, which is about to stand for the value up to `erased_at`: what it stands in
    /// may turn out to have begun before an earlier mark.
    #[must_use]
    pub fn of_alias(&self, erased_at: Instant) -> Self {
        Self { marks: self.marks.clone(), alias_of: Some(erased_at) }
    }
}

/// The marks of some values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<Identity, MarkList>);

impl FromIterator<(Identity, MarkList)> for Marks {
    fn from_iter<I: IntoIterator<Item = (Identity, MarkList)>>(lists: I) -> Self {
        Self(lists.into_iter().collect())
    }
}

impl Marks {
    /// What stands for a value in a fact that began then; none: the value itself does.
    #[must_use]
    pub fn alias(&self, value: &Identity, began: Instant) -> Option<&Identity> {
        self.0.get(value)?.alias(began)
    }

    /// All that stands for a value, in one fact or another.
    pub fn aliases(&self, value: &Identity) -> impl Iterator<Item = &Identity> {
        self.0.get(value).into_iter().flat_map(|list| &list.marks).map(|mark| &mark.alias)
    }

    /// Until when an alias covers beginnings; none for what is no alias of these.
    #[must_use]
    pub fn erased_at(&self, alias: &Identity) -> Option<Instant> {
        let own = self.0.get(alias).and_then(|list| list.alias_of);
        let marks = || self.0.values().flat_map(|list| &list.marks);
        own.or_else(|| Some(marks().find(|mark| mark.alias == *alias)?.erased_at))
    }

    /// The latest erasure of any of these values.
    pub fn latest(&self, values: impl IntoIterator<Item = Identity>) -> Option<Instant> {
        let lists = values.into_iter().filter_map(|value| self.0.get(&value));
        lists.filter_map(|list| Some(list.marks.last()?.erased_at)).max()
    }

    /// Those of `named` that are renamed in a fact that began then.
    pub fn renamed(
        &self,
        named: impl IntoIterator<Item = Identity>,
        began: Instant,
    ) -> BTreeSet<Identity> {
        named.into_iter().filter(|value| self.alias(value, began).is_some()).collect()
    }

    /// Identities as they stand in a fact that began then.
    #[must_use]
    pub fn identities(&self, named: &Identities, began: Instant) -> Identities {
        let mut renamed = Identities::default();
        for identity in named.each() {
            match self.alias(&identity, began).cloned().unwrap_or(identity) {
                Identity::User(user) => renamed.user_id = Some(user),
                Identity::Phone(phone) => renamed.phone = Some(phone),
                Identity::Cart(cart) => renamed.order_form_id = Some(cart),
            }
        }
        renamed
    }

    /// The same for sets.
    #[must_use]
    pub fn sets(&self, named: &IdentitySets, began: Instant) -> IdentitySets {
        let each = named.each();
        each.map(|value| self.alias(&value, began).cloned().unwrap_or(value)).collect()
    }

    /// A `reminder.sent` as it is folded into a reminder that began then.
    #[must_use]
    pub fn sent(&self, event: &ReminderSent, began: Instant) -> ReminderSent {
        ReminderSent { identities: self.identities(&event.identities, began), ..event.clone() }
    }

    /// An `order.updated` as it is folded into an order that began then.
    #[must_use]
    pub fn updated(&self, event: &OrderUpdated, began: Instant) -> OrderUpdated {
        OrderUpdated { identities: self.identities(&event.identities, began), ..event.clone() }
    }

    /// A reminder that began then. Its clear id goes with the first identity that is renamed: it
    /// encodes the phone number.
    #[must_use]
    pub fn reminder(&self, reminder: &Reminder, began: Instant) -> Reminder {
        let sent = reminder.sent.as_ref().map(|sent| Sent {
            identities: self.identities(&sent.identities, began),
            ..sent.clone()
        });
        let others = self.sets(&reminder.others, began);
        let renamed = Reminder { sent, others, ..reminder.clone() };
        let reminder_id = renamed.reminder_id.clone().filter(|_| !renamed.is_erased());
        Reminder { reminder_id, ..renamed }
    }

    /// An order that began then.
    #[must_use]
    pub fn order(&self, order: &Order, began: Instant) -> Order {
        let part = |part: &Part| {
            let identities = self.identities(&part.identities, began);
            Part { identities, ..part.clone() }
        };
        let named_user = order.named_user.as_ref().map(|named| {
            let alone = Identities { user_id: Some(named.value.clone()), ..Identities::default() };
            let value = self.identities(&alone, began).user_id;
            Named { value: value.unwrap_or_else(|| named.value.clone()), ..named.clone() }
        });
        let named_cart = order.named_cart.as_ref().map(|named| {
            let cart = Some(named.value.clone());
            let alone = Identities { order_form_id: cart, ..Identities::default() };
            let value = self.identities(&alone, began).order_form_id;
            Named { value: value.unwrap_or_else(|| named.value.clone()), ..named.clone() }
        });
        Order {
            parts: order.parts.iter().map(|(id, held)| (id.clone(), part(held))).collect(),
            identities: self.sets(&order.identities, began),
            named_user,
            named_cart,
            ..order.clone()
        }
    }
}

/// What an erasure takes along from a fact that holds an alias: the phones and carts beside a user id
/// that is one, the carts beside a phone that is one. Beside a user id that is none they are another
/// person's, too, and stay.
#[must_use]
pub fn beside(named: &IdentitySets) -> IdentitySets {
    let is_alias = |identity: Identity| identity.is_alias();
    let is_user = |identity: &Identity| matches!(identity, Identity::User(_));
    let is_phone = |identity: &Identity| matches!(identity, Identity::Phone(_));
    if named.each().filter(is_user).any(|user| !user.is_alias()) {
        return IdentitySets::default();
    }
    let by_user = named.each().filter(is_user).any(is_alias);
    let by_phone = named.each().filter(is_phone).any(is_alias);
    let taken = named.each().filter(|identity| match identity {
        Identity::User(_) => false,
        Identity::Phone(_) => by_user,
        Identity::Cart(_) => by_user || by_phone,
    });
    taken.filter(|identity| !identity.is_alias()).collect()
}

#[cfg(test)]
mod tests;
