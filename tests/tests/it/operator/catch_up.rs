//! Catching up from the order list: the same facts as the hook's.

use std::sync::{Arc, Mutex};

use chrono_tz::America::Sao_Paulo;
use http::StatusCode;
use ingest::replay::Replayed;
use ops::catch_up::{CatchUpError, Progress, catch_up};
use serde_json::{Value, json};
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::intake::catch_up::{SliceError, Tally};
use shared::intake::orders::NotTaken;
use shared::vtex::VtexError;
use vtex_stand_in::Fault;
use vtex_stand_in::documents::order_with;

use crate::store::account;
use crate::store::contents::reason;
use crate::store::hook::{AT_ONCE, Hook};

fn days(from: &str, to: &str) -> Period {
    Period::new(StoreDay::parse(from).unwrap(), StoreDay::parse(to).unwrap()).unwrap()
}

/// Runs the job; answers what came of it and what was told on the way.
async fn run(hook: &Hook, period: Period) -> (Result<Tally, CatchUpError>, Vec<Progress>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let mut progress = move |told| hears.lock().unwrap().push(told);
    let result =
        catch_up(&hook.intake().orders, &account(), period, Sao_Paulo, AT_ONCE, &mut progress)
            .await;
    let told = told.lock().unwrap().clone();
    (result, told)
}

/// Why a job stopped at a day.
fn cause(result: &Result<Tally, CatchUpError>) -> &SliceError {
    match result {
        Err(CatchUpError::Stopped { cause, .. }) => cause,
        _ => panic!("{result:?}"),
    }
}

async fn caught_up(hook: &Hook, from: &str, to: &str) -> Tally {
    run(hook, days(from, to)).await.0.unwrap()
}

fn made(group: u32, at: &str) -> Value {
    order_with(json!({
        "orderId": format!("{group}-01"), "orderGroup": group.to_string(), "creationDate": at,
        "lastChange": at,
    }))
}

#[tokio::test]
async fn the_list_and_the_hook_end_in_the_same_facts() {
    let (hooked, listed) = (Hook::open().await, Hook::open().await);
    let mut documents = Vec::new();
    for group in 1..=12 {
        documents.push(made(group, &format!("2026-11-{:02}T15:00:00.1234567+00:00", group + 1)));
    }
    let mut second = made(3, "2026-11-04T15:00:00.1234567+00:00");
    second["orderId"] = json!("3-02");
    second["status"] = json!("canceled");
    documents.push(second);
    for document in documents {
        listed.vtex.put(document.clone());
        hooked.change(document).await.is_empty();
    }
    let tally = caught_up(&listed, "2026-11-02", "2026-11-13").await;
    assert_eq!(tally, Tally { listed: 13, changed: 13, ..Tally::default() });
    for group in 1..=12 {
        let order = listed.store.order(&group.to_string()).await;
        assert!(order.is_some());
        assert_eq!(hooked.store.order(&group.to_string()).await, order, "{group}");
    }
    // Once more, and after the hook: nothing changes.
    let again = caught_up(&listed, "2026-11-02", "2026-11-13").await;
    assert_eq!(again, Tally { listed: 13, unchanged: 13, ..Tally::default() });
    hooked.vtex.put(made(1, "2026-11-02T15:00:00.1234567+00:00"));
    let after = caught_up(&hooked, "2026-11-02", "2026-11-13").await;
    assert_eq!(after.changed, 0);
}

#[tokio::test]
async fn a_day_is_the_stores_own() {
    let hook = Hook::open().await;
    // Three hours behind UTC.
    for (group, at) in [
        (1, "2026-11-10T02:59:59.999Z"),
        (2, "2026-11-10T03:00:00.000Z"),
        (3, "2026-11-11T02:59:59.999Z"),
        (4, "2026-11-11T03:00:00.000Z"),
    ] {
        hook.vtex.put(made(group, at));
    }
    let tally = caught_up(&hook, "2026-11-10", "2026-11-10").await;
    assert_eq!(tally.listed, 2);
    assert!(hook.store.order("2").await.is_some() && hook.store.order("3").await.is_some());
    assert!(hook.store.order("1").await.is_none() && hook.store.order("4").await.is_none());
}

#[tokio::test]
async fn every_page_is_read_and_told_of() {
    let hook = Hook::open().await;
    for group in 0..250 {
        let (minute, second) = (group / 60, group % 60);
        hook.vtex.put(made(group, &format!("2026-11-10T12:{minute:02}:{second:02}Z")));
    }
    let (result, told) = run(&hook, days("2026-11-10", "2026-11-11")).await;
    assert_eq!(result.unwrap().changed, 250);
    let day = |text| Some(StoreDay::parse(text).unwrap());
    let listed: Vec<_> = told
        .iter()
        .map(|told| match told {
            Progress::Page(tally) => (None, tally.listed),
            Progress::Day(day, tally) => (Some(*day), tally.listed),
        })
        .collect();
    let (tenth, eleventh) = (day("2026-11-10"), day("2026-11-11"));
    let expected =
        [(None, 100), (None, 200), (None, 250), (tenth, 250), (None, 250), (eleventh, 250)];
    assert_eq!(listed, expected);
}

/// VTEX hands out 3,000 orders of a list at most.
#[tokio::test]
async fn a_list_that_is_too_long_is_asked_for_in_parts() {
    let hook = Hook::open().await;
    for group in 0..3_001 {
        let (minute, second) = (group / 60, group % 60);
        let mut document = made(group, &format!("2026-11-10T12:{minute:02}:{second:02}Z"));
        if group % 1_000 != 0 {
            // Sold elsewhere: not read, so that this test is quick.
            document["origin"] = json!("Fulfillment");
        }
        hook.vtex.put(document);
    }
    let tally = caught_up(&hook, "2026-11-10", "2026-11-10").await;
    assert_eq!(tally, Tally { listed: 3_001, changed: 4, ignored: 2_997, ..Tally::default() });
}

#[tokio::test]
async fn more_orders_of_one_instant_than_vtex_hands_out_are_told() {
    let hook = Hook::open().await;
    for group in 0..3_001 {
        hook.vtex.put(made(group, "2026-11-10T12:00:00.000Z"));
    }
    let (result, _) = run(&hook, days("2026-11-10", "2026-11-10")).await;
    assert!(matches!(cause(&result), SliceError::TooMany(_)), "{result:?}");
}

#[tokio::test]
async fn a_vtex_that_fails_for_a_while_is_asked_again() {
    let hook = Hook::open().await;
    hook.vtex.put(made(1, "2026-11-10T12:00:00Z"));
    let fails = |status| Some(Fault::Status(status));
    // The list twice, then the order twice.
    hook.vtex.plan([fails(429), fails(500), None, fails(503), fails(429)]);
    let tally = caught_up(&hook, "2026-11-10", "2026-11-10").await;
    assert_eq!(tally.changed, 1);
    assert_eq!(hook.vtex.calls().len(), 6);
}

#[tokio::test]
async fn a_vtex_that_goes_on_failing_stops_the_job() {
    let hook = Hook::open().await;
    hook.vtex.fail_always(Some(Fault::Status(429)));
    let (result, _) = run(&hook, days("2026-11-10", "2026-11-10")).await;
    assert!(matches!(cause(&result), SliceError::List(VtexError::Busy { .. })), "{result:?}");
    assert_eq!(hook.vtex.calls().len(), 3);
}

#[tokio::test]
async fn refused_keys_stop_the_job_at_once() {
    let hook = Hook::open().await;
    hook.vtex.put(made(1, "2026-11-10T12:00:00Z"));
    hook.vtex.change_token("OTHER");
    let (result, _) = run(&hook, days("2026-11-10", "2026-11-10")).await;
    let SliceError::List(VtexError::KeysRefused { status, .. }) = cause(&result) else {
        panic!("{result:?}");
    };
    assert_eq!(*status, StatusCode::UNAUTHORIZED);
    assert_eq!(hook.vtex.calls().len(), 1);
    let unconnected = Hook::unconnected().await;
    let (result, _) = run(&unconnected, days("2026-11-10", "2026-11-10")).await;
    assert!(matches!(result, Err(CatchUpError::NotConnected)), "{result:?}");
}

#[tokio::test]
async fn what_cannot_count_is_kept_aside_as_the_hook_keeps_it() {
    let hook = Hook::open().await;
    let mut bad = made(1, "2026-11-10T12:00:00Z");
    bad["value"] = json!(-1);
    hook.vtex.put(bad);
    let tally = caught_up(&hook, "2026-11-10", "2026-11-10").await;
    assert_eq!(tally, Tally { listed: 1, kept_aside: 1, ..Tally::default() });
    assert_eq!(hook.store.reason().await, reason("invalid-field", "order.value"));
    // Mended at VTEX, it replays like a notification.
    let held: Value = serde_json::from_str(&hook.store.asides().await[0].body).unwrap();
    hook.vtex.put(made(1, "2026-11-10T12:00:00Z"));
    assert_eq!(hook.replay(&held["item"]).await, Some(Replayed::Stored));
    assert!(hook.store.order("1").await.is_some());
}

/// Whoever runs it again begins there.
#[tokio::test]
async fn an_error_tells_where_it_stopped() {
    let hook = Hook::open().await;
    hook.vtex.put(made(1, "2026-11-10T12:00:00Z"));
    let fails = || Some(Fault::Status(502));
    // The first day's list and its order, then the second day's list as often as it is asked for.
    hook.vtex.plan([None, None, fails(), fails(), fails()]);
    let (result, told) = run(&hook, days("2026-11-10", "2026-11-12")).await;
    let error = result.unwrap_err();
    let chain = shared::telemetry::chain(&error);
    let start =
        "stopped at 2026-11-11, all days before it are done: the order list could not be read: ";
    assert!(chain.starts_with(start), "{chain}");
    let first = StoreDay::parse("2026-11-10").unwrap();
    let tally = Tally { listed: 1, changed: 1, ..Tally::default() };
    assert_eq!(told, [Progress::Page(tally), Progress::Day(first, tally)]);
}

#[test]
fn an_error_tells_its_cause() {
    let busy = VtexError::Busy { operation: "read an order", status: StatusCode::BAD_GATEWAY };
    let error = CatchUpError::Stopped {
        day: StoreDay::parse("2026-11-11").unwrap(),
        cause: SliceError::Order(NotTaken::Vtex(busy)),
    };
    assert_eq!(
        shared::telemetry::chain(&error),
        "stopped at 2026-11-11, all days before it are done: an order could not be taken: the order \
         could not be read: VTEX could not complete read an order for now (502 Bad Gateway)",
    );
}
