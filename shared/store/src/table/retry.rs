//! The one retry policy for conflicts, which the SDK doesn't retry: the optimistic writes and
//! transactions of this crate start over after a jittered pause.

use std::time::Duration;

use crate::StoreError;
use runtime::random::Randomness;

/// How often a contended write is tried. With the pauses below, ten writers of one item all
/// get through; more is a fault elsewhere.
pub const ATTEMPTS: u32 = 12;

/// The longest first pause; it doubles with each attempt up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(10);
/// The longest pause: a stream batch still ends in time.
const LONGEST: Duration = Duration::from_millis(500);

/// The attempts at a write that others can come between: read, write on what was read, and if that
/// is no longer so, again.
#[derive(Debug)]
pub struct Attempts {
    operation: &'static str,
    made: u32,
}

impl Attempts {
    /// None made yet.
    #[must_use]
    pub const fn at(operation: &'static str) -> Self {
        Self { operation, made: 0 }
    }

    /// Waits until the next attempt may begin; an error when there were enough.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        if self.made == ATTEMPTS {
            return Err(StoreError::Contended { operation: self.operation, attempts: ATTEMPTS });
        }
        self.made += 1;
        pause(self.made).await;
        Ok(())
    }
}

/// Waits a random time before attempt `attempt` (counted from 1; none before the first), so
/// that writers who met once don't meet again.
pub async fn pause(attempt: u32) {
    if let Some(ceiling) = ceiling(attempt) {
        tokio::time::sleep(ceiling.mul_f64(share())).await;
    }
}

/// The longest pause before an attempt.
fn ceiling(attempt: u32) -> Option<Duration> {
    let doublings = attempt.checked_sub(2)?;
    Some(FIRST.saturating_mul(1 << doublings.min(6)).min(LONGEST))
}

/// A random share of a pause. It only spreads writers: without randomness all of them wait half.
fn share() -> f64 {
    let drawn = Randomness::system().bytes().map(u32::from_le_bytes);
    drawn.map_or(0.5, |drawn| f64::from(drawn) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let millis: Vec<u128> =
            (1..=ATTEMPTS).filter_map(ceiling).map(|ceiling| ceiling.as_millis()).collect();
        assert_eq!(millis, [10, 20, 40, 80, 160, 320, 500, 500, 500, 500, 500]);
        assert!((0..100).map(|_| share()).all(|share| (0.0..=1.0).contains(&share)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_stays_contended_is_given_up() {
        let mut attempts = Attempts::at("write");
        for _ in 0..ATTEMPTS {
            attempts.next().await.unwrap();
        }
        let error = attempts.next().await.unwrap_err();
        assert!(matches!(error, StoreError::Contended { operation: "write", attempts: ATTEMPTS }));
    }
}
