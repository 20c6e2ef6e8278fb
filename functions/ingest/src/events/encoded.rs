//! Events whose data are written as base64 (`data_base64`), as some libraries write all that they are given
//! as bytes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::{RawValue, to_raw_value};

/// The attribute's name in the JSON format of `CloudEvents`.
pub(super) const DATA_BASE64: &str = "data_base64";
/// The attribute that it stands for.
const DATA: &str = "data";

/// The event with its data in plain JSON, which is what is read and what is kept aside: nobody who looks
/// for a person there has to decode anything. One whose data are no JSON, or there twice, stays as it came.
pub(super) fn with_plain_data(item: Box<RawValue>) -> Box<RawValue> {
    // Few are: the others aren't taken apart.
    if item.get().contains(DATA_BASE64) { decoded(&item).unwrap_or(item) } else { item }
}

fn decoded(item: &RawValue) -> Option<Box<RawValue>> {
    let mut attributes: BTreeMap<String, Box<RawValue>> = serde_json::from_str(item.get()).ok()?;
    if attributes.get(DATA).is_some_and(|data| data.get() != "null") {
        return None;
    }
    let text: String = serde_json::from_str(attributes.remove(DATA_BASE64)?.get()).ok()?;
    let json = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    attributes.insert(DATA.to_owned(), RawValue::from_string(json).ok()?);
    to_raw_value(&attributes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::*;

    fn plain(event: &Value) -> Value {
        let item = with_plain_data(to_raw_value(event).unwrap());
        serde_json::from_str(item.get()).unwrap()
    }

    #[test]
    fn data_are_read_whichever_way_they_are_written() {
        let event = |data: &str| json!({"id": "e", "data_base64": STANDARD.encode(data)});
        let expected = json!({"id": "e", "data": {"name": "Blusa Ñandú"}});
        assert_eq!(plain(&event(r#" {"name": "Blusa Ñandú"} "#)), expected);
        let beside_null = json!({"id": "e", "data": null, "data_base64": "e30="});
        assert_eq!(plain(&beside_null), json!({"id": "e", "data": {}}));
    }

    #[test]
    fn what_is_no_json_stays_as_it_came() {
        for event in [
            json!({"data_base64": "e30"}),
            json!({"data_base64": "###"}),
            json!({"data_base64": STANDARD.encode("no json")}),
            json!({"data_base64": STANDARD.encode(b"\"\xff\"")}),
            json!({"data_base64": 7}),
            json!({"data_base64": null}),
            json!({"data": {}, "data_base64": "e30="}),
            json!({"data": "data_base64"}),
            json!(["data_base64"]),
        ] {
            assert_eq!(plain(&event), event);
        }
    }
}
