//! From YAML to the [`Template`]. CloudFormation's tags (`!Ref`, `!GetAtt`, `!Sub`) need no evaluation here: there
//! is one table, one API and one bucket, and the tags' own text is enough to tell what they point at.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    EventRule, Filter, Mapping, Route, TableDefinition, Template, TemplateError, TickSchedule,
};

/// Lambda's default for a stream.
const DEFAULT_BATCH_SIZE: usize = 100;

pub(super) fn template(yaml: &str) -> Result<Template, TemplateError> {
    let root: Value = serde_saphyr::from_str(yaml).map_err(TemplateError::Yaml)?;
    let resources = root
        .get("Resources")
        .and_then(Value::as_object)
        .ok_or_else(|| TemplateError::Unfit("there are no Resources".into()))?;

    let table: TableDefinition = part("the table", &only(resources, "AWS::DynamoDB::Table")?)?;
    let api: Api = part("the API", &only(resources, "AWS::Serverless::HttpApi")?)?;
    let mut template = Template {
        routes: Vec::new(),
        default_function: None,
        table,
        mappings: Vec::new(),
        schedules: Vec::new(),
        rules: Vec::new(),
    };
    for (function, resource) in resources {
        if resource.get("Type").and_then(Value::as_str) == Some("AWS::Serverless::Function") {
            let events = resource.pointer("/Properties/Events").and_then(Value::as_object);
            for (name, event) in events.into_iter().flatten() {
                add_event(&mut template, &api, function, name, event)?;
            }
        }
    }
    Ok(template)
}

/// The properties of the only resource of a type.
fn only(resources: &Map<String, Value>, kind: &str) -> Result<Value, TemplateError> {
    let mut found = resources
        .values()
        .filter(|resource| resource.get("Type").and_then(Value::as_str) == Some(kind));
    match (found.next(), found.next()) {
        (Some(resource), None) => Ok(resource.get("Properties").cloned().unwrap_or_default()),
        _ => Err(TemplateError::Unfit(format!("there must be exactly one {kind}"))),
    }
}

fn part<T: DeserializeOwned>(part: &str, value: &Value) -> Result<T, TemplateError> {
    T::deserialize(value).map_err(|source| TemplateError::Part { part: part.to_owned(), source })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Api {
    auth: ApiAuth,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiAuth {
    default_authorizer: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpEvent {
    method: Option<String>,
    path: Option<String>,
    auth: Option<RouteAuth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteAuth {
    authorizer: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEventSource {
    starting_position: String,
    batch_size: Option<usize>,
    parallelization_factor: Option<usize>,
    tumbling_window_in_seconds: Option<u64>,
    #[serde(default)]
    function_response_types: Vec<String>,
    maximum_retry_attempts: Option<i64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    filter_criteria: Option<FilterCriteria>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Pattern>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pattern {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    schedule_expression: String,
    input: Option<String>,
}

fn add_event(
    template: &mut Template,
    api: &Api,
    function: &str,
    name: &str,
    event: &Value,
) -> Result<(), TemplateError> {
    let what = format!("event {name} of {function}");
    let properties = event.get("Properties").cloned().unwrap_or_default();
    match event.get("Type").and_then(Value::as_str) {
        Some("HttpApi") => add_route(template, api, function, part(&what, &properties)?),
        Some("DynamoDB") => {
            let mapping = mapping(function, &what, part(&what, &properties)?)?;
            template.mappings.push(mapping);
            Ok(())
        }
        Some("Schedule" | "ScheduleV2") => {
            let schedule = schedule(function, &what, &part(&what, &properties)?)?;
            template.schedules.push(schedule);
            Ok(())
        }
        Some("EventBridgeRule") => {
            let pattern = properties.get("Pattern").cloned().unwrap_or_default();
            let pattern = Filter::parse(&pattern.to_string()).map_err(|source| {
                TemplateError::Filter { function: function.to_owned(), source }
            })?;
            template.rules.push(EventRule { function: function.to_owned(), pattern });
            Ok(())
        }
        _ => Err(TemplateError::Unfit(format!(
            "{what} has a type that the local stack doesn't play"
        ))),
    }
}

fn add_route(
    template: &mut Template,
    api: &Api,
    function: &str,
    event: HttpEvent,
) -> Result<(), TemplateError> {
    let authorizer =
        event.auth.and_then(|auth| auth.authorizer).or_else(|| api.auth.default_authorizer.clone());
    let guarded = authorizer.is_some_and(|name| name != "NONE");
    match (event.method, event.path) {
        (Some(method), Some(path)) => {
            let method = method.to_ascii_uppercase();
            template.routes.push(Route {
                method,
                path,
                function: function.to_owned(),
                authorized: guarded,
            });
            Ok(())
        }
        (None, None) if !guarded && template.default_function.is_none() => {
            template.default_function = Some(function.to_owned());
            Ok(())
        }
        _ => Err(TemplateError::Unfit(format!(
            "a route of {function} lacks its method or its path, or is a second or a closed $default"
        ))),
    }
}

fn mapping(function: &str, what: &str, event: StreamEventSource) -> Result<Mapping, TemplateError> {
    if event.starting_position != "TRIM_HORIZON" || event.bisect_batch_on_function_error {
        return Err(TemplateError::Unfit(format!(
            "{what}: only TRIM_HORIZON without bisecting is played"
        )));
    }
    let patterns = event.filter_criteria.map(|criteria| criteria.filters).unwrap_or_default();
    let filters = patterns
        .iter()
        .map(|filter| Filter::parse(&filter.pattern))
        .collect::<Result<_, _>>()
        .map_err(|source| TemplateError::Filter { function: function.to_owned(), source })?;
    Ok(Mapping {
        function: function.to_owned(),
        batch_size: event.batch_size.unwrap_or(DEFAULT_BATCH_SIZE),
        parallelization: event.parallelization_factor.unwrap_or(1),
        window_secs: event.tumbling_window_in_seconds.filter(|secs| *secs > 0),
        reports_item_failures: event
            .function_response_types
            .iter()
            .any(|kind| kind == "ReportBatchItemFailures"),
        // -1, or nothing, is until the record expires.
        max_retries: event.maximum_retry_attempts.and_then(|retries| u32::try_from(retries).ok()),
        filters,
    })
}

fn schedule(
    function: &str,
    what: &str,
    event: &ScheduleEvent,
) -> Result<TickSchedule, TemplateError> {
    let unfit = || {
        TemplateError::Unfit(format!("{what}: only rate(N minutes) with a JSON input is played"))
    };
    let minutes = event
        .schedule_expression
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(" minutes)").or(rest.strip_suffix(" minute)")))
        .and_then(|minutes| minutes.parse().ok())
        .ok_or_else(unfit)?;
    let input =
        event.input.as_deref().map(serde_json::from_str).transpose().map_err(|_| unfit())?;
    Ok(TickSchedule {
        function: function.to_owned(),
        every: Duration::from_mins(minutes),
        input: input.unwrap_or_default(),
    })
}
