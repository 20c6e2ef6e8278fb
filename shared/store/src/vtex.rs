//! What connects an account to its VTEX store: the keys of its API and the secrets of its hook.
//!
//! Beside the settings, not among them: they are read by what talks to VTEX alone, and no answer of the API
//! ever holds them. The token and the secrets are sealed; the app key is a name.

use serde::{Deserialize, Serialize};

use crate::sealed::{KeptSecret, Purpose, StoredSecret};
use crate::table::attributes::write;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::activity::Deed;
use domain::values::account::Account;
use domain::values::instant::Instant;
use runtime::config::Secret;
use runtime::sealing::SealingKey;

mod keys;

pub use keys::VtexKeys;

/// A connection as stored. `Debug` shows no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VtexRecord {
    /// The name of the keys of the store's API.
    app_key: String,
    /// Their secret.
    app_token: KeptSecret,
    /// Secrets that VTEX's hook was configured with, newest first; all but the first end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hook_secrets: Vec<StoredSecret>,
    /// The secret that the hook is being configured with. It is valid at once, since VTEX pings with
    /// it before it answers, and nothing ends until VTEX has confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending_secret: Option<StoredSecret>,
    /// When VTEX confirmed the hook last; absent in connections from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connected_at: Option<Instant>,
    /// Counts the writes.
    version: u64,
}

/// When an account's hook brought an order last.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Heard {
    at: Instant,
}

/// Whose connection it is, and the key that seals it.
type By<'a> = (&'a SealingKey, &'a Account);

impl VtexRecord {
    /// The name of the keys of the store's API.
    #[must_use]
    pub fn app_key(&self) -> &str {
        &self.app_key
    }

    /// Whether VTEX has confirmed the hook, which it pings before.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        !self.hook_secrets.is_empty()
    }

    /// When VTEX confirmed the hook last, where that is known.
    #[must_use]
    pub const fn connected_at(&self) -> Option<Instant> {
        self.connected_at
    }

    /// The keys of the store's API; an error where `key` doesn't open them.
    pub fn keys(&self, account: &Account, key: &SealingKey) -> Result<VtexKeys, StoreError> {
        let token = self.app_token.open((key, account), Purpose::VtexAppToken)?;
        VtexKeys::parse(&self.app_key, token.expose())
            .map_err(|invalid| StoreError::corrupt("VTEX keys", invalid))
    }

    /// The secrets of the hook that are valid at `now`; an error where `key` doesn't open one.
    pub fn valid_secrets(
        &self,
        account: &Account,
        key: &SealingKey,
        now: Instant,
    ) -> Result<Vec<Secret>, StoreError> {
        let held = self.hook_secrets.iter().chain(&self.pending_secret);
        let valid = held.filter(|held| held.is_valid(now));
        valid.map(|held| held.open((key, account), Purpose::HookSecret)).collect()
    }

    /// The secret that the hook is being configured with.
    pub fn pending_secret(
        &self,
        account: &Account,
        key: &SealingKey,
    ) -> Result<Option<Secret>, StoreError> {
        let pending = self.pending_secret.as_ref();
        pending.map(|held| held.open((key, account), Purpose::HookSecret)).transpose()
    }

    /// A connection with new keys and a secret that is about to be configured: the one that was
    /// never confirmed, if there is one, since VTEX may have taken it all the same.
    fn connecting(
        by: By<'_>,
        held: Option<Self>,
        keys: &VtexKeys,
        fresh: &Secret,
    ) -> Result<(Self, Secret), StoreError> {
        let (hook_secrets, pending, connected_at, version) = match held {
            Some(held) => (held.hook_secrets, held.pending_secret, held.connected_at, held.version),
            None => (Vec::new(), None, None, 0),
        };
        let secret = match &pending {
            Some(pending) => pending.open(by, Purpose::HookSecret)?,
            None => fresh.clone(),
        };
        let token = Secret::new(keys.app_token());
        let mut next = Self {
            app_key: keys.app_key().to_owned(),
            app_token: KeptSecret::seal(by, Purpose::VtexAppToken, &token)?,
            hook_secrets,
            pending_secret: Some(StoredSecret::new(KeptSecret::seal(
                by,
                Purpose::HookSecret,
                &secret,
            )?)),
            connected_at,
            version: version + 1,
        };
        next.close_secrets(by)?;
        Ok((next, secret))
    }

    /// The connection once VTEX took `secret`; none when that is nothing new. What VTEX has on the way
    /// under the secret before stays valid for a day.
    fn connected(
        mut self,
        by: By<'_>,
        secret: &Secret,
        now: Instant,
    ) -> Result<Option<Self>, StoreError> {
        self.close_secrets(by)?;
        let Some(pending) = self.pending_secret.take() else { return Ok(None) };
        if pending.open(by, Purpose::HookSecret)? != *secret {
            return Ok(None);
        }
        let secret = KeptSecret::seal(by, Purpose::HookSecret, secret)?;
        StoredSecret::succeed(&mut self.hook_secrets, secret, now);
        self.connected_at = Some(now);
        self.version += 1;
        Ok(Some(self))
    }

    /// Seals what stands in clear; how many values did.
    fn close_secrets(&mut self, by: By<'_>) -> Result<u64, StoreError> {
        let mut closed = u64::from(self.app_token.close(by, Purpose::VtexAppToken)?);
        for held in self.hook_secrets.iter_mut().chain(&mut self.pending_secret) {
            closed += u64::from(held.close(by, Purpose::HookSecret)?);
        }
        Ok(closed)
    }
}

impl Table {
    /// An account's connection to VTEX.
    pub async fn vtex(&self, account: &Account) -> Result<Option<VtexRecord>, StoreError> {
        self.get("VTEX connection", &Key::vtex(account)).await
    }

    /// When an account's hook brought an order last; it is kept to the minute.
    pub async fn vtex_heard(&self, account: &Account) -> Result<Option<Instant>, StoreError> {
        let heard: Option<Heard> = self.get("word of VTEX", &Key::vtex_heard(account)).await?;
        Ok(heard.map(|heard| heard.at))
    }

    /// Notes that an account's hook brought an order. Of two notes at once either may stay.
    pub async fn vtex_note_heard(&self, account: &Account, at: Instant) -> Result<(), StoreError> {
        let item = write("word of VTEX", &Key::vtex_heard(account), &Heard { at })?;
        self.put("note a word of VTEX", item).await
    }

    /// Keeps an account's keys and a secret for its hook, sealed under `key`, and answers the secret to
    /// configure: `fresh`, or the one of an attempt that never ended.
    pub async fn vtex_begin(
        &self,
        account: &Account,
        keys: &VtexKeys,
        fresh: &Secret,
        key: &SealingKey,
    ) -> Result<Secret, StoreError> {
        let mut attempts = Attempts::at("begin a VTEX connection");
        loop {
            attempts.next().await?;
            let held = self.vtex(account).await?;
            let (next, secret) = VtexRecord::connecting((key, account), held, keys, fresh)?;
            if self.put_vtex(account, &next).await? {
                return Ok(secret);
            }
        }
    }

    /// Notes that VTEX took `secret`.
    pub async fn vtex_confirm(
        &self,
        account: &Account,
        secret: &Secret,
        key: &SealingKey,
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at("confirm a VTEX connection");
        loop {
            attempts.next().await?;
            let Some(held) = self.vtex(account).await? else { return Ok(()) };
            let deed = if held.is_connected() { Deed::VtexRenewed } else { Deed::VtexConnected };
            let Some(next) = held.connected((key, account), secret, now)? else { return Ok(()) };
            let item = (write("VTEX connection", &Key::vtex(account), &next)?, next.version);
            let entry = self.entry(account, deed)?;
            let written =
                self.put_on_version_with("confirm a VTEX connection", item, entry).await?;
            if written.is_changed() {
                return Ok(());
            }
        }
    }

    /// Seals what of an account's secrets stands in clear, from before there was sealing; how many
    /// values did.
    pub async fn secrets_seal(
        &self,
        account: &Account,
        key: &SealingKey,
    ) -> Result<u64, StoreError> {
        let signing = self.account_seal_secrets(account, key).await?;
        let mut attempts = Attempts::at("seal a VTEX connection");
        loop {
            attempts.next().await?;
            let Some(mut next) = self.vtex(account).await? else { return Ok(signing) };
            let closed = next.close_secrets((key, account))?;
            if closed == 0 {
                return Ok(signing);
            }
            next.version += 1;
            if self.put_vtex(account, &next).await? {
                return Ok(signing + closed);
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
    use serde_json::json;

    const NOW: Instant = Instant::from_millis(1_763_820_000_000);

    fn key() -> SealingKey {
        SealingKey::derive(&Secret::new("system-secret"))
    }

    fn acme() -> Account {
        Account::parse("acme").unwrap()
    }

    fn keys(token: &str) -> VtexKeys {
        VtexKeys::parse("key", token).unwrap()
    }

    fn connecting(held: Option<VtexRecord>, token: &str, fresh: &str) -> (VtexRecord, String) {
        let fresh = Secret::new(fresh);
        let (record, secret) =
            VtexRecord::connecting((&key(), &acme()), held, &keys(token), &fresh).unwrap();
        (record, secret.expose().to_owned())
    }

    fn confirmed(record: VtexRecord, secret: &str, now: Instant) -> Option<VtexRecord> {
        record.connected((&key(), &acme()), &Secret::new(secret), now).unwrap()
    }

    fn accepts(record: &VtexRecord, secret: &str, now: Instant) -> bool {
        record.valid_secrets(&acme(), &key(), now).unwrap().contains(&Secret::new(secret))
    }

    fn connected(fresh: &str) -> VtexRecord {
        let (record, secret) = connecting(None, "t1", fresh);
        confirmed(record, &secret, NOW).unwrap()
    }

    #[test]
    fn a_new_secret_is_valid_before_the_old_one_ends() {
        let first = connected("one");
        let (second, secret) = connecting(Some(first), "t2", "two");
        let token = second.keys(&acme(), &key()).unwrap();
        assert_eq!((secret.as_str(), token.app_token()), ("two", "t2"));
        let later = NOW.plus(Span::days(30));
        assert!(accepts(&second, "one", later) && accepts(&second, "two", later));
        let confirmed = confirmed(second, "two", later).unwrap();
        let a_day_on = later.plus(Span::hours(24));
        assert!(accepts(&confirmed, "one", a_day_on.minus(Span::millis(1))));
        assert!(!accepts(&confirmed, "one", a_day_on));
        assert!(accepts(&confirmed, "two", a_day_on));
    }

    #[test]
    fn an_attempt_that_never_ended_is_taken_up() {
        let (first, secret) = connecting(None, "t", "one");
        assert_eq!(secret, "one");
        let (again, secret) = connecting(Some(first), "t", "two");
        assert_eq!(secret, "one");
        let done = confirmed(again, "one", NOW).unwrap();
        assert_eq!(done.pending_secret(&acme(), &key()).unwrap(), None);
        // Confirmed twice, or never begun: nothing to do.
        assert_eq!(confirmed(done.clone(), "one", NOW), None);
        assert_eq!(confirmed(done, "three", NOW), None);
    }

    #[test]
    fn neither_the_table_nor_a_log_shows_a_connection() {
        let (record, _) = connecting(Some(connected("s3cret")), "t0ken", "s4cret");
        let stored = serde_json::to_string(&record).unwrap();
        for shown in [format!("{record:?}"), stored] {
            assert!(
                !["s3cret", "s4cret", "t0ken"].iter().any(|text| shown.contains(text)),
                "{shown}"
            );
        }
    }

    /// As it was kept before there was sealing.
    #[test]
    fn a_connection_in_clear_is_read_and_sealed_when_it_is_written() {
        let clear = json!({
            "appKey": "key", "appToken": "t0ken", "version": 3,
            "hookSecrets": [{"secret": "s3cret"}], "pendingSecret": {"secret": "s4cret"},
        });
        let clear: VtexRecord = serde_json::from_value(clear).unwrap();
        assert_eq!(clear.keys(&acme(), &key()).unwrap(), keys("t0ken"));
        assert!(accepts(&clear, "s3cret", NOW) && accepts(&clear, "s4cret", NOW));
        assert!(!format!("{clear:?}").contains("s3cret"));
        for written in [
            connecting(Some(clear.clone()), "t0ken", "fresh").0,
            confirmed(clear.clone(), "s4cret", NOW).unwrap(),
        ] {
            assert!(accepts(&written, "s3cret", NOW) && accepts(&written, "s4cret", NOW));
            assert_eq!(written.keys(&acme(), &key()).unwrap(), keys("t0ken"));
            let stored = serde_json::to_string(&written).unwrap();
            assert!(
                !["s3cret", "s4cret", "t0ken"].iter().any(|text| stored.contains(text)),
                "{stored}"
            );
        }
    }

    /// What the one purpose sealed opens for no other, and for no other account.
    #[test]
    fn a_value_that_was_moved_is_no_value() {
        let record = connected("s3cret");
        let stored = serde_json::to_value(&record).unwrap();
        let mut swapped = stored.clone();
        *swapped.pointer_mut("/appToken").unwrap() =
            stored.pointer("/hookSecrets/0/secret").unwrap().clone();
        let swapped: VtexRecord = serde_json::from_value(swapped).unwrap();
        let error = swapped.keys(&acme(), &key()).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { kind: "vtex-app-token", .. }), "{error}");
        let bela = Account::parse("bela").unwrap();
        assert!(record.keys(&bela, &key()).is_err());
        assert!(record.valid_secrets(&bela, &key(), NOW).is_err());
    }
}
