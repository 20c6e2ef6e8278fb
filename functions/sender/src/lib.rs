//! The system's own sender: a cart that was left behind becomes one message, or one recorded reason why not.
//!
//! A schedule starts it each minute with its shards. For each it takes the lease, looks through all pointers
//! that are due, and for each cart that they lead to
//!
//! - [`look`]: does what the cart's state asks for; a waiting one goes through the gate
//!   (`shared::judging`, by `shared::domain::rules::gate`),
//! - [`attempt`]: claims a message for a cart that the gate lets through, sends it once, and does what the
//!   answer says.
//!
//! Where an account's carts are late, as they are after an outage, its orders are caught up from its store first
//! ([`catch_up`]), so that nobody is written to who bought meanwhile.
//!
//! What it knows of an account is read anew in each run ([`account`]), and each claim is conditional on what was
//! read. Reads of one account run side by side, its claims one after another, since they meet on the campaign
//! and the settings: some 50 to 100 a second are the bound.
//!
//! Two senders on one shard do no harm: every step is a write on the version that was read. The lease only
//! saves work.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Deserializer, Serialize};
use shared::domain::values::digest::base64url;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::judging::Judging;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Secret, Settings, aws};
use shared::runtime::random::Randomness;
use shared::runtime::sealing::SealingKey;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::{StoreError, Table};
use shared::telemetry::{Counter, count};
use tokio::time::Instant as Deadline;

use crate::memory::Memory;
use crate::outside::{Outside, Providers};
use crate::rates::Rates;
use crate::turns::Shares;

mod account;
mod attempt;
mod catch_up;
mod look;
pub mod memory;
pub mod outside;
pub mod rates;
mod turns;

/// How long a shard is taken for: longer than an invocation works.
const LEASE: Span = Span::seconds(70);
/// How long an invocation works.
const WORK: Duration = Duration::from_secs(50);
/// How long before its Lambda's deadline the last message is claimed: its answer is waited for that long.
const CLAIMS_END_BEFORE: Duration = Duration::from_secs(20);
/// Accounts that are looked after at once: one that waits for its store or for Meta holds up no other.
const ACCOUNTS_AT_ONCE: usize = 16;
/// How long a shard's pointers are read for at most, some millions of them: what was read by then is done, and the
/// next run reads on from there.
const SCAN: Duration = Duration::from_secs(15);

/// Settings of the function.
#[derive(Debug, Clone)]
pub struct Config {
    /// The secret under which phone numbers and order forms are digested.
    pub phone_key: PhoneKey,
    /// What opens the secrets of accounts.
    pub sealing: SealingKey,
    /// The base of tracked links and pictures, without the slash at its end.
    pub public_url: String,
}

impl Config {
    /// Reads the settings.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let system_secret: Secret = settings.secret("PHONE_KEY_SECRET")?;
        Ok(Self {
            phone_key: PhoneKey::new(system_secret.expose()),
            sealing: SealingKey::derive(&system_secret),
            public_url: settings.base_url("PUBLIC_URL")?,
        })
    }
}

/// What the sender works with. Cheap to clone; clones share the rates.
#[derive(Debug, Clone)]
pub struct Deps<O = Providers> {
    /// The table.
    pub table: Table,
    /// The clock.
    pub clock: Clock,
    /// Where ids and tokens are drawn from.
    pub randomness: Randomness,
    /// Settings of the function.
    pub config: Arc<Config>,
    /// Meta and the stores.
    pub outside: O,
    /// How fast each number may send.
    pub rates: Rates,
    /// What this instance remembers.
    pub memory: Memory,
}

impl<O: Outside> Deps<O> {
    /// The given ones, with the system's randomness.
    #[must_use]
    pub fn new(table: Table, clock: Clock, config: Config, outside: O) -> Self {
        let (randomness, config) = (Randomness::system(), Arc::new(config));
        let (rates, memory) = (Rates::default(), Memory::default());
        Self { table, clock, randomness, config, outside, rates, memory }
    }

    /// What carts are judged with.
    pub(crate) fn judging(&self) -> Judging<'_, O::Stores> {
        let Config { phone_key, sealing, .. } = &*self.config;
        Judging {
            table: &self.table,
            clock: &self.clock,
            phone_key,
            sealing,
            stores: self.outside.stores(),
        }
    }

    /// Opens the connection before the first cart needs it.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

impl Deps {
    /// What the environment of the Lambda names.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let aws = aws::sdk_config(&settings).map_err(SecretsError::Setting)?;
        let clock = Clock::system();
        // The key secret is never rotated: read once, it stays.
        let secrets = Secrets::open(&aws, clock.clone(), Config::from_settings).await?;
        let config = secrets.current().await;
        let table = Table::from_settings(&settings, &aws).map_err(SecretsError::Setting)?;
        let outside = Providers::from_settings(&settings).map_err(SecretsError::Setting)?;
        Ok(Self {
            table,
            clock,
            randomness: Randomness::system(),
            config,
            outside,
            rates: Rates::default(),
            memory: Memory::default(),
        })
    }
}

/// What the schedule says: which shards to look at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SenderEvent {
    /// Numbers of shards.
    pub shards: Vec<u8>,
    /// As of which instant; absent: now.
    #[serde(default, deserialize_with = "as_of")]
    pub tick: Option<Instant>,
}

/// An instant; the schedules of others say `true` for now.
fn as_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    let told = serde_json::Value::deserialize(deserializer)?;
    Ok(told.as_str().and_then(|at| Instant::parse_rfc3339(at).ok()))
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Carts that were looked at.
    pub carts: u64,
    /// Messages that Meta took.
    pub accepted: u64,
    /// Shards that another invocation has.
    pub taken: u64,
}

/// Why a run did not do all that was due. The next one does the rest.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The event names a shard that isn't one.
    #[error("the event names no shard that there is")]
    NoShard,
    /// A shard could not be looked through.
    #[error("a shard could not be looked through")]
    Shard(#[source] StoreError),
    /// No random bytes could be drawn.
    #[error("no owner of a lease could be drawn")]
    NoOwner(#[source] shared::runtime::random::NoRandomness),
}

/// Looks through the shards that the event names, side by side, until the time is over.
pub async fn handle<O: Outside + Clone>(
    deps: &Deps<O>,
    event: SenderEvent,
    deadline: Option<Deadline>,
) -> Result<Sent, SenderError> {
    let deps = &match event.tick {
        // Rates go by a clock, too: another instant's are its own.
        Some(at) => Deps { clock: Clock::fixed(at), rates: Rates::default(), ..deps.clone() },
        None => deps.clone(),
    };
    let mut ends = Deadline::now() + WORK;
    if let Some(deadline) = deadline {
        ends = ends.min(deadline - CLAIMS_END_BEFORE);
    }
    let owner = deps.randomness.bytes::<16>().map_err(SenderError::NoOwner)?;
    let owner = base64url(&owner);
    let shards = event.shards.into_iter().map(DueShard::new);
    let shards: Vec<DueShard> =
        shards.collect::<Result<_, _>>().map_err(|_| SenderError::NoShard)?;
    let runs = shards.into_iter().map(|shard| leased(deps, shard, &owner, ends));
    let mut done = Sent::default();
    for ran in join_all(runs).await {
        let ran = ran.map_err(SenderError::Shard)?;
        done.carts += ran.carts;
        done.accepted += ran.accepted;
        done.taken += ran.taken;
    }
    count(Counter::SenderRuns, 1);
    Ok(done)
}

/// Looks through one shard, unless another invocation does.
async fn leased<O: Outside>(
    deps: &Deps<O>,
    shard: DueShard,
    owner: &str,
    ends: Deadline,
) -> Result<Sent, StoreError> {
    // An idle shard costs one query.
    if !deps.table.is_any_due(shard, deps.clock.now()).await? {
        return Ok(Sent::default());
    }
    if !deps.table.lease_take(shard, owner, (deps.clock.now(), LEASE)).await? {
        return Ok(Sent { taken: 1, ..Sent::default() });
    }
    let ran = run(deps, shard, ends).await;
    // One that can't be given back ends by itself.
    if let Err(error) = deps.table.lease_release(shard, owner).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a lease was not released");
    }
    let (carts, accepted) = ran?;
    Ok(Sent { carts, accepted, taken: 0 })
}

/// Looks through one shard; how many carts it looked at, and how many messages were taken.
async fn run<O: Outside>(
    deps: &Deps<O>,
    shard: DueShard,
    ends: Deadline,
) -> Result<(u64, u64), StoreError> {
    let now = deps.clock.now();
    // A tick of an earlier instant than the last one begins anew.
    let from = deps.memory.scanned(shard).filter(|from| *from < now.to_string());
    let scan_ends = ends.min(Deadline::now() + SCAN);
    let page = |next| deps.table.due_page(shard, now, next);
    let found = turns::scan(page, from, (now, scan_ends)).await?;
    deps.memory.note_scanned(shard, found.stopped);
    count(Counter::CartsOverdue, found.late);
    let accounts = turns::in_turn(found.accounts, now);
    let shares = Shares::of(accounts.len(), ACCOUNTS_AT_ONCE);
    let runs = accounts.into_iter().map(|(account, due)| {
        let shares = &shares;
        async move {
            let ends = shares.next(ends);
            let outcome = account::run(deps, &account, due, ends).await;
            outcome.unwrap_or_else(|error| {
                // The others go on: one bad account doesn't hold its shard.
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, %account, "an account's carts could not be looked at");
                count(Counter::SenderAccountsFailed, 1);
                (0, 0)
            })
        }
    });
    let runs: Vec<_> = runs.collect();
    let outcomes: Vec<(u64, u64)> =
        stream::iter(runs).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
    Ok(outcomes.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)))
}
