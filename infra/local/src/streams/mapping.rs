//! One event source mapping at work.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use chrono::Utc;
use futures::StreamExt as _;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    StreamsError,
    batch::{Batch, cut},
    count,
    delivery::{DeliveryVerdict, OpenWindow, event, judge, state},
    source::{Source, sequence_number},
};
use crate::{functions::EventHandler, template::Mapping};

/// How often an idle mapping looks by itself; writes through the gateway wake it earlier.
const IDLE_POLL: Duration = Duration::from_millis(50);
/// The first pause after a failed call; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// No pause is longer, so that a mended function goes on soon.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far a mapping is, for those who wait for it.
#[derive(Debug, Default)]
pub(super) struct MappingProgress {
    /// Passes begun.
    pub(super) passes: AtomicU64,
    /// Pages of records handled.
    pub(super) handled: AtomicU64,
    /// The number of the last pass that found the stream's end.
    pub(super) end: watch::Sender<u64>,
    told: Mutex<LatestCall>,
}

#[derive(Debug, Default)]
struct LatestCall {
    position: Option<String>,
    failure: Option<String>,
}

impl MappingProgress {
    /// The last sequence number that was handled.
    pub(super) fn position(&self) -> String {
        self.told().position.clone().unwrap_or_else(|| "the stream's beginning".into())
    }

    /// What the last failed call said.
    pub(super) fn failure(&self) -> Option<String> {
        self.told().failure.clone()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, LatestCall> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mapping's reader: position, window and function.
pub(super) struct StreamReader {
    mapping: Mapping,
    handler: EventHandler,
    source: Source,
    file: PathBuf,
    position: Option<String>,
    window: Option<OpenWindow>,
    progress: Arc<MappingProgress>,
    /// Set before the first pass.
    stopped: Option<watch::Receiver<bool>>,
}

impl StreamReader {
    /// Goes on where the last run of this data directory left off; what it had in flight comes again.
    pub(super) fn open(
        mapping: &Mapping,
        handler: EventHandler,
        source: Source,
        directory: &Path,
        progress: Arc<MappingProgress>,
    ) -> Result<Self, StreamsError> {
        let file = directory.join(format!("{}.position", mapping.function));
        let position = match std::fs::read_to_string(&file) {
            Ok(position) => Some(position),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(StreamsError::Position(error)),
        };
        progress.told().position.clone_from(&position);
        let mapping = mapping.clone();
        Ok(Self { mapping, handler, source, file, position, window: None, progress, stopped: None })
    }

    /// Reads until stopped.
    pub(super) async fn run(
        mut self,
        mut wake: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) {
        self.stopped = Some(stop.clone());
        while !*stop.borrow() {
            wake.mark_unchanged();
            if self.pass().await {
                continue;
            }
            tokio::select! {
                _ = wake.changed() => {}
                _ = stop.changed() => {}
                () = tokio::time::sleep(IDLE_POLL) => {}
            }
        }
    }

    /// Handles one page; whether there may be more.
    async fn pass(&mut self) -> bool {
        let number = count(&self.progress.passes);
        match self.source.after(self.position.clone()).await {
            Ok(records) if records.is_empty() => {
                self.close_window_if_over().await;
                self.progress.end.send_replace(number);
                false
            }
            Ok(records) => self.handle(records).await,
            Err(error) => {
                tracing::warn!(function = self.mapping.function, %error, "can't read the stream");
                false
            }
        }
    }

    /// Filters and delivers a page, then moves the position behind it. False when the stack is stopping.
    async fn handle(&mut self, records: Vec<Value>) -> bool {
        let last = records.last().map(|record| sequence_number(record).to_owned());
        let wanted: Vec<Value> = records.into_iter().filter(|record| self.wants(record)).collect();
        let handled = if self.mapping.parallelization > 1 {
            self.deliver_in_lanes(wanted).await
        } else {
            self.deliver_in_order(wanted).await
        };
        if handled {
            self.move_to(last);
        }
        handled
    }

    fn wants(&self, record: &Value) -> bool {
        self.mapping.filters.is_empty()
            || self.mapping.filters.iter().any(|filter| filter.matches(record))
    }

    async fn deliver_in_order(&mut self, records: Vec<Value>) -> bool {
        for batch in cut(records, self.mapping.batch_size, self.mapping.window_secs) {
            if let Some(window) = batch.window
                && self.window.as_ref().is_none_or(|open| open.window != window)
            {
                self.close_window().await;
                self.window = Some(OpenWindow::new(window));
            }
            let mut open = self.window.take();
            let handled = self.deliver(batch, open.as_mut()).await;
            self.window = open;
            if !handled {
                return false;
            }
        }
        true
    }

    /// Several calls at once; the records of one partition key stay in order.
    async fn deliver_in_lanes(&self, records: Vec<Value>) -> bool {
        let mut lanes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for record in records {
            let key = record
                .pointer("/dynamodb/Keys")
                .and_then(|keys| keys.get(&self.source.partition_key));
            lanes.entry(key.map(Value::to_string).unwrap_or_default()).or_default().push(record);
        }
        futures::stream::iter(lanes.into_values())
            .map(|records| async {
                for batch in cut(records, self.mapping.batch_size, None) {
                    if !self.deliver(batch, None).await {
                        return false;
                    }
                }
                true
            })
            .buffer_unordered(self.mapping.parallelization)
            .all(std::future::ready)
            .await
    }

    /// Calls the function until the batch is handled or its retries are used up. False when the stack is stopping.
    async fn deliver(&self, batch: Batch, mut window: Option<&mut OpenWindow>) -> bool {
        let mut records = batch.records;
        let mut retries = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match self.call(&records, window.as_deref_mut(), false).await {
                Ok(DeliveryVerdict::Done) => return true,
                Ok(DeliveryVerdict::From(0)) => "it reported the first record".to_owned(),
                Ok(DeliveryVerdict::From(index)) => {
                    // Progress: the rest is a batch of its own.
                    records.drain(..index);
                    retries = 0;
                    pause = FIRST_PAUSE;
                    "it reported a record".to_owned()
                }
                Ok(DeliveryVerdict::Again(reason)) | Err(reason) => reason,
            };
            let first = records.first().map(sequence_number).unwrap_or_default();
            tracing::warn!(
                function = self.mapping.function,
                first,
                retries,
                failure,
                "a batch comes again"
            );
            self.progress.told().failure = Some(failure);
            if self.mapping.max_retries.is_some_and(|most| retries >= most) {
                tracing::error!(function = self.mapping.function, first, "a batch is given up");
                return true;
            }
            retries += 1;
            if self.pause(pause).await {
                return false;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn call(
        &self,
        records: &[Value],
        window: Option<&mut OpenWindow>,
        is_final: bool,
    ) -> Result<DeliveryVerdict, String> {
        let event = event(records, &self.source, window.as_deref().map(|open| (open, is_final)));
        let handler = Arc::clone(&self.handler);
        // A task of its own, so that a panic is a failed call.
        let answer = match tokio::spawn(async move { handler(event).await }).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(error) => return Err(error.to_string()),
        };
        if let Some(open) = window {
            open.state = state(&answer).ok_or("its answer has no state")?;
        }
        Ok(if self.mapping.reports_item_failures {
            judge(&answer, records)
        } else {
            DeliveryVerdict::Done
        })
    }

    async fn close_window_if_over(&mut self) {
        let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
        if self.window.as_ref().is_some_and(|open| open.window.end() <= now) {
            self.close_window().await;
        }
    }

    /// The window's last call, which has no records: they were delivered as they came.
    async fn close_window(&mut self) {
        if let Some(mut open) = self.window.take()
            && let Err(reason) = self.call(&[], Some(&mut open), true).await
        {
            tracing::warn!(function = self.mapping.function, reason, "a window's last call failed");
        }
    }

    /// Sleeps; whether the stack is stopping.
    async fn pause(&self, pause: Duration) -> bool {
        let Some(mut stopped) = self.stopped.clone() else { return true };
        let stopping = tokio::time::timeout(pause, stopped.wait_for(|stopped| *stopped)).await;
        stopping.is_ok()
    }

    fn move_to(&mut self, position: Option<String>) {
        if let Some(position) = &position {
            // Not moved on disk means that the records come again after a restart, which is safe.
            let unfinished = self.file.with_extension("part");
            let written = std::fs::write(&unfinished, position)
                .and_then(|()| std::fs::rename(&unfinished, &self.file));
            if let Err(error) = written {
                tracing::warn!(function = self.mapping.function, %error, "can't keep the position");
            }
        }
        self.progress.told().position.clone_from(&position);
        self.position = position;
        count(&self.progress.handled);
    }
}
