//! HTTP through events and back, and what the gateway answers by itself.

use std::io::Read as _;

use axum::{
    Json, Router,
    body::Bytes,
    extract::Request,
    response::{AppendHeaders, IntoResponse},
    routing::any,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http_body_util::BodyExt as _;
use lambda_http::RequestExt as _;
use serde_json::{Value, json};

use super::{directory, start};
use crate::{functions::Functions, gateway::compression::MIN_COMPRESSED_BYTES, stack::Stack};

/// Answers what it was asked, as a function sees it.
async fn echo(request: Request) -> impl IntoResponse {
    let context = serde_json::to_value(request.request_context_ref()).unwrap();
    let (parts, body) = request.into_parts();
    let body: Bytes = body.collect().await.unwrap().to_bytes();
    let headers: serde_json::Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect();
    Json(json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "headers": headers,
        "body": STANDARD.encode(body),
        "context": context,
    }))
}

fn functions() -> Functions {
    let ingest = Router::new()
        .route(
            "/r/{token}",
            any(|| async {
                (AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2")]), "redirected")
            }),
        )
        .route("/sends/{account}", any(|| async { vec![0xff_u8, 0x00, 0xfe] }))
        .fallback(echo);
    let panicking = Router::new()
        .route("/metrics", any(|| async { panic!("as a test") as &str }))
        .route("/orders", any(|| async { vec![b'x'; 6 * 1024 * 1024] }));
    Functions::default()
        .with_http("IngestFunction", ingest)
        .with_http("MetricsFunction", panicking)
        .with_http("CampaignsFunction", Router::new().fallback(echo))
}

async fn json(response: reqwest::Response) -> Value {
    response.json().await.unwrap()
}

fn bearer(stack: &Stack) -> String {
    format!("Bearer {}", stack.token("store", "admin:read").unwrap())
}

#[tokio::test]
async fn requests_reach_a_function_as_they_were_sent() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let client = reqwest::Client::new();
    for (content_type, body) in [
        ("application/json", "{\"é\": 1}".as_bytes()),
        ("application/cloudevents-batch+json", b"[]"),
        ("application/octet-stream", &[0xff, 0x00, 0x80]),
    ] {
        let response = client
            .post(format!("{}/events/store?a=1&a=2&b=x%20y", stack.base_url()))
            .header("content-type", content_type)
            .header("cookie", "s=1; t=2")
            .header("x-many", "1")
            .header("x-many", "2")
            .body(body.to_vec())
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key("apigw-requestid"));
        let seen = json(response).await;
        assert_eq!(seen["method"], "POST");
        assert_eq!(seen["path"], "/events/store");
        assert_eq!(seen["query"], "a=1&a=2&b=x%20y");
        assert_eq!(seen["body"], STANDARD.encode(body), "{content_type}");
        assert_eq!(seen["headers"]["cookie"], "s=1; t=2");
        assert_eq!(seen["headers"]["x-many"], "1,2");
        assert_eq!(seen["context"]["routeKey"], "POST /events/{account}");
        assert!(seen["context"].get("authorizer").is_none());
    }
}

#[tokio::test]
async fn answers_keep_their_bytes_and_cookies() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let response = reqwest::get(format!("{}/r/token", stack.base_url())).await.unwrap();
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(response.text().await.unwrap(), "redirected");
    let client = reqwest::Client::new();
    let probe = client.head(format!("{}/r/token", stack.base_url())).send().await.unwrap();
    assert_eq!(probe.status(), 200);
    assert!(probe.bytes().await.unwrap().is_empty());
    let binary = client.post(format!("{}/sends/store", stack.base_url())).send().await.unwrap();
    assert_eq!(binary.bytes().await.unwrap().as_ref(), [0xff, 0x00, 0xfe]);
}

#[tokio::test]
async fn admin_routes_need_a_token_and_hand_over_its_claims() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let client = reqwest::Client::new();
    let url = format!("{}/campaigns/c1", stack.base_url());
    for authorization in
        [None, Some("Bearer nonsense".to_owned()), Some(format!("{}x", bearer(&stack)))]
    {
        let mut request = client.get(&url);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(refused.headers().contains_key("www-authenticate"));
        assert_eq!(json(refused).await, json!({"message": "Unauthorized"}));
    }
    let accepted = client.get(&url).header("authorization", bearer(&stack)).send().await.unwrap();
    let claims = json(accepted).await["context"]["authorizer"]["jwt"]["claims"].clone();
    assert_eq!(claims["account"], "store");
    assert_eq!(claims["scope"], "admin:read");
    assert!(claims["exp"].is_string(), "claims are texts, numbers included");
}

#[tokio::test]
async fn tokens_are_given_out_for_accounts_that_could_exist() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let token = |query: &str| reqwest::get(format!("{}/local/token?{query}", stack.base_url()));
    let given = token("account=my-store").await.unwrap();
    assert!(given.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let given = given.text().await.unwrap();
    let client = reqwest::Client::new();
    let url = format!("{}/account", stack.base_url());
    let seen = json(client.get(url).bearer_auth(given).send().await.unwrap()).await;
    let claims = &seen["context"]["authorizer"]["jwt"]["claims"];
    assert_eq!(claims["account"], "my-store");
    assert_eq!(claims["scope"], "admin:read admin:write");
    assert_eq!(token("account=My%20Store").await.unwrap().status(), 400);
    assert_eq!(token("").await.unwrap().status(), 400);
}

#[tokio::test]
async fn unknown_routes_and_methods_go_to_the_default_route() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let client = reqwest::Client::new();
    let seen =
        json(client.delete(format!("{}/campaigns", stack.base_url())).send().await.unwrap()).await;
    assert_eq!(seen["context"]["routeKey"], "$default");
    assert_eq!(seen["method"], "DELETE");
    let seen = json(reqwest::get(format!("{}/no/where", stack.base_url())).await.unwrap()).await;
    assert_eq!(seen["path"], "/no/where");
}

#[tokio::test]
async fn bodies_that_lambda_would_not_take_get_413() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let client = reqwest::Client::new();
    let post = |size: usize| {
        client
            .post(format!("{}/events/store", stack.base_url()))
            .header("content-type", "application/octet-stream")
            .body(vec![b'x'; size])
            .send()
    };
    // The largest body that is allowed by contract fits after base64; the whole event is what counts.
    assert_ne!(post(4 * 1024 * 1024).await.unwrap().status(), 413);
    for size in [5 * 1024 * 1024, 6 * 1024 * 1024 + 1, 12 * 1024 * 1024] {
        let refused = post(size).await.unwrap();
        assert_eq!(refused.status(), 413, "{size}");
        assert_eq!(json(refused).await, json!({"message": "Request Too Long"}));
    }
}

#[tokio::test]
async fn what_is_worth_it_is_compressed_for_whoever_takes_it() {
    let directory = directory();
    let answers = Router::new()
        .route("/metrics", any(|| async { Json("x".repeat(at_least(2))) }))
        .route("/orders", any(|| async { Json("x".repeat(at_least(3))) }))
        .fallback(|| async { ([(CONTENT_TYPE, "font/woff2")], "x".repeat(at_least(0))) });
    let functions = Functions::default().with_http("MetricsFunction", answers.clone());
    let stack = start(directory.path(), functions.with_http("CampaignsFunction", answers)).await;
    let client = reqwest::Client::new();
    let get = |path: &str, encoding: &'static str| {
        let request = client.get(format!("{}{path}", stack.base_url()));
        request.header("authorization", bearer(&stack)).header("accept-encoding", encoding).send()
    };
    let compressed = get("/metrics", "br, gzip").await.unwrap();
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    let bytes = compressed.bytes().await.unwrap();
    assert!(bytes.len() < 100, "{}", bytes.len());
    let mut text = String::new();
    GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), usize::from(MIN_COMPRESSED_BYTES));
    // One byte less, something compressed already, somebody who doesn't take it.
    for (path, encoding) in [("/orders", "gzip"), ("/account", "gzip"), ("/metrics", "identity")] {
        let plain = get(path, encoding).await.unwrap();
        assert!(plain.headers().get("content-encoding").is_none(), "{path}");
        assert!(plain.text().await.unwrap().contains("xxx"), "{path}");
    }
}

/// So many characters that they, with some more, are the least that is compressed.
fn at_least(more: usize) -> usize {
    usize::from(MIN_COMPRESSED_BYTES) - more
}

#[tokio::test]
async fn a_function_that_fails_answers_500_and_says_nothing() {
    let directory = directory();
    let stack = start(directory.path(), functions()).await;
    let client = reqwest::Client::new();
    for path in ["/metrics", "/orders", "/reports"] {
        let url = format!("{}{path}", stack.base_url());
        let failed = client.get(url).header("authorization", bearer(&stack)).send().await.unwrap();
        assert_eq!(failed.status(), 500, "{path}");
        assert_eq!(json(failed).await, json!({"message": "Internal Server Error"}));
    }
}
