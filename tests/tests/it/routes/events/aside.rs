//! `GET /events/aside`.

mod replay;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::store::aside::{Aside, AsideOwner};

use crate::store::told::{PHONE, WAMID, messages, order, sent, tap};
use crate::store::{ACCOUNT, NOW_SECS, Store};

const READ: &str = "admin:read";

#[tokio::test]
async fn the_reason_and_the_own_ids_are_shown_and_no_content() {
    let store = Store::open().await.with_scope(READ);
    let mut lost = tap("wamid.tap", WAMID, NOW_SECS);
    lost["context"] = json!({"from": "15550783881"});
    store.whatsapp(messages(&[lost])).await.is_ok();
    store.clock.set(Instant::from_millis(NOW_SECS * 1_000 + 1));
    let mut unknown = sent(WAMID, NOW_SECS);
    unknown["data"]["campaignId"] = json!("nobody");
    store.event(&unknown).await.is_ok();
    store.clock.set(Instant::from_millis(NOW_SECS * 1_000 + 2));
    let mut bad = order("1172452900788", "01", NOW_SECS);
    bad["data"]["value"] = json!("199.90");
    store.event(&bad).await.is_ok();

    let answer = store.get("/events/aside").await;
    let mut page = answer.ok();
    for item in page["items"].as_array_mut().unwrap() {
        let id = item.as_object_mut().unwrap().remove("id").unwrap();
        assert!(id.as_str().unwrap().starts_with("2026-11-22T12:00:00.00"));
    }
    let expected = json!({"items": [
        {"receivedAt": "2026-11-22T12:00:00.000Z", "source": "whatsapp", "code": "tap-without-context",
         "field": "context.id", "itemId": "wamid.tap", "itemType": "button"},
        {"receivedAt": "2026-11-22T12:00:00.001Z", "source": "events", "code": "unknown-campaign",
         "field": "data.campaignId", "itemId": "e", "itemType": "reminder.sent", "reminderId": WAMID},
        {"receivedAt": "2026-11-22T12:00:00.002Z", "source": "events", "code": "invalid-field",
         "field": "data.value", "itemId": "e", "itemType": "order.updated", "orderGroup": "1172452900788"},
    ]});
    assert_eq!(page, expected);
    for personal in [PHONE, "5561999990001", "Finalizar", "Camiseta", "ana"] {
        assert!(!answer.text.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let store = Store::open().await.with_scope(READ);
    let account = Account::parse(ACCOUNT).unwrap();
    for n in 0..250 {
        let aside = Aside {
            received_at: Instant::from_millis(NOW_SECS * 1_000 + n / 3),
            source: "rollup".to_owned(),
            code: "unreadable".to_owned(),
            field: None,
            body: format!("not even JSON {n}"),
        };
        store.table.aside_keep(&AsideOwner::Account(account.clone()), &aside).await.unwrap();
    }
    let (mut path, mut ids, mut sizes) = ("/events/aside".to_owned(), Vec::new(), Vec::new());
    loop {
        let list = store.get(&path).await.ok();
        let items = list["items"].as_array().unwrap();
        sizes.push(items.len());
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match &list["next"] {
            Value::String(next) => path = format!("/events/aside?cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
    // A page that is full to the last item has no next one.
    let exact = Store::open().await.with_scope(READ);
    assert_eq!(exact.get("/events/aside").await.json(), json!({"items": []}));
}

#[tokio::test]
async fn each_account_sees_its_own() {
    let store = Store::open().await.with_scope(READ);
    store.beside("bela", "222", 8).await;
    let mut unknown = sent(WAMID, NOW_SECS);
    unknown["data"]["campaignId"] = json!("nobody");
    store.event(&unknown).await.is_ok();
    // What belongs to no account is no account's to see.
    let stray = messages(&[tap("wamid.t", WAMID, NOW_SECS)]).replace("106540352242922", "999");
    store.whatsapp(stray).await.is_ok();
    let of = async |account| store.of(account).get("/events/aside").await.ok();
    assert_eq!(of("acme").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(of("bela").await, json!({"items": []}));
    let nobody = store.of("nobody").get("/events/aside").await;
    nobody.is_problem(404, "account-not-found");
    // Nor does another's cursor lead anywhere else.
    let id = of("acme").await["items"][0]["id"].as_str().unwrap().to_owned();
    let cursor = shared::web::Cursor(id[..10].to_owned()).encode().unwrap();
    let path = format!("/events/aside?cursor={cursor}");
    assert_eq!(store.of("bela").get(&path).await.json(), json!({"items": []}));
}

#[tokio::test]
async fn only_a_reader_may_look() {
    let store = Store::open().await.with_scope(READ);
    let request = Request::get("/events/aside").body(Body::empty()).unwrap();
    store.call(request).await.is_problem(401, "missing-token");
    let answer = store.with_scope("admin:write").get("/events/aside").await;
    answer.is_problem(403, "insufficient-scope");
}

#[tokio::test]
async fn bad_cursors_and_parameters_are_422() {
    let store = Store::open().await.with_scope(READ);
    let cursor = |text: &str| shared::web::Cursor(text.to_owned()).encode().unwrap();
    for bad in
        ["x".to_owned(), String::new(), cursor("\u{10ffff}\u{10ffff}"), cursor(&"x".repeat(2_000))]
    {
        let answer = store.get(&format!("/events/aside?cursor={bad}")).await;
        answer.is_problem(422, "invalid-field");
        assert_eq!(answer.json()["field"], "cursor");
    }
    let answer = store.get("/events/aside?limit=7").await;
    answer.is_problem(422, "invalid-field");
    // Any other text of ours is a place in the list.
    for good in ["", "~", "2026", "\u{1}"] {
        let path = format!("/events/aside?cursor={}", cursor(good));
        store.get(&path).await.is_ok();
    }
}
