//! Which reminder an order is credited to, and why (R5, R6, R7).

use crate::facts::credit::{Credit, CreditKind};
use crate::facts::order::Order;
use crate::facts::reminder::Reminder;
use crate::values::ids::{CampaignId, ReminderId};
use crate::values::instant::Instant;
use crate::values::limits;
use crate::values::span::Span;
use crate::values::store_day::StoreDay;

/// R6: how long after a link click an order is still credited to it. Inclusive.
pub const CLICK_THROUGH_WINDOW: Span = Span::days(15);
/// R6: how long after its delivery a reminder still assists an order. Inclusive.
pub const ASSIST_WINDOW: Span = Span::days(3);

// Up to the one span from sending to delivery, then the other from the click to the order.
const _: () = assert!(
    ASSIST_WINDOW.as_millis() + CLICK_THROUGH_WINDOW.as_millis()
        == Span::days(limits::SETTLED_DAYS.cast_signed()).as_millis()
);

/// A reminder that shares an identity with the order, as far as credit depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The reminder.
    pub reminder_id: ReminderId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its store day.
    pub day: StoreDay,
    /// When it was delivered, receipts and clicks considered (R3).
    pub delivered_at: Option<Instant>,
    /// Its link clicks, in any order.
    pub link_clicks: Vec<Instant>,
}

impl Candidate {
    /// R5: the reminder as a candidate for `order`; none when they share no identity, or its
    /// details are not known yet.
    #[must_use]
    pub fn of(reminder: &Reminder, link_clicks: Vec<Instant>, order: &Order) -> Option<Self> {
        let sent = reminder.sent.as_ref()?;
        order.identities.matches(&sent.identities).then(|| Self {
            reminder_id: reminder.reminder_id.clone(),
            campaign_id: sent.campaign_id.clone(),
            day: sent.day,
            delivered_at: reminder.delivered_at(),
            link_clicks,
        })
    }

    /// The latest link click at or before the order.
    fn last_click(&self, created_at: Instant) -> Option<Instant> {
        self.link_clicks.iter().copied().filter(|click| *click <= created_at).max()
    }

    fn credit(&self, kind: CreditKind) -> Credit {
        Credit {
            kind,
            reminder_id: self.reminder_id.clone(),
            campaign_id: self.campaign_id.clone(),
            day: self.day,
        }
    }
}

/// What became of one candidate. Each variant but [`Outcome::Won`] is a reason for losing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has the credit.
    Won(Decisive),
    /// It had a click within [`CLICK_THROUGH_WINDOW`], but another reminder has a later one.
    LaterClickWon(Decisive),
    /// It was delivered within [`ASSIST_WINDOW`], but another reminder has a click.
    ClickWon(Decisive),
    /// It was delivered within [`ASSIST_WINDOW`], but another reminder later.
    LaterDeliveryWon(Decisive),
    /// Equal to the winner to the millisecond: the greater reminder id has the credit.
    TieLost(Decisive),
    /// Delivered before [`ASSIST_WINDOW`], and not clicked within [`CLICK_THROUGH_WINDOW`].
    TooLongAgo(Decisive),
    /// Delivered only after the order was created.
    DeliveredAfterOrder(Instant),
    /// Not delivered, as far as is known.
    NotDelivered,
    /// The order doesn't count: all its parts are incomplete or canceled (R7).
    OrderNotLive,
}

/// The instant that decided over a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decisive {
    /// A link click or the delivery.
    pub by: CreditKind,
    /// When that was.
    pub at: Instant,
    /// From then to the order's creation.
    pub distance: Span,
}

/// The credit of an order and the fate of every candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Who has the credit; none: the order is no conversion.
    pub credit: Option<Credit>,
    /// One outcome for each candidate, in the order of the candidates.
    pub outcomes: Vec<Outcome>,
}

/// R6: judges an order over its candidates (R5). The same function derives credits and
/// explains them, so that an explanation can't disagree with the number.
#[must_use]
pub fn judge(order: &Order, candidates: &[Candidate]) -> Judgement {
    if !order.is_live() {
        return Judgement { credit: None, outcomes: vec![Outcome::OrderNotLive; candidates.len()] };
    }
    let standings: Vec<Result<Decisive, Outcome>> =
        candidates.iter().map(|candidate| standing(candidate, order.created_at)).collect();
    let winner = candidates
        .iter()
        .zip(&standings)
        .filter_map(|(candidate, standing)| Some((candidate, standing.ok()?)))
        .max_by_key(|(candidate, decisive)| rank(candidate, *decisive));
    let outcomes = candidates
        .iter()
        .zip(&standings)
        .map(|(candidate, standing)| match (standing, &winner) {
            (Err(lost), _) => *lost,
            (Ok(decisive), Some((won_by, won))) if candidate.reminder_id != won_by.reminder_id => {
                lost(*decisive, *won)
            }
            (Ok(decisive), _) => Outcome::Won(*decisive),
        })
        .collect();
    Judgement { credit: winner.map(|(candidate, won)| candidate.credit(won.by)), outcomes }
}

/// What a candidate could have the credit by, or why it can't.
fn standing(candidate: &Candidate, created_at: Instant) -> Result<Decisive, Outcome> {
    let delivered_at = candidate.delivered_at.ok_or(Outcome::NotDelivered)?;
    if delivered_at > created_at {
        return Err(Outcome::DeliveredAfterOrder(delivered_at));
    }
    let decisive = |by, at| Decisive { by, at, distance: created_at.since(at) };
    let click = candidate.last_click(created_at).map(|at| decisive(CreditKind::ClickThrough, at));
    let delivery = decisive(CreditKind::Assisted, delivered_at);
    match click {
        Some(click) if click.distance <= CLICK_THROUGH_WINDOW => Ok(click),
        _ if delivery.distance <= ASSIST_WINDOW => Ok(delivery),
        click => Err(Outcome::TooLongAgo(click.unwrap_or(delivery))),
    }
}

/// R6: a click goes before a delivery, then the later instant, then the greater reminder id
/// by bytes.
fn rank(candidate: &Candidate, decisive: Decisive) -> (bool, Instant, &[u8]) {
    let by_click = decisive.by == CreditKind::ClickThrough;
    (by_click, decisive.at, candidate.reminder_id.as_str().as_bytes())
}

/// Why `mine` lost to `won`.
fn lost(mine: Decisive, won: Decisive) -> Outcome {
    match (mine.by, won.by) {
        _ if mine == won => Outcome::TieLost(mine),
        (CreditKind::Assisted, CreditKind::ClickThrough) => Outcome::ClickWon(mine),
        (CreditKind::ClickThrough, _) => Outcome::LaterClickWon(mine),
        (CreditKind::Assisted, CreditKind::Assisted) => Outcome::LaterDeliveryWon(mine),
    }
}

#[cfg(test)]
mod tests;
