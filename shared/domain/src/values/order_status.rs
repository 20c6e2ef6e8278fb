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
    /// Taken back (R7).
    Canceled,
}

impl OrderStatus {
    /// R7: `canceled` is dead, `incomplete` (or empty) is not born; every other state, also an
    /// unknown one and a *requested* cancellation, is live.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.as_str() {
            "" | "incomplete" => Phase::Incomplete,
            "canceled" => Phase::Canceled,
            _ => Phase::Live,
        }
    }
}
