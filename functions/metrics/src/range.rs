//! The account, the days and the campaigns that a request is about.

use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::campaign::Campaign;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::web::Problem;

use crate::Deps;

/// What a query of a range selects.
pub(crate) struct SelectedRange {
    /// What the account set up.
    pub(crate) settings: AccountSettings,
    /// The present store day.
    pub(crate) today: StoreDay,
    /// The campaigns in the order in which they were made: all of the account's, or the one that
    /// was asked for.
    pub(crate) campaigns: Vec<Campaign>,
}

impl SelectedRange {
    /// Reads what `account` selects by `period` and `campaign_id`.
    ///
    /// 404 for an account that isn't set up or a campaign that is none of its own; 422 for a range
    /// whose facts may have expired.
    pub(crate) async fn read(
        deps: &Deps,
        account: &Account,
        period: Period,
        campaign_id: Option<&CampaignId>,
    ) -> Result<Self, Problem> {
        let (record, campaigns) =
            futures::try_join!(deps.table.account(account), campaigns(deps, account, campaign_id))?;
        let settings = record.ok_or_else(Problem::account_not_found)?.settings;
        if campaign_id.is_some() && campaigns.is_empty() {
            return Err(Problem::campaign_not_found().at("campaignId"));
        }
        let today = StoreDay::of(deps.clock.now(), settings.time_zone);
        deps.table.retention().covers(period, today)?;
        Ok(Self { settings, today, campaigns })
    }
}

async fn campaigns(
    deps: &Deps,
    account: &Account,
    campaign_id: Option<&CampaignId>,
) -> Result<Vec<Campaign>, shared::store::StoreError> {
    let mut found = match campaign_id {
        Some(id) => Vec::from_iter(deps.table.campaign(account, id).await?),
        None => deps.table.campaigns(account).await?,
    };
    found.sort_by(|a, b| (a.created_at, &a.campaign_id).cmp(&(b.created_at, &b.campaign_id)));
    Ok(found)
}
