//! What a tick makes of schedules.

use engine::faults::{Fault, Faults};
use report_worker::{WorkerEvent, handle, tick};
use shared::domain::reports::report::{Report, ReportStatus};
use shared::domain::reports::row::ReportFormat;
use shared::domain::reports::schedule::{Frequency, Schedule, ScheduleId, ScheduleStatus};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::store::key::Key;
use shared::store::schedules::{ScheduleChange, ScheduleCreated};
use shared::telemetry::{Counter, counted};

use crate::report_worker::minutes;
use crate::store::at;
use crate::store::worker::Worker;

/// A schedule made on Saturday 2026-11-21 at noon.
pub(crate) async fn schedule(worker: &Worker, n: u8, frequency: Frequency) -> Schedule {
    let made = at("2026-11-21T12:00:00-03:00");
    let schedule = Schedule {
        id: ScheduleId::new(made, &[n; 10]),
        account: worker.store.account.clone(),
        email: EmailAddress::parse("bia@store.example").unwrap(),
        frequency,
        campaign_id: CampaignId::parse("c2").ok(),
        format: ReportFormat::Xlsx,
        status: ScheduleStatus::Active,
        created_at: made,
        created_by: "ana".to_owned(),
        active_since: made,
        edited_at: None,
        last_run: None,
        pause_reason: None,
        unsubscribed_at: None,
    };
    let created = worker.store.table.schedule_create(&schedule).await.unwrap();
    assert_eq!(created, ScheduleCreated::Created);
    schedule
}

pub(crate) async fn tick_at(worker: &Worker, text: &str) -> u64 {
    let event = WorkerEvent::Tick(Some(at(text)));
    handle(&worker.deps, event).await.unwrap()["requested"].as_u64().unwrap()
}

/// The account's reports, oldest first.
pub(crate) async fn reports(worker: &Worker) -> Vec<Report> {
    let mut reports =
        worker.store.table.reports(&worker.store.account, None, 100).await.unwrap().reports;
    reports.reverse();
    reports
}

#[tokio::test]
async fn each_period_is_requested_once() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    assert_eq!(tick_at(&worker, "2026-11-22T05:59:59-03:00").await, 0);
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 0);
    assert_eq!(tick_at(&worker, "2026-11-22T06:15:00-03:00").await, 0);
    // No tick for two days.
    assert_eq!(tick_at(&worker, "2026-11-24T20:00:00-03:00").await, 2);
    let found = reports(&worker).await;
    let days: Vec<String> = found.iter().map(|report| report.from.to_string()).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-22", "2026-11-23"]);
    for report in &found {
        assert_eq!(report.from, report.to);
        assert!(!report.status.is_final());
        assert_eq!(report.schedule_id.as_ref(), Some(&daily.id));
        assert_eq!(report.requested_by.as_deref(), Some("ana"));
        assert_eq!((&report.email, report.format), (&daily.email, daily.format));
        assert_eq!(report.campaign_id, daily.campaign_id);
    }
    worker.deliver(&found[0]).await;
    assert_eq!(worker.ses.mails().len(), 1);
}

#[tokio::test]
async fn weeks_and_months_have_schedules_of_their_own() {
    let worker = Worker::open().await;
    schedule(&worker, 1, Frequency::Daily).await;
    schedule(&worker, 2, Frequency::Weekly).await;
    schedule(&worker, 3, Frequency::Monthly).await;
    assert_eq!(tick_at(&worker, "2026-11-23T06:00:00-03:00").await, 3);
    assert_eq!(tick_at(&worker, "2026-12-01T06:00:00-03:00").await, 10);
    let found = reports(&worker).await;
    let long: Vec<String> = found
        .iter()
        .filter(|report| report.from < report.to)
        .map(|report| format!("{}..{}", report.from, report.to))
        .collect();
    assert_eq!(
        long,
        ["2026-11-16..2026-11-22", "2026-11-23..2026-11-29", "2026-11-01..2026-11-30"]
    );
}

#[tokio::test]
async fn ticks_at_once_request_once() {
    let worker = Worker::open().await;
    schedule(&worker, 1, Frequency::Daily).await;
    let when = at("2026-11-24T06:00:00-03:00");
    let (a, b, c) = tokio::join!(
        tick::tick(&worker.deps, when),
        tick::tick(&worker.deps, when),
        tick::tick(&worker.deps, when)
    );
    assert_eq!(a.unwrap().requested + b.unwrap().requested + c.unwrap().requested, 3);
    assert_eq!(reports(&worker).await.len(), 3);
}

/// A tick that read the schedules before another one requested: the reports' keys stop it.
#[tokio::test]
async fn a_slow_tick_requests_nothing_again() {
    let worker = Worker::open().await;
    schedule(&worker, 1, Frequency::Daily).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
        hold.release();
    };
    let (ticked, ()) = tokio::join!(tick::tick(&slow, at("2026-11-22T06:00:00-03:00")), meanwhile);
    assert_eq!(ticked.unwrap().requested, 0);
    assert_eq!(reports(&worker).await.len(), 1);
}

#[tokio::test]
async fn what_is_paused_or_deleted_requests_nothing() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    let account = &worker.store.account;
    let set = async |status, now: Instant| {
        worker
            .store
            .table
            .schedule_set_status(account, &daily.id, status, now)
            .await
            .unwrap()
            .unwrap()
    };
    set(ScheduleStatus::Paused, at("2026-11-21T13:00:00-03:00")).await;
    assert_eq!(tick_at(&worker, "2026-11-23T06:00:00-03:00").await, 0);
    // What ended during the pause is not made up for.
    set(ScheduleStatus::Active, at("2026-11-23T07:00:00-03:00")).await;
    assert_eq!(tick_at(&worker, "2026-11-23T08:00:00-03:00").await, 0);
    assert_eq!(tick_at(&worker, "2026-11-24T06:00:00-03:00").await, 1);
    assert!(worker.store.table.schedule_delete(account, &daily.id).await.unwrap());
    assert_eq!(tick_at(&worker, "2026-11-25T06:00:00-03:00").await, 0);
    assert_eq!(reports(&worker).await.len(), 1);
}

/// Deleted between the tick's reading and its writing.
#[tokio::test]
async fn a_schedule_that_goes_meanwhile_requests_nothing() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let slow = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        assert!(
            worker.store.table.schedule_delete(&worker.store.account, &daily.id).await.unwrap()
        );
        hold.release();
    };
    let (ticked, ()) = tokio::join!(tick::tick(&slow, at("2026-11-22T06:00:00-03:00")), meanwhile);
    assert_eq!(ticked.unwrap().requested, 0);
    assert!(reports(&worker).await.is_empty());
    assert!(worker.store.table.schedules_standing().await.unwrap().is_empty());
}

/// Edited between the tick's reading and its writing: nothing goes to the address of before.
#[tokio::test]
async fn a_schedule_that_is_edited_meanwhile_runs_as_it_is_then() {
    let worker = Worker::open().await;
    let daily = schedule(&worker, 1, Frequency::Daily).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let slow = worker.under(&faults);
    let new = EmailAddress::parse("new@shop.example").unwrap();
    let now = at("2026-11-22T06:00:00-03:00");
    let meanwhile = async {
        hold.reached().await;
        let change = ScheduleChange { email: Some(new.clone()), ..ScheduleChange::default() };
        let (table, account) = (&worker.store.table, &worker.store.account);
        table.schedule_edit(account, &daily.id, &change, now).await.unwrap().unwrap();
        hold.release();
    };
    let (ticked, ()) = tokio::join!(tick::tick(&slow, now), meanwhile);
    assert_eq!(ticked.unwrap().requested, 0);
    assert!(reports(&worker).await.is_empty());
    assert_eq!(tick_at(&worker, "2026-11-22T06:05:00-03:00").await, 1);
    assert_eq!(reports(&worker).await[0].email, new);
}

/// Nothing crosses an account, not even a fault.
#[tokio::test]
async fn a_schedule_or_report_that_cannot_be_read_stops_no_other() {
    let worker = Worker::open().await;
    let broken = schedule(&worker, 1, Frequency::Daily).await;
    schedule(&worker, 2, Frequency::Daily).await;
    spoil(&worker, &Key::schedule(&worker.store.account, &broken.id)).await;
    let before = counted(Counter::ItemsUnreadable);
    assert_eq!(tick_at(&worker, "2026-11-22T06:00:00-03:00").await, 1);
    assert_eq!(counted(Counter::ItemsUnreadable) - before, 1);
    let request = worker.request(None).await;
    let scheduled = reports(&worker).await.into_iter().find(|r| r.schedule_id.is_some()).unwrap();
    spoil(&worker, &Key::report(&worker.store.account, &scheduled.id)).await;
    worker.store.pass(minutes(5));
    assert_eq!(worker.tick().await["touched"], 1);
    assert_eq!(worker.stored(&request).await.status, ReportStatus::Due);
}

/// Leaves nothing of an item that could be understood.
async fn spoil(worker: &Worker, key: &Key) {
    let client = worker.store.engine.client();
    let item = key.attributes();
    client.put_item().table_name("campaigns").set_item(Some(item)).send().await.unwrap();
}

#[tokio::test]
async fn a_tick_that_fails_says_so_and_the_next_one_makes_up_for_it() {
    let worker = Worker::open().await;
    schedule(&worker, 1, Frequency::Daily).await;
    let request = worker.request(None).await;
    worker.store.pass(minutes(5));
    let faults = Faults::planned(|call| {
        (call.operation == "TransactWriteItems").then_some(Fault::Throttled)
    });
    let now = worker.store.clock.now();
    let ticked = tick::tick(&worker.under(&faults), now).await;
    assert!(matches!(ticked, Err(tick::TickError::Incomplete { failed: 1 })), "{ticked:?}");
    // The fault of the one left the other its turn.
    assert_eq!(worker.stored(&request).await.status, ReportStatus::Due);
    assert_eq!(worker.tick().await["requested"], 1);
}
