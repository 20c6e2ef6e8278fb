//! The cells of a row as a CSV has them.

use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde::Serialize;

use super::{ReportFormat, ReportRow};
use crate::values::identity::{OrderFormId, UserId};
use crate::values::instant::Instant;
use crate::values::item::{Item, ItemList};
use crate::values::money::Currency;

impl ReportRow {
    /// The cells in the order of [`COLUMNS`](super::COLUMNS), with times in the store's zone.
    #[must_use]
    pub fn cells(&self, zone: Tz, format: ReportFormat) -> [String; 10] {
        let time = |at: Instant| {
            at.to_utc().with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
        };
        let currency = &self.total.currency;
        let order_items = self.order_items.iter().flat_map(ItemList::items);
        [
            text(self.user_id.as_ref().map_or("", UserId::as_str)),
            self.delivered_at.map(time).unwrap_or_default(),
            self.read_at.map(time).unwrap_or_default(),
            time(self.created_at),
            self.has_clicked.to_string(),
            items_json(self.checkout_items.items().iter(), currency),
            items_json(order_items, currency),
            currency.decimal(self.total.minor_units, format.decimal_separator()),
            currency.to_string(),
            text(self.order_form_id.as_ref().map_or("", OrderFormId::as_str)),
        ]
    }
}

/// A text cell that a spreadsheet would run as a formula gets a leading `'`.
fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The compact JSON of items: keys in this order, the price as decimals in a string.
#[derive(Serialize)]
struct ItemCell<'a> {
    id: &'a str,
    name: &'a str,
    quantity: u32,
    price: String,
}

#[expect(clippy::expect_used, reason = "texts and integers have a JSON form")]
fn items_json<'a>(items: impl Iterator<Item = &'a Item>, currency: &Currency) -> String {
    let cells: Vec<ItemCell<'_>> = items
        .map(|item| ItemCell {
            id: &item.id,
            name: &item.name,
            quantity: item.quantity,
            price: currency.decimal(item.price, '.'),
        })
        .collect();
    serde_json::to_string(&cells).expect("texts and integers have a JSON form")
}
