//! The function's part of the API document.

use http::Method;
use serde_json::Value;
use shared::web::routes::ROUTES;

/// Each operation names its answers; what it refers to is there.
#[test]
fn the_document_tells_every_answer() {
    let document = serde_json::to_value(campaigns::openapi()).unwrap();
    let mut answers = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let route = (Method::try_from(method.to_uppercase().as_str()).unwrap(), path.as_str());
            assert!(ROUTES.contains(&route), "{method} {path}");
            let responses: Vec<&String> =
                operation["responses"].as_object().unwrap().keys().collect();
            let scope = operation["security"][0]["bearer"][0].as_str().unwrap();
            assert_eq!(scope, if method == "get" { "admin:read" } else { "admin:write" });
            answers.push(format!("{method} {path} {responses:?}"));
        }
    }
    insta::assert_json_snapshot!(answers);
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
    let required = &document["components"]["schemas"]["NewSettings"]["required"];
    let required: Vec<&Value> = required.as_array().unwrap().iter().collect();
    assert_eq!(required, ["timeZone", "language", "phoneNumberIds", "storeUrl"]);
    assert!(document["components"]["schemas"]["CampaignPatch"].get("required").is_none());
}
