//! The Lambda `reports`.

use lambda_http::Error;
use reports::Deps;

#[tokio::main]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env().await?;
    deps.warm_up().await;
    lambda_http::run(reports::router(deps)).await
}
