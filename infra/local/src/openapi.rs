//! The `OpenAPI` document of the whole API, put together from the functions' parts.

use utoipa::openapi::OpenApi;
use utoipa::openapi::info::InfoBuilder;

/// What stands at the head of the document.
const DESCRIPTION: &str = "WhatsApp campaigns of a VTEX store: what became of its reminders, which \
purchases they brought, and the mails that tell it. Admin routes need a JWT whose `account` claim \
names the store and whose `scope` claim holds `admin:read` or `admin:write`. Errors are RFC 9457 \
problem JSON with a stable `code`.";

/// The document as JSON; `infra/openapi.json` is a copy of it.
///
/// # Errors
/// When it can't be written as JSON.
pub fn document() -> Result<String, serde_json::Error> {
    let mut document: OpenApi = campaigns::openapi();
    for part in [ingest::openapi(), metrics::openapi(), reports::openapi()] {
        document.merge(part);
    }
    document.info = InfoBuilder::new()
        .title("WhatsApp campaigns")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    document.to_pretty_json()
}
