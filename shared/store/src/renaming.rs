//! A stored fact, renamed as the marks of its values say (`domain::rules::erasure`), and what leads to
//! it by them.
//!
//! The order of the writes is that of a fact's own: pointers of the aliases first, then the links'
//! addresses, then the fact on what was read, and last its old pointers. Whoever stops in between
//! leaves a fact that is found by the value or by the alias, and both lead on.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::table::attributes::{Attributes, expire, s};
use crate::table::condition::unless_condition_failed;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::reminder::Reminder;
use domain::rules::erasure::Marks;
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{IdentitySets, PhoneKey};
use domain::values::ids::{CampaignId, LinkToken, OrderGroup, ReminderDigest};
use domain::values::instant::Instant;
use domain::values::store_day::StoreDay;

/// A fact as it stands after its renaming.
#[derive(Debug, Clone)]
pub struct RenamedFact {
    /// When it began.
    pub began: Instant,
    /// What it names now.
    pub named: IdentitySets,
    /// Whether anything was renamed just now.
    pub changed: bool,
    /// The day and campaign in whose reports it may stand.
    pub cohort: Option<(StoreDay, CampaignId)>,
    /// The marks of what it named.
    pub marks: Marks,
}

/// A pointer from an identity. Its instant is the event's that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FoundPointer {
    /// Its partition key.
    pub pk: String,
    /// Its sort key.
    pub sk: String,
    /// When what it leads to began, as far as its writer knew.
    #[serde(default)]
    pub at: Option<Instant>,
}

/// The fact that a pointer leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PointedTo {
    /// A reminder.
    Reminder(ReminderDigest),
    /// An order, and when it was created as far as the pointer knows.
    Order(OrderGroup, Instant),
}

impl FoundPointer {
    /// What it leads to.
    pub fn fact(&self) -> Result<PointedTo, StoreError> {
        if let Some(reminder) = self.sk.strip_prefix(key::POINTS_TO_REMINDER) {
            let reminder = ReminderDigest::parse(reminder);
            let reminder = reminder.map_err(|error| StoreError::corrupt("pointer", error))?;
            return Ok(PointedTo::Reminder(reminder));
        }
        let (at, group) = crate::lookups::order_pointed_to(&self.sk)?;
        Ok(PointedTo::Order(group, at))
    }
}

impl Table {
    /// The pointers of a value, from behind `after` on and at most `limit`.
    pub async fn pointers_page(
        &self,
        account: &Account,
        value: &Identity,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<FoundPointer>, StoreError> {
        let pk = key::identity_pk(account, value);
        let from = after.map_or_else(String::new, |after| format!("{after}\u{1}"));
        self.query_page("pointer", &pk, (&from, "\u{10ffff}"), limit, true).await
    }

    /// Deletes a pointer, if its instant is still the one that was read.
    pub async fn pointer_delete(&self, pointer: &FoundPointer) -> Result<(), StoreError> {
        let place = Key { pk: pointer.pk.clone(), sk: pointer.sk.clone() };
        let request = self.delete_item(&place);
        let request = match pointer.at {
            Some(at) => request
                .condition_expression("#at = :at")
                .expression_attribute_names("#at", "at")
                .expression_attribute_values(":at", s(at)),
            None => request,
        };
        unless_condition_failed("delete a pointer", request.send().await).map(drop)
    }

    /// Renames what a reminder names; none while its details are unknown.
    pub async fn reminder_rename(
        &self,
        key: &PhoneKey,
        account: &Account,
        reminder: &ReminderDigest,
    ) -> Result<Option<RenamedFact>, StoreError> {
        let mut attempts = Attempts::at("rename a reminder");
        loop {
            attempts.next().await?;
            let Some(held) = self.reminder(account, reminder).await? else { return Ok(None) };
            let Some(sent) = &held.sent else { return Ok(None) };
            let (began, cohort) = (sent.sent_at, (sent.day, sent.campaign_id.clone()));
            let marks = self.marks(key, account, held.named().each()).await?;
            let taken = marks.renamed(held.named().each(), began);
            let next = marks.reminder(&held, began);
            if !taken.is_empty() {
                self.reminder_point_aliases(account, &next, began).await?;
                self.reminder_forget_targets(&next).await?;
                if !self.reminder_put_details(account, &held, &next).await? {
                    continue;
                }
                self.reminder_take_back(account, reminder, &taken).await?;
            }
            return Ok(Some(RenamedFact {
                began,
                named: next.named(),
                changed: !taken.is_empty(),
                cohort: Some(cohort),
                marks,
            }));
        }
    }

    /// Renames what an order names.
    pub async fn order_rename(
        &self,
        key: &PhoneKey,
        account: &Account,
        group: &OrderGroup,
    ) -> Result<Option<RenamedFact>, StoreError> {
        let mut attempts = Attempts::at("rename an order");
        loop {
            attempts.next().await?;
            let Some(held) = self.order(account, group).await? else { return Ok(None) };
            let began = held.created_at;
            let marks = self.marks(key, account, held.identities.each()).await?;
            let taken = marks.renamed(held.identities.each(), began);
            let mut next = marks.order(&held, began);
            if !taken.is_empty() {
                self.order_point_aliases(account, &next).await?;
                next.version += 1;
                if !self.order_put(account, &next).await? {
                    continue;
                }
                self.order_take_back(account, group, &taken).await?;
            }
            let cohort = next.credit.as_ref();
            return Ok(Some(RenamedFact {
                began,
                named: next.identities.clone(),
                changed: !taken.is_empty(),
                cohort: cohort.map(|credit| (credit.day, credit.campaign_id.clone())),
                marks,
            }));
        }
    }

    /// Writes the pointers of a reminder's aliases.
    async fn reminder_point_aliases(
        &self,
        account: &Account,
        reminder: &Reminder,
        began: Instant,
    ) -> Result<(), StoreError> {
        let aliases = reminder.named().each().filter(Identity::is_alias).collect();
        let pointers = key::reminder_pointers(account, &aliases, &reminder.reminder);
        self.put_pointers("write a reminder's pointers", pointers, began).await
    }

    /// Writes the pointers of an order's aliases.
    async fn order_point_aliases(
        &self,
        account: &Account,
        order: &domain::facts::order::Order,
    ) -> Result<(), StoreError> {
        let aliases = order.identities.each().filter(Identity::is_alias).collect();
        let (at, group) = (order.created_at, &order.order_group);
        let pointers = key::order_pointers(account, &aliases, at, group).into_iter().collect();
        self.put_pointers("write an order's pointers", pointers, at).await
    }

    async fn put_pointers(
        &self,
        operation: &'static str,
        pointers: Vec<Key>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let expires_at = self.retention.expires_at(at);
        let items = pointers.iter().map(|pointer| {
            let mut item = pointer_item(pointer, at);
            expire(&mut item, expires_at);
            item
        });
        self.put_many(operation, items.collect()).await
    }

    /// Deletes the pointers of erased values to a reminder.
    pub(crate) async fn reminder_take_back(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        taken: &BTreeSet<Identity>,
    ) -> Result<(), StoreError> {
        let taken = taken.iter().cloned().collect();
        let pointers = key::reminder_pointers(account, &taken, reminder);
        self.delete_many("take pointers back", &pointers).await
    }

    /// Deletes the pointers of erased values to an order, whenever it was thought to be created.
    pub(crate) async fn order_take_back(
        &self,
        account: &Account,
        group: &OrderGroup,
        taken: &BTreeSet<Identity>,
    ) -> Result<(), StoreError> {
        let mut pointers = Vec::new();
        for value in taken {
            let pk = key::identity_pk(account, value);
            let found: Vec<FoundPointer> =
                self.query_prefix("pointer", &pk, key::POINTS_TO_ORDER).await?;
            let ours = found.into_iter().filter(|FoundPointer { sk, .. }| {
                key::parse_order_pointer(sk).is_some_and(|(_, pointed)| pointed == *group)
            });
            pointers.extend(ours.map(|FoundPointer { pk, sk, .. }| Key { pk, sk }));
        }
        self.delete_many("take pointers back", &pointers).await
    }

    /// Makes the links of an erased reminder lead to the store's front: their addresses can name the
    /// shopper's cart.
    pub(crate) async fn reminder_forget_targets(
        &self,
        reminder: &Reminder,
    ) -> Result<(), StoreError> {
        for token in reminder.tokens() {
            self.link_forget_target(token).await?;
        }
        Ok(())
    }

    /// Makes a link lead to the store's front.
    pub(crate) async fn link_forget_target(&self, token: &LinkToken) -> Result<(), StoreError> {
        let Some(link) = self.link(token).await? else { return Ok(()) };
        let Some(front) = url::Url::parse(&link.url).ok().and_then(|url| url.join("/").ok()) else {
            return Ok(());
        };
        if front.as_str() == link.url {
            return Ok(());
        }
        let written = self
            .update_item(&Key::link(token))
            .update_expression("SET #url = :front")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#url", "url")
            .expression_attribute_values(":front", s(front))
            .send()
            .await
            .map(drop);
        unless_condition_failed("forget a link's target", written).map(drop)
    }
}

/// The item of a pointer, with the instant at which what it leads to began as far as its writer knows.
pub(crate) fn pointer_item(pointer: &Key, at: Instant) -> Attributes {
    let mut item = pointer.attributes();
    item.insert("at".to_owned(), s(at));
    item
}
