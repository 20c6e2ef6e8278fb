//! The Lambda `rollup`: wiring alone.

use std::time::SystemTime;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::store::stream::StreamEvent;
use tokio::time::Instant;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = rollup::Deps::from_env()?;
    deps.table.warm_up().await;
    let deps = &deps;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<StreamEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Some(Instant::now() + left);
        rollup::handle_until(deps, event.payload, deadline).await.map_err(Error::from)
    }))
    .await
}
