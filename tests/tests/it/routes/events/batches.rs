//! `POST /events/{account}`: who may post, in which modes, and what is answered.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{EVENT_BATCH, ITEM_NAME_CHARS, WEBHOOK_BODY_BYTES};
use shared::runtime::clock::Clock;
use shared::telemetry::{Counter, counted};

use crate::store::functions::digest;
use crate::store::senders::{BATCHED, STRUCTURED};
use crate::store::told::{WAMID, event, order, receipt, sent};
use crate::store::{CAMPAIGN, NOW_SECS, Store, secret};

#[tokio::test]
async fn a_structured_event_and_a_batch_are_taken() {
    let store = Store::open().await;
    let answer = store.event(&sent("wamid.1", NOW_SECS)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"accepted": 1, "keptAside": []})));
    let answer =
        store.batch(&[sent("wamid.2", NOW_SECS), receipt("wamid.1", "read", NOW_SECS)]).await;
    assert_eq!(answer.json(), json!({"accepted": 2, "keptAside": []}));
    assert_eq!(store.batch(&[]).await.ok(), json!({"accepted": 0, "keptAside": []}));
    assert!(store.reminder("wamid.1").await.unwrap().read_at.is_some());
    assert!(store.reminder("wamid.2").await.unwrap().sent.is_some());
    assert_eq!(counted(Counter::FactsAccepted { kind: "reminder" }), 2);
}

#[tokio::test]
async fn bad_events_are_listed_by_their_place_and_fail_no_neighbour() {
    let store = Store::open().await;
    let mut unknown = sent("wamid.2", NOW_SECS);
    unknown["id"] = json!("e-2");
    unknown["data"]["campaignId"] = json!("nobody");
    let mut valueless = order("1", "01", NOW_SECS);
    valueless["id"] = json!("e-4");
    valueless["data"]["value"] = json!("199.90");
    let nameless = json!({"specversion": "1.0", "id": 7, "type": "reminder.sent"});
    let answer = store
        .batch(&[
            sent("wamid.1", NOW_SECS),
            unknown,
            json!("no event"),
            valueless,
            nameless,
            event("reminder.levitated", NOW_SECS, &json!({})),
            receipt(WAMID, "delivered", NOW_SECS),
        ])
        .await;
    let expected = json!({"accepted": 2, "keptAside": [
        {"index": 1, "id": "e-2", "code": "unknown-campaign", "field": "data.campaignId"},
        {"index": 2, "id": null, "code": "invalid-field", "field": null},
        {"index": 3, "id": "e-4", "code": "invalid-field", "field": "data.value"},
        {"index": 4, "id": null, "code": "invalid-field", "field": "id"},
        {"index": 5, "id": "e", "code": "unknown-event-type", "field": "type"},
    ]});
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert!(store.reminder("wamid.1").await.is_some());
    assert!(store.reminder("wamid.2").await.is_none());
    assert!(store.reminder(WAMID).await.is_some());
    assert_eq!(store.asides().await.len(), 5);
    assert_eq!(counted(Counter::KeptAside { reason: "invalid-field" }), 3);
}

#[tokio::test]
async fn a_bad_structured_event_is_200_like_one_of_a_batch() {
    let store = Store::open().await;
    let mut bad = receipt(WAMID, "read", NOW_SECS);
    bad["time"] = json!("2026-02-30T00:00:00Z");
    let aside = |id: Value, code: &str, field: Value| json!({"accepted": 0, "keptAside": [{"index": 0, "id": id, "code": code, "field": field}]});
    let answer = store.event(&bad).await;
    assert_eq!(answer.ok(), aside(json!("e"), "impossible-date", json!("time")));
    // An array is no event, not even one that holds a good one.
    let answer = store.event(&json!([receipt(WAMID, "read", NOW_SECS)])).await;
    assert_eq!(answer.ok(), aside(json!(null), "invalid-field", json!(null)));
    assert!(store.reminder(WAMID).await.is_none());
}

#[tokio::test]
async fn what_is_kept_aside_can_be_replayed() {
    let store = Store::open().await;
    let mut bad = sent(WAMID, NOW_SECS);
    bad["data"]["campaignId"] = json!("nobody");
    store.event(&bad).await.is_ok();
    let aside = store.asides().await.remove(0);
    let body: Value = serde_json::from_str(&aside.body).unwrap();
    assert_eq!(body, json!({"account": "acme", "item": bad}));
    assert_eq!((aside.source.as_str(), aside.received_at), ("events", store.clock.now()));
}

#[tokio::test]
async fn an_enormous_event_is_kept_aside_with_what_counts_of_it() {
    let store = Store::open().await;
    let mut bad = sent(WAMID, NOW_SECS);
    bad["data"]["checkoutItems"][0]["name"] = json!("é".repeat(3 << 19));
    bad["data"]["campaignId"] = json!("nobody");
    let answer = store.event(&bad).await;
    assert_eq!(answer.ok()["keptAside"][0]["code"], "unknown-campaign");
    let aside = store.asides().await.remove(0);
    let mut cut = bad.clone();
    cut["data"]["checkoutItems"][0]["name"] = json!("é".repeat(ITEM_NAME_CHARS));
    assert_eq!(kept_item(&aside.body), cut);
    // Sent again after a fix, either is the same fact.
    let mut kept = Vec::new();
    for (mut event, id) in [(bad, "wamid.long"), (cut, "wamid.cut")] {
        event["data"]["campaignId"] = json!(CAMPAIGN);
        event["data"]["reminderId"] = json!(id);
        assert_eq!(store.event(&event).await.ok()["accepted"], 1);
        let sent = store.reminder(id).await.unwrap().sent;
        kept.push(sent.map(|sent| (sent.items, sent.identities, sent.day)));
    }
    assert!(kept[0].is_some() && kept[0] == kept[1]);
}

#[tokio::test]
async fn an_enormous_event_that_stays_long_is_kept_aside_without_its_lists() {
    let store = Store::open().await;
    let mut bad = sent(WAMID, NOW_SECS);
    let item = json!({"id": "x", "name": "é".repeat(500), "quantity": 1, "price": 1});
    bad["data"]["checkoutItems"] = json!(vec![item; 2_000]);
    bad["data"]["campaignId"] = json!("nobody");
    store.event(&bad).await.is_ok();
    let aside = store.asides().await.remove(0);
    assert_eq!(aside.code, "unknown-campaign");
    bad["data"].as_object_mut().unwrap().remove("checkoutItems");
    assert_eq!(kept_item(&aside.body), bad);
}

/// The item within a body that was kept aside.
fn kept_item(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["item"].clone()
}

#[tokio::test]
async fn other_content_types_are_415() {
    let store = Store::open().await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    for kind in [
        "application/json",
        "text/plain",
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents+jsonx",
        "",
    ] {
        let answer = store.signed("/events/acme", kind, &body).await;
        answer.is_problem(415, "unsupported-media-type");
    }
    let with_parameter = "Application/CloudEvents+JSON; charset=utf-8";
    store.signed("/events/acme", with_parameter, &body).await.is_ok();
}

#[tokio::test]
async fn binary_mode_is_415_and_ce_headers_beside_a_structured_event_mean_nothing() {
    let store = Store::open().await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    let signature = secret(7).sign("m", NOW_SECS, body.as_bytes());
    let request = |kind: &str| {
        Request::post("/events/acme")
            .header("content-type", kind)
            .header("ce-specversion", "1.0")
            .header("ce-id", "1")
            .header("ce-source", "/x")
            .header("ce-type", "reminder.sent")
            .header("webhook-id", "m")
            .header("webhook-timestamp", NOW_SECS.to_string())
            .header("webhook-signature", &signature)
            .body(Body::from(body.clone()))
            .unwrap()
    };
    let binary = store.call(request("application/json")).await;
    binary.is_problem(415, "unsupported-media-type");
    assert!(store.contents().await.is_empty());
    store.call(request(STRUCTURED)).await.is_ok();
}

#[tokio::test]
async fn bodies_that_are_no_json_are_400_and_a_batch_that_is_no_array_422() {
    let store = Store::open().await;
    for bad in [&b""[..], b"{", b"[{]", b"{}{}", b"[{\"id\":\"\xff\"}]"] {
        for kind in [STRUCTURED, BATCHED] {
            let answer = store.signed("/events/acme", kind, bad).await;
            answer.is_problem(400, "malformed-json");
        }
    }
    let one = receipt(WAMID, "read", NOW_SECS).to_string();
    for bad in [one.as_str(), "1", "null", "\"x\""] {
        let answer = store.signed("/events/acme", BATCHED, bad).await;
        answer.is_problem(422, "invalid-field");
        assert_eq!(answer.json()["field"], "body");
    }
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn data_in_base64_are_read_and_kept_aside_in_plain() {
    let store = Store::open().await;
    let encoded = |mut event: Value| {
        let data = event.as_object_mut().unwrap().remove("data").unwrap().to_string();
        event["data_base64"] = json!(STANDARD.encode(data));
        event
    };
    let mut unknown = sent("wamid.2", NOW_SECS);
    unknown["data"]["campaignId"] = json!("nobody");
    let mut broken = encoded(receipt(WAMID, "read", NOW_SECS));
    broken["data_base64"] = json!("no base64");
    let mut twice = encoded(receipt(WAMID, "read", NOW_SECS));
    twice["data"] = json!({});
    let answer = store
        .batch(&[
            encoded(sent(WAMID, NOW_SECS)),
            encoded(order("1", "01", NOW_SECS)),
            encoded(unknown.clone()),
            broken.clone(),
            twice,
        ])
        .await;
    let aside = |index: usize, code: &str, field: &str| json!({"index": index, "id": "e", "code": code, "field": field});
    let expected = json!({"accepted": 2, "keptAside": [
        aside(2, "unknown-campaign", "data.campaignId"),
        aside(3, "invalid-field", "data_base64"),
        aside(4, "invalid-field", "data_base64"),
    ]});
    assert_eq!(answer.ok(), expected);
    assert!(store.reminder(WAMID).await.unwrap().sent.is_some());
    assert!(store.order("1").await.is_some());
    let kept: Vec<Value> =
        store.asides().await.iter().map(|aside| kept_item(&aside.body)).collect();
    assert!(kept.contains(&unknown) && kept.contains(&broken));
}

/// JSON lets a lone surrogate stand in a text; only the event that holds it is lost.
#[tokio::test]
async fn a_lone_surrogate_fails_its_own_event() {
    let store = Store::open().await;
    let good = receipt(WAMID, "read", NOW_SECS).to_string();
    let bad = sent("wamid.1", NOW_SECS).to_string().replace("\"ana\"", "\"\\ud83d\"");
    let answer = store.signed("/events/acme", BATCHED, format!("[{bad},{good}]")).await;
    assert_eq!(answer.ok()["accepted"], 1);
    assert_eq!(answer.json()["keptAside"][0]["code"], "invalid-field");
    assert!(store.reminder(WAMID).await.is_some());
    assert_eq!(store.asides().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_account_is_404() {
    let store = Store::open().await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    for path in
        ["/events/nobody", "/events/ACME", "/events/acme%23", "/events/%FF", "/events/a%2Fb"]
    {
        let answer = store.signed(path, STRUCTURED, &body).await;
        answer.is_problem(404, "account-not-found");
    }
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_nothing_is_stored() {
    let store = Store::open().await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    let by_another = store.signed_by(&secret(9), "/events/acme", STRUCTURED, body.as_bytes()).await;
    by_another.is_problem(401, "invalid-signature");
    let unsigned = Request::post("/events/acme").header("content-type", STRUCTURED);
    let answer = store.call(unsigned.body(Body::from(body.clone())).unwrap()).await;
    answer.is_problem(401, "invalid-signature");
    // Whoever can't sign learns nothing of what else is wrong.
    let answer = store.signed_by(&secret(9), "/events/acme", "text/plain", b"{").await;
    answer.is_problem(401, "invalid-signature");
    for (age, status) in [(300, 200), (301, 401), (-300, 200), (-301, 401)] {
        let mut late = Store::open().await;
        let signed_at = late.clock.now().seconds();
        late.clock = Clock::fixed(Instant::from_millis((signed_at - age) * 1_000));
        let answer = late.signed("/events/acme", STRUCTURED, &body).await;
        assert_eq!(answer.status, status, "{age}");
    }
    assert!(store.contents().await.is_empty());
    assert_eq!(counted(Counter::SignatureRefused { source: "events" }), 5);
}

#[tokio::test]
async fn the_signature_is_over_the_bytes_as_they_came() {
    let store = Store::open().await;
    let escaped = sent(WAMID, NOW_SECS).to_string().replace("Camiseta", "Ol\\u00e1 \\ud83d\\ude00");
    store.signed("/events/acme", STRUCTURED, &escaped).await.is_ok();
    let rewritten = serde_json::from_str::<Value>(&escaped).unwrap().to_string();
    let request = Request::post("/events/acme")
        .header("content-type", STRUCTURED)
        .header("webhook-id", "m")
        .header("webhook-timestamp", NOW_SECS.to_string())
        .header("webhook-signature", secret(7).sign("m", NOW_SECS, escaped.as_bytes()))
        .body(Body::from(rewritten))
        .unwrap();
    store.call(request).await.is_problem(401, "invalid-signature");
}

#[tokio::test]
async fn a_new_secret_works_at_once_and_the_old_one_for_a_day() {
    let store = Store::open().await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    // The settings are known from here on.
    store.signed("/events/acme", STRUCTURED, &body).await.is_ok();
    let new = secret(8);
    store.add_signing_secret(&new).await;
    let by =
        async |secret| store.signed_by(secret, "/events/acme", STRUCTURED, body.as_bytes()).await;
    by(&new).await.is_ok();
    by(&store.secret).await.is_ok();
    let day = 24 * 3_600;
    store.clock.set(Instant::from_millis((NOW_SECS + day) * 1_000 - 1));
    by(&store.secret).await.is_ok();
    // Also when the settings were read while it was valid.
    store.clock.set(Instant::from_millis((NOW_SECS + day) * 1_000));
    by(&store.secret).await.is_problem(401, "invalid-signature");
    by(&new).await.is_ok();
}

#[tokio::test]
async fn secrets_of_another_account_are_wrong() {
    let store = Store::open().await;
    store.beside("bela", "222", 8).await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    let answer = store.signed_by(&secret(8), "/events/acme", STRUCTURED, body.as_bytes()).await;
    answer.is_problem(401, "invalid-signature");
    store.signed_by(&secret(8), "/events/bela", STRUCTURED, body.as_bytes()).await.is_ok();
    assert!(store.reminder(WAMID).await.is_none());
    let bela = Account::parse("bela").unwrap();
    let id = digest(WAMID);
    assert!(store.table.reminder(&bela, &id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_account_may_be_called_aside() {
    let store = Store::open().await;
    store.beside("aside", "222", 8).await;
    let body = receipt(WAMID, "read", NOW_SECS).to_string();
    store.signed_by(&secret(8), "/events/aside", STRUCTURED, body.as_bytes()).await.is_ok();
    let wrong = store.signed_by(&secret(7), "/events/aside", STRUCTURED, body.as_bytes()).await;
    wrong.is_problem(401, "invalid-signature");
}

#[tokio::test]
async fn batches_and_bodies_at_their_limits_and_one_past() {
    let store = Store::open().await;
    let mut events: Vec<Value> =
        (0..EVENT_BATCH).map(|_| receipt(WAMID, "sent", NOW_SECS)).collect();
    assert_eq!(store.batch(&events).await.ok()["accepted"], EVENT_BATCH);
    events.push(receipt(WAMID, "read", NOW_SECS));
    store.batch(&events).await.is_problem(413, "too-many-items");
    let mut body = receipt("wamid.1", "read", NOW_SECS).to_string();
    body.push_str(&" ".repeat(WEBHOOK_BODY_BYTES - body.len()));
    store.signed("/events/acme", STRUCTURED, &body).await.is_ok();
    body.push(' ');
    let answer = store.signed("/events/acme", STRUCTURED, &body).await;
    answer.is_problem(413, "payload-too-large");
    assert!(store.reminder(WAMID).await.is_none());
}

#[tokio::test]
async fn a_second_delivery_changes_nothing() {
    let store = Store::open().await;
    let events = [
        sent(WAMID, NOW_SECS),
        receipt(WAMID, "read", NOW_SECS + 1),
        crate::store::told::clicked(WAMID, "c", "link", NOW_SECS + 2),
        order("1", "01", NOW_SECS + 3),
        order("1", "02", NOW_SECS + 3),
    ];
    store.batch(&events).await.is_ok();
    let contents = store.contents().await;
    assert!(contents.len() > 8);
    store.batch(&events).await.is_ok();
    for event in events.iter().rev() {
        store.event(event).await.is_ok();
    }
    assert_eq!(store.contents().await, contents);
}
