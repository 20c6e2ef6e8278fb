//! R10: no spreadsheet makes a formula of a CSV, by whatever separator it splits it.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof, sample};
use shared::domain::values::identity::PhoneKey;
use tests::answer::Question;
use tests::pure_engine::PureEngine;
use tests::raw_event::{RawEvent, RawItem, RawOrder, RawSent, RawStatus};

/// What a program takes for separators. The last is what `LibreOffice` offers unasked.
const SEPARATORS: [&str; 4] = [",", ";", "\t", ",;\t"];
const FORMULA_STARTS: [char; 4] = ['=', '+', '-', '@'];

/// Texts of what separates, quotes and begins formulas, and of anything else.
fn nasty(most: usize) -> impl Strategy<Value = String> {
    let telling = sample::select(";,\t\r\n\"'=+-@\\ a".chars().collect::<Vec<char>>());
    let char = prop_oneof![8 => telling, 1 => any::<char>()];
    collection::vec(char, 1..=most).prop_map(|chars| chars.into_iter().collect())
}

fn at(minute: i64) -> String {
    let noon: DateTime<Utc> = "2026-11-02T12:00:00Z".parse().unwrap();
    (noon + chrono::Duration::minutes(minute)).to_rfc3339()
}

/// The report of one purchase.
fn report(user: &str, cart: &str, id: &str, name: &str) -> String {
    let items =
        vec![RawItem { id: id.to_owned(), name: name.to_owned(), quantity: 1, price: 1_000 }];
    let sent = RawSent {
        reminder_id: "r".to_owned(),
        at: at(0),
        campaign_id: "spring".to_owned(),
        user_id: None,
        phone: Some("5561999990001".to_owned()),
        order_form_id: "c".to_owned(),
        checkout_items: items.clone(),
        link_token: None,
    };
    let status =
        RawStatus { reminder_id: "r".to_owned(), status: "delivered".to_owned(), at: at(1) };
    let order = RawOrder {
        order_group: "o".to_owned(),
        order_id: "o-01".to_owned(),
        status: "created".to_owned(),
        created_at: at(2),
        changed_at: at(2),
        user_id: Some(user.to_owned()),
        phone: Some("5561999990001".to_owned()),
        order_form_id: Some(cart.to_owned()),
        currency: "BRL".to_owned(),
        value: 1_000,
        items,
    };
    let key = PhoneKey::new("a secret of the tests");
    let mut engine = PureEngine::new(Tz::America__Sao_Paulo, &["spring".to_owned()], key.clone());
    for event in [RawEvent::Sent(sent), RawEvent::Status(status), RawEvent::Order(order)] {
        engine.fold(&event.to_domain(&key));
    }
    engine.derive();
    let day = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
    engine.csv(&Question { from: day, to: day, campaign_id: None })
}

/// The cells that a program makes of a file: a quote opens a cell only at its start, a doubled one
/// within it is one, and behind the closing one the rest is taken as it stands.
fn opened(file: &str, separators: &str) -> Vec<String> {
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut is_start, mut is_quoted) = (true, false);
    let mut rest = file.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_start => is_quoted = true,
            '"' if is_quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' if is_quoted => is_quoted = false,
            c if !is_quoted && (separators.contains(c) || c == '\r' || c == '\n') => {
                cells.push(std::mem::take(&mut cell));
            }
            c => cell.push(c),
        }
        is_start = !is_quoted && (separators.contains(c) || c == '\r' || c == '\n');
    }
    cells.push(cell);
    cells
}

/// The cells of a program that knows no quotes.
fn split(file: &str, separator: char) -> impl Iterator<Item = &str> {
    file.split(['\r', '\n', separator])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_split_of_a_file_gives_a_formula(
        user in nasty(12), cart in nasty(12), id in nasty(12), name in nasty(24),
    ) {
        let file = report(&user, &cart, &id, &name);
        for separators in SEPARATORS {
            for cell in opened(&file, separators) {
                prop_assert!(!cell.starts_with(FORMULA_STARTS), "{separators:?}: {cell}\n{file}");
            }
        }
        for separator in [';', '\t'] {
            for cell in split(&file, separator) {
                prop_assert!(!cell.starts_with(FORMULA_STARTS), "{separator:?}: {cell}\n{file}");
            }
        }
        // And read by its own separator it has two rows of ten cells, with the items as they are.
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.iter().map(csv::StringRecord::len).collect::<Vec<_>>(), [10, 10]);
        let items: serde_json::Value = serde_json::from_str(&rows[1][6]).unwrap();
        prop_assert_eq!(&items[0]["name"], &name);
        prop_assert_eq!(&items[0]["id"], &id);
    }
}
