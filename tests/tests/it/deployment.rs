//! What `template.yaml` promises to whoever deploys it, read from its text: what the functions may
//! do, what alarms watch, where requests go.
//!
//! `cfn-lint` and `sam validate` judge the template's form; here it is compared with the code and
//! with the documents beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use shared::telemetry::{COUNTER_NAMES, NAMESPACE};
use shared::web::routes::ROUTES;

mod advisories;
mod edge;
mod runbook;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The template; of `CloudFormation`'s tags (`!Ref`, `!GetAtt`, `!Sub`) the text alone is left.
fn template() -> Value {
    serde_saphyr::from_str(&file("template.yaml")).unwrap()
}

/// The resources of a type, by logical id: their properties.
fn resources(template: &Value, kind: &str) -> BTreeMap<String, Value> {
    let all = template["Resources"].as_object().unwrap();
    let of_kind = all.iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(id, resource)| (id.clone(), resource["Properties"].clone())).collect()
}

/// The only resource of a type.
fn only(template: &Value, kind: &str) -> Value {
    let mut found = resources(template, kind).into_values();
    let first = found.next().unwrap();
    assert!(found.next().is_none(), "one {kind}");
    first
}

/// A value, or the values of a list.
fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The permissions that the roles give, one a line, as `infra/permissions.txt` lists them.
fn permissions(template: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (role, properties) in resources(template, "AWS::IAM::Role") {
        assert!(properties.get("ManagedPolicyArns").is_none(), "{role} takes what others define");
        for policy in each(&properties["Policies"]) {
            for statement in each(&policy["PolicyDocument"]["Statement"]) {
                assert_eq!(statement["Effect"], "Allow", "{role}");
                let condition = statement.get("Condition").map_or_else(String::new, conditions);
                for action in each(&statement["Action"]) {
                    for resource in each(&statement["Resource"]) {
                        let (action, resource) = (text(action), text(resource));
                        lines.insert(format!("{role} {action} {resource}{condition}"));
                    }
                }
            }
        }
    }
    lines
}

fn conditions(condition: &Value) -> String {
    let mut words = Vec::new();
    for (operator, tests) in condition.as_object().unwrap() {
        for (key, value) in tests.as_object().unwrap() {
            words.push(format!(" if {key} {operator} {}", text(value)));
        }
    }
    words.concat()
}

#[test]
fn the_functions_may_do_what_the_list_beside_the_template_says() {
    let granted = permissions(&template());
    let listed = file("infra/permissions.txt");
    let listed: BTreeSet<String> = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let unlisted: Vec<&String> = granted.difference(&listed).collect();
    let ungranted: Vec<&String> = listed.difference(&granted).collect();
    assert!(unlisted.is_empty(), "granted, but not in infra/permissions.txt: {unlisted:#?}");
    assert!(ungranted.is_empty(), "in infra/permissions.txt, but not granted: {ungranted:#?}");
    for line in &granted {
        let action = line.split(' ').nth(1).unwrap();
        assert!(!action.contains('*'), "{line}");
        let everywhere = line.ends_with(" *");
        // The one action that knows no resource.
        assert!(!everywhere || action == "dynamodb:ListStreams", "{line}");
    }
}

#[test]
fn each_function_has_a_role_and_logs_of_its_own() {
    let template = template();
    let (mut roles, mut groups) = (BTreeSet::new(), BTreeSet::new());
    let functions = resources(&template, "AWS::Serverless::Function");
    for (id, function) in &functions {
        assert!(function.get("Policies").is_none(), "{id}: its role alone says what it may do");
        roles.insert(text(&function["Role"]).strip_suffix(".Arn").unwrap().to_owned());
        groups.insert(text(&function["LoggingConfig"]["LogGroup"]).to_owned());
    }
    assert_eq!(roles.len(), functions.len());
    assert_eq!(groups.len(), functions.len());
    let known: BTreeSet<String> = resources(&template, "AWS::IAM::Role").into_keys().collect();
    assert_eq!(roles, known);
    for (id, group) in resources(&template, "AWS::Logs::LogGroup") {
        assert!(group.get("RetentionInDays").is_some(), "{id} keeps its lines for ever");
    }
}

/// The metrics that an alarm watches: namespace, name, names of the dimensions.
fn watched(alarm: &Value) -> Vec<(String, String, Vec<String>)> {
    let stats: Vec<&Value> = match alarm.get("Metrics") {
        Some(metrics) => each(metrics)
            .into_iter()
            .filter_map(|metric| metric.pointer("/MetricStat/Metric"))
            .collect(),
        None => vec![alarm],
    };
    let of = |metric: &Value| {
        let dimensions = metric.get("Dimensions").map_or_else(Vec::new, |dimensions| {
            each(dimensions).iter().map(|dimension| text(&dimension["Name"]).to_owned()).collect()
        });
        let [namespace, name] =
            ["Namespace", "MetricName"].map(|key| text(&metric[key]).to_owned());
        (namespace, name, dimensions)
    };
    stats.into_iter().map(of).collect()
}

/// What the services themselves tell, of what the alarms watch.
const OF_SERVICES: &[(&str, &str, &[&str])] = &[
    ("AWS/Lambda", "Errors", &["FunctionName"]),
    ("AWS/Lambda", "Throttles", &["FunctionName"]),
    ("AWS/Lambda", "IteratorAge", &["FunctionName"]),
    ("AWS/ApiGateway", "5xx", &["ApiId", "Stage"]),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName"]),
];

/// What filters count in the access log's lines: namespace and name.
fn of_logs(template: &Value) -> BTreeSet<(String, String)> {
    let api = only(template, "AWS::Serverless::HttpApi");
    let line = text(&api["AccessLogSettings"]["Format"]);
    let mut counted = BTreeSet::new();
    for (id, filter) in resources(template, "AWS::Logs::MetricFilter") {
        assert_eq!(filter["LogGroupName"], "AccessLogs", "{id}");
        let fields = text(&filter["FilterPattern"]).split("$.").skip(1);
        let names = fields.map(|field| field.split(' ').next().unwrap());
        for name in names {
            assert!(line.contains(&format!("\"{name}\":")), "{id}: no line has {name}");
        }
        for metric in each(&filter["MetricTransformations"]) {
            let [namespace, name] =
                ["MetricNamespace", "MetricName"].map(|key| text(&metric[key]).to_owned());
            counted.insert((namespace, name));
        }
    }
    counted
}

#[test]
fn every_alarm_watches_a_metric_that_exists() {
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 10);
    let of_logs = of_logs(&template);
    for (id, alarm) in &alarms {
        let metrics = watched(alarm);
        assert!(!metrics.is_empty(), "{id} watches nothing");
        for (namespace, name, dimensions) in metrics {
            if namespace == NAMESPACE {
                assert!(COUNTER_NAMES.contains(&name.as_str()), "{id}: nothing counts {name}");
                // A counter's sum is written without dimensions.
                assert!(dimensions.is_empty(), "{id}: {name} is not written by {dimensions:?}");
            } else if of_logs.contains(&(namespace.clone(), name.clone())) {
                assert!(dimensions.is_empty(), "{id}: {name} is not counted by {dimensions:?}");
            } else {
                let known = OF_SERVICES.iter().any(|(space, metric, keys)| {
                    (*space, *metric) == (&namespace, &name) && *keys == dimensions
                });
                assert!(known, "{id}: {namespace} {name} by {dimensions:?}");
            }
        }
        assert_eq!(alarm["AlarmActions"][0], "Alarms", "{id} tells nobody");
    }
}

/// A record that no function takes is told before the stream forgets it, and somebody hears of it.
#[test]
fn records_are_given_up_in_time_and_to_a_queue_that_is_watched() {
    const STREAM_FORGETS_SECS: i64 = 24 * 3_600;
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    let queues = resources(&template, "AWS::SQS::Queue");
    let mut mappings = 0;
    for (function, properties) in resources(&template, "AWS::Serverless::Function") {
        let events = properties["Events"].as_object().unwrap();
        for event in events.values().filter(|event| event["Type"] == "DynamoDB") {
            mappings += 1;
            let mapping = &event["Properties"];
            let age = mapping["MaximumRecordAgeInSeconds"].as_i64().unwrap();
            assert!((60..STREAM_FORGETS_SECS).contains(&age), "{function}: {age} s");
            assert_ne!(mapping["BisectBatchOnFunctionError"], true, "{function}");
            let failed = &mapping["DestinationConfig"]["OnFailure"];
            let queue = text(&failed["Destination"]).strip_suffix(".Arn").unwrap();
            assert!(queues.contains_key(queue), "{function}: {queue}");
            let name = format!("{queue}.QueueName");
            let watches = |alarm: &Value| {
                let dimensions = alarm.get("Dimensions").map(each).unwrap_or_default();
                alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                    && dimensions.iter().any(|dimension| dimension["Value"] == name)
            };
            assert!(alarms.values().any(watches), "nobody hears of {queue}");
        }
    }
    assert_eq!(mappings, 2);
    // The rollup tries as long as that leaves it: its records are lost to nobody but an operator.
    let rollup = &template["Resources"]["RollupFunction"]["Properties"]["Events"]["Facts"];
    assert_eq!(rollup["Properties"]["MaximumRecordAgeInSeconds"], 23 * 3_600);
    assert_eq!(rollup["Properties"]["MaximumRetryAttempts"], -1);
}

#[test]
fn the_dashboard_shows_metrics_that_exist() {
    let dashboard = only(&template(), "AWS::CloudWatch::Dashboard");
    let body: Value = serde_json::from_str(text(&dashboard["DashboardBody"])).unwrap();
    let mut shown = 0;
    for widget in each(&body["widgets"]) {
        let mut namespace = "";
        for metric in each(&widget["properties"]["metrics"]) {
            // A point stands for the same as in the line before.
            namespace = Some(text(&metric[0])).filter(|word| *word != ".").unwrap_or(namespace);
            if namespace == NAMESPACE {
                shown += 1;
                assert!(COUNTER_NAMES.contains(&text(&metric[1])), "nothing counts {metric}");
            }
        }
    }
    assert!(shown > 10);
}

#[test]
fn every_counter_is_counted_by_some_line() {
    let mut sources = String::new();
    for package in ["shared", "functions"] {
        read_sources(&root().join(package), &mut sources);
    }
    for name in COUNTER_NAMES {
        assert!(sources.contains(&format!("Counter::{name}")), "no line counts {name}");
    }
}

/// The text of a directory's Rust files, without tests and without the counters' own list.
fn read_sources(directory: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !["tests.rs", "telemetry.rs"].contains(&name)
        {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Each shard of what is due has its schedule, each minute. A call that fails isn't tried again, neither by the
/// scheduler nor by Lambda: the next minute's does its work. Where one schedule is gone, somebody hears of it.
#[test]
fn each_shard_is_looked_at_each_minute() {
    let template = template();
    let sender = &template["Resources"]["SenderFunction"]["Properties"];
    let schedules: Vec<&Value> =
        sender["Events"].as_object().unwrap().values().map(|event| &event["Properties"]).collect();
    let mut shards: Vec<u64> = Vec::new();
    for schedule in &schedules {
        assert_eq!(schedule["ScheduleExpression"], "rate(1 minute)");
        let none = json!({"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0});
        assert_eq!((&schedule["RetryPolicy"], &sender["EventInvokeConfig"]), (&none, &none));
        let input: Value = serde_json::from_str(text(&schedule["Input"])).unwrap();
        shards.extend(input["shards"].as_array().unwrap().iter().map(|one| one.as_u64().unwrap()));
    }
    shards.sort_unstable();
    assert!(shards.into_iter().eq(0..16));
    let alarm = &template["Resources"]["SenderMissingAlarm"]["Properties"];
    let runs = alarm["Period"].as_u64().unwrap() / 60 * schedules.len() as u64;
    let least = alarm["Threshold"].as_u64().unwrap();
    assert!(runs * 3 / 4 < least && least < runs, "{least} of {runs}");
    assert_eq!(alarm["TreatMissingData"], "breaching");
}

#[test]
fn the_runbook_has_a_part_for_each_alarm() {
    let alarms: BTreeSet<String> = resources(&template(), "AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(id, alarm)| {
            let name = id.strip_suffix("Alarm").unwrap().to_owned();
            let end = format!("See infra/RUNBOOK.md, {name}.");
            assert!(text(&alarm["AlarmDescription"]).ends_with(&end), "{id} leads nowhere");
            name
        })
        .collect();
    let runbook = file("infra/RUNBOOK.md");
    let parts = runbook.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned);
    assert_eq!(parts.collect::<BTreeSet<_>>(), alarms);
}

/// A purge would drop what came in after the queue was read. What the operator's steps and command
/// need is found among the stack's outputs.
#[test]
fn the_runbook_deletes_what_was_read_and_names_outputs() {
    let runbook = file("infra/RUNBOOK.md");
    for line in runbook.lines().filter(|line| line.to_lowercase().contains("purge")) {
        assert!(line.to_lowercase().contains("don't purge"), "{line}");
    }
    let template = template();
    for (output, resource) in [
        ("TableName", "Table"),
        ("RetentionDays", "RetentionDays"),
        ("GivenUpRecordsUrl", "GivenUpRecords"),
        ("ReportFailuresUrl", "ReportFailures"),
    ] {
        assert!(runbook.contains(&format!("`{output}`")), "{output}");
        assert_eq!(template["Outputs"][output]["Value"], *resource, "{output}");
    }
}

#[test]
fn throttled_routes_exist() {
    let api = only(&template(), "AWS::Serverless::HttpApi");
    let routes: BTreeSet<String> =
        ROUTES.iter().map(|(method, path)| format!("{method} {path}")).collect();
    let settings = api["RouteSettings"].as_object().unwrap();
    for (route, setting) in settings {
        assert!(routes.contains(route), "{route} is throttled, but no route");
        assert!(setting["ThrottlingRateLimit"].as_i64().unwrap() > 0, "{route}");
    }
    assert!(api["DefaultRouteSettings"]["ThrottlingRateLimit"].as_i64().unwrap() > 0);
}

/// The gateway's own 429 is no page that a shopper could use: no other route is refused later.
#[test]
fn a_shoppers_tap_is_throttled_last() {
    let api = only(&template(), "AWS::Serverless::HttpApi");
    let rate = |setting: &Value| {
        [&setting["ThrottlingRateLimit"], &setting["ThrottlingBurstLimit"]]
            .map(|n| n.as_i64().unwrap())
    };
    let settings = api["RouteSettings"].as_object().unwrap();
    let taps = rate(&settings["GET /r/{token}"]);
    for (route, setting) in settings.iter().filter(|(route, _)| *route != "GET /r/{token}") {
        let others = rate(setting);
        assert!(others[0] < taps[0] && others[1] < taps[1], "{route}");
    }
}

/// Addresses, paths (tokens are part of them), agents and claims are a person's.
#[test]
fn access_logs_hold_nothing_of_a_person() {
    const HARMLESS: [&str; 10] = [
        "$context.requestId",
        "$context.requestTime",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.integrationLatency",
        "$context.integrationStatus",
        "$context.error.responseType",
        "$context.authorizer.error",
    ];
    let api = only(&template(), "AWS::Serverless::HttpApi");
    let line: Map<String, Value> =
        serde_json::from_str(text(&api["AccessLogSettings"]["Format"])).unwrap();
    for (key, value) in line {
        assert!(HARMLESS.contains(&text(&value)), "{key}: {value}");
    }
}

#[test]
fn the_page_is_served_beside_the_api_with_its_policy() {
    let template = template();
    let distribution = only(&template, "AWS::CloudFront::Distribution");
    let config = &distribution["DistributionConfig"];
    assert_eq!(config["DefaultCacheBehavior"]["TargetOriginId"], "api");
    let mut served = BTreeSet::new();
    for behavior in each(&config["CacheBehaviors"]) {
        assert_eq!(behavior["TargetOriginId"], "page");
        assert_eq!(behavior["ResponseHeadersPolicyId"], "PageHeaders");
        served.insert(text(&behavior["PathPattern"]).to_owned());
    }
    let mut files: BTreeSet<String> = ["/", "/index.html", "/assets/*"].map(str::to_owned).into();
    for entry in std::fs::read_dir(root().join("admin/public")).unwrap() {
        files.insert(format!("/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    assert_eq!(served, files, "what the page's build holds");
    // No route of the API hides behind a file of the page.
    for (_, path) in ROUTES {
        assert!(!served.contains(*path) && !path.starts_with("/assets/"), "{path}");
    }
    let policy = template["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
        ["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        .clone();
    let framed_by = text(&template["Parameters"]["FrameAncestors"]["Default"]);
    assert_eq!(framed_by, "https://*.myvtex.com");
    let by_default =
        text(&policy).replace(" ${IdentityOrigins}", "").replace("${FrameAncestors}", framed_by);
    assert_eq!(by_default, file("admin/CSP.txt").trim());
}

/// The system's secret opens what accounts' secrets are sealed under: those have it that seal, open, or
/// digest phone numbers or
/// erased values, and no other function.
#[test]
fn the_secret_is_given_to_those_who_need_it() {
    let template = template();
    let granted: BTreeSet<String> = permissions(&template)
        .into_iter()
        .filter(|line| line.contains("secretsmanager:"))
        .map(|line| line.split(' ').next().unwrap().replace("Role", "Function"))
        .collect();
    let told: BTreeSet<String> = resources(&template, "AWS::Serverless::Function")
        .into_iter()
        .filter(|(_, function)| function.pointer("/Environment/Variables/SECRET_ID").is_some())
        .map(|(id, _)| id)
        .collect();
    let needed = [
        "CampaignsFunction",
        "IngestFunction",
        "ReportWorkerFunction",
        "ReportsFunction",
        "SenderFunction",
    ];
    let needed = needed.map(str::to_owned);
    assert_eq!((&granted, &told), (&needed.clone().into(), &needed.into()));
    assert!(template["Globals"]["Function"].pointer("/Environment/Variables/SECRET_ID").is_none());
}

/// The engine that the local stack and the tests run on has a single shard and may send no
/// window; the deployed mapping must send one (DESIGN: Count).
#[test]
fn no_function_is_given_what_only_test_engines_need() {
    let text = file("template.yaml");
    for setting in
        ["STREAM_SINGLE_SHARD", "VTEX_URL", "GRAPH_URL", "VTEX_HOOK_SECRET", "AWS_ENDPOINT_URL"]
    {
        assert!(!text.contains(setting), "{setting}");
    }
    // A secret in the template or in an environment variable is told to whoever may read either.
    assert!(!text.contains("{{resolve:"));
}

/// `cargo lambda`, which builds what is deployed, chooses whatever the profile leaves open, and of
/// panics it chooses that they end the process.
#[test]
fn the_release_profile_leaves_nothing_to_cargo_lambda() {
    let manifest = file("Cargo.toml");
    let (_, profile) = manifest.split_once("[profile.release]\n").unwrap();
    let profile = profile.split("\n[").next().unwrap();
    for key in ["strip", "lto", "codegen-units", "panic"] {
        assert!(profile.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
    assert!(profile.lines().any(|line| line == "panic = \"unwind\""), "{profile}");
}
