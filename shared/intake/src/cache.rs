//! Answers of the table that may be used again for a short while.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::values::instant::Instant;
use domain::values::span::Span;

/// Entries that a cache holds at most: far more than one function meets, and a few megabytes.
const MOST: usize = 10_000;

/// How long what never changes, or may be used however old it is, is held.
pub const FOR_GOOD: Span = Span::days(365_000);

/// Values by key, each usable for a fixed time after it was put in.
#[derive(Debug)]
pub struct Cache<K, V> {
    lasts: Span,
    held: Mutex<HashMap<K, (Instant, V)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// A cache whose entries are usable for less than `lasts`.
    #[must_use]
    pub fn lasting(lasts: Span) -> Self {
        Self { lasts, held: Mutex::default() }
    }

    /// What was put under `key`, unless that is too long ago. An entry from the future (a clock
    /// that was set back) is not believed.
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        let held = self.locked();
        let (at, value) = held.get(key)?;
        (Span::millis(0)..self.lasts).contains(&now.since(*at)).then(|| value.clone())
    }

    /// Puts a value in. A full cache is emptied: what is still asked for comes back at the price
    /// of one read each.
    pub fn put(&self, key: K, value: V, now: Instant) {
        let mut held = self.locked();
        if held.len() >= MOST {
            held.clear();
        }
        held.insert(key, (now, value));
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<K, (Instant, V)>> {
        // Entries are put in whole: a panic elsewhere can't have spoilt them.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_763_820_000_000;

    fn at(millis: i64) -> Instant {
        Instant::from_millis(START + millis)
    }

    #[test]
    fn an_entry_is_usable_for_its_time_and_not_a_moment_longer() {
        let cache = Cache::lasting(Span::seconds(60));
        cache.put("a", 1, at(0));
        assert_eq!(cache.get(&"a", at(0)), Some(1));
        assert_eq!(cache.get(&"a", at(59_999)), Some(1));
        assert_eq!(cache.get(&"a", at(60_000)), None);
        assert_eq!(cache.get(&"a", at(-1)), None);
        assert_eq!(cache.get(&"b", at(0)), None);
    }

    #[test]
    fn a_full_cache_starts_over() {
        let cache = Cache::lasting(Span::seconds(60));
        for key in 0..MOST {
            cache.put(key, (), at(0));
        }
        assert!(cache.get(&0, at(0)).is_some());
        cache.put(MOST, (), at(0));
        assert!(cache.get(&0, at(0)).is_none());
        assert!(cache.get(&MOST, at(0)).is_some());
    }
}
