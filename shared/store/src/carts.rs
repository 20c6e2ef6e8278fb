//! Carts that were left behind: written on the version that was read, so that whoever loses reads again.
//!
//! A cart's pointer is written before the cart itself: a crash in between leaves a pointer that leads to
//! nothing, never a cart that nobody looks at.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub mod begun;
pub mod data;

use crate::due::DuePointer;
use crate::table::attributes::{Attributes, expire, write};
use crate::table::condition::Written;
use crate::table::key::{DueKey, Key};
use crate::table::retry::Attempts;
use crate::table::transact::put;
use crate::{StoreError, Table};
use domain::facts::cart::{Beat, Beaten, Cart};
use domain::facts::decision::Decision;
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::keyed_id::CartId;
use domain::values::order_form::OrderForm;
use domain::values::span::Span;

/// How long a cart outlives its last sign of life: VTEX gives the ids of order forms to others after three
/// months.
pub const CART_STAYS: Span = Span::days(30);

/// A cart as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartRecord {
    /// Where it stands.
    #[serde(flatten)]
    pub cart: Cart,
    /// Its order form, as the store writes it.
    pub order_form: OrderForm,
}

/// What an account's sending campaigns ask of a beat (R13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whether some campaign reminds of a cart whose shopper didn't come to the payment page.
    pub any_page: bool,
    /// Whether some campaign reminds at all.
    pub any_campaign: bool,
    /// The smallest of their delays.
    pub delay: Span,
}

impl Terms {
    /// Whether a beat may begin an episode.
    #[must_use]
    pub const fn admit(self, beat: Beat) -> bool {
        self.any_page || (self.any_campaign && beat.payment)
    }
}

/// What a beat did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeatWritten {
    /// It began an episode.
    Began,
    /// The cart lives on.
    Lives,
    /// Nothing: nothing is written.
    Nothing,
    /// It would have begun an episode, and may not.
    Refused,
}

impl Table {
    /// A cart.
    pub async fn cart(
        &self,
        account: &Account,
        id: &CartId,
    ) -> Result<Option<CartRecord>, StoreError> {
        self.get("cart", &Key::cart(account, id)).await
    }

    /// Several carts by their ids; those that aren't there are left out.
    pub async fn carts(
        &self,
        account: &Account,
        ids: impl IntoIterator<Item = &CartId>,
    ) -> Result<BTreeMap<CartId, CartRecord>, StoreError> {
        #[derive(Deserialize)]
        struct Keyed {
            pk: String,
            #[serde(flatten)]
            record: CartRecord,
        }
        let keys: BTreeSet<Key> = ids.into_iter().map(|id| Key::cart(account, id)).collect();
        let found: Vec<Keyed> = self.get_many("cart", keys).await?;
        let found = found.into_iter().map(|Keyed { pk, record }| {
            let id = pk.rsplit_once('#').and_then(|(_, id)| CartId::parse(id).ok());
            let id = id.ok_or_else(|| StoreError::corrupt("cart", "its key names none"))?;
            Ok((id, record))
        });
        found.collect()
    }

    /// Takes a sign of life of a cart (R13). Where `told` is new of it, what a store's backend said of the cart
    /// was written a moment ago: then the cart is written whatever the beat says, so that a gate which didn't
    /// know it loses. An episode begins where `may_begin` says so at that moment.
    pub async fn cart_beat(
        &self,
        (account, id): (&Account, &CartId),
        order_form: &OrderForm,
        (beat, told): (Beat, Written),
        (terms, may_begin): (Terms, &(dyn Fn() -> bool + Sync)),
        now: Instant,
    ) -> Result<BeatWritten, StoreError> {
        const OPERATION: &str = "take a cart's sign of life";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held = self.cart(account, id).await?;
            let held_cart = held.as_ref().map(|held| &held.cart);
            let beaten = Cart::beaten(held_cart, beat, terms.admit(beat), terms.delay, now);
            let (next, pointed, outcome) = match beaten {
                Beaten::Begins(_) if !may_begin() => return Ok(BeatWritten::Refused),
                Beaten::Begins(next) => (next, true, BeatWritten::Began),
                Beaten::Overdue(next) => (next, true, BeatWritten::Lives),
                Beaten::Lives(next) => (next, false, BeatWritten::Lives),
                Beaten::Nothing => match held_cart.and_then(|held| held.told(told.is_changed())) {
                    Some(next) => (next, false, BeatWritten::Lives),
                    None => return Ok(BeatWritten::Nothing),
                },
            };
            if pointed {
                self.due_put(&due_key(account, id, &next), now).await?;
            }
            // An order form goes on under the spelling that was heard first. One that was erased is new data with the
            // next episode.
            let begins = outcome == BeatWritten::Began;
            let held_form = held.map(|held| held.order_form);
            let held_form = held_form.filter(|form| !(begins && form.is_erased()));
            let order_form = held_form.unwrap_or_else(|| order_form.clone());
            let next = CartRecord { cart: next, order_form };
            if self.cart_put(account, id, &next).await? {
                return Ok(outcome);
            }
        }
    }

    /// Writes a cart on the version before its own; `false` when another was faster.
    pub async fn cart_put(
        &self,
        account: &Account,
        id: &CartId,
        next: &CartRecord,
    ) -> Result<bool, StoreError> {
        let item = cart_item(account, id, next)?;
        Ok(self.put_on_version("write a cart", item, next.cart.version).await?.is_changed())
    }

    /// Has a cart wait until its new `due_at`: its pointer first, then the cart, then the pointers that led to
    /// it are taken away. `false` when another was faster; then nothing is.
    pub async fn cart_postpone(
        &self,
        (account, id): (&Account, &CartId),
        next: &CartRecord,
        led_by: &[DuePointer],
        now: Instant,
    ) -> Result<bool, StoreError> {
        let key = due_key(account, id, &next.cart);
        self.due_put(&key, now).await?;
        if !self.cart_put(account, id, next).await? {
            return Ok(false);
        }
        self.due_delete_all(led_by, Some(&key)).await?;
        Ok(true)
    }

    /// Closes a cart with its decision, both or neither, then takes away the pointers that led to it. `held`
    /// is the decision of an earlier attempt of the same episode; none: there is none yet.
    pub async fn cart_close(
        &self,
        (account, id): (&Account, &CartId),
        next: &CartRecord,
        (held, decision): (Option<&Decision>, &Decision),
        led_by: &[DuePointer],
    ) -> Result<bool, StoreError> {
        let item = cart_item(account, id, next)?;
        let actions = vec![
            put(self.put_of_version(item, next.cart.version))?,
            put(self.decision_put_of(account, id, held, decision)?)?,
        ];
        if !self.transact("close a cart", actions).await?.is_done() {
            return Ok(false);
        }
        self.due_delete_all(led_by, None).await?;
        Ok(true)
    }
}

/// The pointer that leads to a cart when it is due.
#[must_use]
pub fn due_key(account: &Account, id: &CartId, cart: &Cart) -> DueKey {
    DueKey { due_at: cart.due_at, account: account.clone(), cart: id.clone() }
}

pub(crate) fn cart_item(
    account: &Account,
    id: &CartId,
    record: &CartRecord,
) -> Result<Attributes, StoreError> {
    let mut item = write("cart", &Key::cart(account, id), record)?;
    let lives = record.cart.last_activity_at.max(record.cart.due_at);
    expire(&mut item, Some(lives.plus(CART_STAYS).seconds()));
    Ok(item)
}
