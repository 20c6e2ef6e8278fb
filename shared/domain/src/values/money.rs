//! Money: integers in minor units; decimals appear only at the edge (R8).

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use serde::{Deserialize, Serialize};

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
    #[expect(clippy::expect_used, reason = "`parse` takes no currency without minor units")]
    pub fn digits(&self) -> usize {
        let currency = iso_currency::Currency::from_code(self.as_str());
        let exponent = currency.and_then(iso_currency::Currency::exponent);
        usize::from(exponent.expect("a currency has minor units"))
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

/// Sums in minor units by currency, which are never added across (R8). A sum of zero is none.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Currency, i64>")]
pub struct Sums(BTreeMap<Currency, i64>);

impl Sums {
    /// Adds to the sum of one currency.
    pub fn add(&mut self, currency: &Currency, minor_units: i64) {
        let held = self.0.remove(currency).unwrap_or_default();
        // Saturation is out of reach: 184,000 orders of `limits::PARTS_PER_ORDER` parts, each
        // worth `limits::AMOUNT_MAX`.
        let sum = held.saturating_add(minor_units);
        if sum != 0 {
            self.0.insert(currency.clone(), sum);
        }
    }

    /// Adds all of `other` once (`sign` 1) or takes it away (`sign` -1).
    pub fn add_all(&mut self, other: &Self, sign: i64) {
        for (currency, minor_units) in other {
            self.add(currency, sign * minor_units);
        }
    }

    /// Whether nothing is left of any currency.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums, by currency.
    pub fn iter(&self) -> btree_map::Iter<'_, Currency, i64> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Sums {
    type Item = (&'a Currency, &'a i64);
    type IntoIter = btree_map::Iter<'a, Currency, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl IntoIterator for Sums {
    type Item = (Currency, i64);
    type IntoIter = btree_map::IntoIter<Currency, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Currency, i64)> for Sums {
    fn from_iter<T: IntoIterator<Item = (Currency, i64)>>(amounts: T) -> Self {
        let mut sums = Self::default();
        for (currency, minor_units) in amounts {
            sums.add(&currency, minor_units);
        }
        sums
    }
}

impl From<BTreeMap<Currency, i64>> for Sums {
    fn from(amounts: BTreeMap<Currency, i64>) -> Self {
        amounts.into_iter().collect()
    }
}

impl From<Money> for Sums {
    fn from(money: Money) -> Self {
        Self::from_iter([(money.currency, money.minor_units)])
    }
}

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
