//! DynamoDB, embedded, in one SQLite file.

use std::{path::Path, thread::JoinHandle, time::Duration};

use dynoxide::Database;
use shared::{domain::values::span::Span, runtime::clock::Clock};
use tokio::sync::oneshot;

use super::AwsError;
use crate::serve::loopback;

/// How often expired items are deleted. AWS takes up to days; nothing may depend on it.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// A clock that is further off than this tells another time than the machine's.
const SAME_TIME: Span = Span::seconds(60);

/// With a stream on, the engine looks for the greatest sequence number at each write and for the records after a
/// position at each poll. Without this index both read every stream record there is.
pub(crate) const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS stream_records_by_sequence \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// The running engine.
pub(super) struct DynamoDb {
    /// The engine itself, for the stream poller, which in AWS is no client of the table either.
    pub(super) database: Database,
    /// Where the SDK reaches it.
    pub(super) endpoint: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    sweeper: tokio::task::JoinHandle<()>,
}

impl DynamoDb {
    /// Opens the database file and serves it. It answers on a thread of its own: a request holds the engine's one
    /// lock and its thread until the file is written.
    pub(super) async fn start(file: &Path, clock: Clock) -> Result<Self, AwsError> {
        let path = file.to_str().ok_or(AwsError::Path)?;
        let database = Database::new(path).map_err(AwsError::Database)?;
        // A power cut may cost the last seconds of this machine's own play data; waiting for the disk at each of
        // the demo store's writes would cost minutes.
        database.enable_bulk_loading().map_err(AwsError::Database)?;
        index_stream(file)?;

        let listener = loopback().await.map_err(AwsError::Listen)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(AwsError::Listen)?);
        let listener = listener.into_std().map_err(AwsError::Listen)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(AwsError::Listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = database.clone();
        let thread = std::thread::Builder::new()
            .name("dynamodb".into())
            .spawn(move || {
                runtime.block_on(async {
                    let outcome = match tokio::net::TcpListener::from_std(listener) {
                        Ok(listener) => {
                            let stopped = async { stopped.await.unwrap_or_default() };
                            dynoxide::server::serve_with_shutdown(listener, served, stopped).await
                        }
                        Err(error) => Err(error.to_string()),
                    };
                    if let Err(error) = outcome {
                        tracing::error!(error, "DynamoDB stopped");
                    }
                });
            })
            .map_err(AwsError::Listen)?;
        let sweeper = tokio::spawn(sweep(database.clone(), clock));
        Ok(Self { database, endpoint, stop: Some(stop), thread: Some(thread), sweeper })
    }

    /// Stops serving and waits until the file is closed by the server.
    pub(super) async fn stop(mut self) {
        self.sweeper.abort();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let joined = tokio::task::spawn_blocking(move || thread.join());
            if tokio::time::timeout(Duration::from_secs(5), joined).await.is_err() {
                tracing::warn!("DynamoDB was still busy when the stack stopped");
            }
        }
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

fn index_stream(file: &Path) -> Result<(), AwsError> {
    let connection = rusqlite::Connection::open(file).map_err(AwsError::Index)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(AwsError::Index)?;
    connection.execute_batch(STREAM_INDEX).map_err(AwsError::Index)
}

/// The engine judges expiry by the machine's clock. Where a test has set another time, nothing is swept: items that
/// the test just wrote may lie years back.
async fn sweep(database: Database, clock: Clock) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let machine = Clock::system().now();
        if machine.since(clock.now()) > SAME_TIME || clock.now().since(machine) > SAME_TIME {
            continue;
        }
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(items)) => tracing::debug!(items, "expired items deleted"),
            Ok(Err(error)) => tracing::warn!(%error, "can't delete expired items"),
        }
    }
}
