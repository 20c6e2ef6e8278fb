//! Who may post to `/webhooks/whatsapp`, and how much.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use shared::domain::values::limits::{WEBHOOK_BODY_BYTES, WEBHOOK_ITEMS};
use shared::runtime::config::Secret;
use shared::telemetry::{Counter, counted};
use shared::web::signature::sign_hub;

use crate::store::functions::{APP_SECRET, OLD_APP_SECRET};
use crate::store::told::{WAMID, status, statuses, value, webhook};
use crate::store::{NOW_SECS, Store};

fn body() -> String {
    statuses(&[status(WAMID, "delivered", NOW_SECS)])
}

fn signature(body: &[u8]) -> String {
    sign_hub(&Secret::new(APP_SECRET), body)
}

#[tokio::test]
async fn an_unsigned_body_is_401_and_nothing_is_stored() {
    let store = Store::open().await;
    let body = body();
    let right = signature(body.as_bytes());
    let refused = [
        String::new(),
        right.trim_start_matches("sha256=").to_owned(),
        right[..right.len() - 1].to_owned(),
        right.replace("sha256=", "sha1="),
        signature(b"another body"),
        sign_hub(&Secret::new("wrong secret"), body.as_bytes()),
        sign_hub(&Secret::new(""), body.as_bytes()),
    ];
    for wrong in &refused {
        let answer = store.whatsapp_signed(body.as_bytes(), wrong).await;
        answer.is_problem(401, "invalid-signature");
    }
    let without = Request::post("/webhooks/whatsapp").body(Body::from(body.clone())).unwrap();
    store.call(without).await.is_problem(401, "invalid-signature");
    let mut flipped = body.clone().into_bytes();
    flipped[10] ^= 1;
    store.whatsapp_signed(&flipped, &right).await.is_problem(401, "invalid-signature");
    assert!(store.contents().await.is_empty());
    let n = u64::try_from(refused.len()).unwrap() + 2;
    assert_eq!(counted(Counter::SignatureRefused { source: "whatsapp" }), n);
}

#[tokio::test]
async fn the_signature_is_judged_before_the_body_is_parsed() {
    let store = Store::open().await;
    store.whatsapp_signed(b"{", "sha256=00").await.is_problem(401, "invalid-signature");
    store.whatsapp(b"{").await.is_problem(400, "malformed-json");
}

/// Meta signs the escaped form; a body that was parsed and written again would no longer fit.
#[tokio::test]
async fn the_signature_is_over_the_bytes_as_they_came() {
    let store = Store::open().await;
    let escaped = body()
        .replace("wamid.", "\\u0077amid.")
        .replace("\"marketing\"", "\"ol\\u00e1 \\ud83d\\ude00\"");
    assert!(escaped.contains("\\u00e1"));
    let right = signature(escaped.as_bytes());
    let rewritten = serde_json::from_str::<Value>(&escaped).unwrap().to_string();
    let answer = store.whatsapp_signed(rewritten.as_bytes(), &right).await;
    answer.is_problem(401, "invalid-signature");
    store.whatsapp_signed(escaped.as_bytes(), &right).await.is_ok();
    assert!(store.reminder(WAMID).await.unwrap().delivered_at.is_some());
}

#[tokio::test]
async fn a_rotated_secret_and_upper_case_hex_are_taken() {
    let store = Store::open().await;
    let body = body();
    let old = sign_hub(&Secret::new(OLD_APP_SECRET), body.as_bytes());
    store.whatsapp_signed(body.as_bytes(), &old).await.is_ok();
    let upper = signature(body.as_bytes()).to_uppercase().replace("SHA256", "sha256");
    store.whatsapp_signed(body.as_bytes(), &upper).await.is_ok();
}

#[tokio::test]
async fn bytes_that_are_no_json_are_400() {
    let store = Store::open().await;
    let nested = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    for bad in [
        &b""[..],
        b"not json",
        b"{\"a\":1",
        b"{\"a\":\"\xff\"}",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        &nested.as_bytes()[..300_000],
    ] {
        let answer = store.whatsapp(bad).await;
        answer.is_problem(400, "malformed-json");
    }
    // Deep but sound: nobody looks that deep.
    store.whatsapp(nested.as_bytes()).await.is_ok();
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn a_body_of_4_mib_is_taken_and_one_byte_more_is_413() {
    let store = Store::open().await;
    let mut body = body();
    body.push_str(&" ".repeat(WEBHOOK_BODY_BYTES - body.len()));
    store.whatsapp(&body).await.is_ok();
    body.push(' ');
    store.whatsapp(&body).await.is_problem(413, "payload-too-large");
    // Too large is said before anything is computed over it.
    let answer = store.whatsapp_signed(body.as_bytes(), "sha256=00").await;
    answer.is_problem(413, "payload-too-large");
}

#[tokio::test]
async fn a_thousand_items_are_taken_and_one_more_is_413() {
    let store = Store::open().await;
    // The limit is over all entries and both lists.
    let items = |statuses: usize, messages: usize| {
        let statuses: Vec<Value> =
            (0..statuses).map(|n| status(&format!("wamid.{n}"), "sent", NOW_SECS)).collect();
        let messages = vec![json!({"type": "text", "text": {"body": "oi"}}); messages];
        let (head, tail) = statuses.split_at(statuses.len() / 2);
        let mut body = webhook(&value(head, &messages));
        let other = webhook(&value(tail, &[]))["entry"][0].clone();
        body["entry"].as_array_mut().unwrap().push(other);
        body.to_string()
    };
    store.whatsapp(items(600, WEBHOOK_ITEMS - 600)).await.is_ok();
    let refused = store.whatsapp(items(600, WEBHOOK_ITEMS - 599)).await;
    refused.is_problem(413, "too-many-items");
    assert_eq!(counted(Counter::TrafficIgnored { kind: "sent" }), 600);
}
