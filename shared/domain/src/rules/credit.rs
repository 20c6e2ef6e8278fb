//! Which reminder an order is credited to, and why (R5, R6, R7).

use crate::facts::credit::{Credit, CreditKind};
use crate::facts::order::Order;
use crate::facts::reminder::Reminder;
use crate::values::ids::{CampaignId, ReminderDigest};
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
    pub reminder: ReminderDigest,
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
            reminder: reminder.reminder.clone(),
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

    fn credit(&self, decisive: Decisive) -> Credit {
        Credit {
            kind: decisive.by,
            at: decisive.at,
            reminder: self.reminder.clone(),
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
    /// Equal to the winner to the millisecond: the greater digest of a reminder id has the credit.
    TieLost(Decisive),
    /// Delivered before [`ASSIST_WINDOW`], and not clicked within [`CLICK_THROUGH_WINDOW`].
    TooLongAgo(Decisive),
    /// Delivered only after the order was created.
    DeliveredAfterOrder(Instant),
    /// Not delivered, as far as is known.
    NotDelivered,
    /// The order doesn't count: all its parts are incomplete or dead (R7).
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
        .filter_map(|(candidate, standing)| {
            Some((candidate.credit(standing.ok()?), standing.ok()?))
        })
        .reduce(|best, next| if next.0.beats(Some(&best.0)) { next } else { best });
    let outcomes = candidates
        .iter()
        .zip(&standings)
        .map(|(candidate, standing)| match (standing, &winner) {
            (Err(lost), _) => *lost,
            (Ok(decisive), Some((credit, won))) if candidate.reminder != credit.reminder => {
                lost(*decisive, *won)
            }
            (Ok(decisive), _) => Outcome::Won(*decisive),
        })
        .collect();
    Judgement { credit: winner.map(|(credit, _)| credit), outcomes }
}

/// What comes of comparing one reminder with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The order's credit stays as it is, whoever else there may be.
    Stays,
    /// The reminder has the order before whoever has it now.
    Beats(Credit),
    /// The credit is this reminder's, and no longer what it earned: all candidates must be judged.
    JudgeWhole,
}

/// R6: compares one reminder with an order, without reading any other. `candidate` is the reminder
/// `id` as a candidate for it; none when it isn't one.
///
/// The credit that the order holds stands for all other reminders: whatever changes one of *them* is
/// compared by itself. So the reminder need only be held against that credit; only when it is the one
/// that the credit came from, and fell, must the others be looked at.
#[must_use]
pub fn compare(order: &Order, id: &ReminderDigest, candidate: Option<&Candidate>) -> Comparison {
    let held = order.credit.as_ref();
    let own = candidate
        .filter(|_| order.is_live())
        .and_then(|held| Some(held.credit(standing(held, order.created_at).ok()?)));
    let is_held = held.is_some_and(|held| held.reminder == *id);
    match own {
        Some(own) if own.beats(held) => Comparison::Beats(own),
        own if is_held && own.as_ref() != held => Comparison::JudgeWhole,
        // An order that doesn't count has no credit, whosever it was.
        _ if held.is_some() && !order.is_live() => Comparison::JudgeWhole,
        _ => Comparison::Stays,
    }
}

/// When orders can have been created that a reminder earns: from each delivery on, and from each
/// link click on, both ends included. What overlaps is one; in order.
#[must_use]
pub fn windows(
    delivered: impl IntoIterator<Item = Instant>,
    link_clicks: impl IntoIterator<Item = Instant>,
) -> Vec<(Instant, Instant)> {
    let assisted = delivered.into_iter().map(|at| (at, at.plus(ASSIST_WINDOW)));
    let clicked = link_clicks.into_iter().map(|at| (at, at.plus(CLICK_THROUGH_WINDOW)));
    let mut windows: Vec<(Instant, Instant)> = assisted.chain(clicked).collect();
    windows.sort_unstable();
    let mut merged: Vec<(Instant, Instant)> = Vec::new();
    for (from, to) in windows {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
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
