//! 30 reports an hour, 20 schedules.

use futures::future::join_all;
use serde_json::json;
use shared::domain::values::span::Span;

use super::{november, store};

#[tokio::test]
async fn the_31st_report_within_an_hour_is_refused() {
    let store = store().await;
    for _ in 0..30 {
        store.requested().await;
        store.pass(Span::seconds(10));
    }
    // The first is 300 s ago.
    let refused = store.post("/reports", &november()).await;
    assert_eq!(refused.problem(), (429, "too-many-reports", ""));
    assert_eq!(refused.header("retry-after"), "3300");
    // One account's reports don't cost another's.
    let other = store.beside("other", "222", 8).await;
    other.requested().await;
    // Any hour holds 30, not only one by the clock.
    store.pass(Span::seconds(3_299));
    let refused = store.post("/reports", &november()).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    store.pass(Span::seconds(1));
    store.requested().await;
    let refused = store.post("/reports", &november()).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
}

#[tokio::test]
async fn the_limit_holds_for_requests_at_once() {
    let store = store().await;
    for _ in 0..26 {
        store.requested().await;
    }
    let body = november();
    let answers = join_all((0..8).map(|_| store.post("/reports", &body))).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((taken, refused), (4, 4));
    assert_eq!(store.table.reports_open().await.unwrap().len(), 30);
}

#[tokio::test]
async fn the_21st_schedule_is_refused() {
    let store = store().await;
    let body = json!({"email": "bia@store.example", "frequency": "weekly"});
    let mut ids = Vec::new();
    for _ in 0..20 {
        let made = store.post("/report-schedules", &body).await;
        assert_eq!(made.status, 201);
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    let refused = store.post("/report-schedules", &body).await;
    assert_eq!(refused.problem(), (409, "too-many-schedules", ""));
    assert_eq!(store.get("/report-schedules").await.body["items"].as_array().unwrap().len(), 20);
    // One that goes makes room for one, however often it goes.
    let path = format!("/report-schedules/{}", ids[3]);
    assert_eq!(store.delete(&path).await.status, 204);
    assert_eq!(store.delete(&path).await.status, 404);
    assert_eq!(store.post("/report-schedules", &body).await.status, 201);
    assert_eq!(store.post("/report-schedules", &body).await.status, 409);
}
