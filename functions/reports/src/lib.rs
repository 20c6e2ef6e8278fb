//! What the Admin asks of reports: request one, follow it, fetch it, have it come by itself.
//!
//! - [`request`]: `POST /reports`,
//! - [`list`]: `GET /reports` and `GET /reports/{id}`,
//! - [`download`]: `GET /reports/{id}/download`, and `GET /d/{token}`, the link in a mail,
//! - [`schedules`]: the `/report-schedules`,
//! - [`confirm`]: `/c/{token}`, by which somebody says that they want the account's reports,
//! - [`unsubscribe`]: `/u/{token}`, by which a recipient ends the account's mails, and wishes for
//!   them again,
//! - [`erasure`]: `POST /shoppers/erase` and `GET /shoppers/erasures/{id}`.
//!
//! Nothing is built or erased here: the report worker does, woken by the stored request.

use std::sync::Arc;

use aws_sdk_s3::Client;
use axum::Router;
use shared::domain::values::identity::PhoneKey;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Settings, aws};
use shared::runtime::random::Randomness;
use shared::runtime::secrets::{Secrets, SecretsError};
use shared::store::Table;
use shared::web::api::AdminParts;
use shared::web::{Problem, conventions};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub mod confirm;
pub mod download;
pub mod erasure;
pub mod list;
mod recipient_page;
pub mod request;
pub mod schedules;
pub mod unsubscribe;
mod wanted;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Deps {
    table: Table,
    s3: Client,
    bucket: Arc<str>,
    clock: Clock,
    phone_key: PhoneKey,
    randomness: Randomness,
}

impl Deps {
    /// The given ones, with the system's randomness. `phone_key` is the secret under which phone
    /// numbers are digested.
    #[must_use]
    pub fn new(table: Table, s3: Client, bucket: &str, clock: Clock, phone_key: PhoneKey) -> Self {
        let randomness = Randomness::system();
        Self { table, s3, bucket: bucket.into(), clock, phone_key, randomness }
    }

    /// The same with other randomness: ids are made of it.
    #[must_use]
    pub fn with_randomness(self, randomness: Randomness) -> Self {
        Self { randomness, ..self }
    }

    /// The random part of a new id.
    fn random<const N: usize>(&self) -> Result<[u8; N], Problem> {
        self.randomness.bytes().map_err(Problem::unavailable)
    }

    /// Those that the environment names.
    pub async fn from_env() -> Result<Self, SecretsError> {
        let settings = Settings::environment();
        let config = aws::sdk_config(&settings).map_err(SecretsError::Setting)?;
        let clock = Clock::system();
        // The one secret that is never rotated: what is read now stays right.
        let phone_key = Secrets::open(&config, clock.clone(), phone_key).await?.current().await;
        let table = Table::from_settings(&settings, &config).map_err(SecretsError::Setting)?;
        let bucket = settings.required("REPORT_BUCKET").map_err(SecretsError::Setting)?;
        Ok(Self::new(table, Client::new(&config), &bucket, clock, (*phone_key).clone()))
    }

    /// Opens the connections before the first request needs them.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

fn phone_key(settings: &Settings<'_>) -> Result<PhoneKey, ConfigError> {
    settings.required("PHONE_KEY_SECRET").map(PhoneKey::new)
}

#[derive(OpenApi)]
#[openapi(modifiers(&AdminParts))]
struct ApiDocument;

fn api() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(list::list_reports, request::request_report))
        .routes(routes!(list::get_report))
        .routes(routes!(download::get_download))
        .routes(routes!(download::follow_mailed_link))
        .routes(routes!(schedules::list_schedules, schedules::create_schedule))
        .routes(routes!(schedules::pause_schedule))
        .routes(routes!(schedules::resume_schedule))
        .routes(routes!(schedules::edit::edit_schedule, schedules::delete_schedule))
        .routes(routes!(erasure::erase_shopper))
        .routes(routes!(erasure::get_erasure))
        .routes(routes!(unsubscribe::ask, unsubscribe::unsubscribe))
        .routes(routes!(unsubscribe::receive_again))
        .routes(routes!(confirm::ask, confirm::confirm))
}

/// The function's routes.
pub fn router(deps: Deps) -> Router {
    let (router, _) = api().with_state(deps).split_for_parts();
    conventions(router)
}

/// The function's part of the API document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}
