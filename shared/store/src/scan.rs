//! All facts of an account, and all accounts, read by scanning the table.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use crate::table::attributes::{Attributes, s};
use crate::table::key::{CLICK, CLICKS, FACT, LINK, SETTINGS, parse_settings};
use crate::{StoreError, Table};
use domain::values::account::Account;

/// Which facts a scan brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// Those that count: reminders, clicks, shoppers' clicked reminders, orders, decisions.
    Counted,
    /// Reminders, their clicks, shoppers' clicked reminders, and the links that are bound to a reminder.
    RemindersAndLinks,
    /// Orders.
    Orders,
}

/// A page of a scan.
#[derive(Debug, Default)]
pub struct FactPage {
    /// The account's facts on it.
    pub facts: Vec<StoredFact>,
    /// Items that were looked through, of all accounts and kinds.
    pub looked_through: u64,
    /// Where the next page starts; none: this was the last.
    pub next: Option<ScanPosition>,
}

/// Where a page of a scan starts.
#[derive(Debug, Clone)]
pub struct ScanPosition(Attributes);

/// A fact's item as it stands. `Debug` leaves its content out.
pub struct StoredFact {
    /// Its partition key.
    pub pk: String,
    /// Its sort key.
    pub sk: String,
    /// All its attributes.
    pub image: serde_dynamo::Item,
}

impl std::fmt::Debug for StoredFact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredFact").field("sk", &self.sk).finish_non_exhaustive()
    }
}

impl Table {
    /// One page of the facts of an account in part `segment` of `segments` of the table, read
    /// strongly consistently.
    pub async fn facts_scan(
        &self,
        account: &Account,
        scanned: Scanned,
        (segment, segments): (i32, i32),
        from: Option<ScanPosition>,
    ) -> Result<FactPage, StoreError> {
        let request = self.client.scan().table_name(&self.name);
        let request = match scanned {
            Scanned::Counted => request
                .filter_expression(
                    "((begins_with(pk, :reminders) OR begins_with(pk, :orders)) \
                     AND (sk = :fact OR begins_with(sk, :clicks))) \
                     OR (begins_with(pk, :shoppers) AND sk = :clicked) \
                     OR (begins_with(pk, :decisions) AND sk = :fact)",
                )
                .expression_attribute_values(":decisions", s(format!("{account}#DECISION#")))
                .expression_attribute_values(":shoppers", s(format!("{account}#SHOPPER#")))
                .expression_attribute_values(":clicked", s(CLICKS))
                .expression_attribute_values(":reminders", s(format!("{account}#REMINDER#")))
                .expression_attribute_values(":orders", s(format!("{account}#ORDER#")))
                .expression_attribute_values(":clicks", s(CLICK)),
            Scanned::RemindersAndLinks => request
                .filter_expression(
                    "(begins_with(pk, :reminders) AND (sk = :fact OR begins_with(sk, :clicks))) \
                     OR (begins_with(pk, :shoppers) AND sk = :clicked) \
                     OR (sk = :link AND account = :account AND attribute_exists(reminder))",
                )
                .expression_attribute_values(":shoppers", s(format!("{account}#SHOPPER#")))
                .expression_attribute_values(":clicked", s(CLICKS))
                .expression_attribute_values(":reminders", s(format!("{account}#REMINDER#")))
                .expression_attribute_values(":clicks", s(CLICK))
                .expression_attribute_values(":link", s(LINK))
                .expression_attribute_values(":account", s(account.as_str())),
            Scanned::Orders => request
                .filter_expression("begins_with(pk, :orders) AND sk = :fact")
                .expression_attribute_values(":orders", s(format!("{account}#ORDER#"))),
        };
        let page = request
            .expression_attribute_values(":fact", s(FACT))
            .segment(segment)
            .total_segments(segments)
            .consistent_read(true)
            .set_exclusive_start_key(from.map(|position| position.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of_call("scan the facts", error))?;
        let key = |item: &Attributes, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        let facts = page.items.unwrap_or_default().into_iter().map(|item| StoredFact {
            pk: key(&item, "pk"),
            sk: key(&item, "sk"),
            image: item.into(),
        });
        Ok(FactPage {
            facts: facts.collect(),
            looked_through: u64::try_from(page.scanned_count).unwrap_or_default(),
            next: page.last_evaluated_key.map(ScanPosition),
        })
    }

    /// One page of all accounts that are set up; and where the next one starts, if there is one.
    pub async fn accounts_scan(
        &self,
        from: Option<ScanPosition>,
    ) -> Result<(Vec<Account>, Option<ScanPosition>), StoreError> {
        let page = self
            .client
            .scan()
            .table_name(&self.name)
            .filter_expression("sk = :settings")
            .expression_attribute_values(":settings", s(SETTINGS))
            .projection_expression("pk")
            .consistent_read(true)
            .set_exclusive_start_key(from.map(|position| position.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of_call("scan the accounts", error))?;
        let items = page.items.unwrap_or_default();
        let keys = items.iter().filter_map(|item| item.get("pk")?.as_s().ok());
        let accounts = keys.filter_map(|pk| parse_settings(pk)).collect();
        Ok((accounts, page.last_evaluated_key.map(ScanPosition)))
    }
}
