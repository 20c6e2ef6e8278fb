//! The countries' numbering plans: which digits are a national number, and what may stand before it.
//!
//! They are libphonenumber's, one line a calling code; a line's patterns are compiled when its first
//! number is read. The crates that port the whole of libphonenumber prepare all countries at once; what
//! that costs a cold start is told in `infra/phone-plans/README.md`.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;

/// The calling codes of countries whose numbers are spelled in two ways.
const MEXICO: u16 = 52;
const ARGENTINA: u16 = 54;
pub(super) const BRAZIL: u16 = 55;

/// Calling code, pattern of what stands before a national number, what replaces it, pattern of the
/// national numbers.
const TABLE: &str = include_str!("plans.tsv");

static PLANS: LazyLock<BTreeMap<u16, Plan>> =
    LazyLock::new(|| TABLE.lines().filter_map(Plan::of_line).collect());

/// One country's plan.
struct Plan {
    prefix: &'static str,
    replacement: &'static str,
    numbers: &'static str,
    compiled: OnceLock<Compiled>,
}

struct Compiled {
    prefix: Option<Regex>,
    numbers: Regex,
}

impl Plan {
    fn of_line(line: &'static str) -> Option<(u16, Self)> {
        let mut fields = line.split('\t');
        let mut field = || fields.next();
        let code = field()?.parse().ok()?;
        let (prefix, replacement, numbers) = (field()?, field()?, field()?);
        Some((code, Self { prefix, replacement, numbers, compiled: OnceLock::new() }))
    }

    fn compiled(&self) -> &Compiled {
        #[expect(clippy::expect_used, reason = "constants, each of which a test compiles")]
        let regex = |pattern: String| Regex::new(&pattern).expect("a plan's pattern is sound");
        self.compiled.get_or_init(|| Compiled {
            prefix: (!self.prefix.is_empty()).then(|| regex(format!("^(?:{})", self.prefix))),
            numbers: regex(format!("^(?:{})$", self.numbers)),
        })
    }

    /// The digits without the trunk prefix or carrier's code before them; none where there is none.
    fn without_prefix(&self, digits: &str) -> Option<String> {
        let found = self.compiled().prefix.as_ref()?.captures(digits)?;
        let matched = found.get(0).filter(|matched| !matched.is_empty())?;
        let after = digits.get(matched.end()..)?;
        // The replacement holds the last group: where that took no part, the prefix is all that goes.
        let last =
            found.len().checked_sub(1).filter(|last| *last > 0).and_then(|last| found.get(last));
        if self.replacement.is_empty() || last.is_none() {
            return Some(after.to_owned());
        }
        let mut replaced = String::new();
        found.expand(self.replacement, &mut replaced);
        Some(replaced + after)
    }
}

/// Whether a calling code is in use.
pub(super) fn has(code: u16) -> bool {
    PLANS.contains_key(&code)
}

/// The national number that these digits are in a country, in its one spelling, without a trunk prefix;
/// none where they are no valid one.
pub(super) fn national(digits: &str, country: u16) -> Option<String> {
    let plan = PLANS.get(&country)?;
    let valid = |digits: &str| {
        let number = one_spelling(digits, country);
        is_valid(plan, &number, country).then_some(number)
    };
    valid(digits).or_else(|| valid(&plan.without_prefix(digits)?))
}

fn is_valid(plan: &Plan, number: &str, country: u16) -> bool {
    let numbers = &plan.compiled().numbers;
    numbers.is_match(number)
        // The plan has Argentina's mobiles with their 9.
        || (country == ARGENTINA && numbers.is_match(&format!("9{number}")))
}

/// A national number as it is spelled here, of those that are spelled in two ways (R5).
///
/// Brazil's mobiles got a ninth digit, a 9 before the others, from 2012 to 2016; `WhatsApp` still names
/// older accounts without it. Mexico's mobiles had a 1 before them in calls from abroad until 2019, and
/// Argentina's have a 9.
pub(super) fn one_spelling(digits: &str, country: u16) -> String {
    let without = |first| digits.strip_prefix(first).unwrap_or(digits).to_owned();
    match (country, digits.len(), digits.as_bytes()) {
        (BRAZIL, 10, [b'1'..=b'9', b'1'..=b'9', b'6'..=b'9', ..]) => {
            let (area, subscriber) = digits.split_at(2);
            format!("{area}9{subscriber}")
        }
        (MEXICO, 11, _) => without('1'),
        (ARGENTINA, 11, _) => without('9'),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_compiles() {
        assert!(PLANS.len() > 200);
        for plan in PLANS.values() {
            plan.compiled();
        }
    }

    #[test]
    fn no_code_begins_another() {
        let codes: Vec<String> = PLANS.keys().map(ToString::to_string).collect();
        for code in &codes {
            assert!(!codes.iter().any(|other| other != code && other.starts_with(code)), "{code}");
        }
    }
}
