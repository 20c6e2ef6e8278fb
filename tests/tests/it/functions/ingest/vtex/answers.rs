//! What VTEX may answer, or not, and what the hook answers then.

use std::time::Duration;

use engine::faults::{Fault as TableFault, Faults};
use ingest::Replayed;
use serde_json::json;
use shared::domain::values::limits::PARTS_PER_ORDER;
use shared::telemetry::{Counter, counted};
use shared::vtex::{Timeouts, VtexApi};
use vtex_stand_in::Fault;
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, notification, order, order_with};

use crate::functions::ingest::vtex::support::{
    ACCOUNT, PATIENT, SECRET, Store, account, keys, reason,
};

/// Short enough not to be waited for, and long enough to reach a port of this machine.
const IMPATIENT: Timeouts =
    Timeouts { connect: Duration::from_millis(200), total: Duration::from_millis(200) };

#[tokio::test]
async fn what_vtex_cannot_tell_for_now_comes_again() {
    let store = Store::open().await;
    store.vtex.put(order());
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
        store.vtex.fail_once(fault.clone());
        let answer = store.notify(ORDER_ID).await;
        assert_eq!(answer.status, 503, "{fault:?}: {}", answer.text);
        answer.is_problem(503, "unavailable");
    }
    assert_eq!(counted(Counter::VtexUnavailable) - before, count);
    assert_eq!(store.order(ORDER_GROUP).await, None);
    assert!(store.asides().await.is_empty());
    store.notify(ORDER_ID).await.is_ok();
    assert!(store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn a_vtex_that_does_not_answer_in_time_is_not_waited_for() {
    let store = Store::open().await;
    store.vtex.put(order());
    let hook = ingest::Vtex::new(VtexApi::at(store.vtex.url(), IMPATIENT));
    let hasty = store.reaching(hook.answering_within(PATIENT.total));
    for fault in [Fault::Silence, Fault::HalfAnAnswer] {
        store.vtex.fail_once(fault);
        hasty.notify(ORDER_ID).await.is_problem(503, "unavailable");
    }
    // Nobody listens there.
    let nowhere = ingest::Vtex::new(VtexApi::at("http://127.0.0.1:9", IMPATIENT));
    store.reaching(nowhere).notify(ORDER_ID).await.is_problem(503, "unavailable");
    assert_eq!(store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn an_answer_leaves_in_time_whatever_takes_so_long() {
    let store = Store::open().await;
    store.vtex.put(order());
    store.vtex.fail_once(Fault::Silence);
    let hook = ingest::Vtex::new(VtexApi::at(store.vtex.url(), PATIENT));
    let hasty = store.reaching(hook.answering_within(Duration::from_millis(200)));
    hasty.notify(ORDER_ID).await.is_problem(503, "unavailable");
    // What was broken off left nothing that a second delivery minds.
    store.notify(ORDER_ID).await.is_ok();
    assert!(store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn an_order_that_vtex_does_not_know_waits_aside() {
    let store = Store::open().await;
    store.notify(ORDER_ID).await.is_ok();
    assert_eq!(store.reason().await, reason("order-not-found", "OrderId"));
    let aside = store.asides().await.remove(0);
    let held: serde_json::Value = serde_json::from_str(&aside.body).unwrap();
    assert_eq!(held["item"], notification(ACCOUNT, ORDER_ID, "Marketplace"));
    // A replay while it is still missing leaves it where it is; once VTEX knows it, it counts.
    let refused = store.replay(&held["item"]).await;
    assert!(matches!(refused, Some(Replayed::Refused(_))), "{refused:?}");
    assert_eq!(store.asides().await.len(), 1);
    assert_eq!(store.order(ORDER_GROUP).await, None);
    store.vtex.put(order());
    store.vtex.fail_once(Fault::Status(500));
    assert_eq!(store.replay(&held["item"]).await, None);
    assert_eq!(store.replay(&held["item"]).await, Some(Replayed::Stored));
    assert!(store.order(ORDER_GROUP).await.is_some());
}

#[tokio::test]
async fn what_vtex_never_tells_is_kept_aside() {
    for status in [400, 405, 409, 422] {
        let store = Store::open().await;
        store.vtex.fail_once(Fault::Status(status));
        store.notify(ORDER_ID).await.is_ok();
        assert_eq!(store.reason().await, reason("order-refused", "OrderId"), "{status}");
    }
    let store = Store::open().await;
    store.vtex.put(order_with(json!({"lastMessage": "x".repeat(4 << 20)})));
    store.notify(ORDER_ID).await.is_ok();
    assert_eq!(store.reason().await, reason("order-refused", "OrderId"));
}

#[tokio::test]
async fn refused_keys_raise_an_alarm_and_lose_nothing() {
    let store = Store::open().await;
    store.vtex.put(order());
    for status in [401, 403] {
        let before = counted(Counter::VtexKeysRefused);
        store.vtex.fail_once(Fault::Status(status));
        store.notify(ORDER_ID).await.is_problem(503, "unavailable");
        assert_eq!(counted(Counter::VtexKeysRefused) - before, 1);
    }
    assert!(store.asides().await.is_empty());
    store.notify(ORDER_ID).await.is_ok();
}

#[tokio::test]
async fn new_keys_work_at_once() {
    let store = Store::open().await;
    store.change(order()).await.is_ok();
    store.vtex.change_token("NEWTOKEN");
    store.notify(ORDER_ID).await.is_problem(503, "unavailable");
    let newer = shared::store::vtex::VtexKeys::parse(keys().app_key(), "NEWTOKEN").unwrap();
    store.table.vtex_begin(&account(), &newer, "new-secret").await.unwrap();
    // The old secret still counts, and the old keys are still held.
    store.notify(ORDER_ID).await.is_ok();
}

#[tokio::test]
async fn keys_follow_no_redirect() {
    let store = Store::open().await;
    let elsewhere = vtex_stand_in::Vtex::start().await.unwrap();
    store.vtex.fail_once(Fault::Redirect(format!("{}/api/oms/pvt/orders/1", elsewhere.url())));
    store.notify(ORDER_ID).await.is_problem(503, "unavailable");
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn another_order_than_the_one_asked_for_is_not_believed() {
    let store = Store::open().await;
    store.vtex.put_as(ORDER_ID, order_with(json!({"orderId": "1172452900788-02"})));
    store.notify(ORDER_ID).await.is_ok();
    assert_eq!(store.reason().await, reason("invalid-field", "order.orderId"));
    assert_eq!(store.order(ORDER_GROUP).await, None);
}

#[tokio::test]
async fn no_order_id_reaches_another_call() {
    let store = Store::open().await;
    for id in ["..", ".", "../../../orders/hook/config", "a/b", "a?page=1", "\\"] {
        store.notify(id).await.is_ok();
    }
    assert!(store.reasons().await.iter().all(|(code, _)| code == "order-not-found"));
    let paths: Vec<String> = store.vtex.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    for path in paths {
        let id = path.strip_prefix("/api/oms/pvt/orders/").unwrap();
        assert!(!id.contains('/') && !id.contains('?'), "{path}");
    }
}

#[tokio::test]
async fn an_order_that_is_full_is_kept_aside() {
    let store = Store::open().await;
    let part = |n: usize| order_with(json!({"orderId": format!("{ORDER_GROUP}-{n:02}")}));
    for n in 1..=PARTS_PER_ORDER {
        store.change(part(n)).await.is_ok();
    }
    assert!(store.asides().await.is_empty());
    store.change(part(PARTS_PER_ORDER + 1)).await.is_ok();
    let (code, field) = store.reason().await;
    assert_eq!((code.as_str(), field.as_str()), ("order-limit", "order.orderId"));
}

#[tokio::test]
async fn a_table_that_fails_is_answered_5xx() {
    let store = Store::open().await;
    store.vtex.put(order());
    let faults = Faults::planned(|call| call.is_write().then_some(TableFault::Throttled));
    let failing = store.through(store.engine.table_through(faults.around(store.engine.http()), 1));
    failing
        .post("/webhooks/vtex/acme", &[SECRET], {
            notification(ACCOUNT, ORDER_ID, "Marketplace").to_string()
        })
        .await
        .is_problem(503, "unavailable");
    // Neither a fact nor an aside: nothing is told to be durable that isn't.
    failing.notify("unknown-01").await.is_problem(503, "unavailable");
    assert!(store.asides().await.is_empty());
    store.notify(ORDER_ID).await.is_ok();
    assert!(store.order(ORDER_GROUP).await.is_some());
}
