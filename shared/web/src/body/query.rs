//! A query string as a struct.

use serde::de::DeserializeOwned;
use serde_html_form::Deserializer;

use crate::body::path;
use crate::problem::Problem;

/// Reads `query` as a `T`; 422 `invalid-field` names the parameter at fault.
pub(super) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let parameters = Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let (field, detail) = path::at_fault(&error.path().to_string(), &error.inner().to_string());
        // The parser reads a repeated parameter as a list, and says of it no more than that it can't
        // be used. An unknown parameter is at fault by its name, however often it is given.
        if is_repeated(query, &field) && !detail.starts_with("unknown field") {
            return Problem::invalid_field(field, "given more than once");
        }
        Problem::invalid_field(field, detail)
    })
}

fn is_repeated(query: &str, name: &str) -> bool {
    let pairs = serde_html_form::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    pairs.iter().filter(|(given, _)| given == name).count() > 1
}
