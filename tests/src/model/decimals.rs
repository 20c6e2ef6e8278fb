//! Minor units as decimals (R8).

/// `199.90` for 19990 BRL, `5000` for 5000 CLP; `point` stands between.
pub fn decimals(minor_units: i64, currency: &str, point: &str) -> String {
    let digits = match currency {
        "BRL" | "USD" => 2,
        "CLP" | "JPY" => 0,
        "KWD" => 3,
        other => panic!("the model's table lacks {other}"),
    };
    let sign = if minor_units < 0 { "-" } else { "" };
    let minor_units = minor_units.abs();
    let one = 10_i64.pow(digits);
    if digits == 0 {
        format!("{sign}{minor_units}")
    } else {
        let (whole, rest) = (minor_units / one, minor_units % one);
        format!("{sign}{whole}{point}{rest:0width$}", width = digits as usize)
    }
}
