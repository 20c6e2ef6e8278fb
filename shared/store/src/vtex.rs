//! What connects an account to its VTEX store: the keys of its API and the secrets of its hook.
//!
//! Beside the settings, not among them: keys are read by what talks to VTEX alone, and no answer
//! of the API ever holds them. At rest AWS encrypts them with the table.

use serde::{Deserialize, Serialize};

use crate::accounts::StoredSecret;
use crate::table::attributes::write;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::instant::Instant;
use runtime::config::Secret;

mod keys;

pub use keys::VtexKeys;

/// A connection as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VtexRecord {
    /// The keys of the store's API.
    #[serde(flatten)]
    pub keys: VtexKeys,
    /// Secrets that VTEX's hook was configured with, newest first; all but the first end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hook_secrets: Vec<StoredSecret>,
    /// The secret that the hook is being configured with. It is valid at once, since VTEX pings with
    /// it before it answers, and nothing ends until VTEX has confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_secret: Option<StoredSecret>,
    /// Counts the writes.
    pub version: u64,
}

impl VtexRecord {
    /// The secrets of the hook that are valid at `now`.
    #[must_use]
    pub fn valid_secrets(&self, now: Instant) -> Vec<Secret> {
        self.hook_secrets
            .iter()
            .chain(&self.pending_secret)
            .filter(|held| held.is_valid(now))
            .map(|held| Secret::new(&held.secret))
            .collect()
    }

    /// A connection with new keys and a secret that is about to be configured: the one that was
    /// never confirmed, if there is one, since VTEX may have taken it all the same.
    fn connecting(held: Option<Self>, keys: VtexKeys, fresh: String) -> (Self, String) {
        let (hook_secrets, pending, version) = match held {
            Some(held) => (held.hook_secrets, held.pending_secret, held.version),
            None => (Vec::new(), None, 0),
        };
        let pending = pending.unwrap_or(StoredSecret::new(fresh));
        let secret = pending.secret.clone();
        let version = version + 1;
        (Self { keys, hook_secrets, pending_secret: Some(pending), version }, secret)
    }

    /// The connection once VTEX took `secret`; none when that is nothing new. What VTEX has on the way
    /// under the secret before stays valid for a day.
    fn connected(mut self, secret: &str, now: Instant) -> Option<Self> {
        self.pending_secret.take_if(|pending| pending.secret == secret)?;
        StoredSecret::succeed(&mut self.hook_secrets, secret.to_owned(), now);
        self.version += 1;
        Some(self)
    }
}

impl Table {
    /// An account's connection to VTEX.
    pub async fn vtex(&self, account: &Account) -> Result<Option<VtexRecord>, StoreError> {
        self.get("VTEX connection", &Key::vtex(account)).await
    }

    /// Keeps an account's keys and a secret for its hook, and answers the secret to configure:
    /// `fresh`, or the one of an attempt that never ended.
    pub async fn vtex_begin(
        &self,
        account: &Account,
        keys: &VtexKeys,
        fresh: &str,
    ) -> Result<String, StoreError> {
        let mut attempts = Attempts::at("begin a VTEX connection");
        loop {
            attempts.next().await?;
            let held = self.vtex(account).await?;
            let (next, secret) = VtexRecord::connecting(held, keys.clone(), fresh.to_owned());
            if self.put_vtex(account, &next).await? {
                return Ok(secret);
            }
        }
    }

    /// Notes that VTEX took `secret`.
    pub async fn vtex_confirm(
        &self,
        account: &Account,
        secret: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("confirm a VTEX connection");
        loop {
            attempts.next().await?;
            let held = self.vtex(account).await?;
            let Some(next) = held.and_then(|held| held.connected(secret, now)) else {
                return Ok(());
            };
            if self.put_vtex(account, &next).await? {
                return Ok(());
            }
        }
    }

    /// Writes a connection on the version before its own; `false` when another was faster.
    async fn put_vtex(&self, account: &Account, record: &VtexRecord) -> Result<bool, StoreError> {
        let item = write("VTEX connection", &Key::vtex(account), record)?;
        let written = self.put_on_version("write a VTEX connection", item, record.version).await?;
        Ok(written.is_changed())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use domain::values::span::Span;

    const NOW: Instant = Instant::from_millis(1_763_820_000_000);

    fn keys(token: &str) -> VtexKeys {
        VtexKeys::parse("key", token).unwrap()
    }

    fn accepts(record: &VtexRecord, secret: &str, now: Instant) -> bool {
        record.valid_secrets(now).contains(&Secret::new(secret))
    }

    fn connected(fresh: &str) -> VtexRecord {
        let (record, secret) = VtexRecord::connecting(None, keys("t1"), fresh.to_owned());
        record.connected(&secret, NOW).unwrap()
    }

    #[test]
    fn a_new_secret_is_valid_before_the_old_one_ends() {
        let first = connected("one");
        let (second, secret) = VtexRecord::connecting(Some(first), keys("t2"), "two".to_owned());
        assert_eq!((secret.as_str(), second.keys.app_token()), ("two", "t2"));
        let later = NOW.plus(Span::days(30));
        assert!(accepts(&second, "one", later) && accepts(&second, "two", later));
        let confirmed = second.connected("two", later).unwrap();
        let a_day_on = later.plus(Span::hours(24));
        assert!(accepts(&confirmed, "one", a_day_on.minus(Span::millis(1))));
        assert!(!accepts(&confirmed, "one", a_day_on));
        assert!(accepts(&confirmed, "two", a_day_on));
    }

    #[test]
    fn an_attempt_that_never_ended_is_taken_up() {
        let (first, secret) = VtexRecord::connecting(None, keys("t"), "one".to_owned());
        assert_eq!(secret, "one");
        let (again, secret) = VtexRecord::connecting(Some(first), keys("t"), "two".to_owned());
        assert_eq!(secret, "one");
        let confirmed = again.connected("one", NOW).unwrap();
        assert_eq!(confirmed.pending_secret, None);
        // Confirmed twice, or never begun: nothing to do.
        assert_eq!(confirmed.clone().connected("one", NOW), None);
        assert_eq!(confirmed.connected("three", NOW), None);
    }

    #[test]
    fn no_log_shows_a_connection() {
        let (record, _) =
            VtexRecord::connecting(Some(connected("s3cret")), keys("t0ken"), "s4cret".to_owned());
        let shown = format!("{record:?}");
        assert!(!["s3cret", "s4cret", "t0ken"].iter().any(|text| shown.contains(text)), "{shown}");
    }
}
