//! The states of an order's part and what they mean for counting (R7).

use crate::values::limits;
use crate::values::text::text_type;

text_type!(
    /// A part's state in VTEX's words; empty is `incomplete`.
    OrderStatus, "status", "at most 50 visible ASCII characters",
    |t| t.len() <= limits::ORDER_STATUS_BYTES && t.bytes().all(|b| b.is_ascii_graphic())
);

/// What a state means for counting; later ones win at one instant (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not an order yet: doesn't count.
    Incomplete,
    /// Counts (R7).
    Live,
    /// Taken back, or never came about (R7).
    Dead,
}

/// R7: the states of a part that doesn't count any more, or never did: canceled (VTEX has said so in three
/// spellings), replaced by another order, not paid, not made.
const DEAD: &[&str] = &[
    "canceled",
    "cancelled",
    "cancel",
    "replaced",
    "payment-denied",
    "order-create-error",
    "order-creation-error",
];

impl OrderStatus {
    /// R7: [`DEAD`] states are dead, `incomplete` (or empty) is not born; every other state, also an
    /// unknown one and a *requested* cancellation, is live.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.as_str() {
            "" | "incomplete" => Phase::Incomplete,
            dead if DEAD.contains(&dead) => Phase::Dead,
            _ => Phase::Live,
        }
    }
}
