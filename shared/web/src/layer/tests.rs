#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::routing::{get, post};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tracing::instrument::WithSubscriber as _;

use super::*;
use crate::body::Json;

fn router() -> Router {
    let router = Router::new()
        .route(
            "/things/{id}",
            get(async |Path(id): Path<u32>| id.to_string()).post(async || "made"),
        )
        .route(
            "/d/{token}",
            get(async || -> Result<(), Problem> {
                Err(Problem::unavailable(std::io::Error::other("table is gone")))
            }),
        )
        .route("/panic", get(async || -> () { panic!("at {}", 1) }))
        .route("/bare", get(async || StatusCode::BAD_GATEWAY))
        .route("/cached", get(async || ([(CACHE_CONTROL, "max-age=60")], "x")))
        .route("/json", post(async |Json(value): Json<Value>| value.to_string()))
        .route(
            "/own",
            get(async || {
                (StatusCode::IM_A_TEAPOT, [(CONTENT_TYPE, PROBLEM_JSON)], "{\"code\":\"own\"}")
            }),
        )
        .route(
            "/who",
            get(async |request: Request| {
                request.extensions().get::<RequestId>().unwrap().as_str().to_owned()
            }),
        );
    conventions(router)
}

fn request(method: Method, path: &str) -> Request {
    let context = json!({"http": {"method": method.as_str()}, "requestId": "gateway-1"});
    let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
    request.extensions_mut().insert(context);
    request
}

async fn answer_to(request: Request) -> (StatusCode, http::HeaderMap, String) {
    let response = router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn problem(method: Method, path: &str) -> (http::HeaderMap, Value) {
    let (status, headers, body) = answer_to(request(method, path)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(headers[CONTENT_TYPE], PROBLEM_JSON);
    assert_eq!(body["status"], status.as_u16());
    assert_eq!(body["requestId"], "gateway-1");
    assert_eq!(headers[http::header::CONTENT_LENGTH], body.to_string().len().to_string());
    (headers, body)
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    for path in ["/things/1", "/nowhere", "/panic", "/d/x"] {
        let (_, headers, _) = answer_to(request(Method::GET, path)).await;
        assert_eq!(headers[X_REQUEST_ID], "gateway-1", "{path}");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert!(headers[STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age="));
    }
    let (_, headers, _) = answer_to(request(Method::GET, "/cached")).await;
    assert_eq!(headers[CACHE_CONTROL], "max-age=60");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let (_, body) = problem(Method::GET, "/nowhere").await;
    assert_eq!((&body["status"], &body["code"]), (&json!(404), &json!("route-not-found")));
    let (headers, body) = problem(Method::DELETE, "/things/1").await;
    assert_eq!((&body["status"], &body["code"]), (&json!(405), &json!("method-not-allowed")));
    let allowed: Vec<&str> = headers[ALLOW].to_str().unwrap().split(',').collect();
    assert!(allowed.contains(&"GET") && allowed.contains(&"POST") && allowed.len() <= 3);
}

/// The function behind `$default` is asked about the routes of all the others.
#[tokio::test]
async fn a_path_of_another_function_tells_its_methods() {
    let (headers, body) = problem(Method::DELETE, "/report-schedules").await;
    assert_eq!((&body["status"], &body["code"]), (&json!(405), &json!("method-not-allowed")));
    assert_eq!(headers[ALLOW], "GET,POST");
    let (headers, body) = problem(Method::GET, "/report-schedules").await;
    assert_eq!((&body["status"], headers.contains_key(ALLOW)), (&json!(404), false));
}

#[tokio::test]
async fn rejections_and_bare_statuses_become_problems() {
    let (_, body) = problem(Method::GET, "/things/not-a-number").await;
    assert_eq!((&body["status"], &body["code"]), (&json!(400), &json!("bad-request")));
    let (_, body) = problem(Method::POST, "/json").await;
    assert_eq!(body["code"], "unsupported-media-type");
    let (status, _, body) = answer_to(request(Method::GET, "/own")).await;
    assert_eq!((status.as_u16(), body.as_str()), (418, "{\"code\":\"own\"}"));
}

#[tokio::test]
async fn a_fault_answers_its_code_and_its_request_id_and_no_more() {
    let (_, body) = problem(Method::GET, "/d/x").await;
    assert_eq!(
        body,
        json!({"type": "about:blank", "title": "Service Unavailable", "status": 503,
            "code": "unavailable", "requestId": "gateway-1"})
    );
    let (_, body) = problem(Method::GET, "/panic").await;
    assert_eq!((&body["status"], &body["code"]), (&json!(500), &json!("internal")));
}

#[tokio::test]
async fn a_head_of_a_fault_has_no_body() {
    let (status, headers, body) = answer_to(request(Method::HEAD, "/d/x")).await;
    assert_eq!((status.as_u16(), body.as_str()), (503, ""));
    assert_eq!(headers[X_REQUEST_ID], "gateway-1");
}

#[tokio::test]
async fn a_request_without_an_id_gets_a_fresh_one() {
    let bare = || Request::builder().uri("/who").body(Body::empty()).unwrap();
    let (_, headers, body) = answer_to(bare()).await;
    assert_eq!(headers[X_REQUEST_ID].to_str().unwrap(), body);
    assert!(uuid::Uuid::parse_str(&body).is_ok());
    assert_ne!(answer_to(bare()).await.2, body);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn logged(path: &'static str) -> Vec<Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    answer_to(request(Method::GET, path)).with_subscriber(subscriber).await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("SECRETTOKEN"), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_fault_is_logged_once_without_the_raw_path() {
    let lines = logged("/d/SECRETTOKEN").await;
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    assert_eq!(line["level"], "ERROR");
    let fields = &line["fields"];
    assert_eq!(fields["route"], "/d/{token}");
    assert_eq!(fields["method"], "GET");
    assert_eq!(fields["request_id"], "gateway-1");
    assert_eq!(fields["code"], "unavailable");
    assert_eq!(fields["cause"], "table is gone");
}

#[tokio::test]
async fn a_panic_and_a_bare_5xx_are_logged_and_a_4xx_is_not() {
    let lines = logged("/panic").await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["fields"]["cause"], "panicked: at 1");
    let lines = logged("/bare").await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["fields"]["status"], 500);
    assert!(logged("/nowhere/SECRETTOKEN").await.is_empty());
}

/// What `lambda_http` makes of an event is what the extractors read.
#[tokio::test]
async fn a_gateway_event_reaches_claims_and_body() {
    let router = conventions(Router::new().route(
        "/campaigns",
        post(async |writer: crate::Writer, Json(body): Json<Value>| {
            format!("{} {}", writer.account.as_str(), body["name"].as_str().unwrap())
        }),
    ));
    let answer = async |scope: &str| {
        let event = json!({
            "version": "2.0", "routeKey": "POST /campaigns", "rawPath": "/campaigns", "rawQueryString": "",
            "headers": {"content-type": "application/json", "host": "api.example"},
            "isBase64Encoded": true, "body": "eyJuYW1lIjoib2zDoSJ9",
            "requestContext": {
                "http": {"method": "POST", "path": "/campaigns"}, "requestId": "gateway-2", "stage": "$default",
                "authorizer": {"jwt": {"claims": {"account": "acme", "sub": "ana", "scope": scope}, "scopes": null}},
            },
        });
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[X_REQUEST_ID], "gateway-2");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(answer("admin:write").await, (200, "acme olá".to_owned()));
    let (status, body) = answer("admin:read").await;
    assert_eq!(status, 403);
    assert!(body.contains("insufficient-scope"));
}
