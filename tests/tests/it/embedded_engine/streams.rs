//! The shards that are made of the engine's stream.

use crate::store::functions::phone_key;
use engine::Engine;
use engine::streams::FakeStream;
use serde_json::Map;
use shared::domain::facts::event::{Receipt, ReminderStatus};
use shared::domain::values::account::Account;
use shared::domain::values::ids::ReminderId;
use shared::domain::values::instant::Instant;
use shared::store::stream::StreamResponse;

/// A receipt of one of several reminders: one record.
async fn receipt(engine: &Engine, reminder: usize, minutes: i64) {
    let event = ReminderStatus {
        reminder_id: ReminderId::parse(&format!("wamid.{reminder}")).unwrap(),
        receipt: Receipt::Read,
        // Each earlier than the one before, so that each changes the fact.
        at: Instant::from_millis(1_800_000_000_000 - 60_000 * minutes),
    };
    engine
        .table()
        .reminder_write_receipt(&phone_key(), &Account::parse("store").unwrap(), &event)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_keeps_its_shard_and_a_child_waits_for_its_parent() {
    let engine = Engine::within().await.unwrap();
    let mut stream = FakeStream::of(&engine, 2).unwrap();
    for n in 0..20 {
        receipt(&engine, n, 0).await;
    }
    assert_eq!(stream.pull().unwrap(), 20);
    assert_eq!(stream.ready(), [0, 1], "both have some");
    stream.split(0);
    for n in 0..20 {
        receipt(&engine, n, 1).await;
    }
    assert_eq!(stream.pull().unwrap(), 20);
    assert_eq!(stream.open(), [1, 2, 3]);
    assert_eq!(stream.ready(), [0, 1], "the children wait");

    let parent = stream.batch(0, 0, 100).unwrap();
    let second = &parent.event.records[1].dynamodb.sequence_number;
    stream.settle(&parent, &StreamResponse::retry_from(Map::new(), second));
    let rest = stream.batch(0, 0, 100).unwrap();
    assert_eq!(&rest.event.records[0].dynamodb.sequence_number, second, "read from there again");
    let overlapping = stream.batch(0, 1, 1).unwrap();
    assert_eq!(overlapping.event.records[..], parent.event.records[..2]);
    stream.settle(&rest, &StreamResponse::default());
    assert_eq!(stream.ready(), [1, 2, 3], "the parent is done");
    let ids = |n: usize| stream.batch(n, 0, 100).unwrap().event.shard_id.unwrap();
    assert_ne!(ids(2), ids(3));

    for shard in [1, 2, 3] {
        let batch = stream.batch(shard, 0, 100).unwrap();
        stream.settle(&batch, &StreamResponse::default());
    }
    assert!(stream.is_done());
    assert_eq!(stream.len(), 40);
}
