//! What documents promise: the `OpenAPI` document, the routes of template.yaml and the table of
//! routes are one; alarms watch metrics that exist; nothing sets what is for test engines alone.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::web::routes::ROUTES;

fn root_file(name: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(name)).unwrap()
}

fn document() -> Value {
    serde_json::from_str(&root_file("infra/openapi.json")).unwrap()
}

#[test]
fn the_openapi_document_is_generated_from_the_types() {
    let generated = local::openapi::document().unwrap();
    assert!(
        generated.trim_end() == root_file("infra/openapi.json").trim_end(),
        "infra/openapi.json is stale: run `make openapi`"
    );
}

fn routes_of_the_document() -> BTreeSet<String> {
    let document = document();
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if ["get", "put", "post", "patch", "delete", "head"].contains(&method.as_str()) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

#[test]
fn every_route_stands_in_the_document_the_template_and_the_table() {
    let document = routes_of_the_document();
    let table: BTreeSet<String> =
        ROUTES.iter().map(|(method, path)| format!("{method} {path}")).collect();
    // OpenAPI has no variable that takes slashes.
    let of_the_document: BTreeSet<String> =
        table.iter().map(|route| route.replace("+}", "}")).collect();
    assert_eq!(document, of_the_document);
    let template = local::template::Template::of_this_build().unwrap();
    let template: BTreeSet<String> =
        template.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(template, table);
}

#[test]
fn the_template_never_names_the_test_engines_setting() {
    assert!(!root_file("template.yaml").contains("STREAM_SINGLE_SHARD"));
}

#[test]
fn the_rollups_mapping_is_what_counting_relies_on() {
    let template = root_file("template.yaml");
    for line in [
        "TumblingWindowInSeconds:",
        "ParallelizationFactor: 1\n",
        "StartingPosition: TRIM_HORIZON",
        "ReportBatchItemFailures",
    ] {
        assert!(template.contains(line), "{line} is missing");
    }
    assert!(!template.contains("BisectBatchOnFunctionError: true"));
}
