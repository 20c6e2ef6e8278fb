//! Reads template.yaml: the local stack routes, filters and batches by what is deployed, so that neither can
//! drift from the other.

mod filter;
mod read;

use std::sync::OnceLock;

pub use filter::{Filter, FilterError};
use serde::Deserialize;

/// The template that this build was made from.
const TEMPLATE_YAML: &str = include_str!("../../../template.yaml");

/// What the local stack needs to know of the template.
#[derive(Debug, Clone)]
pub struct Template {
    /// The API's routes, without `$default`.
    pub routes: Vec<Route>,
    /// Logical id of the function behind the `$default` route.
    pub default_function: Option<String>,
    /// The one table.
    pub table: TableDefinition,
    /// The event source mappings from the table's stream, in the template's order.
    pub mappings: Vec<Mapping>,
    /// The schedules.
    pub schedules: Vec<TickSchedule>,
    /// The rules on `EventBridge`'s default bus.
    pub rules: Vec<EventRule>,
}

/// One route of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Upper-case HTTP method.
    pub method: String,
    /// Path with `{name}` variables.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
    /// Whether the gateway's authorizer stands before it.
    pub authorized: bool,
}

impl Route {
    /// The route as API Gateway names it: `GET /campaigns/{id}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The table, in CloudFormation's words.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDefinition {
    /// Names and types of the key attributes.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's own key.
    pub key_schema: Vec<KeyElement>,
    /// Its indexes.
    #[serde(default)]
    pub global_secondary_indexes: Vec<IndexDefinition>,
    /// What its stream's records hold.
    pub stream_specification: StreamDefinition,
    /// The attribute that items expire by.
    pub time_to_live_specification: TimeToLiveDefinition,
}

/// Name and type of a key attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// The attribute's name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// One attribute of a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyElement {
    /// The attribute's name.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// A global secondary index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexDefinition {
    /// The index's name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeyElement>,
    /// Which attributes it copies.
    pub projection: ProjectionDefinition,
}

/// What an index copies.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProjectionDefinition {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
}

/// What the stream's records hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamDefinition {
    /// `NEW_AND_OLD_IMAGES` and the like.
    pub stream_view_type: String,
}

/// The attribute that items expire by.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveDefinition {
    /// Its name; its value is epoch seconds.
    pub attribute_name: String,
    /// Whether expiry is on.
    pub enabled: bool,
}

/// One event source mapping from the table's stream to a function.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Logical id of the function.
    pub function: String,
    /// At most so many records a call.
    pub batch_size: usize,
    /// Calls in flight at once; records of one partition key stay in order.
    pub parallelization: usize,
    /// Length of the tumbling window; none means an ordinary event without window, state and shard id.
    pub window_secs: Option<u64>,
    /// Whether the function's answer may name the first record that failed.
    pub reports_item_failures: bool,
    /// Retries after the first failure; none means until the record expires.
    pub max_retries: Option<u32>,
    /// A record is delivered when one of these matches it; without any, always.
    pub filters: Vec<Filter>,
}

/// A schedule that calls a function.
#[derive(Debug, Clone)]
pub struct TickSchedule {
    /// Logical id of the function.
    pub function: String,
    /// Time between two calls.
    pub every: std::time::Duration,
    /// The event that it sends.
    pub input: serde_json::Value,
}

/// A rule that calls a function with the events that match it.
#[derive(Debug, Clone)]
pub struct EventRule {
    /// Logical id of the function.
    pub function: String,
    /// Which events. Of CloudFormation's tags (`!Ref`) in it the text alone is left.
    pub pattern: Filter,
}

/// Why the template can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML.
    #[error("template.yaml is not YAML")]
    Yaml(#[source] serde_saphyr::Error),
    /// A part of it has another shape than the local stack knows.
    #[error("template.yaml: {part} is not understood")]
    Part {
        /// Where.
        part: String,
        /// How.
        #[source]
        source: serde_json::Error,
    },
    /// Something that the local stack needs is missing or can't be played.
    #[error("template.yaml: {0}")]
    Unfit(String),
    /// A filter pattern uses an operator that the local stack doesn't play.
    #[error("template.yaml: filter of {function}")]
    Filter {
        /// Logical id of the function.
        function: String,
        /// What is wrong with it.
        #[source]
        source: FilterError,
    },
}

impl Template {
    /// Reads a template's text.
    pub fn parse(yaml: &str) -> Result<Self, TemplateError> {
        read::template(yaml)
    }

    /// The template that this build was made from.
    pub fn of_this_build() -> Result<&'static Self, TemplateError> {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        if let Some(template) = TEMPLATE.get() {
            return Ok(template);
        }
        let template = Self::parse(TEMPLATE_YAML)?;
        Ok(TEMPLATE.get_or_init(|| template))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]

    use super::*;

    fn route(method: &str, path: &str) -> Route {
        let template = Template::of_this_build().unwrap();
        template.routes.iter().find(|r| r.method == method && r.path == path).cloned().unwrap()
    }

    #[test]
    fn reads_the_routes_with_their_functions_and_authorizers() {
        let of = |method, path| {
            let route = route(method, path);
            (route.function, route.authorized)
        };
        assert_eq!(of("POST", "/webhooks/whatsapp"), ("IngestFunction".into(), false));
        assert_eq!(of("POST", "/events/{account}"), ("IngestFunction".into(), false));
        assert_eq!(of("GET", "/events/aside"), ("IngestFunction".into(), true));
        assert_eq!(of("HEAD", "/r/{token}"), ("IngestFunction".into(), false));
        assert_eq!(of("PATCH", "/campaigns/{id}"), ("CampaignsFunction".into(), true));
        assert_eq!(of("GET", "/d/{token}"), ("ReportsFunction".into(), false));
        let template = Template::of_this_build().unwrap();
        assert_eq!(template.default_function.as_deref(), Some("CampaignsFunction"));
    }

    /// The routes that anyone may call, by name: a new one has to be added here on purpose.
    #[test]
    fn only_the_known_routes_are_open() {
        let template = Template::of_this_build().unwrap();
        let open: std::collections::BTreeSet<String> =
            template.routes.iter().filter(|route| !route.authorized).map(Route::key).collect();
        let known = [
            "GET /c/{token}",
            "GET /d/{token}",
            "GET /r/{token}",
            "GET /u/{token}",
            "GET /webhooks/whatsapp",
            "HEAD /r/{token}",
            "POST /c/{token}",
            "POST /events/{account}",
            "POST /sends/{account}",
            "POST /u/{token}",
            "POST /u/{token}/again",
            "POST /carts/{account}",
            "POST /webhooks/vtex/{account}",
            "POST /webhooks/whatsapp",
        ];
        assert_eq!(open, known.map(str::to_owned).into());
    }

    #[test]
    fn reads_the_mapping_that_exactly_once_counting_needs() {
        let template = Template::of_this_build().unwrap();
        let rollup = template.mappings.iter().find(|m| m.function == "RollupFunction").unwrap();
        assert_eq!(rollup.batch_size, 1_000);
        assert_eq!(rollup.parallelization, 1);
        assert!(rollup.window_secs.is_some());
        assert!(rollup.reports_item_failures);
        assert_eq!(rollup.max_retries, None);
        let worker =
            template.mappings.iter().find(|m| m.function == "ReportWorkerFunction").unwrap();
        assert_eq!((worker.batch_size, worker.parallelization, worker.window_secs), (1, 10, None));
    }

    #[test]
    fn reads_the_table_and_the_schedule() {
        let template = Template::of_this_build().unwrap();
        assert_eq!(template.table.global_secondary_indexes[0].index_name, "byDay");
        assert_eq!(template.table.time_to_live_specification.attribute_name, "expiresAt");
        let of = |function: &str| {
            let schedules = template.schedules.iter().cloned();
            schedules.filter(|s| s.function == function).collect::<Vec<_>>()
        };
        let ticks = of("ReportWorkerFunction");
        assert_eq!(ticks.len(), 1);
        assert_eq!(ticks[0].every, std::time::Duration::from_mins(15));
        assert_eq!(ticks[0].input, serde_json::json!({"tick": true}));
        // Every shard is some schedule's, and no other's.
        let mut shards: Vec<u64> = of("SenderFunction")
            .iter()
            .inspect(|schedule| assert_eq!(schedule.every, std::time::Duration::from_mins(1)))
            .flat_map(|schedule| schedule.input["shards"].as_array().unwrap().clone())
            .map(|shard| shard.as_u64().unwrap())
            .collect();
        shards.sort_unstable();
        assert_eq!(shards, (0..16).collect::<Vec<_>>());
    }

    #[test]
    fn reads_the_rule_by_which_mails_come_back() {
        let template = Template::of_this_build().unwrap();
        assert_eq!(template.rules.len(), 1);
        let rule = &template.rules[0];
        assert_eq!(rule.function, "ReportWorkerFunction");
        let event = |kind: &str, set: &str| {
            let tags = serde_json::json!({"ses:configuration-set": [set], "report": ["1"]});
            serde_json::json!({"source": "aws.ses", "detail-type": kind, "detail": {"mail": {"tags": tags}}})
        };
        for (kind, set, matches) in [
            ("Email Bounced", "MailFeedback", true),
            ("Email Complaint Received", "MailFeedback", true),
            ("Email Rejected", "MailFeedback", true),
            ("Email Delivered", "MailFeedback", false),
            ("Email Bounced", "other", false),
        ] {
            assert_eq!(rule.pattern.matches(&event(kind, set)), matches, "{kind} {set}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_play() {
        assert!(matches!(Template::parse("a: ["), Err(TemplateError::Yaml(_))));
        assert!(matches!(Template::parse("Resources: {}"), Err(TemplateError::Unfit(_))));
    }
}
