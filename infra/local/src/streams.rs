//! The event source mappings: reads the table's stream, filters, batches and windows as template.yaml says, and calls
//! the functions behind it as Lambda does.

mod batch;
mod delivery;
mod mapping;
mod source;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

use self::mapping::{MappingProgress, StreamReader};
pub(crate) use self::source::Source;
use crate::{functions::Functions, template::Template};

/// A drain that sees no movement for this long gives up and says why.
const DRAIN_PATIENCE: Duration = Duration::from_mins(1);
/// A function that is running when the stack stops gets this long.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// Why a drain ended without everything being handled.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// Nothing moved for a minute.
    #[error("{function} makes no progress at {position}: {}", .failure.as_deref().unwrap_or("its call doesn't end"))]
    Stuck {
        /// Logical id of the function.
        function: String,
        /// The last sequence number that it has handled.
        position: String,
        /// What its last call said.
        failure: Option<String>,
    },
    /// The stack is stopping.
    #[error("the stack is stopping")]
    Stopping,
}

/// Why a mapping can't start.
#[derive(Debug, thiserror::Error)]
pub enum StreamsError {
    /// The table has no stream that can be read.
    #[error("can't find the table's stream")]
    Stream(#[source] dynoxide::DynoxideError),
    /// The position file can't be read.
    #[error("can't read where the stream was left")]
    Position(#[source] std::io::Error),
}

/// The running mappings.
pub(crate) struct Streams {
    wake: watch::Sender<u64>,
    stop: watch::Sender<bool>,
    mappings: Vec<Running>,
}

struct Running {
    function: String,
    progress: Arc<MappingProgress>,
    task: JoinHandle<()>,
}

impl Streams {
    /// Starts a reader for every mapping whose function is wired; positions are kept in `directory`.
    pub(crate) fn start(
        template: &Template,
        functions: &Functions,
        source: &Source,
        directory: &Path,
    ) -> Result<Self, StreamsError> {
        std::fs::create_dir_all(directory).map_err(StreamsError::Position)?;
        let (wake, waked) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let mut mappings = Vec::new();
        for mapping in &template.mappings {
            let Some(handler) = functions.events.get(&mapping.function) else {
                tracing::warn!(
                    function = mapping.function,
                    "the function is not wired: its records wait"
                );
                continue;
            };
            let progress = Arc::new(MappingProgress::default());
            let reader = StreamReader::open(
                mapping,
                Arc::clone(handler),
                source.clone(),
                directory,
                Arc::clone(&progress),
            )?;
            let task = tokio::spawn(reader.run(waked.clone(), stopped.clone()));
            mappings.push(Running { function: mapping.function.clone(), progress, task });
        }
        Ok(Self { wake, stop, mappings })
    }

    /// Has the readers look at once instead of at their next poll.
    pub(crate) fn wake(&self) {
        self.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until every mapping has handled every record, those included that handling wrote.
    ///
    /// A round notes the positions, then has each mapping find the stream's end in a pass that began after that. If
    /// no position moved meanwhile, nothing was handled, so nothing was written by a function, and all are at the
    /// end at once.
    pub(crate) async fn drain(&self) -> Result<(), DrainError> {
        loop {
            let before = self.positions();
            for running in &self.mappings {
                running.find_end(self).await?;
            }
            if self.positions() == before {
                return Ok(());
            }
        }
    }

    fn positions(&self) -> Vec<u64> {
        self.mappings
            .iter()
            .map(|running| running.progress.handled.load(Ordering::SeqCst))
            .collect()
    }

    /// Stops the readers; records in flight are handled again at the next start.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + STOP_PATIENCE;
        for running in &self.mappings {
            while !running.task.is_finished() {
                if tokio::time::Instant::now() >= deadline {
                    running.task.abort();
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        for running in &self.mappings {
            running.task.abort();
        }
    }
}

impl Running {
    /// Waits for a pass that begins from now on and finds nothing new.
    async fn find_end(&self, streams: &Streams) -> Result<(), DrainError> {
        let wanted = self.progress.passes.load(Ordering::SeqCst) + 1;
        let mut ends = self.progress.end.subscribe();
        streams.wake();
        loop {
            let handled = self.progress.handled.load(Ordering::SeqCst);
            match timeout(DRAIN_PATIENCE, ends.wait_for(|pass| *pass >= wanted)).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(_)) => return Err(DrainError::Stopping),
                Err(_) if self.task.is_finished() => return Err(DrainError::Stopping),
                Err(_) if self.progress.handled.load(Ordering::SeqCst) != handled => {}
                Err(_) => {
                    return Err(DrainError::Stuck {
                        function: self.function.clone(),
                        position: self.progress.position(),
                        failure: self.progress.failure(),
                    });
                }
            }
        }
    }
}

/// Counts up, so that a drain sees that something was handled.
fn count(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::SeqCst) + 1
}
