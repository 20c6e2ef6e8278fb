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
        Problem::invalid_field(field, detail)
    })
}
