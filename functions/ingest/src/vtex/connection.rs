//! What the table says about an account's VTEX store, used again for a while.

use std::sync::Arc;

use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::config::Secret;
use shared::store::StoreError;
use shared::store::vtex::VtexKeys;
use shared::store::vtex::VtexRecord;

use crate::cache::Cache;
use crate::deps::Deps;
use crate::vtex::keys_of_nobody;

/// How long a connection is believed. A secret or keys that are refused are judged again on fresh
/// ones, so that a change works at once.
const CONNECTION_LASTS: Span = Span::seconds(60);

/// What was learned of connections.
#[derive(Debug)]
pub(super) struct Connections {
    known: Cache<Account, Arc<VtexRecord>>,
    /// A secret that every account's hook may send.
    pub(super) for_all: Option<Secret>,
}

impl Default for Connections {
    fn default() -> Self {
        Self { known: Cache::lasting(CONNECTION_LASTS), for_all: None }
    }
}

/// An account's connection as it was read: whether reading it again could tell anything new.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    record: Option<Arc<VtexRecord>>,
    for_all: Option<Secret>,
    pub(crate) fresh: bool,
}

impl Connection {
    /// Whether any secret could ever be right.
    pub(crate) fn exists(&self) -> bool {
        self.record.is_some() || self.for_all.is_some()
    }

    /// The secrets that the hook may send.
    pub(crate) fn secrets(&self, now: Instant) -> Vec<Secret> {
        let own = self.record.iter().flat_map(|record| record.valid_secrets(now));
        own.chain(self.for_all.clone()).collect()
    }

    /// The keys of the store.
    pub(crate) fn keys(&self) -> Option<VtexKeys> {
        match &self.record {
            Some(record) => Some(record.keys.clone()),
            None => self.for_all.as_ref().and_then(|_| keys_of_nobody()),
        }
    }
}

impl Deps {
    /// An account's connection, read at most [`CONNECTION_LASTS`] ago. That there is none is never
    /// believed.
    pub(crate) async fn connection(&self, account: &Account) -> Result<Connection, StoreError> {
        let connections = &self.vtex.connections;
        match connections.known.get(account, self.clock.now()) {
            Some(record) => Ok(Connection {
                record: Some(record),
                for_all: connections.for_all.clone(),
                fresh: false,
            }),
            None => self.connection_afresh(account).await,
        }
    }

    /// An account's connection, read now.
    pub(crate) async fn connection_afresh(
        &self,
        account: &Account,
    ) -> Result<Connection, StoreError> {
        let connections = &self.vtex.connections;
        let record = self.table.vtex(account).await?.map(Arc::new);
        if let Some(record) = &record {
            connections.known.put(account.clone(), Arc::clone(record), self.clock.now());
        }
        Ok(Connection { record, for_all: connections.for_all.clone(), fresh: true })
    }
}
