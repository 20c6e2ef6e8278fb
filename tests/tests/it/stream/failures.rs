//! What fails a batch, what is kept aside, and what is refused.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::TABLE_NAME;
use engine::faults::{Call, Fault, Faults};
use rollup::RollupError;
use serde_json::json;
use shared::domain::values::account::Account;
use shared::store::aside::AsideOwner;
use shared::store::key::Key;
use shared::store::stream::{
    EventName, SequenceNumber, StreamEvent, StreamResponse, UnreadableRecord,
};
use shared::telemetry::{self, Counter};

use crate::store::stream::Stream;
use crate::stream::check::Snapshot;
use crate::stream::told::{
    account, days, delivered, group, link_clicked, ordered, read, reminder, sent,
};

fn commits(call: &Call) -> bool {
    call.operation == "TransactWriteItems"
}

/// Three reminders, one record each, in one batch.
async fn three() -> (Stream, engine::streams::Batch) {
    let mut stream = Stream::open(1).await;
    let event = |n| sent(&format!("r{n}"), days(0), &format!("c{n}"), "user:u");
    stream.tell_all([event(1), event(2), event(3)]).await;
    let batch = stream.batch();
    (stream, batch)
}

#[tokio::test(start_paused = true)]
async fn an_event_without_its_shard_is_refused() {
    let (mut stream, batch) = three().await;
    let faults = Faults::default();
    let event = StreamEvent { shard_id: None, ..batch.event.clone() };
    let refused = rollup::handle(&stream.under(&faults, 1), event.clone()).await;
    assert!(matches!(refused, Err(RollupError::NoShard)));
    assert_eq!(faults.calls().len(), 0, "nothing was read or written");

    let mut deps = stream.through(stream.store.table.clone());
    deps.single_shard = Some("the-only-one".to_owned());
    rollup::handle(&deps, event.clone()).await.unwrap();
    rollup::handle(&deps, event).await.unwrap();
    assert!(stream.store.table.checkpoint("the-only-one").await.unwrap().is_some());
    stream.shards.settle(&batch, &StreamResponse::default());
    stream.settle().await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_always_carries_the_state() {
    let stream = Stream::open(1).await;
    let state = json!({"a": {"b": [1, 2]}}).as_object().unwrap().clone();
    // The last invocation of a window, without records.
    let event = StreamEvent {
        shard_id: Some("shard".to_owned()),
        state: state.clone(),
        is_final_invoke_for_window: true,
        ..StreamEvent::default()
    };
    let answer = stream.handle(event).await;
    assert_eq!(answer, StreamResponse::done(state));
    assert!(serde_json::to_value(StreamResponse::default()).unwrap().get("state").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_names_its_record_and_counts_what_came_before() {
    let (mut stream, batch) = three().await;
    let at_the_second = |call: &Call| call.body.to_string().contains(reminder("r2").as_str());
    for fault in [Fault::Unsent, Fault::Unanswered, Fault::Throughput, Fault::Throttled] {
        let faults = Faults::planned(move |call| at_the_second(call).then_some(fault));
        let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
        let second = &batch.event.records[1].dynamodb.sequence_number;
        let expected = StreamResponse::retry_from(serde_json::Map::new(), second);
        assert_eq!(answer, expected, "{fault:?}");
        stream.shards.settle(&batch, &answer);
        let snapshot = Snapshot::of(&stream.store.engine).await;
        assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 1, "before it: counted");
        assert_eq!(snapshot.totals("2026-11-01", "c2").sent, 0, "itself: not counted");
        assert_eq!(snapshot.totals("2026-11-01", "c3").sent, 0, "behind it: not counted");
    }
    stream.settle().await;
}

/// An order that can't be judged for now fails the records of all that asked for it.
#[tokio::test(start_paused = true)]
async fn a_transient_failure_of_an_order_fails_the_reminder_that_asked_for_it() {
    let mut stream = Stream::open(1).await;
    stream.tell(ordered("o", days(1), "user:u")).await;
    stream.settle().await;
    stream
        .tell_all([
            sent("other", days(0), "c1", "user:other"),
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(1)),
        ])
        .await;
    let batch = stream.batch();
    let faults = Faults::planned(|call| (call.operation == "PutItem").then_some(Fault::Unsent));
    let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
    let second = &batch.event.records[1].dynamodb.sequence_number;
    assert_eq!(answer.batch_item_failures[0].item_identifier, second.as_str());
    stream.shards.settle(&batch, &answer);
    stream.settle().await;
    assert!(stream.credit("o").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn conflicts_and_throttles_of_the_transaction_are_tried_again() {
    let (mut stream, batch) = three().await;
    let mut left = vec![Fault::Conflict, Fault::Conflict, Fault::Conflict];
    let faults = Faults::planned(move |call| if commits(call) { left.pop() } else { None });
    let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
    assert_eq!(answer, StreamResponse::default());
    assert_eq!(faults.calls().iter().filter(|call| commits(call)).count(), 4);
    stream.shards.settle(&batch, &answer);
    stream.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_never_succeeds_fails_the_batch_from_its_first_record() {
    let (mut stream, batch) = three().await;
    for fault in [Fault::Conflict, Fault::Throttled, Fault::Unsent] {
        let faults = Faults::planned(move |call| commits(call).then_some(fault));
        let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
        let first = &batch.event.records[0].dynamodb.sequence_number;
        assert_eq!(answer.batch_item_failures[0].item_identifier, first.as_str(), "{fault:?}");
        stream.shards.settle(&batch, &answer);
    }
    stream.settle().await;
}

/// Guard: the checkpoint moves in the transaction that counts.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_transaction_counts_once() {
    for attempts in [1, 3] {
        let (mut stream, batch) = three().await;
        let mut lost = 1;
        let faults = Faults::planned(move |call| {
            let this_one = commits(call) && lost > 0;
            lost -= i32::from(this_one);
            this_one.then_some(Fault::Unanswered)
        });
        let deps = stream.under(&faults, attempts);
        let answer = rollup::handle(&deps, batch.event.clone()).await.unwrap();
        assert_eq!(answer.batch_item_failures.is_empty(), attempts > 1);
        stream.shards.settle(&batch, &answer);
        stream.settle().await;
    }
}

/// What a table refuses for good must not stop its shard: the record at fault is kept aside.
#[tokio::test(start_paused = true)]
async fn a_record_that_the_table_refuses_to_count_is_kept_aside_and_passed() {
    let (stream, batch) = three().await;
    // The second one's campaign is c2: its rollup takes no number any more.
    let spoilt = |call: &Call| commits(call) && call.body.to_string().contains("#c2");
    let faults = Faults::planned(move |call| spoilt(call).then_some(Fault::Refused));
    let answer = rollup::handle(&stream.under(&faults, 1), batch.event.clone()).await.unwrap();
    assert_eq!(answer, StreamResponse::default());
    let snapshot = Snapshot::of(&stream.store.engine).await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 1);
    assert_eq!(snapshot.totals("2026-11-01", "c3").sent, 1);
    let aside = stream.store.asides().await;
    assert_eq!(aside.len(), 1);
    assert_eq!((aside[0].source.as_str(), aside[0].code.as_str()), ("rollup", "count-refused"));
    let held =
        stream.store.table.checkpoint(batch.event.shard_id.as_deref().unwrap()).await.unwrap();
    assert_eq!(held.as_ref(), Some(&batch.event.records[2].dynamodb.sequence_number));
}

/// R12: one bad item never fails its neighbours. What can't be read counts nothing until it is
/// mended.
#[tokio::test(start_paused = true)]
async fn a_poison_record_is_kept_aside_and_passed() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(0)),
            ordered("o", days(1), "user:u"),
        ])
        .await;
    assert_eq!(stream.settle().await.totals("2026-11-01", "c1").assisted, 1);
    let key = Key::order(&account(), &group("o"));
    let items = crate::stream::check::scan(&stream.store.engine).await;
    let fact = |item: &&HashMap<_, _>| key.attributes().iter().all(|(n, v)| item.get(n) == Some(v));
    let sound = items.iter().find(fact).unwrap().clone();

    let spoilt = HashMap::from([("parts".to_owned(), AttributeValue::S("none".to_owned()))]);
    put(&stream, &key, spoilt).await;
    // Derives the order, too, which can't be read; its own details are counted all the same.
    stream.tell(read("r", days(0))).await;
    stream.tell(sent("next", days(0), "c1", "user:next")).await;
    let batch = stream.batch();
    assert_eq!(batch.event.records.len(), 3);
    let before = telemetry::counted(Counter::RecordsKeptAside);
    for _ in 0..2 {
        assert_eq!(stream.handle(batch.event.clone()).await, StreamResponse::default());
    }
    stream.shards.settle(&batch, &StreamResponse::default());
    assert!(telemetry::counted(Counter::RecordsKeptAside) >= before + 2);
    let aside = stream.store.asides().await;
    let mut codes: Vec<&str> = aside.iter().map(|item| item.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["derivation-refused", "image-unreadable"], "each is kept once");
    let totals = rollup(&stream).await;
    assert_eq!((totals.sent, totals.read, totals.assisted), (2, 1, 0));

    put(&stream, &key, sound).await;
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").assisted, 1);
}

async fn put(stream: &Stream, key: &Key, mut item: HashMap<String, AttributeValue>) {
    item.extend(key.attributes());
    let put = stream.store.engine.client.put_item().table_name(TABLE_NAME).set_item(Some(item));
    put.send().await.unwrap();
}

/// The totals of the one rollup, without reading any fact.
async fn rollup(stream: &Stream) -> shared::domain::rules::contribution::Totals {
    let day = shared::domain::values::store_day::StoreDay::parse("2026-11-01").unwrap();
    let period = shared::domain::values::period::Period::new(day, day).unwrap();
    let rollups = stream.store.table.rollups(&account(), period).await.unwrap();
    rollups.into_values().next().unwrap()
}

/// Records that are none, or of which an image or the key is missing.
#[tokio::test(start_paused = true)]
async fn records_that_cannot_be_read_are_kept_aside_and_passed() {
    let (mut stream, batch) = three().await;
    let mut event = batch.event.clone();
    event.records[1].event_name = EventName::Other("REPLACE".to_owned());
    let mut misplaced = event.records[0].clone();
    let place = |n: &str| SequenceNumber::parse(n).unwrap();
    misplaced.dynamodb.sequence_number = place("1");
    misplaced.dynamodb.keys.insert("pk".to_owned(), AttributeValue::S("nobody".to_owned()).into());
    let mut halved = event.records[0].clone();
    halved.dynamodb.sequence_number = place("2");
    halved.event_name = EventName::Modify;
    event.records.splice(0..0, [misplaced, halved]);
    for sequence_number in [None, Some(place("3"))] {
        let raw = json!({"not": "a record", "n": sequence_number});
        let reason = "no keys".to_owned();
        event.unreadable.push(UnreadableRecord { sequence_number, reason, raw });
    }
    assert_eq!(stream.handle(event).await, StreamResponse::default());

    let mut codes = Vec::new();
    let nobody = Account::parse("nobody").unwrap();
    for owner in [AsideOwner::Nobody, AsideOwner::Account(account()), AsideOwner::Account(nobody)] {
        let page = stream.store.table.aside_page(&owner, None, 10).await.unwrap();
        codes.extend(page.items.into_iter().map(|(_, item)| item.code));
    }
    let expected = [
        "record-unreadable",
        "record-unreadable",
        "image-missing",
        "unknown-event-name",
        "key-unreadable",
    ];
    codes.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(codes, expected);
    let snapshot = Snapshot::of(&stream.store.engine).await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 1);
    assert_eq!(snapshot.totals("2026-11-01", "c2").sent, 0, "an unknown event counts nothing");
    stream.shards.settle(&batch, &StreamResponse::default());
}

/// What can't be kept aside for now must come again, with everything behind it.
#[tokio::test(start_paused = true)]
async fn a_record_that_could_not_be_kept_aside_comes_again() {
    let (mut stream, batch) = three().await;
    let mut event = batch.event.clone();
    event.records[1].event_name = EventName::Other("REPLACE".to_owned());
    let second = event.records[1].dynamodb.sequence_number.clone();
    let aside = |call: &Call| call.body.to_string().contains("#ASIDE");
    let faults = Faults::planned(move |call| aside(call).then_some(Fault::Unsent));
    let answer = rollup::handle(&stream.under(&faults, 1), event.clone()).await.unwrap();
    assert_eq!(answer.batch_item_failures[0].item_identifier, second.as_str());
    assert_eq!(Snapshot::of(&stream.store.engine).await.totals("2026-11-01", "c1").sent, 1);

    let raw = json!({"not": "a record"});
    let lost = UnreadableRecord { sequence_number: None, reason: String::new(), raw };
    event.unreadable.push(lost);
    let faults = Faults::planned(move |call| aside(call).then_some(Fault::Unsent));
    let refused = rollup::handle(&stream.under(&faults, 1), event).await;
    assert!(matches!(refused, Err(RollupError::Unplaced { .. })));
    stream.shards.settle(&batch, &answer);
    stream.settle().await;
}

/// A shard's sequence numbers differ in length: they compare as numbers.
#[tokio::test(start_paused = true)]
async fn sequence_numbers_compare_as_numbers() {
    let mut stream = Stream::open(1).await;
    stream.tell_all([sent("r1", days(0), "c1", "user:u"), link_clicked("r1", "k", days(0))]).await;
    let batch = stream.batch();
    stream.shards.settle(&batch, &StreamResponse::default());
    let place = |event: &mut StreamEvent, at: usize, n: &str| {
        event.records[at].dynamodb.sequence_number = SequenceNumber::parse(n).unwrap();
    };
    let mut event = batch.event.clone();
    place(&mut event, 0, "99999999999999999999999");
    place(&mut event, 1, "100000000000000000000000000000000000000");
    for _ in 0..2 {
        stream.handle(event.clone()).await;
    }
    assert_eq!(Snapshot::of(&stream.store.engine).await.totals("2026-11-01", "c1").sent, 1);
    let held =
        stream.store.table.checkpoint(event.shard_id.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!(held, event.records[1].dynamodb.sequence_number);
}
