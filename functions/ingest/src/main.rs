//! The Lambda `ingest`: wiring alone.

use shared::runtime::config::Settings;
use shared::telemetry;
use shared::web::layer::behind_distribution;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let deps = ingest::Deps::from_env().await?;
    deps.warm_up().await;
    let router = behind_distribution(ingest::router(deps), &Settings::environment())?;
    lambda_http::run(router).await
}
