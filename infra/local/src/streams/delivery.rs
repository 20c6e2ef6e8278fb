//! One call of a function with a batch of records, its answer, and what Lambda makes of it.

use serde_json::{Map, Value, json};

use super::{
    batch::BatchWindow,
    source::{Source, sequence_number},
};

/// A window between its first record and its last call.
#[derive(Debug)]
pub(super) struct OpenWindow {
    pub(super) window: BatchWindow,
    pub(super) state: Value,
}

impl OpenWindow {
    pub(super) fn new(window: BatchWindow) -> Self {
        Self { window, state: json!({}) }
    }
}

/// The event of a call. Only a mapping with a tumbling window tells window, state and shard id.
pub(super) fn event(
    records: &[Value],
    source: &Source,
    window: Option<(&OpenWindow, bool)>,
) -> Value {
    let mut event = Map::from_iter([("Records".to_owned(), Value::Array(records.to_vec()))]);
    if let Some((open, is_final)) = window {
        event.insert("window".into(), open.window.json());
        event.insert("state".into(), open.state.clone());
        event.insert("shardId".into(), json!(source.shard_id));
        event.insert("eventSourceARN".into(), json!(source.arn));
        event.insert("isFinalInvokeForWindow".into(), json!(is_final));
        event.insert("isWindowTerminatedEarly".into(), json!(false));
    }
    Value::Object(event)
}

/// What an answer means for the records of its call.
#[derive(Debug, PartialEq)]
pub(super) enum DeliveryVerdict {
    /// All are handled.
    Done,
    /// Those before this index are handled, the others come again.
    From(usize),
    /// All come again, for this reason.
    Again(String),
}

/// Judges an answer. The lowest failing sequence number counts; one that is empty or not of this batch fails it all.
pub(super) fn judge(answer: &Value, records: &[Value]) -> DeliveryVerdict {
    let failures = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return DeliveryVerdict::Done,
        Some(Value::Array(failures)) => failures,
        Some(other) => return DeliveryVerdict::Again(format!("batchItemFailures is {other}")),
    };
    let mut first = None;
    for failure in failures {
        let id = failure.get("itemIdentifier").and_then(Value::as_str).unwrap_or_default();
        let Some(index) =
            records.iter().position(|record| !id.is_empty() && sequence_number(record) == id)
        else {
            return DeliveryVerdict::Again(format!("itemIdentifier {id:?} is not of this batch"));
        };
        first = Some(first.map_or(index, |first: usize| first.min(index)));
    }
    first.map_or(DeliveryVerdict::Done, DeliveryVerdict::From)
}

/// The state that a window's next call gets. Lambda refuses an answer without one.
pub(super) fn state(answer: &Value) -> Option<Value> {
    answer.get("state").filter(|state| state.is_object()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Value> {
        ["11", "12", "13"].map(|number| json!({"dynamodb": {"SequenceNumber": number}})).to_vec()
    }

    fn failing(ids: &[&str]) -> Value {
        let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
        json!({"state": {}, "batchItemFailures": failures})
    }

    #[test]
    fn the_lowest_failing_record_counts() {
        assert_eq!(judge(&json!({}), &records()), DeliveryVerdict::Done);
        assert_eq!(judge(&failing(&[]), &records()), DeliveryVerdict::Done);
        assert_eq!(judge(&failing(&["13", "12"]), &records()), DeliveryVerdict::From(1));
        assert_eq!(judge(&failing(&["12", "13"]), &records()), DeliveryVerdict::From(1));
        assert_eq!(judge(&failing(&["11"]), &records()), DeliveryVerdict::From(0));
    }

    #[test]
    fn an_identifier_that_means_nothing_fails_the_whole_batch() {
        assert!(matches!(judge(&failing(&[""]), &records()), DeliveryVerdict::Again(_)));
        assert!(matches!(judge(&failing(&["12", "99"]), &records()), DeliveryVerdict::Again(_)));
        assert!(matches!(
            judge(&json!({"batchItemFailures": [{}]}), &records()),
            DeliveryVerdict::Again(_)
        ));
        assert!(matches!(
            judge(&json!({"batchItemFailures": "x"}), &records()),
            DeliveryVerdict::Again(_)
        ));
    }

    #[test]
    fn a_state_is_an_object() {
        assert_eq!(state(&json!({"state": {"a": 1}})), Some(json!({"a": 1})));
        assert_eq!(state(&json!({"state": null})), None);
        assert_eq!(state(&json!({})), None);
    }
}
