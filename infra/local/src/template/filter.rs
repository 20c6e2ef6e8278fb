//! The part of `EventBridge`'s patterns that the template uses, for rules and for Lambda's event
//! filtering.

use serde_json::Value;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Filter(Node);

#[derive(Debug, Clone)]
enum Node {
    /// All of these members match.
    Members(Vec<(String, Node)>),
    /// One of these matches the value.
    AnyOf(Vec<Test>),
}

#[derive(Debug, Clone)]
enum Test {
    Equals(Value),
    Prefix(String),
    Exists(bool),
}

/// Why a pattern can't be played. Refused at the start: a filter that is silently read as another one would
/// hide what the deployed one does.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It is no JSON.
    #[error("the pattern is not JSON")]
    Json(#[source] serde_json::Error),
    /// It holds something that the local stack doesn't know.
    #[error("the pattern's {0} is not understood")]
    Unknown(String),
}

impl Filter {
    /// Compiles a pattern's text.
    pub fn parse(pattern: &str) -> Result<Self, FilterError> {
        let value: Value = serde_json::from_str(pattern).map_err(FilterError::Json)?;
        node(&value).map(Self)
    }

    /// Whether an event or a stream record passes.
    #[must_use]
    pub fn matches(&self, record: &Value) -> bool {
        self.0.matches(Some(record))
    }
}

fn node(pattern: &Value) -> Result<Node, FilterError> {
    match pattern {
        Value::Object(members) => members
            .iter()
            .map(|(name, pattern)| Ok((name.clone(), node(pattern)?)))
            .collect::<Result<_, _>>()
            .map(Node::Members),
        Value::Array(tests) => tests.iter().map(test).collect::<Result<_, _>>().map(Node::AnyOf),
        other => Err(FilterError::Unknown(other.to_string())),
    }
}

fn test(pattern: &Value) -> Result<Test, FilterError> {
    let Value::Object(operator) = pattern else {
        return Ok(Test::Equals(pattern.clone()));
    };
    let mut operators = operator.iter();
    match (operators.next(), operators.next()) {
        (Some((name, Value::String(prefix))), None) if name == "prefix" => {
            Ok(Test::Prefix(prefix.clone()))
        }
        (Some((name, Value::Bool(exists))), None) if name == "exists" => Ok(Test::Exists(*exists)),
        _ => Err(FilterError::Unknown(pattern.to_string())),
    }
}

impl Node {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Members(members) => members
                .iter()
                .all(|(name, node)| node.matches(value.and_then(|value| value.get(name)))),
            // Of a list of values one must match.
            Self::AnyOf(tests) => match value {
                Some(Value::Array(values)) => {
                    values.iter().any(|value| tests.iter().any(|test| test.matches(Some(value))))
                }
                _ => tests.iter().any(|test| test.matches(value)),
            },
        }
    }
}

impl Test {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Equals(expected) => value == Some(expected),
            Self::Prefix(prefix) => {
                value.and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix))
            }
            Self::Exists(expected) => value.is_some() == *expected,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn matches_by_equality_prefix_and_existence() {
        let filter = Filter::parse(
            r#"{"dynamodb":{"Keys":{"sk":{"S":["FACT",{"prefix":"CLICK#"}]}},"NewImage":{"x":[{"exists":false}]}}}"#,
        )
        .unwrap();
        let record = |sk: &str| json!({"dynamodb":{"Keys":{"sk":{"S":sk}},"NewImage":{}}});
        assert!(filter.matches(&record("FACT")));
        assert!(filter.matches(&record("CLICK#1")));
        assert!(!filter.matches(&record("FACTS")));
        assert!(!filter.matches(&record("CHECKPOINT")));
        assert!(
            !filter.matches(&json!({"dynamodb":{"Keys":{"sk":{"S":"FACT"}},"NewImage":{"x":1}}}))
        );
        assert!(!filter.matches(&json!({})));
    }

    #[test]
    fn refuses_operators_that_it_does_not_play() {
        assert!(matches!(
            Filter::parse(r#"{"a":[{"numeric":[">",1]}]}"#),
            Err(FilterError::Unknown(_))
        ));
        assert!(matches!(Filter::parse(r#"{"a":"b"}"#), Err(FilterError::Unknown(_))));
        assert!(matches!(Filter::parse("{"), Err(FilterError::Json(_))));
    }
}
