//! Sums by key in which a zero is none.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, btree_map};
use std::fmt;

use serde::{Deserialize, Serialize};

/// Sums by key. Adding and taking away leaves no trace of what came back to zero, so that equal sums
/// are equal however they came about.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "BTreeMap<K, i64>", bound(deserialize = "K: Ord + Clone + Deserialize<'de>"))]
pub struct Tally<K>(BTreeMap<K, i64>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Tally<K> {
    /// Adds to the sum of one key.
    pub fn add(&mut self, key: &K, amount: i64) {
        // Saturation is out of reach: 184,000 orders of `limits::PARTS_PER_ORDER` parts, each
        // worth `limits::AMOUNT_MAX`.
        match self.0.entry(key.clone()) {
            Entry::Occupied(mut held) => {
                let sum = held.get().saturating_add(amount);
                if sum == 0 {
                    held.remove();
                } else {
                    held.insert(sum);
                }
            }
            Entry::Vacant(_) if amount == 0 => {}
            Entry::Vacant(none) => {
                none.insert(amount);
            }
        }
    }

    /// Adds all of `other` once (`sign` 1) or takes it away (`sign` -1).
    pub fn add_all(&mut self, other: &Self, sign: i64) {
        for (key, amount) in other {
            self.add(key, sign * amount);
        }
    }

    /// Takes `other` away, of each key as much as is there.
    pub fn take(&mut self, other: &Self) {
        for (key, amount) in other {
            let held = self.0.get(key).copied().unwrap_or_default();
            self.add(key, -held.min(*amount));
        }
    }
}

impl<K> Tally<K> {
    /// Whether nothing is left of any key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums, by key.
    pub fn iter(&self) -> btree_map::Iter<'_, K, i64> {
        self.0.iter()
    }
}

impl<'a, K> IntoIterator for &'a Tally<K> {
    type Item = (&'a K, &'a i64);
    type IntoIter = btree_map::Iter<'a, K, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K> IntoIterator for Tally<K> {
    type Item = (K, i64);
    type IntoIter = btree_map::IntoIter<K, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: fmt::Debug> fmt::Debug for Tally<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K: Ord + Clone> FromIterator<(K, i64)> for Tally<K> {
    /// Sorts first: a tree that is built from sorted keys costs a fraction of one that grows key by key.
    fn from_iter<T: IntoIterator<Item = (K, i64)>>(amounts: T) -> Self {
        let mut amounts: Vec<(K, i64)> = amounts.into_iter().collect();
        amounts.sort_by(|(one, _), (other, _)| one.cmp(other));
        amounts.dedup_by(|(key, amount), (held, sum)| {
            let same = key == held;
            if same {
                *sum = sum.saturating_add(*amount);
            }
            same
        });
        amounts.retain(|(_, sum)| *sum != 0);
        Self(amounts.into_iter().collect())
    }
}

impl<K: Ord + Clone> From<BTreeMap<K, i64>> for Tally<K> {
    fn from(amounts: BTreeMap<K, i64>) -> Self {
        amounts.into_iter().collect()
    }
}
