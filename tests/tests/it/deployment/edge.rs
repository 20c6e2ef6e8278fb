//! What stands before the functions: the distribution, its secret and its web ACL, and how many of a
//! function run at once.

use serde_json::{Value, json};
use shared::domain::values::limits::WORKBOOK_SHEET_BYTES;
use shared::web::layer::{ORIGIN_SECRET_DIGESTS, X_ORIGIN_SECRET};
use shared::web::routes::ROUTES;

use super::{each, file, only, resources, root, template, text};

fn parameter(template: &Value, name: &str) -> Value {
    let parameter = template["Parameters"][name].clone();
    assert!(parameter.is_object(), "there is no parameter {name}");
    parameter
}

/// Nobody who deploys for the first time has to know these.
fn unset_by_default(template: &Value, name: &str) {
    assert_eq!(parameter(template, name)["Default"], "", "{name}");
    let condition = &template["Conditions"][format!("Has{}", name.trim_end_matches("Arn"))];
    assert_eq!(*condition, json!([[name, ""]]), "{name}");
}

/// A new account's quota admits no reservation at all.
#[test]
fn concurrency_is_reserved_where_an_operator_says_so() {
    let template = template();
    let functions = resources(&template, "AWS::Serverless::Function");
    for (id, function) in &functions {
        let name = format!("{}Concurrency", id.trim_end_matches("Function"));
        let reserved = function.get("ReservedConcurrentExecutions");
        if ["IngestFunction", "RollupFunction"].contains(&id.as_str()) {
            unset_by_default(&template, &name);
            let condition = format!("Has{name}");
            assert_eq!(reserved, Some(&json!([condition, name, "AWS::NoValue"])), "{id}");
        } else {
            assert_eq!(reserved, None, "{id}");
        }
    }
}

/// The API's own address passes by the distribution.
#[test]
fn the_distribution_shows_the_api_its_secret() {
    let template = template();
    unset_by_default(&template, "OriginSecret");
    assert_eq!(parameter(&template, "OriginSecret")["NoEcho"], true);
    let distribution = only(&template, "AWS::CloudFront::Distribution");
    let origins = each(&distribution["DistributionConfig"]["Origins"]);
    let api = origins.iter().find(|origin| origin["Id"] == "api").unwrap();
    let header = json!({"HeaderName": X_ORIGIN_SECRET.as_str(), "HeaderValue": "OriginSecret"});
    assert_eq!(
        api["OriginCustomHeaders"],
        json!(["HasOriginSecret", [header], "AWS::NoValue"]),
        "beside the header that callers may send by this name"
    );
    // Every function is told the digests, and each that speaks HTTP asks for the secret. The secret
    // itself is told to none.
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables[ORIGIN_SECRET_DIGESTS], "OriginSecretDigests");
    assert_eq!(file("template.yaml").matches("!Ref OriginSecret\n").count(), 1);
    let mut behind = 0;
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let path = entry.unwrap().path().join("src/main.rs");
        let main = std::fs::read_to_string(path).unwrap();
        if main.contains("lambda_http::run(") {
            behind += 1;
            assert!(main.contains("behind_distribution("), "{main}");
        }
    }
    assert_eq!(behind, 4);
}

/// What machines send comes from few addresses and is signed; what people ask for is limited by
/// address.
#[test]
fn the_web_acl_limits_people_and_not_providers() {
    let template = template();
    unset_by_default(&template, "WebAclArn");
    let distribution = only(&template, "AWS::CloudFront::Distribution");
    let acl = &distribution["DistributionConfig"]["WebACLId"];
    assert_eq!(*acl, json!(["HasWebAcl", "WebAclArn", "AWS::NoValue"]));

    let waf: Value = serde_saphyr::from_str(&file("infra/waf.yaml")).unwrap();
    let acl = only(&waf, "AWS::WAFv2::WebACL");
    assert_eq!(
        (&acl["Scope"], &waf["Outputs"]["WebAclArn"]["Value"]),
        (&json!("CLOUDFRONT"), &json!("WebAcl.Arn"))
    );
    let [rule] = acl["Rules"].as_array().unwrap().as_slice() else { panic!("{acl}") };
    assert_eq!(rule["Action"]["Block"]["CustomResponse"]["ResponseCode"], 429);
    let rate = &rule["Statement"]["RateBasedStatement"];
    assert_eq!(
        (&rate["AggregateKeyType"], &rate["Limit"]),
        (&json!("IP"), &json!("RequestsPerAddress"))
    );
    let exempt =
        &rate["ScopeDownStatement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"];
    let prefixes: Vec<&str> = each(exempt)
        .iter()
        .map(|statement| {
            assert_eq!(statement["ByteMatchStatement"]["PositionalConstraint"], "STARTS_WITH");
            text(&statement["ByteMatchStatement"]["SearchString"])
        })
        .collect();
    let is_exempt = |path: &str| prefixes.iter().any(|prefix| path.starts_with(prefix));
    for (_, path) in ROUTES {
        let of_machines = ["/webhooks/", "/events/", "/sends/"].iter().any(|p| path.starts_with(p));
        assert_eq!(is_exempt(path), of_machines, "{path}");
    }
}

/// A workbook waits there for its end, and the library takes a full disk for a fault.
#[test]
fn the_report_workers_disk_holds_the_largest_workbook() {
    let worker = &template()["Resources"]["ReportWorkerFunction"]["Properties"];
    let megabytes = worker["EphemeralStorage"]["Size"].as_u64().unwrap();
    // A tenth more, for the file system itself and for what the runtime keeps there.
    assert!(megabytes * 1_048_576 > WORKBOOK_SHEET_BYTES / 10 * 11, "{megabytes} MB");
    assert!(megabytes <= 10_240, "more than Lambda has");
}
