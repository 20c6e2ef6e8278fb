//! What the handlers work with.

use std::sync::Arc;

use shared::domain::values::identity::PhoneKey;
use shared::runtime::clock::Clock;
use shared::runtime::config::aws::sdk_config;
use shared::runtime::config::{ConfigError, Secret, Settings};
use shared::runtime::random::Randomness;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::Table;
use shared::vtex::{Timeouts, VtexApi};

use crate::accounts::Known;
use crate::vtex::Vtex;

/// Settings of the function.
#[derive(Debug, Clone)]
pub struct Config {
    /// Secrets of the `WhatsApp` app: several during a rotation.
    pub whatsapp_app_secrets: Vec<Secret>,
    /// The word that `WhatsApp`'s handshake must say.
    pub whatsapp_verify_token: Secret,
    /// The secret under which phone numbers are digested.
    pub phone_key: PhoneKey,
    /// The base of tracked links, without the slash at its end.
    pub public_url: String,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// When one is missing or unusable.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            whatsapp_app_secrets: settings.secrets("WHATSAPP_APP_SECRETS")?,
            whatsapp_verify_token: settings.secret("WHATSAPP_VERIFY_TOKEN")?,
            phone_key: PhoneKey::new(settings.required("PHONE_KEY_SECRET")?),
            public_url: settings.base_url("PUBLIC_URL")?,
        })
    }
}

/// What the handlers work with. Cheap to clone; clones share what they learned of accounts.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The table.
    pub table: Table,
    /// The clock.
    pub clock: Clock,
    /// Settings as they were at the start: what rotates is asked of [`secrets`](Self::secrets).
    pub config: Arc<Config>,
    rotating: Secrets<Config>,
    /// Where the tokens of tracked links are drawn from.
    pub randomness: Randomness,
    pub(crate) known: Arc<Known>,
    pub(crate) vtex: Arc<Vtex>,
}

impl Deps {
    /// Handlers on `table`, with the system's randomness.
    #[must_use]
    pub fn new(table: Table, clock: Clock, config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            table,
            clock,
            rotating: Secrets::fixed(Arc::clone(&config)),
            config,
            randomness: Randomness::system(),
            known: Arc::default(),
            vtex: Arc::new(Vtex::new(VtexApi::cloud(Timeouts::HOOK))),
        }
    }

    /// The same with another source of randomness.
    #[must_use]
    pub fn with_randomness(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// The same with another way to VTEX.
    #[must_use]
    pub fn with_vtex(self, vtex: Vtex) -> Self {
        Self { vtex: Arc::new(vtex), ..self }
    }

    /// The same with secrets that change.
    #[must_use]
    pub fn with_secrets(self, rotating: Secrets<Config>) -> Self {
        Self { rotating, ..self }
    }

    /// The settings with the secrets that are valid now; a request asks once.
    pub(crate) async fn secrets(&self) -> Arc<Config> {
        self.rotating.current().await
    }

    /// Opens the connection before the first request needs it.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }

    /// What an operator's environment names: the table and the secret of phone digests, which is
    /// all that a replay and a catch-up need beside VTEX. Nothing that came from outside is
    /// verified with these.
    ///
    /// # Errors
    /// When a setting is missing or unusable.
    pub fn of_operator() -> Result<Self, ConfigError> {
        let settings = Settings::environment();
        let table = Table::from_settings(&settings, &sdk_config(&settings)?)?;
        let config = Config {
            whatsapp_app_secrets: Vec::new(),
            whatsapp_verify_token: Secret::new(String::new()),
            phone_key: PhoneKey::new(settings.required("PHONE_KEY_SECRET")?),
            public_url: String::new(),
        };
        let vtex = Vtex::new(VtexApi::from_settings(&settings, Timeouts::PATIENT)?);
        Ok(Self::new(table, Clock::system(), config).with_vtex(vtex))
    }

    /// What the environment of the Lambda names.
    ///
    /// # Errors
    /// When a setting is missing or unusable, or the secrets can't be read.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let aws = sdk_config(&settings).map_err(SecretsError::Setting)?;
        let clock = Clock::system();
        let rotating = Secrets::open(&aws, clock.clone(), Config::from_settings).await?;
        let table = Table::from_settings(&settings, &aws).map_err(SecretsError::Setting)?;
        let vtex = Vtex::from_settings(&settings).map_err(SecretsError::Setting)?;
        let config = rotating.current().await;
        Ok(Self {
            table,
            clock,
            config,
            rotating,
            randomness: Randomness::system(),
            known: Arc::default(),
            vtex: Arc::new(vtex),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn settings_are_read_and_shown_to_nobody() {
        let mut pairs = vec![
            ("WHATSAPP_APP_SECRETS", "new-secret, old-secret"),
            ("WHATSAPP_VERIFY_TOKEN", "verify-secret"),
            ("PHONE_KEY_SECRET", "phone-secret"),
            ("PUBLIC_URL", "https://links.example/"),
        ];
        let config = Config::from_settings(&Settings::of(&pairs)).unwrap();
        assert_eq!(config.whatsapp_app_secrets.len(), 2);
        assert_eq!(config.public_url, "https://links.example");
        assert!(!format!("{config:?}").contains("secret\""), "{config:?}");
        assert!(!format!("{config:?}").contains("-secret"), "{config:?}");
        let (name, _) = pairs.remove(2);
        let missing = Config::from_settings(&Settings::of(&pairs)).unwrap_err();
        assert_eq!(missing, ConfigError::Missing { name });
    }
}
