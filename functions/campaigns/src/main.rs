//! The Lambda `campaigns`.

use campaigns::Deps;
use lambda_http::Error;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env().await?;
    deps.warm_up().await;
    lambda_http::run(campaigns::router(deps)).await
}
