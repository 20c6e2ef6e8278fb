//! What one instance remembers between runs. It may forget: then it asks once more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::domain::values::account::Account;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::instant::Instant;
use shared::judging::account::{Known, PROBE};

/// Refusals in a row after which a template counts as broken.
const BROKEN_AFTER: u32 = 3;

/// Which template.
type Template = (Language, MessageType);

/// What one instance remembers. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    probes: HashMap<Account, Instant>,
    malformed: HashMap<(Account, Template), u32>,
    scanned: HashMap<u8, String>,
}

impl Memory {
    /// Whether an account from which Meta took nothing is to be tried with one message now.
    pub(crate) fn may_probe(&self, known: &Known, now: Instant) -> bool {
        let blocked = known.connection.as_ref().and_then(|connection| connection.blocked);
        let Some(blocked) = blocked else { return false };
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = remembered.probes.get(&known.account).copied().unwrap_or(blocked.since);
        now.since(last.max(blocked.since)) >= PROBE
    }

    /// Notes that such a message was claimed. A cart that its gate keeps back tried nothing: the next one may.
    pub(crate) fn probed(&self, account: &Account, now: Instant) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.probes.insert(account.clone(), now);
    }

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

    /// Notes that a message of a template was refused as made wrongly; whether that makes it broken.
    pub(crate) fn malformed(&self, account: &Account, template: Template) -> bool {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = remembered.malformed.entry((account.clone(), template)).or_default();
        *times += 1;
        *times >= BROKEN_AFTER
    }

    /// Notes that a message of a template was taken.
    pub(crate) fn well_formed(&self, account: &Account, template: Template) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.malformed.remove(&(account.clone(), template));
    }
}
