//! The cells of a row as a workbook has them.

use chrono::{NaiveDateTime, Timelike as _};
use chrono_tz::Tz;

use super::{COLUMNS, ReportRow};
use crate::values::identity::{OrderFormId, UserId};
use crate::values::instant::Instant;
use crate::values::item::{Item, ItemList};
use crate::values::limits::WORKBOOK_CELL_CHARS;
use crate::values::money::Currency;

/// A cell of a workbook: each is of one kind, and none is a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkbookCell {
    /// There is nothing to tell.
    Empty,
    /// A text as it is: it has at most 100 characters.
    Text(String),
    /// A line for each item.
    Items(String),
    /// A time of the store's clock, to the second.
    Time(NaiveDateTime),
    /// Yes or no.
    Flag(bool),
    /// An amount of a currency that has so many digits.
    Amount {
        /// Minor units.
        minor_units: i64,
        /// Digits of the currency (R8).
        digits: usize,
    },
}

/// The titles of a workbook's columns: those of a time say in whose zone it is.
#[must_use]
pub fn workbook_titles(zone: Tz) -> [String; 10] {
    COLUMNS.map(|column| match column {
        "deliveredReminderAt" | "readReminderAt" | "orderCreatedAt" => format!("{column} ({zone})"),
        _ => column.to_owned(),
    })
}

impl ReportRow {
    /// The cells of a workbook in the order of [`COLUMNS`], with times in the store's zone.
    #[must_use]
    pub fn workbook_cells(&self, zone: Tz) -> [WorkbookCell; 10] {
        let time = |at: Instant| {
            let local = at.to_utc().with_timezone(&zone).naive_local();
            WorkbookCell::Time(local.with_nanosecond(0).unwrap_or(local))
        };
        let known = |at: Option<Instant>| at.map_or(WorkbookCell::Empty, time);
        let currency = &self.total.currency;
        let amount =
            WorkbookCell::Amount { minor_units: self.total.minor_units, digits: currency.digits() };
        [
            text(self.user_id.as_ref().map(UserId::as_str)),
            known(self.delivered_at),
            known(self.read_at),
            time(self.created_at),
            WorkbookCell::Flag(self.has_clicked),
            items(self.checkout_items.items().iter(), currency),
            items(self.order_items.iter().flat_map(ItemList::items), currency),
            amount,
            WorkbookCell::Text(currency.to_string()),
            text(self.order_form_id.as_ref().map(OrderFormId::as_str)),
        ]
    }
}

fn text(text: Option<&str>) -> WorkbookCell {
    text.map_or(WorkbookCell::Empty, |text| WorkbookCell::Text(text.to_owned()))
}

/// A line for each item. Where they are longer than a cell may be, the last ones are left out, and a
/// line of its own says how many: `… +12`.
fn items<'a>(items: impl Iterator<Item = &'a Item>, currency: &Currency) -> WorkbookCell {
    let lines: Vec<String> = items.map(|item| line(item, currency)).collect();
    let whole = lines.join("\n");
    if whole.is_empty() {
        return WorkbookCell::Empty;
    }
    if chars(&whole) <= WORKBOOK_CELL_CHARS {
        return WorkbookCell::Items(whole);
    }
    let mark = |left_out: usize| format!("… +{left_out}");
    let mut room = WORKBOOK_CELL_CHARS - chars(&mark(lines.len()));
    let mut cell = String::new();
    let mut kept = 0;
    for line in &lines {
        let Some(left) = room.checked_sub(chars(line) + 1) else { break };
        room = left;
        kept += 1;
        cell.push_str(line);
        cell.push('\n');
    }
    cell.push_str(&mark(lines.len() - kept));
    WorkbookCell::Items(cell)
}

/// Characters as Excel counts them.
fn chars(text: &str) -> usize {
    text.encode_utf16().count()
}

/// `2 × Cotton shirt (101): 59.90 BRL`, the price per unit.
fn line(item: &Item, currency: &Currency) -> String {
    let (name, id) = (one_line(&item.name), one_line(&item.id));
    let called = match (name.as_str(), id.as_str()) {
        (name, "") => name.to_owned(),
        ("", id) => id.to_owned(),
        (name, id) => format!("{name} ({id})"),
    };
    let (quantity, price) = (item.quantity, currency.decimal(item.price, '.'));
    format!("{quantity} × {called}: {price} {currency}")
}

/// A text without what would break its line.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
