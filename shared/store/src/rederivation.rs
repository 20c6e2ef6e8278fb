//! How far the facts of an account are derived anew: what `counting::rederive` keeps, so that a run
//! that was stopped goes on.
//!
//! It is kept by parts of the table that are done, not by the key at which a scan stands: that key
//! may be anybody's, and name a shopper.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, n, s, write};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::store_day::StoreDay;

/// Seconds that a run is kept: longer than anybody goes on with one.
const KEPT_SECONDS: i64 = 7 * 86_400;

/// A run that isn't finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rederivation {
    /// Tells it from others of the account.
    pub id: String,
    /// The first store day.
    pub from: StoreDay,
    /// The last store day.
    pub to: StoreDay,
    /// When it began: what changed before that is derived by it, or by the rollup.
    pub started_at: Instant,
    /// The parts of the table that are done.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<u32>,
    /// What became of their facts.
    #[serde(flatten)]
    pub tally: Rederived,
}

/// What became of facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rederived {
    /// Facts of the period.
    #[serde(default)]
    pub looked_at: u64,
    /// Items that a derivation changed.
    #[serde(default)]
    pub changed: u64,
    /// Facts that can't be read, or whose derivation the table refused.
    #[serde(default)]
    pub refused: u64,
}

impl Table {
    /// The run that an account is at.
    pub async fn rederivation(
        &self,
        account: &Account,
    ) -> Result<Option<Rederivation>, StoreError> {
        self.get("rederivation", &Key::rederivation(account)).await
    }

    /// Begins a run, instead of any other.
    pub async fn rederivation_begin(
        &self,
        account: &Account,
        run: &Rederivation,
    ) -> Result<(), StoreError> {
        let mut item = write("rederivation", &Key::rederivation(account), run)?;
        expire(&mut item, Some(run.started_at.seconds() + KEPT_SECONDS));
        self.put("begin a rederivation", item).await
    }

    /// Notes that a part of run `id` is done; `false` when another run has begun, or this one is
    /// finished. Noting it again changes nothing.
    pub async fn rederivation_note(
        &self,
        account: &Account,
        id: &str,
        part: u32,
        tally: Rederived,
    ) -> Result<bool, StoreError> {
        let request = self
            .update_item(&Key::rederivation(account))
            .update_expression(
                "ADD done :parts, lookedAt :lookedAt, changed :changed, refused :refused",
            )
            // A second try, after an answer that was lost, must not add the tally twice.
            .condition_expression("id = :id AND NOT contains(done, :part)")
            .expression_attribute_values(":id", s(id))
            .expression_attribute_values(":part", n(part))
            .expression_attribute_values(":parts", AttributeValue::Ns(vec![part.to_string()]))
            .expression_attribute_values(":lookedAt", n(tally.looked_at))
            .expression_attribute_values(":changed", n(tally.changed))
            .expression_attribute_values(":refused", n(tally.refused));
        let noted = request.send().await.map(drop);
        if unless_condition_failed("note what is derived", noted)? == Written::Changed {
            return Ok(true);
        }
        let held = self.rederivation(account).await?;
        Ok(held.is_some_and(|held| held.id == id && held.done.contains(&part)))
    }

    /// Forgets run `id`, since all its parts are done.
    pub async fn rederivation_finish(&self, account: &Account, id: &str) -> Result<(), StoreError> {
        let result = self
            .delete_item(&Key::rederivation(account))
            .condition_expression("id = :id")
            .expression_attribute_values(":id", s(id))
            .send()
            .await;
        // Refused: another run stands there, or nothing does any more.
        unless_condition_failed("finish a rederivation", result).map(drop)
    }
}
