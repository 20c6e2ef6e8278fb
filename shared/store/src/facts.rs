//! How reminders, receipts and clicks are written (R2).
//!
//! Each write is conditional and idempotent: the table itself keeps the earliest, whatever the
//! order of arrival, and writing the same again changes nothing.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use crate::table::attributes::{Attributes, expire, n, read, s, value};
pub use crate::table::condition::Written;
use crate::table::condition::{Tried, unless_condition_failed};
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::event::{ClickKind, Receipt, ReminderClicked, ReminderSent, ReminderStatus};
use domain::facts::reminder::{Reminder, Sent};
use domain::values::account::Account;
use domain::values::identity::PhoneKey;
use domain::values::ids::{ClickId, LinkToken, ReminderDigest};
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
            .condition_expression(
                "attribute_not_exists(erasedAt) AND (attribute_not_exists(#at) OR #at > :at)",
            )
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
        let key = Key::click(account, &reminder, &event.click_id);
        let tap = (&event.click_id, event.kind, event.at);
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
                "attribute_not_exists(erasedAt) AND (attribute_not_exists(#at) OR #at > :at \
                 OR (#at = :at AND clickKind > :kind))",
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
    /// binding, then the fact. A crash in between leaves hints that lead nowhere; the
    /// redelivery completes it.
    pub async fn reminder_write_details(
        &self,
        key: &PhoneKey,
        account: &Account,
        event: &ReminderSent,
        zone: chrono_tz::Tz,
    ) -> Result<SentWritten, StoreError> {
        let expires_at = self.retention.expires_at(event.at);
        let reminder = event.reminder_id.digest(key);
        let pointers = key::reminder_pointers(account, &event.identities, &reminder);
        let mut hints: Vec<Attributes> = pointers.iter().map(Key::attributes).collect();
        if let Some(digest) = event.items.digest() {
            let key = Key::cart_items(account, &reminder, &digest);
            hints.push(items_item(&key, &event.items));
        }
        for hint in &mut hints {
            expire(hint, expires_at);
        }
        self.put_many("write a reminder's pointers", hints).await?;
        let bound = match &event.link_token {
            Some(token) => self.link_bind(account, token, &reminder, event.at).await?,
            None => true,
        };
        // The message was sent, whatever is wrong with its link.
        let details = Sent::of(event, event.digest(key), zone);
        let written = self.write_details(account, event, &reminder, &details).await?;
        Ok(if bound { SentWritten::Written(written) } else { SentWritten::LinkRefused })
    }

    /// R2: the earliest details stay; at one instant those with the greater digest. Receipts may
    /// be on the item already, so this is an update of the details alone, never a put.
    async fn write_details(
        &self,
        account: &Account,
        event: &ReminderSent,
        reminder: &ReminderDigest,
        details: &Sent,
    ) -> Result<Written, StoreError> {
        let mut attempts = Attempts::at("write a reminder");
        loop {
            attempts.next().await?;
            let held = match self.try_details(account, event, reminder, details).await? {
                Tried::Written => return Ok(Written::Changed),
                // It expired meanwhile.
                Tried::Gone => continue,
                Tried::Held(held) => held,
            };
            if held.contains_key("erasedAt") {
                // What was written before the fact names somebody again.
                let erased: Reminder = read("reminder", held)?;
                self.delete_reminder_hints(account, event, &erased).await?;
            }
            return Ok(Written::Unchanged);
        }
    }

    /// Writes the details where there are none, or some that R2 prefers them to.
    async fn try_details(
        &self,
        account: &Account,
        event: &ReminderSent,
        reminder: &ReminderDigest,
        details: &Sent,
    ) -> Result<Tried, StoreError> {
        let mut values: Attributes = serde_dynamo::to_item(details)
            .map_err(|error| StoreError::corrupt("reminder", error))?;
        values.insert("reminder".to_owned(), s(reminder.as_str()));
        values.insert("reminderId".to_owned(), s(event.reminder_id.as_str()));
        if let Some(second) = self.retention.expires_at(event.at) {
            values.insert("expiresAt".to_owned(), n(second));
        }
        // What these details lack goes, so that two versions never mix.
        let removed: Vec<&str> = ["userId", "phone", "orderFormId", "items", "linkToken"]
            .into_iter()
            .filter(|name| !values.contains_key(*name))
            .collect();
        let set: Vec<String> = values.keys().map(|name| format!("#{name} = :{name}")).collect();
        let mut update = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            let removed: Vec<String> = removed.iter().map(|name| format!("#{name}")).collect();
            update = format!("{update} REMOVE {}", removed.join(", "));
        }
        let mut request = self
            .update_item(&Key::reminder(account, reminder))
            .update_expression(update)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for name in removed {
            request = request.expression_attribute_names(format!("#{name}"), name);
        }
        for (name, value) in values {
            request = request
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        let request = request.condition_expression(
            "attribute_not_exists(erasedAt) AND (attribute_not_exists(sentAt) OR sentAt > :sentAt \
             OR (sentAt = :sentAt AND detailsDigest < :detailsDigest))",
        );
        Tried::of("write a reminder", request.send().await)
    }
}

/// The item of an item list.
pub(super) fn items_item(key: &Key, items: &ItemList) -> Attributes {
    let mut item = key.attributes();
    item.insert("list".to_owned(), s(items.to_json()));
    item
}
