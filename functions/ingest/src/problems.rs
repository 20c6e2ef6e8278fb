//! What operations without a token have in common in the API document.

use std::collections::BTreeMap;

use shared::web::api::{self, problems};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoParams, IntoResponses};

/// Those of every operation, where trying again means sending the whole body. Name it among the
/// `responses` of a `#[utoipa::path]`.
pub(crate) struct SenderProblems;

impl IntoResponses for SenderProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = api::PublicProblems::responses();
        let everything = "Not everything could be stored or read: send all of it again.";
        responses.extend(problems([("503", everything)]));
        responses
    }
}

/// Those of every operation on a signed JSON body, beside those of [`SenderProblems`].
pub(crate) struct SignedProblems;

impl IntoResponses for SignedProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([("400", "The body is no JSON"), ("401", "No valid secret made the signature")])
    }
}

/// The headers of a body that is signed by Standard Webhooks.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documents what `verify_standard` reads")]
pub(crate) struct SignatureHeaders {
    /// Standard Webhooks: the id of the message
    #[param(rename = "webhook-id")]
    id: String,
    /// Standard Webhooks: when it was sent, in epoch seconds; at most 5 minutes ago
    #[param(rename = "webhook-timestamp")]
    timestamp: String,
    /// Standard Webhooks: `v1,` and the base64 HMAC-SHA256 under the account's signing secret
    #[param(rename = "webhook-signature")]
    signature: String,
}
