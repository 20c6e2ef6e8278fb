//! The routes, as the contract lists them.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;
use shared::web::routes::ROUTES;

use crate::store::Store;

/// What the paths of this function start with.
const OURS: [&str; 5] = ["/webhooks/", "/events/", "/sends/", "/carts/{account}", "/r/"];

fn api() -> Value {
    serde_json::to_value(ingest::openapi()).unwrap()
}

#[test]
fn the_contract_lists_these_routes_and_no_others() {
    let listed: BTreeSet<(String, String)> = api()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect();
    let designed: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path)| OURS.iter().any(|start| path.starts_with(start)))
        .map(|(method, path)| (method.to_string(), (*path).to_owned()))
        .collect();
    assert_eq!(listed, designed);
}

#[test]
fn every_answer_that_is_an_error_is_a_problem_or_the_gateways() {
    let api = api();
    let mut ids = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                // A shopper's browser gets a page.
                let page = path == "/r/{token}" && status == "503";
                let error = (status.starts_with('4') || status.starts_with('5')) && !page;
                assert!(!page || answer["content"]["text/html"].is_object());
                if let (true, Some(content)) = (error, answer["content"].as_object()) {
                    assert!(
                        content.contains_key("application/problem+json"),
                        "{method} {path} {status}"
                    );
                }
            }
            assert!(operation["responses"]["429"].is_object(), "{method} {path}");
            assert!(operation["responses"]["503"].is_object(), "{method} {path}");
        }
    }
}

/// Whatever the document refers to stands in it.
#[test]
fn every_reference_leads_somewhere() {
    let api = api();
    let mut refs = Vec::new();
    collect(&api, &mut refs);
    assert!(refs.len() > 20);
    for reference in refs {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(api.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, refs: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "$ref" => refs.push(text.clone()),
                    _ => collect(value, refs),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, refs)),
        _ => {}
    }
}

#[tokio::test]
async fn wrong_methods_and_paths_are_problems() {
    let store = Store::open().await;
    for (method, path, status, code) in [
        (Method::PUT, "/webhooks/whatsapp", 405, "method-not-allowed"),
        (Method::GET, "/events/acme", 405, "method-not-allowed"),
        (Method::GET, "/sends/acme", 405, "method-not-allowed"),
        (Method::POST, "/r/AAAAAAAAAAAAAAAAAAAAAA", 405, "method-not-allowed"),
        (Method::GET, "/nowhere", 404, "route-not-found"),
        (Method::GET, "/r/", 404, "route-not-found"),
        (Method::POST, "/events/acme/aside", 404, "route-not-found"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        store.call(request).await.is_problem(status, code);
    }
}
