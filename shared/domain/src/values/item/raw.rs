//! Items as senders and VTEX write them. They are only shown, so whatever is odd about one costs that
//! detail, or that item, and nothing else (R10).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Item, ItemList};

/// Below this bound a double tells every whole number from its neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// An item as it came: any member can be missing or hold anything.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawItem<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    quantity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    price: Option<&'a RawValue>,
    #[serde(borrow, default)]
    selling_price: Option<&'a RawValue>,
}

impl RawItem<'_> {
    /// `price`, rounded to a whole number; none where it is no number.
    #[must_use]
    pub fn price(&self) -> Option<i64> {
        whole(self.price)
    }

    /// `sellingPrice`, likewise.
    #[must_use]
    pub fn selling_price(&self) -> Option<i64> {
        whole(self.selling_price)
    }

    fn item(&self, price: i64) -> Option<Item> {
        let quantity = u32::try_from(whole(self.quantity)?).ok()?;
        Some(Item { id: text(self.id), name: text(self.name), quantity, price })
    }
}

impl ItemList {
    /// Reads a list as it came; `price` says what a unit of an item costs. An item without a price or a
    /// quantity is left out, and so is a list that is none.
    #[must_use]
    pub fn read(list: Option<&RawValue>, price: impl Fn(&RawItem<'_>) -> Option<i64>) -> Self {
        let lines = list.and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
        let items = lines.unwrap_or_default().into_iter().filter_map(|line| {
            // Only an object: a struct could be read from an array, too.
            let object = line.get().starts_with('{').then(|| line.get())?;
            let raw: RawItem<'_> = serde_json::from_str(object).ok()?;
            raw.item(price(&raw)?)
        });
        Self::new(items.collect())
    }
}

/// A text, or a number's digits; else nothing.
fn text(raw: Option<&RawValue>) -> String {
    let Some(raw) = raw else { return String::new() };
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).unwrap_or_default(),
        Some(b'-' | b'0'..=b'9') => raw.get().to_owned(),
        _ => String::new(),
    }
}

/// A number, rounded to a whole one.
fn whole(raw: Option<&RawValue>) -> Option<i64> {
    let number: serde_json::Number = serde_json::from_str(raw?.get()).ok()?;
    number.as_i64().or_else(|| {
        let rounded = number.as_f64()?.round();
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range, as just judged")]
        (rounded.abs() < EXACT).then_some(rounded as i64)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::*;
    use crate::values::limits;

    fn read(list: &Value) -> Vec<Item> {
        let raw = serde_json::value::to_raw_value(list).unwrap();
        ItemList::read(Some(&raw), |item| item.price()).items().to_vec()
    }

    fn item(id: &str, name: &str, quantity: u32, price: i64) -> Item {
        Item { id: id.to_owned(), name: name.to_owned(), quantity, price }
    }

    #[test]
    fn r10_a_detail_that_is_odd_is_left_out() {
        for (odd, expected) in [
            (json!({"id": null, "name": "a", "quantity": 1, "price": 2}), item("", "a", 1, 2)),
            (json!({"name": ["a"], "quantity": 1, "price": 2}), item("", "", 1, 2)),
            (json!({"id": 7, "name": 1.5, "quantity": 1, "price": 2}), item("7", "1.5", 1, 2)),
            (json!({"id": "b", "quantity": 1.0, "price": 133.33}), item("b", "", 1, 133)),
            (json!({"id": "b", "quantity": 1.5, "price": 0.5}), item("b", "", 2, 1)),
            (json!({"id": true, "quantity": 0, "price": -0.0, "more": {}}), item("", "", 0, 0)),
        ] {
            assert_eq!(read(&json!([odd])), [expected], "{odd}");
        }
        let surrogate = r#"[{"id": "\ud83d", "name": "a", "quantity": 1, "price": 2}]"#;
        let raw: &RawValue = serde_json::from_str(surrogate).unwrap();
        assert_eq!(ItemList::read(Some(raw), |item| item.price()).items(), [item("", "a", 1, 2)]);
    }

    #[test]
    fn r10_an_item_that_is_odd_is_left_out() {
        let good = json!({"id": "b", "name": "c", "quantity": 1, "price": 2});
        let with = |name: &str, value: Value| {
            let mut odd = good.clone();
            odd[name] = value;
            odd
        };
        for odd in [
            json!(null),
            json!("b"),
            json!(["b", "c", 1, 2]),
            json!({}),
            with("price", json!(null)),
            with("price", json!("2")),
            with("price", json!(-1)),
            with("price", json!(limits::AMOUNT_MAX + 1)),
            with("price", json!(u64::MAX)),
            with("price", json!(1e300)),
            with("quantity", json!(null)),
            with("quantity", json!(-1)),
            with("quantity", json!(limits::QUANTITY_MAX + 1)),
        ] {
            assert_eq!(read(&json!([odd, good])), [item("b", "c", 1, 2)], "{odd}");
        }
        for list in [json!(null), json!({}), json!("[]"), json!([]), json!(7)] {
            assert_eq!(read(&list), [], "{list}");
        }
        assert_eq!(ItemList::read(None, |item| item.price()), ItemList::default());
    }
}
