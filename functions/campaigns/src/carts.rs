//! `/carts`: what became of carts, and why a cart was reminded of or not (R13-R15).
//!
//! - [`list`]: `GET /carts`, the decisions of a range of days,
//! - [`explanation`]: `GET /carts/{orderFormId}`, with each step of the gate,
//! - [`lookup`]: `POST /shoppers/carts`, the carts of a phone number.

use serde::Serialize;
use shared::domain::facts::cart::CartState;
use shared::domain::facts::decision::{Decision, Outcome, Reason, SendOutcome, Verdict};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::store_day::StoreDay;
use shared::store::carts::CartRecord;
use utoipa::ToSchema;

pub mod explanation;
pub mod list;
pub mod lookup;

/// What became of an episode of a cart (R14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartDecision)]
pub struct DecisionView {
    /// When it was decided. A reminder was sent then, too.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Instant,
    /// The store day of that: the cart counts there.
    #[schema(value_type = String, format = Date)]
    day: StoreDay,
    /// What was decided.
    #[schema(value_type = OutcomeName)]
    outcome: Outcome,
    /// Why there was no reminder, or why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "purchased")]
    reason: Option<Reason>,
    /// What it waited for, where it expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "quiet-hours")]
    held_by: Option<Reason>,
    /// How far the reminder came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SendOutcomeName>)]
    send: Option<SendOutcome>,
    /// The campaign; absent where none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
}

/// What was decided of a cart.
#[derive(ToSchema)]
#[schema(as = CartOutcome, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document's description of a domain type")]
pub(crate) enum OutcomeName {
    /// A message.
    Reminded,
    /// None, to measure what messages bring.
    HeldOut,
    /// None, for a reason.
    Skipped,
}

/// How far a reminder came. It only goes forward.
#[derive(ToSchema)]
#[schema(as = SendOutcome, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document's description of a domain type")]
pub(crate) enum SendOutcomeName {
    /// A message is about to leave.
    Claimed,
    /// The answer was lost: it may have left.
    Unknown,
    /// No status told of it within a day.
    Unconfirmed,
    /// It wasn't taken.
    Rejected,
    /// Meta took it.
    Accepted,
}

impl DecisionView {
    fn of(decision: &Decision) -> Self {
        let (reason, held_by, send) = match decision.verdict {
            Verdict::Reminded { send, reason } => (reason, None, Some(send)),
            Verdict::HeldOut => (None, None, None),
            Verdict::Skipped { reason, held_by } => (Some(reason), held_by, None),
        };
        Self {
            decided_at: decision.decided_at,
            day: decision.day,
            outcome: decision.verdict.outcome(),
            reason,
            held_by,
            send,
            campaign_id: decision.campaign_id.clone(),
        }
    }
}

/// Where a cart stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartStanding)]
pub struct StandingView {
    /// Its id as the store writes it; absent once it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order_form_id: Option<OrderForm>,
    /// Where it stands.
    #[schema(value_type = CartStateName)]
    state: CartState,
    /// When its episode began.
    #[schema(value_type = String, format = DateTime)]
    episode: Instant,
    /// The last sign of life in it; absent of an earlier episode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_activity_at: Option<Instant>,
    /// Whether the shopper came to the payment page in it; absent of an earlier episode.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_payment: Option<bool>,
    /// When it is looked at next, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Instant>,
    /// What it waited for when it was looked at last, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "quiet-hours")]
    held_by: Option<Reason>,
    /// When a message about it was taken last, in whatever episode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    reminded_at: Option<Instant>,
    /// What became of the episode, once that is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionView>,
}

/// Where a cart stands.
#[derive(ToSchema)]
#[schema(as = CartState, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document's description of a domain type")]
pub(crate) enum CartStateName {
    /// Its time or its gate is waited for.
    Waiting,
    /// A message is about to leave.
    Sending,
    /// The answer to it was lost.
    Unknown,
    /// No status told of it within a day.
    Unconfirmed,
    /// Decided.
    Closed,
}

impl StandingView {
    /// An episode that is over: of it the decision alone is kept.
    fn earlier(record: &CartRecord, decision: &Decision) -> Self {
        Self {
            state: CartState::Closed,
            episode: decision.episode,
            last_activity_at: None,
            reached_payment: None,
            due_at: None,
            held_by: None,
            ..Self::of(record, Some(decision))
        }
    }

    fn of(record: &CartRecord, decision: Option<&Decision>) -> Self {
        let CartRecord { cart, order_form } = record;
        let waits = cart.state == CartState::Waiting;
        Self {
            order_form_id: Some(order_form.clone()).filter(|form| !form.is_erased()),
            state: cart.state,
            episode: cart.episode,
            last_activity_at: Some(cart.last_activity_at),
            reached_payment: Some(cart.payment),
            due_at: waits.then_some(cart.due_at),
            held_by: cart.held_by.filter(|_| waits),
            reminded_at: cart.reminded_at,
            decision: decision.map(DecisionView::of),
        }
    }
}
