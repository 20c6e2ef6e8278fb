//! 30 reports an hour, 20 schedules.

use futures::future::join_all;
use serde_json::json;

use crate::functions::reports::admin::{Admin, november};

#[tokio::test]
async fn the_31st_report_within_an_hour_is_refused() {
    let admin = Admin::new().await;
    for _ in 0..30 {
        admin.requested().await;
        admin.pass(10);
    }
    // The first is 300 s ago.
    let refused = admin.post("/reports", &november()).await;
    assert_eq!(refused.problem(), (429, "too-many-reports", ""));
    assert_eq!(refused.header("retry-after"), "3300");
    // One account's reports don't cost another's.
    let other = admin.of("other");
    other.set_up(None).await;
    other.requested().await;
    // Any hour holds 30, not only one by the clock.
    admin.pass(3_299);
    let refused = admin.post("/reports", &november()).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    admin.pass(1);
    admin.requested().await;
    let refused = admin.post("/reports", &november()).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
}

#[tokio::test]
async fn the_limit_holds_for_requests_at_once() {
    let admin = Admin::new().await;
    for _ in 0..26 {
        admin.requested().await;
    }
    let body = november();
    let answers = join_all((0..8).map(|_| admin.post("/reports", &body))).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((taken, refused), (4, 4));
    assert_eq!(admin.table.reports_open().await.unwrap().len(), 30);
}

#[tokio::test]
async fn the_21st_schedule_is_refused() {
    let admin = Admin::new().await;
    let body = json!({"email": "bia@store.example", "frequency": "weekly"});
    let mut ids = Vec::new();
    for _ in 0..20 {
        let made = admin.post("/report-schedules", &body).await;
        assert_eq!(made.status, 201);
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    let refused = admin.post("/report-schedules", &body).await;
    assert_eq!(refused.problem(), (409, "too-many-schedules", ""));
    assert_eq!(admin.get("/report-schedules").await.body["items"].as_array().unwrap().len(), 20);
    // One that goes makes room for one, however often it goes.
    let path = format!("/report-schedules/{}", ids[3]);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.delete(&path).await.status, 404);
    assert_eq!(admin.post("/report-schedules", &body).await.status, 201);
    assert_eq!(admin.post("/report-schedules", &body).await.status, 409);
}
