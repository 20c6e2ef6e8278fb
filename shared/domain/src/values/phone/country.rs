//! Country calling codes: whose national numbers a text may hold.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::values::invalid::Invalid;

use super::plans;

/// The calling codes of time zones, a code a line, with the zones' names after it.
pub(super) const ZONES: &str = include_str!("zones.tsv");

/// A country's calling code: 55 is Brazil's. Some countries share one (1: the United States, Canada and
/// more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode(u16);

impl CountryCode {
    /// Brazil's: that of a store whose time zone tells none.
    pub const BRAZIL: Self = Self(plans::BRAZIL);

    /// Reads one that is in use.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WHAT: Invalid = Invalid::new("countryCode", "a country's calling code such as 55");
        match Self::split(text) {
            Some((code, "")) => Ok(code),
            _ => Err(WHAT),
        }
    }

    /// The code of the country that has this time zone; Brazil's where no country has it (`UTC`).
    #[must_use]
    pub fn of_zone(zone: Tz) -> Self {
        let of_line = |line: &str| {
            let (code, zones) = line.split_once('\t')?;
            let has_it = zones.split(' ').any(|name| name == zone.name());
            if has_it { code.parse().ok().map(Self) } else { None }
        };
        ZONES.lines().find_map(of_line).unwrap_or(Self::BRAZIL)
    }

    /// The code that an international number's digits begin with, and what follows. No code begins another one.
    pub(super) fn split(digits: &str) -> Option<(Self, &str)> {
        (1..=3).find_map(|len| {
            let (code, rest) = digits.split_at_checked(len)?;
            // A number's text, not what else a parser takes for one (`+5`).
            let is_code = !code.starts_with('0') && code.bytes().all(|byte| byte.is_ascii_digit());
            let code = code.parse().ok().filter(|_| is_code)?;
            plans::has(code).then_some((Self(code), rest))
        })
    }

    pub(super) const fn number(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for CountryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for CountryCode {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.to_string()
    }
}
