//! The Lambda `ingest`: wiring alone.

use shared::telemetry;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let deps = ingest::Deps::from_env().await?;
    deps.warm_up().await;
    lambda_http::run(ingest::router(deps)).await
}
