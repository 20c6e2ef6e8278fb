//! Each fault is to the SDK what the real thing is.

use crate::store::functions::{digest, phone_key};
use engine::Engine;
use engine::dice::Dice;
use engine::faults::{Fault, Faults};
use shared::domain::facts::event::{Receipt, ReminderStatus};
use shared::domain::values::account::Account;
use shared::domain::values::ids::ReminderId;
use shared::domain::values::instant::Instant;
use shared::store::facts::Written;
use shared::store::rollups::Committed;
use shared::store::stream::SequenceNumber;
use shared::store::{StoreError, Table};

fn account() -> Account {
    Account::parse("store").unwrap()
}

fn event() -> ReminderStatus {
    ReminderStatus {
        reminder_id: ReminderId::parse("wamid.1").unwrap(),
        receipt: Receipt::Read,
        at: Instant::from_millis(1_700_000_000_000),
    }
}

/// A table whose first call has a fault, and the table as it is.
async fn faulty(fault: Fault, attempts: u32) -> (Table, Faults, Table) {
    let engine = Engine::within().await.unwrap();
    let faults = Faults::planned(move |call| (call.number == 0).then_some(fault));
    let table = engine.table_through(faults.around(engine.http()), attempts);
    (table, faults, engine.table())
}

async fn is_written(table: &Table) -> bool {
    table.reminder(&account(), &digest("wamid.1")).await.unwrap().is_some()
}

#[tokio::test(start_paused = true)]
async fn a_fault_fails_the_call_for_now() {
    for (fault, done) in [
        (Fault::Unsent, false),
        (Fault::Unanswered, true),
        (Fault::Conflict, false),
        (Fault::Throughput, false),
        (Fault::Throttled, false),
    ] {
        let (table, _, sound) = faulty(fault, 1).await;
        let failed =
            table.reminder_write_receipt(&phone_key(), &account(), &event()).await.unwrap_err();
        assert!(failed.is_transient(), "{fault:?}");
        assert_eq!(is_written(&sound).await, done, "{fault:?}");
        assert_eq!(
            table.reminder_write_receipt(&phone_key(), &account(), &event()).await.unwrap()
                == Written::Changed,
            !done
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_fails_the_call_for_good() {
    let (table, _, sound) = faulty(Fault::Refused, 3).await;
    let failed =
        table.reminder_write_receipt(&phone_key(), &account(), &event()).await.unwrap_err();
    assert!(matches!(failed, StoreError::Refused { .. }));
    assert!(!is_written(&sound).await);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_tries_again_what_it_may() {
    for fault in [Fault::Unsent, Fault::Unanswered, Fault::Throughput, Fault::Throttled] {
        let (table, faults, sound) = faulty(fault, 3).await;
        table.reminder_write_receipt(&phone_key(), &account(), &event()).await.unwrap();
        assert_eq!(faults.calls().len(), 2, "{fault:?}");
        assert!(is_written(&sound).await);
    }
}

/// The SDK doesn't try a conflict of a transaction again: the store does.
#[tokio::test(start_paused = true)]
async fn a_conflict_cancels_the_transaction_with_its_reason() {
    let (table, faults, _) = faulty(Fault::Conflict, 1).await;
    let one = SequenceNumber::parse("1").unwrap();
    let now = event().at;
    let committed = table.rollups_commit("shard", None, &one, &[], now).await.unwrap();
    assert_eq!(committed, Committed::Counted);
    assert_eq!(faults.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_leaves_the_caller_hanging() {
    for (fault, done) in [(Fault::CrashBefore, false), (Fault::CrashAfter, true)] {
        let (table, faults, sound) = faulty(fault, 3).await;
        let (key, account, event) = (phone_key(), account(), event());
        let came_back = tokio::select! {
            _ = table.reminder_write_receipt(&key, &account, &event) => true,
            () = faults.crashed() => false,
        };
        assert!(!came_back);
        assert_eq!(is_written(&sound).await, done);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_until_it_is_let_go() {
    let engine = Engine::within().await.unwrap();
    let faults = Faults::default();
    let hold = faults.hold(|call| call.is_write() && call.sort_key() == Some("FACT"));
    let table = engine.table_through(faults.around(engine.http()), 1);
    let writer = tokio::spawn(async move {
        table.reminder_write_receipt(&phone_key(), &account(), &event()).await
    });
    hold.reached().await;
    assert!(!is_written(&engine.table()).await);
    hold.release();
    assert_eq!(writer.await.unwrap().unwrap(), Written::Changed);
    assert!(is_written(&engine.table()).await);
}

#[test]
fn the_same_seed_throws_the_same_dice() {
    let throw = |seed| {
        let mut dice = Dice::new(seed);
        let mut order: Vec<usize> = (0..20).collect();
        dice.shuffle(&mut order);
        (order, dice.fork().next(), dice.pick(&[1, 2, 3]).copied(), dice.chance(500))
    };
    assert_eq!(throw(7), throw(7));
    assert_ne!(throw(7), throw(8));
}
