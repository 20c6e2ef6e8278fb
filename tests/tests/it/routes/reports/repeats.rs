//! `Idempotency-Key`.

use serde_json::json;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::span::Span;

use super::{november, store, with};
use crate::store::Store;

async fn stored(store: &Store) -> usize {
    store.table.reports_open().await.unwrap().len()
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let store = store().await;
    let first = store.post_with_key("k1", &november()).await;
    assert_eq!(first.status, 202);
    store.pass(Span::seconds(60));
    // Understood, it is the same: a default spelt out, fields in another order.
    let same = json!({"format": "csv", "to": "2026-11-30", "from": "2026-11-01", "email": "bia@STORE.example"});
    for body in [november(), same] {
        let again = store.post_with_key("k1", &body).await;
        assert_eq!((again.status, &again.body), (202, &first.body));
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!(stored(&store).await, 1);
}

#[tokio::test]
async fn another_request_with_the_key_is_refused() {
    let store = store().await;
    store.post_with_key("k1", &november()).await;
    for changes in [
        json!({"email": "ana@store.example"}),
        json!({"from": "2026-11-02"}),
        json!({"campaignId": "c1"}),
        json!({"format": "excel"}),
        // Even one that would be refused by itself.
        json!({"campaignId": "nope"}),
    ] {
        let answer = store.post_with_key("k1", &with(&november(), &changes)).await;
        assert_eq!(
            answer.problem(),
            (422, "idempotency-key-reused", "Idempotency-Key"),
            "{changes}"
        );
    }
    assert_eq!(stored(&store).await, 1);
}

#[tokio::test]
async fn a_key_is_the_accounts_own() {
    let store = store().await;
    let other = store.beside("other", "222", 8).await;
    let first = store.post_with_key("k1", &november()).await;
    let second = other.post_with_key("k1", &november()).await;
    assert_eq!((first.status, second.status), (202, 202));
    assert_ne!(first.body["id"], second.body["id"]);
    assert_ne!(first.body["id"], store.post_with_key("k2", &november()).await.body["id"]);
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let store = store().await;
    let first = store.post_with_key("k1", &november()).await;
    store.pass(Span::seconds(24 * 3_600 - 1));
    assert_eq!(store.post_with_key("k1", &november()).await.body, first.body);
    store.pass(Span::seconds(1));
    // Though its item is still there.
    let next = store.post_with_key("k1", &november()).await;
    assert_eq!(next.status, 202);
    assert_ne!(next.body["id"], first.body["id"]);
    assert_eq!(store.post_with_key("k1", &november()).await.body, next.body);
}

#[tokio::test]
async fn at_once_they_are_one() {
    let store = store().await;
    let body = november();
    let (a, b, c) = tokio::join!(
        store.post_with_key("k1", &body),
        store.post_with_key("k1", &body),
        store.post_with_key("k1", &body)
    );
    assert_eq!((a.status, b.status, c.status), (202, 202, 202));
    assert!(a.body == b.body && b.body == c.body);
    assert_eq!(stored(&store).await, 1);
}

/// What was taken once is answered so, whatever has changed since.
#[tokio::test]
async fn an_answer_outlives_wishes_and_limits() {
    let store = store().await;
    let first = store.post_with_key("k1", &november()).await;
    for _ in 0..29 {
        store.requested().await;
    }
    let bia = EmailAddress::parse("bia@store.example").unwrap();
    let now = store.clock.now();
    store.table.recipient_unsubscribe(&store.account, &bia, now).await.unwrap();
    assert_eq!(store.post_with_key("k1", &november()).await.body, first.body);
}

#[tokio::test]
async fn keys_are_visible_ascii() {
    let store = store().await;
    let longest = "k".repeat(255);
    assert_eq!(store.post_with_key(&longest, &november()).await.status, 202);
    for key in ["", "a b", "k\u{e9}", &format!("{longest}k")] {
        let answer = store.post_with_key(key, &november()).await;
        assert_eq!(answer.problem(), (422, "invalid-field", "Idempotency-Key"), "{key}");
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = store.send("POST", "/reports", &two, Some(november().to_string())).await;
    assert_eq!(answer.problem(), (422, "invalid-field", "Idempotency-Key"));
    assert_eq!(stored(&store).await, 1);
}
