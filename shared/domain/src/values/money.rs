//! Money: integers in minor units; decimals appear only at the edge (R8).

use std::collections::BTreeMap;

use crate::values::text::text_type;

text_type!(
    /// An ISO 4217 currency that has minor units defined (possibly none, as CLP).
    Currency, "currency", "an ISO 4217 code such as BRL",
    |t| t.bytes().all(|b| b.is_ascii_uppercase())
        && iso_currency::Currency::from_code(t).is_some_and(|c| c.exponent().is_some())
);

impl Currency {
    /// Decimal digits of the currency: BRL 2, CLP 0.
    #[must_use]
    pub fn digits(&self) -> usize {
        iso_currency::Currency::from_code(self.as_str())
            .and_then(iso_currency::Currency::exponent)
            .map_or(2, usize::from)
    }

    /// An amount of minor units as decimals with `separator`: 19990 BRL is `199.90`, 5000 CLP `5000`.
    #[must_use]
    pub fn decimal(&self, minor_units: i64, separator: char) -> String {
        let digits = self.digits();
        let sign = if minor_units < 0 { "-" } else { "" };
        let text = format!("{:0>width$}", minor_units.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = text.split_at(text.len() - digits);
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}{separator}{fraction}")
        }
    }
}

/// Sums by currency, which are never added across (R8).
pub type Sums = BTreeMap<Currency, i64>;

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Its currency.
    pub currency: Currency,
    /// Minor units.
    pub minor_units: i64,
}

#[cfg(test)]
mod tests;
