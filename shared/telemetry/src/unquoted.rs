//! What a parser says is wrong, without the value that it quotes.
//!
//! serde's messages repeat what they found (`invalid type: string "ana@store.example", expected …`). In a log line that
//! would be a shopper's or a recipient's data.

use std::fmt;

/// A parser's error with the value at fault left out: what was expected stays, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unquoted(String);

impl Unquoted {
    /// Takes over the words of `error`; those of its sources are dropped.
    #[must_use]
    pub fn of(error: &(impl fmt::Display + ?Sized)) -> Self {
        let text = error.to_string();
        // Values can hold any text, `, expected` too: only what stands after the last one is the parser's own.
        let (found, expected) = text.rsplit_once(", expected").unwrap_or((&text, ""));
        let Some(quote) = found.find(['"', '`']) else { return Self(text) };
        let own = found.get(..quote).unwrap_or_default();
        // The names of missing and repeated fields are ours.
        if own == "missing field " || own == "duplicate field " {
            return Self(text);
        }
        let expected =
            if expected.is_empty() { String::new() } else { format!(", expected{expected}") };
        Self(format!("{own}…{expected}"))
    }
}

impl fmt::Display for Unquoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unquoted {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is looked at")]
    struct Item {
        kind: Kind,
        count: u32,
    }

    fn told(value: Value) -> String {
        Unquoted::of(&serde_json::from_value::<Item>(value).unwrap_err()).to_string()
    }

    #[test]
    fn no_value_is_repeated() {
        for value in [
            json!({"kind": "ana@store.example", "count": 1}),
            json!({"kind": "x`, expected `ana@store.example", "count": 1}),
            json!({"kind": "one", "count": "ana@store.example"}),
            json!({"kind": "one", "count": "\"ana@store.example\", expected ana"}),
            json!({"kind": "one", "count": 551_155_550_101_i64}),
            json!({"kind": "one", "count": 1, "ana@store.example": 1}),
            json!("ana@store.example"),
        ] {
            let told = told(value);
            assert!(!told.contains("ana") && !told.contains("5511"), "{told}");
        }
    }

    #[test]
    fn what_was_expected_is_told() {
        assert_eq!(
            told(json!({"kind": "x", "count": 1})),
            "unknown variant …, expected `one` or `two`"
        );
        assert_eq!(
            told(json!({"kind": "one", "count": "x"})),
            "invalid type: string …, expected u32"
        );
        assert_eq!(told(json!({"kind": "two"})), "missing field `count`");
        assert_eq!(Unquoted::of("its key has no instant").to_string(), "its key has no instant");
    }
}
