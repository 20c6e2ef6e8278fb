//! `/report-schedules`.

use serde_json::{Value, json};
use shared::domain::reports::schedule::{PauseReason, ScheduleStatus};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::span::Span;

use crate::routes::reports::store;
use crate::store::{Answer, Store};

async fn make(store: &Store, body: &Value) -> String {
    let answer = store.post("/report-schedules", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/report-schedules/{id}"));
    id.to_owned()
}

#[tokio::test]
async fn schedules_are_made_and_listed() {
    let store = store().await;
    make(&store, &json!({"email": "bia@store.example", "frequency": "daily"})).await;
    store.pass(Span::seconds(1));
    let body = json!({"email": "ana@store.example", "frequency": "monthly", "campaignId": "c1", "format": "xlsx"});
    make(&store, &body).await;
    let mut listed = store.get("/report-schedules").await.body;
    for item in listed["items"].as_array_mut().unwrap() {
        item["id"] = json!("[id]");
    }
    insta::assert_json_snapshot!(listed);
}

#[tokio::test]
async fn pause_and_resume_may_come_twice() {
    let store = store().await;
    let id = make(&store, &json!({"email": "bia@store.example", "frequency": "daily"})).await;
    let set = async |verb: &str| {
        let answer = store.send("POST", &format!("/report-schedules/{id}/{verb}"), &[], None).await;
        assert_eq!(answer.status, 200);
        answer.body["status"].as_str().unwrap().to_owned()
    };
    let stored = async || store.table.schedules_standing().await.unwrap().remove(0);
    let made = stored().await;
    store.pass(Span::seconds(60));
    assert_eq!(set("resume").await, "active");
    // It was active already: what is due since stays due.
    assert_eq!(stored().await, made);
    assert_eq!(set("pause").await, "paused");
    assert_eq!(set("pause").await, "paused");
    assert_eq!(stored().await.status, ScheduleStatus::Paused);
    store.pass(Span::seconds(60));
    assert_eq!(set("resume").await, "active");
    let resumed = stored().await;
    assert_eq!(resumed.active_since, store.clock.now());
    store.pass(Span::seconds(60));
    assert_eq!(set("resume").await, "active");
    assert_eq!(stored().await, resumed);
}

#[tokio::test]
async fn a_deleted_schedule_is_gone() {
    let store = store().await;
    let body = json!({"email": "bia@store.example", "frequency": "daily"});
    let (id, other) = (make(&store, &body).await, make(&store, &body).await);
    let path = format!("/report-schedules/{id}");
    let answer = store.delete(&path).await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    assert_eq!(store.delete(&path).await.problem(), (404, "schedule-not-found", ""));
    let answer = store.send("POST", &format!("{path}/resume"), &[], None).await;
    assert_eq!(answer.problem(), (404, "schedule-not-found", ""));
    let standing = store.table.schedules_standing().await.unwrap();
    assert_eq!(standing.iter().map(|schedule| schedule.id.as_str()).collect::<Vec<_>>(), [other]);
}

async fn edit(store: &Store, id: &str, body: Value) -> Answer {
    let path = format!("/report-schedules/{id}");
    store.send("PATCH", &path, &[], Some(body.to_string())).await
}

#[tokio::test]
async fn a_schedule_is_edited_field_by_field() {
    let store = store().await;
    let body = json!({"email": "bia@store.example", "frequency": "monthly", "campaignId": "c1"});
    let id = make(&store, &body).await;
    let stored = async || store.table.schedules_standing().await.unwrap().remove(0);
    let made = stored().await;
    store.pass(Span::hours(1));
    // What is said again, and nothing, change nothing: no run is skipped.
    for same in [json!({}), body] {
        edit(&store, &id, same).await.is_ok();
        assert_eq!(stored().await, made);
    }
    let answer = edit(&store, &id, json!({"campaignId": null, "format": "xlsx"})).await.ok();
    assert_eq!((&answer["campaignId"], &answer["format"]), (&Value::Null, &json!("xlsx")));
    assert_eq!(stored().await.active_since, made.active_since);
    let answer = edit(&store, &id, json!({"campaignId": "c2"})).await.ok();
    assert_eq!((&answer["campaignId"], &answer["format"]), (&json!("c2"), &json!("xlsx")));
    // Days that passed before are not made up for.
    let answer =
        edit(&store, &id, json!({"frequency": "daily", "email": "ana@store.example"})).await;
    let answer = answer.ok();
    assert_eq!(
        (&answer["frequency"], &answer["email"]),
        (&json!("daily"), &json!("ana@store.example"))
    );
    assert_eq!(stored().await.active_since, store.clock.now());
    assert_eq!(answer["nextRunAt"], "2026-11-23T09:00:00.000Z");
}

#[tokio::test]
async fn what_a_schedule_cannot_be_is_refused() {
    let store = store().await;
    let body = json!({"email": "bia@store.example", "frequency": "daily"});
    let id = make(&store, &body).await;
    let gone = EmailAddress::parse("gone@store.example").unwrap();
    store.table.recipient_unsubscribe(&store.account, &gone, store.clock.now()).await.unwrap();
    for (body, code, field) in [
        (json!({"email": "bia"}), "invalid-field", "email"),
        (json!({"frequency": "hourly"}), "invalid-field", "frequency"),
        (json!({"status": "paused"}), "invalid-field", "status"),
        (json!({"campaignId": "no-such"}), "unknown-campaign", "campaignId"),
        (json!({"email": "gone@store.example"}), "recipient-unsubscribed", "email"),
    ] {
        assert_eq!(edit(&store, &id, body).await.problem(), (422, code, field));
    }
    let other = store.beside("other", "222", 8).await;
    let unset = store.of("unset");
    for foreign in [&other, &unset] {
        let answer = edit(foreign, &id, json!({"format": "xlsx"})).await;
        assert_eq!(answer.problem(), (404, "schedule-not-found", ""));
    }
    let read = store.with_scope("admin:read");
    assert_eq!(edit(&read, &id, json!({})).await.problem(), (403, "insufficient-scope", ""));
    assert_eq!(edit(&store, "no-id", json!({})).await.problem(), (404, "schedule-not-found", ""));
    assert_eq!(store.get("/report-schedules").await.ok()["items"][0]["format"], "csv");
}

/// Why mails to one address ended says nothing of another; the schedule stays paused.
#[tokio::test]
async fn another_address_has_no_reason_of_the_one_before() {
    let store = store().await;
    let id = make(&store, &json!({"email": "bia@store.example", "frequency": "daily"})).await;
    let bia = EmailAddress::parse("bia@store.example").unwrap();
    let (table, now) = (&store.table, store.clock.now());
    table.recipient_unsubscribe(&store.account, &bia, now).await.unwrap();
    let reason = PauseReason::RecipientUnsubscribed;
    table.schedules_pause_to(&store.account, &bia, reason, now).await.unwrap();
    let listed = store.get("/report-schedules").await.ok()["items"][0].clone();
    assert_eq!(listed["recipientUnsubscribed"], true);
    assert_eq!(listed["pauseReason"], "recipient-unsubscribed");
    assert_eq!(listed["nextRunAt"], Value::Null);
    let edited = edit(&store, &id, json!({"email": "ana@store.example"})).await.ok();
    assert_eq!(edited["recipientUnsubscribed"], false);
    assert_eq!((&edited["pauseReason"], &edited["status"]), (&Value::Null, &json!("paused")));
    let resumed = store.post(&format!("/report-schedules/{id}/resume"), Value::Null).await.ok();
    assert_eq!(resumed["nextRunAt"], "2026-11-23T09:00:00.000Z");
    assert_eq!(resumed["latestPeriod"], json!({"from": "2026-11-21", "to": "2026-11-21"}));
}
