//! The rows of some orders.

use std::collections::{BTreeSet, HashMap};

use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::reports::row::ReportRow;
use shared::domain::values::account::Account;
use shared::domain::values::ids::ReminderDigest;
use shared::domain::values::item::ItemList;
use shared::store::key::Key;
use shared::store::{StoreError, Table};

/// Makes the rows of `orders`, in their order, from their reminders and item lists.
pub(super) async fn rows(
    table: &Table,
    account: &Account,
    orders: Vec<Order>,
) -> Result<Vec<ReportRow>, StoreError> {
    let ids = orders.iter().filter_map(credited);
    let reminders: HashMap<ReminderDigest, Reminder> = table
        .reminders(account, ids)
        .await?
        .into_iter()
        .map(|reminder| (reminder.reminder.clone(), reminder))
        .collect();
    let carts = reminders.values().filter_map(|reminder| cart(account, reminder));
    let parts = orders.iter().flat_map(|order| parts_of(account, order));
    let keys: BTreeSet<Key> = carts.chain(parts).collect();
    let lists = table.item_lists(keys).await?;
    let rows = orders.iter().filter_map(|order| {
        let id = credited(order)?;
        // A reminder expires after the orders that it is credited with: it is always there.
        let unheard = Reminder::new(id.clone());
        let reminder = reminders.get(id).unwrap_or(&unheard);
        let of = |key: &Key| lists.get(key).cloned();
        let checkout_items: Option<ItemList> = cart(account, reminder).as_ref().and_then(of);
        let order_items: Vec<ItemList> = parts_of(account, order).iter().filter_map(of).collect();
        ReportRow::of(order, reminder, checkout_items.unwrap_or_default(), order_items)
    });
    Ok(rows.collect())
}

fn credited(order: &Order) -> Option<&ReminderDigest> {
    order.credit.as_ref().map(|credit| &credit.reminder)
}

/// Where a reminder's cart is stored; none for an empty one.
fn cart(account: &Account, reminder: &Reminder) -> Option<Key> {
    let digest = reminder.sent.as_ref()?.items.as_ref()?;
    Some(Key::cart_items(account, &reminder.reminder, digest))
}

/// Where the live parts' items are stored, by order id; parts without items have none.
fn parts_of(account: &Account, order: &Order) -> Vec<Key> {
    let digests = order.live_parts().filter_map(|(_, part)| part.items.as_ref());
    digests.map(|digest| Key::order_items(account, &order.order_group, digest)).collect()
}
