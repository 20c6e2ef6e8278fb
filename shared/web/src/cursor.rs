//! Opaque cursors: where the next page goes on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem::Problem;

/// A page's end, as text that means nothing to a caller: base64url of the JSON of a `T`.
///
/// Use it as the field `cursor` of a [`crate::Query`]'s type; a bad one is 422 with the field
/// `cursor`. It is not signed: whoever reads one must still keep to the caller's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<T>(pub T);

impl<T: Serialize> Cursor<T> {
    /// The text for the caller. Fails (500) only for a `T` that has no JSON form.
    pub fn encode(&self) -> Result<String, Problem> {
        serde_json::to_vec(&self.0)
            .map(|json| URL_SAFE_NO_PAD.encode(json))
            .map_err(Problem::internal)
    }
}

impl<T: DeserializeOwned> Cursor<T> {
    /// Reads what [`encode`](Self::encode) wrote; anything else is 422 `invalid-field` at `cursor`.
    pub fn decode(text: &str) -> Result<Self, Problem> {
        read(text)
            .map(Self)
            .ok_or_else(|| Problem::invalid_field("cursor", "this is no cursor of this list"))
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

impl<T: Serialize> Serialize for Cursor<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = serde_json::to_vec(&self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Cursor<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).map(Self).ok_or_else(|| D::Error::custom("this is no cursor of this list"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Position {
        day: String,
        order: String,
    }

    fn position() -> Position {
        Position { day: "2026-11-22".to_owned(), order: "v1172~ü".to_owned() }
    }

    #[test]
    fn a_cursor_round_trips_as_url_safe_text() {
        let text = Cursor(position()).encode().unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(Cursor::decode(&text).unwrap(), Cursor(position()));
        let json = serde_json::to_string(&Cursor(position())).unwrap();
        assert_eq!(serde_json::from_str::<Cursor<Position>>(&json).unwrap(), Cursor(position()));
    }

    #[test]
    fn a_bad_cursor_names_its_field() {
        for bad in ["", "%", "bm90IGpzb24", "eyJkYXkiOjF9", "e30="] {
            let problem = Cursor::<Position>::decode(bad).unwrap_err();
            assert_eq!(
                (problem.status().as_u16(), problem.field()),
                (422, Some("cursor")),
                "{bad}"
            );
        }
    }
}
