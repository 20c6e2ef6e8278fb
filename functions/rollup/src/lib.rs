//! The table's stream, handed to [`shared::counting`]: what each record is about is derived, then
//! what it changes is counted.
//!
//! Delivery is at least once: a batch may come again, cut differently, overlapping, beside an
//! earlier invocation that timed out and still runs. Why every total is exact all the same is told
//! there. Here is what concerns batches:
//!
//! - [`batch`]: which records of a batch are done, which come again, which are kept aside,
//! - [`aside`]: what can never be handled.

use std::time::Duration;

use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Settings, aws};
use shared::store::stream::{StreamEvent, StreamResponse};
use shared::store::{StoreError, Table};
use tokio::time::Instant;

mod aside;
mod batch;

/// Names the shard of events that name none: only for a test engine whose stream has a single
/// shard. `template.yaml` never sets it.
const SINGLE_SHARD: &str = "STREAM_SINGLE_SHARD";

/// How long before its Lambda's deadline a batch ends: what was begun by then is bounded, and is
/// finished and counted in this time.
pub const ENDS_BEFORE: Duration = Duration::from_secs(20);

/// What the handler needs.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The table.
    pub table: Table,
    /// The clock: it dates checkpoints and what is kept aside.
    pub clock: Clock,
    /// The shard of events that name none.
    pub single_shard: Option<String>,
}

impl Deps {
    /// Those that the environment names.
    pub fn from_env() -> Result<Self, ConfigError> {
        let settings = Settings::environment();
        let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
        let single_shard = settings.optional(SINGLE_SHARD);
        Ok(Self { table, clock: Clock::system(), single_shard })
    }
}

/// A failure of a whole invocation: nothing of it is counted, and it comes again.
#[derive(Debug, thiserror::Error)]
pub enum RollupError {
    /// Without its shard a batch can't be told from one that was counted already. The mapping
    /// must have a tumbling window.
    #[error("the event names no shard; its mapping needs TumblingWindowInSeconds")]
    NoShard,
    /// A record that names no position can't be named in the answer, nor was it kept aside.
    #[error("a record without a sequence number could not be kept aside")]
    Unplaced {
        /// Why.
        #[source]
        source: StoreError,
    },
}

/// Handles one batch: derives every record, then counts.
///
/// What fails for now fails the batch from its first such record on; everything before it is
/// counted. What can never succeed (the poison rule) is kept aside under the source `rollup`,
/// counted in `RecordsKeptAside`, and passed: it must not stop its shard.
///
/// # Errors
/// When the event names no shard and no single one is set, or nothing of it could be placed.
pub async fn handle(deps: &Deps, event: StreamEvent) -> Result<StreamResponse, RollupError> {
    handle_until(deps, event, None).await
}

/// [`handle`] for an invocation that ends by itself at `deadline`: derivations are begun up to
/// [`ENDS_BEFORE`] that. What is not begun by then comes again, and everything before it is counted:
/// however much a batch asks for, each invocation gets on.
///
/// # Errors
/// As [`handle`].
pub async fn handle_until(
    deps: &Deps,
    event: StreamEvent,
    deadline: Option<Instant>,
) -> Result<StreamResponse, RollupError> {
    let Some(shard_id) = event.shard_id.as_deref().or(deps.single_shard.as_deref()) else {
        return Err(RollupError::NoShard);
    };
    let failed = batch::run(deps, shard_id, &event, deadline.map(|at| at - ENDS_BEFORE)).await?;
    Ok(match failed {
        None => StreamResponse::done(event.state),
        Some(first) => StreamResponse::retry_from(event.state, &first),
    })
}
