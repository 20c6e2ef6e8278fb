//! What the Admin reads: the metrics of a range of days, its conversions, and why an order counts
//! or not.
//!
//! - [`metrics`]: `GET /metrics`,
//! - [`comparison`]: the earlier days beside them,
//! - [`conversions`]: `GET /orders`,
//! - [`explanation`]: `GET /orders/{orderGroup+}`.
//!
//! Nothing here writes. Everything is read from the caller's own account (the token's), so nothing
//! crosses it.

use axum::Router;
use axum::routing::get;
use shared::runtime::clock::Clock;
use shared::runtime::config::{ConfigError, Settings, aws};
use shared::store::Table;
use shared::web::api::AdminParts;
use shared::web::conventions;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub mod comparison;
pub mod conversions;
pub mod explanation;
pub mod funnel;
pub mod metrics;
pub mod numbers;
mod range;
mod text;

/// Reads of one request that run at once. More would not answer sooner: the SDK's connections are
/// the bound, and other requests need them, too.
const READS_AT_ONCE: usize = 16;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Deps {
    table: Table,
    clock: Clock,
}

impl Deps {
    /// The given ones.
    #[must_use]
    pub const fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock }
    }

    /// Those that the environment names.
    pub fn from_env() -> Result<Self, ConfigError> {
        let settings = Settings::environment();
        let table = Table::from_settings(&settings, &aws::sdk_config(&settings)?)?;
        Ok(Self::new(table, Clock::system()))
    }

    /// Opens the connections before the first request needs them.
    pub async fn warm_up(&self) {
        self.table.warm_up().await;
    }
}

#[derive(OpenApi)]
#[openapi(modifiers(&AdminParts))]
struct ApiDocument;

fn api() -> OpenApiRouter<Deps> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(conversions::list_conversions))
        .routes(routes!(explanation::explain_order))
        // What is left of the path of an id that begins with a question mark.
        .route("/orders/", get(explanation::explain_order))
}

/// The function's routes.
pub fn router(deps: Deps) -> Router {
    let (router, _) = api().with_state(deps).split_for_parts();
    conventions(router)
}

/// The function's part of the API document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api().into_openapi();
    // OpenAPI has no variable that takes slashes: its clients send them encoded.
    let paths = &mut document.paths.paths;
    if let Some(item) = paths.remove(explanation::PATH) {
        paths.insert("/orders/{orderGroup}".to_owned(), item);
    }
    document
}
