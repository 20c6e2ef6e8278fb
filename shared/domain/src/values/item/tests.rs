#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::shirt;

fn item(id: &str, name: &str, quantity: u32, price: i64) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity, price }
}

#[test]
fn long_ids_and_names_are_cut_by_characters() {
    let list = |id: usize, name: usize| {
        ItemList::new(vec![item(&"\u{f1}".repeat(id), &"\u{1f6d2}".repeat(name), 1, 1)])
    };
    let longest = list(100, 200);
    assert_eq!(longest.items()[0].id.chars().count(), 100);
    assert_eq!(list(101, 201), longest);
    assert_eq!(list(5_000, 5_000), longest);
    assert_ne!(list(99, 200), longest);
    assert_ne!(list(100, 199), longest);
    let short = vec![item("", "\u{1f6d2}", 0, 0)];
    assert_eq!(ItemList::new(short.clone()).items(), short);
}

#[test]
fn a_list_has_500_items_at_most() {
    let lines: Vec<Item> = (0..501).map(|number| item("a", "b", 1, number)).collect();
    assert_eq!(ItemList::new(lines[..500].to_vec()).items(), &lines[..500]);
    assert_eq!(ItemList::new(lines.clone()).items(), &lines[..500]);
    // One that is left out takes nobody's place.
    let mut odd = lines.clone();
    odd[0].price = -1;
    assert_eq!(ItemList::new(odd).items(), &lines[1..]);
}

#[test]
fn numbers_are_held_to_their_limits() {
    for (quantity, price, admitted) in [
        (1, 0, true),
        (1, limits::AMOUNT_MAX, true),
        (1, limits::AMOUNT_MAX + 1, false),
        (1, -1, false),
        (limits::QUANTITY_MAX, 1, true),
        (limits::QUANTITY_MAX + 1, 1, false),
    ] {
        let list = ItemList::new(vec![item("a", "b", quantity, price)]);
        assert_eq!(list.items().len(), usize::from(admitted), "{quantity} {price}");
    }
}

#[test]
fn a_list_stays_below_what_a_table_item_holds() {
    // A control character takes six bytes of JSON.
    let mut lines = vec![item("", &"\u{1}".repeat(200), 1, 1); 285];
    let size = |lines: &[Item]| serde_json::to_string(lines).unwrap().len();
    let mut missing = limits::ITEM_LIST_BYTES - size(&lines);
    for line in &mut lines {
        line.id = "i".repeat(missing.min(100));
        missing -= line.id.len();
    }
    assert_eq!(size(&lines), limits::ITEM_LIST_BYTES);
    assert_eq!(ItemList::new(lines.clone()).items(), lines);
    // One byte more: all names are cut, and every item stays.
    lines[284].id.push('i');
    let cut = ItemList::new(lines.clone());
    assert_eq!(cut.items().len(), 285);
    assert!(cut.items().iter().all(|item| item.name == "\u{1}".repeat(100)));
    assert!(cut.items().iter().zip(&lines).all(|(cut, line)| cut.id == line.id));
    // What was cut is cut no more.
    assert_eq!(ItemList::new(cut.items().to_vec()), cut);
}

#[test]
fn the_widest_list_fits_and_keeps_every_item() {
    let emoji = ItemList::new(vec![item("sku", &"\u{1f6d2}".repeat(300), 1, 1); 500]);
    assert_eq!(emoji.items().len(), 500);
    assert!(emoji.items().iter().all(|item| item.name == "\u{1f6d2}".repeat(100)));
    let control = "\u{1}".repeat(200);
    let widest = item(&control, &control, limits::QUANTITY_MAX, limits::AMOUNT_MAX);
    let widest = ItemList::new(vec![widest; 500]);
    assert_eq!(widest.items().len(), 500);
    assert!(widest.to_json().len() <= limits::ITEM_LIST_BYTES);
    assert_eq!(widest.items()[499].id, "\u{1}".repeat(100));
}

#[test]
fn a_digest_names_the_content() {
    assert_eq!(
        shirt(9_990).to_json(),
        r#"[{"id":"sku-1","name":"Camiseta","quantity":1,"price":9990}]"#
    );
    assert_eq!(shirt(9_990).digest().unwrap().as_str(), "22b1061d520891c60beed2f5cf4d183e");
    assert_ne!(shirt(9_990).digest(), shirt(9_991).digest());
    let (a, b) = (item("a", "", 1, 1), item("b", "", 1, 1));
    let list = |items: &[&Item]| ItemList::new(items.iter().copied().cloned().collect());
    assert_ne!(list(&[&a, &b]).digest(), list(&[&b, &a]).digest());
    assert_eq!(ItemList::default().digest(), None);
}
