//! Exactly-once totals: changes and the shard's checkpoint move in one transaction.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, TransactWriteItem, Update};
use serde::Deserialize;

use crate::stream::SequenceNumber;
use crate::table::attributes::{n, s};
use crate::table::key::{self, Key};
use crate::table::retry;
use crate::{StoreError, Table};
use domain::rules::contribution::{Cohort, Totals};
use domain::values::account::Account;
use domain::values::ids::CampaignId;
use domain::values::instant::Instant;
use domain::values::money::Currency;
use domain::values::period::Period;
use domain::values::store_day::StoreDay;

pub mod recount;

/// Rollups that fit one transaction beside the checkpoint: `DynamoDB` takes 100 actions.
pub const ROLLUPS_PER_TRANSACTION: usize = 99;
/// Seconds that a checkpoint outlives its last move: a shard lives for a day.
const CHECKPOINT_SECONDS: i64 = 7 * 86_400;
/// The start of the attributes that hold sums, followed by the currency.
const VALUE: &str = "value#";
/// The same for the value of conversions by click.
const CLICK_THROUGH_VALUE: &str = "clickThroughValue#";

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// The changes are counted and the checkpoint moved.
    Counted,
    /// The checkpoint is not the one that the changes were selected against: another
    /// invocation counted meanwhile. Nothing was written; select again.
    CheckpointMoved,
}

/// How far a shard is counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Checkpoint {
    /// The last sequence number that is counted, zero-padded.
    pub sequence: String,
}

impl Table {
    /// The last sequence number of a shard that is counted.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn checkpoint(&self, shard_id: &str) -> Result<Option<SequenceNumber>, StoreError> {
        let held: Option<Checkpoint> = self.get("checkpoint", &Key::checkpoint(shard_id)).await?;
        held.map(|held| {
            SequenceNumber::parse(&held.sequence)
                .map_err(|error| StoreError::corrupt("checkpoint", error))
        })
        .transpose()
    }

    /// Adds changes to the rollups and moves the checkpoint from `held` to `counted`, both or
    /// neither. At most [`ROLLUPS_PER_TRANSACTION`] changes.
    ///
    /// Conflicts and throttles are tried again. A repeated try whose first answer was lost is
    /// refused by the checkpoint, so nothing is counted twice.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn commit(
        &self,
        shard_id: &str,
        held: Option<&SequenceNumber>,
        counted: &SequenceNumber,
        changes: &[(Account, Cohort, Totals)],
        now: Instant,
    ) -> Result<Committed, StoreError> {
        const OPERATION: &str = "commit rollups";
        let mut actions = vec![self.move_checkpoint(shard_id, held, counted, now)?];
        for (account, cohort, totals) in changes {
            actions.push(self.add_to_rollup(account, cohort, totals)?);
        }
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let result = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let Err(error) = result else { return Ok(Committed::Counted) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(StoreError::of_call(OPERATION, error));
            };
            let codes: Vec<&str> =
                canceled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
            if codes.contains(&"ConditionalCheckFailed") {
                // The checkpoint's is the only condition.
                return Ok(Committed::CheckpointMoved);
            }
            if codes.contains(&"ValidationError") {
                return Err(StoreError::Refused { operation: OPERATION, source: Box::new(error) });
            }
            // TransactionConflict, throttles: try again.
        }
        Err(StoreError::Contended { operation: OPERATION, attempts: retry::ATTEMPTS })
    }

    fn move_checkpoint(
        &self,
        shard_id: &str,
        held: Option<&SequenceNumber>,
        counted: &SequenceNumber,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let expires = now.seconds() + CHECKPOINT_SECONDS;
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(Key::checkpoint(shard_id).attributes()))
            .update_expression("SET #sequence = :counted, expiresAt = :expires")
            .expression_attribute_names("#sequence", "sequence")
            .expression_attribute_values(":counted", s(counted.padded()))
            .expression_attribute_values(":expires", n(expires));
        let update = match held {
            Some(held) => update
                .condition_expression("#sequence = :held")
                .expression_attribute_values(":held", s(held.padded())),
            None => update.condition_expression("attribute_not_exists(#sequence)"),
        };
        action(update)
    }

    fn add_to_rollup(
        &self,
        account: &Account,
        cohort: &Cohort,
        totals: &Totals,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(Key::rollup(account, cohort.day, &cohort.campaign_id).attributes()));
        let mut added = Vec::new();
        for (index, (name, change)) in attributes_of(totals).into_iter().enumerate() {
            added.push(format!("#a{index} :a{index}"));
            update = update
                .expression_attribute_names(format!("#a{index}"), name)
                .expression_attribute_values(format!(":a{index}"), n(change));
        }
        action(update.update_expression(format!("ADD {}", added.join(", "))))
    }

    /// The rollups of a range, by day and campaign: one Query.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn rollups(
        &self,
        account: &Account,
        period: Period,
    ) -> Result<BTreeMap<Cohort, Totals>, StoreError> {
        let from = period.from().to_string();
        // `~` sorts after every character of a campaign's id.
        let to = format!("{}~", period.to());
        let items: Vec<BTreeMap<String, serde_json::Value>> =
            self.query("rollup", &key::rollups(account), &from, &to).await?;
        items.iter().map(read_rollup).collect()
    }
}

fn action(
    update: aws_sdk_dynamodb::types::builders::UpdateBuilder,
) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| StoreError::corrupt("rollup", error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// A counter within totals.
type Counter = fn(&mut Totals) -> &mut i64;

/// The counters of a rollup by the attribute that holds them.
const COUNTERS: [(&str, Counter); 7] = [
    ("sent", |t| &mut t.sent),
    ("delivered", |t| &mut t.delivered),
    ("read", |t| &mut t.read),
    ("failed", |t| &mut t.failed),
    ("totalClicks", |t| &mut t.total_clicks),
    ("assisted", |t| &mut t.assisted),
    ("clickThrough", |t| &mut t.click_through),
];

/// The attributes that totals change, with their changes; zeros are left out.
fn attributes_of(totals: &Totals) -> Vec<(String, i64)> {
    let mut totals = totals.clone();
    let mut attributes: Vec<(String, i64)> =
        COUNTERS.iter().map(|(name, field)| ((*name).to_owned(), *field(&mut totals))).collect();
    let sums = [(VALUE, &totals.value), (CLICK_THROUGH_VALUE, &totals.click_through_value)];
    for (prefix, sums) in sums {
        attributes.extend(sums.iter().map(|(currency, sum)| (format!("{prefix}{currency}"), *sum)));
    }
    attributes.retain(|(_, change)| *change != 0);
    attributes
}

fn read_rollup(item: &BTreeMap<String, serde_json::Value>) -> Result<(Cohort, Totals), StoreError> {
    const KIND: &str = "rollup";
    let sk = item.get("sk").and_then(serde_json::Value::as_str).unwrap_or_default();
    let (day, campaign) =
        sk.split_once('#').ok_or_else(|| StoreError::corrupt(KIND, "its key has no campaign"))?;
    let cohort = Cohort {
        day: StoreDay::parse(day).map_err(|error| StoreError::corrupt(KIND, error))?,
        campaign_id: CampaignId::parse(campaign)
            .map_err(|error| StoreError::corrupt(KIND, error))?,
    };
    let mut totals = Totals::default();
    for (name, value) in item {
        let Some(number) = value.as_i64() else { continue };
        if let Some((_, field)) = COUNTERS.iter().find(|(counter, _)| counter == name) {
            *field(&mut totals) = number;
        }
        for (prefix, sums) in
            [(VALUE, &mut totals.value), (CLICK_THROUGH_VALUE, &mut totals.click_through_value)]
        {
            if let Some(currency) = name.strip_prefix(prefix) {
                let currency =
                    Currency::parse(currency).map_err(|error| StoreError::corrupt(KIND, error))?;
                if number != 0 {
                    sums.insert(currency, number);
                }
            }
        }
    }
    Ok((cohort, totals))
}
