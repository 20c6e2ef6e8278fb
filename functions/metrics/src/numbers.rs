//! What rollups come to, and how an answer tells it (R3, R4, R6-R9).

use std::collections::BTreeMap;

use serde::Serialize;
use shared::domain::rules::contribution::{Cohort, Funnel, Totals};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use utoipa::ToSchema;

use crate::text::{Amount, amounts};

/// What became of some reminders.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Reminders sent.
    sent: i64,
    /// Reminders delivered, read or clicked (R3).
    delivered: i64,
    /// Reminders read or clicked (R3).
    read: i64,
    /// Reminders failed and not delivered (R3).
    failed: i64,
    /// Distinct shoppers who clicked (R4). They don't add up over days or campaigns.
    unique_clicks: i64,
    /// All clicks, of links and of reply buttons (R4).
    total_clicks: i64,
    /// Taps on the stop button (R4). They are no clicks, and say nothing of deliveries and readings.
    opt_outs: i64,
    /// Orders credited to the reminders (R6).
    conversions: ConversionCounts,
    /// The value of these orders (R7, R8), by currency.
    conversion_value: Vec<Amount>,
    /// The value of those credited by a click.
    click_through_value: Vec<Amount>,
}

/// Orders credited, by how.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversionCounts {
    /// Both (R9).
    total: i64,
    /// By a delivery within 3 days.
    assisted: i64,
    /// By a click on the link within 15 days.
    click_through: i64,
}

impl Numbers {
    fn of(totals: &Totals, unique_clicks: i64) -> Self {
        // A click and its shopper's entry are counted by records of their own. In between, an answer
        // must not name more clickers than clicks, nor fewer than none while entries move; once
        // everything is counted this never bites.
        let unique_clicks = unique_clicks.clamp(0, totals.total_clicks.max(0));
        Self {
            sent: totals.sent,
            delivered: totals.delivered,
            read: totals.read,
            failed: totals.failed,
            unique_clicks,
            total_clicks: totals.total_clicks,
            opt_outs: totals.opt_outs,
            conversions: ConversionCounts {
                total: totals.conversions(),
                assisted: totals.assisted,
                click_through: totals.click_through,
            },
            conversion_value: amounts(&totals.value),
            click_through_value: amounts(&totals.click_through_value),
        }
    }
}

/// What rollups come to. Distinct shoppers are no sum of them: they are told beside.
#[derive(Default, Clone)]
pub(crate) struct Sum {
    totals: Totals,
    unique_clicks: i64,
}

impl Sum {
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers::of(&self.totals, self.unique_clicks)
    }

    pub(crate) const fn funnel(&self) -> &Funnel {
        &self.totals.funnel
    }
}

/// The rollups of a range, summed up in three ways.
#[derive(Default)]
pub(crate) struct RangeTotals {
    range: Sum,
    by_day: BTreeMap<StoreDay, Sum>,
    by_campaign: BTreeMap<CampaignId, Sum>,
}

impl RangeTotals {
    pub(crate) fn of(
        rollups: BTreeMap<Cohort, Totals>,
        period: Period,
        campaign_id: Option<&CampaignId>,
    ) -> Self {
        let mut sums = Self::default();
        for (cohort, mut totals) in rollups {
            // R4: who clicked on an earlier day of the range is counted there already. They are told
            // apart here and not added up with the rest: of a year they are some hundred thousand numbers.
            let shoppers = std::mem::take(&mut totals.shoppers);
            let (new, all) = (shoppers.new_since(period.from(), cohort.day), shoppers.all());
            if let Some(id) = cohort.campaign_id() {
                let of_campaign = sums.by_campaign.entry(id.clone()).or_default();
                of_campaign.totals.add(&totals, 1);
                of_campaign.unique_clicks += new;
                if campaign_id.is_none_or(|asked| asked == id) {
                    sums.range.totals.add(&totals, 1);
                    sums.by_day.entry(cohort.day).or_default().totals.add(&totals, 1);
                }
            }
            // Over all campaigns a shopper of two of them is one: that has a rollup of its own.
            if cohort.campaign_id() == campaign_id {
                sums.range.unique_clicks += new;
                sums.by_day.entry(cohort.day).or_default().unique_clicks += all;
            }
        }
        sums
    }

    pub(crate) const fn whole(&self) -> &Sum {
        &self.range
    }

    pub(crate) fn on(&self, day: StoreDay) -> Sum {
        self.by_day.get(&day).cloned().unwrap_or_default()
    }

    pub(crate) fn of_campaign(&self, campaign_id: &CampaignId) -> Sum {
        self.by_campaign.get(campaign_id).cloned().unwrap_or_default()
    }
}
