//! The Lambda `report-worker`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use report_worker::{Deps, WorkerEvent, handle};

// One event at a time, on a share of a processor: more threads would only wait for each other.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::telemetry::init();
    let deps = Deps::from_env().await?;
    deps.warm_up().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<WorkerEvent>| {
        let deps = deps.clone();
        async move { handle(&deps, event.payload).await.map_err(Error::from) }
    }))
    .await
}
