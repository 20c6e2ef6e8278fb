#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn in_country(code: &str, text: &str) -> Option<String> {
    Phone::parse(text, country(code)).map(|phone| phone.digits().to_owned())
}

/// Every text is the number, for a store of the country.
#[track_caller]
fn all_are(number: &str, code: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(in_country(code, text).as_deref(), Some(number), "{text}");
    }
}

#[test]
fn r5_a_brazilian_number_is_one() {
    let spellings = [
        "+5511987654321",
        "5511987654321",
        "+55 11 98765-4321",
        "+55 (11) 9.8765.4321",
        "\u{ff0b}55 11 98765-4321",
        "005511987654321",
        "whatsapp:+5511987654321",
        "tel:+55-11-98765-4321",
        "(11) 98765-4321",
        "11987654321",
        // What WhatsApp calls an older number, and what an old form holds.
        "551187654321",
        "+55 11 8765-4321",
        "(11) 8765-4321",
        "1187654321",
        // Trunk prefix, alone and with a carrier's code.
        "(011) 98765-4321",
        "0 11 8765 4321",
        "0 15 11 98765-4321",
        "+55 (0) 11 98765-4321",
    ];
    all_are("5511987654321", "55", &spellings);
    // Of landlines none has a ninth digit. The area of code 55 is read as such.
    all_are("551133334444", "55", &["+551133334444", "551133334444", "(11) 3333-4444"]);
    all_are("5555999876543", "55", &["(55) 99987-6543", "(55) 9987-6543", "+55 55 9987-6543"]);
    all_are("5540028922", "55", &["4002-8922", "+55 4002-8922"]);
    all_are("558001234567", "55", &["0800 123 4567", "+558001234567"]);
}

#[test]
fn r5_mexico_and_argentina_have_one_spelling() {
    let mexican = ["+52 1 55 1234 5678", "5215512345678", "+52 55 1234 5678", "525512345678"];
    all_are("525512345678", "55", &mexican);
    all_are("525512345678", "52", &mexican);
    all_are("525512345678", "52", &["55 1234 5678", "1 55 1234 5678"]);
    let argentine = [
        "+54 9 11 2345-6789",
        "5491123456789",
        "+54 11 2345-6789",
        "541123456789",
        "+54 11 15 2345-6789",
    ];
    all_are("541123456789", "55", &argentine);
    all_are("541123456789", "54", &argentine);
    all_are(
        "541123456789",
        "54",
        &["11 2345-6789", "011 15 2345-6789", "(11) 15-2345-6789", "9 11 2345 6789"],
    );
}

#[test]
fn r5_a_number_without_its_country_is_the_stores() {
    // The same digits, in two countries.
    assert_eq!(in_country("55", "(21) 98765-4321").as_deref(), Some("5521987654321"));
    assert_eq!(in_country("1", "(202) 555-0107").as_deref(), Some("12025550107"));
    assert_eq!(in_country("1", "1 202 555 0107").as_deref(), Some("12025550107"));
    assert_eq!(in_country("55", "12025550107").as_deref(), Some("12025550107"));
    assert_eq!(in_country("351", "912 345 678").as_deref(), Some("351912345678"));
    assert_eq!(in_country("351", "5561999990001").as_deref(), Some("5561999990001"));
    assert_eq!(in_country("44", "020 7946 0958").as_deref(), Some("442079460958"));
    assert_eq!(in_country("55", "+44 (0)20 7946 0958").as_deref(), Some("442079460958"));
    assert_eq!(in_country("39", "06 6982 0001").as_deref(), Some("390669820001"));
    assert_eq!(in_country("7", "8 (912) 345-67-89").as_deref(), Some("79123456789"));
    // A national number is taken for one first: with its sign it is Peru's.
    assert_eq!(in_country("55", "51 98765 4321").as_deref(), Some("5551987654321"));
    assert_eq!(in_country("55", "+51 98765 4321").as_deref(), Some("51987654321"));
}

#[test]
fn what_is_no_number_is_nobodys() {
    for text in [
        "",
        "+",
        "400-2892",
        "+1 234 567",
        "null",
        "undefined",
        "0",
        "00",
        "0000 0000",
        "11111111",
        "(99) 99999-9999",
        "+5500000000000",
        "5500000000000",
        "+55 (11) 11111-1111",
        "+52 1 2222222222",
        "+54 9 2222222222",
        "+55*****345678",
        "+5511 98765 43*1",
        "1234567890123456",
        "\u{664}\u{660}\u{660}\u{662}\u{668}\u{669}\u{662}\u{662}",
    ] {
        assert_eq!(in_country("55", text), None, "{text}");
    }
    // Numbers of 8 and of 15 digits, and one of a country that is none.
    for text in ["+99912345", "+55123456", "+123456789012345"] {
        assert_eq!(in_country("55", text), Some(text[1..].to_owned()));
    }
    assert_eq!(in_country("507", "225-1234").as_deref(), Some("5072251234"));
}

#[test]
fn a_phone_stays_out_of_logs() {
    let phone = Phone::parse("+5561999990001", CountryCode::BRAZIL).unwrap();
    assert_eq!(format!("{phone:?}"), "Phone(\u{2026})");
}

#[test]
fn a_country_code_is_one_in_use() {
    for code in ["1", "7", "54", "55", "351", "598"] {
        assert_eq!(country(code).to_string(), code);
    }
    for code in ["", "0", "055", "+55", "55 ", "5", "999", "5511", "BR", "\u{665}\u{665}"] {
        assert!(CountryCode::parse(code).is_err(), "{code}");
    }
    let json = serde_json::to_string(&CountryCode::BRAZIL).unwrap();
    assert_eq!(json, "\"55\"");
    assert!(serde_json::from_str::<CountryCode>("\"999\"").is_err());
}

#[test]
fn a_zone_tells_its_country() {
    let of = |name: &str| CountryCode::of_zone(name.parse().unwrap()).to_string();
    for (zone, code) in [
        ("America/Sao_Paulo", "55"),
        ("Brazil/East", "55"),
        ("America/Argentina/Buenos_Aires", "54"),
        ("America/Buenos_Aires", "54"),
        ("America/Mexico_City", "52"),
        ("America/Tijuana", "52"),
        ("America/New_York", "1"),
        ("America/Lima", "51"),
        ("Europe/Lisbon", "351"),
        ("Iceland", "354"),
        // These are no country's.
        ("UTC", "55"),
        ("Etc/GMT+3", "55"),
        ("EST5EDT", "55"),
    ] {
        assert_eq!(of(zone), code, "{zone}");
    }
}

/// Every zone that a store can choose and that names a place of the Americas or of Europe has its country.
#[test]
fn no_place_is_forgotten() {
    for zone in chrono_tz::TZ_VARIANTS {
        let name = zone.name();
        if name.starts_with("America/") || name.starts_with("Europe/") {
            let line = country::ZONES
                .lines()
                .find(|line| line.split(['\t', ' ']).any(|text| text == name));
            assert!(line.is_some(), "{name}");
        }
    }
}

/// Countries whose plans differ in what they do.
const COUNTRIES: &[&str] = &["55", "54", "52", "1", "7", "39", "44", "56", "57", "351"];

/// Digits that are often near a number: a code or none, a trunk prefix or none, and a few more.
fn near_numbers() -> impl Strategy<Value = String> {
    let code = prop::sample::select([COUNTRIES, &["", "999", "0"]].concat());
    (
        prop::sample::select(vec!["", "+", "00", "+0", "0"]),
        code,
        prop::sample::select(vec!["", "0", "1", "9", "15", "015", "90"]),
        prop::sample::select(vec!["", "11", "55", "2", "15", "88"]),
        "[0-9]{0,12}",
    )
        .prop_map(|(sign, code, prefix, area, rest)| [sign, code, prefix, area, &rest].concat())
}

proptest! {
    /// A canonical number is its own canonical form, for every store.
    #[test]
    fn r5_canonical_is_idempotent(
        text in near_numbers(),
        code in prop::sample::select(COUNTRIES),
        other in prop::sample::select(COUNTRIES),
    ) {
        if let Some(number) = in_country(code, &text) {
            for sign in ["+", "00"] {
                let again = in_country(other, &format!("{sign}{number}"));
                prop_assert_eq!(again.as_deref(), Some(&*number), "{} in {}", text, code);
            }
        }
    }

    /// However a Brazilian mobile is written, it is one number, and it is no other one.
    #[test]
    fn r5_spellings_of_a_number_are_equal(
        area in prop::sample::select(vec!["11", "19", "21", "47", "55", "61", "88", "99"]),
        subscriber in "[6-9][0-9]{7}",
        other in "[6-9][0-9]{7}",
        blanks in prop::collection::vec(prop::sample::select(vec!["", " ", "-", ".", "(", ")"]), 24),
    ) {
        prop_assume!(!is_one_digit(&subscriber));
        let spread = |text: String| -> String {
            text.chars().zip(&blanks).flat_map(|(c, blank)| [c.to_string(), (*blank).to_owned()]).collect()
        };
        let number = format!("55{area}9{subscriber}");
        for text in [
            format!("+55{area}9{subscriber}"),
            format!("+55{area}{subscriber}"),
            format!("0055{area}{subscriber}"),
            format!("55{area}9{subscriber}"),
            format!("55{area}{subscriber}"),
            format!("{area}9{subscriber}"),
            format!("{area}{subscriber}"),
            format!("0{area}9{subscriber}"),
            format!("+550{area}{subscriber}"),
        ] {
            let text = spread(text);
            let read = in_country("55", &text);
            prop_assert_eq!(read.as_deref(), Some(&*number), "{}", text);
        }
        if other != subscriber {
            prop_assert_ne!(in_country("55", &format!("+55{area}{other}")), Some(number));
        }
    }

    /// Mexico's and Argentina's mobiles, with what stands before them in calls from abroad and without.
    #[test]
    fn r5_calls_from_abroad_reach_the_same_number(subscriber in "[2-7][0-9]{7}", code in prop::bool::ANY) {
        let (code, sign, area) = if code { ("52", "1", "55") } else { ("54", "9", "11") };
        prop_assume!(!is_one_digit(&format!("{area}{subscriber}")));
        let number = format!("{code}{area}{subscriber}");
        for text in [format!("+{code}{sign}{area}{subscriber}"), format!("{code}{sign}{area}{subscriber}"), number.clone()] {
            let read = in_country("55", &text);
            prop_assert_eq!(read.as_deref(), Some(&*number), "{}", text);
        }
    }
}
