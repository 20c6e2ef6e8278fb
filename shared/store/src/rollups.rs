//! Exactly-once totals: changes and the shard's checkpoint move in one transaction.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Deserialize;

use crate::stream::SequenceNumber;
use crate::table::attributes::{Attributes, n, s};
use crate::table::key::{self, Key};
use crate::table::transact::{Transacted, update};
use crate::{StoreError, Table};
use domain::facts::decision::Reason;
use domain::rules::contribution::{Campaigns, Cohort, Totals};
use domain::rules::distinct::Gap;
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::money::Currency;
use domain::values::period::Period;
use domain::values::span::Span;
use domain::values::store_day::StoreDay;

pub mod recount;

/// Rollups that fit one transaction beside the checkpoint: `DynamoDB` takes 100 actions.
pub const ROLLUPS_PER_TRANSACTION: usize = 99;
/// How long a checkpoint outlives its last move: a shard lives for a day.
const CHECKPOINT_STAYS: Span = Span::days(7);
/// The start of the attributes that hold sums, followed by the currency.
const VALUE: &str = "value#";
/// The same for the value of conversions by click.
const CLICK_THROUGH_VALUE: &str = "clickThroughValue#";
/// The start of the attributes that hold shoppers, followed by their gap in days: short, since a day
/// of a year can have hundreds.
const SHOPPERS: &str = "c";
/// The start of the attributes that hold carts without a message, followed by the reason.
const SKIPPED: &str = "skipped#";

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
    pub async fn rollups_commit(
        &self,
        shard_id: &str,
        held: Option<&SequenceNumber>,
        counted: &SequenceNumber,
        changes: &[(Account, Cohort, Totals)],
        now: Instant,
    ) -> Result<Committed, StoreError> {
        let mut actions = vec![self.move_checkpoint(shard_id, held, counted, now)?];
        for (account, cohort, totals) in changes {
            actions.push(self.add_to_rollup(account, cohort, totals)?);
        }
        Ok(match self.transact("commit rollups", actions).await? {
            Transacted::Done => Committed::Counted,
            // The checkpoint's is the only condition.
            Transacted::ConditionFailed(_) => Committed::CheckpointMoved,
        })
    }

    fn move_checkpoint(
        &self,
        shard_id: &str,
        held: Option<&SequenceNumber>,
        counted: &SequenceNumber,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let expires = now.plus(CHECKPOINT_STAYS).seconds();
        let moved = self
            .update_of(&Key::checkpoint(shard_id))
            .update_expression("SET #sequence = :counted, expiresAt = :expires")
            .expression_attribute_names("#sequence", "sequence")
            .expression_attribute_values(":counted", s(counted.padded()))
            .expression_attribute_values(":expires", n(expires));
        update(match held {
            Some(held) => moved
                .condition_expression("#sequence = :held")
                .expression_attribute_values(":held", s(held.padded())),
            None => moved.condition_expression("attribute_not_exists(#sequence)"),
        })
    }

    fn add_to_rollup(
        &self,
        account: &Account,
        cohort: &Cohort,
        totals: &Totals,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut adding = self.update_of(&Key::rollup(account, cohort));
        let mut added = Vec::new();
        for (index, (name, change)) in attributes_of(totals).into_iter().enumerate() {
            added.push(format!("#a{index} :a{index}"));
            adding = adding
                .expression_attribute_names(format!("#a{index}"), name)
                .expression_attribute_values(format!(":a{index}"), n(change));
        }
        update(adding.update_expression(format!("ADD {}", added.join(", "))))
    }

    /// The rollups of a range, by day and campaign: one Query.
    pub async fn rollups(
        &self,
        account: &Account,
        period: Period,
    ) -> Result<BTreeMap<Cohort, Totals>, StoreError> {
        let from = period.from().to_string();
        // `~` sorts after every character of a campaign's id.
        let to = format!("{}~", period.to());
        let items = self.query_attributes("rollup", &key::rollups(account), &from, &to).await?;
        items.into_iter().map(read_rollup).collect()
    }
}

/// A counter within totals.
type CounterField = fn(&mut Totals) -> &mut i64;

/// The counters of a rollup by the attribute that holds them.
const COUNTERS: [(&str, CounterField); 14] = [
    ("sent", |t| &mut t.sent),
    ("delivered", |t| &mut t.delivered),
    ("read", |t| &mut t.read),
    ("failed", |t| &mut t.failed),
    ("totalClicks", |t| &mut t.total_clicks),
    ("optOuts", |t| &mut t.opt_outs),
    ("assisted", |t| &mut t.assisted),
    ("clickThrough", |t| &mut t.click_through),
    ("heldOut", |t| &mut t.funnel.held_out),
    ("reminded", |t| &mut t.funnel.reminded),
    ("accepted", |t| &mut t.funnel.accepted),
    ("rejected", |t| &mut t.funnel.rejected),
    ("unknown", |t| &mut t.funnel.unknown),
    ("unconfirmed", |t| &mut t.funnel.unconfirmed),
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
    let skipped = totals.funnel.skipped.iter();
    attributes
        .extend(skipped.map(|(reason, count)| (format!("{SKIPPED}{}", reason.word()), *count)));
    let shoppers = totals.shoppers.iter();
    attributes.extend(shoppers.map(|(gap, change)| (format!("{SHOPPERS}{gap}"), change)));
    attributes.retain(|(_, change)| *change != 0);
    attributes
}

/// Reads a rollup attribute by attribute: a year of them has some hundred thousand, and most of what
/// metrics cost is reading them.
fn read_rollup(item: Attributes) -> Result<(Cohort, Totals), StoreError> {
    let corrupt = |what: &str| StoreError::corrupt("rollup", what);
    let sk = item.get("sk").and_then(|value| value.as_s().ok());
    let (day, campaign) = sk
        .and_then(|sk| sk.split_once('#'))
        .ok_or_else(|| corrupt("its key has no day and no campaign"))?;
    let cohort = Cohort {
        day: StoreDay::parse(day).map_err(|error| StoreError::corrupt("rollup", error))?,
        campaigns: Campaigns::from_str(campaign)
            .map_err(|error| StoreError::corrupt("rollup", error))?,
    };
    let mut totals = Totals::default();
    let mut shoppers = Vec::with_capacity(item.len());
    for (name, value) in item {
        let number = || {
            let number = value.as_n().ok().and_then(|number| number.parse().ok());
            number.ok_or_else(|| corrupt("a sum is no 64-bit integer"))
        };
        let currency = |code: &str| {
            Currency::parse(code).map_err(|error| StoreError::corrupt("rollup", error))
        };
        // Nearly all attributes are gaps, so they are asked for first.
        if let Some(gap) = gap_of(&name) {
            shoppers.push((gap, number()?));
        } else if let Some((_, field)) = COUNTERS.iter().find(|(counter, _)| *counter == name) {
            *field(&mut totals) = number()?;
        } else if let Some(word) = name.strip_prefix(SKIPPED) {
            let reason = Reason::of_word(word).ok_or_else(|| corrupt("a reason is none"))?;
            totals.funnel.skipped.add(&reason, number()?);
        } else if let Some(code) = name.strip_prefix(VALUE) {
            totals.value.add(&currency(code)?, number()?);
        } else if let Some(code) = name.strip_prefix(CLICK_THROUGH_VALUE) {
            totals.click_through_value.add(&currency(code)?, number()?);
        }
    }
    totals.shoppers = shoppers.into_iter().collect();
    Ok((cohort, totals))
}

/// The gap that an attribute of shoppers names; none for any other attribute.
fn gap_of(name: &str) -> Option<Gap> {
    let digits = name.strip_prefix(SHOPPERS)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::*;

    fn read(item: Value) -> Result<(Cohort, Totals), StoreError> {
        read_rollup(serde_dynamo::to_item(item).unwrap())
    }

    #[test]
    fn a_rollup_is_read_as_it_was_added_up() {
        let item = json!({
            "pk": "acme#ROLLUP", "sk": "2026-11-01#spring", "sent": 2, "clickThrough": 1, "value#BRL": 7,
            "clickThroughValue#BRL": 7, "value#CLP": 0, "clickThroughValue#CLP": 0,
            "c0": 4, "c365": 1, "c2": 0, "reminded": 3, "accepted": 2, "skipped#no-phone": 5,
            "skipped#purchased": 0,
        });
        let (cohort, totals) = read(item).unwrap();
        assert_eq!(
            (cohort.day.to_string(), cohort.campaigns.to_string()),
            ("2026-11-01".to_owned(), "spring".to_owned())
        );
        // A sum that came back to zero is none.
        assert_eq!(
            attributes_of(&totals),
            [
                ("sent".to_owned(), 2),
                ("clickThrough".to_owned(), 1),
                ("reminded".to_owned(), 3),
                ("accepted".to_owned(), 2),
                ("value#BRL".to_owned(), 7),
                ("clickThroughValue#BRL".to_owned(), 7),
                ("skipped#no-phone".to_owned(), 5),
                ("c0".to_owned(), 4),
                ("c365".to_owned(), 1),
            ]
        );
    }

    #[test]
    fn what_is_no_total_is_not_read_as_zero() {
        let sk = "2026-11-01#spring";
        for item in [
            json!({"sk": sk, "sent": 1.5}),
            json!({"sk": sk, "sent": "1"}),
            json!({"sk": sk, "value#BRL": 9_223_372_036_854_775_808_u64}),
            json!({"sk": sk, "value#R$": 1}),
            json!({"sk": "2026-11-01"}),
            json!({"sent": 1}),
        ] {
            assert!(matches!(read(item), Err(StoreError::Corrupt { .. })));
        }
    }
}
