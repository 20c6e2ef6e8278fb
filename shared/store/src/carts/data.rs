//! What a store's backend told of a cart, beside the cart itself.
//!
//! Each field folds by the instant at which it was said: an event that comes late brings what no later one
//! said. What it says of a person is sealed, and kept for seven days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::carts::CART_STAYS;
use crate::sealed::{KeptSecret, Purpose};
use crate::table::attributes::{expire, write};
use crate::table::condition::Written;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::keyed_id::CartId;
use domain::values::span::Span;
use runtime::config::Secret;
use runtime::sealing::SealingKey;

/// How long what is said of a person is kept: its cart's reminder is long decided by then.
pub const PERSONAL_STAYS: Span = Span::days(7);

/// When it goes at the latest where more of the person is told: what is told then stays for a day at least.
const FORGOTTEN_AFTER: Span = Span::days(6);

/// A field of what a backend tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CartField {
    /// The store's id of the shopper.
    UserId,
    /// Their phone number.
    Phone,
    /// Their first name.
    FirstName,
    /// Their language.
    Language,
    /// The cart's currency.
    Currency,
    /// What it is worth, in minor units.
    Value,
    /// Its items, as JSON.
    Items,
    /// Where the message's link leads.
    Url,
    /// Whether the shopper agreed to messages, as JSON.
    Consent,
}

impl CartField {
    /// Whether it says something of a person.
    const fn is_personal(self) -> bool {
        // An address is free text, which may name somebody.
        matches!(self, Self::UserId | Self::Phone | Self::FirstName | Self::Url)
    }
}

/// One field as an event says it. No `Debug`: it may hold a phone number.
#[derive(Clone)]
pub struct Saying {
    /// Which.
    pub field: CartField,
    /// When it was said.
    pub at: Instant,
    /// Names the value by its content, so that two of one instant end the same in any order.
    pub digest: String,
    /// What; none: that there is none.
    pub value: Option<Secret>,
}

/// A field as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    at: Instant,
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<KeptSecret>,
}

/// The item of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    fields: BTreeMap<CartField, Said>,
    version: u64,
}

impl Stored {
    /// Takes away what was said of a person too long ago, and what would soon be: the item goes with it, and what is
    /// told now is for a cart that waits for some hours. That it was said stays: nothing older comes back.
    fn forget(&mut self, now: Instant) {
        for (_, said) in self.fields.iter_mut().filter(|(field, _)| field.is_personal()) {
            if now.since(said.at) > FORGOTTEN_AFTER {
                said.value = None;
            }
        }
    }

    /// The item goes when the oldest of what it holds of a person has to.
    fn expires_at(&self, now: Instant) -> Instant {
        let personal = self.fields.iter().filter(|(field, _)| field.is_personal());
        let held = personal.filter(|(_, said)| said.value.is_some()).map(|(_, said)| said.at);
        held.min().map_or_else(|| now.plus(CART_STAYS), |at| at.plus(PERSONAL_STAYS))
    }
}

/// What a backend told of a cart, opened. No `Debug`: it may hold a phone number.
#[derive(Default)]
pub struct CartSaid(BTreeMap<CartField, Secret>);

impl CartSaid {
    /// Whether it told nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A field.
    #[must_use]
    pub fn get(&self, field: CartField) -> Option<&str> {
        self.0.get(&field).map(Secret::expose)
    }
}

impl Table {
    /// What a store's backend told of a cart; of a person, what was said within [`PERSONAL_STAYS`].
    pub async fn cart_said(
        &self,
        account: &Account,
        cart: &CartId,
        sealing: &SealingKey,
        now: Instant,
    ) -> Result<CartSaid, StoreError> {
        let mut opened = BTreeMap::new();
        for key in [Key::cart_data(account, cart), Key::live_cart_items(account, cart)] {
            let stored: Option<Stored> = self.get("cart's data", &key).await?;
            for (field, said) in stored.unwrap_or_default().fields {
                let is_old = field.is_personal() && now.since(said.at) > PERSONAL_STAYS;
                let Some(value) = said.value.filter(|_| !is_old) else { continue };
                opened.insert(field, value.open((sealing, account), Purpose::CartData)?);
            }
        }
        Ok(CartSaid(opened))
    }

    /// Whether a store's backend told anything of a cart.
    pub async fn cart_is_told(&self, account: &Account, cart: &CartId) -> Result<bool, StoreError> {
        for key in [Key::cart_data(account, cart), Key::live_cart_items(account, cart)] {
            let stored: Option<Stored> = self.get("cart's data", &key).await?;
            if stored.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Folds what a store's backend tells of a cart into what it told before. Written before the cart itself:
    /// a gate that reads the cart first and this afterwards either sees it or loses the cart.
    pub async fn cart_fold(
        &self,
        account: &Account,
        cart: &CartId,
        sayings: Vec<Saying>,
        sealing: &SealingKey,
        now: Instant,
    ) -> Result<Written, StoreError> {
        let (items, rest): (Vec<Saying>, Vec<Saying>) =
            sayings.into_iter().partition(|saying| saying.field == CartField::Items);
        let mut outcome = Written::Unchanged;
        for (key, sayings) in
            [(Key::live_cart_items(account, cart), items), (Key::cart_data(account, cart), rest)]
        {
            if !sayings.is_empty() {
                let folded = self.cart_fold_at(account, &key, &sayings, sealing, now).await?;
                if folded.is_changed() {
                    outcome = Written::Changed;
                }
            }
        }
        Ok(outcome)
    }

    /// Takes away what was said of a cart until `erased_at`.
    pub(crate) async fn cart_said_forget(
        &self,
        account: &Account,
        cart: &CartId,
        erased_at: Instant,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "forget what was said of a cart";
        for key in [Key::cart_data(account, cart), Key::live_cart_items(account, cart)] {
            let mut attempts = Attempts::at(OPERATION);
            loop {
                attempts.next().await?;
                let held: Option<Stored> = self.get("cart's data", &key).await?;
                let Some(mut next) = held else { break };
                let before = next.fields.len();
                next.fields.retain(|_, said| said.at > erased_at);
                if next.fields.len() == before {
                    break;
                }
                next.version += 1;
                let mut item = write("cart's data", &key, &next)?;
                expire(&mut item, Some(next.expires_at(erased_at).seconds()));
                if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn cart_fold_at(
        &self,
        account: &Account,
        key: &Key,
        sayings: &[Saying],
        sealing: &SealingKey,
        now: Instant,
    ) -> Result<Written, StoreError> {
        const OPERATION: &str = "fold a cart's data";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held: Option<Stored> = self.get("cart's data", key).await?;
            let mut next = held.unwrap_or_default();
            let mut is_new = false;
            for saying in sayings {
                let told = (saying.at, &saying.digest);
                let held = next.fields.get(&saying.field);
                if held.is_some_and(|held| (held.at, &held.digest) >= told) {
                    continue;
                }
                is_new = true;
                let value = saying.value.as_ref().map(|value| {
                    if saying.field.is_personal() {
                        KeptSecret::seal((sealing, account), Purpose::CartData, value)
                    } else {
                        Ok(KeptSecret::Clear(value.expose().to_owned()))
                    }
                });
                let (at, digest) = (saying.at, saying.digest.clone());
                next.fields.insert(saying.field, Said { at, digest, value: value.transpose()? });
            }
            if !is_new {
                return Ok(Written::Unchanged);
            }
            next.version += 1;
            next.forget(now);
            let mut item = write("cart's data", key, &next)?;
            expire(&mut item, Some(next.expires_at(now).seconds()));
            if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                return Ok(Written::Changed);
            }
        }
    }
}
