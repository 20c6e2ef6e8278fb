//! The Lambda `metric-queries`.

use lambda_http::Error;
use metric_queries::Deps;

#[tokio::main]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env()?;
    deps.warm_up().await;
    lambda_http::run(metric_queries::router(deps)).await
}
