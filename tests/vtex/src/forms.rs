//! Order forms: carts as VTEX's checkout tells them.

use serde_json::{Value, json};

/// What of an order form says whose it is.
const OF_THE_SHOPPER: [&str; 3] = ["clientProfileData", "clientPreferencesData", "shippingData"];

/// An order form as it is told to whoever asks with `query`: without the flag VTEX leaves out whose it is.
pub(crate) fn told(mut document: Value, query: &str) -> Value {
    let is_whole = query.split('&').any(|part| part == "disableAutoCompletion=true");
    if let Some(fields) = document.as_object_mut().filter(|_| !is_whole) {
        for name in OF_THE_SHOPPER {
            fields.insert(name.to_owned(), json!(null));
        }
    }
    document
}
