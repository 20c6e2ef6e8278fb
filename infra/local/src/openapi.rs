//! The `OpenAPI` document of the whole API, put together from the functions' parts.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::info::InfoBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema as _, ToSchema};

/// What stands at the head of the document.
const DESCRIPTION: &str = "WhatsApp campaigns of a VTEX store: what became of its reminders, which \
purchases they brought, and the mails that tell it. Admin routes need a JWT whose `account` claim \
names the store and whose `scope` claim holds `admin:read` or `admin:write`. Errors are RFC 9457 \
problem JSON with a stable `code`. Where the deployment asks for it, whatever comes past the distribution is \
answered by 403 `not-through-distribution`.";

/// The document as JSON; `infra/openapi.json` is a copy of it.
pub fn document() -> Result<String, serde_json::Error> {
    let mut document: OpenApi = campaigns::openapi();
    for part in [ingest::openapi(), metric_queries::openapi(), reports::openapi()] {
        document.merge(part);
    }
    document
        .components
        .get_or_insert_default()
        .schemas
        .insert(GatewayMessage::name().into_owned(), GatewayMessage::schema());
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(tell_of_the_gateway);
    }
    document.info = InfoBuilder::new()
        .title("WhatsApp campaigns")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    document.to_pretty_json()
}

/// What the gateway answers by itself, before or instead of a function.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what API Gateway answers")]
struct GatewayMessage {
    /// What is wrong, in a few words that may change.
    #[schema(example = "Unauthorized")]
    message: String,
}

/// Answers that the gateway gives on every route: a body beyond Lambda's 6 MB, throttling, a
/// function that failed, a function that did not answer in time.
const OF_THE_GATEWAY: [(&str, &str); 4] = [
    ("413", "The body is too large."),
    ("429", "Too many requests."),
    ("500", "A fault of ours."),
    ("503", "No answer in time."),
];
/// And where a route needs a token: none that is valid.
const WITHOUT_TOKEN: &str = "401";

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, patch, delete, head, .. } = item;
    [get, put, post, patch, delete, head].into_iter().flatten()
}

/// Adds the gateway's answers to an operation's own, as the media type that they have.
fn tell_of_the_gateway(operation: &mut Operation) {
    let content = || {
        let schema = Ref::from_schema_name(GatewayMessage::name());
        RefOr::T(ContentBuilder::new().schema(Some(schema)).build())
    };
    let responses = &mut operation.responses.responses;
    for (status, description) in OF_THE_GATEWAY {
        let response = responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
        if let RefOr::T(response) = response {
            response.content.insert("application/json".to_owned(), content());
        }
    }
    // Where there is a token to check, the gateway does.
    if operation.security.is_some()
        && let Some(RefOr::T(response)) = responses.get_mut(WITHOUT_TOKEN)
    {
        response.content.clear();
        response.content.insert("application/json".to_owned(), content());
    }
}
