//! The scheduler's ticks: by themselves as often as template.yaml says, and on demand for any instant.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use tokio::sync::Mutex;
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

/// A schedule, and the function that it starts.
#[derive(Clone)]
struct Scheduled {
    schedule: TickSchedule,
    handler: EventHandler,
    /// One call at a time.
    turn: Arc<Mutex<()>>,
}

/// The schedules whose functions are wired.
pub(crate) struct Schedules {
    schedules: Vec<Scheduled>,
    loops: Vec<JoinHandle<()>>,
}

impl Schedules {
    /// Starts ticking. The first tick comes after a whole period, as with `rate(...)`.
    pub(crate) fn start(template: &Template, functions: &Functions) -> Self {
        let schedules: Vec<_> = template
            .schedules
            .iter()
            .filter_map(|schedule| {
                let handler = Arc::clone(functions.events.get(&schedule.function)?);
                Some(Scheduled { schedule: schedule.clone(), handler, turn: Arc::default() })
            })
            .collect();
        let loops = schedules.iter().cloned().map(|each| tokio::spawn(keep(each))).collect();
        Self { schedules, loops }
    }

    /// Runs every schedule as if it were `at`; now when nothing is said.
    pub(crate) async fn tick(&self, at: Option<Instant>) -> Result<(), ScheduleError> {
        for each in &self.schedules {
            let mut event = each.schedule.input.clone();
            if let (Some(at), Some(event)) = (at, event.as_object_mut()) {
                event.insert("tick".to_owned(), json!(at));
            }
            each.call(event).await?;
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

async fn keep(each: Scheduled) {
    loop {
        tokio::time::sleep(each.schedule.every).await;
        if let Err(error) = each.call(each.schedule.input.clone()).await {
            tracing::error!(%error, "a tick failed");
        }
    }
}

impl Scheduled {
    /// Calls the function, once a call before has ended: whoever asks for a tick finds everything done afterwards,
    /// though the schedule's own tick had begun.
    async fn call(&self, event: Value) -> Result<(), ScheduleError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let failed = |failure: String| ScheduleError::Failed {
            function: self.schedule.function.clone(),
            failure,
        };
        let handler = Arc::clone(&self.handler);
        // The turn ends with the call, also where nobody waits for it any more.
        let called = tokio::spawn(async move {
            let outcome = handler(event).await;
            drop(turn);
            outcome
        });
        match called.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}
