//! `GET` and `POST /campaigns`, `GET /campaigns/{id}`.

use futures::future::join_all;
use serde_json::{Value, json};
use shared::domain::values::limits::CAMPAIGNS_PER_ACCOUNT;
use shared::domain::values::span::Span;

use crate::store::{NOW, Store, asked_campaign, at};

#[tokio::test]
async fn a_campaign_is_made_and_read() {
    let store = Store::set_up().await;
    let made = store.post("/campaigns", asked_campaign("Carrinho abandonado 🛒")).await;
    insta::assert_json_snapshot!("campaign_created", made.shown());
    let path = made.header("location").to_owned();
    let read = store.get(&path).await;
    insta::assert_json_snapshot!("campaign", read.shown());
    assert_eq!(read.body, made.body);
}

#[tokio::test]
async fn campaigns_are_listed_as_they_were_made() {
    let store = Store::set_up().await;
    assert_eq!(store.get("/campaigns").await.body, json!({"items": []}));
    for (n, name) in ["b", "a", "a"].into_iter().enumerate() {
        let n = i64::try_from(n).unwrap();
        store.clock.set(at(NOW).plus(Span::seconds(n)));
        store.campaign(name).await;
    }
    insta::assert_json_snapshot!(store.get("/campaigns").await.shown());
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let store = Store::set_up().await;
    let with = |field: &str, value: Value| {
        let mut body = asked_campaign("x");
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("name", json!("")), "name"),
        (with("name", json!("  ")), "name"),
        (with("name", json!("a\nb")), "name"),
        (with("name", json!(7)), "name"),
        (with("language", json!("pt")), "language"),
        (with("language", json!("pt-br")), "language"),
        (with("messageType", json!("video")), "messageType"),
        (with("status", json!("paused")), "status"),
        (with("campaignId", json!("mine")), "campaignId"),
        (json!({"name": "x", "language": "es"}), "messageType"),
        (json!([]), "body"),
    ] {
        let answer = store.post("/campaigns", body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid-field", field), "{body}: {answer:?}");
    }
    assert_eq!(store.get("/campaigns").await.body, json!({"items": []}));
}

/// Characters, not bytes.
#[tokio::test]
async fn a_name_has_at_most_80_characters() {
    let store = Store::set_up().await;
    store.campaign(&"ç".repeat(80)).await;
    let past = store.post("/campaigns", asked_campaign(&"ç".repeat(81))).await;
    insta::assert_json_snapshot!(past.shown());
}

#[tokio::test]
async fn an_account_has_at_most_100_campaigns() {
    let store = Store::set_up().await;
    for n in 1..CAMPAIGNS_PER_ACCOUNT {
        store.campaign(&n.to_string()).await;
    }
    // Several at once: one more fits.
    let answers = join_all((0..5).map(|_| store.post("/campaigns", asked_campaign("last")))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    insta::assert_json_snapshot!(refused.shown());
    let listed = store.get("/campaigns").await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), CAMPAIGNS_PER_ACCOUNT);
    // The limit is each account's own.
    let other = store.of("other");
    assert_eq!(other.put("/account", crate::store::asked_settings()).await.status, 201);
    other.campaign("x").await;
}

#[tokio::test]
async fn an_account_that_is_not_set_up_has_none() {
    let store = Store::unset().await;
    assert_eq!(store.get("/campaigns").await.problem(), (404, "account-not-found", ""));
    let answer = store.post("/campaigns", asked_campaign("x")).await;
    assert_eq!(answer.problem(), (404, "account-not-found", ""));
}

#[tokio::test]
async fn an_unknown_campaign_is_not_found() {
    let store = Store::set_up().await;
    for id in ["0192", "a%23b", "%20", &"x".repeat(51)] {
        let answer = store.get(&format!("/campaigns/{id}")).await;
        assert_eq!(answer.problem(), (404, "campaign-not-found", ""), "{id}");
    }
    insta::assert_json_snapshot!(store.get("/campaigns/0192").await.shown());
}
