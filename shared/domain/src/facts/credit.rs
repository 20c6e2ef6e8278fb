//! The credit that an order carries: what the rules judged last.
//!
//! It holds the winner's whole standing (R6), so that another reminder can be compared with it without
//! the winner being read.

use serde::{Deserialize, Serialize};

use crate::values::ids::{CampaignId, ReminderDigest};
use crate::values::instant::Instant;
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
    /// The click or delivery that decided. Credits that were written before this was kept read as the
    /// least there is, so that whatever is compared with them has the order judged whole or wins it.
    #[serde(default = "unknown")]
    pub at: Instant,
    /// To which reminder.
    pub reminder: ReminderDigest,
    /// The reminder's campaign.
    pub campaign_id: CampaignId,
    /// The reminder's store day.
    pub day: StoreDay,
}

const fn unknown() -> Instant {
    Instant::from_millis(0)
}

impl Credit {
    /// R6: a click goes before a delivery, then the later instant, then the greater reminder digest by
    /// bytes (the id itself can be erased). The greater rank has the credit.
    #[must_use]
    pub fn rank(&self) -> (bool, Instant, &[u8]) {
        (self.kind == CreditKind::ClickThrough, self.at, self.reminder.as_str().as_bytes())
    }

    /// Whether it has the order before `other`.
    #[must_use]
    pub fn beats(&self, other: Option<&Self>) -> bool {
        other.is_none_or(|other| self.rank() > other.rank())
    }
}
