//! Settings from the environment, read once at the start.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;

pub mod aws;

/// A setting that is missing or unusable. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The variable isn't set, or empty.
    #[error("the environment variable {name} is not set")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// The variable holds what it may not hold.
    #[error("the environment variable {name} must be {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What would do.
        expected: &'static str,
    },
}

/// A text that no log and no error may show. Compares in constant time.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for a signature or a comparison; never for a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `given` is this secret, in a time that doesn't tell how much of it is right.
    #[must_use]
    pub fn matches(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

impl Eq for Secret {}

/// Where settings come from: the process's environment, or a list in a test.
pub struct Settings<'a>(Lookup<'a>);

type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + Send + Sync + 'a>;

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(…)")
    }
}

impl<'a> Settings<'a> {
    /// The process's environment.
    #[must_use]
    pub fn environment() -> Settings<'static> {
        Settings(Box::new(|name| std::env::var(name).ok()))
    }

    /// Settings from a list of names and values.
    #[must_use]
    pub fn of(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(Box::new(move |name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }))
    }

    /// The same with `values` before them.
    #[must_use]
    pub fn beneath(self, values: HashMap<String, String>) -> Settings<'a> {
        Settings(Box::new(move |name| values.get(name).cloned().or_else(|| (self.0)(name))))
    }

    /// A text that may be absent; an empty one counts as absent.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<String> {
        (self.0)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing { name })
    }

    /// A secret that must be there.
    pub fn secret(&self, name: &'static str) -> Result<Secret, ConfigError> {
        self.required(name).map(Secret)
    }

    /// A comma-separated list of at least one secret: several during a rotation.
    pub fn secrets(&self, name: &'static str) -> Result<Vec<Secret>, ConfigError> {
        Ok(self.list(name)?.into_iter().map(Secret).collect())
    }

    /// A comma-separated list of at least one entry; blanks around entries and empty ones are
    /// dropped.
    pub fn list(&self, name: &'static str) -> Result<Vec<String>, ConfigError> {
        let text = self.required(name)?;
        let entries: Vec<String> =
            text.split(',').map(str::trim).filter(|e| !e.is_empty()).map(str::to_owned).collect();
        if entries.is_empty() { Err(ConfigError::Missing { name }) } else { Ok(entries) }
    }

    /// A value of another type that may be absent. `expected` ends the sentence "must be …".
    pub fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        self.optional(name)
            .map(|text| text.parse().map_err(|_| ConfigError::Invalid { name, expected }))
            .transpose()
    }

    /// The base of links that we hand out: `http` or `https`, without the slash at its end.
    pub fn base_url(&self, name: &'static str) -> Result<String, ConfigError> {
        let text = self.required(name)?;
        let usable = url::Url::parse(&text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if usable {
            Ok(text.trim_end_matches('/').to_owned())
        } else {
            Err(ConfigError::Invalid { name, expected: "an http or https address" })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_error_names_the_variable_and_not_its_value() {
        let settings = Settings::of(&[("DAYS", "hunter2"), ("EMPTY", " ")]);
        let error = settings.parsed::<u32>("DAYS", "a number of days").unwrap_err();
        assert_eq!(error.to_string(), "the environment variable DAYS must be a number of days");
        assert_eq!(settings.required("EMPTY"), Err(ConfigError::Missing { name: "EMPTY" }));
        assert_eq!(settings.required("ABSENT"), Err(ConfigError::Missing { name: "ABSENT" }));
        assert_eq!(settings.parsed::<u32>("ABSENT", "a number"), Ok(None));
    }

    #[test]
    fn lists_are_cut_at_commas() {
        let settings = Settings::of(&[("SECRETS", " new , old,"), ("COMMAS", ",, ,")]);
        assert_eq!(settings.list("SECRETS").unwrap(), ["new", "old"]);
        assert_eq!(settings.secrets("SECRETS").unwrap(), [Secret::new("new"), Secret::new("old")]);
        assert_eq!(settings.list("COMMAS"), Err(ConfigError::Missing { name: "COMMAS" }));
    }

    #[test]
    fn a_secret_shows_nothing_and_compares_whole() {
        let secret = Secret::new("local-app-secret");
        assert!(!format!("{secret:?}").contains("local"));
        assert!(secret.matches(b"local-app-secret"));
        for wrong in ["", "local-app-secre", "local-app-secret2", "Local-app-secret"] {
            assert!(!secret.matches(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn a_base_url_loses_its_slash() {
        let settings = Settings::of(&[
            ("GOOD", "https://api.example/stage/"),
            ("LOCAL", "http://127.0.0.1:9000"),
            ("BAD", "ftp://x"),
            ("QUERY", "https://x/?a=b"),
        ]);
        assert_eq!(settings.base_url("GOOD").unwrap(), "https://api.example/stage");
        assert_eq!(settings.base_url("LOCAL").unwrap(), "http://127.0.0.1:9000");
        assert!(settings.base_url("BAD").is_err());
        assert!(settings.base_url("QUERY").is_err());
    }
}
