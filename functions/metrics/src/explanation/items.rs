//! What was in the cart of an order's reminder, and what was bought.

use std::collections::BTreeSet;

use serde::Serialize;
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::values::account::Account;
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::Phase;
use shared::store::key::Key;
use shared::store::{StoreError, Table};
use utoipa::ToSchema;

use crate::text::decimal;

/// Items that are told of a cart, and of an order: as many as a cart can have. An order of 50 parts has
/// 25,000 at most, which no answer holds.
pub const SHOWN: usize = 500;

/// The items of an order and of the cart that its reminder was about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the answer's names")]
pub struct OrderItems {
    /// What the prices are in: the order's currency, also those of the cart (R10).
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// The cart of the reminder that has the credit; at most 500 items.
    checkout_items: Vec<ItemView>,
    /// The items of the parts that count, of all parts where none does, by order id; at most 500.
    order_items: Vec<ItemView>,
    /// How many more were bought.
    order_items_left_out: usize,
}

/// One line of a cart or an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemLine)]
pub struct ItemView {
    /// The store's id of the item.
    id: String,
    /// Its name.
    name: String,
    /// How many.
    quantity: u32,
    /// The price of one in decimals.
    #[schema(example = "99.90")]
    price: String,
}

/// Reads the items of `order`, and those of the cart of the reminder that it is credited to.
pub(super) async fn items(
    table: &Table,
    account: &Account,
    order: &Order,
    credited: Option<&Reminder>,
) -> Result<OrderItems, StoreError> {
    let currency = order
        .amount()
        .map(|amount| amount.currency)
        .or_else(|| order.parts.values().next().map(|part| part.currency.clone()))
        .ok_or_else(|| StoreError::corrupt("order", "it has no part"))?;
    let none_counts = !order.is_live();
    let bought: Vec<Key> = order
        .parts
        .values()
        .filter(|part| none_counts || part.status.phase() == Phase::Live)
        .filter_map(|part| part.items.as_ref())
        .map(|digest| Key::order_items(account, &order.order_group, digest))
        .collect();
    let cart = credited.and_then(|reminder| {
        let digest = reminder.sent.as_ref()?.items.as_ref()?;
        Some(Key::cart_items(account, &reminder.reminder, digest))
    });
    // Two parts can have the same list: it is read once and told of both.
    let keys: BTreeSet<Key> = bought.iter().cloned().chain(cart.clone()).collect();
    let lists = table.item_lists(keys).await?;
    let items = |keys: &[Key]| -> Vec<&Item> {
        keys.iter().filter_map(|key| lists.get(key)).flat_map(ItemList::items).collect()
    };
    let lines = |items: &[&Item]| -> Vec<ItemView> {
        let line = |item: &&Item| ItemView {
            id: item.id.clone(),
            name: item.name.clone(),
            quantity: item.quantity,
            price: decimal(&currency, item.price),
        };
        items.iter().take(SHOWN).map(line).collect()
    };
    let (cart, bought) = (items(cart.as_slice()), items(&bought));
    Ok(OrderItems {
        checkout_items: lines(&cart),
        order_items: lines(&bought),
        order_items_left_out: bought.len().saturating_sub(SHOWN),
        currency,
    })
}
