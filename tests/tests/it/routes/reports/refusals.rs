//! What is wrong with a request is told, with the field at fault, and stores nothing.

use axum::body::Body;
use http::Request;
use serde_json::json;

use super::{november, store, with};
use crate::store::Store;

#[tokio::test]
async fn each_field_is_judged() {
    let store = store().await;
    for (changes, expected) in [
        (json!({"email": null}), (422, "invalid-field", "email")),
        (json!({"email": "bia"}), (422, "invalid-field", "email")),
        (json!({"email": "a@b.example, c@d.example"}), (422, "invalid-field", "email")),
        (json!({"email": "a@b.example\r\nBcc: c@d.example"}), (422, "invalid-field", "email")),
        (json!({"email": ["a@b.example"]}), (422, "invalid-field", "email")),
        (json!({"from": "2026-02-30"}), (422, "invalid-field", "from")),
        (json!({"from": "2026-11-01T00:00:00Z"}), (422, "invalid-field", "from")),
        (json!({"to": null}), (422, "invalid-field", "to")),
        (json!({"to": "2026-10-31"}), (422, "range-reversed", "from")),
        (json!({"campaignId": "nope"}), (422, "unknown-campaign", "campaignId")),
        (json!({"campaignId": "a#b"}), (422, "invalid-field", "campaignId")),
        (json!({"format": "pdf"}), (422, "invalid-field", "format")),
        (json!({"cc": "x@y.example"}), (422, "invalid-field", "cc")),
    ] {
        let answer = store.post("/reports", &with(&november(), &changes)).await;
        assert_eq!(answer.problem(), expected, "{changes}");
    }
    let schedule = json!({"email": "bia@store.example", "frequency": "daily"});
    for (changes, expected) in [
        (json!({"email": "bia"}), (422, "invalid-field", "email")),
        (json!({"frequency": null}), (422, "invalid-field", "frequency")),
        (json!({"frequency": "hourly"}), (422, "invalid-field", "frequency")),
        (json!({"campaignId": "nope"}), (422, "unknown-campaign", "campaignId")),
        (json!({"hour": 7}), (422, "invalid-field", "hour")),
    ] {
        let answer = store.post("/report-schedules", &with(&schedule, &changes)).await;
        assert_eq!(answer.problem(), expected, "{changes}");
    }
    assert!(store.table.reports_open().await.unwrap().is_empty());
    assert!(store.table.schedules_standing().await.unwrap().is_empty());
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let store = store().await;
    for path in ["/reports", "/report-schedules"] {
        let answer = store.send("POST", path, &[], Some("{".to_owned())).await;
        assert_eq!(answer.problem(), (400, "malformed-json", ""));
        let text = [("content-type", "text/plain")];
        let answer = store.send("POST", path, &text, Some("{}".to_owned())).await;
        assert_eq!(answer.status, 415);
        let large = format!("{{\"email\":\"{}\"}}", "a".repeat(64 * 1024));
        assert_eq!(store.send("POST", path, &[], Some(large)).await.status, 413);
    }
}

#[tokio::test]
async fn a_bad_cursor_is_named() {
    let store = store().await;
    for cursor in ["x", "ImEi", "eyJhIjoxfQ"] {
        let answer = store.get(&format!("/reports?cursor={cursor}")).await;
        assert_eq!(answer.problem(), (422, "invalid-field", "cursor"), "{cursor}");
    }
    let answer = store.get("/reports?page=2").await;
    assert_eq!(answer.problem(), (422, "invalid-field", "page"));
}

/// Method and path of every Admin route, and whether it changes things.
fn routes(report: &str, schedule: &str) -> Vec<(&'static str, String, bool)> {
    vec![
        ("POST", "/reports".to_owned(), true),
        ("GET", "/reports".to_owned(), false),
        ("GET", format!("/reports/{report}"), false),
        ("GET", format!("/reports/{report}/download"), false),
        ("GET", "/report-schedules".to_owned(), false),
        ("POST", "/report-schedules".to_owned(), true),
        ("POST", format!("/report-schedules/{schedule}/pause"), true),
        ("POST", format!("/report-schedules/{schedule}/resume"), true),
        ("DELETE", format!("/report-schedules/{schedule}"), true),
    ]
}

async fn schedule(store: &Store) -> String {
    let body = json!({"email": "bia@store.example", "frequency": "daily"});
    let made = store.post("/report-schedules", &body).await;
    made.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_route_wants_its_scope() {
    let store = store().await;
    let (report, schedule) = (store.requested().await, schedule(&store).await);
    for (method, path, writes) in routes(&report, &schedule) {
        let body = (method == "POST").then(|| november().to_string());
        let other = if writes { "admin:read" } else { "admin:write" };
        for scope in [other, ""] {
            let answer = store.with_scope(scope).send(method, &path, &[], body.clone()).await;
            assert_eq!(answer.problem(), (403, "insufficient-scope", ""), "{method} {path}");
        }
        let request = Request::builder().method(method).uri(&path);
        let request = request.header("content-type", "application/json");
        let answer = store.call(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.problem().0, 401, "{method} {path}");
    }
}

/// Nothing crosses an account, whether the other one is set up or not.
#[tokio::test]
async fn another_accounts_things_are_not_found() {
    let store = store().await;
    let (report, schedule) = (store.requested().await, schedule(&store).await);
    let set_up = store.beside("other", "222", 8).await;
    for other in [set_up.clone(), store.of("nobody")] {
        for (method, path, _) in routes(&report, &schedule) {
            if !path.contains(&report) && !path.contains(&schedule) {
                continue;
            }
            let answer = other.send(method, &path, &[], None).await;
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
    for path in ["/reports", "/report-schedules"] {
        assert_eq!(set_up.get(path).await.body, json!({"items": []}));
        assert_eq!(store.of("nobody").get(path).await.problem().1, "account-not-found");
    }
    let daily = json!({"email": "ana@shop.example", "frequency": "daily"});
    for (path, body) in [("/reports", november()), ("/report-schedules", daily)] {
        let answer = store.of("nobody").post(path, &body).await;
        assert_eq!((answer.status, answer.problem().1), (404, "account-not-found"), "{path}");
    }
    assert_eq!(store.get("/report-schedules").await.body["items"][0]["status"], "active");
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let store = store().await;
    for id in ["x", "%23", "00000000000000000000000000000000", "ABCDEF00000000000000000000000000"] {
        assert_eq!(store.get(&format!("/reports/{id}")).await.problem().1, "report-not-found");
        assert_eq!(
            store.get(&format!("/reports/{id}/download")).await.problem().1,
            "report-not-found"
        );
        let path = format!("/report-schedules/{id}");
        assert_eq!(store.delete(&path).await.problem().1, "schedule-not-found");
        let answer = store.send("POST", &format!("{path}/pause"), &[], None).await;
        assert_eq!(answer.problem().1, "schedule-not-found");
    }
}
