//! The runbook names only what exists.

use std::collections::BTreeSet;

use shared::telemetry::{COUNTER_NAMES, NAMESPACE};
use shared::web::routes::ROUTES;

use super::{file, only, resources, template, text};

/// Names of others.
const OF_OTHERS: [&str; 6] = [
    "WhatsApp",
    "DynamoDB",
    "CloudWatch",
    "EventBridge",
    // A metric of Lambda's.
    "ConcurrentExecutions",
    // Of a message in a queue of given-up records.
    "DDBStreamBatchInfo",
];

/// The runbook without its fenced blocks, as one line.
fn prose() -> String {
    let runbook = file("infra/RUNBOOK.md");
    let outside = runbook.split("```").step_by(2);
    outside.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// What stands between backticks.
fn quoted(prose: &str) -> Vec<&str> {
    prose.split('`').skip(1).step_by(2).collect()
}

/// `RollupFunction`, `ReportsFailed`: words of several words.
fn is_name(word: &str) -> bool {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && capitals > 1
        && word.chars().any(|c| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn resources_parameters_outputs_alarms_and_counters_exist() {
    let template = template();
    let mut known: BTreeSet<String> = OF_OTHERS.map(str::to_owned).into();
    for part in ["Resources", "Parameters", "Outputs"] {
        known.extend(template[part].as_object().unwrap().keys().cloned());
    }
    let alarms = resources(&template, "AWS::CloudWatch::Alarm").into_keys();
    known.extend(alarms.map(|id| id.trim_end_matches("Alarm").to_owned()));
    known.extend(COUNTER_NAMES.iter().map(|name| (*name).to_owned()));
    known.insert(NAMESPACE.to_owned());
    let template = file("template.yaml");
    let prose = prose();
    let words = prose.split(|c: char| !c.is_ascii_alphanumeric());
    let names: BTreeSet<&str> = words.filter(|word| is_name(word)).collect();
    assert!(names.len() > 40, "{names:?}");
    let unknown: Vec<&&str> = names
        .iter()
        .filter(|name| !known.contains(**name) && !template.contains(&format!("{name}:")))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn routes_exist() {
    let prose = prose();
    let mut named = 0;
    for span in quoted(&prose) {
        let mut words = span.split(' ');
        let (method, path) = match (words.next().unwrap(), words.next()) {
            (method, Some(path)) if path.starts_with('/') => (Some(method), path),
            (path, None) if path.starts_with('/') && !path.starts_with("/aws/") => (None, path),
            _ => continue,
        };
        named += 1;
        let exists = ROUTES.iter().any(|(of, template)| {
            *template == path && method.is_none_or(|method| of.as_str() == method)
        });
        assert!(exists, "{span}");
    }
    assert!(named > 4, "{named}");
}

#[test]
fn commands_and_their_flags_exist() {
    let ops = file("infra/ops/src/main.rs");
    let prose = prose();
    let mut flags = BTreeSet::new();
    for span in quoted(&prose) {
        let first = span.split(' ').next().unwrap();
        let command = ["recount", "rederive", "replay", "catch-up"].contains(&first);
        if command || first.starts_with("--") {
            flags.extend(span.split(' ').filter_map(|word| word.strip_prefix("--")));
        }
    }
    assert!(flags.len() > 5, "{flags:?}");
    for flag in flags {
        let field = format!("    {}: ", flag.replace('-', "_"));
        assert!(flag.is_empty() || ops.contains(&field), "--{flag}");
    }
}

#[test]
fn settings_and_widgets_exist() {
    let (template_text, ops) = (file("template.yaml"), file("README.md"));
    let prose = prose();
    let words = prose.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    for setting in words.filter(|word| word.contains('_') && word.len() > 6) {
        assert!(template_text.contains(setting) || ops.contains(setting), "{setting}");
    }
    let dashboard = only(&template(), "AWS::CloudWatch::Dashboard");
    for widget in ["Function errors", "Function duration"] {
        assert!(prose.contains(&format!("*{widget}*")), "{widget}");
        assert!(text(&dashboard["DashboardBody"]).contains(widget), "{widget}");
    }
}

/// Where there is a web ACL, and what puts one there.
#[test]
fn a_web_acl_is_named_with_its_parameter() {
    let prose = prose();
    let sentence = prose.split(". ").find(|sentence| sentence.contains("WAF")).unwrap();
    assert!(sentence.contains("`WebAclArn`") && sentence.contains("infra/waf.yaml"), "{sentence}");
}
