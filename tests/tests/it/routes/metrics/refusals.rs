//! What is refused, and how.

use axum::body::Body;
use http::Request;

use crate::store::Store;

#[tokio::test]
async fn a_bad_range_names_its_field() {
    let store = Store::open().await;
    for path in ["metrics", "orders"] {
        for (query, code, field) in [
            ("", "invalid-field", "from"),
            ("from=2026-11-01", "invalid-field", "to"),
            ("from=2026-11-31&to=2026-12-01", "invalid-field", "from"),
            ("from=2026-11-01&to=2026-02-29", "invalid-field", "to"),
            ("from=2026-11-1&to=2026-11-02", "invalid-field", "from"),
            ("from=20261101&to=2026-11-02", "invalid-field", "from"),
            ("from=2026-11-01T00:00:00Z&to=2026-11-02", "invalid-field", "from"),
            ("from=&to=2026-11-02", "invalid-field", "from"),
            ("from=2026-11-01&from=2026-11-01&to=2026-11-02", "invalid-field", "from"),
            ("from=2026-11-01&to=2026-11-02&campaignId=a%23b", "invalid-field", "campaignId"),
            ("from=2026-11-01&to=2026-11-02&campaignId=", "invalid-field", "campaignId"),
            ("from=2026-11-01&to=2026-11-02&campaign=c1", "invalid-field", "campaign"),
            ("from=2026-11-02&to=2026-11-01", "range-reversed", "from"),
            ("from=2025-11-01&to=2026-11-02", "range-too-long", "from"),
        ] {
            let answer = store.get(&format!("/{path}?{query}")).await;
            assert_eq!(answer.problem(), (422, code, field), "{path} {query}: {answer:?}");
        }
    }
    insta::assert_json_snapshot!(store.get("/metrics?from=2026-11-02&to=2026-11-01").await);
    insta::assert_json_snapshot!(store.get("/metrics?from=2026-11-31&to=2026-12-01").await);
}

#[tokio::test]
async fn a_range_has_at_most_366_days() {
    let store = Store::open().await;
    let at_the_limit = store.get("/metrics?from=2025-11-02&to=2026-11-02").await.ok();
    assert_eq!(at_the_limit["days"].as_array().unwrap().len(), 366);
    for path in ["metrics", "orders"] {
        let past = store.get(&format!("/{path}?from=2025-11-01&to=2026-11-02")).await;
        assert_eq!(past.problem(), (422, "range-too-long", "from"));
    }
}

/// Where retention is limited, nothing is told of days whose facts may have expired.
#[tokio::test]
async fn a_range_starts_at_most_366_days_back_where_facts_expire() {
    let store = Store::open().await;
    // Today is 2026-11-22 in the store.
    let (at_the_limit, past) = ("from=2025-11-21&to=2025-11-22", "from=2025-11-20&to=2025-11-22");
    for path in ["metrics", "orders"] {
        store.get(&format!("/{path}?{past}")).await.ok();
    }
    let store = store.with_retention(400);
    for path in ["metrics", "orders"] {
        store.get(&format!("/{path}?{at_the_limit}")).await.ok();
        let refused = store.get(&format!("/{path}?{past}")).await;
        assert_eq!(refused.problem(), (422, "range-too-old", "from"));
    }
}

#[tokio::test]
async fn an_account_that_is_not_set_up_has_nothing() {
    let store = Store::unset().await.of("nobody");
    for path in [
        "/metrics?from=2026-11-01&to=2026-11-02",
        "/orders?from=2026-11-01&to=2026-11-02",
        "/orders/o1",
    ] {
        assert_eq!(store.get(path).await.problem(), (404, "account-not-found", ""), "{path}");
    }
    insta::assert_json_snapshot!(store.get("/orders/o1").await);
}

#[tokio::test]
async fn a_campaign_of_nobody_or_of_another_account_is_not_found() {
    let store = Store::open().await;
    for path in ["metrics", "orders"] {
        let answer =
            store.get(&format!("/{path}?from=2026-11-01&to=2026-11-02&campaignId=c9")).await;
        assert_eq!(answer.problem(), (404, "campaign-not-found", "campaignId"));
    }
}

#[tokio::test]
async fn reading_needs_the_scope_to_read() {
    let store = Store::open().await;
    for path in [
        "/metrics?from=2026-11-01&to=2026-11-02",
        "/orders?from=2026-11-01&to=2026-11-02",
        "/orders/o1",
    ] {
        let answer = store.with_scope("admin:write").get(path).await;
        assert_eq!(answer.problem(), (403, "insufficient-scope", ""));
        let answer = store.without_claim("account").get(path).await;
        assert_eq!(answer.problem(), (403, "invalid-account", ""));
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(store.call(request).await.problem(), (401, "missing-token", ""));
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let store = Store::open().await;
    let request = Request::post("/metrics").body(Body::empty()).unwrap();
    assert_eq!(store.call(request).await.problem(), (405, "method-not-allowed", ""));
    let request = Request::get("/metrics/").body(Body::empty()).unwrap();
    assert_eq!(store.call(request).await.problem(), (404, "route-not-found", ""));
}

/// Each operation names its answers; what it refers to is there.
#[test]
fn the_document_tells_every_answer() {
    let document = serde_json::to_value(metric_queries::openapi()).unwrap();
    let answers: Vec<(String, Vec<String>)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, operations)| {
            let responses = operations["get"]["responses"].as_object().unwrap();
            (path.clone(), responses.keys().cloned().collect())
        })
        .collect();
    insta::assert_json_snapshot!(answers);
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
