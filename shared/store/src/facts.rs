//! How reminders, receipts and clicks are written (R2).
//!
//! Each write is conditional and idempotent: the table itself keeps the earliest, whatever the
//! order of arrival, and writing the same again changes nothing.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::table::attributes::{Attributes, expire, n, read, s};
use crate::table::key::{self, Key};
use crate::table::retry;
use crate::{StoreError, Table};
use domain::facts::event::{ClickKind, Receipt, ReminderClicked, ReminderSent, ReminderStatus};
use domain::facts::reminder::{Reminder, Sent};
use domain::values::account::Account;
use domain::values::ids::{ClickId, ReminderId};
use domain::values::instant::Instant;
use domain::values::item::ItemList;

/// Whether a write changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The fact is new or moved.
    Changed,
    /// The table knew it already, or something that R2 prefers.
    Unchanged,
}

/// What became of a reminder's details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentWritten {
    /// They are stored, or something that R2 prefers.
    Written(Written),
    /// They are stored likewise, but the link token was not minted for this account, or belongs
    /// to another reminder: taps on that link don't count for this one.
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
    /// touched.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn write_receipt(
        &self,
        account: &Account,
        event: &ReminderStatus,
    ) -> Result<Written, StoreError> {
        self.keep_earliest(account, &event.reminder_id, receipt_attribute(event.receipt), event.at)
            .await
    }

    /// Sets an instant of a reminder unless an earlier one is there.
    pub(super) async fn keep_earliest(
        &self,
        account: &Account,
        reminder_id: &ReminderId,
        attribute: &'static str,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let mut update = String::from("SET #at = :at, reminderId = :id");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::reminder(account, reminder_id).attributes()))
            .condition_expression(
                "attribute_not_exists(erasedAt) AND (attribute_not_exists(#at) OR #at > :at)",
            )
            .expression_attribute_names("#at", attribute)
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":id", s(reminder_id.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(second) = self.retention.expires_at(at) {
            // Until the details name the day on which it was sent.
            update.push_str(", expiresAt = if_not_exists(expiresAt, :expires)");
            request = request.expression_attribute_values(":expires", n(second));
        }
        unless_condition_failed(
            "write a receipt",
            request.update_expression(update).send().await.map(|_| ()),
        )
    }

    /// Writes a click: one conditional put in effect, which leaves the cohort that was derived
    /// for it alone.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn write_click(
        &self,
        account: &Account,
        event: &ReminderClicked,
    ) -> Result<Written, StoreError> {
        let key = Key::click(account, &event.reminder_id, &event.click_id);
        let tap = (&event.click_id, event.kind, event.at);
        self.write_click_item(&key, tap, ("reminderId", event.reminder_id.as_str())).await
    }

    /// Writes a click under `key`, whose `owner` is its reminder or its link (R4).
    pub(super) async fn write_click_item(
        &self,
        key: &Key,
        (click_id, kind, at): (&ClickId, ClickKind, Instant),
        owner: (&'static str, &str),
    ) -> Result<Written, StoreError> {
        let kind: AttributeValue = serde_dynamo::to_attribute_value(kind)
            .map_err(|error| StoreError::corrupt("click", error))?;
        let mut update =
            String::from("SET #at = :at, clickKind = :kind, clickId = :id, #owner = :owner");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            // R4: the earlier instant, then `link`, which sorts before `reply`.
            .condition_expression(
                "attribute_not_exists(erasedAt) AND (attribute_not_exists(#at) OR #at > :at \
                 OR (#at = :at AND clickKind > :kind))",
            )
            .expression_attribute_names("#at", "at")
            .expression_attribute_names("#owner", owner.0)
            .expression_attribute_values(":owner", s(owner.1))
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":kind", kind)
            .expression_attribute_values(":id", s(click_id.as_str()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(second) = self.retention.expires_at(at) {
            update.push_str(", expiresAt = :expires");
            request = request.expression_attribute_values(":expires", n(second));
        }
        unless_condition_failed(
            "write a click",
            request.update_expression(update).send().await.map(|_| ()),
        )
    }

    /// Writes a reminder's details: item list and identity pointers first, then the link's
    /// binding, then the fact. A crash in between leaves hints that lead nowhere; the
    /// redelivery completes it.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn write_sent(
        &self,
        account: &Account,
        event: &ReminderSent,
        zone: chrono_tz::Tz,
    ) -> Result<SentWritten, StoreError> {
        let expires_at = self.retention.expires_at(event.at);
        let mut hints: Vec<Attributes> = key::identity_pks(account, &event.identities)
            .into_iter()
            .map(|pk| {
                let sk = format!("{}{}", key::POINTS_TO_REMINDER, event.reminder_id);
                Key { pk, sk }.attributes()
            })
            .collect();
        if let Some(digest) = event.items.digest() {
            let key = Key::cart_items(account, &event.reminder_id, &digest);
            hints.push(items_item(&key, &event.items));
        }
        for hint in &mut hints {
            expire(hint, expires_at);
        }
        self.put_many("write a reminder's pointers", hints).await?;
        let bound = match &event.link_token {
            Some(token) => self.bind_link(account, token, &event.reminder_id).await?,
            None => true,
        };
        // The message was sent, whatever is wrong with its link.
        let written = self.write_details(account, event, zone).await?;
        Ok(if bound { SentWritten::Written(written) } else { SentWritten::LinkRefused })
    }

    /// R2: the earliest details stay; at one instant the greater canonical JSON. Receipts may
    /// be on the item already, so this is an update of the details alone, never a put.
    async fn write_details(
        &self,
        account: &Account,
        event: &ReminderSent,
        zone: chrono_tz::Tz,
    ) -> Result<Written, StoreError> {
        let earlier = "attribute_not_exists(erasedAt) \
                       AND (attribute_not_exists(sentAt) OR sentAt > :sentAt)";
        let Some(mut held) = self.try_details(account, event, zone, earlier, None).await? else {
            return Ok(Written::Changed);
        };
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            if held.contains_key("erasedAt") {
                // What was written before the fact names somebody again.
                let erased: Reminder = read("reminder", held)?;
                self.delete_reminder_hints(account, event, &erased).await?;
                return Ok(Written::Unchanged);
            }
            let sent: Sent = read("reminder", held.clone())?;
            let same = held.get("detailsDigest") == Some(&s(digest(&event.canonical_json())));
            if sent.sent_at < event.at || (sent.sent_at == event.at && same) {
                return Ok(Written::Unchanged);
            }
            let items = self.cart_items(account, &event.reminder_id, sent.items.as_ref()).await?;
            if !event.supersedes(&sent.to_event(event.reminder_id.clone(), items)) {
                return Ok(Written::Unchanged);
            }
            // Only what was compared may be replaced.
            let unmoved = "attribute_not_exists(erasedAt) AND detailsDigest = :held";
            match self
                .try_details(account, event, zone, unmoved, held.remove("detailsDigest"))
                .await?
            {
                None => return Ok(Written::Changed),
                Some(moved) => held = moved,
            }
        }
        Err(StoreError::Contended { operation: "write a reminder", attempts: retry::ATTEMPTS })
    }

    /// Writes the details under `condition`; the item as it stands when that doesn't hold.
    async fn try_details(
        &self,
        account: &Account,
        event: &ReminderSent,
        zone: chrono_tz::Tz,
        condition: &str,
        held: Option<AttributeValue>,
    ) -> Result<Option<Attributes>, StoreError> {
        let details = Sent::of(event, zone);
        let mut values: Attributes = serde_dynamo::to_item(&details)
            .map_err(|error| StoreError::corrupt("reminder", error))?;
        values.insert("reminderId".to_owned(), s(event.reminder_id.as_str()));
        values.insert("detailsDigest".to_owned(), s(digest(&event.canonical_json())));
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
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::reminder(account, &event.reminder_id).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for name in removed {
            request = request.expression_attribute_names(format!("#{name}"), name);
        }
        for (name, value) in values {
            request = request
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        if let Some(held) = held {
            request = request.expression_attribute_values(":held", held);
        }
        match request.send().await {
            Ok(_) => Ok(None),
            Err(error) => match error.as_service_error() {
                Some(aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Some(failed.item.clone().unwrap_or_default()))
                }
                _ => Err(StoreError::of_call("write a reminder", error)),
            },
        }
    }
}

/// The item of an item list.
pub(super) fn items_item(key: &Key, items: &ItemList) -> Attributes {
    let mut item = key.attributes();
    item.insert("list".to_owned(), s(items.to_json()));
    item
}

/// A short name of a long text.
fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// A condition that doesn't hold is an answer, not a failure.
pub(super) fn unless_condition_failed<R>(
    operation: &'static str,
    result: Result<
        (),
        aws_sdk_dynamodb::error::SdkError<
            aws_sdk_dynamodb::operation::update_item::UpdateItemError,
            R,
        >,
    >,
) -> Result<Written, StoreError>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match result {
        Ok(()) => Ok(Written::Changed),
        Err(error)
            if error.as_service_error().is_some_and(
                aws_sdk_dynamodb::operation::update_item::UpdateItemError::is_conditional_check_failed_exception,
            ) =>
        {
            Ok(Written::Unchanged)
        }
        Err(error) => Err(StoreError::of_call(operation, error)),
    }
}
