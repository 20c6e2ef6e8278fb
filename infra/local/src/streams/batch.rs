//! How records are cut into the calls of a function.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

/// Lambda calls with at most 6 MB, the event's frame included.
const MAX_BATCH_BYTES: usize = 6 * 1024 * 1024 - 64 * 1024;

/// A tumbling window, by its length and number since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchWindow {
    secs: u64,
    number: u64,
}

impl BatchWindow {
    /// The window that an instant falls into.
    pub(super) fn at(epoch_secs: u64, secs: u64) -> Self {
        Self { secs, number: epoch_secs / secs }
    }

    /// The epoch second at which it ends.
    pub(super) fn end(self) -> u64 {
        (self.number + 1) * self.secs
    }

    /// As events hold it.
    pub(super) fn json(self) -> Value {
        json!({"start": rfc3339(self.number * self.secs), "end": rfc3339(self.end())})
    }
}

fn rfc3339(epoch_secs: u64) -> String {
    i64::try_from(epoch_secs)
        .ok()
        .and_then(|secs| DateTime::from_timestamp(secs, 0))
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The records of one call, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) records: Vec<Value>,
    pub(super) window: Option<BatchWindow>,
}

/// Cuts records into batches of at most `size` records and Lambda's bytes, none across a window's end.
pub(super) fn cut(records: Vec<Value>, size: usize, window_secs: Option<u64>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let window = window_secs.map(|secs| BatchWindow::at(created_at(&record), secs));
        let length = record.to_string().len();
        bytes += length;
        match batches.last_mut() {
            Some(batch)
                if batch.records.len() < size
                    && bytes <= MAX_BATCH_BYTES
                    && batch.window == window =>
            {
                batch.records.push(record);
            }
            _ => {
                bytes = length;
                batches.push(Batch { records: vec![record], window });
            }
        }
    }
    batches
}

/// When the record came into the stream, in whole epoch seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "epoch seconds, made by the engine's clock"
)]
fn created_at(record: &Value) -> u64 {
    record
        .pointer("/dynamodb/ApproximateCreationDateTime")
        .and_then(Value::as_f64)
        .unwrap_or_default() as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn record(at: u64, text: &str) -> Value {
        json!({"dynamodb": {"ApproximateCreationDateTime": at, "NewImage": {"x": {"S": text}}}})
    }

    fn sizes(batches: &[Batch]) -> Vec<usize> {
        batches.iter().map(|batch| batch.records.len()).collect()
    }

    #[test]
    fn cuts_by_number() {
        let records = |count| (0..count).map(|_| record(0, "")).collect();
        assert_eq!(sizes(&cut(records(1_000), 1_000, None)), [1_000]);
        assert_eq!(sizes(&cut(records(1_001), 1_000, None)), [1_000, 1]);
        assert_eq!(sizes(&cut(records(3), 1, None)), [1, 1, 1]);
        assert!(cut(Vec::new(), 10, None).is_empty());
    }

    #[test]
    fn cuts_by_bytes() {
        let large = "x".repeat(MAX_BATCH_BYTES / 2);
        let records = vec![record(0, &large), record(0, &large), record(0, "small")];
        assert_eq!(sizes(&cut(records, 1_000, None)), [1, 2]);
    }

    #[test]
    fn cuts_at_a_windows_end() {
        let batches = cut(vec![record(59, ""), record(60, ""), record(119, "")], 1_000, Some(60));
        assert_eq!(sizes(&batches), [1, 2]);
        assert_eq!(
            batches[1].window.unwrap().json(),
            json!({"start": "1970-01-01T00:01:00Z", "end": "1970-01-01T00:02:00Z"})
        );
    }
}
