//! The scheduler's ticks: by themselves as often as template.yaml says, and on demand for any instant.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use tokio::task::JoinHandle;

use crate::{
    functions::{EventHandler, Functions},
    template::{Schedule, Template},
};

/// Why a tick failed.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The function said so.
    #[error("{function} failed: {failure}")]
    Failed {
        /// Logical id of the function.
        function: String,
        /// What it said.
        failure: String,
    },
}

/// The schedules whose functions are wired.
pub(crate) struct Schedules {
    schedules: Vec<(Schedule, EventHandler)>,
    loops: Vec<JoinHandle<()>>,
}

impl Schedules {
    /// Starts ticking. The first tick comes after a whole period, as with `rate(...)`.
    pub(crate) fn start(template: &Template, functions: &Functions) -> Self {
        let schedules: Vec<_> = template
            .schedules
            .iter()
            .filter_map(|schedule| {
                Some((schedule.clone(), Arc::clone(functions.events.get(&schedule.function)?)))
            })
            .collect();
        let loops = schedules
            .iter()
            .cloned()
            .map(|(schedule, handler)| tokio::spawn(keep(schedule, handler)))
            .collect();
        Self { schedules, loops }
    }

    /// Runs every schedule as if it were `at`; now when nothing is said.
    pub(crate) async fn tick(&self, at: Option<Instant>) -> Result<(), TickError> {
        for (schedule, handler) in &self.schedules {
            let event = at.map_or_else(|| schedule.input.clone(), |at| json!({"tick": at}));
            call(schedule, handler, event).await?;
        }
        Ok(())
    }

    pub(crate) fn stop(&self) {
        for running in &self.loops {
            running.abort();
        }
    }
}

impl Drop for Schedules {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn keep(schedule: Schedule, handler: EventHandler) {
    loop {
        tokio::time::sleep(schedule.every).await;
        if let Err(error) = call(&schedule, &handler, schedule.input.clone()).await {
            tracing::error!(%error, "a tick failed");
        }
    }
}

async fn call(schedule: &Schedule, handler: &EventHandler, event: Value) -> Result<(), TickError> {
    let failed =
        |failure: String| TickError::Failed { function: schedule.function.clone(), failure };
    let handler = Arc::clone(handler);
    match tokio::spawn(async move { handler(event).await }).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}
