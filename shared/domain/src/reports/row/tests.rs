#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use chrono_tz::Tz;

use super::*;
use crate::facts::event::{OrderUpdated, Receipt};
use crate::samples::{at, identities, ms, order, part, reminder, shirt, updated};
use crate::values::item::Item;
use crate::values::limits::WORKBOOK_CELL_CHARS;

fn row(order: &Order, reminder: &Reminder) -> ReportRow {
    let parts = order.live_parts().map(|_| shirt(9_990)).collect();
    ReportRow::of(order, reminder, shirt(5), parts).unwrap()
}

/// The cells of a plain row but for what the events say.
fn of(events: &[OrderUpdated], reminder: &Reminder) -> [String; 10] {
    row(&order(events), reminder).csv_cells(Tz::America__Sao_Paulo)
}

/// The same as a workbook has them.
fn workbook_of(events: &[OrderUpdated], reminder: &Reminder) -> [WorkbookCell; 10] {
    row(&order(events), reminder).workbook_cells(Tz::America__Sao_Paulo)
}

fn item(id: &str, name: &str, quantity: u32, price: i64) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity, price }
}

/// What a workbook's cell holds of a cart.
fn workbook_items(items: Vec<Item>) -> WorkbookCell {
    let list = ItemList::new(items);
    let row = ReportRow::of(&order(&[updated()]), &reminder("r"), list, vec![]).unwrap();
    let [.., cart, _, _, _, _] = row.workbook_cells(Tz::UTC);
    cart
}

#[test]
fn r10_cells_in_the_order_of_the_columns() {
    let mut event = updated();
    event.identities = identities("ana", "", "C-1");
    let mut reminder = reminder("r");
    reminder.fold_receipt(Receipt::Delivered, ms(-2_001));
    reminder.fold_receipt(Receipt::Read, ms(-1_000));
    reminder.fold_click(ms(0));
    assert_eq!(
        of(&[event], &reminder),
        [
            "ana",
            "2026-11-01T08:59:57-03:00",
            "2026-11-01T08:59:59-03:00",
            "2026-11-01T09:00:00-03:00",
            "true",
            r#"[{"id":"sku-1","name":"Camiseta","quantity":1,"price":"0.05"}]"#,
            r#"[{"id":"sku-1","name":"Camiseta","quantity":1,"price":"99.90"}]"#,
            "199.90",
            "BRL",
            "c1",
        ]
    );
}

#[test]
fn r10_formula_cells_get_an_apostrophe() {
    for start in ['=', '+', '-', '@', '\t', '\r', '\n'] {
        let user = format!("{start}1+1");
        let mut event = updated();
        event.identities = identities(&user, "", "");
        let cells = of(&[event], &reminder("r"));
        assert_eq!(cells[0], format!("'{user}"));
    }
}

/// Where a spreadsheet splits by another separator than the comma, a cell begins inside of ours.
#[test]
fn r10_formulas_behind_another_separator_get_an_apostrophe() {
    for (user, expected) in [
        ("a=1", "a=1"),
        ("a;=1+1;b", "a;'=1+1;b"),
        ("a;;-1", "a;;'-1"),
        ("a\t@b", "a\t'@b"),
        ("a;\t+1", "a;'\t'+1"),
        (";\r", ";'\r"),
        ("a\r\n=1", "a\r\n'=1"),
        ("a;\"=1\"", "a;'\"=1\""),
        ("\"=1", "\"=1"),
        ("a, =1; b", "a, =1; b"),
    ] {
        let mut event = updated();
        event.identities = identities(user, "", "@cart;=x");
        let cells = of(&[event], &reminder("r"));
        assert_eq!((cells[0].as_str(), cells[9].as_str()), (expected, "'@cart;'=x"));
    }
}

#[test]
fn r10_items_hold_neither_semicolons_nor_tabs() {
    let items = vec![item(";", "Kit;=1+1;x", 1, 1), item("\\;\\t", "\t=\t\\\"\n", 1, 1)];
    let list = ItemList::new(items.clone());
    let row = ReportRow::of(&order(&[updated()]), &reminder("r"), list, vec![]).unwrap();
    let cell = &row.csv_cells(Tz::UTC)[5];
    assert!(cell.contains(r#""name":"Kit\u003b=1+1\u003bx""#), "{cell}");
    assert!(cell.contains(r#""name":"\u0009=\u0009\\\"\n""#), "{cell}");
    assert!(!cell.contains([';', '\t']), "{cell}");
    // It is the same JSON.
    let read: Vec<serde_json::Value> = serde_json::from_str(cell).unwrap();
    let names = read.iter().map(|item| (item["id"].as_str(), item["name"].as_str()));
    assert!(names.eq(items.iter().map(|item| (Some(&*item.id), Some(&*item.name)))));
}

#[test]
fn r10_the_orders_names_go_before_the_reminders() {
    let mut reminder = reminder("r");
    reminder.sent.as_mut().unwrap().identities = identities("bea", "", "d");
    let mut event = updated();
    for (user, cart, expected) in
        [("ana", "c", ("ana", "c")), ("", "", ("bea", "d")), ("ana", "", ("ana", "d"))]
    {
        event.identities = identities(user, "", cart);
        let cells = of(std::slice::from_ref(&event), &reminder);
        assert_eq!((cells[0].as_str(), cells[9].as_str()), expected);
    }
    reminder.sent.as_mut().unwrap().identities = identities("", "", "");
    event.identities = identities("", "", "");
    let cells = of(&[event], &reminder);
    assert_eq!((cells[0].as_str(), cells[9].as_str()), ("", ""));
}

#[test]
fn r10_read_is_the_receipt_and_delivered_what_r3_says() {
    let mut reminder = reminder("r");
    reminder.fold_click(ms(-1_000));
    let cells = of(&[updated()], &reminder);
    assert_eq!(cells[1], "2026-11-01T08:59:59-03:00");
    assert_eq!(cells[2], "");
}

#[test]
fn r10_a_click_counts_up_to_the_order() {
    for (click, clicked) in [(-1, "true"), (0, "true"), (1, "false")] {
        let mut reminder = reminder("r");
        reminder.fold_click(ms(click));
        assert_eq!(of(&[updated()], &reminder)[4], clicked);
    }
    assert_eq!(of(&[updated()], &reminder("r"))[4], "false");
}

#[test]
fn r10_money_is_in_the_orders_currency() {
    let clp = [part("o-01", "created", "CLP", 5_000), part("o-02", "created", "BRL", 1)];
    let cells = of(&clp, &reminder("r"));
    assert_eq!((cells[7].as_str(), cells[8].as_str()), ("5000", "CLP"));
    assert!(cells[5].contains(r#""price":"5""#) && cells[6].contains(r#""price":"9990""#));
    // Both live parts' items, one after the other.
    assert_eq!(cells[6].matches("sku-1").count(), 2);
}

#[test]
fn r10_times_carry_the_stores_offset_of_that_instant() {
    let event = |created| OrderUpdated { created_at: at(created), ..updated() };
    let zone_of = |zone, created| {
        let order = order(&[event(created)]);
        let row = ReportRow::of(&order, &reminder("r"), shirt(1), vec![]).unwrap();
        row.csv_cells(zone)[3].clone()
    };
    let lisbon = Tz::Europe__Lisbon;
    assert_eq!(zone_of(lisbon, "2026-10-25T00:30:00Z"), "2026-10-25T01:30:00+01:00");
    assert_eq!(zone_of(lisbon, "2026-10-25T01:30:00.999Z"), "2026-10-25T01:30:00+00:00");
    assert_eq!(zone_of(Tz::Asia__Kathmandu, "2026-10-25T00:00:00Z"), "2026-10-25T05:45:00+05:45");
}

#[test]
fn r10_a_workbooks_cells_are_of_their_kinds() {
    let mut event = updated();
    event.identities = identities("00123456789012345678", "", "C-1");
    let plain = reminder("r");
    let mut reminder = plain.clone();
    reminder.fold_receipt(Receipt::Delivered, ms(-2_001));
    reminder.fold_click(ms(0));
    let time = |text: &str| WorkbookCell::Time(text.parse().unwrap());
    let text = |text: &str| WorkbookCell::Text(text.to_owned());
    let items = |text: &str| WorkbookCell::Items(text.to_owned());
    assert_eq!(
        workbook_of(&[event], &reminder),
        [
            text("00123456789012345678"),
            time("2026-11-01T08:59:57"),
            WorkbookCell::Empty,
            time("2026-11-01T09:00:00"),
            WorkbookCell::Flag(true),
            items("1 × Camiseta (sku-1): 0.05 BRL"),
            items("1 × Camiseta (sku-1): 99.90 BRL"),
            WorkbookCell::Amount { minor_units: 19_990, digits: 2 },
            text("BRL"),
            text("c1"),
        ]
    );
    let parts = [part("o-01", "created", "CLP", 5_000), part("o-02", "created", "CLP", 1)];
    let cells = workbook_of(&parts, &plain);
    assert_eq!(cells[7], WorkbookCell::Amount { minor_units: 5_001, digits: 0 });
    // Both live parts' items, one after the other.
    let line = "1 × Camiseta (sku-1): 9990 CLP";
    assert_eq!(cells[6], items(&format!("{line}\n{line}")));
}

#[test]
fn r10_a_workbooks_titles_name_the_zone() {
    let titles = workbook_titles(Tz::America__Sao_Paulo);
    for (column, title) in COLUMNS.iter().zip(titles) {
        let in_zone = format!("{column} (America/Sao_Paulo)");
        assert_eq!(title, if column.ends_with("At") { &in_zone } else { *column });
    }
}

/// A text is no formula in a workbook, and stays as it is; an item stays on its line.
#[test]
fn r10_a_workbooks_texts_are_as_they_are() {
    let mut event = updated();
    event.identities = identities("=1+1;\n-1", "", "@c");
    let cells = workbook_of(&[event], &reminder("r"));
    assert_eq!(cells[0], WorkbookCell::Text("=1+1;\n-1".to_owned()));
    assert_eq!(cells[9], WorkbookCell::Text("@c".to_owned()));
    let odd = vec![item("", "a\r\nb\tc", 2, 1_990), item("7", "", 1, 0), item("", "", 3, 5)];
    let lines = "2 × a  b c: 19.90 BRL\n1 × 7: 0.00 BRL\n3 × : 0.05 BRL";
    assert_eq!(workbook_items(odd), WorkbookCell::Items(lines.to_owned()));
    assert_eq!(workbook_items(vec![]), WorkbookCell::Empty);
}

/// Excel counts UTF-16: an emoji is two characters.
#[test]
fn r10_a_workbooks_cells_end_at_excels_limit() {
    let list = |items: usize, last: &str| {
        let mut all: Vec<Item> =
            (0..items - 1).map(|n| item(&format!("{n:03}"), &"🛒".repeat(120), 1, 1_000)).collect();
        all.push(item(last, "", 1, 0));
        workbook_items(all)
    };
    let chars = |cell: &WorkbookCell| match cell {
        WorkbookCell::Items(lines) => lines.encode_utf16().count(),
        other => panic!("{other:?}"),
    };
    let one = chars(&list(2, "x")) - chars(&list(1, "x"));
    let fitting = (WORKBOOK_CELL_CHARS - chars(&list(1, ""))) / one + 1;
    let short = WORKBOOK_CELL_CHARS - chars(&list(fitting, ""));
    // At the limit, and one past it.
    let at_limit = list(fitting, &"x".repeat(short));
    assert_eq!(chars(&at_limit), WORKBOOK_CELL_CHARS);
    let WorkbookCell::Items(lines) = &at_limit else { panic!("{at_limit:?}") };
    assert_eq!(lines.lines().count(), fitting);
    let past = list(fitting, &"x".repeat(short + 1));
    assert!(chars(&past) <= WORKBOOK_CELL_CHARS);
    let WorkbookCell::Items(lines) = &past else { panic!("{past:?}") };
    let kept = lines.lines().count() - 1;
    assert_eq!(lines.lines().last(), Some(&*format!("… +{}", fitting - kept)));
    assert!(lines.lines().take(kept).all(|line| line.ends_with("10.00 BRL")));
    // As many as there can be.
    let most = list(500, "x");
    assert!((WORKBOOK_CELL_CHARS - one..=WORKBOOK_CELL_CHARS).contains(&chars(&most)));
}

#[test]
fn r7_a_dead_order_has_no_row() {
    let dead = order(&[part("o-01", "canceled", "BRL", 1)]);
    assert_eq!(ReportRow::of(&dead, &reminder("r"), shirt(1), vec![]), None);
}
