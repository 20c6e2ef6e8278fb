//! R12: a caller hears 2xx only after everything that it sent is durable.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use engine::dice::Dice;
use engine::faults::{Call, Fault, Faults};
use http::Request;
use serde_json::{Value, json};
use shared::domain::facts::event::{Event, Receipt, ReminderStatus};
use shared::domain::rules::retention::Retention;
use shared::intake::facts::NotStored;
use shared::store::Table;
use shared::telemetry::{Counter, counted};

use crate::store::functions::{digest, phone_key};
use crate::store::senders::{BATCHED, STRUCTURED, nobody_listens};
use crate::store::told::{
    WAMID, clicked, order, receipt, sent, status, statuses, tap, value, webhook,
};
use crate::store::{CAMPAIGN, NOW_SECS, Store, account};

/// A store whose calls to the table go as `plan` says.
async fn failing(plan: impl FnMut(&Call) -> Option<Fault> + Send + 'static) -> Store {
    let store = Store::open().await;
    let http = Faults::planned(plan).around(store.engine.http());
    let table = store.engine.table_through(http, 1);
    store.through(table)
}

/// The reminder or order that a call is about.
fn names(call: &Call, id: &str) -> bool {
    call.body.to_string().contains(id)
}

#[tokio::test(start_paused = true)]
async fn a_dead_table_is_503_for_everything() {
    let store = Store::open().await;
    let (_taken, endpoint) = nobody_listens();
    let dead = Table::new(engine::client(&endpoint), engine::TABLE_NAME, Retention::Unlimited);
    let store = store.through(dead);
    let mixed = webhook(&value(&[status(WAMID, "read", NOW_SECS)], &[tap("t", WAMID, NOW_SECS)]));
    store.whatsapp(mixed.to_string()).await.is_problem(503, "unavailable");
    let event = receipt(WAMID, "read", NOW_SECS).to_string();
    store.signed("/events/acme", STRUCTURED, &event).await.is_problem(503, "unavailable");
    store
        .signed("/events/acme", BATCHED, format!("[{event}]"))
        .await
        .is_problem(503, "unavailable");
    let body = json!({"campaignId": CAMPAIGN}).to_string();
    let answer = store.signed("/sends/acme", "application/json", &body).await;
    answer.is_problem(503, "unavailable");
    assert!(answer.json().get("detail").is_none());
    // Without the table there is no target to redirect to, and no store is known.
    assert_eq!(store.get("/r/AAAAAAAAAAAAAAAAAAAAAA").await.status, 503);
    let answer = store.get("/events/aside").await;
    answer.is_problem(503, "unavailable");
    // What needs no table goes on.
    store.whatsapp(statuses(&[status(WAMID, "sent", NOW_SECS)])).await.is_ok();
    store.whatsapp_signed(b"{}", "sha256=00").await.is_problem(401, "invalid-signature");
}

#[tokio::test]
async fn one_item_that_fails_for_now_makes_the_body_come_again() {
    for fault in [Fault::Unsent, Fault::Unanswered, Fault::Throughput, Fault::Throttled] {
        let broken = Arc::new(Mutex::new(true));
        let seen = Arc::clone(&broken);
        let store = failing(move |call| {
            let now = *seen.lock().unwrap() && names(call, digest("wamid.2").as_str());
            now.then_some(fault)
        })
        .await;
        let all: Vec<Value> =
            (0..5).map(|n| status(&format!("wamid.{n}"), "read", NOW_SECS)).collect();
        store.whatsapp(statuses(&all)).await.is_problem(503, "unavailable");
        // The others were tried all the same.
        for n in [0, 1, 3, 4] {
            assert!(store.reminder(&format!("wamid.{n}")).await.is_some(), "{n} {fault:?}");
        }
        *broken.lock().unwrap() = false;
        store.whatsapp(statuses(&all)).await.is_ok();
        assert!(store.reminder("wamid.2").await.is_some());
    }
}

#[tokio::test]
async fn a_batch_of_which_one_event_fails_for_now_comes_again_whole() {
    let broken = Arc::new(Mutex::new(true));
    let seen = Arc::clone(&broken);
    let store = failing(move |call| {
        let now = *seen.lock().unwrap() && call.operation == "PutItem" && names(call, "#ORDER#2");
        now.then_some(Fault::Unsent)
    })
    .await;
    let mut unknown = sent("wamid.9", NOW_SECS);
    unknown["data"]["campaignId"] = json!("nobody");
    let events =
        [order("1", "01", NOW_SECS), order("2", "01", NOW_SECS), unknown, sent(WAMID, NOW_SECS)];
    store.batch(&events).await.is_problem(503, "unavailable");
    assert!(store.reminder(WAMID).await.is_some());
    // The redelivery keeps it aside: twice would be one too many.
    assert!(store.asides().await.is_empty());
    *broken.lock().unwrap() = false;
    let answer = store.batch(&events).await;
    assert_eq!(answer.ok()["accepted"], 3);
    assert_eq!(store.asides().await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_kept_aside_comes_again() {
    let store = failing(|call| names(call, "#ASIDE").then_some(Fault::Throttled)).await;
    let mut lost = tap("t", WAMID, NOW_SECS);
    lost["context"] = json!(null);
    let body = webhook(&value(&[status(WAMID, "read", NOW_SECS)], &[lost])).to_string();
    store.whatsapp(&body).await.is_problem(503, "unavailable");
    assert!(store.reminder(WAMID).await.is_some());
    store.event(&json!({})).await.is_problem(503, "unavailable");
}

/// The poison rule: what the table will never take must not come again for ever.
#[tokio::test]
async fn what_the_table_refuses_for_good_is_kept_aside() {
    let store = failing(|call| {
        (call.operation == "UpdateItem" && names(call, digest("wamid.2").as_str()))
            .then_some(Fault::Refused)
    })
    .await;
    let all: Vec<Value> = (1..4).map(|n| status(&format!("wamid.{n}"), "read", NOW_SECS)).collect();
    store.whatsapp(statuses(&all)).await.is_ok();
    assert!(store.reminder("wamid.1").await.is_some());
    assert!(store.reminder("wamid.3").await.is_some());
    assert_eq!(store.reasons().await, [("not-storable".to_owned(), None)]);
    let answer = store.event(&receipt("wamid.2", "read", NOW_SECS)).await;
    assert_eq!(answer.ok()["keptAside"][0]["code"], "not-storable");
}

#[tokio::test]
async fn a_phone_number_that_cannot_be_looked_up_makes_the_body_come_again() {
    let store = failing(|call| names(call, "PHONE_NUMBER#999").then_some(Fault::Unsent)).await;
    let mut other = value(&[status("wamid.2", "read", NOW_SECS)], &[]);
    other["metadata"]["phone_number_id"] = json!("999");
    let mut body = webhook(&other);
    let mine = webhook(&value(&[status("wamid.1", "read", NOW_SECS)], &[]));
    body["entry"].as_array_mut().unwrap().push(mine["entry"][0].clone());
    store.whatsapp(body.to_string()).await.is_problem(503, "unavailable");
    assert!(store.reminder("wamid.1").await.is_some());
    assert!(store.strays().await.is_empty());
}

#[tokio::test]
async fn a_phone_number_that_can_never_be_looked_up_is_kept_aside() {
    let store = failing(|call| names(call, "PHONE_NUMBER#").then_some(Fault::Refused)).await;
    store.whatsapp(statuses(&[status(WAMID, "read", NOW_SECS)])).await.is_ok();
    assert_eq!(store.strays().await[0].code, "not-storable");
}

#[tokio::test]
async fn a_shopper_is_redirected_even_when_the_tap_cannot_be_counted() {
    let store = failing(|call| {
        (call.is_write() && call.sort_key().is_some_and(|sk| sk.starts_with("CLICK#")))
            .then_some(Fault::Throttled)
    })
    .await;
    let body = json!({"campaignId": CAMPAIGN, "url": "https://acme.example/x"}).to_string();
    let answer = store.signed("/sends/acme", "application/json", &body).await;
    let token = answer.json()["link"]["token"].as_str().unwrap().to_owned();
    for bound in [false, true] {
        if bound {
            let mut event = sent(WAMID, NOW_SECS);
            event["data"]["linkToken"] = json!(token);
            store.event(&event).await.is_ok();
        }
        let answer = store.get(&format!("/r/{token}")).await;
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (302, &"https://acme.example/x".parse().unwrap())
        );
        assert_eq!(counted(Counter::ClicksUncounted), 1 + u64::from(bound));
    }
    assert_eq!(counted(Counter::FactsAccepted { kind: "click" }), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shopper_is_not_kept_waiting_by_a_table_that_hangs() {
    let store = Store::open().await;
    let faults = Faults::default();
    let table = store.engine.table_through(faults.around(store.engine.http()), 1);
    let store = store.through(table);
    let body = json!({"campaignId": CAMPAIGN, "url": "https://acme.example/x"}).to_string();
    let answer = store.signed("/sends/acme", "application/json", &body).await;
    let token = answer.json()["link"]["token"].as_str().unwrap().to_owned();
    let hold = faults.hold(|call| call.sort_key().is_some_and(|sk| sk.starts_with("CLICK#")));
    let before = tokio::time::Instant::now();
    let answer = store.get(&format!("/r/{token}")).await;
    assert_eq!(answer.status, 302);
    assert!(before.elapsed() <= std::time::Duration::from_secs(3));
    assert_eq!(counted(Counter::ClicksUncounted), 1);
    drop(hold);
}

/// The link can't be read: the shopper gets the shop all the same, where any link of it was seen.
#[tokio::test(start_paused = true)]
async fn a_shopper_whose_link_cannot_be_read_is_led_to_the_stores_front_page() {
    for hangs in [false, true] {
        let store = Store::open().await;
        let broken = Arc::new(Mutex::new(false));
        let fails = Arc::clone(&broken);
        let faults = Faults::planned(move |call| {
            (*fails.lock().unwrap() && names(call, "LINK#")).then_some(Fault::Throttled)
        });
        let table = store.engine.table_through(faults.around(store.engine.http()), 1);
        let store = store.through(table);
        let bela = store.beside("bela", "333", 8).await;
        let mint = async |store: &Store| {
            let url = format!("https://{}.example/cart?a=1#/x", store.account);
            let body = json!({"campaignId": CAMPAIGN, "url": url}).to_string();
            let path = format!("/sends/{}", store.account);
            let answer = store.signed(&path, "application/json", &body).await;
            answer.json()["link"]["token"].as_str().unwrap().to_owned()
        };
        let (ours, others) = (mint(&store).await, mint(&bela).await);
        // Another instance has seen one link of the one store, and none of the other.
        let instance = store.through(store.functions.ingest.table.clone());
        let seen = mint(&store).await;
        assert_eq!(instance.get(&format!("/r/{seen}")).await.status, 302);
        let before = (counted(Counter::ClicksUncounted), tokio::time::Instant::now());
        let hold = hangs.then(|| faults.hold(|call| names(call, "LINK#")));
        *broken.lock().unwrap() = !hangs;

        let led = instance.get(&format!("/r/{ours}")).await;
        assert_eq!((led.status, led.header("location")), (302, "https://acme.example/"));
        assert_eq!(led.header("cache-control"), "no-store");
        *broken.lock().unwrap() = true;
        // The other one isn't led to a strange store, but told in three languages.
        let sorry = instance.get(&format!("/r/{others}")).await;
        assert_eq!((sorry.status, sorry.header("retry-after")), (503, "5"));
        assert_eq!(sorry.header("content-type"), "text/html; charset=utf-8");
        for word in ["Tente de novo", "Inténtalo de nuevo", "Try again"] {
            assert!(sorry.text.contains(word), "{word}: {}", sorry.text);
        }
        assert!(!sorry.text.contains(&others) && !sorry.text.contains("bela"));
        // Nobody taps where a message app looks.
        let probe = instance.send("HEAD", &format!("/r/{ours}"), &[], None).await;
        assert_eq!((probe.status, probe.header("location")), (302, "https://acme.example/"));
        assert_eq!(counted(Counter::ClicksUncounted), before.0 + 2);
        assert!(before.1.elapsed() <= std::time::Duration::from_secs(7));
        drop(hold);
    }
}

/// Reading and counting share one limit.
#[tokio::test(start_paused = true)]
async fn a_shopper_waits_for_reading_and_counting_together() {
    let store = Store::open().await;
    let faults = Faults::default();
    let store = store.through(store.engine.table_through(faults.around(store.engine.http()), 1));
    let body = json!({"campaignId": CAMPAIGN, "url": "https://acme.example/x"}).to_string();
    let answer = store.signed("/sends/acme", "application/json", &body).await;
    let path = format!("/r/{}", answer.json()["link"]["token"].as_str().unwrap());
    let read = faults.hold(|call| call.operation == "GetItem" && names(call, "LINK#"));
    let count = faults.hold(|call| call.sort_key().is_some_and(|sk| sk.starts_with("CLICK#")));
    let before = tokio::time::Instant::now();
    let (answer, ()) = tokio::join!(store.get(&path), async {
        read.reached().await;
        tokio::time::advance(std::time::Duration::from_millis(1_500)).await;
        read.release();
    });
    // Its target was read in time; its tap wasn't counted in what was left.
    assert_eq!((answer.status, answer.header("location")), (302, "https://acme.example/x"));
    assert!(before.elapsed() <= std::time::Duration::from_millis(2_100));
    drop(count);
}

/// Whatever fails in between: once everything was answered 200, the table is as after one
/// delivery without faults.
#[tokio::test(start_paused = true)]
async fn redelivered_until_200_the_table_is_as_if_nothing_had_failed() {
    let events: Vec<Value> = (0..8)
        .flat_map(|n| {
            let (id, group) = (format!("wamid.{}", n % 3), format!("{}", n % 2));
            [
                sent(&id, NOW_SECS + n),
                receipt(&id, if n % 2 == 0 { "read" } else { "delivered" }, NOW_SECS + 2 * n),
                clicked(&id, &format!("c{}", n % 4), "link", NOW_SECS + n),
                order(&group, &format!("{:02}", n % 5), NOW_SECS - n),
            ]
        })
        .collect();
    let calm = Store::open().await;
    calm.batch(&events).await.is_ok();
    let expected = facts(&calm).await;
    assert_eq!(expected.iter().filter(|fact| fact.contains("FACT")).count(), 5);
    for seed in 0..4 {
        // One call in five goes wrong.
        let kinds = [Fault::Unsent, Fault::Unanswered, Fault::Throughput, Fault::Throttled];
        let mut dice = Dice::new(seed);
        let faults =
            Faults::planned(
                move |_| {
                    if dice.chance(200) { dice.pick(&kinds).copied() } else { None }
                },
            );
        let store = Store::open().await;
        let table = store.engine.table_through(faults.around(store.engine.http()), 1);
        let store = store.through(table);
        let mut refused = 0;
        // As a batch it never gets through whole: its sender cuts it.
        store.batch(&events).await.is_problem(503, "unavailable");
        for event in &events {
            while store.event(event).await.status != 200 {
                refused += 1;
                assert!(refused < 1_000, "never ends");
            }
        }
        assert_eq!(facts(&store).await, expected, "{seed}");
    }
}

/// What the table holds, without hints and without the number of writes.
async fn facts(store: &Store) -> Vec<String> {
    let unversioned = |item: String| {
        let mut item: Value = serde_json::from_str(&item).unwrap();
        for number in ["version", "detailsVersion"] {
            item.as_object_mut().unwrap().remove(number);
        }
        item.to_string()
    };
    let contents = store.contents().await;
    contents.into_iter().filter(|item| !item.contains("#ID#")).map(unversioned).collect()
}

#[tokio::test]
async fn outcomes_stand_in_the_order_of_the_events() {
    let store = failing(|call| match call.sort_key() {
        Some("FACT") if names(call, digest("wamid.3").as_str()) => Some(Fault::Throttled),
        Some("FACT") if names(call, digest("wamid.5").as_str()) => Some(Fault::Refused),
        _ => None,
    })
    .await;
    let events = (0..8).map(|n| {
        Event::Status(ReminderStatus {
            reminder_id: format!("wamid.{n}").try_into().unwrap(),
            receipt: Receipt::Read,
            at: store.clock.now(),
        })
    });
    let outcomes = ingest::store_all(
        &store.functions.ingest.table,
        &phone_key(),
        &store.functions.ingest.accounts,
        &account(),
        events.collect(),
    )
    .await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match n {
            3 => assert!(matches!(outcome, Err(NotStored::Failed(_)))),
            5 => assert!(matches!(outcome, Err(NotStored::Refused(_)))),
            _ => assert!(outcome.is_ok()),
        }
    }
}

/// Events of one order share a write. One that the table refuses for good takes no other with it, and
/// a failure for now is the whole body's.
#[tokio::test]
async fn events_of_one_order_fail_each_by_itself() {
    let mut events: Vec<Value> = (0..5).map(|n| order("1", &format!("{n:02}"), NOW_SECS)).collect();
    events[3]["data"]["userId"] = json!("poison");
    let is_write = |call: &Call| {
        call.operation == "PutItem" && names(call, "#ORDER#1") && names(call, "poison")
    };
    let store = failing(move |call| is_write(call).then_some(Fault::Refused)).await;
    let told = store.batch(&events).await.ok();
    assert_eq!(told["accepted"], 4);
    assert_eq!(told["keptAside"].as_array().unwrap().len(), 1);
    let aside = &told["keptAside"][0];
    assert_eq!((&aside["index"], &aside["code"]), (&json!(3), &json!("not-storable")));
    assert_eq!(store.order("1").await.unwrap().parts.len(), 4);

    let store = failing(move |call| is_write(call).then_some(Fault::Throttled)).await;
    store.batch(&events).await.is_problem(503, "unavailable");
    assert!(store.order("1").await.is_none() && store.asides().await.is_empty());
}

#[tokio::test]
async fn a_body_that_ends_early_is_the_callers_fault() {
    let store = Store::open().await;
    let broken = futures::stream::iter([Ok(vec![b'{']), Err(std::io::Error::other("gone"))]);
    let request = Request::post("/webhooks/whatsapp").body(Body::from_stream(broken)).unwrap();
    store.call(request).await.is_problem(400, "unreadable-body");
}
