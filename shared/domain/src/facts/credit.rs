//! The credit that an order carries: what the rules judged last.

use serde::{Deserialize, Serialize};

use crate::values::ids::{CampaignId, ReminderId};
use crate::values::store_day::StoreDay;

/// How a reminder earned an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreditKind {
    /// By its delivery.
    Assisted,
    /// By a click on its link.
    ClickThrough,
}

/// The reminder that an order is credited to, with the cohort in which the order counts (R1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credit {
    /// How.
    pub kind: CreditKind,
    /// To which reminder.
    pub reminder_id: ReminderId,
    /// The reminder's campaign.
    pub campaign_id: CampaignId,
    /// The reminder's store day.
    pub day: StoreDay,
}
