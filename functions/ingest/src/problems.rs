//! The answers that every public operation can give beside its own, for the API document.

use std::collections::BTreeMap;

use shared::web::api::problem;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

/// Faults of ours and of the gateway. Name it among the `responses` of a `#[utoipa::path]`.
pub(crate) struct PublicProblems;

impl IntoResponses for PublicProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("429", "Too many requests. Answered by the gateway."),
            ("500", "A fault of ours. Says no more than its code and the request id."),
            ("503", "Not everything could be stored or read: send all of it again."),
        ]
        .into_iter()
        .map(|(status, description)| (status.to_owned(), RefOr::T(problem(description))))
        .collect()
    }
}
