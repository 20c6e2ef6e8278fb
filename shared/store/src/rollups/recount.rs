//! What an operator's recount reads and a repair writes. The proof that a repair is exact while
//! facts keep coming in stands with it, in `counting::recount`.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{Get, ReturnConsumedCapacity, TransactGetItem};
use serde::{Deserialize, Serialize};

use crate::rollups::{Checkpoint, ROLLUPS_PER_TRANSACTION, read_rollup};
use crate::stream::SequenceNumber;
use crate::table::attributes::{Attributes, expire, n, read, s};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::table::transact::update;
use crate::{StoreError, Table};
use domain::rules::contribution::{Cohort, Totals};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::period::Period;

/// Items that one `TransactGetItems` reads: `DynamoDB`'s limit.
pub const READ_TOGETHER: usize = 100;
/// Corrections that fit one transaction beside the count of repairs.
pub const CORRECTIONS_PER_TRANSACTION: usize = ROLLUPS_PER_TRANSACTION;
/// Seconds that a mark stays in the table: its record is all that is wanted of it.
const MARK_SECONDS: i64 = 3_600;

/// Rollups and how far shards were counted at one and the same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRollups {
    /// The totals in the order of the cohorts asked for; zeros for a rollup that isn't there.
    pub totals: Vec<Totals>,
    /// The checkpoints by shard; a shard of which nothing is counted has none.
    pub checkpoints: BTreeMap<String, SequenceNumber>,
}

/// What became of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// The corrections are added, once.
    Done,
    /// Another repair came in between: these corrections may be its own. Nothing was written.
    Overtaken,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepairCount {
    number: u64,
    repair_id: String,
}

impl Table {
    /// About how many items the table has, and the ARN of its stream.
    pub async fn description(&self) -> Result<(u64, String), StoreError> {
        const OPERATION: &str = "describe the table";
        let output = self.client.describe_table().table_name(&self.name).send().await;
        let table = output.map_err(|error| StoreError::of_call(OPERATION, error))?.table;
        let table = table.ok_or_else(|| StoreError::corrupt("table", "there is no description"))?;
        let items = table.item_count.and_then(|count| u64::try_from(count).ok());
        let stream = table
            .latest_stream_arn
            .ok_or_else(|| StoreError::corrupt("table", "the table has no stream"))?;
        Ok((items.unwrap_or_default(), stream))
    }

    /// The rollups of `cohorts` and the checkpoints of `shards` as of one moment: what the ones
    /// hold is what the others say. At most [`READ_TOGETHER`] of both.
    pub async fn rollups_and_checkpoints(
        &self,
        account: &Account,
        cohorts: &[Cohort],
        shards: &[String],
    ) -> Result<CountedRollups, StoreError> {
        let checkpoints = shards.iter().map(|shard| Key::checkpoint(shard));
        let rollups = cohorts.iter().map(|cohort| Key::rollup(account, cohort));
        let keys: Vec<Key> = checkpoints.chain(rollups).collect();
        let mut items = self.get_together(&keys).await?.into_iter();
        let mut held = BTreeMap::new();
        for shard in shards {
            let Some(item) = items.next().flatten() else { continue };
            let checkpoint: Checkpoint = read("checkpoint", item)?;
            let sequence = SequenceNumber::parse(&checkpoint.sequence)
                .map_err(|error| StoreError::corrupt("checkpoint", error))?;
            held.insert(shard.clone(), sequence);
        }
        let totals = items
            .map(|item| match item {
                Some(item) => Ok(read_rollup(item)?.1),
                None => Ok(Totals::default()),
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(CountedRollups { totals, checkpoints: held })
    }

    /// Reads items as of one moment, in the order of the keys.
    async fn get_together(&self, keys: &[Key]) -> Result<Vec<Option<Attributes>>, StoreError> {
        const OPERATION: &str = "read rollups and checkpoints";
        let mut gets = Vec::with_capacity(keys.len());
        for key in keys {
            let get = Get::builder().table_name(&self.name).set_key(Some(key.attributes())).build();
            let get = get.map_err(|error| StoreError::corrupt("transaction", error))?;
            gets.push(TransactGetItem::builder().get(get).build());
        }
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let result = self
                .client
                .transact_get_items()
                .set_transact_items(Some(gets.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            match result {
                Ok(output) => {
                    let responses = output.responses.unwrap_or_default();
                    return Ok(responses.into_iter().map(|response| response.item).collect());
                }
                // The rollup's transactions write the same items: again.
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(TransactGetItemsError::is_transaction_canceled_exception) => {}
                Err(error) => return Err(StoreError::of_call(OPERATION, error)),
            }
        }
    }

    /// The cohorts of a range that have rollups.
    pub async fn rollups_cohorts(
        &self,
        account: &Account,
        period: Period,
    ) -> Result<Vec<Cohort>, StoreError> {
        Ok(self.rollups(account, period).await?.into_keys().collect())
    }

    /// Puts items that nothing reads, under keys made of `marks`: their records show how far the
    /// stream was read.
    pub async fn marks_put(&self, marks: &[String], now: Instant) -> Result<(), StoreError> {
        let items = marks.iter().map(|mark| {
            let mut item = Key::mark(mark).attributes();
            expire(&mut item, Some(now.seconds() + MARK_SECONDS));
            item
        });
        self.put_many("put marks", items.collect()).await
    }

    /// Touches a fact, so that the stream brings it once more; `false` when it isn't there.
    pub async fn fact_touch(
        &self,
        pk: &str,
        sk: &str,
        is_order: bool,
        now: Instant,
    ) -> Result<bool, StoreError> {
        // Every write of an order raises its version.
        let update =
            if is_order { "SET touchedAt = :now ADD version :one" } else { "SET touchedAt = :now" };
        let request = self
            .update_item(&Key { pk: pk.to_owned(), sk: sk.to_owned() })
            .update_expression(update)
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", s(now));
        let request =
            if is_order { request.expression_attribute_values(":one", n(1)) } else { request };
        let written = unless_condition_failed("touch a fact", request.send().await.map(drop))?;
        Ok(written == Written::Changed)
    }

    /// How many repairs an account's rollups had.
    pub async fn rollups_repairs(&self, account: &Account) -> Result<u64, StoreError> {
        let held: Option<RepairCount> = self.get("repairs", &Key::repairs(account)).await?;
        Ok(held.map_or(0, |held| held.number))
    }

    /// Adds corrections to the rollups, all or none, as repair number `held + 1`; `repair_id`
    /// tells our own write from another's after an answer that was lost. At most
    /// [`CORRECTIONS_PER_TRANSACTION`] corrections.
    pub async fn rollups_repair(
        &self,
        account: &Account,
        held: u64,
        repair_id: &str,
        corrections: &[(Cohort, Totals)],
    ) -> Result<Repaired, StoreError> {
        let count = self
            .update_of(&Key::repairs(account))
            .update_expression("SET #number = :next, repairId = :id")
            .expression_attribute_names("#number", "number")
            .expression_attribute_values(":next", n(held + 1))
            .expression_attribute_values(":id", s(repair_id));
        let count = match held {
            0 => count.condition_expression("attribute_not_exists(pk)"),
            held => count
                .condition_expression("#number = :held")
                .expression_attribute_values(":held", n(held)),
        };
        let mut actions = vec![update(count)?];
        for (cohort, totals) in corrections {
            actions.push(self.add_to_rollup(account, cohort, totals)?);
        }
        if self.transact("repair rollups", actions).await?.is_done() {
            return Ok(Repaired::Done);
        }
        let now: Option<RepairCount> = self.get("repairs", &Key::repairs(account)).await?;
        let ours = now.is_some_and(|now| now.number == held + 1 && now.repair_id == repair_id);
        Ok(if ours { Repaired::Done } else { Repaired::Overtaken })
    }
}
