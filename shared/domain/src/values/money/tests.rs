#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

#[test]
fn r8_clp_has_no_decimals() {
    assert_eq!(currency("CLP").decimal(5_000, '.'), "5000");
    assert_eq!(currency("JPY").decimal(0, ','), "0");
}

#[test]
fn r8_decimals_follow_iso_4217() {
    for (code, minor_units, expected) in [
        ("BRL", 19_990, "199.90"),
        ("BRL", 0, "0.00"),
        ("BRL", 5, "0.05"),
        ("BRL", 99, "0.99"),
        ("BRL", 100, "1.00"),
        ("BRL", -5, "-0.05"),
        ("BRL", -12_345, "-123.45"),
        ("KWD", 1, "0.001"),
        ("KWD", 1_234, "1.234"),
        ("CLP", -7, "-7"),
        ("BRL", i64::MAX, "92233720368547758.07"),
        ("BRL", i64::MIN, "-92233720368547758.08"),
    ] {
        assert_eq!(currency(code).decimal(minor_units, '.'), expected);
    }
    assert_eq!(currency("BRL").decimal(123_456_789, ','), "1234567,89");
}

#[test]
fn r8_only_currencies_with_minor_units_are_admitted() {
    for code in ["", "BR", "BRLX", "brl", "R$", "ZZZ", "XXX", "XAU", "BRL ", "\u{ff22}RL"] {
        assert!(Currency::parse(code).is_err(), "{code}");
    }
}

#[test]
fn r8_sums_never_hold_a_zero() {
    let (brl, clp) = (currency("BRL"), currency("CLP"));
    let mut sums = Sums::default();
    sums.add(&brl, 5);
    sums.add(&clp, 0);
    sums.add(&brl, 2);
    assert_eq!(sums.iter().collect::<Vec<_>>(), [(&brl, &7)]);
    sums.add(&brl, -7);
    assert!(sums.is_empty());
    assert_eq!(sums, Sums::default());
    // However they come to be.
    let taken_away: Sums =
        [(brl.clone(), 5), (clp.clone(), 1), (brl.clone(), -5)].into_iter().collect();
    let read: Sums = serde_json::from_str(r#"{"BRL": 0, "CLP": 1}"#).unwrap();
    assert_eq!((taken_away.iter().len(), &taken_away), (1, &read));
    let mut difference = read.clone();
    difference.add_all(&taken_away, -1);
    assert!(difference.is_empty());
    assert!(Sums::from(Money { currency: brl, minor_units: 0 }).is_empty());
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"CLP":1}"#);
}

#[test]
fn r8_an_amount_in_decimals_is_read_as_it_is_written() {
    for (code, text, expected) in [
        ("BRL", "199.90", Some(19_990)),
        ("BRL", "199.9", Some(19_990)),
        ("BRL", "199", Some(19_900)),
        ("BRL", "0", Some(0)),
        ("CLP", "5000", Some(5_000)),
        ("KWD", "1.234", Some(1_234)),
        ("CLP", "5000.5", None),
        ("BRL", "1.999", None),
        ("BRL", "1,99", None),
        ("BRL", "-1", None),
        ("BRL", "1.", None),
        ("BRL", ".5", None),
        ("BRL", "", None),
        ("BRL", "1e3", None),
        ("BRL", "99999999999999999999", None),
    ] {
        assert_eq!(currency(code).minor_units(text), expected, "{code} {text}");
    }
    for minor_units in [0, 5, 99, 100, 19_990] {
        let brl = currency("BRL");
        assert_eq!(brl.minor_units(&brl.decimal(minor_units, '.')), Some(minor_units));
    }
}
