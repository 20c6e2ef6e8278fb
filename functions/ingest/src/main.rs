//! The Lambda `ingest`: wiring alone.

use shared::telemetry;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let deps = ingest::Deps::from_env().await?;
    deps.warm_up().await;
    lambda_http::run(ingest::router(deps)).await
}
