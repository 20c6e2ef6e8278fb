//! Facts, closed without what named the shopper.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::table::attributes::{n, read, s};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::facts::click::{Click, ClickCohort};
use domain::facts::reminder::Reminder;
use domain::values::account::Account;
use domain::values::identity::Identities;
use domain::values::ids::{LinkToken, ReminderDigest};
use domain::values::instant::Instant;

/// Names the details of a reminder, as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailsDigest(Option<AttributeValue>);

impl Table {
    /// A reminder, and what names its details: only those that were read may be replaced.
    pub async fn reminder_to_erase(
        &self,
        account: &Account,
        id: &ReminderDigest,
    ) -> Result<Option<(Reminder, DetailsDigest)>, StoreError> {
        let Some(item) = self.get_attributes("reminder", &Key::reminder(account, id)).await? else {
            return Ok(None);
        };
        let digest = DetailsDigest(item.get("detailsDigest").cloned());
        Ok(Some((read("reminder", item)?, digest)))
    }

    /// Closes a reminder whose details never came.
    pub async fn reminder_close_to_come(
        &self,
        account: &Account,
        id: &ReminderDigest,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let mut update = String::from("SET reminder = :id, erasedAt = :at");
        let mut request = self
            .update_item(&Key::reminder(account, id))
            .condition_expression("attribute_not_exists(erasedAt) AND attribute_not_exists(sentAt)")
            .expression_attribute_values(":id", s(id.as_str()))
            .expression_attribute_values(":at", s(at));
        if let Some(second) = self.retention.expires_at(at) {
            update.push_str(", expiresAt = if_not_exists(expiresAt, :expires)");
            request = request.expression_attribute_values(":expires", n(second));
        }
        let written = request.update_expression(update).send().await.map(drop);
        unless_condition_failed("close a reminder", written)
    }

    /// Replaces a reminder's identities by `masked` and closes it, if its details are still those
    /// that `digest` names.
    pub async fn reminder_close(
        &self,
        account: &Account,
        id: &ReminderDigest,
        (masked, digest): (Identities, DetailsDigest),
        at: Instant,
    ) -> Result<Written, StoreError> {
        let values = [
            ("userId", masked.user_id.map(String::from)),
            ("phone", masked.phone.map(String::from)),
            ("orderFormId", masked.order_form_id.map(String::from)),
        ];
        let mut update = String::from("SET erasedAt = :at");
        let mut request = self
            .update_item(&Key::reminder(account, id))
            .condition_expression("attribute_not_exists(erasedAt) AND detailsDigest = :digest")
            .expression_attribute_values(":at", s(at))
            .expression_attribute_values(":digest", digest.0.unwrap_or_else(|| s("")));
        for (name, value) in values {
            if let Some(value) = value {
                update = format!("{update}, {name} = :{name}");
                request = request.expression_attribute_values(format!(":{name}"), s(value));
            }
        }
        // The id encodes the phone number.
        let request = request.update_expression(format!("{update} REMOVE reminderId"));
        unless_condition_failed("erase a reminder", request.send().await.map(drop))
    }

    /// Makes a link lead to the store's front: its address can name the shopper's cart.
    pub async fn link_forget_target(&self, token: &LinkToken) -> Result<(), StoreError> {
        let Some(link) = self.link(token).await? else { return Ok(()) };
        let Some(front) = url::Url::parse(&link.url).ok().and_then(|url| url.join("/").ok()) else {
            return Ok(());
        };
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

    /// Lowers the first-click instant of a closed reminder.
    pub async fn reminder_lower_first_click_of_closed(
        &self,
        account: &Account,
        id: &ReminderDigest,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let request = self
            .update_item(&Key::reminder(account, id))
            .update_expression("SET firstClickAt = :at")
            .condition_expression(
                "attribute_exists(erasedAt) \
                 AND (attribute_not_exists(firstClickAt) OR firstClickAt > :at)",
            )
            .expression_attribute_values(":at", s(at));
        unless_condition_failed("write a first click", request.send().await.map(drop))
    }

    /// Gives a click its last cohort and closes it.
    pub async fn click_close(
        &self,
        account: &Account,
        click: &Click,
        cohort: &ClickCohort,
        at: Instant,
    ) -> Result<Written, StoreError> {
        self.click_set_cohort(account, click, cohort, Some(at)).await
    }
}
