//! The Lambda `reports`.

use lambda_http::Error;
use reports::Deps;
use shared::runtime::config::Settings;
use shared::web::layer::behind_distribution;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env().await?;
    deps.warm_up().await;
    let router = behind_distribution(reports::router(deps), &Settings::environment())?;
    lambda_http::run(router).await
}
