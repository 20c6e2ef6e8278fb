//! The function's part of the API document.

use http::Method;
use shared::web::routes::ROUTES;

/// Every route of the contract that is ours, and no other.
#[test]
fn every_route_is_documented() {
    let document = serde_json::to_value(::reports::openapi()).unwrap();
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            documented.push((path.clone(), method.to_uppercase()));
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.contains_key("500") && answers.contains_key("503"), "{method} {path}");
            let secured = operation.get("security").is_some();
            let is_open = path.contains("{token}");
            assert_eq!(secured, !is_open, "{method} {path}");
            assert_eq!(secured, answers.contains_key("401") && answers.contains_key("403"));
        }
    }
    let is_ours = |path: &str| {
        ["/report", "/c/", "/d/", "/u/", "/shoppers/eras"]
            .iter()
            .any(|start| path.starts_with(start))
    };
    let mut expected: Vec<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path)| is_ours(path))
        .map(|(method, path): &(Method, &str)| ((*path).to_owned(), method.to_string()))
        .collect();
    documented.sort();
    expected.sort();
    assert_eq!(documented, expected);
}

/// Of two descriptions of one status the function's own is told, not the gateway's alone.
#[test]
fn too_many_reports_are_documented() {
    let document = serde_json::to_value(::reports::openapi()).unwrap();
    let answer = &document["paths"]["/reports"]["post"]["responses"]["429"];
    assert!(answer["description"].as_str().unwrap().contains("too-many-reports"), "{answer}");
    assert!(answer["headers"].get("Retry-After").is_some());
}
