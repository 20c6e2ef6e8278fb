#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use chrono_tz::Tz;

use super::*;
use crate::facts::event::{OrderUpdated, Receipt};
use crate::samples::{at, identities, ms, order, part, reminder, shirt, updated};

fn cells(order: &Order, reminder: &Reminder, format: ReportFormat) -> [String; 10] {
    let parts = order.live_parts().map(|_| shirt(9_990)).collect();
    let row = ReportRow::of(order, reminder, shirt(5), parts).unwrap();
    row.cells(Tz::America__Sao_Paulo, format)
}

/// The cells of a plain row but for what the events say.
fn of(events: &[OrderUpdated], reminder: &Reminder) -> [String; 10] {
    cells(&order(events), reminder, ReportFormat::Csv)
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
    let item = |id: &str, name: &str| Item {
        id: id.to_owned(),
        name: name.to_owned(),
        quantity: 1,
        price: 1,
    };
    let items = vec![item(";", "Kit;=1+1;x"), item("\\;\\t", "\t=\t\\\"\n")];
    let list = ItemList::new(items.clone()).unwrap();
    let row = ReportRow::of(&order(&[updated()]), &reminder("r"), list, vec![]).unwrap();
    let cell = &row.cells(Tz::UTC, ReportFormat::Csv)[5];
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
fn r10_excel_has_decimal_commas_semicolons_and_a_bom() {
    let order = order(&[updated()]);
    let plain = cells(&order, &reminder("r"), ReportFormat::Csv);
    let excel = cells(&order, &reminder("r"), ReportFormat::Excel);
    assert_eq!(excel[7], "199,90");
    for (cell, (plain, excel)) in plain.iter().zip(&excel).enumerate() {
        assert!(cell == 7 || plain == excel);
    }
    assert_eq!(
        (ReportFormat::Excel.preamble(), ReportFormat::Excel.delimiter()),
        ("\u{feff}", b';')
    );
    assert_eq!((ReportFormat::Csv.preamble(), ReportFormat::Csv.delimiter()), ("", b','));
}

#[test]
fn r10_times_carry_the_stores_offset_of_that_instant() {
    let event = |created| OrderUpdated { created_at: at(created), ..updated() };
    let zone_of = |zone, created| {
        let order = order(&[event(created)]);
        let row = ReportRow::of(&order, &reminder("r"), shirt(1), vec![]).unwrap();
        row.cells(zone, ReportFormat::Csv)[3].clone()
    };
    let lisbon = Tz::Europe__Lisbon;
    assert_eq!(zone_of(lisbon, "2026-10-25T00:30:00Z"), "2026-10-25T01:30:00+01:00");
    assert_eq!(zone_of(lisbon, "2026-10-25T01:30:00.999Z"), "2026-10-25T01:30:00+00:00");
    assert_eq!(zone_of(Tz::Asia__Kathmandu, "2026-10-25T00:00:00Z"), "2026-10-25T05:45:00+05:45");
}

#[test]
fn r7_a_dead_order_has_no_row() {
    let dead = order(&[part("o-01", "canceled", "BRL", 1)]);
    assert_eq!(ReportRow::of(&dead, &reminder("r"), shirt(1), vec![]), None);
}
