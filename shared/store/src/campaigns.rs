//! Campaigns and their history (R11): every change is one version, written with its entry.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};

use crate::table::attributes::{n, write};
use crate::table::key::{self, Key};
use crate::table::retry;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::campaign::{Campaign, CampaignChange};
use domain::values::ids::CampaignId;
use domain::values::limits;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignWritten {
    /// It is stored.
    Written,
    /// Somebody changed the campaign meanwhile; nothing was written.
    Conflict,
    /// The account has as many campaigns as it may; nothing was written.
    TooMany,
}

impl Table {
    /// All campaigns of an account, by id: the order in which they were made.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn campaigns(&self, account: &Account) -> Result<Vec<Campaign>, StoreError> {
        self.query_prefix("campaign", &key::campaigns(account), "").await
    }

    /// A campaign.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn campaign(
        &self,
        account: &Account,
        id: &CampaignId,
    ) -> Result<Option<Campaign>, StoreError> {
        self.get("campaign", &Key::campaign(account, id)).await
    }

    /// The changes of a campaign, oldest first.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn campaign_history(
        &self,
        account: &Account,
        id: &CampaignId,
    ) -> Result<Vec<CampaignChange>, StoreError> {
        self.query_prefix("campaign change", &key::campaign_changes(account, id), "").await
    }

    /// The latest changes of a campaign, at most `limit`, newest first.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn latest_changes(
        &self,
        account: &Account,
        id: &CampaignId,
        limit: usize,
    ) -> Result<Vec<CampaignChange>, StoreError> {
        let pk = key::campaign_changes(account, id);
        self.query_page("campaign change", &pk, ("", "\u{10ffff}"), limit, false).await
    }

    /// Writes a change: the campaign as it is after, on the version that was before, and the
    /// entry of its history, both or neither. A new campaign also counts towards its limit.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn write_campaign(
        &self,
        account: &Account,
        change: &CampaignChange,
    ) -> Result<CampaignWritten, StoreError> {
        const OPERATION: &str = "write a campaign";
        let campaign = &change.after;
        let key = Key::campaign(account, &campaign.campaign_id);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(write("campaign", &key, campaign)?));
        let put = match &change.before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", n(before.version)),
        };
        let key = Key::campaign_change(account, &campaign.campaign_id, campaign.version);
        let entry = Put::builder().table_name(&self.name).set_item(Some(write(
            "campaign change",
            &key,
            change,
        )?));
        let mut actions = vec![put_action(put)?, put_action(entry)?];
        if change.before.is_none() {
            actions.push(self.count_campaign(account)?);
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
            let Err(error) = result else { return Ok(CampaignWritten::Written) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(StoreError::of_call(OPERATION, error));
            };
            let failed = |reason: &aws_sdk_dynamodb::types::CancellationReason| {
                reason.code() == Some("ConditionalCheckFailed")
            };
            let reasons = canceled.cancellation_reasons();
            if reasons.first().is_some_and(failed) {
                return Ok(CampaignWritten::Conflict);
            }
            if reasons.get(2).is_some_and(failed) {
                return Ok(CampaignWritten::TooMany);
            }
        }
        Err(StoreError::Contended { operation: OPERATION, attempts: retry::ATTEMPTS })
    }

    /// Counts one more campaign of the account, up to the limit. The settings' version moves
    /// too: a change of settings that was read before must start over, or it would undo this.
    fn count_campaign(&self, account: &Account) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(Key::settings(account).attributes()))
            .update_expression("ADD campaignCount :one, version :one")
            .condition_expression("attribute_exists(pk) AND campaignCount < :most")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":most", n(limits::CAMPAIGNS_PER_ACCOUNT))
            .build()
            .map_err(|error| StoreError::corrupt("account", error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn put_action(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|error| StoreError::corrupt("campaign", error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}
