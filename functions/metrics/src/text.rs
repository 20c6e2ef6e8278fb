//! How numbers and instants are told to people: at this edge alone (R8).

use chrono::SecondsFormat;
use serde::Serialize;
use shared::domain::values::account::AccountSettings;
use shared::domain::values::instant::Instant;
use shared::domain::values::money::{Currency, Sums};
use utoipa::ToSchema;

/// A sum of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    pub currency: Currency,
    /// Decimals with the currency's digits.
    #[schema(example = "199.90")]
    pub amount: String,
}

/// Sums by currency, zeros left out (R8).
pub(crate) fn amounts(sums: &Sums) -> Vec<Amount> {
    sums.iter()
        .map(|(currency, minor_units)| Amount {
            currency: currency.clone(),
            amount: decimal(currency, *minor_units),
        })
        .collect()
}

/// Minor units as decimals with a point.
pub(crate) fn decimal(currency: &Currency, minor_units: i64) -> String {
    currency.decimal(minor_units, '.')
}

/// An instant with the store's offset. To the millisecond: credit turns on it (R6).
pub(crate) fn local(at: Instant, settings: &AccountSettings) -> String {
    at.to_utc().with_timezone(&settings.time_zone).to_rfc3339_opts(SecondsFormat::Millis, false)
}
