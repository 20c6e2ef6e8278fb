//! The scheduler's ticks: by themselves as often as template.yaml says, and on demand for any instant.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use tokio::task::JoinHandle;

use crate::{
    functions::{EventHandler, Functions},
    template::{Template, TickSchedule},
};

/// Why a tick failed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
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
    schedules: Vec<(TickSchedule, EventHandler)>,
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
    pub(crate) async fn tick(&self, at: Option<Instant>) -> Result<(), ScheduleError> {
        for (schedule, handler) in &self.schedules {
            let mut event = schedule.input.clone();
            if let (Some(at), Some(event)) = (at, event.as_object_mut()) {
                event.insert("tick".to_owned(), json!(at));
            }
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

async fn keep(schedule: TickSchedule, handler: EventHandler) {
    loop {
        tokio::time::sleep(schedule.every).await;
        if let Err(error) = call(&schedule, &handler, schedule.input.clone()).await {
            tracing::error!(%error, "a tick failed");
        }
    }
}

async fn call(
    schedule: &TickSchedule,
    handler: &EventHandler,
    event: Value,
) -> Result<(), ScheduleError> {
    let failed =
        |failure: String| ScheduleError::Failed { function: schedule.function.clone(), failure };
    let handler = Arc::clone(handler);
    match tokio::spawn(async move { handler(event).await }).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}
