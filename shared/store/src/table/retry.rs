//! The one retry policy for conflicts, which the SDK doesn't retry: the optimistic writes and
//! transactions of this crate start over after a jittered pause.

use std::time::Duration;

/// How often a contended write is tried. With the pauses below, ten writers of one item all
/// get through; more is a fault elsewhere.
pub const ATTEMPTS: u32 = 12;

/// The longest first pause; it doubles with each attempt up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(10);
/// The longest pause: a stream batch still ends in time.
const LONGEST: Duration = Duration::from_millis(500);

/// Waits a random time before attempt `attempt` (counted from 1; none before the first), so
/// that writers who met once don't meet again.
pub async fn pause(attempt: u32) {
    if attempt <= 1 {
        return;
    }
    let ceiling = FIRST.saturating_mul(1 << (attempt - 2).min(6)).min(LONGEST);
    let micros = u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX).max(1);
    tokio::time::sleep(Duration::from_micros(random() % micros)).await;
}

/// A random number for jitter alone; without the system's randomness there is none.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
