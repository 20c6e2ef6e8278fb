//! The Lambda `sender`: wiring alone.

use std::time::SystemTime;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use sender::{Deps, SenderEvent};
use tokio::time::Instant;

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env().await?;
    deps.warm_up().await;
    let deps = &deps;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SenderEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Some(Instant::now() + left);
        sender::handle(deps, event.payload, deadline).await.map_err(Error::from)
    }))
    .await
}
