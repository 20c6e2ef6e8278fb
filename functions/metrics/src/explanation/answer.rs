//! What an explanation says.

use serde::Serialize;
use shared::domain::facts::credit::CreditKind;
use shared::domain::values::ids::{CampaignId, OrderGroup, OrderId, ReminderId};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::store_day::StoreDay;
use utoipa::ToSchema;

use super::items::OrderItems;
use crate::conversions::{CreditKindName, CreditedReminder};

/// Why an order counts, or not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The purchase.
    #[schema(value_type = String)]
    pub(super) order_group: OrderGroup,
    /// When it was made: the earliest creation that any of its parts named (R2).
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    /// Whether any part counts (R7).
    pub(super) live: bool,
    /// The value of the live parts in decimals of the order's currency; absent when none is live.
    #[schema(example = "199.90")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_total: Option<String>,
    /// The currency of the live part with the smallest order id (R8).
    #[schema(value_type = Option<String>, example = "BRL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<Currency>,
    /// Its parts by order id.
    pub(super) parts: Vec<PartView>,
    /// The kinds of identity that the order named.
    pub(super) identities: Vec<IdentityKind>,
    /// What the rules say.
    pub(super) verdict: Verdict,
    /// The reminder that has the credit, and what decided.
    pub(super) credit: Option<Winner>,
    /// Every other reminder that shares an identity with the order, those sent last first.
    pub(super) other_candidates: Vec<Loser>,
    /// How many more of them there are.
    pub(super) other_candidates_left_out: usize,
    /// The credit that the metrics count.
    pub(super) counted: Option<CreditedReminder>,
    /// Whether facts that came just now are still being worked in: the credit that the metrics count,
    /// or a first click or a click's day that is stored, has yet to follow this answer.
    pub(super) pending: bool,
    /// What was in the cart and what was bought, where the request asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<OrderItems>,
}

/// One VTEX order of the purchase.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Part)]
pub struct PartView {
    /// Its id.
    #[schema(value_type = String)]
    pub(super) order_id: OrderId,
    /// Its state in VTEX's words.
    #[schema(value_type = String, example = "invoiced")]
    pub(super) status: OrderStatus,
    /// Whether it counts: neither incomplete nor dead (R7).
    pub(super) live: bool,
    /// Whether its value is part of the total: live, and in the order's currency (R8).
    pub(super) in_total: bool,
    /// Its value in decimals of its currency.
    pub(super) value: String,
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    pub(super) currency: Currency,
    /// When it changed into this state.
    #[schema(format = DateTime)]
    pub(super) changed_at: String,
}

/// What the rules say about an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The reason's stable name.
    pub(super) code: VerdictCode,
    /// The reason in a sentence.
    pub(super) explanation: String,
}

/// Why an order counts or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictCode {
    /// It counts: a reminder's link was clicked within 15 days before it.
    ClickThrough,
    /// It counts: a reminder was delivered within 3 days before it.
    Assisted,
    /// It doesn't count: all its parts are incomplete or dead (canceled, replaced, not paid, not made; R7).
    OrderNotLive,
    /// It doesn't count: no reminder shares an identity with it.
    NoCandidate,
    /// It doesn't count: no candidate was clicked or delivered in time.
    NoCandidateInTime,
}

/// The kind of an identity that an order and a reminder share (R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// The cart (orderFormId).
    Cart,
    /// The store's user id.
    User,
    /// The phone number.
    Phone,
}

/// A reminder that shares an identity with the order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CandidateReminder {
    /// The reminder; absent once it was erased.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reminder_id: Option<ReminderId>,
    /// Its campaign.
    #[schema(value_type = String)]
    pub(super) campaign_id: CampaignId,
    /// Its store day.
    #[schema(value_type = String, format = Date)]
    pub(super) day: StoreDay,
    /// When it was sent.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent_at: Option<String>,
    /// When it was delivered, receipts and clicks considered (R3).
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivered_at: Option<String>,
    /// The kinds of identity that it shares with the order.
    pub(super) matched_by: Vec<IdentityKind>,
}

/// The reminder that has the credit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Winner {
    /// How it earned the order (R6).
    #[schema(value_type = CreditKindName)]
    pub(super) kind: CreditKind,
    #[serde(flatten)]
    pub(super) candidate: CandidateReminder,
    /// The click or the delivery that decided.
    pub(super) decided_by: DecidedBy,
}

/// A candidate without the credit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loser {
    #[serde(flatten)]
    pub(super) candidate: CandidateReminder,
    /// Why it lost: the reason's stable name.
    pub(super) outcome: OutcomeCode,
    /// Why it lost, in a sentence.
    pub(super) explanation: String,
    /// The click or the delivery that it was judged by; absent when it has none, or the order
    /// doesn't count at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided_by: Option<DecidedBy>,
}

/// Why a candidate lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeCode {
    /// It has the credit. Never among the others.
    Won,
    /// Its link was clicked in time, and another reminder's link later.
    LaterClickWon,
    /// It was delivered in time, and another reminder's link was clicked in time.
    ClickWon,
    /// It was delivered in time, and another reminder later.
    LaterDeliveryWon,
    /// Equal to the winner to the millisecond: the greater digest of a reminder id has the credit.
    TieLost,
    /// It was clicked or delivered too long before the order.
    TooLongAgo,
    /// It was delivered only after the order was made.
    DeliveredAfterOrder,
    /// As far as is known, it was not delivered.
    NotDelivered,
    /// The order itself doesn't count.
    OrderNotLive,
}

/// The instant that a candidate was judged by.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecidedBy {
    /// What happened then.
    pub(super) by: DecidedByKind,
    /// When.
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// Whole seconds from then to the order's creation, rounded away from zero; negative when the
    /// order came first.
    pub(super) distance_seconds: i64,
}

/// What a candidate was judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedByKind {
    /// The latest click on its link at or before the order.
    Click,
    /// Its delivery.
    Delivery,
}
