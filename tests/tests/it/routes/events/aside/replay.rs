//! `POST /events/aside/replay`.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use ingest::replay::Bounds;
use ingest::{LOOKED_AT, TRIED};
use report_worker::{WorkerEvent, handle};
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::values::campaign::Language;
use shared::domain::values::span::Span;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::key::Key;
use tests::answer::Question;
use vtex_stand_in::Fault;
use vtex_stand_in::documents::{ORDER_GROUP, ORDER_ID, order_with};

use crate::stack::Running;
use crate::store::functions::digest;
use crate::store::hook::Hook;
use crate::store::told::{WAMID, messages, sent, status, statuses, tap};
use crate::store::worker::Worker;
use crate::store::{ACCOUNT, NOW_SECS, PHONE_NUMBER_ID, Store, account, settings};

const PATH: &str = "/events/aside/replay";
const LATER: &str = "autumn";

/// A message of a campaign that doesn't exist yet is kept aside.
async fn early(store: &Store, id: &str) {
    let mut early = sent(id, NOW_SECS);
    early["data"]["campaignId"] = json!(LATER);
    store.event(&early).await.is_ok();
}

/// Items that are an operator's to mend are kept aside.
async fn hopeless(store: &Store, code: &str, number: u64) {
    for n in 0..number {
        let aside = Aside {
            received_at: store.clock.now(),
            source: "rollup".to_owned(),
            code: code.to_owned(),
            field: None,
            body: format!("not even JSON {n}"),
        };
        store.table.aside_keep(&AsideOwner::from(&store.account), &aside).await.unwrap();
    }
}

async fn replayed(store: &Store, body: Value) -> (u64, u64, Option<Value>) {
    let told = store.post(PATH, body).await.ok();
    let count = |name: &str| told[name].as_u64().unwrap();
    (count("replayed"), count("stillAside"), told.get("next").cloned())
}

/// Calls until nothing is left to try; what each of them told.
async fn to_the_end(store: &Store, reason: &str) -> Vec<(u64, u64)> {
    let (mut body, mut calls) = (json!({"reason": reason}), Vec::new());
    loop {
        let (done, left, next) = replayed(store, body.clone()).await;
        calls.push((done, left));
        let Some(next) = next else { return calls };
        body["cursor"] = next;
    }
}

async fn listed(store: &Store) -> Vec<(String, String)> {
    let list = store.get("/events/aside").await.ok();
    let items = list["items"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items.map(|item| (text(&item["code"]), text(&item["field"]))).collect()
}

#[tokio::test]
async fn what_was_mended_leaves_the_list_and_the_rest_stays_with_its_reason() {
    let store = Store::open().await;
    early(&store, WAMID).await;
    let mut twice_wrong = sent("wamid.2", NOW_SECS);
    twice_wrong["data"]["campaignId"] = json!(LATER);
    twice_wrong["data"]["linkToken"] = json!("A".repeat(22));
    store.event(&twice_wrong).await.is_ok();
    assert_eq!(replayed(&store, json!({})).await, (0, 2, None));
    store.add_campaign(LATER, "Later", Language::PtBr).await;
    assert_eq!(replayed(&store, json!({"reason": "unknown-phone-number"})).await, (0, 0, None));
    assert_eq!(replayed(&store, json!({"reason": "unknown-campaign"})).await, (1, 1, None));
    assert!(store.reminder(WAMID).await.unwrap().sent.is_some());
    let left = ("unknown-link-token".to_owned(), "data.linkToken".to_owned());
    assert_eq!(listed(&store).await, [left]);
    // It is safe to repeat.
    let before = store.contents().await;
    assert_eq!(replayed(&store, json!({})).await, (0, 1, None));
    assert_eq!(store.contents().await, before);
}

/// Receipts that came before the store's number was known here, over HTTP to the figures.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_counts_once() {
    let running = Running::start().await;
    let store = running.store("replayed", "America/Sao_Paulo", 1).await;
    let put = async |numbers: Value| {
        let body = json!({"timeZone": "America/Sao_Paulo", "language": "en-US",
            "phoneNumberIds": numbers, "storeUrl": "https://shop.example"});
        let (status, told) = store.admin(Method::PUT, "/account", Some(body)).await;
        assert!(status.is_success(), "{told}");
    };
    put(json!([])).await;
    let now = chrono::Utc::now().timestamp();
    let mut told = sent("wamid.1", now - 60);
    told["data"]["campaignId"] = json!(store.campaigns[0]);
    let (_, answer) = store.batch(vec![told]).await;
    assert_eq!(answer["accepted"], 1, "{answer}");
    let receipt = json!({"statuses": [status("wamid.1", "read", now - 30)]});
    for _ in 0..2 {
        store.whatsapp(receipt.clone()).await;
    }
    put(json!([store.phone_number_id()])).await;
    let replay = async || {
        let (status, told) = store.admin(Method::POST, PATH, Some(json!({}))).await;
        assert_eq!(status, 200, "{told}");
        running.drain().await;
        told
    };
    assert_eq!(replay().await, json!({"replayed": 1, "stillAside": 0}));
    let today = chrono::Utc::now().with_timezone(&chrono_tz::America::Sao_Paulo).date_naive();
    let question = Question { from: today.pred_opt().unwrap(), to: today, campaign_id: None };
    let counted = store.metrics(&question).await["totals"].clone();
    assert_eq!((&counted["sent"], &counted["read"]), (&json!(1), &json!(1)), "{counted}");
    // Told and replayed once more, nothing counts twice.
    store.whatsapp(receipt).await;
    assert_eq!(replay().await, json!({"replayed": 0, "stillAside": 0}));
    assert_eq!(store.metrics(&question).await["totals"], counted);
    let (_, list) = store.get("/events/aside").await;
    assert_eq!(list, json!({"items": []}));
}

#[tokio::test]
async fn a_call_tries_a_hundred_items_and_the_next_one_goes_on() {
    for (number, calls) in [(TRIED, vec![(0, TRIED)]), (TRIED + 1, vec![(0, TRIED), (0, 1)])] {
        let store = Store::open().await;
        hopeless(&store, "invalid-field", number).await;
        assert_eq!(to_the_end(&store, "invalid-field").await, calls);
    }
}

#[tokio::test]
async fn a_call_looks_at_a_thousand_items_whatever_it_is_asked_for() {
    for (number, calls) in [(LOOKED_AT, 1), (LOOKED_AT + 1, 2)] {
        let store = Store::open().await;
        hopeless(&store, "invalid-field", number).await;
        assert_eq!(to_the_end(&store, "unknown-campaign").await, vec![(0, 0); calls]);
    }
}

#[tokio::test]
async fn a_call_that_took_its_time_begins_no_other_item() {
    let store = Store::open().await;
    hopeless(&store, "invalid-field", 3).await;
    let hasty = Bounds { within: Duration::ZERO, ..Bounds::NONE };
    let store = store.with_ingest(|deps| deps.with_replay(hasty));
    assert_eq!(to_the_end(&store, "invalid-field").await, [(0, 1), (0, 1), (0, 1)]);
}

/// A list is gone through to its end, then the lists of the numbers.
#[tokio::test]
async fn a_cursor_leads_on_into_the_lists_of_the_numbers() {
    let store = Store::open().await;
    hopeless(&store, "invalid-field", 1).await;
    let later = "106540352242999";
    for n in 0..2 {
        let read = statuses(&[status(&format!("wamid.{n}"), "read", NOW_SECS)]);
        store.whatsapp(read.replace(PHONE_NUMBER_ID, later)).await.is_ok();
    }
    let mut claimed = settings(ACCOUNT, later);
    claimed.phone_number_ids.extend(settings(ACCOUNT, PHONE_NUMBER_ID).phone_number_ids);
    store.write_settings(&claimed).await;
    let one = Bounds { tried: 1, ..Bounds::NONE };
    let store = store.with_ingest(|deps| deps.with_replay(one));
    let (mut body, mut calls) = (json!({}), Vec::new());
    loop {
        let (done, left, next) = replayed(&store, body).await;
        calls.push((done, left));
        let Some(next) = next else { break };
        body = json!({"cursor": next});
    }
    assert_eq!(calls, [(0, 1), (1, 0), (1, 0)]);
    assert!(store.strays().await.is_empty());
}

#[tokio::test]
async fn an_account_has_one_replay_at_a_time() {
    let store = Store::open().await;
    let begun =
        store.table.aside_replay_begin(&store.account, ("another", None), store.clock.now()).await;
    assert!(begun.unwrap());
    store.post(PATH, json!({})).await.is_problem(409, "replay-running");
    // Another store's is another one.
    let bela = store.beside("bela", "222", 8).await;
    bela.post(PATH, json!({})).await.is_ok();
    store.table.aside_replay_end(&store.account, "somebody else").await.unwrap();
    store.pass(Span::seconds(59));
    store.post(PATH, json!({})).await.is_problem(409, "replay-running");
    // One that never ended keeps nobody away for long.
    store.pass(Span::seconds(1));
    store.post(PATH, json!({})).await.is_ok();
    store.post(PATH, json!({})).await.is_ok();
}

#[tokio::test]
async fn no_other_stores_items_are_touched() {
    let store = Store::open().await;
    let bela = store.beside("bela", "222", 8).await;
    early(&bela, WAMID).await;
    store.add_campaign(LATER, "Later", Language::PtBr).await;
    bela.add_campaign(LATER, "Later", Language::PtBr).await;
    let stray = messages(&[tap("wamid.t", WAMID, NOW_SECS)]).replace(PHONE_NUMBER_ID, "999");
    store.whatsapp(stray).await.is_ok();
    let before = store.contents().await;
    assert_eq!(replayed(&store, json!({})).await, (0, 0, None));
    // Whatever a cursor names.
    for place in [json!({"number": "999", "after": null}), json!({"number": "222", "after": "2"})] {
        let cursor = shared::web::Cursor(place).encode().unwrap();
        assert_eq!(replayed(&store, json!({"cursor": cursor})).await, (0, 0, None));
    }
    assert_eq!(store.contents().await, before);
    assert_eq!(replayed(&bela, json!({})).await, (1, 0, None));
}

/// An erasure takes what was kept aside of a shopper, and nothing of it is replayed afterwards.
#[tokio::test]
async fn an_erased_shoppers_items_stay_erased() {
    let worker = Worker::of(&Store::open().await).await;
    let store = &worker.store;
    early(store, WAMID).await;
    let kept = store.asides().await;
    assert!(kept[0].body.contains("\"ana\""));
    let asked = store.post("/shoppers/erase", json!({"userId": "ana"})).await;
    let key = Key::erasure(&store.account, asked.json()["id"].as_str().unwrap());
    let keys = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}});
    let event = json!({
        "Records": [{"eventID": "1", "eventName": "INSERT",
            "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "100000000000000000001"}}],
        "state": {},
    });
    handle(&worker.deps, WorkerEvent::try_from(event).unwrap()).await.unwrap();
    store.add_campaign(LATER, "Later", Language::PtBr).await;
    assert_eq!(replayed(store, json!({})).await, (0, 0, None));
    // Also one that a replay had in hand when the erasure went by.
    store.table.aside_keep(&AsideOwner::Account(account()), &kept[0]).await.unwrap();
    assert_eq!(replayed(store, json!({})).await, (1, 0, None));
    let named = |item: &String| item.contains("#user#ana") || item.contains("\"userId\":\"ana\"");
    assert!(!store.contents().await.iter().any(named));
}

#[tokio::test]
async fn what_vtex_tells_now_is_stored_and_its_refusals_are_told() {
    let hook = Hook::open().await;
    hook.notify(ORDER_ID).await.is_empty();
    let left = [("order-not-found".to_owned(), "OrderId".to_owned())];
    assert_eq!(listed(&hook.store).await, left);
    let body = json!({"reason": "order-not-found"});
    hook.vtex.fail_once(Fault::Status(401));
    let refused = hook.store.post(PATH, &body).await;
    refused.is_problem(409, "vtex-keys-refused");
    hook.vtex.fail_once(Fault::Status(503));
    hook.store.post(PATH, &body).await.is_problem(503, "unavailable");
    assert_eq!(listed(&hook.store).await, left);
    hook.vtex.put(order_with(json!({})));
    assert_eq!(replayed(&hook.store, body).await, (1, 0, None));
    assert!(hook.store.order(ORDER_GROUP).await.is_some());
}

/// To derive a record again is the work of a function that all stores share: an operator's to ask for.
#[tokio::test]
async fn what_the_rollup_could_not_handle_is_left() {
    let store = Store::open().await;
    store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
    let pk = format!("{ACCOUNT}#REMINDER#{}", digest(WAMID));
    let item = Aside {
        received_at: store.clock.now(),
        source: "rollup".to_owned(),
        code: "derivation-too-large".to_owned(),
        field: None,
        body: json!({"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "FACT"}}}}).to_string(),
    };
    store.table.aside_keep(&AsideOwner::Account(account()), &item).await.unwrap();
    let before = store.contents().await;
    assert_eq!(replayed(&store, json!({})).await, (0, 1, None));
    assert_eq!(store.contents().await, before);
}

#[tokio::test]
async fn only_a_writer_of_an_account_may_replay() {
    let store = Store::open().await;
    let request = Request::post(PATH).body(Body::empty()).unwrap();
    store.call(request).await.is_problem(401, "missing-token");
    let reader = store.with_scope("admin:read");
    reader.post(PATH, json!({})).await.is_problem(403, "insufficient-scope");
    store.of("nobody").post(PATH, json!({})).await.is_problem(404, "account-not-found");
}

#[tokio::test]
async fn what_it_cannot_be_asked_for_is_422() {
    let store = Store::open().await;
    let cursor = |place: Value| shared::web::Cursor(place).encode().unwrap();
    let place = |after: String| cursor(json!({"number": null, "after": after}));
    for (body, field) in [
        (json!({"reason": 7}), "reason"),
        (json!({"reason": "x".repeat(101)}), "reason"),
        (json!({"reason": ""}), "reason"),
        (json!({"reason": "5561999990001"}), "reason"),
        (json!({"cursor": "x"}), "cursor"),
        (json!({"cursor": place("\u{10ffff}".to_owned())}), "cursor"),
        (json!({"cursor": place("x".repeat(201))}), "cursor"),
        (json!({"cursor": cursor(json!({"number": "a#b"}))}), "cursor"),
        (json!({"everything": true}), "everything"),
    ] {
        let answer = store.post(PATH, &body).await;
        assert_eq!(answer.problem(), (422, "invalid-field", field), "{body}");
    }
    store.post(PATH, json!({"reason": "x".repeat(100)})).await.is_ok();
    let longest = place("x".repeat(200));
    store.post(PATH, json!({"cursor": longest})).await.is_ok();
}
