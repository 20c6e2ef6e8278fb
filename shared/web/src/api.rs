//! What all Admin operations share in the `OpenAPI` document.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, PartialSchema as _, ToSchema};

use crate::problem::{PROBLEM_JSON, ProblemBody};

/// The name of the security scheme: a JWT in the `Authorization` header.
pub const BEARER: &str = "bearer";

/// The answers that every Admin operation can give beside its own. Name it among the `responses` of
/// a `#[utoipa::path]`.
#[derive(Debug, Clone, Copy)]
pub struct AdminProblems;

impl IntoResponses for AdminProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = PublicProblems::responses();
        responses.extend(problems([
            ("401", "No token, or none that is valid. Answered by the gateway."),
            ("403", "The token lacks the scope of this route."),
        ]));
        responses
    }
}

/// The answers that every operation can give beside its own, also one without a token: faults of
/// ours and of the gateway. Name it among the `responses` of a `#[utoipa::path]`.
#[derive(Debug, Clone, Copy)]
pub struct PublicProblems;

impl IntoResponses for PublicProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            ("429", "Too many requests. Answered by the gateway."),
            ("500", "A fault of ours. Says no more than its code and the request id."),
            ("503", "Storage, or the gateway, did not answer in time. Trying again may help."),
        ])
    }
}

/// The answers that every Admin operation with a JSON body can give beside its own and those of
/// [`AdminProblems`].
#[derive(Debug, Clone, Copy)]
pub struct JsonBodyProblems;

impl IntoResponses for JsonBodyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            ("400", "`malformed-json`."),
            ("413", "`payload-too-large`."),
            ("415", "`unsupported-media-type`."),
        ])
    }
}

/// The answer of every operation that needs the account to be set up.
#[derive(Debug, Clone, Copy)]
pub struct AccountProblems;

impl IntoResponses for AccountProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([("404", "`account-not-found`: the account is not set up yet.")])
    }
}

/// The answer of every operation that reads fields or parameters and has no more to say of them.
#[derive(Debug, Clone, Copy)]
pub struct FieldProblems;

impl IntoResponses for FieldProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([("422", "`invalid-field` names the field.")])
    }
}

/// The answers that every query of a range can give beside its own.
#[derive(Debug, Clone, Copy)]
pub struct RangeProblems;

impl IntoResponses for RangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            ("404", "`account-not-found`, or `campaign-not-found` at `campaignId`."),
            (
                "422",
                "`invalid-field` names a parameter that is missing, unknown or not of its form; \
                 `range-reversed`, `range-too-long` and `range-too-old` are about the range.",
            ),
        ])
    }
}

/// Answers that are problem JSON, by status and description.
#[must_use]
pub fn problems<const N: usize>(described: [(&str, &str); N]) -> BTreeMap<String, RefOr<Response>> {
    let response =
        |(status, description): (&str, &str)| (status.to_owned(), RefOr::T(problem(description)));
    described.into_iter().map(response).collect()
}

/// An answer that is problem JSON.
#[must_use]
pub fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(ProblemBody::name());
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

/// Adds what the operations refer to: the schema of a problem and the security scheme. Use it as a
/// modifier of a function's document.
#[derive(Debug, Clone, Copy)]
pub struct AdminParts;

impl Modify for AdminParts {
    fn modify(&self, document: &mut OpenApi) {
        let components =
            document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
        components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    }
}
