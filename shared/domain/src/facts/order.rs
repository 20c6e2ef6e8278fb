//! How an order folds (R2), what of it is alive (R7) and what it is worth (R8).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::facts::credit::Credit;
use crate::facts::event::{DataDigest, OrderUpdated};
use crate::values::identity::{Identities, IdentitySets, OrderFormId, UserId};
use crate::values::ids::{OrderGroup, OrderId};
use crate::values::instant::Instant;
use crate::values::invalid::Invalid;
use crate::values::item::ItemsDigest;
use crate::values::limits;
use crate::values::money::{Currency, Money};
use crate::values::order_status::{OrderStatus, Phase};

/// One purchase as all that was heard of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The purchase.
    pub order_group: OrderGroup,
    /// The earliest creation that any event of any part named (R2).
    pub created_at: Instant,
    /// The state of each part; of more than it may have, those with the smallest ids.
    pub parts: BTreeMap<OrderId, Part>,
    /// Everything that its events named (R2); of more than it may have, the smallest of each kind.
    #[serde(flatten)]
    pub identities: IdentitySets,
    /// The user id of the event changed last that names one; then of the one with the greater digest
    /// (R10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_user: Option<Named<UserId>>,
    /// The cart of the event changed last that names one; then of the one with the greater digest (R10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_cart: Option<Named<OrderFormId>>,
    /// The reminder that it is credited to, as derived last (R6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Credit>,
    /// Counts the writes of this order.
    pub version: u64,
}

/// A value, when it was named and by which event, ordered by these two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// `changedAt` of the event that named it.
    pub at: Instant,
    /// The digest of that event.
    pub digest: DataDigest,
    /// What it named.
    pub value: T,
}

/// The state of one part: the event that R2 keeps, its items stored beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its state.
    pub status: OrderStatus,
    /// When it changed into it.
    pub changed_at: Instant,
    /// When that event said that the part was made.
    pub created_at: Instant,
    /// Whom that event named.
    #[serde(flatten)]
    pub identities: Identities,
    /// Its currency.
    pub currency: Currency,
    /// Its value in minor units.
    pub value: i64,
    /// Names its items, which are stored beside; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<ItemsDigest>,
    /// The digest of that event.
    pub digest: DataDigest,
}

impl Part {
    fn of(event: &OrderUpdated, digest: DataDigest) -> Self {
        Self {
            status: event.status.clone(),
            changed_at: event.changed_at,
            created_at: event.created_at,
            identities: event.identities.clone(),
            currency: event.currency.clone(),
            value: event.value,
            items: event.items.digest(),
            digest,
        }
    }

    /// R2: whether this state is kept rather than `held`, both of one part: the later change; at one
    /// instant dead, then live, then incomplete; then the one with the greater digest.
    #[must_use]
    pub fn supersedes(&self, held: &Self) -> bool {
        let rank = |part: &Self| (part.changed_at, part.status.phase());
        rank(self) > rank(held) || (rank(self) == rank(held) && self.digest > held.digest)
    }
}

impl Order {
    /// An order of which `event` is the first that was heard.
    #[must_use]
    pub fn first(event: &OrderUpdated) -> Self {
        Self {
            order_group: event.order_group.clone(),
            created_at: event.created_at,
            parts: BTreeMap::new(),
            identities: IdentitySets::default(),
            named_user: None,
            named_cart: None,
            credit: None,
            version: 0,
        }
    }

    /// Folds one event, whose data have this digest, into the order (R2). Events may come in any
    /// order, any number of times.
    ///
    /// An order keeps the smallest [`limits::PARTS_PER_ORDER`] parts, by their ids, and the smallest
    /// [`limits::IDENTITIES_PER_ORDER`] identities of each kind. So which ones it keeps doesn't depend
    /// on which came first; and a part that gave way to smaller ones never comes back, so each part
    /// that is kept was there for all of its events.
    ///
    /// # Errors
    /// Names the part or the identity of this event that isn't kept. All else of it is folded in.
    pub fn fold(&mut self, event: &OrderUpdated, digest: &DataDigest) -> Result<(), Invalid> {
        let (user, cart) = (&event.identities.user_id, &event.identities.order_form_id);
        self.created_at = self.created_at.min(event.created_at);
        let told = (event.changed_at, digest);
        self.named_user = later(self.named_user.take(), told, user.as_ref());
        self.named_cart = later(self.named_cart.take(), told, cart.as_ref());
        self.identities.add(&event.identities);
        self.identities.keep_smallest(limits::IDENTITIES_PER_ORDER);
        let part = Part::of(event, digest.clone());
        if self.parts.get(&event.order_id).is_none_or(|held| part.supersedes(held)) {
            self.parts.insert(event.order_id.clone(), part);
        }
        while self.parts.len() > limits::PARTS_PER_ORDER {
            self.parts.pop_last();
        }
        self.keeps(event)
    }

    /// Whether the order, into which the event was folded, has kept what it names.
    ///
    /// # Errors
    /// Names the part or the identity that isn't kept.
    pub fn keeps(&self, event: &OrderUpdated) -> Result<(), Invalid> {
        if !self.parts.contains_key(&event.order_id) {
            return Err(Invalid::new("orderId", "one of the 50 smallest of its order"));
        }
        match self.identities.missing(&event.identities) {
            Some(field) => {
                Err(Invalid::new(field, "one of the 50 smallest of its kind in an order"))
            }
            None => Ok(()),
        }
    }

    /// R7: the parts that count, by order id.
    pub fn live_parts(&self) -> impl Iterator<Item = (&OrderId, &Part)> {
        self.parts.iter().filter(|(_, part)| part.status.phase() == Phase::Live)
    }

    /// R7: whether any part counts.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.live_parts().next().is_some()
    }

    /// R7, R8: the sum of the live parts in the currency of the live part with the smallest
    /// order id; none for an order that doesn't count.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let currency = self.live_parts().next().map(|(_, part)| part.currency.clone())?;
        let minor_units = self
            .live_parts()
            .filter(|(_, part)| part.currency == currency)
            // So few parts of bounded value can't reach an i64's end.
            .fold(0_i64, |sum, (_, part)| sum.saturating_add(part.value));
        Some(Money { currency, minor_units })
    }

    /// R8: whether a live part is in another currency than the order's, which is an alarm.
    #[must_use]
    pub fn mixes_currencies(&self) -> bool {
        let currencies: BTreeSet<_> = self.live_parts().map(|(_, part)| &part.currency).collect();
        currencies.len() > 1
    }
}

/// The one named later; at one instant by the event with the greater digest.
fn later<T: Clone>(
    held: Option<Named<T>>,
    (at, digest): (Instant, &DataDigest),
    value: Option<&T>,
) -> Option<Named<T>> {
    let named = value.map(|value| Named { at, digest: digest.clone(), value: value.clone() });
    // One event names one value: what is equal but for that was renamed since.
    match (held, named) {
        (Some(held), Some(named)) if (held.at, &held.digest) >= (named.at, &named.digest) => {
            Some(held)
        }
        (held, named) => named.or(held),
    }
}

#[cfg(test)]
mod tests;
