//! Facts, anonymised in place and closed.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use crate::erasure::{Cohorts, Erasure, Pointed};
use crate::table::attributes::{n, read, s};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::{self, Key};
use crate::table::retry;
use crate::{StoreError, Table};
use domain::facts::click::ClickCohort;
use domain::facts::order::Order;
use domain::facts::reminder::{Reminder, Sent};
use domain::rules::credit::{Candidate, judge};
use domain::values::account::Account;
use domain::values::ids::{OrderGroup, ReminderId};
use domain::values::instant::Instant;

impl Table {
    /// Erases the facts that pointers lead to; the days and campaigns in whose reports they may
    /// stand. Doing it again changes nothing.
    pub async fn facts_erase(
        &self,
        account: &Account,
        erasure: &Erasure,
        pointed: &Pointed,
    ) -> Result<Cohorts, StoreError> {
        let mut cohorts = Cohorts::new();
        let mut reminders: BTreeMap<ReminderId, Reminder> = BTreeMap::new();
        for reminder in self.reminders(account, &pointed.reminders).await? {
            reminders.insert(reminder.reminder_id.clone(), reminder);
        }
        for order in self.orders(account, &pointed.orders).await? {
            for (reminder, _) in self.order_candidates(account, &order).await? {
                reminders.insert(reminder.reminder_id.clone(), reminder);
            }
        }
        for reminder in reminders.values() {
            cohorts.extend(reminder.sent.iter().map(|sent| (sent.day, sent.campaign_id.clone())));
            if reminder.erased_at.is_none() {
                self.settle_reminder(account, reminder).await?;
            }
        }
        for group in &pointed.orders {
            let order = self.erase_order(account, group, erasure).await?;
            cohorts.extend(order.credit.map(|credit| (credit.day, credit.campaign_id)));
        }
        for id in &pointed.reminders {
            self.erase_reminder(account, id, erasure).await?;
        }
        Ok(cohorts)
    }

    /// Gives a reminder what its clicks say of it, those that still wait at its link included, as
    /// the rollup would: an order is judged by it for the last time.
    async fn settle_reminder(
        &self,
        account: &Account,
        reminder: &Reminder,
    ) -> Result<(), StoreError> {
        let id = &reminder.reminder_id;
        if let Some(token) = reminder.sent.as_ref().and_then(|sent| sent.link_token.as_ref())
            && let Some(link) = self.link(token).await?
            && link.reminder_id.as_ref() == Some(id)
        {
            for early in self.early_clicks(token).await? {
                self.click_write(account, &early.on(id)).await?;
                self.early_click_delete(&early).await?;
            }
        }
        if let Some(first) =
            self.reminder_clicks(account, id).await?.iter().map(|click| click.at).min()
        {
            self.reminder_lower_first_click(account, id, first).await?;
        }
        Ok(())
    }

    /// Judges an order for the last time and closes it, without the shopper's identities.
    async fn erase_order(
        &self,
        account: &Account,
        group: &OrderGroup,
        erasure: &Erasure,
    ) -> Result<Order, StoreError> {
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let closed = match self.order(account, group).await? {
                Some(order)
                    if order.erased_at.is_some()
                        || !erasure.mask.is_named_by_any(&order.identities) =>
                {
                    return Ok(order);
                }
                Some(order) => {
                    let candidates: Vec<Candidate> = self
                        .order_candidates(account, &order)
                        .await?
                        .into_iter()
                        .map(|(_, candidate)| candidate)
                        .collect();
                    let credit = judge(&order, &candidates).credit;
                    let version = order.version + 1;
                    let masked = erasure.mask.order(&order);
                    Order { credit, version, erased_at: Some(erasure.at), ..masked }
                }
                None => Order {
                    order_group: group.clone(),
                    created_at: erasure.at,
                    parts: BTreeMap::new(),
                    identities: domain::values::identity::IdentitySets::default(),
                    named_user: None,
                    named_cart: None,
                    credit: None,
                    erased_at: Some(erasure.at),
                    version: 1,
                },
            };
            if self.order_put(account, &closed).await? {
                return Ok(closed);
            }
        }
        Err(StoreError::Contended { operation: "erase an order", attempts: retry::ATTEMPTS })
    }

    /// Closes a reminder without the shopper's identities, and then its clicks.
    async fn erase_reminder(
        &self,
        account: &Account,
        id: &ReminderId,
        erasure: &Erasure,
    ) -> Result<(), StoreError> {
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let key = Key::reminder(account, id);
            let Some(item) = self.get_attributes("reminder", &key).await? else {
                if self.close_reminder_to_come(account, id, erasure.at).await? == Written::Changed {
                    return Ok(());
                }
                continue;
            };
            let digest = item.get("detailsDigest").cloned();
            let reminder: Reminder = read("reminder", item)?;
            let named = reminder.sent.as_ref();
            if reminder.erased_at.is_none() {
                match named {
                    Some(sent) if erasure.mask.is_named_by(&sent.identities) => {
                        let written = self.mask_reminder(account, id, sent, digest, erasure);
                        if written.await? == Written::Unchanged {
                            continue;
                        }
                    }
                    // The pointer is of details that were replaced, or whose fact is on its way
                    // beside receipts that came first.
                    Some(_) => return Ok(()),
                    None => {
                        if self.close_reminder_to_come(account, id, erasure.at).await?
                            == Written::Unchanged
                        {
                            continue;
                        }
                    }
                }
            }
            let link = named.and_then(|sent| sent.link_token.as_ref());
            if let Some(token) = link {
                self.forget_target(token).await?;
            }
            // Read again: what its clicks get is made of what is stored now.
            let held = self.reminder(account, id).await?;
            let Some(held) = held else { return Ok(()) };
            return self.erase_clicks(account, &held, erasure.at).await;
        }
        Err(StoreError::Contended { operation: "erase a reminder", attempts: retry::ATTEMPTS })
    }

    /// Closes a reminder whose details never came.
    async fn close_reminder_to_come(
        &self,
        account: &Account,
        id: &ReminderId,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let mut update = String::from("SET reminderId = :id, erasedAt = :at");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::reminder(account, id).attributes()))
            .condition_expression("attribute_not_exists(erasedAt) AND attribute_not_exists(sentAt)")
            .expression_attribute_values(":id", s(id.as_str()))
            .expression_attribute_values(":at", s(at))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(second) = self.retention.expires_at(at) {
            update.push_str(", expiresAt = if_not_exists(expiresAt, :expires)");
            request = request.expression_attribute_values(":expires", n(second));
        }
        let written = request.update_expression(update).send().await.map(drop);
        unless_condition_failed("close a reminder", written)
    }

    /// Replaces a reminder's identities and closes it, if its details are still these.
    async fn mask_reminder(
        &self,
        account: &Account,
        id: &ReminderId,
        sent: &Sent,
        digest: Option<aws_sdk_dynamodb::types::AttributeValue>,
        erasure: &Erasure,
    ) -> Result<Written, StoreError> {
        let masked = erasure.mask.identities(&sent.identities);
        let values = [
            ("userId", masked.user_id.map(String::from)),
            ("phone", masked.phone.map(String::from)),
            ("orderFormId", masked.order_form_id.map(String::from)),
        ];
        let mut update = String::from("SET erasedAt = :at");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::reminder(account, id).attributes()))
            .condition_expression("attribute_not_exists(erasedAt) AND detailsDigest = :digest")
            .expression_attribute_values(":at", s(erasure.at))
            .expression_attribute_values(":digest", digest.unwrap_or_else(|| s("")))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for (name, value) in values {
            if let Some(value) = value {
                update = format!("{update}, {name} = :{name}");
                request = request.expression_attribute_values(format!(":{name}"), s(value));
            }
        }
        // The digest of the details was made of the identities, too.
        let request = request.update_expression(format!("{update} REMOVE detailsDigest"));
        unless_condition_failed("erase a reminder", request.send().await.map(drop))
    }

    /// Makes a link lead to the store's front: its address can name the shopper's cart.
    async fn forget_target(
        &self,
        token: &domain::values::ids::LinkToken,
    ) -> Result<(), StoreError> {
        let Some(link) = self.link(token).await? else { return Ok(()) };
        let Some(front) = url::Url::parse(&link.url).ok().and_then(|url| url.join("/").ok()) else {
            return Ok(());
        };
        let written = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::link(token).attributes()))
            .update_expression("SET #url = :front")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#url", "url")
            .expression_attribute_values(":front", s(front))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map(drop);
        unless_condition_failed("forget a link's target", written).map(drop)
    }

    /// Gives the clicks of an erased reminder their last cohort and closes them. Whoever derives
    /// beside this read the reminder before it was closed, and its clicks before that: it knows
    /// no click that isn't closed here, and is refused on each.
    async fn erase_clicks(
        &self,
        account: &Account,
        reminder: &Reminder,
        at: Instant,
    ) -> Result<(), StoreError> {
        let clicks = self.reminder_clicks(account, &reminder.reminder_id).await?;
        let Some(cohort) = ClickCohort::of(reminder) else { return Ok(()) };
        let open: BTreeSet<_> =
            clicks.iter().filter(|click| click.erased_at.is_none()).map(|click| click.at).collect();
        if let Some(first) = open.first() {
            let written = self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(Key::reminder(account, &reminder.reminder_id).attributes()))
                .update_expression("SET firstClickAt = :at")
                .condition_expression(
                    "attribute_exists(erasedAt) \
                     AND (attribute_not_exists(firstClickAt) OR firstClickAt > :at)",
                )
                .expression_attribute_values(":at", s(*first))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map(drop);
            unless_condition_failed("write a first click", written)?;
        }
        for click in clicks.iter().filter(|click| click.erased_at.is_none()) {
            let sk = key::click_day_sk(&cohort, &click.reminder_id, &click.click_id);
            let key = Key::click(account, &click.reminder_id, &click.click_id);
            let written = self
                .client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(key.attributes()))
                .update_expression(
                    "SET #day = :day, campaignId = :campaign, shopper = :shopper, dayPk = :pk, \
                     daySk = :sk, erasedAt = :at",
                )
                .condition_expression(
                    "attribute_exists(clickId) AND attribute_not_exists(erasedAt)",
                )
                .expression_attribute_names("#day", "day")
                .expression_attribute_values(":day", s(cohort.day))
                .expression_attribute_values(":campaign", s(cohort.campaign_id.as_str()))
                .expression_attribute_values(":shopper", s(cohort.shopper.as_str()))
                .expression_attribute_values(":pk", s(key::day_pk(account, cohort.day)))
                .expression_attribute_values(":sk", s(sk))
                .expression_attribute_values(":at", s(at))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map(drop);
            unless_condition_failed("erase a click", written)?;
        }
        Ok(())
    }
}
