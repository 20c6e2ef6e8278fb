//! How a click folds (R4) and the cohort that it counts in.

use serde::{Deserialize, Serialize};

use crate::facts::event::ClickKind;
use crate::facts::reminder::Reminder;
use crate::values::ids::{CampaignId, ClickId, LinkToken, ReminderDigest};
use crate::values::instant::Instant;
use crate::values::store_day::StoreDay;

/// One tap on a button of a reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Click {
    /// The reminder.
    pub reminder: ReminderDigest,
    /// The click; idempotent by (reminder, click id).
    pub click_id: ClickId,
    /// When.
    pub at: Instant,
    /// What was tapped.
    pub click_kind: ClickKind,
    /// Where it counts, once its reminder's details are known.
    #[serde(flatten)]
    pub cohort: Option<ClickCohort>,
    /// The tracked link that was tapped; none for a click that its sender told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<LinkToken>,
    /// Whether it went on to another reminder, since its token belongs to that one (R2). It counts
    /// nothing here then, and keeps its body: the token can come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moved: bool,
}

/// The day and campaign of a click: those of its reminder (R1, R4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClickCohort {
    /// The reminder's store day.
    pub day: StoreDay,
    /// The reminder's campaign.
    pub campaign_id: CampaignId,
}

impl ClickCohort {
    /// The cohort of a reminder's clicks; none while its details are unknown.
    #[must_use]
    pub fn of(reminder: &Reminder) -> Option<Self> {
        let sent = reminder.sent.as_ref()?;
        Some(Self { day: sent.day, campaign_id: sent.campaign_id.clone() })
    }
}

impl Click {
    /// R4: whether it is a tap on the stop button, which is no click: it counts by itself alone.
    #[must_use]
    pub fn is_opt_out(&self) -> bool {
        self.click_kind == ClickKind::OptOut
    }
}

/// The instants of those of a reminder's clicks that can earn an order (R6): link clicks that didn't go
/// on to another reminder.
#[must_use]
pub fn link_clicks(clicks: &[Click]) -> Vec<Instant> {
    let links = clicks.iter().filter(|click| click.click_kind == ClickKind::Link);
    links.filter(|click| !click.moved).map(|click| click.at).collect()
}

/// The first of a reminder's clicks; taps on the stop button are none (R4).
#[must_use]
pub fn first_click(clicks: &[Click]) -> Option<Instant> {
    clicks.iter().filter(|click| !click.is_opt_out()).map(|click| click.at).min()
}

/// The first of the taps on its stop button (R4).
#[must_use]
pub fn first_opt_out(clicks: &[Click]) -> Option<Instant> {
    clicks.iter().filter(|click| click.is_opt_out()).map(|click| click.at).min()
}

/// R4: of two bodies of one click id the earlier instant, then `link`, then the stop button: it would be
/// a mistake to go on writing to somebody who may have asked us to stop.
#[must_use]
pub fn supersedes(new: (Instant, ClickKind), held: (Instant, ClickKind)) -> bool {
    new < held
}

#[cfg(test)]
mod tests;
