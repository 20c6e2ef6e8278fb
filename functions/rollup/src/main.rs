//! The Lambda `rollup`: wiring alone.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::store::stream::StreamEvent;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = rollup::Deps::from_env()?;
    deps.table.warm_up().await;
    let deps = &deps;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<StreamEvent>| {
        rollup::handle(deps, event.payload).await.map_err(Error::from)
    }))
    .await
}
