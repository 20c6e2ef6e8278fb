//! The test engine itself: what it counts, and that both ways to it lead to the same answers.

mod faults;
mod streams;

use crate::store::functions::{digest, phone_key};
use engine::Engine;
use shared::domain::facts::event::{Receipt, ReminderStatus};
use shared::domain::values::account::Account;
use shared::domain::values::ids::ReminderId;
use shared::domain::values::instant::Instant;
use shared::store::facts::Written;

async fn receipt_twice(engine: &Engine) {
    let (table, meter) = engine.metered();
    let account = Account::parse("store").unwrap();
    let reminder_id = ReminderId::parse("wamid.1").unwrap();
    let at = Instant::from_millis(1_700_000_000_000);
    let event = ReminderStatus { reminder_id, receipt: Receipt::Read, at };
    assert_eq!(
        table.reminder_write_receipt(&phone_key(), &account, &event).await.unwrap(),
        Written::Changed
    );
    assert_eq!(meter.of("UpdateItem"), engine::meter::Usage { calls: 1, units: 1.0 });
    assert_eq!(
        table.reminder_write_receipt(&phone_key(), &account, &event).await.unwrap(),
        Written::Unchanged
    );
    assert_eq!(meter.calls(), 2);
    let read = table.reminder(&account, &digest("wamid.1")).await.unwrap().unwrap();
    assert_eq!(read.read_at, Some(at));
    assert!((meter.read_units() - 1.0).abs() < f64::EPSILON, "{:?}", meter.usage());
    meter.reset();
    assert_eq!(meter.calls(), 0);
}

#[tokio::test]
async fn calls_over_http_are_metered() {
    receipt_twice(&Engine::start().await.unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn calls_within_the_process_are_metered_alike() {
    receipt_twice(&Engine::within().await.unwrap()).await;
}
