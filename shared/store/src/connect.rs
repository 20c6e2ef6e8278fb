//! The table as a Lambda's settings name it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Builder, StalledStreamProtectionConfig};
use aws_types::SdkConfig;

use crate::Table;
use domain::rules::retention::Retention;
use domain::values::limits;
use runtime::config::{ConfigError, Settings};

/// The table's name.
const TABLE_NAME: &str = "TABLE_NAME";
/// Days that facts are kept; `unlimited` for ever; absent: the default.
const RETENTION_DAYS: &str = "RETENTION_DAYS";
/// What is admitted there.
const EXPECTED: &str = "`unlimited` or a number of days above 366 + 20";

impl Table {
    /// The table that `settings` name, reached through `config`.
    pub fn from_settings(settings: &Settings<'_>, config: &SdkConfig) -> Result<Self, ConfigError> {
        let name = settings.required(TABLE_NAME)?;
        // It watches how fast bodies move, which costs each small one two wrappers. The timeout of an
        // attempt ends what stalls.
        let unwatched = StalledStreamProtectionConfig::disabled();
        let config = Builder::from(config).stalled_stream_protection(unwatched).build();
        Ok(Self::new(Client::from_conf(config), name, retention(settings)?))
    }
}

fn retention(settings: &Settings<'_>) -> Result<Retention, ConfigError> {
    if settings.optional(RETENTION_DAYS).as_deref() == Some("unlimited") {
        return Ok(Retention::Unlimited);
    }
    let days = settings.parsed::<i64>(RETENTION_DAYS, EXPECTED)?.unwrap_or(limits::RETENTION_DAYS);
    // Whoever may ask for a day must find its facts, up to the margin in which none are taken.
    if days > i64::from(limits::RANGE_DAYS) + limits::RETENTION_MARGIN_DAYS {
        Ok(Retention::Days(days))
    } else {
        Err(ConfigError::Invalid { name: RETENTION_DAYS, expected: EXPECTED })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_as_long_as_settings_say() {
        let of = |text: &str| retention(&Settings::of(&[(RETENTION_DAYS, text)]));
        assert_eq!(of(""), Ok(Retention::Days(400)));
        assert_eq!(of("unlimited"), Ok(Retention::Unlimited));
        assert_eq!(of("387"), Ok(Retention::Days(387)));
        for refused in ["386", "0", "-1", "400d"] {
            assert!(of(refused).is_err(), "{refused}");
        }
        let least = format!("{} + {}", limits::RANGE_DAYS, limits::RETENTION_MARGIN_DAYS);
        assert!(EXPECTED.ends_with(&least));
    }
}
