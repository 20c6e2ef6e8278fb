//! How fast a number may send.
//!
//! Meta takes 80 messages a second of a number and counts what comes in, too: so 40 are sent, and twice as
//! many where it raised the number's throughput. A throttle halves that; each minute without one gives one a second
//! back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::store::whatsapp::pace::Slowed;

/// Messages a second of a number.
const USUAL: u32 = 40;
/// The same of one whose throughput Meta raised.
const RAISED: u32 = 80;
/// The least that is left after throttles.
const LEAST: u32 = 1;
/// Milliseconds between two halvings of a rate at least.
const HALVED_EVERY: i64 = 1_000;
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// The rates of all numbers. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Rates(Arc<Mutex<HashMap<PhoneNumberId, Bucket>>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    most: u32,
    rate: u32,
    /// Thousandths of a message that may go out.
    tokens: i64,
    filled_at: Instant,
    /// When the rate last changed.
    changed_at: Instant,
    /// When it was halved last.
    halved_at: Option<Instant>,
}

impl Bucket {
    fn full(most: u32, now: Instant) -> Self {
        Self {
            most,
            rate: most,
            tokens: i64::from(most) * 1_000,
            filled_at: now,
            // Whatever is known of it elsewhere is newer.
            changed_at: Instant::from_millis(0),
            halved_at: None,
        }
    }

    fn fill(&mut self, now: Instant) {
        let clean = now.since(self.changed_at).as_millis().max(0) / MINUTE;
        if self.rate < self.most && clean > 0 {
            let more = u32::try_from(clean).unwrap_or(u32::MAX);
            self.rate = self.rate.saturating_add(more).min(self.most);
            self.changed_at = now;
        }
        // A rate of so many a second is as many thousandths a millisecond.
        let passed = now.since(self.filled_at).as_millis().max(0);
        let more = passed.saturating_mul(i64::from(self.rate));
        self.tokens = self.tokens.saturating_add(more).min(i64::from(self.rate) * 1_000);
        // Somebody may come with an instant of before another's wait: no time is counted twice.
        self.filled_at = self.filled_at.max(now);
    }
}

impl Rates {
    fn with<T>(
        &self,
        number: &PhoneNumberId,
        is_fast: bool,
        now: Instant,
        act: impl FnOnce(&mut Bucket) -> T,
    ) -> T {
        let most = if is_fast { RAISED } else { USUAL };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(number.clone()).or_insert_with(|| Bucket::full(most, now));
        if bucket.most != most {
            *bucket = Bucket { most, rate: most, changed_at: now, ..*bucket };
        }
        bucket.fill(now);
        act(bucket)
    }

    /// Learns what a throttle left of a number's rate, which another instance may have heard.
    pub fn learn(&self, number: &PhoneNumberId, is_fast: bool, slowed: Slowed, now: Instant) {
        let most = if is_fast { RAISED } else { USUAL };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(number.clone()).or_insert_with(|| Bucket::full(most, now));
        if bucket.changed_at < slowed.at {
            bucket.rate = slowed.rate.clamp(LEAST, most);
            bucket.changed_at = slowed.at;
            bucket.halved_at = Some(slowed.at);
            bucket.fill(now);
        }
    }

    /// Takes up to `wanted` messages of a number; how many may go out now.
    #[must_use]
    pub fn take(&self, number: &PhoneNumberId, is_fast: bool, wanted: u32, now: Instant) -> u32 {
        self.with(number, is_fast, now, |bucket| {
            let whole = u32::try_from(bucket.tokens / 1_000).unwrap_or(0);
            let taken = whole.min(wanted);
            bucket.tokens -= i64::from(taken) * 1_000;
            taken
        })
    }

    /// Gives back what was taken and isn't sent.
    pub fn give_back(&self, number: &PhoneNumberId, is_fast: bool, unused: u32, now: Instant) {
        self.with(number, is_fast, now, |bucket| {
            let most = i64::from(bucket.rate) * 1_000;
            bucket.tokens = (bucket.tokens + i64::from(unused) * 1_000).min(most);
        });
    }

    /// Meta said that a number is too fast. It says so to each of the messages that are under way: within a second
    /// that is one throttle. What it left; none where it was that of a moment ago.
    #[must_use]
    pub fn halve(&self, number: &PhoneNumberId, is_fast: bool, now: Instant) -> Option<Slowed> {
        self.with(number, is_fast, now, |bucket| {
            if bucket.halved_at.is_some_and(|halved| now.since(halved).as_millis() < HALVED_EVERY) {
                return None;
            }
            bucket.halved_at = Some(now);
            bucket.rate = (bucket.rate / 2).max(LEAST);
            bucket.tokens = bucket.tokens.min(i64::from(bucket.rate) * 1_000);
            bucket.changed_at = now;
            Some(Slowed { rate: bucket.rate, at: now })
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn number() -> PhoneNumberId {
        PhoneNumberId::parse("15550001").unwrap()
    }

    fn at(millis: i64) -> Instant {
        Instant::from_millis(1_795_348_800_000 + millis)
    }

    #[test]
    fn a_number_sends_forty_a_second() {
        let rates = Rates::default();
        assert_eq!(rates.take(&number(), false, 100, at(0)), USUAL);
        assert_eq!(rates.take(&number(), false, 100, at(0)), 0);
        assert_eq!(rates.take(&number(), false, 100, at(500)), USUAL / 2);
        rates.give_back(&number(), false, 5, at(500));
        assert_eq!(rates.take(&number(), false, 100, at(500)), 5);
        // However long it rests, no more than a second's worth is saved up.
        assert_eq!(rates.take(&number(), false, 1_000, at(3_600_000)), USUAL);
        let raised = PhoneNumberId::parse("15550002").unwrap();
        assert_eq!(rates.take(&raised, true, 1_000, at(0)), RAISED);
    }

    #[test]
    fn no_time_is_counted_twice() {
        let rates = Rates::default();
        assert_eq!(rates.take(&number(), false, 100, at(0)), USUAL);
        assert_eq!(rates.take(&number(), false, 16, at(1_000)), 16);
        // Given back as of before the wait.
        rates.give_back(&number(), false, 0, at(0));
        assert_eq!(rates.take(&number(), false, 100, at(1_000)), USUAL - 16);
    }

    #[test]
    fn what_another_instance_heard_is_learned() {
        let (here, there) = (Rates::default(), Rates::default());
        let slowed = there.halve(&number(), false, at(0)).unwrap();
        assert_eq!(slowed, Slowed { rate: USUAL / 2, at: at(0) });
        assert_eq!(there.halve(&number(), false, at(1)), None);
        here.learn(&number(), false, slowed, at(10));
        assert_eq!(here.take(&number(), false, 100, at(10)), USUAL / 2);
        // Again it says nothing new, and the clean minutes since then count.
        here.learn(&number(), false, slowed, at(61_000));
        assert_eq!(here.take(&number(), false, 100, at(61_000)), USUAL / 2 + 1);
        let started = Rates::default();
        started.learn(&number(), false, slowed, at(120_000));
        assert_eq!(started.take(&number(), false, 100, at(120_000)), USUAL / 2 + 2);
    }

    #[test]
    fn the_throttles_of_one_second_are_one() {
        let rates = Rates::default();
        for millis in [0, 1, 500, 999] {
            let _ = rates.halve(&number(), false, at(millis));
        }
        assert_eq!(rates.take(&number(), false, 100, at(999)), USUAL / 2);
        let _ = rates.halve(&number(), false, at(1_000));
        assert_eq!(rates.take(&number(), false, 100, at(3_000)), USUAL / 4);
    }

    #[test]
    fn a_throttle_halves_and_clean_minutes_give_back() {
        let rates = Rates::default();
        let _ = rates.halve(&number(), false, at(0));
        assert_eq!(rates.take(&number(), false, 100, at(0)), USUAL / 2);
        assert_eq!(rates.take(&number(), false, 100, at(59_999)), USUAL / 2);
        assert_eq!(rates.take(&number(), false, 100, at(60_000)), 0);
        assert_eq!(rates.take(&number(), false, 100, at(61_000)), USUAL / 2 + 1);
        for second in 61..71 {
            let _ = rates.halve(&number(), false, at(second * 1_000));
        }
        assert_eq!(rates.take(&number(), false, 100, at(72_000)), LEAST);
        assert_eq!(rates.take(&number(), false, 1_000, at(3_700_000)), USUAL);
    }
}
