//! The pair that opens a store's VTEX API.

use domain::values::invalid::Invalid;
use runtime::config::Secret;

/// Characters of an app key; VTEX's have about 30.
const APP_KEY_CHARS: usize = 200;
/// Characters of an app token; VTEX's have about 130.
const APP_TOKEN_CHARS: usize = 1_000;

/// A store's app key and app token, fit to stand in headers. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct VtexKeys {
    app_key: String,
    app_token: Secret,
}

impl VtexKeys {
    /// Reads a pair.
    pub fn parse(app_key: &str, app_token: &str) -> Result<Self, Invalid> {
        if !is_header(app_key, APP_KEY_CHARS) {
            return Err(Invalid::new("appKey", "1-200 visible ASCII characters"));
        }
        if !is_header(app_token, APP_TOKEN_CHARS) {
            return Err(Invalid::new("appToken", "1-1,000 visible ASCII characters"));
        }
        Ok(Self { app_key: app_key.to_owned(), app_token: Secret::new(app_token) })
    }

    /// The app key, for the header.
    #[must_use]
    pub fn app_key(&self) -> &str {
        &self.app_key
    }

    /// The app token, for the header.
    #[must_use]
    pub fn app_token(&self) -> &str {
        self.app_token.expose()
    }
}

impl std::fmt::Debug for VtexKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VtexKeys(…)")
    }
}

fn is_header(text: &str, chars: usize) -> bool {
    (1..=chars).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn keys_can_be_sent_and_are_not_shown() {
        let keys = VtexKeys::parse("vtexappkey-acme-ABCDEF", "hunter2").unwrap();
        assert_eq!((keys.app_key(), keys.app_token()), ("vtexappkey-acme-ABCDEF", "hunter2"));
        assert_eq!(format!("{keys:?}"), "VtexKeys(…)");
    }

    #[test]
    fn what_no_header_can_hold_is_refused() {
        for bad in ["", " ", "a b", "a\r\nx: y", "chavé", "a\0"] {
            assert_eq!(VtexKeys::parse(bad, "t").unwrap_err().what, "appKey", "{bad:?}");
            assert_eq!(VtexKeys::parse("k", bad).unwrap_err().what, "appToken", "{bad:?}");
        }
        assert!(VtexKeys::parse(&"k".repeat(APP_KEY_CHARS), &"t".repeat(APP_TOKEN_CHARS)).is_ok());
        let long_key = VtexKeys::parse(&"k".repeat(APP_KEY_CHARS + 1), "t").unwrap_err();
        let long_token = VtexKeys::parse("k", &"t".repeat(APP_TOKEN_CHARS + 1)).unwrap_err();
        // The errors tell the numbers that are checked.
        assert_eq!((long_key.rule, APP_KEY_CHARS), ("1-200 visible ASCII characters", 200));
        assert_eq!((long_token.rule, APP_TOKEN_CHARS), ("1-1,000 visible ASCII characters", 1_000));
    }
}
