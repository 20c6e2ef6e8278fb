//! Unique clicks: distinct shoppers who clicked, over whatever is looked at (R4). They don't add
//! up, so they are counted anew for each day, each campaign and the whole range.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use shared::domain::values::account::Account;
use shared::domain::values::identity::Shopper;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::store_day::StoreDay;
use shared::store::{StoreError, Table};

use crate::READS_AT_ONCE;

/// Distinct shoppers who clicked. The sets grow with the shoppers of the range, not with its clicks.
#[derive(Debug, Default)]
pub(crate) struct UniqueClicks {
    range: HashSet<Shopper>,
    by_campaign: HashMap<CampaignId, HashSet<Shopper>>,
    by_day: HashMap<StoreDay, usize>,
}

impl UniqueClicks {
    /// Reads the clicks of `days`: of all campaigns, or of `campaign_id` alone.
    pub(crate) async fn read(
        table: &Table,
        account: &Account,
        days: impl IntoIterator<Item = StoreDay>,
        campaign_id: Option<&CampaignId>,
    ) -> Result<Self, StoreError> {
        let read = |day| async move {
            let clicks = match campaign_id {
                Some(id) => table.day_clicks_of_campaign(account, day, id).await?,
                None => table.day_clicks(account, day).await?,
            };
            let clickers = clicks.into_iter().map(|click| (click.campaign_id, click.shopper));
            Ok((day, clickers.collect::<HashSet<_>>()))
        };
        stream::iter(days)
            .map(read)
            .buffer_unordered(READS_AT_ONCE)
            .try_fold(Self::default(), |mut unique, (day, clickers)| async move {
                unique.add(day, clickers);
                Ok(unique)
            })
            .await
    }

    fn add(&mut self, day: StoreDay, clickers: HashSet<(CampaignId, Shopper)>) {
        let of_day: HashSet<&Shopper> = clickers.iter().map(|(_, shopper)| shopper).collect();
        self.by_day.insert(day, of_day.len());
        for (campaign_id, shopper) in clickers {
            self.range.insert(shopper.clone());
            self.by_campaign.entry(campaign_id).or_default().insert(shopper);
        }
    }

    /// Of the whole range.
    pub(crate) fn in_range(&self) -> usize {
        self.range.len()
    }

    /// Of one day.
    pub(crate) fn on(&self, day: StoreDay) -> usize {
        self.by_day.get(&day).copied().unwrap_or_default()
    }

    /// Of one campaign over the whole range.
    pub(crate) fn of(&self, campaign_id: &CampaignId) -> usize {
        self.by_campaign.get(campaign_id).map_or(0, HashSet::len)
    }
}
