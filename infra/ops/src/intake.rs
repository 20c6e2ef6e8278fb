//! What the jobs that take in facts work with, as `ingest` does.

use shared::domain::values::identity::PhoneKey;
use shared::intake::accounts::Accounts;
use shared::intake::orders::Orders;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Secret, Settings, aws};
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::vtex::{Timeouts, VtexApi};

/// How long the stack keeps facts; [`Table::from_settings`] reads it.
const RETENTION_DAYS: &str = "RETENTION_DAYS";
/// The system's secret, under which phone numbers are digested and secrets of accounts sealed.
pub const SYSTEM_SECRET: &str = "PHONE_KEY_SECRET";

/// The operator's environment, which must tell the retention.
///
/// The template gives it to the functions. An operator could forget it, and by the default whatever
/// is written would expire at a wrong time.
pub fn environment() -> Result<Settings<'static>, ConfigError> {
    let settings = Settings::environment();
    settings.required(RETENTION_DAYS)?;
    Ok(settings)
}

/// What facts are read and stored with.
#[derive(Debug, Clone)]
pub struct Intake {
    /// What is known of accounts.
    pub accounts: Accounts,
    /// The table, the clock, the secret of phone digests, and VTEX.
    pub orders: Orders,
}

impl Intake {
    /// Facts go to `table`; `system_secret` digests phone numbers and opens the keys of stores.
    #[must_use]
    pub fn new(table: Table, clock: Clock, system_secret: &Secret, api: VtexApi) -> Self {
        let sealing = SealingKey::derive(system_secret);
        let phone_key = PhoneKey::new(system_secret.expose());
        let accounts = Accounts::new(table.clone(), clock.clone(), sealing.clone());
        Self {
            accounts: accounts.clone(),
            orders: Orders { table, accounts, clock, phone_key, sealing, api },
        }
    }

    /// What the operator's environment names: the table and how long it keeps facts,
    /// `PHONE_KEY_SECRET`, and where VTEX is.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let settings = environment()?;
        let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
        let system_secret = settings.secret(SYSTEM_SECRET)?;
        let api = VtexApi::from_settings(&settings, Timeouts::PATIENT)?;
        Ok(Self::new(table, Clock::system(), &system_secret, api))
    }
}
