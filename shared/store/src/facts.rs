//! How reminders, receipts and clicks are written (R2).
//!
//! Each write is conditional and idempotent: the table itself keeps the earliest, whatever the
//! order of arrival, and writing the same again changes nothing.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::renaming::pointer_item;
use crate::table::attributes::{Attributes, expire, n, s, value};
pub use crate::table::condition::Written;
use crate::table::condition::unless_condition_failed;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::event::{ClickKind, Receipt, ReminderClicked, ReminderSent, ReminderStatus};
use domain::facts::reminder::{Reminder, Sent};
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{IdentitySets, PhoneKey};
use domain::values::ids::{ClickId, LinkToken, ReminderDigest, ReminderId};
use domain::values::instant::Instant;
use domain::values::item::ItemList;

/// What became of a reminder's details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentWritten {
    /// They are stored, or something that R2 prefers.
    Written(Written),
    /// They are stored likewise, but the link token was not minted for this account, or belongs to
    /// another reminder, which named it earlier: taps on that link don't count for this one.
    LinkRefused,
}

/// The attribute that holds a receipt's earliest instant.
const fn receipt_attribute(receipt: Receipt) -> &'static str {
    match receipt {
        Receipt::Delivered => "deliveredAt",
        Receipt::Read => "readAt",
        Receipt::Failed => "failedAt",
    }
}

impl Table {
    /// Writes a receipt: one conditional write addressed by the reminder's id, and no read. It
    /// may come before the reminder's details and then creates the fact; the details are never
    /// touched, nor is the clear id written.
    pub async fn reminder_write_receipt(
        &self,
        key: &PhoneKey,
        account: &Account,
        event: &ReminderStatus,
    ) -> Result<Written, StoreError> {
        let reminder = event.reminder_id.digest(key);
        let attribute = receipt_attribute(event.receipt);
        self.reminder_keep_earliest(account, &reminder, attribute, event.at).await
    }

    /// Sets an instant of a reminder unless an earlier one is there.
    pub(super) async fn reminder_keep_earliest(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        attribute: &'static str,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let mut update = String::from("SET #at = :at, reminder = :reminder");
        let mut request = self
            .update_item(&Key::reminder(account, reminder))
            .condition_expression("attribute_not_exists(#at) OR #at > :at")
            .expression_attribute_names("#at", attribute)
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":reminder", s(reminder.as_str()));
        if let Some(second) = self.retention.expires_at(at) {
            // Until the details name the day on which it was sent.
            update.push_str(", expiresAt = if_not_exists(expiresAt, :expires)");
            request = request.expression_attribute_values(":expires", n(second));
        }
        unless_condition_failed("write a receipt", request.update_expression(update).send().await)
    }

    /// Writes a click: one conditional put in effect, which leaves the cohort that was derived
    /// for it alone.
    pub async fn click_write(
        &self,
        key: &PhoneKey,
        account: &Account,
        event: &ReminderClicked,
    ) -> Result<Written, StoreError> {
        let reminder = event.reminder_id.digest(key);
        let click_id = event.click_id.stored(key);
        let key = Key::click(account, &reminder, &click_id);
        let tap = (&click_id, event.kind, event.at);
        self.click_write_item(&key, tap, &[("reminder", reminder.as_str())]).await
    }

    /// Writes a tap on a tracked link as a click on `reminder`, to which the link's token belongs
    /// as far as the writer knows.
    pub async fn click_write_by_link(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        token: &LinkToken,
        (click_id, at): (&ClickId, Instant),
    ) -> Result<Written, StoreError> {
        let key = Key::click(account, reminder, click_id);
        let owners = [("reminder", reminder.as_str()), ("token", token.as_str())];
        self.click_write_item(&key, (click_id, ClickKind::Link, at), &owners).await
    }

    /// Writes a click under `key`, whose `owners` are its reminder, its link or both (R4).
    pub(super) async fn click_write_item(
        &self,
        key: &Key,
        (click_id, kind, at): (&ClickId, ClickKind, Instant),
        owners: &[(&'static str, &str)],
    ) -> Result<Written, StoreError> {
        let mut update = String::from("SET #at = :at, clickKind = :kind, clickId = :id");
        let mut request = self
            .update_item(key)
            // R4: the earlier instant, then the kind; `link`, `optOut` and `reply` sort as they go.
            .condition_expression(
                "attribute_not_exists(#at) OR #at > :at OR (#at = :at AND clickKind > :kind)",
            )
            .expression_attribute_names("#at", "at");
        for (name, owner) in owners {
            update = format!("{update}, #{name} = :{name}");
            request = request
                .expression_attribute_names(format!("#{name}"), *name)
                .expression_attribute_values(format!(":{name}"), s(*owner));
        }
        let mut request = request
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":kind", value("click", &kind)?)
            .expression_attribute_values(":id", s(click_id.as_str()));
        if let Some(second) = self.retention.expires_at(at) {
            update.push_str(", expiresAt = :expires");
            request = request.expression_attribute_values(":expires", n(second));
        }
        unless_condition_failed("write a click", request.update_expression(update).send().await)
    }

    /// Writes a reminder's details: item list and identity pointers first, then the link's
    /// binding, then the fact, on what was read of it. A crash in between leaves hints that lead
    /// nowhere; the redelivery completes it.
    ///
    /// **Erased values.** The marks of all that the reminder and the event name are read before, and
    /// aliases written in the place of what is erased. They are read once more at the end: an erasure
    /// that marked a value in between may have looked for it before it stood here. Then it is taken
    /// back here, with its pointers and the link's address.
    pub async fn reminder_write_details(
        &self,
        key: &PhoneKey,
        account: &Account,
        event: &ReminderSent,
        zone: chrono_tz::Tz,
    ) -> Result<SentWritten, StoreError> {
        let (reminder, digest) = (event.reminder_id.digest(key), event.digest(key));
        let mut attempts = Attempts::at("write a reminder");
        loop {
            attempts.next().await?;
            let held = self.reminder(account, &reminder).await?;
            let held = held.unwrap_or_else(|| Reminder::new(reminder.clone()));
            let began = held.sent.as_ref().map_or(event.at, |sent| sent.sent_at.min(event.at));
            let told = || held.named().each().chain(event.identities.each()).collect::<Vec<_>>();
            let marks = self.marks(key, account, told()).await?;
            let own = marks.sent(event, began);
            let mut next = marks.reminder(&held, began);
            next.fold_sent(&own, digest.clone(), zone);
            self.write_reminder_hints(account, &own, &next).await?;
            let bound = match &event.link_token {
                Some(token) => self.link_bind(account, token, &reminder, event.at).await?,
                None => true,
            };
            if next.is_erased() {
                self.reminder_forget_targets(&next).await?;
            }
            // The message was sent, whatever is wrong with its link.
            let changed = next != held;
            if changed && !self.reminder_put_details(account, &held, &next).await? {
                continue;
            }
            let mut taken = marks.renamed(told(), began);
            let named = next.named();
            let marks = self.marks(key, account, named.each().chain(event.identities.each()));
            let marks = marks.await?;
            if !marks.renamed(named.each(), began).is_empty() {
                self.reminder_rename(key, account, &reminder).await?;
            }
            taken.extend(marks.renamed(event.identities.each(), began));
            self.reminder_take_back(account, &reminder, &taken).await?;
            let (before, now) = (held.named(), marks.sets(&named, began));
            self.erasure_queue_joined(key, account, &marks, (&before, &now)).await?;
            let written = if changed { Written::Changed } else { Written::Unchanged };
            return Ok(if bound {
                SentWritten::Written(written)
            } else {
                SentWritten::LinkRefused
            });
        }
    }

    /// Item list and pointers of a `reminder.sent`, and the pointers of what stands in the place of
    /// values that were erased.
    async fn write_reminder_hints(
        &self,
        account: &Account,
        event: &ReminderSent,
        next: &Reminder,
    ) -> Result<(), StoreError> {
        let reminder = &next.reminder;
        let mut named: IdentitySets = next.named().each().filter(Identity::is_alias).collect();
        named.add(&event.identities);
        let pointers = key::reminder_pointers(account, &named, reminder);
        let mut hints: Vec<Attributes> =
            pointers.iter().map(|pointer| pointer_item(pointer, event.at)).collect();
        if let Some(digest) = event.items.digest() {
            hints.push(items_item(&Key::cart_items(account, reminder, &digest), &event.items));
        }
        let expires_at = self.retention.expires_at(event.at);
        for hint in &mut hints {
            expire(hint, expires_at);
        }
        self.put_many("write a reminder's pointers", hints).await
    }

    /// Writes what is known of a reminder's details in the place of `held`; `false` when another was
    /// faster. Receipts may be on the item already, so this is an update of the details alone, never a
    /// put.
    pub(crate) async fn reminder_put_details(
        &self,
        account: &Account,
        held: &Reminder,
        next: &Reminder,
    ) -> Result<bool, StoreError> {
        let details = Replacement {
            reminder: &next.reminder,
            reminder_id: next.reminder_id.as_ref(),
            sent: next.sent.as_ref(),
            others: &next.others,
            other_tokens: &next.other_tokens,
            details_version: held.details_version + 1,
        };
        let mut values: Attributes = serde_dynamo::to_item(&details)
            .map_err(|error| StoreError::corrupt("reminder", error))?;
        let sent_at = next.sent.as_ref().map(|sent| sent.sent_at);
        if let Some(second) = sent_at.and_then(|at| self.retention.expires_at(at)) {
            values.insert("expiresAt".to_owned(), n(second));
        }
        // What these details lack goes, so that two versions never mix.
        let removed: Vec<&str> =
            MAY_BE_ABSENT.into_iter().filter(|name| !values.contains_key(*name)).collect();
        let set: Vec<String> = values.keys().map(|name| format!("#{name} = :{name}")).collect();
        let mut update = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            let removed: Vec<String> = removed.iter().map(|name| format!("#{name}")).collect();
            update = format!("{update} REMOVE {}", removed.join(", "));
        }
        let mut request =
            self.update_item(&Key::reminder(account, &next.reminder)).update_expression(update);
        for name in removed {
            request = request.expression_attribute_names(format!("#{name}"), name);
        }
        for (name, value) in values {
            request = request
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let request = match held.details_version {
            0 => request.condition_expression("attribute_not_exists(detailsVersion)"),
            version => request
                .condition_expression("detailsVersion = :held")
                .expression_attribute_values(":held", n(version)),
        };
        let written = request.send().await.map(drop);
        Ok(unless_condition_failed("write a reminder", written)?.is_changed())
    }
}

/// What a write of a reminder's details replaces.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    reminder: &'a ReminderDigest,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder_id: Option<&'a ReminderId>,
    #[serde(flatten)]
    sent: Option<&'a Sent>,
    #[serde(flatten)]
    others: &'a IdentitySets,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    other_tokens: &'a BTreeSet<LinkToken>,
    details_version: u64,
}

/// The attributes that details can lack.
const MAY_BE_ABSENT: [&str; 10] = [
    "reminderId",
    "userId",
    "phone",
    "orderFormId",
    "items",
    "linkToken",
    "userIds",
    "phones",
    "orderFormIds",
    "otherTokens",
];

/// The item of an item list.
pub(super) fn items_item(key: &Key, items: &ItemList) -> Attributes {
    let mut item = key.attributes();
    item.insert("list".to_owned(), s(items.to_json()));
    item
}
