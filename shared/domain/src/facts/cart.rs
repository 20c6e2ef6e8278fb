//! A cart that was left behind, and its way from one state to the next.
//!
//! A cart is written on the version that was read, and each write raises it: who loses reads again.
//! Each method here gives the cart after one step, or nothing where the cart isn't in the state that
//! the step starts from: then somebody else was first, and nothing may be written.

use serde::{Deserialize, Serialize};

use crate::facts::decision::Reason;
use crate::values::digest::base64url;
use crate::values::instant::Instant;
use crate::values::span::Span;
use crate::values::text::{private_text_type, redacted_debug};

/// How long after a decision the next activity of the same cart is a new episode.
pub const BETWEEN_EPISODES: Span = Span::hours(24);
/// How much later activity must be to be written: beats come in bursts, and one that says nothing else moves the
/// cart by seconds. So a cart is due that much too early at most.
pub const ACTIVITY_STEP: Span = Span::seconds(10);
/// How long the answer of an attempt is waited for before it counts as lost.
pub const ANSWER_WITHIN: Span = Span::seconds(5 * 60);

private_text_type!(
    /// One claimed message: 128 random bits. Who knows it can tell its status.
    SendId, "sendId", "22 characters of base64url",
    |t| t.len() == 22 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
redacted_debug!(SendId);

impl SendId {
    /// An id of these random bits.
    #[must_use]
    pub fn new(random: &[u8; 16]) -> Self {
        Self(base64url(random))
    }
}

/// Where a cart stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CartState {
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

/// A cart, and the episode that it is in or was in last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    /// Where it stands.
    pub state: CartState,
    /// When the episode began: its name.
    pub episode: Instant,
    /// The last sign of life, never in the future.
    pub last_activity_at: Instant,
    /// Whether the shopper came to the payment page in this episode.
    pub payment: bool,
    /// When it is due. This alone says it: pointers are hints.
    pub due_at: Instant,
    /// What its gate was closed by when it was judged last; of a closed one, why it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Reason>,
    /// The message of the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_id: Option<SendId>,
    /// When that was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Instant>,
    /// How often a message of this episode was tried.
    #[serde(default)]
    pub attempts: u32,
    /// Whether the store told this cart when it was judged in this episode: then nobody made it up (R14).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_read: bool,
    /// When a message about this cart was taken last, in whatever episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Instant>,
    /// From when on activity begins a new episode; of a cart that is closed or unconfirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_at: Option<Instant>,
    /// Counts the writes of this cart.
    pub version: u64,
}

/// A sign of life of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// When, as its sender says.
    pub at: Instant,
    /// Whether the shopper came to the payment page.
    pub payment: bool,
}

/// What a beat asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beaten {
    /// Nothing: it begins nothing, and tells nothing new.
    Nothing,
    /// Write the cart's pointer, then the cart, which begins an episode.
    Begins(Cart),
    /// Write the cart, whose pointer stands.
    Lives(Cart),
    /// Write the cart's pointer again, then the cart: it is overdue, so its pointer may be lost.
    Overdue(Cart),
}

impl Cart {
    /// What `beat` makes of a cart, as it is held, at `now`. A beat `begins` an episode only where some
    /// campaign would remind of it (R13), and that is due `delay` later.
    #[must_use]
    pub fn beaten(
        held: Option<&Self>,
        beat: Beat,
        begins: bool,
        delay: Span,
        now: Instant,
    ) -> Beaten {
        let at = beat.at.min(now);
        let first = |before: Option<&Self>| Self {
            state: CartState::Waiting,
            episode: at,
            last_activity_at: at,
            payment: beat.payment,
            due_at: at.plus(delay),
            held_by: None,
            send_id: None,
            claimed_at: None,
            attempts: 0,
            was_read: false,
            reminded_at: before.and_then(|before| before.reminded_at),
            free_at: None,
            version: before.map_or(0, |before| before.version) + 1,
        };
        match held {
            None if begins => Beaten::Begins(first(None)),
            None => Beaten::Nothing,
            Some(over) if matches!(over.state, CartState::Closed | CartState::Unconfirmed) => {
                let is_free = over.free_at.is_none_or(|free_at| at >= free_at);
                // An old sign of life is of the episode that is over.
                let is_new = is_free && at > over.last_activity_at;
                if is_new && begins { Beaten::Begins(first(Some(over))) } else { Beaten::Nothing }
            }
            Some(open) => {
                let next = Self {
                    last_activity_at: open.last_activity_at.max(at),
                    payment: open.payment || beat.payment,
                    ..open.clone()
                };
                let later = next.last_activity_at.since(open.last_activity_at);
                if next.payment == open.payment && later < ACTIVITY_STEP {
                    return Beaten::Nothing;
                }
                let is_overdue = open.state == CartState::Waiting && open.due_at < now;
                let next = next.written();
                if is_overdue { Beaten::Overdue(next) } else { Beaten::Lives(next) }
            }
        }
    }

    fn written(self) -> Self {
        Self { version: self.version + 1, ..self }
    }

    fn is(&self, state: CartState) -> bool {
        self.state == state
    }

    fn sends(&self, send_id: &SendId) -> bool {
        self.send_id.as_ref() == Some(send_id)
    }

    /// Found before its time, or held back by its gate, which may have read it at its store: it waits until `due_at`.
    #[must_use]
    pub fn postponed(
        &self,
        due_at: Instant,
        held_by: Option<Reason>,
        was_read: bool,
    ) -> Option<Self> {
        let (held_by, was_read) = (held_by.or(self.held_by), self.was_read || was_read);
        let next = Self { due_at, held_by, was_read, ..self.clone() };
        self.is(CartState::Waiting).then(|| next.written())
    }

    /// Decided without a message, or refused by its gate after an attempt.
    #[must_use]
    pub fn closed(&self, at: Instant, reason: Reason) -> Option<Self> {
        let free_at = if reason.frees_at_once() { at } else { at.plus(BETWEEN_EPISODES) };
        let next = Self {
            state: CartState::Closed,
            held_by: Some(reason),
            free_at: Some(free_at),
            ..self.clone()
        };
        self.is(CartState::Waiting).then(|| next.written())
    }

    /// Claimed for one message: nobody else sends it (R16).
    #[must_use]
    pub fn claimed(&self, send_id: SendId, at: Instant) -> Option<Self> {
        let next = Self {
            state: CartState::Sending,
            send_id: Some(send_id),
            claimed_at: Some(at),
            was_read: true,
            attempts: self.attempts + 1,
            ..self.clone()
        };
        self.is(CartState::Waiting).then(|| next.written())
    }

    /// Something was told of it beside its signs of life; none where that is nothing new, or where it is
    /// decided.
    #[must_use]
    pub fn told(&self, is_new: bool) -> Option<Self> {
        let is_over = matches!(self.state, CartState::Closed | CartState::Unconfirmed);
        (is_new && !is_over).then(|| self.clone().written())
    }

    /// What it named is taken away at `now`: one that waits is due at once, so that it ends.
    #[must_use]
    pub fn forgotten(&self, now: Instant) -> Self {
        let waits = self.state == CartState::Waiting;
        let due_at = if waits { self.due_at.min(now) } else { self.due_at };
        Self { due_at, ..self.clone() }.written()
    }

    /// Meta said that it didn't take the message, and may take it later. Where nothing of it left, or the
    /// account's trouble is none of its own, that `is_attempt` no.
    #[must_use]
    pub fn waits_again(
        &self,
        send_id: &SendId,
        (due_at, held_by): (Instant, Option<Reason>),
        is_attempt: bool,
    ) -> Option<Self> {
        let next = Self {
            state: CartState::Waiting,
            due_at,
            held_by: held_by.or(self.held_by),
            attempts: if is_attempt { self.attempts } else { self.attempts.saturating_sub(1) },
            ..self.clone()
        };
        (self.is(CartState::Sending) && self.sends(send_id)).then(|| next.written())
    }

    /// Meta said that it won't take the message, be it after its answer counted as lost.
    #[must_use]
    pub fn rejected(&self, send_id: &SendId, at: Instant) -> Option<Self> {
        let waits =
            matches!(self.state, CartState::Sending | CartState::Unknown | CartState::Unconfirmed);
        (waits && self.sends(send_id)).then(|| {
            let reminded_at = self.reminded_at.filter(|at| Some(*at) != self.claimed_at);
            Self { reminded_at, ..self.ended(CartState::Closed, at) }
        })
    }

    /// The answer to the message was lost: its status is waited for until `due_at`.
    #[must_use]
    pub fn unknown(&self, send_id: &SendId, due_at: Instant) -> Option<Self> {
        let next = Self { state: CartState::Unknown, due_at, ..self.clone() };
        (self.is(CartState::Sending) && self.sends(send_id)).then(|| next.written())
    }

    /// No status came within a day. A late one still resolves it. The message may have arrived: the cart
    /// counts as reminded of.
    #[must_use]
    pub fn unconfirmed(&self, send_id: &SendId, at: Instant) -> Option<Self> {
        (self.is(CartState::Unknown) && self.sends(send_id)).then(|| Self {
            reminded_at: self.claimed_at,
            ..self.ended(CartState::Unconfirmed, at)
        })
    }

    /// Meta took the message: by its answer, or by a status that names it, whatever state the cart is
    /// in. A cart that is in another episode by now, or is accepted already, stays as it is.
    #[must_use]
    pub fn accepted(&self, send_id: &SendId, at: Instant) -> Option<Self> {
        let done = self.is(CartState::Closed) && self.reminded_at == self.claimed_at;
        let next = Self { reminded_at: self.claimed_at, ..self.ended(CartState::Closed, at) };
        (self.sends(send_id) && !done).then_some(next)
    }

    /// The end of a cart that was claimed: its time until the next episode runs from the claim, however late its end
    /// is known.
    fn ended(&self, state: CartState, at: Instant) -> Self {
        let free_at = Some(self.claimed_at.unwrap_or(at).plus(BETWEEN_EPISODES));
        Self { state, held_by: None, free_at, ..self.clone() }.written()
    }

    /// Whether the answer of the attempt counts as lost at `now`.
    #[must_use]
    pub fn answer_is_lost(&self, now: Instant) -> bool {
        self.is(CartState::Sending)
            && self.claimed_at.is_none_or(|claimed| now.since(claimed) >= ANSWER_WITHIN)
    }
}

#[cfg(test)]
mod tests;
