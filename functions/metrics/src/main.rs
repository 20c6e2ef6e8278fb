//! The Lambda `metrics`.

use lambda_http::Error;
use metrics::Deps;

#[tokio::main]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env()?;
    deps.warm_up().await;
    lambda_http::run(metrics::router(deps)).await
}
