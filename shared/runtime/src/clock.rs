//! The one clock. Everything that needs the time is given a [`Clock`], so that a test or a schedule
//! tick can say what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::values::instant::Instant;

/// Tells the time, to the millisecond (R2). Cheap to clone; clones of a manual clock share its hand.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `instant`.
    #[must_use]
    pub fn fixed(instant: Instant) -> Self {
        Self::manual(instant)
    }

    /// A clock that stands at `instant` until [`set`](Self::set) moves it.
    #[must_use]
    pub fn manual(instant: Instant) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(instant.millis()))))
    }

    /// Moves a manual clock and all its clones; the system clock can't be moved and stays.
    pub fn set(&self, instant: Instant) {
        if let Source::Set(millis) = &self.0 {
            millis.store(instant.millis(), Ordering::SeqCst);
        }
    }

    /// The present instant, cut to the millisecond.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => Instant::from_millis(chrono::Utc::now().timestamp_millis()),
            Source::Set(millis) => Instant::from_millis(millis.load(Ordering::SeqCst)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_with_all_its_clones() {
        let clock = Clock::manual(Instant::from_millis(1_000));
        let clone = clock.clone();
        assert_eq!(clone.now(), Instant::from_millis(1_000));
        clock.set(Instant::from_millis(2_000));
        assert_eq!(clone.now(), Instant::from_millis(2_000));
    }

    #[test]
    fn the_system_clock_goes_on_and_cannot_be_set() {
        let clock = Clock::system();
        let before = clock.now();
        clock.set(Instant::from_millis(0));
        assert!(clock.now() >= before);
    }
}
