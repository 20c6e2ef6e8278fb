//! The answers that every operation without a token can give beside its own, for the API document.

use std::collections::BTreeMap;

use shared::web::api::{self, problems};
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

/// Those of every operation, where trying again means sending the whole body. Name it among the
/// `responses` of a `#[utoipa::path]`.
pub(crate) struct PublicProblems;

impl IntoResponses for PublicProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = api::PublicProblems::responses();
        let everything = "Not everything could be stored or read: send all of it again.";
        responses.extend(problems([("503", everything)]));
        responses
    }
}
