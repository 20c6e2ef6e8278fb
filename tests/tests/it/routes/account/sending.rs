//! `/account/sending`: whether and when an account sends, and by whose consent.

use serde_json::{Value, json};
use shared::domain::values::span::Span;

use crate::store::{NOW, Store, asked_settings};

fn asked() -> Value {
    json!({"enabled": true, "cooldownHours": 48, "consent": "declared",
        "hours": {"mon": ["09:00", "20:00"], "sat": ["10:00", "24:00"]}})
}

#[tokio::test]
async fn nothing_is_sent_until_the_account_says_so() {
    let store = Store::set_up().await;
    let told = store.get("/account/sending").await.ok();
    let by_day = json!(["09:00", "20:00"]);
    assert_eq!((&told["enabled"], &told["cooldownHours"]), (&json!(false), &json!(24)));
    assert_eq!((&told["hours"]["mon"], &told["hours"]["sun"]), (&by_day, &by_day));
    assert!(told.get("consent").is_none());
    assert_eq!(store.table.sending(&store.account).await.unwrap(), None);
}

#[tokio::test]
async fn who_declared_consent_first_stands_by_it() {
    let store = Store::set_up().await;
    let set = store.put("/account/sending", asked()).await.ok();
    let mut expected = asked();
    expected["declaredBy"] = json!("ana");
    expected["declaredAt"] = json!(NOW);
    assert_eq!(set, expected);
    assert_eq!(store.get("/account/sending").await.ok(), expected);
    store.pass(Span::hours(1));
    let bia = store.with_claim("sub", "bia");
    assert_eq!(bia.put("/account/sending", asked()).await.ok(), expected);
    // Who goes by recorded opt-ins in between declares it anew.
    let mut recorded = asked();
    recorded["consent"] = json!("recorded");
    assert_eq!(bia.put("/account/sending", &recorded).await.ok(), recorded);
    let anew = bia.put("/account/sending", asked()).await.ok();
    assert_eq!(anew["declaredBy"], "bia");
}

#[tokio::test]
async fn the_settings_of_the_account_leave_it_as_it_is() {
    let store = Store::set_up().await;
    store.put("/account/sending", asked()).await.is_ok();
    let before = store.table.account(&store.account).await.unwrap().unwrap();
    assert_eq!(store.put("/account", asked_settings()).await.status, 200);
    assert_eq!(store.get("/account/sending").await.ok()["enabled"], true);
    // A claim that read the settings before a change of the sending is refused (R17).
    let mut off = asked();
    off["enabled"] = json!(false);
    store.put("/account/sending", &off).await.is_ok();
    let after = store.table.account(&store.account).await.unwrap().unwrap();
    assert!(after.version > before.version + 1);
}

#[tokio::test]
async fn what_cannot_be_is_named() {
    let store = Store::set_up().await;
    for (field, value, at) in [
        ("cooldownHours", json!(23), "cooldownHours"),
        ("cooldownHours", json!(721), "cooldownHours"),
        ("consent", json!("assumed"), "consent"),
        ("consent", Value::Null, "consent"),
        ("hours", json!({}), "hours"),
        ("hours", json!({"mon": ["20:00", "09:00"]}), "hours.mon"),
        ("hours", json!({"mon": ["9", "20:00"]}), "hours.mon"),
        ("hours", json!({"funday": ["09:00", "20:00"]}), "hours.funday"),
        ("enabled", json!("yes"), "enabled"),
        ("pause", json!(true), "pause"),
    ] {
        let mut asked = asked();
        asked[field] = value;
        let answer = store.put("/account/sending", &asked).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], at, "{asked}");
    }
    for hours in [24, 720] {
        let mut asked = asked();
        asked["cooldownHours"] = json!(hours);
        store.put("/account/sending", &asked).await.is_ok();
    }
    // What is switched off needs no consent.
    let mut off = asked();
    off["enabled"] = json!(false);
    off.as_object_mut().unwrap().remove("consent");
    store.put("/account/sending", &off).await.is_ok();
    let unset = Store::unset().await;
    unset.put("/account/sending", asked()).await.is_problem(404, "account-not-found");
    unset.get("/account/sending").await.is_problem(404, "account-not-found");
    let reader = store.with_scope("admin:read");
    reader.put("/account/sending", asked()).await.is_problem(403, "insufficient-scope");
}
