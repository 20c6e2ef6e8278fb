//! Everything that the endpoints work with, and which of it each one is given.

use std::sync::Arc;

use axum::extract::FromRef;
use shared::intake::accounts::Accounts;
use shared::runtime::clock::Clock;
use shared::runtime::config::Settings;
use shared::runtime::config::aws::sdk_config;
use shared::runtime::random::Randomness;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::Table;
use shared::vtex::{Timeouts, VtexApi};

use crate::aside_replay::{LOOKED_AT, Replays, TRIED, WITHIN};
use crate::carts::Carts;
use crate::config::Config;
use crate::events::Events;
use crate::front_pages::FrontPages;
use crate::links::Links;
use crate::replay::Bounds;
use crate::sends::Sends;
use crate::vtex::{OrderHook, VtexAccess};
use crate::whatsapp::Webhook;

/// Everything that the endpoints work with. Cheap to clone; clones share what they read of accounts.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The table.
    pub table: Table,
    /// What is known of accounts.
    pub accounts: Accounts,
    clock: Clock,
    /// Settings as they were at the start.
    config: Arc<Config>,
    /// Settings with the secrets as they are now.
    secrets: Secrets<Config>,
    randomness: Randomness,
    front_pages: FrontPages,
    hook: OrderHook,
    carts: Carts,
    /// How far one call of a replay goes.
    replay: Bounds,
}

impl Deps {
    /// Endpoints on `table`, with the system's randomness and VTEX itself.
    #[must_use]
    pub fn new(table: Table, clock: Clock, config: Config) -> Self {
        let config = Arc::new(config);
        let vtex = VtexAccess::new(VtexApi::cloud(Timeouts::HOOK));
        Self::with(table, clock, Arc::clone(&config), Secrets::fixed(config), vtex)
    }

    fn with(
        table: Table,
        clock: Clock,
        config: Arc<Config>,
        secrets: Secrets<Config>,
        vtex: VtexAccess,
    ) -> Self {
        let accounts = Accounts::new(table.clone(), clock.clone(), config.sealing.clone());
        let hook = OrderHook::new(vtex, &table, &clock, &accounts, &config);
        let (randomness, front_pages) = (Randomness::system(), FrontPages::new(clock.clone()));
        let (key, sealing) = (config.phone_key.clone(), config.sealing.clone());
        let carts = Carts::new(table.clone(), clock.clone(), key, sealing);
        let replay = Bounds { tried: TRIED, looked_at: LOOKED_AT, within: WITHIN };
        Self {
            table,
            accounts,
            clock,
            config,
            secrets,
            randomness,
            front_pages,
            hook,
            carts,
            replay,
        }
    }

    /// The same with another source of randomness.
    #[must_use]
    pub fn with_randomness(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// The same with another way to VTEX.
    #[must_use]
    pub fn with_vtex(self, vtex: VtexAccess) -> Self {
        let hook = OrderHook::new(vtex, &self.table, &self.clock, &self.accounts, &self.config);
        Self { hook, ..self }
    }

    /// The same with secrets that change.
    #[must_use]
    pub fn with_secrets(self, secrets: Secrets<Config>) -> Self {
        Self { secrets, ..self }
    }

    /// The same where one call of a replay goes as far as this.
    #[must_use]
    pub fn with_replay(self, replay: Bounds) -> Self {
        Self { replay, ..self }
    }

    /// Opens the connection before the first request needs it.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }

    /// What the environment of the Lambda names.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let aws = sdk_config(&settings).map_err(SecretsError::Setting)?;
        let clock = Clock::system();
        let secrets = Secrets::open(&aws, clock.clone(), Config::from_settings).await?;
        let table = Table::from_settings(&settings, &aws).map_err(SecretsError::Setting)?;
        let vtex = VtexAccess::from_settings(&settings).map_err(SecretsError::Setting)?;
        let config = secrets.current().await;
        Ok(Self::with(table, clock, config, secrets, vtex))
    }
}

impl FromRef<Deps> for Table {
    fn from_ref(deps: &Deps) -> Self {
        deps.table.clone()
    }
}

impl FromRef<Deps> for Carts {
    fn from_ref(deps: &Deps) -> Self {
        deps.carts.clone()
    }
}

impl FromRef<Deps> for Links {
    fn from_ref(deps: &Deps) -> Self {
        Self {
            table: deps.table.clone(),
            clock: deps.clock.clone(),
            front_pages: deps.front_pages.clone(),
        }
    }
}

impl FromRef<Deps> for OrderHook {
    fn from_ref(deps: &Deps) -> Self {
        deps.hook.clone()
    }
}

impl FromRef<Deps> for Replays {
    fn from_ref(deps: &Deps) -> Self {
        Self {
            orders: deps.hook.orders(),
            randomness: deps.randomness.clone(),
            bounds: deps.replay,
        }
    }
}

impl FromRef<Deps> for Webhook {
    fn from_ref(deps: &Deps) -> Self {
        Self {
            secrets: deps.secrets.clone(),
            table: deps.table.clone(),
            accounts: deps.accounts.clone(),
            clock: deps.clock.clone(),
            phone_key: deps.config.phone_key.clone(),
        }
    }
}

impl FromRef<Deps> for Events {
    fn from_ref(deps: &Deps) -> Self {
        Self {
            table: deps.table.clone(),
            accounts: deps.accounts.clone(),
            clock: deps.clock.clone(),
            phone_key: deps.config.phone_key.clone(),
            carts: deps.carts.clone(),
        }
    }
}

impl FromRef<Deps> for Sends {
    fn from_ref(deps: &Deps) -> Self {
        Self {
            table: deps.table.clone(),
            accounts: deps.accounts.clone(),
            clock: deps.clock.clone(),
            randomness: deps.randomness.clone(),
            front_pages: deps.front_pages.clone(),
            public_url: deps.config.public_url.clone(),
        }
    }
}
