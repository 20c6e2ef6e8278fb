//! Money: integers in minor units; decimals appear only at the edge (R8).

use crate::values::tally::Tally;
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

    /// The minor units of an amount in decimals with a point, of no more digits than the currency has:
    /// `199.9` BRL is 19990. None for what is no such amount, or no positive one.
    #[must_use]
    pub fn minor_units(&self, text: &str) -> Option<i64> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let is_shaped =
            !whole.is_empty() && !text.ends_with('.') && fraction.len() <= self.digits();
        if !is_shaped || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        format!("{whole}{fraction:0<width$}", width = self.digits()).parse().ok()
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
pub type Sums = Tally<Currency>;

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
