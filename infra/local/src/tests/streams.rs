//! The mappings, with functions that note what they get.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{directory, start};
use crate::{
    aws::{Clients, TABLE_NAME},
    functions::{FunctionError, Functions},
    stack::Stack,
};

/// What a function was called with.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Value>>>);

impl Notes {
    fn add(&self, event: Value) {
        self.0.lock().unwrap().push(event);
    }

    fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    /// The sort keys of each call's records, calls without records left out.
    fn keys(&self) -> Vec<Vec<String>> {
        self.all().iter().map(keys).filter(|keys| !keys.is_empty()).collect()
    }
}

fn keys(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().unwrap();
    records
        .iter()
        .map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned())
        .collect()
}

fn sequence_number(event: &Value, index: usize) -> Value {
    event["Records"][index]["dynamodb"]["SequenceNumber"].clone()
}

fn rollup<F>(answer: F) -> (Functions, Notes)
where
    F: Fn(&Value, usize) -> Result<Value, FunctionError> + Send + Sync + 'static,
{
    let notes = Notes::default();
    let calls = AtomicUsize::new(0);
    let copy = notes.clone();
    let functions = Functions::default().with_events("RollupFunction", move |event| {
        copy.add(event.clone());
        std::future::ready(answer(&event, calls.fetch_add(1, Ordering::SeqCst)))
    });
    (functions, notes)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Writes items in one batch: one transaction of the engine, so the stream gets them at once.
async fn write(stack: &Stack, items: &[(&str, &str)]) {
    for items in items.chunks(25) {
        let requests = items.iter().map(|(pk, sk)| {
            let put =
                PutRequest::builder().item("pk", text(pk)).item("sk", text(sk)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let requests = requests.collect::<Vec<_>>();
        stack
            .clients()
            .dynamodb
            .batch_write_item()
            .request_items(TABLE_NAME, requests)
            .send()
            .await
            .unwrap();
    }
}

/// Lets all records come from one second: a minute that ends between two of them parts them into
/// batches of two windows.
fn in_one_second(directory: &Path) {
    let connection = rusqlite::Connection::open(directory.join("dynamodb.sqlite")).unwrap();
    let first = "SELECT MIN(created_at) FROM _stream_records";
    let changed =
        connection.execute(&format!("UPDATE _stream_records SET created_at = ({first})"), []);
    assert_eq!(changed.unwrap(), 3);
}

async fn put_report(stack: &Stack, id: &str, status: &str) {
    let put = stack.clients().dynamodb.put_item().table_name(TABLE_NAME);
    let put = put.item("pk", text("store#REPORT")).item("sk", text(id));
    put.item("kind", text("REPORT")).item("status", text(status)).send().await.unwrap();
}

#[tokio::test]
async fn rollup_gets_filtered_records_with_window_and_shard() {
    let directory = directory();
    let (functions, notes) = rollup(|_, call| Ok(json!({"state": {"calls": call + 1}})));
    let stack = start(directory.path(), functions).await;
    write(
        &stack,
        &[("a", "FACT"), ("a", "CLICK#1"), ("a", "ITEMS#x"), ("s", "CHECKPOINT"), ("l", "LINK")],
    )
    .await;
    stack.drain().await.unwrap();
    write(&stack, &[("b", "FACT")]).await;
    stack.drain().await.unwrap();

    let keys: Vec<String> = notes.keys().concat();
    assert_eq!(keys, ["FACT", "CLICK#1", "LINK", "FACT"]);
    let events = notes.all();
    for event in &events {
        assert_eq!(event["shardId"], "shardId-00000001-campaigns");
        assert!(event["eventSourceARN"].as_str().unwrap().contains("table/campaigns/stream/"));
        assert!(event["isFinalInvokeForWindow"].is_boolean());
        assert_eq!(event["isWindowTerminatedEarly"], false);
        let instant = |name: &str| {
            let text = event["window"][name].as_str().unwrap();
            chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp()
        };
        assert_eq!(instant("end") - instant("start"), 60);
        assert_eq!(instant("start") % 60, 0);
        for record in event["Records"].as_array().unwrap() {
            assert_eq!(record["eventSource"], "aws:dynamodb");
            assert_eq!(record["eventSourceARN"], event["eventSourceARN"]);
            assert_eq!(record["eventName"], "INSERT");
            assert!(record["dynamodb"]["NewImage"]["pk"]["S"].is_string());
            let created = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
            let created = created as i64;
            assert!((instant("start")..instant("end")).contains(&created));
        }
    }
    // The state goes from call to call within a window and begins empty.
    assert_eq!(events[0]["state"], json!({}));
    if events[1]["window"] == events[0]["window"] {
        assert_eq!(events[1]["state"], json!({"calls": 1}));
    }
}

#[tokio::test]
async fn reported_failures_come_again_from_the_first_one_on() {
    let directory = directory();
    let (functions, notes) = rollup(|event, call| {
        let failures = match call {
            // The second record, though the third is named first.
            0 => {
                json!([{"itemIdentifier": sequence_number(event, 2)}, {"itemIdentifier": sequence_number(event, 1)}])
            }
            // The first record of what came again.
            1 => json!([{"itemIdentifier": sequence_number(event, 0)}]),
            _ => json!([]),
        };
        Ok(json!({"state": {}, "batchItemFailures": failures}))
    });
    // Written while no reader runs, so that all are in one batch.
    let stack = start(directory.path(), Functions::default()).await;
    write(&stack, &[("a", "FACT"), ("b", "CLICK#1"), ("c", "LINK")]).await;
    stack.shutdown().await;
    in_one_second(directory.path());
    let stack = start(directory.path(), functions).await;
    stack.drain().await.unwrap();
    assert_eq!(
        notes.keys(),
        [vec!["FACT", "CLICK#1", "LINK"], vec!["CLICK#1", "LINK"], vec!["CLICK#1", "LINK"]]
    );
}

#[tokio::test]
async fn a_failed_call_comes_again_whole() {
    let directory = directory();
    let (functions, notes) = rollup(|_, call| match call {
        0 => Err("a test".into()),
        1 => panic!("a test"),
        2 => Ok(json!({"batchItemFailures": []})), // without state
        3 => Ok(json!({"state": {}, "batchItemFailures": [{"itemIdentifier": "not mine"}]})),
        _ => Ok(json!({"state": {}})),
    });
    let stack = start(directory.path(), functions).await;
    write(&stack, &[("a", "FACT")]).await;
    stack.drain().await.unwrap();
    assert_eq!(notes.keys(), vec![vec!["FACT"]; 5]);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_run_stopped() {
    let directory = directory();
    let begin = |path: &Path| {
        let (functions, notes) = rollup(|_, _| Ok(json!({"state": {}})));
        let path = path.to_owned();
        async move { (start(&path, functions).await, notes) }
    };
    let (stack, notes) = begin(directory.path()).await;
    write(&stack, &[("a", "CLICK#1")]).await;
    stack.drain().await.unwrap();
    stack.shutdown().await;
    assert_eq!(notes.keys(), [["CLICK#1"]]);

    let (stack, notes) = begin(directory.path()).await;
    stack.drain().await.unwrap();
    assert!(notes.keys().is_empty());
    write(&stack, &[("a", "CLICK#2")]).await;
    stack.drain().await.unwrap();
    assert_eq!(notes.keys(), [["CLICK#2"]]);
}

#[tokio::test]
async fn batches_hold_at_most_a_thousand_records() {
    let directory = directory();
    let (functions, notes) = rollup(|_, _| Ok(json!({"state": {}})));
    let stack = start(directory.path(), Functions::default()).await;
    let names: Vec<String> = (0..1_200).map(|number| format!("CLICK#{number}")).collect();
    let items: Vec<(&str, &str)> = names.iter().map(|name| ("a", name.as_str())).collect();
    write(&stack, &items).await;
    stack.shutdown().await;
    let stack = start(directory.path(), functions).await;
    stack.drain().await.unwrap();
    assert_eq!(notes.keys().concat(), names);
    assert!(notes.keys().iter().all(|keys| keys.len() <= 1_000));
    assert!(notes.keys().len() <= 4, "two, and two more if a window ended");
}

/// A function that writes to the table as slowly as a report may be built.
async fn write_slowly(
    clients: &OnceCell<Clients>,
    sk: &str,
    kind: &str,
) -> Result<(), FunctionError> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    let clients = clients.get().ok_or("the stack is not up")?;
    let put = clients.dynamodb.put_item().table_name(TABLE_NAME);
    let put = put.item("pk", text("store")).item("sk", text(sk)).item("kind", text(kind));
    put.item("status", text("requested")).send().await?;
    Ok(())
}

#[tokio::test]
async fn the_worker_gets_one_requested_report_a_call() {
    let directory = directory();
    let notes = Notes::default();
    let copy = notes.clone();
    let functions = Functions::default().with_events("ReportWorkerFunction", move |event| {
        copy.add(event);
        std::future::ready(Ok(json!({})))
    });
    let stack = start(directory.path(), functions).await;
    put_report(&stack, "r1", "requested").await;
    put_report(&stack, "r2", "done").await;
    put_report(&stack, "r3", "due").await;
    let client = reqwest::Client::new();
    let drained = client.post(format!("{}/local/drain", stack.base_url())).send().await.unwrap();
    assert_eq!(drained.status(), 204);
    assert_eq!(notes.keys(), [["r1"], ["r3"]]);
    let events = notes.all();
    assert!(
        events.iter().all(|event| event.get("shardId").is_none() && event.get("window").is_none())
    );
}

/// Whichever mapping is asked first: what the other one writes is waited for, too.
#[tokio::test]
async fn drain_waits_for_what_handling_writes() {
    let directory = directory();
    let clients: Arc<OnceCell<Clients>> = Arc::default();
    let (counted, reported) = (Notes::default(), Notes::default());
    let functions = {
        let (counted, reported) = (counted.clone(), reported.clone());
        let (for_rollup, for_worker) = (Arc::clone(&clients), Arc::clone(&clients));
        Functions::default()
            .with_events("RollupFunction", move |event: Value| {
                let (counted, clients) = (counted.clone(), Arc::clone(&for_rollup));
                async move {
                    if keys(&event) == ["FACT"] {
                        write_slowly(&clients, "r1", "REPORT").await?;
                    }
                    counted.add(event);
                    Ok(json!({"state": {}}))
                }
            })
            .with_events("ReportWorkerFunction", move |event: Value| {
                let (reported, clients) = (reported.clone(), Arc::clone(&for_worker));
                async move {
                    write_slowly(&clients, "LINK", "OTHER").await?;
                    reported.add(event);
                    Ok(json!({}))
                }
            })
    };
    let stack = start(directory.path(), functions).await;
    assert!(clients.set(stack.clients().clone()).is_ok());
    write(&stack, &[("a", "FACT")]).await;
    stack.drain().await.unwrap();
    assert_eq!(reported.keys(), [["r1"]]);
    assert_eq!(counted.keys(), [["FACT"], ["LINK"]]);
}

#[tokio::test]
async fn a_tick_calls_the_worker_with_its_instant() {
    let directory = directory();
    let notes = Notes::default();
    let copy = notes.clone();
    let functions = Functions::default().with_events("ReportWorkerFunction", move |event| {
        copy.add(event);
        std::future::ready(Ok(json!({})))
    });
    let stack = start(directory.path(), functions).await;
    let client = reqwest::Client::new();
    let tick = |query: &str| client.post(format!("{}/local/tick{query}", stack.base_url())).send();
    assert_eq!(tick("?at=2026-11-22T10:00:00-03:00").await.unwrap().status(), 204);
    assert_eq!(tick("").await.unwrap().status(), 204);
    assert_eq!(tick("?at=tomorrow").await.unwrap().status(), 400);
    assert_eq!(notes.all(), [json!({"tick": "2026-11-22T13:00:00.000Z"}), json!({"tick": true})]);
}
