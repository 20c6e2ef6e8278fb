//! What the rollup writes into facts: the cohort of a click, a reminder's first click, an
//! order's credit. A derivation that changes nothing writes nothing.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::links::EarlyClick;
use crate::table::attributes::s;
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::facts::click::{Click, ClickCohort};
use domain::facts::credit::Credit;
use domain::facts::order::Order;
use domain::values::account::Account;
use domain::values::ids::{ClickId, ReminderDigest};
use domain::values::instant::Instant;

/// Of which taps a reminder knows the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstTap {
    /// Clicks, of links and of replies.
    Click,
    /// Taps on the stop button.
    OptOut,
}

impl FirstTap {
    const fn attribute(self) -> &'static str {
        match self {
            Self::Click => "firstClickAt",
            Self::OptOut => "firstOptOutAt",
        }
    }
}

impl Table {
    /// Gives a click the day and campaign of its reminder (R1, R4). The click as read tells whether it
    /// has them already.
    pub async fn click_write_cohort(
        &self,
        account: &Account,
        click: &Click,
        cohort: &ClickCohort,
    ) -> Result<Written, StoreError> {
        if click.cohort.as_ref() == Some(cohort) {
            return Ok(Written::Unchanged);
        }
        let result = self
            .update_item(&Key::click(account, &click.reminder, &click.click_id))
            .update_expression("SET #day = :day, campaignId = :campaign")
            // A click that expired meanwhile must not come back as an empty item.
            .condition_expression("attribute_exists(clickId) AND attribute_not_exists(moved)")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":day", s(cohort.day))
            .expression_attribute_values(":campaign", s(cohort.campaign_id.as_str()))
            .send()
            .await;
        unless_condition_failed("write a click's cohort", result.map(|_| ()))
    }

    /// Lowers the instant of a reminder's first tap of a kind (R3).
    pub async fn reminder_lower_first_tap(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        tap: FirstTap,
        at: Instant,
    ) -> Result<Written, StoreError> {
        self.reminder_keep_earliest(account, reminder, tap.attribute(), at).await
    }

    /// Sets the instant of a reminder's first tap of a kind back, or takes it away, after taps moved on to
    /// another reminder or turned out to be of another kind; on the condition that it is still `held`, as
    /// it was read before the taps were.
    pub async fn reminder_set_back_first_tap(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        tap: FirstTap,
        (held, first): (Instant, Option<Instant>),
    ) -> Result<Written, StoreError> {
        let request = self
            .update_item(&Key::reminder(account, reminder))
            .condition_expression("#first = :held")
            .expression_attribute_names("#first", tap.attribute())
            .expression_attribute_values(":held", s(held));
        let request = match first {
            Some(first) => request
                .update_expression("SET #first = :first")
                .expression_attribute_values(":first", s(first)),
            None => request.update_expression("REMOVE #first"),
        };
        unless_condition_failed("set a first tap back", request.send().await)
    }

    /// Marks a click as moved on to another reminder: it counts nothing here any more, and keeps its
    /// body.
    pub async fn click_mark_moved(
        &self,
        account: &Account,
        click: &Click,
    ) -> Result<Written, StoreError> {
        let request = self
            .update_item(&Key::click(account, &click.reminder, &click.click_id))
            .update_expression("SET moved = :moved REMOVE #day, campaignId")
            .condition_expression("attribute_exists(clickId) AND attribute_not_exists(moved)")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":moved", AttributeValue::Bool(true));
        unless_condition_failed("mark a click as moved", request.send().await)
    }

    /// Lifts the mark of a click that moved away and whose token is its reminder's again.
    pub async fn click_take_back(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        click_id: &ClickId,
    ) -> Result<Written, StoreError> {
        let request = self
            .update_item(&Key::click(account, reminder, click_id))
            .update_expression("REMOVE moved")
            .condition_expression("attribute_exists(moved)");
        unless_condition_failed("take a click back", request.send().await)
    }

    /// Takes a click away that is beyond [`limits::CLICKS_PER_REMINDER`](domain::values::limits). One
    /// that counts already stays.
    pub async fn click_discard(
        &self,
        account: &Account,
        click: &Click,
    ) -> Result<Written, StoreError> {
        let request = self
            .delete_item(&Key::click(account, &click.reminder, &click.click_id))
            .condition_expression("attribute_not_exists(#day)")
            .expression_attribute_names("#day", "day");
        unless_condition_failed("discard a click", request.send().await)
    }

    /// Takes an early click away once it lies with its reminder, or where it is beyond the limit of
    /// clicks. One that was lowered since it was read stays (R4 keeps the earlier of two taps with one id): its own record moves it.
    pub async fn early_click_delete(&self, click: &EarlyClick) -> Result<Written, StoreError> {
        let result = self
            .delete_item(&Key::early_click(&click.token, &click.click_id))
            .condition_expression("#at = :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", s(click.at))
            .send()
            .await;
        unless_condition_failed("delete an early click", result)
    }

    /// Writes an order's credit on the version on which it was derived; `false` when the order
    /// was written meanwhile and has to be derived again.
    pub async fn order_write_credit(
        &self,
        account: &Account,
        order: &Order,
        credit: Option<Credit>,
    ) -> Result<bool, StoreError> {
        let version = order.version + 1;
        self.order_put(account, &Order { credit, version, ..order.clone() }).await
    }
}
