//! What the Admin changes: campaigns with their history, account settings, the signing secret; what
//! became of carts, and why; and the answer to requests that no route takes.
//!
//! - [`account`]: `/account`, `/account/signing-secret`; [`account::activity`]: `GET /account/activity`,
//! - [`list`]: `GET` and `POST /campaigns`,
//! - [`campaign`]: `GET` and `PATCH /campaigns/{id}`, pause and resume,
//! - [`history`]: `GET /campaigns/{id}/history`,
//! - [`account::vtex`]: the connection to the VTEX store, `/account/vtex`,
//! - [`account::whatsapp`], [`account::sending`]: what connects an account to `WhatsApp`, and how it sends,
//! - [`templates`]: `GET /templates`, `POST /templates/{language}/{messageType}`,
//! - [`opt_outs`]: `POST /opt-outs`, `/opt-outs/lookup`, `/opt-outs/remove`,
//! - [`carts`]: `GET /carts`, `GET /carts/{orderFormId}`, `POST /shoppers/carts`,
//! - [`test_message`]: `POST /campaigns/{id}/test`,
//! - [`unrouted`]: the catch-all route `$default`.
//!
//! Everything is read and written within the caller's own account (the token's), so nothing crosses
//! it: what belongs to another account is not found.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::store_hosts::StoreHosts;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Settings, aws};
use shared::runtime::random::Randomness;
use shared::runtime::sealing::SealingKey;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::web::api::AdminParts;
use shared::web::signature::SigningSecret;
use shared::web::{Principal, Problem, conventions};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub mod account;
pub mod campaign;
pub mod carts;
pub mod history;
pub mod list;
pub mod opt_outs;
pub mod templates;
pub mod test_message;
pub mod unrouted;
mod version;
mod whatsapp;

pub use account::vtex::Connector;
pub use whatsapp::Whatsapp;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Deps {
    table: Table,
    clock: Clock,
    randomness: Randomness,
    connector: Option<Arc<Connector>>,
    whatsapp: Option<Arc<Whatsapp>>,
    vetting: Vetting,
    /// What seals the secrets of accounts.
    sealing: SealingKey,
    /// Whether something runs that sends reminders: without it nobody can have the system send them.
    sends: bool,
}

impl Deps {
    /// The given ones, with the system's randomness and an operator who confirms what stores claim.
    #[must_use]
    pub fn new(table: Table, clock: Clock, sealing: SealingKey) -> Self {
        let (randomness, vetting) =
            (Randomness::system(), Vetting::ByOperator(StoreHosts::default()));
        let sends = false;
        Self { table, clock, randomness, connector: None, whatsapp: None, vetting, sealing, sends }
    }

    /// The same where a sender runs, or none does.
    #[must_use]
    pub fn with_sender(self, sends: bool) -> Self {
        Self { sends, ..self }
    }

    /// Refuses to have the system send what no sender would: campaigns would fall silent.
    fn require_sender(&self) -> Result<(), Problem> {
        let detail = "this system has no sender: reminders go out by the store's own";
        if self.sends { Ok(()) } else { Err(Problem::conflict("sender-missing", detail)) }
    }

    /// The same where others, or nobody, confirm what stores claim.
    #[must_use]
    pub fn with_vetting(self, vetting: Vetting) -> Self {
        Self { vetting, ..self }
    }

    /// The same with other randomness: ids and secrets are made of it.
    #[must_use]
    pub fn with_randomness(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// The table, for what a caller changes now.
    fn table_by(&self, by: &Principal) -> Table {
        self.table.by(&by.subject, self.clock.now())
    }

    /// A new signing secret.
    fn signing_secret(&self) -> Result<SigningSecret, Problem> {
        let random = self.randomness.bytes().map_err(Problem::unavailable)?;
        Ok(SigningSecret::from_bytes(random))
    }

    /// The same with a way to connect stores.
    #[must_use]
    pub fn with_connector(self, connector: Connector) -> Self {
        Self { connector: Some(Arc::new(connector)), ..self }
    }

    /// The same with a way to `WhatsApp`.
    #[must_use]
    pub fn with_whatsapp(self, whatsapp: Whatsapp) -> Self {
        Self { whatsapp: Some(Arc::new(whatsapp)), ..self }
    }

    /// Those that the environment names.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let config = aws::sdk_config(&settings).map_err(SecretsError::Setting)?;
        let clock = Clock::system();
        let keys = Secrets::open(&config, clock.clone(), keys).await?.current().await;
        let deps = || {
            let table = Table::from_settings(&settings, &config)?;
            let connector = Connector::from_settings(&settings)?;
            let vetting = Vetting::ByOperator(store_hosts(&settings)?);
            let (sealing, phone_key) = &*keys;
            let whatsapp = Whatsapp::from_settings(&settings, phone_key.clone())?;
            // The template deploys the sender beside this function.
            let deps = Self::new(table, clock, sealing.clone()).with_sender(true);
            Ok(deps.with_connector(connector).with_whatsapp(whatsapp).with_vetting(vetting))
        };
        deps().map_err(SecretsError::Setting)
    }

    /// Opens the connections before the first request needs them.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

/// The keys that follow from the system's secret, which never changes.
fn keys(settings: &Settings<'_>) -> Result<(SealingKey, PhoneKey), ConfigError> {
    let secret = settings.secret("PHONE_KEY_SECRET")?;
    Ok((SealingKey::derive(&secret), PhoneKey::new(secret.expose())))
}

/// The hosts at which a store's address is believed; none where nothing names any.
fn store_hosts(settings: &Settings<'_>) -> Result<StoreHosts, ConfigError> {
    const NAME: &str = "STORE_URL_SUFFIXES";
    let expected = "a comma list of hosts such as shop.example or *.shops.example";
    let hosts = settings.optional(NAME).unwrap_or_default();
    StoreHosts::parse(&hosts).map_err(|_| ConfigError::Invalid { name: NAME, expected })
}

#[derive(OpenApi)]
#[openapi(modifiers(&AdminParts))]
struct ApiDocument;

fn api() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(account::get_account, account::put_account))
        .routes(routes!(account::add_signing_secret))
        .routes(routes!(account::activity::list_activity))
        .routes(routes!(account::vtex::get_vtex, account::vtex::connect_vtex))
        .routes(routes!(
            account::whatsapp::get_whatsapp,
            account::whatsapp::put_whatsapp,
            account::whatsapp::delete_whatsapp
        ))
        .routes(routes!(account::sending::get_sending, account::sending::put_sending))
        .routes(routes!(templates::list_templates))
        .routes(routes!(templates::create_template))
        .routes(routes!(opt_outs::add_opt_out))
        .routes(routes!(opt_outs::look_up_opt_out))
        .routes(routes!(opt_outs::remove_opt_out))
        .routes(routes!(carts::list::list_carts))
        .routes(routes!(carts::explanation::get_cart))
        .routes(routes!(carts::lookup::look_up_carts))
        .routes(routes!(test_message::send_test_message))
        .routes(routes!(list::list_campaigns, list::create_campaign))
        .routes(routes!(campaign::get_campaign, campaign::edit_campaign))
        .routes(routes!(campaign::pause_campaign))
        .routes(routes!(campaign::resume_campaign))
        .routes(routes!(history::get_history))
}

/// The function's routes, and the answer to whatever has none.
pub fn router(deps: Deps) -> Router {
    let (router, _) = api().with_state(deps).split_for_parts();
    conventions(router.layer(from_fn(unrouted::judged)))
}

/// The function's part of the API document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_hosts_that_are_believed_come_from_the_environment() {
        let of = |value: &'static str| store_hosts(&Settings::of(&[("STORE_URL_SUFFIXES", value)]));
        assert_eq!(of("*.shops.example").unwrap(), StoreHosts::parse("*.shops.example").unwrap());
        assert_eq!(of("").unwrap(), StoreHosts::default());
        assert!(of("https://shop.example/").is_err());
    }
}
