//! What the Admin asks of reports: request one, follow it, fetch it, have it come by itself.
//!
//! - [`request`]: `POST /reports`,
//! - [`list`]: `GET /reports` and `GET /reports/{id}`,
//! - [`download`]: `GET /reports/{id}/download`, and `GET /d/{token}`, the link in a mail,
//! - [`schedules`]: the `/report-schedules`.
//!
//! Nothing is built here: the report worker does, woken by the stored request.

use std::sync::Arc;

use aws_sdk_s3::Client;
use axum::Router;
use shared::clock::Clock;
use shared::config::{ConfigError, Settings, aws};
use shared::store::Table;
use shared::web::api::AdminParts;
use shared::web::{Problem, conventions};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub mod download;
pub mod list;
pub mod request;
pub mod schedules;
mod wanted;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Deps {
    table: Table,
    s3: Client,
    bucket: Arc<str>,
    clock: Clock,
}

impl Deps {
    /// The given ones. `s3` signs links and sends nothing.
    #[must_use]
    pub fn new(table: Table, s3: Client, bucket: &str, clock: Clock) -> Self {
        Self { table, s3, bucket: bucket.into(), clock }
    }

    /// Those that the environment names.
    ///
    /// # Errors
    /// When a setting is missing or unusable.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let settings = Settings::environment();
        let config = aws::sdk_config().await;
        let table = Table::from_settings(&settings, &config)?;
        let bucket = settings.required("REPORT_BUCKET")?;
        Ok(Self::new(table, Client::new(&config), &bucket, Clock::system()))
    }

    /// Opens the connections before the first request needs them.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

/// The random part of a new id.
fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Problem::unavailable)?;
    Ok(bytes)
}

#[derive(OpenApi)]
#[openapi(modifiers(&AdminParts))]
struct Document;

fn api() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list::list_reports, request::request_report))
        .routes(routes!(list::get_report))
        .routes(routes!(download::get_download))
        .routes(routes!(download::follow_mailed_link))
        .routes(routes!(schedules::list_schedules, schedules::create_schedule))
        .routes(routes!(schedules::pause_schedule))
        .routes(routes!(schedules::resume_schedule))
        .routes(routes!(schedules::delete_schedule))
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
