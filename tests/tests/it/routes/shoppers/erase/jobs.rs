//! Erasures as jobs: asked for, followed, run by the worker, gone on with by the tick, side by side.

use report_worker::{WorkerEvent, handle};
use serde_json::{Value, json};
use shared::counting::erase::{LISTED, SHARED_BY};
use shared::domain::values::phone::CountryCode;
use shared::domain::values::span::Span;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::erasure::{Erasure, ErasureStatus, ErasureStep, LEASE};
use shared::store::key::Key;

use crate::store::functions::phone_key;
use crate::store::told::{PHONE, WAMID, order, sent};
use crate::store::worker::Worker;
use crate::store::{NOW_SECS, PHONE_NUMBER_ID, Store};

/// Asks for an erasure; its id.
async fn asked(store: &Store, body: Value) -> String {
    let answer = store.with_scope("admin:write").post("/shoppers/erase", body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/shoppers/erasures/{id}"));
    id
}

/// The stream brings a job's record to the worker.
async fn run(worker: &Worker, id: &str) {
    let key = Key::erasure(&worker.store.account, id);
    let keys = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}});
    let event = json!({
        "Records": [{
            "eventID": "1",
            "eventName": "INSERT",
            "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "100000000000000000001"},
        }],
        "state": {},
    });
    handle(&worker.deps, WorkerEvent::try_from(event).unwrap()).await.unwrap();
}

async fn told(store: &Store, id: &str) -> Value {
    let answer = store.with_scope("admin:read").get(&format!("/shoppers/erasures/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn aside(source: &str, body: &Value) -> Aside {
    Aside {
        received_at: shared::domain::values::instant::Instant::from_millis(NOW_SECS * 1_000),
        source: source.to_owned(),
        code: "unknown-campaign".to_owned(),
        field: None,
        body: body.to_string(),
    }
}

#[tokio::test]
async fn an_erasure_is_asked_for_followed_and_done() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
    store.event(&order("1", "01", NOW_SECS)).await.is_ok();
    let id = asked(store, json!({"userId": "ana"})).await;
    let waits = told(store, &id).await;
    assert_eq!((&waits["status"], &waits["done"]["reminders"]), (&json!("running"), &json!(0)));
    run(&worker, &id).await;
    let done = told(store, &id).await;
    assert_eq!(done["status"], "done", "{done}");
    assert_eq!(done["found"], json!({"reminders": 1, "orders": 1}));
    assert_eq!(done["done"]["reminders"], 1);
    assert_eq!(done["done"]["orders"], 1);
    assert_eq!(done["leftBecauseShared"], 0);
    // Its record comes again, and it is asked for again: nothing is left to do.
    run(&worker, &id).await;
    assert_eq!(told(store, &id).await, done);
    let again = asked(store, json!({"userId": "ana"})).await;
    run(&worker, &again).await;
    assert_eq!(told(store, &again).await["done"]["reminders"], 0);
    let unknown = store.with_scope("admin:read").get("/shoppers/erasures/none").await;
    assert_eq!(unknown.problem(), (404, "erasure-not-found", ""));
}

/// More facts than any person has: refused, and erased where the store insists.
#[tokio::test]
async fn what_more_than_a_thousand_facts_name_is_refused_unless_forced() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    let point = async |from: usize, to: usize| {
        for n in from..to {
            store.sent(&format!("r{n}"), "c1", "2026-11-01T12:00:00-03:00", "till").await;
        }
    };
    point(0, SHARED_BY).await;
    let writer = store.with_scope("admin:write");
    let of_limit = writer.post("/shoppers/erase", json!({"userId": "till"})).await;
    assert_eq!(of_limit.status, 202, "{}", of_limit.text);
    point(SHARED_BY, SHARED_BY + 1).await;
    let refused = writer.post("/shoppers/erase", json!({"userId": "till"})).await;
    assert_eq!(refused.problem(), (422, "shared-identity", "userId"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("1,000"));
    let id = asked(store, json!({"userId": "till", "force": true})).await;
    run(&worker, &id).await;
    assert_eq!(told(store, &id).await["done"]["reminders"], SHARED_BY + 1);
}

/// A job lists as much as it has room for; the rest goes by another one.
#[tokio::test]
async fn what_has_no_room_in_a_list_is_erased_by_another_job() {
    for (carts, left_over) in [(LISTED - 1, 0), (LISTED, 1)] {
        let worker = Worker::of(&Store::open().await).await;
        let store = &worker.store;
        for n in 0..carts {
            let (id, cart) = (format!("r{n}"), format!("cart{n}"));
            store.sent(&id, "c1", "2026-11-01T12:00:00-03:00", ("ana", &*cart)).await;
        }
        let id = asked(store, json!({"userId": "ana"})).await;
        run(&worker, &id).await;
        let open = store.table.erasures_open().await.unwrap();
        assert_eq!(open.iter().map(|(_, job)| job.asked.len()).sum::<usize>(), left_over);
        for (_, job) in open {
            run(&worker, &job.id).await;
        }
        assert!(store.table.erasures_open().await.unwrap().is_empty());
        let contents = store.contents().await;
        let named =
            contents.iter().find(|item| item.contains("cart1") || item.contains("#ID#user#ana"));
        assert_eq!(named, None);
    }
}

/// Nobody waits for another: each is done by its own run, whatever else is under way.
#[tokio::test]
async fn several_are_under_way_side_by_side() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    for user in ["ana", "bia", "dora"] {
        for n in 0..30 {
            let name = format!("{user}{n}");
            store.sent(&name, "c1", "2026-11-01T12:00:00-03:00", user).await;
        }
    }
    let mut ids = Vec::new();
    for user in ["ana", "bia", "dora", "ana"] {
        ids.push(asked(store, json!({"userId": user})).await);
    }
    futures::future::join_all(ids.iter().map(|id| run(&worker, id))).await;
    let mut reminders = 0;
    for id in &ids {
        let done = told(store, id).await;
        assert_eq!(done["status"], "done", "{done}");
        reminders += done["done"]["reminders"].as_u64().unwrap();
    }
    assert_eq!(reminders, 90);
}

/// A run that died is gone on with by the tick, from where it was.
#[tokio::test]
async fn the_tick_has_a_job_gone_on_with_whose_run_died() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
    let id = asked(store, json!({"userId": "ana"})).await;
    let job = async || store.table.erasure(&store.account, &id).await.unwrap().unwrap();
    let held = job().await;
    let next = Erasure {
        status: ErasureStatus::Running,
        step: ErasureStep::Listing,
        next_attempt_at: store.clock.now().plus(LEASE),
        ..held.clone()
    };
    store.table.erasure_write(&store.account, &held, next).await.unwrap().unwrap();
    // Whoever still holds what it was has lost.
    assert_eq!(store.table.erasure_write(&store.account, &held, held.clone()).await.unwrap(), None);
    assert_eq!(worker.tick().await["erasures"], 0);
    store.pass(LEASE);
    assert_eq!(worker.tick().await["erasures"], 1);
    assert_eq!(job().await.status, ErasureStatus::Due);
    run(&worker, &id).await;
    assert_eq!(job().await.status, ErasureStatus::Done);
    store.pass(LEASE);
    assert_eq!(worker.tick().await["erasures"], 0);
}

/// A cart that joins an erased shopper's order later goes, too, by an erasure of its own.
#[tokio::test]
async fn what_joins_an_erased_fact_is_erased() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    let at = "2026-11-01T12:00:00-03:00";
    let part = ("01", "created");
    store.part("o", part, (at, at), ("ana", ""), ("BRL", 100)).await;
    let id = asked(store, json!({"userId": "ana"})).await;
    run(&worker, &id).await;
    store.part("o", ("02", "created"), (at, at), ("", "latecart"), ("BRL", 100)).await;
    let open = store.table.erasures_open().await.unwrap();
    let (_, follows) = open.first().unwrap();
    assert_eq!((open.len(), follows.by.as_ref()), (1, None));
    run(&worker, &follows.id).await;
    assert!(store.table.erasures_open().await.unwrap().is_empty());
    assert!(!store.contents().await.iter().any(|item| item.contains("latecart")));
    // Told again, it is not queued again.
    store.part("o", ("02", "created"), (at, at), ("", "latecart"), ("BRL", 100)).await;
    assert!(store.table.erasures_open().await.unwrap().is_empty());
}

/// Items kept aside that name the shopper go, and no others: an order that is called as a field is
/// names nobody, and what is kept for other numbers is of other stores' shoppers.
#[tokio::test]
async fn what_was_kept_aside_goes_where_it_names_the_shopper() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    let own = AsideOwner::Account(store.account.clone());
    let number = |id: &str| AsideOwner::PhoneNumber(id.to_owned().try_into().unwrap());
    let event = |data: Value| json!({"item": {"time": "2026-11-01T00:00:00Z", "data": data}});
    let status = json!({"list": "statuses", "item": {"id": "wamid.x", "recipient_id": PHONE}});
    let keep = async |owner: &AsideOwner, source: &str, body: &Value| {
        store.table.aside_keep(owner, &aside(source, body)).await.unwrap();
    };
    store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
    store.event(&order("statuses", "01", NOW_SECS)).await.is_ok();
    // These go.
    keep(&own, "events", &event(json!({"userId": "ana"}))).await;
    keep(&own, "events", &event(json!({"reminderId": WAMID}))).await;
    keep(&number(PHONE_NUMBER_ID), "whatsapp", &status).await;
    // These stay.
    keep(&own, "events", &event(json!({"userId": "bia", "note": "ana"}))).await;
    keep(&own, "events", &event(json!({"orderGroup": "statuses"}))).await;
    keep(&number("106540352242999"), "whatsapp", &status).await;
    keep(&AsideOwner::Nobody, "whatsapp", &status).await;
    let id = asked(store, json!({"userId": "ana"})).await;
    run(&worker, &id).await;
    assert_eq!(told(store, &id).await["done"]["keptAside"], 3);
    let left = async |owner: &AsideOwner| {
        store.table.aside_page(owner, None, 10).await.unwrap().items.len()
    };
    assert_eq!(left(&own).await, 2);
    assert_eq!(left(&number(PHONE_NUMBER_ID)).await, 0);
    assert_eq!(left(&number("106540352242999")).await, 1);
    assert_eq!(left(&AsideOwner::Nobody).await, 1);
    // A late event that can't count is not kept aside again with her name.
    let mut late = sent("wamid.late", NOW_SECS);
    late["data"]["campaignId"] = json!("unheard-of");
    assert_eq!(store.event(&late).await.ok()["keptAside"][0]["code"], "unknown-campaign");
    assert_eq!(left(&own).await, 2);
}

/// By phone goes the user id that the phone's facts name, where they name just one.
#[tokio::test]
async fn a_phone_takes_its_only_user_id_along() {
    for (others, gone) in [(false, true), (true, false)] {
        let worker = Worker::of(&Store::open().await).await;
        let store = &worker.store;
        store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
        if others {
            let mut event = sent("wamid.other", NOW_SECS);
            event["data"]["userId"] = json!("bia");
            store.event(&event).await.is_ok();
        }
        let id = asked(store, json!({"phone": PHONE})).await;
        run(&worker, &id).await;
        let key = phone_key();
        let digest = key.in_country(CountryCode::BRAZIL).digest(PHONE).unwrap().to_string();
        let contents = store.contents().await;
        assert!(!contents.iter().any(|item| item.contains(&digest)), "{others}");
        let names_ana = |item: &String| item.contains("#ID#user#ana");
        assert_eq!(!contents.iter().any(names_ana), gone, "{others}");
        store.pass(Span::hours(1));
    }
}
