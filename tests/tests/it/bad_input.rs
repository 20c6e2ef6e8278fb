//! Never a panic, never a 5xx for what the caller did wrong, never a half-written fact.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stack::{Running, Store, answer};

/// Asserts one answer: its status and the code of its problem.
#[track_caller]
fn assert_problem(
    (status, body): (StatusCode, Value),
    expected: u16,
    code: &str,
    field: Option<&str>,
) {
    assert_eq!(status.as_u16(), expected, "{body}");
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["field"].as_str(), field, "{body}");
    assert!(body["requestId"].is_string(), "{body}");
}

async fn with_scope(
    store: &Store<'_>,
    scope: &str,
    method: Method,
    path: &str,
) -> (StatusCode, Value) {
    let url = store.running.url(&format!("/local/token?account={}&scope={scope}", store.account));
    let token = store.running.http.get(url).send().await.unwrap().text().await.unwrap();
    answer(store.running.http.request(method, store.running.url(path)).bearer_auth(token)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_methods_tokens_and_scopes() {
    let running = Running::start().await;
    let store = running.store("manners", "America/Sao_Paulo", 1).await;
    let campaign = &store.campaigns[0];

    assert_problem(store.get("/nowhere").await, 404, "route-not-found", None);
    assert_problem(
        store.admin(Method::DELETE, "/campaigns", None).await,
        405,
        "method-not-allowed",
        None,
    );
    assert_problem(store.get("/campaigns/none").await, 404, "campaign-not-found", None);
    assert_problem(store.get("/orders/none").await, 404, "order-not-found", None);
    assert_problem(store.get("/reports/none").await, 404, "report-not-found", None);

    // Without a token the gateway answers, in its own words.
    let (status, body) = answer(running.http.get(running.url("/campaigns"))).await;
    assert_eq!((status, body), (StatusCode::UNAUTHORIZED, json!({"message": "Unauthorized"})));
    let pause = format!("/campaigns/{campaign}/pause");
    assert_problem(
        with_scope(&store, "admin:read", Method::POST, &pause).await,
        403,
        "insufficient-scope",
        None,
    );
    assert_problem(
        with_scope(&store, "admin:write", Method::GET, "/campaigns").await,
        403,
        "insufficient-scope",
        None,
    );

    // An account that was never set up.
    let nobody = Store::unknown(&running, "nobody").await;
    assert_problem(
        nobody.get("/metrics?from=2026-11-01&to=2026-11-02").await,
        404,
        "account-not-found",
        None,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_admin_routes() {
    let running = Running::start().await;
    let store = running.store("fields", "America/Sao_Paulo", 1).await;
    for (query, code, field) in [
        ("from=2026-11-02&to=2026-11-01", "range-reversed", "from"),
        ("from=2026-02-30&to=2026-11-01", "invalid-field", "from"),
        ("from=2026-11-01&to=yesterday", "invalid-field", "to"),
        ("from=2025-11-01&to=2026-11-02", "range-too-long", "from"),
        ("to=2026-11-01", "invalid-field", "from"),
        ("from=2026-11-01&to=2026-11-01&size=9", "invalid-field", "size"),
    ] {
        let (status, body) = store.get(&format!("/metrics?{query}")).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (422, Some(code)), "{query}: {body}");
        assert_eq!(body["field"], field, "{query}: {body}");
    }
    // A misspelt filter doesn't silently widen an answer.
    for path in [
        "/metrics?from=2026-11-01&to=2026-11-01",
        "/orders?from=2026-11-01&to=2026-11-01",
        "/reports?",
        "/events/aside?",
    ] {
        let misspelt = store.get(&format!("{path}&curser=x")).await;
        assert_problem(misspelt, 422, "invalid-field", Some("curser"));
    }
    // 366 days are the most.
    let (status, _) = store.get("/metrics?from=2025-11-02&to=2026-11-02").await;
    assert_eq!(status, StatusCode::OK);

    for (body, field) in [
        (json!({"name": "", "language": "pt-BR", "messageType": "text"}), "name"),
        (json!({"name": "n".repeat(81), "language": "pt-BR", "messageType": "text"}), "name"),
        (json!({"name": "n", "language": "pt", "messageType": "text"}), "language"),
        (json!({"name": "n", "language": "es", "messageType": "video"}), "messageType"),
        (json!({"name": "n", "language": "es"}), "messageType"),
        (
            json!({"name": "n", "language": "es", "messageType": "text", "status": "paused"}),
            "status",
        ),
    ] {
        let answer = store.admin(Method::POST, "/campaigns", Some(body.clone())).await;
        assert_problem(answer, 422, "invalid-field", Some(field));
    }
    for email in ["", "ana", "ana@", "a@b.example, c@d.example", "Ana <ana@shop.example>"] {
        let body = json!({"email": email, "from": "2026-11-01", "to": "2026-11-02"});
        let answer = store.admin(Method::POST, "/reports", Some(body)).await;
        assert_problem(answer, 422, "invalid-field", Some("email"));
    }
    let malformed =
        store.request(Method::POST, "/campaigns").header("content-type", "application/json");
    assert_problem(answer(malformed.body("{")).await, 400, "malformed-json", None);
    let text = store.request(Method::POST, "/campaigns").header("content-type", "text/plain");
    assert_eq!(answer(text.body("{}")).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks() {
    let running = Running::start().await;
    let store = running.store("webhooks", "America/Sao_Paulo", 1).await;
    let whatsapp = || running.http.post(running.url("/webhooks/whatsapp"));
    let unsigned = whatsapp().header("content-type", "application/json").body("{}");
    assert_problem(answer(unsigned).await, 401, "invalid-signature", Some("x-hub-signature-256"));

    let path = format!("/events/{}", store.account);
    let single = "application/cloudevents+json";
    let wrong = store.signed(&path, single, "{}".into()).body("{ }");
    assert_problem(answer(wrong).await, 401, "invalid-signature", Some("webhook-signature"));
    assert_problem(
        answer(store.signed(&path, single, "{".into())).await,
        400,
        "malformed-json",
        None,
    );
    let plain = store.signed(&path, "application/json", "{}".into());
    assert_eq!(answer(plain).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let unknown = store.signed("/events/unknown", single, "{}".into());
    assert_problem(answer(unknown).await, 404, "account-not-found", None);
    let large = store.signed(&path, single, "x".repeat(4 * 1024 * 1024 + 1));
    assert_eq!(answer(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    // A bad event in a signed batch costs its neighbours nothing.
    let (status, body) = store
        .batch(vec![
            json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "order.updated",
                "time": "2026-11-01T12:00:00Z", "data": {"orderGroup": "1"}}),
            json!({"specversion": "1.0", "id": "2", "source": "/s", "type": "reminder.status",
                "time": "2026-11-01T12:00:00Z", "data": {"reminderId": "wamid.X", "status": "read"}}),
            json!({"specversion": "1.0", "id": "3", "source": "/s", "type": "reminder.status",
                "time": "1999-11-01T12:00:00Z", "data": {"reminderId": "wamid.X", "status": "read"}}),
        ])
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["accepted"], 1, "{body}");
    let aside: Vec<(u64, &str)> = body["keptAside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["index"].as_u64().unwrap(), item["code"].as_str().unwrap()))
        .collect();
    assert_eq!(aside, [(0, "invalid-field"), (2, "impossible-date")]);
    let (_, listed) = store.get("/events/aside").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");

    // A phone number that nobody claimed: accepted and kept aside.
    let nobody = Store::unknown(&running, "no-such-store").await;
    let status_of =
        json!({"statuses": [{"id": "wamid.X", "status": "read", "timestamp": "1795176000"}]});
    assert_eq!(nobody.whatsapp(status_of).await.0, StatusCode::OK);
    assert_eq!(
        answer(running.http.get(running.url("/r/unknown-token-of-nobody"))).await.0,
        StatusCode::NOT_FOUND
    );
}
