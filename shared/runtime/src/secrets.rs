//! Secrets: read when a function starts, kept, and read again after a while, so that a rotation
//! needs no deployment.
//!
//! In the cloud they are one secret of Secrets Manager, named by the setting `SECRET_ID`: a JSON
//! object of texts whose keys are the names of settings. Elsewhere the environment holds them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use futures::future::BoxFuture;

use crate::clock::Clock;
use crate::config::{ConfigError, Settings};
use domain::values::instant::Instant;
use telemetry::{Counter, count};

/// Names the secret; without it the environment holds the secrets.
const SECRET_ID: &str = "SECRET_ID";
/// How long secrets are used before they are read again. A rotation waits this long between two of
/// its steps, so that no instance is left that doesn't know the new one.
pub const REFRESH: Duration = Duration::from_mins(5);
/// How soon a reading that failed is tried again.
pub const RETRY: Duration = Duration::from_secs(30);
/// One reading, retries included. It happens within a request: long enough for a new connection,
/// short enough for the sender that waits.
const READING: Duration = Duration::from_secs(2);

/// Why the secrets can't be had. No message holds any part of one.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Secrets Manager didn't tell.
    #[error("the secret can't be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is no JSON object of texts. The parser's own words could quote it.
    #[error("the secret is not a JSON object of texts")]
    Shape,
    /// A setting is missing or unusable.
    #[error("a setting is missing or unusable")]
    Setting(#[source] ConfigError),
}

/// What secrets mean, as they were read last. Cheap to clone; clones share what was read.
pub struct Secrets<T>(Arc<Inner<T>>);

struct Inner<T> {
    source: Option<Source>,
    parse: Parse<T>,
    clock: Clock,
    held: RwLock<Held<T>>,
    /// Whoever holds it reads; the others go on with what is there.
    reading: tokio::sync::Mutex<()>,
}

struct Held<T> {
    value: Arc<T>,
    due: Instant,
}

/// What the settings mean.
pub type Parse<T> = fn(&Settings<'_>) -> Result<T, ConfigError>;

/// Reads the secret's text: from Secrets Manager, or from where a test keeps it.
pub type Source = Box<dyn Fn() -> BoxFuture<'static, Result<String, SecretsError>> + Send + Sync>;

impl<T> Clone for Secrets<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Secrets<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl<T> Secrets<T> {
    /// Secrets that never change: those of a test or of the local stack.
    #[must_use]
    pub fn fixed(value: Arc<T>) -> Self {
        let never = |_: &Settings<'_>| Err(ConfigError::Missing { name: SECRET_ID });
        Self::new(None, never, Clock::system(), value)
    }

    /// Reads the secret that the environment names, or the environment alone when it names none.
    /// `parse` sees the environment's settings with the secret's before them. An error ends the
    /// start: a function mustn't run without its secrets.
    pub async fn open(
        config: &SdkConfig,
        clock: Clock,
        parse: Parse<T>,
    ) -> Result<Self, SecretsError> {
        if let Some(id) = Settings::environment().optional(SECRET_ID) {
            return Self::from_source(secrets_manager(config, id), clock, parse).await;
        }
        let value = parse(&Settings::environment()).map_err(SecretsError::Setting)?;
        Ok(Self::new(None, parse, clock, Arc::new(value)))
    }

    /// Reads the secret from `source`, now and whenever it is due.
    pub async fn from_source(
        source: Source,
        clock: Clock,
        parse: Parse<T>,
    ) -> Result<Self, SecretsError> {
        let value = Arc::new(understood(&source().await?, parse)?);
        Ok(Self::new(Some(source), parse, clock, value))
    }

    fn new(source: Option<Source>, parse: Parse<T>, clock: Clock, value: Arc<T>) -> Self {
        let held = RwLock::new(Held { value, due: after(clock.now(), REFRESH) });
        Self(Arc::new(Inner { source, parse, clock, held, reading: tokio::sync::Mutex::new(()) }))
    }

    /// The secrets as they were read last, at most [`REFRESH`] ago if they could be read since.
    ///
    /// When they are due, one caller reads them again and the others go on with the old ones. A
    /// reading that fails changes nothing: it is counted (`SecretsUnreadable`) and tried again
    /// [`RETRY`] later.
    pub async fn current(&self) -> Arc<T> {
        let inner = &*self.0;
        let (value, due) = inner.held();
        let Some(source) = inner.source.as_ref().filter(|_| inner.clock.now() >= due) else {
            return value;
        };
        let Ok(_reading) = inner.reading.try_lock() else { return value };
        let (value, due) = inner.held();
        if inner.clock.now() < due {
            // Another caller read them between our look and the lock.
            return value;
        }
        let read = source().await.and_then(|text| understood(&text, inner.parse));
        let (value, again) = match read {
            Ok(newer) => (Arc::new(newer), REFRESH),
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "the secrets could not be read again");
                count(Counter::SecretsUnreadable, 1);
                (value, RETRY)
            }
        };
        let due = after(inner.clock.now(), again);
        *inner.held.write().unwrap_or_else(PoisonError::into_inner) =
            Held { value: Arc::clone(&value), due };
        value
    }
}

impl<T> Inner<T> {
    fn held(&self) -> (Arc<T>, Instant) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.value), held.due)
    }
}

fn understood<T>(text: &str, parse: Parse<T>) -> Result<T, SecretsError> {
    parse(&overlaid(text)?).map_err(SecretsError::Setting)
}

fn overlaid(text: &str) -> Result<Settings<'static>, SecretsError> {
    let values: HashMap<String, String> =
        serde_json::from_str(text).map_err(|_| SecretsError::Shape)?;
    Ok(Settings::environment().beneath(values))
}

fn after(now: Instant, wait: Duration) -> Instant {
    Instant::from_millis(
        now.millis().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
    )
}

fn secrets_manager(config: &SdkConfig, id: String) -> Source {
    let timeouts = TimeoutConfig::builder().operation_timeout(READING).build();
    let client = Client::from_conf(
        aws_sdk_secretsmanager::config::Builder::from(config).timeout_config(timeouts).build(),
    );
    Box::new(move || {
        let request = client.get_secret_value().secret_id(&id);
        Box::pin(async move {
            let answer = request.send().await.map_err(|error| SecretsError::Read(error.into()))?;
            // A binary secret has no text.
            answer.secret_string.ok_or(SecretsError::Shape)
        })
    })
}

#[cfg(test)]
mod tests;
