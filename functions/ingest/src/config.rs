//! Settings of the function.

use shared::domain::values::identity::PhoneKey;
use shared::runtime::config::{ConfigError, Secret, Settings};
use shared::runtime::sealing::SealingKey;

/// Settings of the function.
#[derive(Debug, Clone)]
pub struct Config {
    /// Secrets of the `WhatsApp` app: several during a rotation.
    pub whatsapp_app_secrets: Vec<Secret>,
    /// The word that `WhatsApp`'s handshake must say.
    pub whatsapp_verify_token: Secret,
    /// The secret under which phone numbers are digested.
    pub phone_key: PhoneKey,
    /// What opens the secrets of accounts.
    pub sealing: SealingKey,
    /// The base of tracked links, without the slash at its end.
    pub public_url: String,
}

impl Config {
    /// Reads the settings.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let system_secret = settings.secret("PHONE_KEY_SECRET")?;
        Ok(Self {
            whatsapp_app_secrets: settings.secrets("WHATSAPP_APP_SECRETS")?,
            whatsapp_verify_token: settings.secret("WHATSAPP_VERIFY_TOKEN")?,
            phone_key: PhoneKey::new(system_secret.expose()),
            sealing: SealingKey::derive(&system_secret),
            public_url: settings.base_url("PUBLIC_URL")?,
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
