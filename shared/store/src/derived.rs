//! What the rollup writes into facts: the cohort of a click, a reminder's first click, an
//! order's credit. A derivation that changes nothing writes nothing.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use crate::links::EarlyClick;
use crate::table::attributes::s;
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::facts::click::{Click, ClickCohort};
use domain::facts::credit::Credit;
use domain::facts::order::Order;
use domain::values::account::Account;
use domain::values::ids::ReminderId;
use domain::values::instant::Instant;

impl Table {
    /// Gives a click the day keys of its reminder (R1, R4). The click as read tells whether it
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
        self.click_set_cohort(account, click, cohort, None).await
    }

    /// Gives an open click a cohort, and closes it when it is erased.
    pub(crate) async fn click_set_cohort(
        &self,
        account: &Account,
        click: &Click,
        cohort: &ClickCohort,
        erased_at: Option<Instant>,
    ) -> Result<Written, StoreError> {
        let mut update = String::from(
            "SET #day = :day, campaignId = :campaign, shopper = :shopper, dayPk = :pk, daySk = :sk",
        );
        if erased_at.is_some() {
            update.push_str(", erasedAt = :at");
        }
        let sk = key::click_day_sk(cohort, &click.reminder_id, &click.click_id);
        let result = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::click(account, &click.reminder_id, &click.click_id).attributes()))
            .update_expression(update)
            .set_expression_attribute_values(erased_at.map(|at| [(":at".to_owned(), s(at))].into()))
            // A click that expired meanwhile must not come back as an empty item, nor an erased
            // one under its shopper's key.
            .condition_expression("attribute_exists(clickId) AND attribute_not_exists(erasedAt)")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":day", s(cohort.day))
            .expression_attribute_values(":campaign", s(cohort.campaign_id.as_str()))
            .expression_attribute_values(":shopper", s(cohort.shopper.as_str()))
            .expression_attribute_values(":pk", s(key::day_pk(account, cohort.day)))
            .expression_attribute_values(":sk", s(sk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        unless_condition_failed("write a click's cohort", result.map(|_| ()))
    }

    /// Lowers a reminder's first-click instant (R3).
    pub async fn reminder_lower_first_click(
        &self,
        account: &Account,
        reminder_id: &ReminderId,
        at: Instant,
    ) -> Result<Written, StoreError> {
        self.reminder_keep_earliest(account, reminder_id, "firstClickAt", at).await
    }

    /// Takes an early click away once it lies with its reminder. One that was lowered since it
    /// was read stays (R4 keeps the earlier of two taps with one id): its own record moves it.
    pub async fn early_click_delete(&self, click: &EarlyClick) -> Result<Written, StoreError> {
        let result = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(Key::early_click(&click.token, &click.click_id).attributes()))
            .condition_expression("#at = :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", s(click.at))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
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
