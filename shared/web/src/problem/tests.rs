#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("reading the order")]
struct Outer(#[source] std::io::Error);

fn json(problem: &Problem) -> serde_json::Value {
    serde_json::to_value(problem.body(Some("req-1"))).unwrap()
}

#[test]
fn a_4xx_says_what_is_wrong_and_where() {
    let problem = Problem::unprocessable("invalid-range", "from", "from is after to");
    assert_eq!(
        json(&problem),
        serde_json::json!({
            "type": "about:blank", "title": "Unprocessable Entity", "status": 422,
            "code": "invalid-range", "detail": "from is after to", "field": "from",
            "requestId": "req-1",
        })
    );
}

#[test]
fn a_5xx_says_code_and_request_id_and_keeps_its_cause() {
    let io = std::io::Error::other("secret-host refused");
    let problem = Problem::unavailable(Outer(io)).at("hidden");
    assert_eq!(
        json(&problem),
        serde_json::json!({
            "type": "about:blank", "title": "Service Unavailable", "status": 503,
            "code": "unavailable", "requestId": "req-1",
        })
    );
    assert_eq!(problem.cause_chain().unwrap(), "reading the order: secret-host refused");
}

#[test]
fn a_405_names_the_methods() {
    let response = Problem::method_not_allowed(&[Method::GET, Method::PUT]).into_response();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()[ALLOW], "GET,PUT");
    assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
}

#[test]
fn every_bare_error_status_becomes_a_problem_of_that_status() {
    for code in 400..600u16 {
        let status = StatusCode::from_u16(code).unwrap();
        let problem = Problem::of_status(status);
        let expected = if status.is_client_error() || code == 503 { code } else { 500 };
        assert_eq!(problem.status().as_u16(), expected);
    }
}

#[test]
fn codes_are_kebab_case() {
    for problem in [
        Problem::malformed_json("x"),
        Problem::missing_token(),
        Problem::insufficient_scope("admin:read"),
        Problem::route_not_found(),
        Problem::method_not_allowed(&[]),
        Problem::precondition_failed("x"),
        Problem::precondition_required(),
        Problem::payload_too_large(1),
        Problem::unsupported_media_type("x"),
        Problem::invalid_field("a", "b"),
        Problem::internal("x"),
        Problem::unavailable("x"),
    ] {
        assert!(problem.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    }
}
