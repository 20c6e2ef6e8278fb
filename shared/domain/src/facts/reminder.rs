//! How a reminder folds (R2) and what its receipts imply (R3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::event::{DataDigest, Receipt, ReminderSent};
use crate::values::identity::{Identities, IdentitySets, Shopper};
use crate::values::ids::{CampaignId, LinkToken, ReminderDigest, ReminderId};
use crate::values::instant::{Instant, earliest};
use crate::values::item::ItemsDigest;
use crate::values::limits;
use crate::values::store_day::StoreDay;

/// A reminder as all that was heard of it so far. Receipts and clicks may be here before the
/// details are: they wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reminder {
    /// The digest of the message's id.
    pub reminder: ReminderDigest,
    /// The message's id; unknown until its details come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_id: Option<ReminderId>,
    /// The details of the earliest `reminder.sent`.
    #[serde(flatten)]
    pub sent: Option<Sent>,
    /// The earliest delivered receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Instant>,
    /// The earliest read receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Instant>,
    /// The earliest failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Instant>,
    /// The earliest click of any kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_click_at: Option<Instant>,
    /// The earliest tap on its stop button, which is no click (R4). It implies nothing (R3); it says that
    /// there are taps to follow the reminder's day and campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_opt_out_at: Option<Instant>,
    /// What others of its events named than the one whose details it has: pointers of these lead to
    /// it, too. Of more than [`limits::IDENTITIES_PER_REMINDER`] the smallest of each kind.
    #[serde(flatten)]
    pub others: IdentitySets,
    /// The tracked links of those events, likewise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub other_tokens: BTreeSet<LinkToken>,
    /// Counts the writes of details and of what others named.
    #[serde(default)]
    pub details_version: u64,
}

/// What `reminder.sent` told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// When it was sent.
    pub sent_at: Instant,
    /// The store day of `sent_at`: the day to which everything about it belongs (R1).
    pub day: StoreDay,
    /// The campaign to which everything about it belongs (R1).
    pub campaign_id: CampaignId,
    /// Whom it was sent to.
    #[serde(flatten)]
    pub identities: Identities,
    /// Names the cart's items, which are stored beside; absent for an empty cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<ItemsDigest>,
    /// The tracked link in its button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_token: Option<LinkToken>,
    /// The digest of the event that told them.
    #[serde(rename = "detailsDigest")]
    pub digest: DataDigest,
}

impl Sent {
    /// The details of `event`, whose data have this digest, in the account's time zone.
    #[must_use]
    pub fn of(event: &ReminderSent, digest: DataDigest, zone: chrono_tz::Tz) -> Self {
        Self {
            sent_at: event.at,
            day: StoreDay::of(event.at, zone),
            campaign_id: event.campaign_id.clone(),
            identities: event.identities.clone(),
            items: event.items.digest(),
            link_token: event.link_token.clone(),
            digest,
        }
    }

    /// R2: whether these details are kept rather than `held`, both of one reminder: the earlier; at
    /// one instant those with the greater digest.
    #[must_use]
    pub fn supersedes(&self, held: &Self) -> bool {
        self.sent_at < held.sent_at || (self.sent_at == held.sent_at && self.digest > held.digest)
    }
}

impl Reminder {
    /// A reminder of which nothing was heard yet.
    #[must_use]
    pub const fn new(reminder: ReminderDigest) -> Self {
        Self {
            reminder,
            reminder_id: None,
            sent: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            first_click_at: None,
            first_opt_out_at: None,
            others: IdentitySets {
                user_ids: BTreeSet::new(),
                phones: BTreeSet::new(),
                order_form_ids: BTreeSet::new(),
            },
            other_tokens: BTreeSet::new(),
            details_version: 0,
        }
    }

    /// R2: keeps the details of the earliest `reminder.sent`, and lists what else its events named.
    pub fn fold_sent(&mut self, event: &ReminderSent, digest: DataDigest, zone: chrono_tz::Tz) {
        let told = Sent::of(event, digest, zone);
        let other = match self.sent.take() {
            Some(held) if !told.supersedes(&held) => {
                self.sent = Some(held);
                Some(told)
            }
            held => {
                self.sent = Some(told);
                held
            }
        };
        if let Some(other) = other {
            self.others.add(&other.identities);
            self.other_tokens.extend(other.link_token);
        }
        if let Some(sent) = &self.sent {
            sent.identities.each().for_each(|own| self.others.remove(&own));
            self.other_tokens.retain(|token| sent.link_token.as_ref() != Some(token));
        }
        self.others.keep_smallest(limits::IDENTITIES_PER_REMINDER);
        while self.other_tokens.len() > limits::IDENTITIES_PER_REMINDER {
            self.other_tokens.pop_last();
        }
        self.reminder_id = Some(event.reminder_id.clone()).filter(|_| !self.is_erased());
    }

    /// All identities that its events named.
    #[must_use]
    pub fn named(&self) -> IdentitySets {
        let mut named = self.others.clone();
        if let Some(sent) = &self.sent {
            named.add(&sent.identities);
        }
        named
    }

    /// All tracked links that its events named.
    pub fn tokens(&self) -> impl Iterator<Item = &LinkToken> {
        self.sent.iter().filter_map(|sent| sent.link_token.as_ref()).chain(&self.other_tokens)
    }

    /// Whether somebody whom it named was erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.named().each().any(|identity| identity.is_alias())
    }

    /// R2: keeps the earliest instant of each receipt. The table does the same in one
    /// conditional write (`store::facts`).
    pub fn fold_receipt(&mut self, receipt: Receipt, at: Instant) {
        let field = match receipt {
            Receipt::Delivered => &mut self.delivered_at,
            Receipt::Read => &mut self.read_at,
            Receipt::Failed => &mut self.failed_at,
        };
        *field = earliest(*field, Some(at));
    }

    /// Keeps the earliest click.
    pub fn fold_click(&mut self, at: Instant) {
        self.first_click_at = earliest(self.first_click_at, Some(at));
    }

    /// Whether any of its buttons was tapped, as far as it was told.
    #[must_use]
    pub const fn was_tapped(&self) -> bool {
        self.first_click_at.is_some() || self.first_opt_out_at.is_some()
    }

    /// Whose clicks its clicks are (R4); none while its details are unknown.
    #[must_use]
    pub fn shopper(&self) -> Option<Shopper> {
        let named = self.sent.as_ref()?.identities.shopper();
        Some(named.unwrap_or_else(|| Shopper::unnamed(&self.reminder)))
    }

    /// R3: the earliest of delivered, read and first click. What is read or clicked was
    /// delivered, whether or not a receipt says so.
    #[must_use]
    pub fn delivered_at(&self) -> Option<Instant> {
        earliest(self.delivered_at, earliest(self.read_at, self.first_click_at))
    }

    /// R3: delivered, read or clicked.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.delivered_at().is_some()
    }

    /// R3: read or clicked.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.read_at.is_some() || self.first_click_at.is_some()
    }

    /// R3: failed and not delivered.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.failed_at.is_some() && !self.is_delivered()
    }
}

#[cfg(test)]
mod tests;
