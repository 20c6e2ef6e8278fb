#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use serde_json::json;

use super::*;

fn event() -> Value {
    json!({
        "Records": [
            {
                "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_700_000_000.0,
                    "Keys": {"pk": {"S": "store#REMINDER#a"}, "sk": {"S": "FACT"}},
                    "NewImage": {"pk": {"S": "store#REMINDER#a"}, "sk": {"S": "FACT"}, "n": {"N": "3"}},
                    "SequenceNumber": "111000000000000000001", "SizeBytes": 26,
                    "StreamViewType": "NEW_AND_OLD_IMAGES"
                },
                "eventSourceARN": "arn:stream"
            },
            {
                "eventID": "2", "eventName": "REMOVE",
                "dynamodb": {
                    "Keys": {"pk": {"S": "x"}, "sk": {"S": "y"}},
                    "OldImage": {"pk": {"S": "x"}, "sk": {"S": "y"}},
                    "SequenceNumber": "111000000000000000002"
                },
                "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
            }
        ],
        "window": {"start": "2026-11-22T14:00:00Z", "end": "2026-11-22T14:05:00Z"},
        "state": {"a": 1}, "shardId": "shardId-1", "eventSourceARN": "arn:stream",
        "isFinalInvokeForWindow": false, "isWindowTerminatedEarly": false
    })
}

#[test]
fn an_event_is_read() {
    let event: StreamEvent = serde_json::from_value(event()).unwrap();
    assert_eq!(event.shard_id.as_deref(), Some("shardId-1"));
    assert_eq!(event.state, *json!({"a": 1}).as_object().unwrap());
    assert!(event.unreadable.is_empty());
    let [insert, expiry] = event.records.as_slice() else { panic!("two records") };
    assert_eq!(insert.event_name, EventName::Insert);
    assert_eq!(insert.key("pk"), Some("store#REMINDER#a"));
    assert_eq!(insert.dynamodb.new_image.as_ref().unwrap().len(), 3);
    assert!(!insert.is_expiry());
    assert!(expiry.is_expiry());
}

#[test]
fn an_event_round_trips() {
    let event: StreamEvent = serde_json::from_value(event()).unwrap();
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<StreamEvent>(&text).unwrap(), event);
}

#[test]
fn an_unreadable_record_does_not_cost_its_neighbours() {
    let mut json = event();
    json["Records"][0]["dynamodb"]["NewImage"]["n"] = json!({"Q": "no such type"});
    json["Records"].as_array_mut().unwrap().push(json!("not even an object"));
    let event: StreamEvent = serde_json::from_value(json).unwrap();
    assert_eq!(event.records.len(), 1);
    assert_eq!(event.records[0].event_id, "2");
    let [image, text] = event.unreadable.as_slice() else { panic!("two unreadable") };
    assert_eq!(image.sequence_number.as_ref().unwrap().as_str(), "111000000000000000001");
    assert_eq!(text.sequence_number, None);
    assert_eq!(
        serde_json::from_str::<StreamEvent>(&serde_json::to_string(&event).unwrap()).unwrap(),
        event
    );
}

#[test]
fn an_unknown_event_name_is_kept() {
    let mut json = event();
    json["Records"][0]["eventName"] = json!("RENAME");
    let event: StreamEvent = serde_json::from_value(json).unwrap();
    assert_eq!(event.records[0].event_name, EventName::Other("RENAME".to_owned()));
}

#[test]
fn the_last_call_of_a_window_may_be_bare() {
    let event: StreamEvent = serde_json::from_value(
        json!({"Records": null, "state": null, "isFinalInvokeForWindow": true}),
    )
    .unwrap();
    assert!(event.records.is_empty() && event.state.is_empty() && event.is_final_invoke_for_window);
    assert_eq!(event.shard_id, None);
}

#[test]
fn images_stay_out_of_debug() {
    let event: StreamEvent = serde_json::from_value(event()).unwrap();
    assert!(!format!("{event:?}").contains("REMINDER"));
}

#[test]
fn sequence_numbers_order_as_numbers() {
    let parse = |text: &str| SequenceNumber::parse(text).unwrap();
    let short = parse("999999999999999999999");
    let long = parse("1000000000000000000000");
    assert!(short < long, "21 nines are less than a one with 21 zeros");
    assert!(short.padded() < long.padded());
    assert!(parse("000000000000000000002") > parse("1"));
    let widest = parse(&"9".repeat(40));
    assert!(long < widest);
    assert_eq!(widest.padded().len(), 40);
    assert_eq!(long.padded().len(), 40);
    // A checkpoint is stored padded: its own record must not look newer than it.
    assert_eq!(parse(&short.padded()), short);
    assert!(short <= parse(&short.padded()));
    assert_eq!(parse("0"), parse("000"));
}

#[test]
fn sequence_numbers_have_a_limit_and_only_digits() {
    assert!(SequenceNumber::parse(&"1".repeat(40)).is_ok());
    for bad in ["", "12a", "-1", " 1", "１", &"1".repeat(41)] {
        assert_eq!(SequenceNumber::parse(bad), Err(NotASequenceNumber), "{bad}");
    }
    let text = "111000000000000000001";
    assert_eq!(text.parse::<SequenceNumber>().unwrap().to_string(), text);
}

#[test]
fn a_response_always_has_its_state() {
    let done = StreamResponse::done(Map::new());
    assert_eq!(serde_json::to_value(&done).unwrap(), json!({"state": {}, "batchItemFailures": []}));
    let first = SequenceNumber::parse("42").unwrap();
    let retry = StreamResponse::retry_from(Map::new(), &first);
    assert_eq!(
        serde_json::to_value(&retry).unwrap(),
        json!({"state": {}, "batchItemFailures": [{"itemIdentifier": "42"}]})
    );
}
