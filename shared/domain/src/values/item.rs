//! Items of carts and order parts.

use serde::{Deserialize, Serialize};

use crate::values::digest::{first, hex, sha256};
use crate::values::limits;
use crate::values::text::text_type;

text_type!(
    /// Names an item list by its content: the first 16 bytes of its SHA-256, as hex.
    ItemsDigest, "items", "a digest",
    |t| t.len() == 32 && t.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
);

mod raw;

pub use raw::RawItem;

/// One line of a cart or an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The store's id of the item (cut).
    pub id: String,
    /// Its name (cut).
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Minor units per unit.
    pub price: i64,
}

impl Item {
    fn is_sound(&self) -> bool {
        (0..=limits::AMOUNT_MAX).contains(&self.price) && self.quantity <= limits::QUANTITY_MAX
    }
}

/// A list of items within its limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemList(Vec<Item>);

impl ItemList {
    /// Takes a list as it came. Items are only shown, and never keep an order from counting (R10): those
    /// with a price or a quantity beyond the limits are left out, as are all beyond the 500th; long ids and
    /// names are cut, and names are cut again, to halves, until the list fits its item of the table.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let mut items: Vec<Item> =
            items.into_iter().filter(Item::is_sound).take(limits::ITEMS).collect();
        for item in &mut items {
            cut(&mut item.id, limits::ITEM_ID_CHARS);
            cut(&mut item.name, limits::ITEM_NAME_CHARS);
        }
        let mut list = Self(items);
        let mut chars = limits::ITEM_NAME_CHARS;
        // Without names any list fits: an id has at most 600 bytes of JSON, and all else 60.
        while chars > 0 && list.to_json().len() > limits::ITEM_LIST_BYTES {
            chars /= 2;
            for item in &mut list.0 {
                cut(&mut item.name, chars);
            }
        }
        list
    }

    /// The items in the order in which they came.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.0
    }

    /// Compact JSON; what is stored and digested.
    #[must_use]
    #[expect(clippy::expect_used, reason = "texts and integers have a JSON form")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("texts and integers have a JSON form")
    }

    /// The list's name; none for an empty list, which is not stored.
    #[must_use]
    pub fn digest(&self) -> Option<ItemsDigest> {
        let digest = || ItemsDigest(hex(&first::<16>(&sha256(self.to_json().as_bytes()))));
        (!self.0.is_empty()).then(digest)
    }
}

fn cut(text: &mut String, chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(chars) {
        text.truncate(at);
    }
}

#[cfg(test)]
mod tests;
