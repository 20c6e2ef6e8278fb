//! Campaigns and their history (R11): every change is one version, written with its entry.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::table::attributes::{n, write};
use crate::table::key::{self, Key};
use crate::table::transact::{Transacted, put, update};
use crate::{StoreError, Table};
use domain::activity::Change;
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
    pub async fn campaigns(&self, account: &Account) -> Result<Vec<Campaign>, StoreError> {
        self.query_prefix("campaign", &key::campaigns(account), "").await
    }

    /// A campaign.
    pub async fn campaign(
        &self,
        account: &Account,
        id: &CampaignId,
    ) -> Result<Option<Campaign>, StoreError> {
        self.get("campaign", &Key::campaign(account, id)).await
    }

    /// The changes of a campaign, oldest first.
    pub async fn campaign_history(
        &self,
        account: &Account,
        id: &CampaignId,
    ) -> Result<Vec<CampaignChange>, StoreError> {
        self.query_prefix("campaign change", &key::campaign_changes(account, id), "").await
    }

    /// The latest changes of a campaign, at most `limit`, newest first.
    pub async fn campaign_latest_changes(
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
    pub async fn campaign_write(
        &self,
        account: &Account,
        change: &CampaignChange,
    ) -> Result<CampaignWritten, StoreError> {
        let campaign = &change.after;
        let key = Key::campaign(account, &campaign.campaign_id);
        let item = write("campaign", &key, campaign)?;
        let key = Key::campaign_change(account, &campaign.campaign_id, campaign.version);
        let entry = write("campaign change", &key, change)?;
        let mut actions =
            vec![put(self.put_of_version(item, campaign.version))?, put(self.put_of(entry))?];
        if change.before.is_none() {
            actions.push(self.count_campaign(account)?);
        }
        actions.extend(self.entry(account, Change::of_campaign(change.before.as_ref(), campaign))?);
        Ok(match self.transact("write a campaign", actions).await? {
            Transacted::Done => CampaignWritten::Written,
            // The first condition is the campaign's own, the other one the count's.
            Transacted::ConditionFailed(places) if places.contains(&0) => CampaignWritten::Conflict,
            Transacted::ConditionFailed(_) => CampaignWritten::TooMany,
        })
    }

    /// Counts one more campaign of the account, up to the limit. The settings' version moves
    /// too: a change of settings that was read before must start over, or it would undo this.
    fn count_campaign(&self, account: &Account) -> Result<TransactWriteItem, StoreError> {
        update(
            self.update_of(&Key::settings(account))
                .update_expression("ADD campaignCount :one, version :one")
                .condition_expression("attribute_exists(pk) AND campaignCount < :most")
                .expression_attribute_values(":one", n(1))
                .expression_attribute_values(":most", n(limits::CAMPAIGNS_PER_ACCOUNT)),
        )
    }
}
