//! The three services that the functions use, each on a loopback port of its own, and real SDK clients for them.

mod dynamodb;
mod s3;
mod ses;
mod simulator;
mod table;

use std::{path::Path, sync::Arc};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use dynoxide::Database;
use shared::runtime::clock::Clock;

use crate::{
    events::Bus,
    mailbox::Mailbox,
    serve::{Server, loopback, serve_router},
    template::TableDefinition,
};

/// The one table.
pub const TABLE_NAME: &str = "campaigns";
/// The bucket of the reports.
pub const REPORT_BUCKET: &str = "reports";

const ACCESS_KEY: &str = "local";
const SECRET_KEY: &str = "local-secret";
const REGION: &str = "us-east-1";

/// Why the services can't run.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// The data directory can't be made.
    #[error("can't make the data directory")]
    Directory(#[source] std::io::Error),
    /// The data directory's name is no UTF-8.
    #[error("the data directory's name is not UTF-8")]
    Path,
    /// No loopback port could be had.
    #[error("can't listen on a loopback port")]
    Listen(#[source] std::io::Error),
    /// The database file can't be opened.
    #[error("can't open the database")]
    Database(#[source] dynoxide::DynoxideError),
    /// The database file can't be indexed.
    #[error("can't index the stream")]
    Index(#[source] rusqlite::Error),
    /// The S3 directory can't be served.
    #[error("can't serve S3: {0}")]
    S3(String),
    /// The table can't be created.
    #[error("can't create the table")]
    Table(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bucket can't be created.
    #[error("can't create the bucket")]
    Bucket(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// SDK clients for the running services.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// DynamoDB's streams; no function uses them, tests look at them.
    pub dynamodb_streams: aws_sdk_dynamodbstreams::Client,
    /// S3.
    pub s3: aws_sdk_s3::Client,
    /// SES v1.
    pub ses: aws_sdk_ses::Client,
}

/// The running services.
pub(crate) struct Aws {
    pub(crate) clients: Clients,
    pub(crate) mailbox: Arc<Mailbox>,
    dynamodb: dynamodb::DynamoDb,
    s3: Server,
    ses: Server,
}

impl Aws {
    /// Starts all three on the data in `directory` and makes what template.yaml makes in the cloud.
    pub(crate) async fn start(
        directory: &Path,
        table: &TableDefinition,
        mailbox: Arc<Mailbox>,
        bus: Arc<Bus>,
        clock: Clock,
    ) -> Result<Self, AwsError> {
        let dynamodb = dynamodb::DynamoDb::start(&directory.join("dynamodb.sqlite"), clock).await?;
        let s3 = s3::start(&directory.join("s3")).await?;
        let listener = loopback().await.map_err(AwsError::Listen)?;
        let ses = serve_router(listener, ses::router(Arc::clone(&mailbox), bus))
            .map_err(AwsError::Listen)?;
        let clients = clients(&dynamodb.endpoint, &s3.base_url(), &ses.base_url());
        table::ensure(&clients.dynamodb, table).await?;
        ensure_bucket(&clients.s3).await?;
        Ok(Self { clients, mailbox, dynamodb, s3, ses })
    }

    /// The embedded engine, for the stream poller.
    pub(crate) fn database(&self) -> Database {
        self.dynamodb.database.clone()
    }

    pub(crate) async fn stop(self) {
        self.dynamodb.stop().await;
        self.s3.stop().await;
        self.ses.stop().await;
    }
}

/// S3 alone over a directory, for measurements.
pub struct LocalS3(Server);

impl LocalS3 {
    /// Serves the buckets in `root`.
    pub async fn start(root: &Path) -> Result<Self, AwsError> {
        s3::start(root).await.map(Self)
    }

    /// Where it is reached.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.0.base_url()
    }
}

/// SES alone, for measurements.
pub struct LocalSes(Server);

impl LocalSes {
    /// Keeps the mails in `directory`.
    pub async fn start(directory: &Path, clock: Clock) -> Result<Self, AwsError> {
        let mailbox = Mailbox::open(directory, clock).map_err(AwsError::Listen)?;
        let listener = loopback().await.map_err(AwsError::Listen)?;
        let router = ses::router(Arc::new(mailbox), Arc::default());
        serve_router(listener, router).map(Self).map_err(AwsError::Listen)
    }

    /// Where it is reached.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.0.base_url()
    }
}

/// SDK clients of services at these addresses, with the static credentials that the local ones accept or ignore.
#[must_use]
pub fn clients(dynamodb: &str, s3: &str, ses: &str) -> Clients {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
    let config = aws_types::SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let streams =
        aws_sdk_dynamodbstreams::config::Builder::from(&config).endpoint_url(dynamodb).build();
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config).endpoint_url(dynamodb).build();
    // Buckets are no host names on loopback.
    let s3 =
        aws_sdk_s3::config::Builder::from(&config).endpoint_url(s3).force_path_style(true).build();
    let ses = aws_sdk_ses::config::Builder::from(&config).endpoint_url(ses).build();
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        dynamodb_streams: aws_sdk_dynamodbstreams::Client::from_conf(streams),
        s3: aws_sdk_s3::Client::from_conf(s3),
        ses: aws_sdk_ses::Client::from_conf(ses),
    }
}

async fn ensure_bucket(s3: &aws_sdk_s3::Client) -> Result<(), AwsError> {
    if s3.head_bucket().bucket(REPORT_BUCKET).send().await.is_ok() {
        return Ok(());
    }
    s3.create_bucket()
        .bucket(REPORT_BUCKET)
        .send()
        .await
        .map(drop)
        .map_err(|error| AwsError::Bucket(error.into()))
}
