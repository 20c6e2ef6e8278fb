//! What the outside world tells us, parsed and normalised: the input of every fold.
//!
//! The provider's shapes (`CloudEvents`, `WhatsApp`) are read in `functions/ingest`; behind that
//! edge there are only these types.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::values::identity::{Identities, PhoneKey};
use crate::values::ids::{CampaignId, ClickId, LinkToken, OrderGroup, OrderId, ReminderId};
use crate::values::instant::Instant;
use crate::values::item::ItemList;
use crate::values::money::Currency;
use crate::values::order_status::OrderStatus;
use crate::values::text::text_type;

text_type!(
    /// The keyed digest of an event's data as they arrived: the last tie-break of R2. It is kept with
    /// the fact, so that a tie ends the same after an erasure.
    DataDigest, "digest", "a keyed digest",
    |t| t.len() == 43 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);

impl DataDigest {
    fn of(canonical_json: &str, key: &PhoneKey) -> Self {
        // JSON is neither digits nor an id with its prefix: no digest of another kind is equal.
        Self(key.digest_of(canonical_json))
    }
}

/// `reminder.sent`: one message was sent to one shopper about one cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderSent {
    /// The message's id.
    pub reminder_id: ReminderId,
    /// When it was sent.
    pub at: Instant,
    /// The campaign that it belongs to.
    pub campaign_id: CampaignId,
    /// Whom it was sent to.
    pub identities: Identities,
    /// The cart's items.
    pub items: ItemList,
    /// The tracked link in its button.
    pub link_token: Option<LinkToken>,
}

impl ReminderSent {
    /// The event's data as JSON with sorted keys, normalised: what its digest is made of.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        json!({
            "campaignId": self.campaign_id,
            "checkoutItems": self.items,
            "linkToken": self.link_token,
            "orderFormId": self.identities.order_form_id,
            "phone": self.identities.phone,
            "reminderId": self.reminder_id,
            "userId": self.identities.user_id,
        })
        .to_string()
    }

    /// The digest of its data.
    #[must_use]
    pub fn digest(&self, key: &PhoneKey) -> DataDigest {
        DataDigest::of(&self.canonical_json(), key)
    }
}

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Receipt {
    /// It reached the shopper's device.
    Delivered,
    /// The shopper opened it (`WhatsApp`'s `read`, and `played`).
    Read,
    /// It could not be delivered (a delivery may still follow: several devices).
    Failed,
}

/// `reminder.status`: one receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderStatus {
    /// The reminder.
    pub reminder_id: ReminderId,
    /// What happened.
    pub receipt: Receipt,
    /// When it happened.
    pub at: Instant,
}

/// What was tapped. Of two bodies of one tap at one instant the first of these stays (R4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClickKind {
    /// Our tracked link, or the sender's own.
    Link,
    /// The stop button: an opt-out, and no click (R4). It says nothing of a delivery or a reading (R3).
    OptOut,
    /// Another quick-reply button.
    Reply,
}

/// `reminder.clicked`, or a tap that `WhatsApp` tells of: one tap on a button of a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderClicked {
    /// The reminder.
    pub reminder_id: ReminderId,
    /// The click.
    pub click_id: ClickId,
    /// What was tapped.
    pub kind: ClickKind,
    /// When.
    pub at: Instant,
}

/// `order.updated`: the state of one part of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderUpdated {
    /// The purchase.
    pub order_group: OrderGroup,
    /// The part.
    pub order_id: OrderId,
    /// The part's state.
    pub status: OrderStatus,
    /// When the part was made.
    pub created_at: Instant,
    /// When the part changed into this state.
    pub changed_at: Instant,
    /// Who ordered, as far as this event names them.
    pub identities: Identities,
    /// The part's currency.
    pub currency: Currency,
    /// The part's value in minor units, with freight and discounts.
    pub value: i64,
    /// The part's items.
    pub items: ItemList,
}

impl OrderUpdated {
    /// The event's data as JSON with sorted keys, normalised: what its digest is made of.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        json!({
            "changedAt": self.changed_at,
            "createdAt": self.created_at,
            "currency": self.currency,
            "items": self.items,
            "orderFormId": self.identities.order_form_id,
            "orderGroup": self.order_group,
            "orderId": self.order_id,
            "phone": self.identities.phone,
            "status": self.status,
            "userId": self.identities.user_id,
            "value": self.value,
        })
        .to_string()
    }

    /// The digest of its data.
    #[must_use]
    pub fn digest(&self, key: &PhoneKey) -> DataDigest {
        DataDigest::of(&self.canonical_json(), key)
    }
}

/// Any of the four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A reminder was sent.
    Sent(ReminderSent),
    /// A receipt came.
    Status(ReminderStatus),
    /// A button was tapped.
    Clicked(ReminderClicked),
    /// An order changed.
    Order(OrderUpdated),
}

#[cfg(test)]
mod tests;
