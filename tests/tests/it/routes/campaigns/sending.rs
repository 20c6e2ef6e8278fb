//! `sending` of `PATCH /campaigns/{id}`: how the system sends a campaign.

use serde_json::{Value, json};

use crate::store::{Answer, Store};

async fn patch(store: &Store, id: &str, tag: &str, sending: Value) -> Answer {
    store.patch(id, tag, json!({"sending": sending})).await
}

#[tokio::test]
async fn a_campaign_is_sent_by_the_system_once_it_is_enabled() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let made = store.get(&format!("/campaigns/{id}")).await;
    assert!(made.ok().get("sending").is_none());
    let answer = patch(&store, &id, "\"1\"", json!({"enabled": true})).await;
    let proposed = json!({"enabled": true, "delayMinutes": 60, "trigger": "payment", "minimum": [],
        "rank": 0});
    assert_eq!(answer.ok()["sending"], proposed);
    assert_eq!(answer.header("etag"), "\"2\"");
    // What is absent stays.
    let more = json!({"delayMinutes": 1_440, "trigger": "any", "rank": 1_000, "couponCode": "VOLTA10",
        "minimum": [{"currency": "CLP", "amount": "5000"}, {"currency": "BRL", "amount": "49.9"}]});
    let answer = patch(&store, &id, "\"2\"", more).await;
    let expected = json!({"enabled": true, "delayMinutes": 1_440, "trigger": "any", "rank": 1_000,
        "couponCode": "VOLTA10",
        "minimum": [{"currency": "BRL", "amount": "49.90"}, {"currency": "CLP", "amount": "5000"}]});
    assert_eq!(answer.ok()["sending"], expected);
    assert_eq!(store.get("/campaigns").await.ok()["items"][0]["sending"], expected);
    // The same again makes no version; a coupon is taken away by null.
    let same = patch(&store, &id, "\"3\"", json!({"rank": 1_000})).await;
    assert_eq!(same.header("etag"), "\"3\"");
    let without = patch(&store, &id, "\"3\"", json!({"couponCode": null, "minimum": []})).await;
    let without = without.ok();
    assert_eq!(without["sending"]["minimum"], json!([]));
    assert!(without["sending"].get("couponCode").is_none());
}

#[tokio::test]
async fn the_history_tells_how_it_was_sent() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let minimum = json!([{"currency": "BRL", "amount": "50"}]);
    let asked = json!({"enabled": true, "minimum": minimum, "couponCode": "A1"});
    patch(&store, &id, "\"1\"", asked).await.is_ok();
    patch(&store, &id, "\"2\"", json!({"enabled": false, "couponCode": null})).await.is_ok();
    let history = store.get(&format!("/campaigns/{id}/history")).await.ok();
    insta::assert_json_snapshot!("sending_history", history);
}

#[tokio::test]
async fn what_cannot_be_is_named() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let many: Vec<Value> = [
        "BRL", "USD", "EUR", "CLP", "ARS", "MXN", "COP", "PEN", "UYU", "PYG", "BOB", "GBP", "JPY",
        "CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK",
    ]
    .into_iter()
    .map(|currency| json!({"currency": currency, "amount": "1"}))
    .collect();
    for (sending, at) in [
        (json!({"delayMinutes": 19}), "sending.delayMinutes"),
        (json!({"delayMinutes": 1_441}), "sending.delayMinutes"),
        (json!({"trigger": "always"}), "sending.trigger"),
        (json!({"rank": 1_001}), "sending.rank"),
        (json!({"rank": -1}), "sending.rank"),
        (json!({"couponCode": "10% OFF"}), "sending.couponCode"),
        (json!({"couponCode": "ABCDEFGHIJKLMNOP"}), "sending.couponCode"),
        (json!({"minimum": [{"currency": "BRL", "amount": "1.999"}]}), "sending.minimum"),
        (json!({"minimum": [{"currency": "BRL", "amount": "99999999999.00"}]}), "sending.minimum"),
        (json!({"minimum": many}), "sending.minimum"),
        (
            json!({"minimum": [{"currency": "BRL", "amount": "1"}, {"currency": "BRL", "amount": "2"}]}),
            "sending.minimum",
        ),
        (json!({"minimum": [{"currency": "XXL", "amount": "1"}]}), "sending.minimum[0].currency"),
        (json!({"delay": 60}), "sending.delay"),
        (json!(null), "sending"),
    ] {
        let answer = patch(&store, &id, "\"1\"", sending.clone()).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], at, "{sending}");
    }
    patch(&store, &id, "\"1\"", json!({"minimum": many[..20]})).await.is_ok();
}

#[tokio::test]
async fn a_campaign_with_a_coupon_is_sent_with_one() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let coupon = json!({"messageType": "coupon"});
    assert_eq!(store.patch(&id, "\"1\"", coupon.clone()).await.status, 200);
    let enabled = patch(&store, &id, "\"2\"", json!({"enabled": true})).await;
    assert_eq!(enabled.is_problem(422, "invalid-field")["field"], "sending.couponCode");
    let with = patch(&store, &id, "\"2\"", json!({"enabled": true, "couponCode": "VOLTA10"})).await;
    assert_eq!(with.status, 200);
    let without = patch(&store, &id, "\"3\"", json!({"couponCode": null})).await;
    without.is_problem(422, "invalid-field");
    // Nor can it become one without.
    let other = store.campaign("y").await;
    patch(&store, &other, "\"1\"", json!({"enabled": true})).await.is_ok();
    store.patch(&other, "\"2\"", coupon).await.is_problem(422, "invalid-field");
}

/// Else its reminders would be nobody's: the store's own sender is refused them.
#[tokio::test]
async fn nobody_has_a_system_send_that_has_no_sender() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let store = store.with_campaigns(|deps| deps.with_sender(false));
    let refused = patch(&store, &id, "\"1\"", json!({"enabled": true})).await;
    refused.is_problem(409, "sender-missing");
    patch(&store, &id, "\"1\"", json!({"delayMinutes": 90})).await.ok();
    let wanted = json!({"enabled": true, "hours": {"mon": ["09:00", "20:00"]}, "cooldownHours": 24,
        "consent": "recorded"});
    store.put("/account/sending", wanted).await.is_problem(409, "sender-missing");
}
