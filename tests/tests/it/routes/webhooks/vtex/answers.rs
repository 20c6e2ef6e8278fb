//! What VTEX may answer, or not, and what the hook answers then.

use std::time::Duration;

use engine::faults::{Fault as TableFault, Faults};
use ingest::replay::Replayed;
use serde_json::json;
use shared::domain::values::limits::PARTS_PER_ORDER;
use shared::telemetry::{Counter, counted};
use shared::vtex::VtexApi;
use vtex_stand_in::Fault;
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};

use crate::store::ACCOUNT;
use crate::store::answer::Answer;
use crate::store::contents::reason;
use crate::store::hook::{Hook, PATIENT, SECRET, begin, keys};
use crate::store::senders::nobody_listens;

/// Below the patience of the call to VTEX, and more than it takes to reach a port of this machine.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// Notifies of an order; once VTEX hears of it, the time that is still to be waited for passes at
/// once.
async fn notify_and_wait(hook: &Hook) -> Answer {
    let before = hook.vtex.calls().len();
    let waiting = async {
        while hook.vtex.calls().len() == before {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
    };
    let (answer, ()) = tokio::join!(hook.notify(ORDER_ID), waiting);
    tokio::time::resume();
    answer
}

#[tokio::test]
async fn what_vtex_cannot_tell_for_now_comes_again() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let before = counted(Counter::VtexUnavailable);
    let faults = [
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::Status(408),
        Fault::Text("<html>Em manutenção</html>".to_owned()),
        Fault::Text(String::new()),
        Fault::Text("{\"orderId\": \"1".to_owned()),
    ];
    let count = u64::try_from(faults.len()).unwrap();
    for fault in faults {
        hook.vtex.fail_once(fault.clone());
        let answer = hook.notify(ORDER_ID).await;
        assert_eq!(answer.status, 503, "{fault:?}: {}", answer.text);
        answer.is_problem(503, "unavailable");
    }
    assert_eq!(counted(Counter::VtexUnavailable) - before, count);
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
    assert!(hook.store.asides().await.is_empty());
    hook.notify(ORDER_ID).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn a_vtex_that_does_not_answer_in_time_is_not_waited_for() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let way = ingest::VtexAccess::new(VtexApi::at(hook.vtex.url(), PATIENT));
    // The call to VTEX is what ends first.
    let hasty = hook.reaching(way.answering_within(2 * PATIENT.total));
    for fault in [Fault::Silence, Fault::HalfAnAnswer] {
        hook.vtex.fail_once(fault);
        notify_and_wait(&hasty).await.is_problem(503, "unavailable");
    }
    let (_taken, endpoint) = nobody_listens();
    let nowhere = ingest::VtexAccess::new(VtexApi::at(endpoint, PATIENT));
    hook.reaching(nowhere).notify(ORDER_ID).await.is_problem(503, "unavailable");
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn an_answer_leaves_in_time_whatever_takes_so_long() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    hook.vtex.fail_once(Fault::Silence);
    let way = ingest::VtexAccess::new(VtexApi::at(hook.vtex.url(), PATIENT));
    let hasty = hook.reaching(way.answering_within(ANSWERS_WITHIN));
    notify_and_wait(&hasty).await.is_problem(503, "unavailable");
    // What was broken off left nothing that a second delivery minds.
    hook.notify(ORDER_ID).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn an_order_that_vtex_does_not_know_waits_aside() {
    let hook = Hook::open().await;
    hook.notify(ORDER_ID).await.is_empty();
    assert_eq!(hook.store.reason().await, reason("order-not-found", "OrderId"));
    let aside = hook.store.asides().await.remove(0);
    let held: serde_json::Value = serde_json::from_str(&aside.body).unwrap();
    assert_eq!(held["item"], notification(ACCOUNT, ORDER_ID, "Marketplace"));
    // A replay while it is still missing leaves it where it is; once VTEX knows it, it counts.
    let refused = hook.replay(&held["item"]).await;
    assert!(matches!(refused, Some(Replayed::Refused(_))), "{refused:?}");
    assert_eq!(hook.store.asides().await.len(), 1);
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
    hook.vtex.put(order());
    hook.vtex.fail_once(Fault::Status(500));
    assert_eq!(hook.replay(&held["item"]).await, None);
    assert_eq!(hook.replay(&held["item"]).await, Some(Replayed::Stored));
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn what_vtex_never_tells_is_kept_aside() {
    for status in [400, 405, 409, 422] {
        let hook = Hook::open().await;
        hook.vtex.fail_once(Fault::Status(status));
        hook.notify(ORDER_ID).await.is_empty();
        assert_eq!(hook.store.reason().await, reason("order-refused", "OrderId"), "{status}");
    }
    let hook = Hook::open().await;
    hook.vtex.put(order_with(json!({"lastMessage": "x".repeat(4 << 20)})));
    hook.notify(ORDER_ID).await.is_empty();
    assert_eq!(hook.store.reason().await, reason("order-refused", "OrderId"));
}

#[tokio::test]
async fn refused_keys_raise_an_alarm_and_lose_nothing() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    for status in [401, 403] {
        let before = counted(Counter::VtexKeysRefused);
        hook.vtex.fail_once(Fault::Status(status));
        hook.notify(ORDER_ID).await.is_problem(503, "unavailable");
        assert_eq!(counted(Counter::VtexKeysRefused) - before, 1);
    }
    assert!(hook.store.asides().await.is_empty());
    hook.notify(ORDER_ID).await.is_empty();
}

#[tokio::test]
async fn new_keys_work_at_once() {
    let hook = Hook::open().await;
    hook.change(order()).await.is_empty();
    hook.vtex.change_token("NEWTOKEN");
    hook.notify(ORDER_ID).await.is_problem(503, "unavailable");
    let newer = shared::store::vtex::VtexKeys::parse(keys().app_key(), "NEWTOKEN").unwrap();
    begin(&hook.store, &newer, "new-secret").await;
    // The old secret still counts, and the old keys are still held.
    hook.notify(ORDER_ID).await.is_empty();
}

#[tokio::test]
async fn keys_follow_no_redirect() {
    let hook = Hook::open().await;
    let elsewhere = vtex_stand_in::Vtex::start().await.unwrap();
    hook.vtex.fail_once(Fault::Redirect(format!("{}/api/oms/pvt/orders/1", elsewhere.url())));
    hook.notify(ORDER_ID).await.is_problem(503, "unavailable");
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn another_order_than_the_one_asked_for_is_not_believed() {
    let hook = Hook::open().await;
    hook.vtex.put_as(ORDER_ID, order_with(json!({"orderId": "1172452900788-02"})));
    hook.notify(ORDER_ID).await.is_empty();
    assert_eq!(hook.store.reason().await, reason("invalid-field", "order.orderId"));
    assert_eq!(hook.store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn no_order_id_reaches_another_call() {
    let hook = Hook::open().await;
    for id in ["..", ".", "../../../orders/hook/config", "a/b", "a?page=1", "\\"] {
        hook.notify(id).await.is_empty();
    }
    assert!(hook.store.reasons().await.iter().all(|(code, _)| code == "order-not-found"));
    let paths: Vec<String> = hook.vtex.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    for path in paths {
        let id = path.strip_prefix("/api/oms/pvt/orders/").unwrap();
        assert!(!id.contains('/') && !id.contains('?'), "{path}");
    }
}

#[tokio::test]
async fn an_order_that_is_full_is_kept_aside() {
    let hook = Hook::open().await;
    let part = |n: usize| order_with(json!({"orderId": format!("{ORDER_GROUP}-{n:02}")}));
    for n in 1..=PARTS_PER_ORDER {
        hook.change(part(n)).await.is_empty();
    }
    assert!(hook.store.asides().await.is_empty());
    hook.change(part(PARTS_PER_ORDER + 1)).await.is_empty();
    assert_eq!(hook.store.reason().await, reason("order-limit", "order.orderId"));
}

#[tokio::test]
async fn a_table_that_fails_is_answered_5xx() {
    let hook = Hook::open().await;
    hook.vtex.put(order());
    let faults = Faults::planned(|call| call.is_write().then_some(TableFault::Throttled));
    let table = hook.store.engine.table_through(faults.around(hook.store.engine.http()), 1);
    let failing = hook.before(&hook.store.through(table));
    failing
        .post("/webhooks/vtex/acme", &[SECRET], {
            notification(ACCOUNT, ORDER_ID, "Marketplace").to_string()
        })
        .await
        .is_problem(503, "unavailable");
    // Neither a fact nor an aside: nothing is told to be durable that isn't.
    failing.notify("unknown-01").await.is_problem(503, "unavailable");
    assert!(hook.store.asides().await.is_empty());
    hook.notify(ORDER_ID).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}
