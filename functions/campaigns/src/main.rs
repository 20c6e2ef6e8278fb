//! The Lambda `campaigns`.

use campaigns::Deps;
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env()?;
    deps.warm_up().await;
    lambda_http::run(campaigns::router(deps)).await
}
