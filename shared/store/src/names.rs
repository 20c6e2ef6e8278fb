//! Whom carts and sends name, for whoever erases them or looks up the carts of a number.
//!
//! They stay open for a month at most and are found by pointers of their own: who names somebody in one
//! writes the pointer before it, and looks at the marks of all that it names afterwards. An erasure marks
//! first and then follows the pointers. So whoever comes second sees the other.

use serde::{Deserialize, Serialize};

use crate::carts::{CART_STAYS, CartRecord, due_key};
use crate::sends::SendRecord;
use crate::table::attributes::{expire, s, value};
use crate::table::condition::unless_condition_failed;
pub use crate::table::key::Naming;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::cart::SendId;
use domain::values::account::Account;
use domain::values::identity::PhoneKey;
use domain::values::identity::alias::Identity;
use domain::values::instant::Instant;
use domain::values::keyed_id::{CartId, ContactId};
use domain::values::order_form::OrderForm;

/// What leads from a value to what names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedIn {
    pk: String,
    sk: String,
    /// What names it.
    pub naming: Naming,
    /// When it was named there last.
    pub at: Instant,
}

impl Table {
    /// Notes that `naming` is about to name these.
    pub async fn named_put(
        &self,
        phone_key: &PhoneKey,
        account: &Account,
        named: impl IntoIterator<Item = Identity>,
        naming: &Naming,
        now: Instant,
    ) -> Result<(), StoreError> {
        let items = named.into_iter().map(|identity| {
            let mut item = Key::named(phone_key, account, &identity, naming).attributes();
            item.insert("naming".to_owned(), value("named", naming)?);
            item.insert("at".to_owned(), s(now));
            expire(&mut item, Some(now.plus(CART_STAYS).seconds()));
            Ok(item)
        });
        let items = items.collect::<Result<Vec<_>, StoreError>>()?;
        self.put_many("note who is named", items).await
    }

    /// Notes whose cart it is, by the phone number that its gate read: so it is found by whoever asks for the number,
    /// and by an erasure. One that came meanwhile may not have found it: then it is forgotten here.
    pub async fn cart_name(
        &self,
        phone_key: &PhoneKey,
        (account, id): (&Account, &CartId),
        phone: &Identity,
        episode: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        let naming = Naming::Cart(id.clone());
        self.named_put(phone_key, account, [phone.clone()], &naming, now).await?;
        let marks = self.marks(phone_key, account, [phone.clone()]).await?;
        if let Some(erased_at) = marks.latest([phone.clone()]).filter(|at| episode <= *at) {
            self.cart_forget(account, id, erased_at, now).await?;
            let place = Key::named(phone_key, account, phone, &naming);
            self.named_delete(&NamedIn { pk: place.pk, sk: place.sk, naming, at: now }).await?;
        }
        Ok(())
    }

    /// What names a value.
    pub async fn named_in(
        &self,
        phone_key: &PhoneKey,
        account: &Account,
        value: &Identity,
    ) -> Result<Vec<NamedIn>, StoreError> {
        self.query_prefix("named", &key::named_pk(phone_key, account, value), "").await
    }

    /// Some of what names a value: of carts and of sends no more than `most` each.
    pub async fn named_in_first(
        &self,
        phone_key: &PhoneKey,
        account: &Account,
        value: &Identity,
        most: usize,
    ) -> Result<Vec<NamedIn>, StoreError> {
        let pk = key::named_pk(phone_key, account, value);
        let mut found = Vec::new();
        for range in [("CART#", "CART#~"), ("SEND#", "SEND#~")] {
            found.extend(self.query_page("named", &pk, range, most, true).await?);
        }
        Ok(found)
    }

    /// Deletes a pointer as it was read.
    pub async fn named_delete(&self, named: &NamedIn) -> Result<(), StoreError> {
        let place = Key { pk: named.pk.clone(), sk: named.sk.clone() };
        let request = self
            .delete_item(&place)
            .condition_expression("#at = :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", s(named.at));
        unless_condition_failed("forget who is named", request.send().await).map(drop)
    }

    /// Takes away what a cart told of its shopper until `erased_at`, and the order form of an episode that had
    /// begun by then. One that waits is due at once, and its gate ends it.
    pub async fn cart_forget(
        &self,
        account: &Account,
        id: &CartId,
        erased_at: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("forget a cart's order form");
        loop {
            attempts.next().await?;
            let held = self.cart(account, id).await?;
            let held =
                held.filter(|held| held.cart.episode <= erased_at && !held.order_form.is_erased());
            let Some(held) = held else { break };
            let cart = held.cart.forgotten(now);
            let sooner =
                Some(due_key(account, id, &cart)).filter(|_| cart.due_at != held.cart.due_at);
            if let Some(key) = &sooner {
                self.due_put(key, now).await?;
            }
            let next = CartRecord { cart, order_form: OrderForm::erased() };
            if self.cart_put(account, id, &next).await? {
                // A run that found the pointer before the cart was written took it away.
                if let Some(key) = &sooner {
                    self.due_put(key, now).await?;
                }
                break;
            }
        }
        self.cart_said_forget(account, id, erased_at).await
    }

    /// Puts aliases in the place of the marked values of a send, and lets go of its message's clear id and of
    /// its link's address. Whom it was for; none where nothing of it is marked.
    pub async fn send_forget(
        &self,
        phone_key: &PhoneKey,
        id: &SendId,
    ) -> Result<Option<(SendRecord, ContactId)>, StoreError> {
        let mut attempts = Attempts::at("forget whom a send names");
        loop {
            attempts.next().await?;
            let Some(held) = self.send(id).await? else { return Ok(None) };
            let named = held.identities.clone();
            let marks = self.marks(phone_key, &held.account, named.each()).await?;
            let identities = marks.identities(&named, held.decided_at);
            if identities == named && !held.erased {
                return Ok(None);
            }
            self.link_forget_target(&held.link_token).await?;
            let result = self
                .update_item(&Key::send(id))
                .update_expression("SET identities = :next, erased = :yes REMOVE reminderId")
                .condition_expression("identities = :held")
                .expression_attribute_values(":next", value("send", &identities)?)
                .expression_attribute_values(":held", value("send", &named)?)
                .expression_attribute_values(
                    ":yes",
                    aws_sdk_dynamodb::types::AttributeValue::Bool(true),
                )
                .send()
                .await;
            if unless_condition_failed("forget whom a send names", result)?.is_changed() {
                let contact = held.contact.clone();
                let next = SendRecord { identities, erased: true, reminder_id: None, ..held };
                return Ok(Some((next, contact)));
            }
        }
    }
}
