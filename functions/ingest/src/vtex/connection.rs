//! What the table says about an account's VTEX store, used again for a while.

use std::sync::Arc;

use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::intake::cache::Cache;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::vtex::{VtexKeys, VtexRecord};
use shared::store::{StoreError, Table};

/// How long a connection is used before it is read again. Where a secret or keys are refused, it is
/// read again at once, so that a change works at once.
const CONNECTION_LASTS: Span = Span::seconds(60);

/// How often it is noted that an account's hook works: often enough for people, and next to no cost.
const NOTED_EVERY: Span = Span::seconds(60);

/// Reads connections and keeps what it read. Cheap to clone; clones share what was read.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    table: Table,
    clock: Clock,
    /// What opens their keys and secrets.
    sealing: SealingKey,
    known: Arc<Cache<Account, Arc<VtexRecord>>>,
    /// Whose last order was noted a moment ago.
    noted: Arc<Cache<Account, ()>>,
    /// A secret that every account's hook may send.
    secret_for_all: Option<Secret>,
}

/// An account's connection as it was read: whether reading it again could tell anything new.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    account: Account,
    sealing: SealingKey,
    record: Option<Arc<VtexRecord>>,
    secret_for_all: Option<Secret>,
    pub(super) fresh: bool,
}

impl Connection {
    /// Whether any secret could ever be right.
    pub(super) fn exists(&self) -> bool {
        self.record.is_some() || self.secret_for_all.is_some()
    }

    /// The secrets that the hook may send.
    pub(super) fn secrets(&self, now: Instant) -> Result<Vec<Secret>, StoreError> {
        let own = self.record.iter();
        let own = own.map(|record| record.valid_secrets(&self.account, &self.sealing, now));
        let mut secrets = own.collect::<Result<Vec<_>, _>>()?.concat();
        secrets.extend(self.secret_for_all.clone());
        Ok(secrets)
    }

    /// The keys of the store.
    pub(super) fn keys(&self) -> Result<Option<VtexKeys>, StoreError> {
        match &self.record {
            Some(record) => record.keys(&self.account, &self.sealing).map(Some),
            None => Ok(self.secret_for_all.as_ref().and_then(|_| keys_of_nobody())),
        }
    }
}

impl Connections {
    /// The connections in `table`, none of them read yet.
    pub(super) fn new(
        table: Table,
        clock: Clock,
        sealing: SealingKey,
        secret_for_all: Option<Secret>,
    ) -> Self {
        let known = Arc::new(Cache::lasting(CONNECTION_LASTS));
        let noted = Arc::new(Cache::lasting(NOTED_EVERY));
        Self { table, clock, sealing, known, noted, secret_for_all }
    }

    /// An account's connection, read at most [`CONNECTION_LASTS`] ago; where there was none, read now.
    pub(super) async fn get(&self, account: &Account) -> Result<Connection, StoreError> {
        match self.known.get(account, self.clock.now()) {
            Some(record) => Ok(self.connection(account, Some(record), false)),
            None => self.get_afresh(account).await,
        }
    }

    /// An account's connection, read now.
    pub(super) async fn get_afresh(&self, account: &Account) -> Result<Connection, StoreError> {
        let record = self.table.vtex(account).await?.map(Arc::new);
        if let Some(record) = &record {
            self.known.put(account.clone(), Arc::clone(record), self.clock.now());
        }
        Ok(self.connection(account, record, true))
    }

    /// Notes that an account's hook brought an order.
    pub(super) async fn note_heard(&self, account: &Account) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.noted.get(account, now).is_none() {
            self.table.vtex_note_heard(account, now).await?;
            self.noted.put(account.clone(), (), now);
        }
        Ok(())
    }

    fn connection(
        &self,
        account: &Account,
        record: Option<Arc<VtexRecord>>,
        fresh: bool,
    ) -> Connection {
        let (account, sealing) = (account.clone(), self.sealing.clone());
        let secret_for_all = self.secret_for_all.clone();
        Connection { account, sealing, record, secret_for_all, fresh }
    }
}

/// Keys that open nothing but a stand-in.
fn keys_of_nobody() -> Option<VtexKeys> {
    VtexKeys::parse("none", "none").ok()
}
