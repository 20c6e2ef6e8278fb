//! What one instance remembers between runs. It may forget: then it asks once more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::domain::values::due_shard::DueShard;

/// What one instance remembers. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    scanned: HashMap<u8, String>,
}

impl Memory {
    /// Where the scan of a shard stopped.
    pub(crate) fn scanned(&self, shard: DueShard) -> Option<String> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.scanned.get(&shard.number()).cloned()
    }

    /// Notes where the scan of a shard stopped; none: it was read whole.
    pub(crate) fn note_scanned(&self, shard: DueShard, stopped: Option<String>) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stopped {
            Some(stopped) => remembered.scanned.insert(shard.number(), stopped),
            None => remembered.scanned.remove(&shard.number()),
        };
    }
}
