//! Phone numbers: however one number is written, it is one text here (R5).

use crate::values::limits;

pub use country::CountryCode;

mod country;
mod plans;

/// A phone number in its canonical form: E.164 digits, as many as [`limits::PHONE_DIGITS`] admits (R5). Its `Debug`
/// is redacted and it has no `Display`: it must not reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// The number that a store of this country means by `text`.
    ///
    /// With `+` or `00` before it a number is international. Else it is read as a national number of the
    /// `country`, with or without its trunk prefix, and where that makes no valid one, as an international
    /// number that lacks its `+` (`WhatsApp` writes all numbers so). Of a mobile that has two spellings one is
    /// taken: Brazil's with its ninth digit, Mexico's without the 1 after 52, Argentina's without the 9 after 54.
    ///
    /// None for what is no number: masked (`*`), of one repeated digit, with too few digits or too many. Any
    /// other text is one, also where no country has such numbers: the same text means the same all the same.
    #[must_use]
    pub fn parse(text: &str, country: CountryCode) -> Option<Self> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if text.contains('*') || is_one_digit(&digits) {
            return None;
        }
        let before = text.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
        let is_international = before.contains(['+', '\u{ff0b}']) || digits.starts_with("00");
        let national =
            if is_international { None } else { plans::national(&digits, country.number()) };
        let (code, number) = match national {
            Some(number) => (Some(country), number),
            None => international(digits.trim_start_matches('0'))?,
        };
        let code = code.map(|code| code.to_string()).unwrap_or_default();
        let fits = limits::PHONE_DIGITS.contains(&(code.len() + number.len()));
        (fits && !is_one_digit(&number)).then(|| Self(code + &number))
    }

    /// Whether it is of the United States, to which Meta delivers no marketing. Canada and the islands share
    /// their calling code and differ in the next three digits.
    #[must_use]
    pub fn is_of_united_states(&self) -> bool {
        const OTHERS: [&str; 74] = [
            // Canada.
            "204", "226", "236", "249", "250", "257", "263", "289", "306", "343", "354", "365",
            "367", "368", "382", "403", "416", "418", "428", "431", "437", "438", "450", "468",
            "474", "506", "514", "519", "548", "579", "581", "584", "587", "604", "613", "639",
            "647", "672", "683", "705", "709", "742", "753", "778", "780", "782", "807", "819",
            "825", "867", "873", "879", "902", "905",
            // The Caribbean and the Atlantic.
            "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721",
            "758", "767", "784", "809", "829", "849", "868", "869",
        ];
        let area = self.0.strip_prefix('1').filter(|rest| rest.len() == 10);
        let area = area.and_then(|rest| rest.get(..3));
        area.is_some_and(|area| area != "876" && !OTHERS.contains(&area))
    }

    /// The digits, the country's calling code first.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// The calling code of an international number and what follows it in its one spelling; no code where
/// none begins so. Nothing where what follows is one repeated digit (`5500000000000`).
fn international(digits: &str) -> Option<(Option<CountryCode>, String)> {
    let Some((code, rest)) = CountryCode::split(digits) else {
        return Some((None, digits.to_owned()));
    };
    if is_one_digit(rest) {
        return None;
    }
    let number = plans::national(rest, code.number())
        .unwrap_or_else(|| plans::one_spelling(rest, code.number()));
    Some((Some(code), number))
}

/// Whether a text is a digit again and again: what is typed to get past a form.
fn is_one_digit(digits: &str) -> bool {
    let mut all = digits.chars();
    all.next().is_some_and(|first| all.all(|digit| digit == first))
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests;
