//! `/report-schedules`.

use serde_json::{Value, json};
use shared::domain::reports::schedule::ScheduleStatus;
use shared::domain::values::span::Span;

use crate::routes::reports::store;
use crate::store::Store;

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
    let body = json!({"email": "ana@store.example", "frequency": "monthly", "campaignId": "c1", "format": "excel"});
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
