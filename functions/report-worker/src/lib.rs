//! What becomes of a report request: its file is built, written to S3 and mailed (R10).
//!
//! - [`attempt`]: one attempt at one report, from the claim to the mail,
//! - [`build`]: the file,
//! - [`mail`]: the message,
//! - `handover`: how it is given to the mail service; `failure`: why an attempt fails,
//! - [`feedback`]: what the mail service tells of it afterwards,
//! - `recipient`: whether its recipient wants it, and how they are asked,
//! - [`pause`]: how it waits where the file is not what the metrics count,
//! - [`erasure`]: shoppers' erasures, which are woken the same way,
//! - [`tick`]: what the schedule does every 15 minutes.
//!
//! A report is mailed at least once: the mail service has no idempotency token, so a crash
//! between its yes and our note of it mails a second copy after [`report::LEASE`]. The other side
//! of that crash would be a report that never comes. Such second copies are counted before they
//! are sent (`ReportsMailedTwicePossible`). Nothing tells a mail program that they are one: SES
//! gives each message a `Message-ID` and a `Date` of its own.
//!
//! [`report::LEASE`]: shared::domain::reports::report::LEASE

use std::sync::Arc;

use aws_types::SdkConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Settings, aws};
use shared::runtime::random::Randomness;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::stream::{EventName, StreamEvent, StreamResponse};
use shared::store::{StoreError, Table, key};

use build::WorkbookLimits;
use feedback::MailEvent;
use pause::Pause;

pub mod attempt;
pub mod build;
mod clients;
pub mod erasure;
mod failure;
pub mod feedback;
mod handover;
pub mod mail;
pub mod pause;
mod recipient;
pub mod tick;

/// What the worker needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Deps {
    table: Table,
    /// The secret under which erased values are marked.
    phone_key: PhoneKey,
    s3: aws_sdk_s3::Client,
    bucket: Arc<str>,
    ses: aws_sdk_ses::Client,
    mail_from: EmailAddress,
    configuration_set: Option<Arc<str>>,
    public_url: Arc<str>,
    clock: Clock,
    randomness: Randomness,
    pause: Pause,
    attachment_bytes: u64,
    workbook_limits: WorkbookLimits,
}

impl Deps {
    /// The given ones. `phone_key` is the secret under which erased values are marked; `public_url` is the
    /// base of download links, without a slash at its end.
    #[must_use]
    pub fn new(
        (table, phone_key): (Table, PhoneKey),
        s3: aws_sdk_s3::Client,
        bucket: &str,
        ses: aws_sdk_ses::Client,
        mail_from: EmailAddress,
        public_url: &str,
        clock: Clock,
    ) -> Self {
        Self {
            table,
            phone_key,
            s3,
            bucket: bucket.into(),
            ses,
            mail_from,
            configuration_set: None,
            public_url: public_url.into(),
            clock,
            randomness: Randomness::system(),
            pause: Pause::system(),
            attachment_bytes: limits::REPORT_ATTACHMENT_BYTES,
            workbook_limits: WorkbookLimits::default(),
        }
    }

    /// The same with another limit of what a mail carries.
    #[must_use]
    pub fn with_attachment_bytes(self, attachment_bytes: u64) -> Self {
        Self { attachment_bytes, ..self }
    }

    /// The same with other limits of a workbook.
    #[must_use]
    pub fn with_workbook_limits(self, workbook_limits: WorkbookLimits) -> Self {
        Self { workbook_limits, ..self }
    }

    /// The same whose mails name SES's configuration set, which tells what becomes of them.
    #[must_use]
    pub fn with_configuration_set(self, name: &str) -> Self {
        Self { configuration_set: Some(name.into()), ..self }
    }

    /// The same with another way to wait.
    #[must_use]
    pub fn with_pause(self, pause: Pause) -> Self {
        Self { pause, ..self }
    }

    /// Those that the environment names.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let config = aws::sdk_config(&settings).map_err(SecretsError::Setting)?;
        // The one secret that is never rotated: what is read now stays right.
        let phone_key = Secrets::open(&config, Clock::system(), phone_key).await?.current().await;
        Self::from_settings(&settings, &config, (*phone_key).clone()).map_err(SecretsError::Setting)
    }

    fn from_settings(
        settings: &Settings<'_>,
        config: &SdkConfig,
        phone_key: PhoneKey,
    ) -> Result<Self, ConfigError> {
        const MAIL_FROM: &str = "MAIL_FROM";
        let mail_from = EmailAddress::parse(&settings.required(MAIL_FROM)?).map_err(|_| {
            ConfigError::Invalid { name: MAIL_FROM, expected: "one e-mail address" }
        })?;
        Ok(Self::new(
            (Table::from_settings(settings, config)?, phone_key),
            clients::s3(config),
            &settings.required("REPORT_BUCKET")?,
            clients::ses(config),
            mail_from,
            &settings.base_url("PUBLIC_URL")?,
            Clock::system(),
        )
        .with_configuration_set(&settings.required("MAIL_CONFIGURATION_SET")?))
    }

    /// Opens the connections before the first report needs them.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

fn phone_key(settings: &Settings<'_>) -> Result<PhoneKey, ConfigError> {
    settings.required("PHONE_KEY_SECRET").map(PhoneKey::new)
}

/// What wakes the worker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub enum WorkerEvent {
    /// The schedule: as of now, or of the instant given.
    Tick(Option<Instant>),
    /// Reports and erasures that wait to be started.
    Stream(StreamEvent),
    /// What became of a mail.
    Mail(MailEvent),
}

/// An event that is neither a stream's nor the schedule's nor of a mail.
#[derive(Debug, thiserror::Error)]
pub enum UnknownEvent {
    /// `tick` is neither `true` nor an instant.
    #[error("tick must be true or an RFC 3339 instant")]
    Tick,
    /// It has no `Records`.
    #[error("the event is neither a tick nor a stream's nor of a mail")]
    Shape,
    /// It is of a mail and can't be read.
    #[error("the event of a mail can't be read")]
    Mail(#[source] serde_json::Error),
    /// Its records can't be read.
    #[error("the stream event can't be read")]
    Stream(#[source] serde_json::Error),
}

impl TryFrom<Value> for WorkerEvent {
    type Error = UnknownEvent;

    fn try_from(event: Value) -> Result<Self, UnknownEvent> {
        match event.get("tick") {
            Some(Value::Bool(true)) => Ok(Self::Tick(None)),
            Some(Value::String(at)) => Instant::parse_rfc3339(at)
                .map(|at| Self::Tick(Some(at)))
                .map_err(|_| UnknownEvent::Tick),
            Some(_) => Err(UnknownEvent::Tick),
            None if event.get("source").is_some_and(|source| source == "aws.ses") => {
                serde_json::from_value(event).map(Self::Mail).map_err(UnknownEvent::Mail)
            }
            None if event.get("Records").is_none() => Err(UnknownEvent::Shape),
            None => serde_json::from_value(event).map(Self::Stream).map_err(UnknownEvent::Stream),
        }
    }
}

/// Why an event wasn't handled. It comes again.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// A tick couldn't do all that was due.
    #[error("the tick did not do all that was due")]
    Tick(#[source] tick::TickError),
    /// What became of a mail couldn't be noted.
    #[error("what became of a mail could not be noted")]
    Mail(#[source] StoreError),
}

/// Handles one event.
///
/// A batch of the stream never fails: what goes wrong with a report is noted on the report, and
/// the tick brings it back. A second delivery of a record finds its report claimed and does
/// nothing.
///
/// # Errors
/// When a tick couldn't do all that was due, which the next one does, or a mail's event couldn't be
/// noted.
pub async fn handle(deps: &Deps, event: WorkerEvent) -> Result<Value, HandleError> {
    match event {
        WorkerEvent::Tick(at) => {
            let ticked = tick::tick(deps, at.unwrap_or_else(|| deps.clock.now())).await;
            ticked.map(|ticked| json!(ticked)).map_err(HandleError::Tick)
        }
        WorkerEvent::Mail(event) => {
            let noted = feedback::note(deps, &event).await.map_err(HandleError::Mail)?;
            Ok(json!({"noted": noted}))
        }
        WorkerEvent::Stream(event) => {
            for record in &event.records {
                if record.dynamodb.new_image.is_none() || record.event_name == EventName::Remove {
                    continue;
                }
                let key = record.key("pk").zip(record.key("sk"));
                if let Some((account, id)) = key.and_then(|(pk, sk)| key::parse_report(pk, sk)) {
                    attempt::attempt(deps, &account, &id).await;
                } else if let Some((account, id)) =
                    key.and_then(|(pk, sk)| key::parse_erasure(pk, sk))
                {
                    Box::pin(erasure::run(deps, &account, &id)).await;
                } else {
                    tracing::error!("a record of the stream is no report's: passed");
                }
            }
            for record in &event.unreadable {
                tracing::error!(reason = record.reason, "a record can't be read: passed");
            }
            Ok(json!(StreamResponse::done(event.state)))
        }
    }
}
