//! `$default`: what no route takes.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::store::functions::ask;
use crate::store::{Answer, Store};

/// What the gateway hands over when none of its routes takes a request: no claims.
async fn unrouted(store: &Store, method: &str, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let context =
        json!({"http": {"method": method}, "requestId": "request-1", "routeKey": "$default"});
    store.hand_over(request, &context).await
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let store = Store::unset().await;
    insta::assert_json_snapshot!(unrouted(&store, "GET", "/nowhere").await.shown());
    for path in ["/", "/campaigns/", "/campaigns/1/nothing", "//account", "/metrics/x", "/Account"]
    {
        let answer = unrouted(&store, "GET", path).await;
        assert_eq!(answer.problem(), (404, "route-not-found", ""), "{path}");
    }
}

/// Also of routes that other functions take.
#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let store = Store::unset().await;
    insta::assert_json_snapshot!(unrouted(&store, "DELETE", "/account").await.shown());
    for (method, path, allowed) in [
        ("HEAD", "/account", "GET,PUT"),
        ("POST", "/metrics", "GET"),
        ("DELETE", "/campaigns/0192", "GET,PATCH"),
        ("GET", "/report-schedules/1", "PATCH,DELETE"),
        ("PUT", "/webhooks/whatsapp", "GET,POST"),
    ] {
        let answer = unrouted(&store, method, path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{method} {path}");
    }
}

/// A router alone, without a gateway's opinion, answers the same.
#[tokio::test]
async fn the_router_itself_tells_the_same() {
    let store = Store::set_up().await;
    assert_eq!(store.get("/nowhere").await.problem(), (404, "route-not-found", ""));
    for (path, allowed) in
        [("/account", "GET,PUT"), ("/metrics", "GET"), ("/campaigns/1/pause", "POST")]
    {
        let request = store.authorized("DELETE", path, &[], None);
        let answer = ask(store.functions.catch_all(), request).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allowed), "{path}");
    }
}

/// A request of `$default` brings no checked token: it must not reach a handler that happens to have
/// its path.
#[tokio::test]
async fn no_handler_takes_what_the_gateway_did_not_route() {
    let store = Store::set_up().await;
    let request = Request::post("/account/signing-secret").body(Body::empty()).unwrap();
    let claims = json!({"account": "acme", "sub": "ana", "scope": "admin:write"});
    let context = json!({"http": {"method": "POST"}, "requestId": "request-1",
        "routeKey": "$default", "authorizer": {"jwt": {"claims": claims}}});
    assert_eq!(store.hand_over(request, &context).await.status, 404);
    assert_eq!(store.get("/account").await.body["hasSigningSecret"], Value::Bool(false));
}
