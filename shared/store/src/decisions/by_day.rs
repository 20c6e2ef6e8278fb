//! The index `byDay`: the decisions of a store day, the newest first.
//!
//! The index lags behind by a moment. A decision's place there stands; how far its send came may change.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{read, s};
use crate::table::key;
use crate::{StoreError, Table};
use domain::facts::decision::{Decision, Outcome, Reason};
use domain::values::account::Account;
use domain::values::ids::CampaignId;
use domain::values::instant::Instant;
use domain::values::keyed_id::CartId;
use domain::values::store_day::StoreDay;

/// What an unreadable entry is called in errors.
const KIND: &str = "day's decision";

/// Where a decision stands among those of its day: the later ones are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionPlace {
    /// When it was decided.
    pub decided_at: Instant,
    /// Of which cart.
    pub cart: CartId,
}

/// Which decisions of a day: of those that count anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Those of one reason alone.
    pub reason: Option<Reason>,
    /// Those of one campaign alone.
    pub campaign_id: Option<&'a CampaignId>,
}

impl Wanted<'_> {
    const fn is_all(&self) -> bool {
        self.reason.is_none() && self.campaign_id.is_none()
    }

    /// The filter for an outcome, and what it names; none where all are wanted.
    fn filter(&self, outcome: Outcome) -> Option<(String, HashMap<String, AttributeValue>)> {
        let mut filters = Vec::new();
        let mut values = HashMap::new();
        if outcome == Outcome::Skipped {
            // `Decision::counts_nowhere`
            filters.push("(reason <> :gone OR wasRead = :yes)");
            values.insert(":gone".to_owned(), s(Reason::CartGone.word()));
            values.insert(":yes".to_owned(), AttributeValue::Bool(true));
        }
        if let Some(reason) = self.reason {
            filters.push("reason = :reason");
            values.insert(":reason".to_owned(), s(reason.word()));
        }
        if let Some(campaign) = self.campaign_id {
            filters.push("campaignId = :campaign");
            values.insert(":campaign".to_owned(), s(campaign.as_str()));
        }
        (!filters.is_empty()).then(|| (filters.join(" AND "), values))
    }
}

/// Decisions of one outcome.
#[derive(Debug, Default)]
pub struct DayDecisions {
    /// The newest first.
    pub items: Vec<(DecisionPlace, Decision)>,
    /// The oldest place that was read; none where nothing older is there.
    pub read_to: Option<DecisionPlace>,
    /// Entries of the index that were read, wanted or not.
    pub entries: usize,
}

impl Table {
    /// Decisions of one outcome, made on a day before a place, at most `most`. Entries that aren't wanted cost reads,
    /// too: after `entries` of them no further page of the index is read.
    pub async fn day_decisions(
        &self,
        account: &Account,
        (day, outcome): (StoreDay, Outcome),
        wanted: Wanted<'_>,
        before: Option<&DecisionPlace>,
        (most, entries): (usize, usize),
    ) -> Result<DayDecisions, StoreError> {
        const OPERATION: &str = "read a day's decisions";
        let from = key::decision_day_prefix(outcome);
        let to = match before {
            Some(place) => key::decision_day_sk(outcome, place.decided_at, &place.cart),
            None => format!("{from}\u{10ffff}"),
        };
        let mut found = DayDecisions::default();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let mut query = self
                .day_query(account, day, (&from, &to))
                .scan_index_forward(false)
                .set_exclusive_start_key(start);
            if let Some((filter, values)) = wanted.filter(outcome) {
                query = query.filter_expression(filter);
                for (name, value) in values {
                    query = query.expression_attribute_values(name, value);
                }
            }
            if wanted.is_all() {
                // One more tells whether there is more, and the range ends with its bound. Of those that count nowhere
                // there are few at most times.
                let left = most + 2 - found.items.len();
                query = query.limit(i32::try_from(left).unwrap_or(i32::MAX));
            }
            let page = query.send().await.map_err(|error| StoreError::of_call(OPERATION, error))?;
            found.entries += usize::try_from(page.scanned_count).unwrap_or(0);
            for item in page.items.unwrap_or_default() {
                let place = place_of(&item)?;
                if before.is_some_and(|before| place >= *before) {
                    continue;
                }
                if found.items.len() == most {
                    found.read_to = found.items.last().map(|(place, _)| place.clone());
                    return Ok(found);
                }
                found.items.push((place, read(KIND, item)?));
            }
            start = page.last_evaluated_key;
            if start.is_none() || found.entries >= entries {
                found.read_to = start.as_ref().map(place_of).transpose()?;
                return Ok(found);
            }
        }
    }
}

fn place_of(item: &HashMap<String, AttributeValue>) -> Result<DecisionPlace, StoreError> {
    let corrupt = || StoreError::corrupt(KIND, "its key has no place");
    let sk = item.get("daySk").and_then(|sk| sk.as_s().ok()).ok_or_else(corrupt)?;
    let (decided_at, cart) = key::parse_decision_day_sk(sk).ok_or_else(corrupt)?;
    Ok(DecisionPlace { decided_at, cart })
}
