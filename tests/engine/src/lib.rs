//! The table on an embedded engine, for tests that need no more of the stack.
//!
//! - [`Engine`]: the engine, over loopback HTTP or within the process,
//! - [`meter`]: what calls cost,
//! - [`faults`]: what a network, a busy table and a crash do to calls,
//! - [`streams`]: the table's stream, in several shards,
//! - [`dice`]: repeatable randomness.

pub mod dice;
mod direct;
pub mod faults;
pub mod meter;
pub mod streams;
mod wire;

use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::Database;
use shared::domain::rules::retention::Retention;
use shared::store::Table;
use tempfile::TempDir;

/// Any failure of the engine.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The name of the table.
pub const TABLE_NAME: &str = "campaigns";

/// A running engine with the table. It ends with the runtime it was
/// started on.
#[derive(Clone)]
pub struct Engine {
    /// The embedded database.
    pub database: Database,
    /// Where it listens.
    pub endpoint: String,
    /// A client without faults.
    pub client: Client,
    http: SharedHttpClient,
    /// Where the engine's file lies, for as long as it runs.
    directory: Arc<TempDir>,
}

/// With a stream on, the engine looks through all stream records at each write; with this index it
/// doesn't. That is why its data lie in a file: only there the index can be made.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS stream_records_by_sequence \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Has the stream of the engine whose data lie in `file` forget all records but the last one, by
/// whose number the engine goes on counting.
///
/// # Errors
/// When the file can't be written.
pub fn forget_stream(file: &Path) -> Result<(), Error> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.execute_batch(
        "DELETE FROM _stream_records WHERE CAST(sequence_number AS INTEGER) \
         < (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records)",
    )?;
    Ok(())
}

/// The name of an engine's file.
const FILE: &str = "engine.sqlite";

/// An empty engine in a directory of its own, on a memory file system where there is one.
fn database() -> Result<(Database, Arc<TempDir>), Error> {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? };
    let file = directory.path().join(FILE);
    let database = Database::new(file.to_str().ok_or("the path is no text")?)?;
    // Nobody needs a test's data after a power cut.
    database.enable_bulk_loading()?;
    rusqlite::Connection::open(file)?.execute_batch(STREAM_INDEX)?;
    Ok((database, Arc::new(directory)))
}

impl Engine {
    /// Starts an engine that listens and creates the table.
    ///
    /// # Errors
    /// When no port is free or the engine refuses the table.
    pub async fn start() -> Result<Self, Error> {
        let (database, directory) = database()?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let served = database.clone();
        tokio::spawn(async move {
            dynoxide::server::serve_with_shutdown(listener, served, std::future::pending()).await
        });
        let http = plain_http();
        Self::over(database, directory, endpoint, http).await
    }

    /// Creates the table on an engine that is reached within the process alone: faster, and on a
    /// single-threaded runtime with its clock paused a test takes the same turns each time.
    ///
    /// # Errors
    /// When the engine refuses the table.
    pub async fn within() -> Result<Self, Error> {
        let (database, directory) = database()?;
        let http = direct::http_client(database.clone());
        let endpoint = "http://engine.invalid".to_owned();
        Self::over(database, directory, endpoint, http).await
    }

    async fn over(
        database: Database,
        directory: Arc<TempDir>,
        endpoint: String,
        http: SharedHttpClient,
    ) -> Result<Self, Error> {
        let client = Client::from_conf(config(&endpoint).http_client(http.clone()).build());
        create_table(&client).await?;
        Ok(Self { database, endpoint, client, http, directory })
    }

    /// Has the stream forget all records but the last one.
    ///
    /// # Errors
    /// When the engine's file can't be written.
    pub fn forget_stream(&self) -> Result<(), Error> {
        forget_stream(&self.directory.path().join(FILE))
    }

    /// The table, kept for ever.
    #[must_use]
    pub fn table(&self) -> Table {
        Table::new(self.client.clone(), TABLE_NAME, Retention::Unlimited)
    }

    /// A client that writes what no [`Table`] would.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The HTTP client that reaches the engine, to put a layer around.
    #[must_use]
    pub fn http(&self) -> SharedHttpClient {
        self.http.clone()
    }

    /// The table as it is reached through `http`, which may count, fail or wait. The SDK sends
    /// each call at most `attempts` times; 1: it never tries again by itself.
    #[must_use]
    pub fn table_through(&self, http: SharedHttpClient, attempts: u32) -> Table {
        let retries = RetryConfig::standard().with_max_attempts(attempts);
        let config = config(&self.endpoint).http_client(http).retry_config(retries);
        Table::new(Client::from_conf(config.build()), TABLE_NAME, Retention::Unlimited)
    }

    /// The table, metered.
    #[must_use]
    pub fn metered(&self) -> (Table, meter::Meter) {
        let meter = meter::Meter::default();
        (self.table_through(meter.around(self.http()), 1), meter)
    }
}

/// An HTTP client for services on loopback.
#[must_use]
pub fn plain_http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

/// A client of the engine at `endpoint`.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    Client::from_conf(config(endpoint).build())
}

/// The configuration of a client, to be changed further.
#[must_use]
pub fn config(endpoint: &str) -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(endpoint)
}

async fn create_table(client: &Client) -> Result<(), Error> {
    let mut create = client.create_table().table_name(TABLE_NAME);
    for name in ["pk", "sk", "dayPk", "daySk"] {
        create = create.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()?,
        );
    }
    create
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name("byDay")
                .key_schema(key("dayPk", KeyType::Hash)?)
                .key_schema(key("daySk", KeyType::Range)?)
                .projection(Projection::builder().projection_type(ProjectionType::All).build())
                .build()?,
        )
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?,
        )
        .send()
        .await?;
    Ok(())
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, Error> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(kind).build()?)
}
