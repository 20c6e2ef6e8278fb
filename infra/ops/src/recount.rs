//! The differences that a recount found, as an operator reads them: one line for each counter that differs.

use std::fmt::Write as _;

use shared::counting::recount::Recount;
use shared::domain::rules::contribution::Totals;

/// Day, campaign, counter, what the rollup holds, what the facts come to, and the difference.
#[must_use]
pub fn table(recount: &Recount) -> String {
    let mut lines =
        vec![["day", "campaign", "counter", "rollup", "facts", "difference"].map(str::to_owned)];
    for (cohort, difference) in &recount.differences {
        let counted = counters(&difference.counted);
        let recounted = counters(&difference.recounted);
        let missing = counters(&difference.missing());
        for (name, missing) in missing.into_iter().filter(|(_, missing)| *missing != 0) {
            let of = |counters: &[(String, i64)]| {
                let found = counters.iter().find(|(counter, _)| *counter == name);
                found.map_or(0, |(_, number)| *number).to_string()
            };
            lines.push([
                cohort.day.to_string(),
                cohort.campaigns.to_string(),
                name.clone(),
                of(&counted),
                of(&recounted),
                format!("{missing:+}"),
            ]);
        }
    }
    let widths: [usize; 6] = std::array::from_fn(|column| {
        let lengths = lines.iter().filter_map(|line| line.get(column)).map(String::len);
        lengths.max().unwrap_or_default()
    });
    let mut out = String::new();
    for line in lines {
        for (number, (cell, width)) in line.iter().zip(widths).enumerate() {
            // Names to the left, numbers to the right. Writing into a String never fails.
            let _ = if number < 3 {
                write!(out, "{cell:<width$}  ")
            } else {
                write!(out, "{cell:>width$}  ")
            };
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// All counters of totals; sums in minor units, by currency.
fn counters(totals: &Totals) -> Vec<(String, i64)> {
    let mut counters: Vec<(String, i64)> = [
        ("sent", totals.sent),
        ("delivered", totals.delivered),
        ("read", totals.read),
        ("failed", totals.failed),
        ("totalClicks", totals.total_clicks),
        ("optOuts", totals.opt_outs),
        ("assisted", totals.assisted),
        ("clickThrough", totals.click_through),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .to_vec();
    let sums = [("value", &totals.value), ("clickThroughValue", &totals.click_through_value)];
    for (name, sums) in sums {
        counters.extend(sums.iter().map(|(currency, sum)| (format!("{name} {currency}"), *sum)));
    }
    let shoppers = totals.shoppers.iter();
    counters.extend(shoppers.map(|(gap, shoppers)| match gap {
        0 => ("shoppers, first time".to_owned(), shoppers),
        gap => (format!("shoppers, {gap} days later"), shoppers),
    }));
    counters
}
