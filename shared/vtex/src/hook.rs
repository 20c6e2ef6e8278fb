//! The configuration of VTEX's order hook.

use serde::Deserialize;
use serde_json::{Value, json};

/// The header in which VTEX sends the account's secret.
pub const SECRET_HEADER: &str = "x-hook-secret";
/// Where the configuration is read and written.
pub(super) const PATH: &[&str] = &["api", "orders", "hook", "config"];

/// The states of which the hook notifies: all that VTEX's reference lets it filter by. An order
/// counts from its creation (R7), a cancellation takes it back, and between the two an edit may
/// have changed its value, which is read again at the next state.
///
/// A filter by states and not by expression (`FromOrders`): that one fires at each change of the
/// order's document, hundreds of times.
pub const STATES: &[&str] = &[
    "order-created",
    "on-order-completed",
    "payment-pending",
    "waiting-for-order-authorization",
    "approve-payment",
    "payment-approved",
    "request-cancel",
    "waiting-for-seller-decision",
    "authorize-fulfillment",
    "order-create-error",
    "order-creation-error",
    "window-to-cancel",
    "ready-for-handling",
    "start-handling",
    "handling",
    "invoice-after-cancellation-deny",
    "order-accepted",
    "invoice",
    "invoiced",
    "replaced",
    "cancellation-requested",
    "cancel",
    "canceled",
];

/// The address at which the hook of `account` is received, under the API's public address.
#[must_use]
pub fn receiver(public_url: &str, account: &domain::values::account::Account) -> String {
    format!("{public_url}/webhooks/vtex/{account}")
}

/// The configuration that sends every state to `url`.
pub(super) fn configuration(url: &str, secret: &str) -> Value {
    json!({
        "filter": {"type": "FromWorkflow", "status": STATES},
        "hook": {"url": url, "headers": {SECRET_HEADER: secret}},
    })
}

#[derive(Deserialize)]
struct Configured {
    #[serde(default)]
    hook: Option<Hook>,
}

#[derive(Deserialize)]
struct Hook {
    /// Required: a hook whose address can't be read must not pass for none.
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

/// The address that a configuration names. An empty answer, `null` and one without a hook name
/// none.
pub(super) fn url_of(bytes: &[u8]) -> Result<Option<String>, serde_json::Error> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let configured: Option<Configured> = serde_json::from_slice(bytes)?;
    let url = configured.and_then(|configured| configured.hook).and_then(|hook| hook.url);
    Ok(url.filter(|url| !url.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_configuration_names_our_address_and_the_secret() {
        let written = configuration("https://api.example/webhooks/vtex/acme", "s3cret");
        assert_eq!(written["hook"]["headers"]["x-hook-secret"], "s3cret");
        assert_eq!(written["filter"]["type"], "FromWorkflow");
        for state in ["order-created", "payment-approved", "canceled"] {
            assert!(STATES.contains(&state), "{state}");
        }
        let read = url_of(written.to_string().as_bytes()).unwrap();
        assert_eq!(read.as_deref(), Some("https://api.example/webhooks/vtex/acme"));
    }

    #[test]
    fn no_hook_is_told_from_a_hook_that_cannot_be_read() {
        for none in ["", " \n", "null", "{}", r#"{"hook":null}"#, r#"{"hook":{"url":null}}"#] {
            assert_eq!(url_of(none.as_bytes()).unwrap(), None, "{none:?}");
        }
        for strange in
            ["<html>", "7", r#"{"hook":"https://x"}"#, r#"{"hook":{}}"#, r#"{"hook":{"url":7}}"#]
        {
            assert!(url_of(strange.as_bytes()).is_err(), "{strange:?}");
        }
    }
}
