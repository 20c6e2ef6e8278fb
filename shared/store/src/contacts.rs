//! Contacts: whether they want messages, and until when Meta asked to leave them alone (R18).
//!
//! A contact is written by many at once: taps, preferences, refusals, the Admin, the claim of a message. So each write
//! is one update whose condition is the fold itself (`domain::facts::contact`): nothing is read before it, and none
//! undoes another.
//!
//! `WhatsApp` may name a user by an id of theirs that is scoped to the business, and no phone number. What they say then is
//! kept on that id. Who says something and who learns whose id it is write the *same* item, and each looks at the
//! item after its own write: whoever comes second sees what the first one wrote, and carries the wish over to the
//! contact. A crash before that is mended by the redelivery, which carries over what stands there, too.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use serde::Deserialize;

use crate::table::attributes::{Attributes, n, read, s};
use crate::table::condition::{Written, if_condition_held, unless_condition_failed};
use crate::table::key::{self, Key};
use crate::table::transact;
use crate::{StoreError, Table};
use domain::activity::Deed;
use domain::facts::contact::{Contact, Opt, SuppressionCode};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::keyed_id::{BusinessUserId, ContactId};
use domain::values::span::Span;

/// What is known of a user by their business-scoped id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BusinessUser {
    /// Whose id it is, once somebody learned it.
    pub contact: Option<ContactId>,
    /// Whether they want no messages.
    pub opt_out: bool,
    /// When they said so last, either way.
    pub opt_at: Option<Instant>,
    /// When they were erased.
    pub erased_at: Option<Instant>,
}

/// The newest wish holds; of one instant, that they want none ([`Contact::opted`]).
const OUT_IF_NEWER: &str =
    "attribute_not_exists(optAt) OR optAt < :at OR (optAt = :at AND optOut = :no)";
/// The same for a wish to have messages again.
const IN_IF_NEWER: &str = "attribute_not_exists(optAt) OR optAt < :at";

/// The condition on which a wish is written.
const fn if_newer(opt: Opt) -> &'static str {
    match opt {
        Opt::Out => OUT_IF_NEWER,
        Opt::In => IN_IF_NEWER,
    }
}

/// The values of a wish.
fn wish(opt: Opt, at: Instant) -> Attributes {
    let mut values = Attributes::from([
        (":out".to_owned(), AttributeValue::Bool(opt == Opt::Out)),
        (":at".to_owned(), s(at)),
        (":one".to_owned(), n(1)),
    ]);
    if opt == Opt::Out {
        values.insert(":no".to_owned(), AttributeValue::Bool(false));
    }
    values
}

impl Table {
    /// What is known of a contact; of one of whom nothing is, all defaults.
    pub async fn contact(
        &self,
        account: &Account,
        contact: &ContactId,
    ) -> Result<Contact, StoreError> {
        let held = self.get("contact", &Key::contact(account, contact)).await?;
        Ok(held.unwrap_or_default())
    }

    /// Notes that a contact said at `at` whether it wants messages.
    pub async fn contact_opt(
        &self,
        account: &Account,
        contact: &ContactId,
        opt: Opt,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::contact(account, contact))
            .update_expression("SET optOut = :out, optAt = :at ADD version :one")
            .condition_expression(if_newer(opt))
            .set_expression_attribute_values(Some(wish(opt, at)))
            .send()
            .await;
        unless_condition_failed("note a contact's wish", result)
    }

    /// [`contact_opt`](Self::contact_opt) for somebody at the Admin who says so of a contact: it is an entry
    /// where the contact was known to wish something else.
    pub async fn contact_opt_told(
        &self,
        account: &Account,
        contact: &ContactId,
        opt: Opt,
        at: Instant,
    ) -> Result<(), StoreError> {
        let held = self.contact(account, contact).await?;
        let deed = match opt {
            Opt::Out => Deed::OptOutAdded,
            Opt::In => Deed::OptOutRemoved,
        };
        let known = held.opt_at.is_some() && held.opt_out == (opt == Opt::Out);
        let entry = if known { None } else { self.entry(account, deed)? };
        let Some(entry) = entry else {
            return self.contact_opt(account, contact, opt, at).await.map(drop);
        };
        let update = self
            .update_of(&Key::contact(account, contact))
            .update_expression("SET optOut = :out, optAt = :at ADD version :one")
            .condition_expression(if_newer(opt))
            .set_expression_attribute_values(Some(wish(opt, at)));
        // Refused: a newer wish stands there, and nothing was changed.
        self.transact("note a wish", vec![transact::update(update)?, entry]).await.map(drop)
    }

    /// Leaves a contact alone for `span` from `at` on, when Meta said so by its `code`. It only grows longer, and whoever
    /// was erased gets none ([`Contact::suppressed`]).
    pub async fn contact_suppress(
        &self,
        account: &Account,
        contact: &ContactId,
        (at, span, code): (Instant, Span, SuppressionCode),
    ) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::contact(account, contact))
            .update_expression("SET suppressedUntil = :until, code = :code ADD version :one")
            .condition_expression(
                "attribute_not_exists(erasedAt) \
                 AND (attribute_not_exists(suppressedUntil) OR suppressedUntil < :until)",
            )
            .expression_attribute_values(":until", s(at.plus(span)))
            .expression_attribute_values(":code", n(code))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        unless_condition_failed("leave a contact alone", result)
    }

    /// Notes that a contact was erased at `at`: it wants no messages from then on, nothing else is known of it
    /// ([`Contact::erased`]).
    pub async fn contact_erase(
        &self,
        account: &Account,
        contact: &ContactId,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.contact_opt(account, contact, Opt::Out, at).await?;
        let result = self
            .update_item(&Key::contact(account, contact))
            .update_expression(
                "SET erasedAt = :at, lastDecidedAt = :at \
                 REMOVE lastCart, lastEpisode, suppressedUntil, code ADD version :one",
            )
            .condition_expression("attribute_not_exists(erasedAt) OR erasedAt < :at")
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        unless_condition_failed("erase a contact", result)?;
        self.business_users_erase(account, contact, at).await
    }

    /// What is known of a user by their business-scoped id.
    pub async fn business_user(
        &self,
        account: &Account,
        user: &BusinessUserId,
    ) -> Result<BusinessUser, StoreError> {
        let held = self.get("business-scoped user", &Key::business_user(account, user)).await?;
        Ok(held.unwrap_or_default())
    }

    /// Notes that a user said at `at` whether they want messages, on their business-scoped id, and on their contact
    /// where it is known whose that is.
    pub async fn business_user_opt(
        &self,
        account: &Account,
        user: &BusinessUserId,
        opt: Opt,
        at: Instant,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "note a business-scoped user's wish";
        let result = self
            .update_item(&Key::business_user(account, user))
            .update_expression("SET optOut = :out, optAt = :at ADD version :one")
            .condition_expression(if_newer(opt))
            .set_expression_attribute_values(Some(wish(opt, at)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let left = if_condition_held(OPERATION, result)?;
        self.carry_over(account, user, left.and_then(|output| output.attributes)).await
    }

    /// Learns whose a business-scoped id is, and carries over to that contact what was said under the id. Of somebody
    /// who was erased nothing is learned.
    pub async fn business_user_learn(
        &self,
        account: &Account,
        user: &BusinessUserId,
        contact: &ContactId,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "learn whose a business-scoped id is";
        let key = Key::business_user(account, user);
        let held = self.business_user(account, user).await?;
        if held.contact.as_ref() != Some(contact) && held.erased_at.is_none() {
            let mapping = self
                .update_of(&key)
                .update_expression("SET contact = :contact ADD version :one")
                .condition_expression("attribute_not_exists(erasedAt)")
                .expression_attribute_values(":contact", s(contact.as_str()))
                .expression_attribute_values(":one", n(1));
            let pointer = Key::contact_user(account, contact, user).attributes();
            let actions = vec![transact::update(mapping)?, transact::put(self.put_of(pointer))?];
            if !self.transact(OPERATION, actions).await?.is_done() {
                // They were erased meanwhile.
                return Ok(());
            }
            // An erasure that marks the contact before this look is seen by it; one that marks it later finds the
            // pointer, which is written already.
            if let Some(erased_at) = self.contact(account, contact).await?.erased_at {
                return self.business_users_erase(account, contact, erased_at).await;
            }
        }
        self.carry_over(account, user, None).await
    }

    /// Forgets whose the business-scoped ids of an erased contact are. Whoever has them wants no messages, and nobody
    /// learns again whose they are.
    async fn business_users_erase(
        &self,
        account: &Account,
        contact: &ContactId,
        at: Instant,
    ) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct Pointer {
            sk: String,
        }
        let pk = key::contact_pk(account, contact);
        let pointers: Vec<Pointer> =
            self.query_prefix("contact's user", &pk, key::BUSINESS_USER).await?;
        for Pointer { sk } in pointers {
            let user = sk.strip_prefix(key::BUSINESS_USER).map(BusinessUserId::parse);
            let Some(Ok(user)) = user else {
                return Err(StoreError::corrupt("contact's user", "its key names none"));
            };
            self.business_user_opt(account, &user, Opt::Out, at).await?;
            let result = self
                .update_item(&Key::business_user(account, &user))
                .update_expression("SET erasedAt = :at REMOVE contact ADD version :one")
                .condition_expression("attribute_not_exists(erasedAt) OR erasedAt < :at")
                .expression_attribute_values(":at", s(at))
                .expression_attribute_values(":one", n(1))
                .send()
                .await;
            unless_condition_failed("erase a business-scoped user", result)?;
            let pointer = Key::contact_user(account, contact, &user);
            self.delete_many("forget a contact's users", &[pointer]).await?;
        }
        Ok(())
    }

    /// Carries what a user said under their id over to their contact. `left` is the item as a write left it; none where
    /// nothing was written: then what stands there counts, since the write before may have crashed here.
    async fn carry_over(
        &self,
        account: &Account,
        user: &BusinessUserId,
        left: Option<Attributes>,
    ) -> Result<(), StoreError> {
        let user: BusinessUser = match left {
            Some(item) => read("business-scoped user", item)?,
            None => self.business_user(account, user).await?,
        };
        if let (Some(contact), Some(at)) = (user.contact, user.opt_at) {
            let opt = if user.opt_out { Opt::Out } else { Opt::In };
            self.contact_opt(account, &contact, opt, at).await?;
        }
        Ok(())
    }
}
