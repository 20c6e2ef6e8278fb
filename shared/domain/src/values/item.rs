//! Items of carts and order parts.

use serde::{Deserialize, Serialize};

use crate::values::digest::{first, hex, sha256};
use crate::values::invalid::Invalid;
use crate::values::limits;
use crate::values::text::text_type;

text_type!(
    /// Names an item list by its content: the first 16 bytes of its SHA-256, as hex.
    ItemsDigest, "items", "a digest",
    |t| t.len() == 32 && t.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
);

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

/// A checked list of items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemList(Vec<Item>);

impl ItemList {
    /// Takes a list as it came: long ids and names are cut.
    pub fn new(items: Vec<Item>) -> Result<Self, Invalid> {
        const WHAT: &str = "items";
        if items.len() > limits::ITEMS {
            return Err(Invalid::new(WHAT, "at most 500 items"));
        }
        let mut list = items;
        for item in &mut list {
            cut(&mut item.id, limits::ITEM_ID_CHARS);
            cut(&mut item.name, limits::ITEM_NAME_CHARS);
            if !(0..=limits::AMOUNT_MAX).contains(&item.price) {
                return Err(Invalid::new(
                    WHAT,
                    "priced between 0 and 1,000,000,000,000 minor units",
                ));
            }
            if item.quantity > limits::QUANTITY_MAX {
                return Err(Invalid::new(WHAT, "of at most 1,000,000 pieces each"));
            }
        }
        let list = Self(list);
        if list.to_json().len() > limits::ITEM_LIST_BYTES {
            return Err(Invalid::new(WHAT, "at most 350 KiB as JSON"));
        }
        Ok(list)
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
