//! Whether an event's dates can be right, and whether its facts would be kept long enough to count.

use domain::rules::retention::Retention;
use domain::values::instant::Instant;

use crate::reason::Code;

/// What dates are judged by: when the items are read, and how long facts are kept.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// The instant of the reading.
    pub now: Instant,
    /// How long facts are kept.
    pub retention: Retention,
}

impl Dates {
    /// Judges a date beside the one that decides how long the facts are kept.
    pub fn judge(self, at: Instant) -> Result<(), Code> {
        if at.is_plausible(self.now) { Ok(()) } else { Err(Code::ImpossibleDate) }
    }

    /// Judges when the reminder was sent, the tap was made or the order was created: its facts are
    /// kept from then on.
    pub fn judge_subject(self, at: Instant) -> Result<(), Code> {
        self.judge(at)?;
        if self.retention.is_too_old(at, self.now) { Err(Code::TooOld) } else { Ok(()) }
    }
}
