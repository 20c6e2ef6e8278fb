//! One row of the report (R10), apart from how files are written.

use serde::{Deserialize, Deserializer, Serialize};

use crate::facts::order::Order;
use crate::facts::reminder::Reminder;
use crate::values::identity::{OrderFormId, UserId};
use crate::values::instant::Instant;
use crate::values::item::ItemList;
use crate::values::money::Money;

pub use workbook::{WorkbookCell, workbook_titles};

mod csv;
mod workbook;

/// The columns, in this order, always.
pub const COLUMNS: [&str; 10] = [
    "userId",
    "deliveredReminderAt",
    "readReminderAt",
    "orderCreatedAt",
    "hasClickedOnReminder",
    "checkoutItems",
    "orderItems",
    "orderTotal",
    "currency",
    "orderFormId",
];

/// What a report's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    /// RFC 4180: comma, decimal point, no BOM.
    Csv,
    /// A workbook of Excel's.
    Xlsx,
}

impl ReportFormat {
    /// How the file's name ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The file's media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Reads the format of a stored report or schedule. The one for Excel was a CSV with semicolons
    /// once and called `excel`: who has such a schedule gets workbooks.
    pub(super) fn stored<'de, D: Deserializer<'de>>(stored: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Stored {
            Csv,
            #[serde(alias = "excel")]
            Xlsx,
        }
        Ok(match Stored::deserialize(stored)? {
            Stored::Csv => Self::Csv,
            Stored::Xlsx => Self::Xlsx,
        })
    }
}

/// A conversion as the report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    user_id: Option<UserId>,
    delivered_at: Option<Instant>,
    read_at: Option<Instant>,
    created_at: Instant,
    has_clicked: bool,
    checkout_items: ItemList,
    order_items: Vec<ItemList>,
    total: Money,
    order_form_id: Option<OrderFormId>,
}

impl ReportRow {
    /// The row of an order and the reminder that it is credited to. `order_items` are the live
    /// parts' lists by order id. None when the order doesn't count (any more).
    #[must_use]
    pub fn of(
        order: &Order,
        reminder: &Reminder,
        checkout_items: ItemList,
        order_items: Vec<ItemList>,
    ) -> Option<Self> {
        let total = order.amount()?;
        let identities = reminder.sent.as_ref().map(|sent| &sent.identities);
        let named_user = order.named_user.as_ref().map(|named| named.value.clone());
        let named_cart = order.named_cart.as_ref().map(|named| named.value.clone());
        Some(Self {
            user_id: named_user.or_else(|| identities?.user_id.clone()),
            delivered_at: reminder.delivered_at(),
            read_at: reminder.read_at,
            created_at: order.created_at,
            has_clicked: reminder.first_click_at.is_some_and(|click| click <= order.created_at),
            checkout_items,
            order_items,
            total,
            order_form_id: named_cart.or_else(|| identities?.order_form_id.clone()),
        })
    }

    /// What the row adds to the sum of `orderTotal` (R9).
    #[must_use]
    pub const fn total(&self) -> &Money {
        &self.total
    }
}

#[cfg(test)]
mod tests;
