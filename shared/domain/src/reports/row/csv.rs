//! The cells of a row as a CSV has them.

use std::io;

use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::ReportRow;
use crate::values::identity::{OrderFormId, UserId};
use crate::values::instant::Instant;
use crate::values::item::{Item, ItemList};
use crate::values::money::Currency;

impl ReportRow {
    /// The cells of a CSV in the order of [`COLUMNS`](super::COLUMNS), with times in the store's zone.
    #[must_use]
    pub fn csv_cells(&self, zone: Tz) -> [String; 10] {
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
            currency.decimal(self.total.minor_units, '.'),
            currency.to_string(),
            text(self.order_form_id.as_ref().map_or("", OrderFormId::as_str)),
        ]
    }
}

/// A text of which no spreadsheet makes a formula: where a cell may begin ([`Place`]) with a character
/// that could start one, a `'` goes before it.
fn text(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut place = Some(Place::Start);
    for c in cell.chars() {
        if place.is_some_and(|place| place.makes_odd(c)) {
            safe.push('\'');
        }
        safe.push(c);
        place = Place::after(c);
    }
    safe
}

/// Where a spreadsheet may begin a cell. It begins one at the start of ours. Where it splits by another
/// separator than we wrote it takes our quotes for text: it begins one after each separator within our
/// cell and, in a new row, after each line break.
#[derive(Clone, Copy)]
enum Place {
    Start,
    Separator,
    LineBreak,
}

impl Place {
    /// The place behind a character, if it is one.
    const fn after(c: char) -> Option<Self> {
        match c {
            ';' | '\t' => Some(Self::Separator),
            '\r' | '\n' => Some(Self::LineBreak),
            _ => None,
        }
    }

    /// Whether a cell that begins here with `c` may become a formula.
    const fn makes_odd(self, c: char) -> bool {
        match c {
            '=' | '+' | '-' | '@' => true,
            // Spreadsheets pass over them at the start of a cell. After a line break they only end or
            // indent one, and what follows is judged by itself.
            '\t' | '\r' | '\n' => !matches!(self, Self::LineBreak),
            // Quotes that open a cell are taken off. At our own start they are doubled, so one stays.
            '"' => !matches!(self, Self::Start),
            _ => false,
        }
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

#[expect(clippy::expect_used, reason = "texts and integers have a JSON form, in UTF-8")]
fn items_json<'a>(items: impl Iterator<Item = &'a Item>, currency: &Currency) -> String {
    let cells: Vec<ItemCell<'_>> = items
        .map(|item| ItemCell {
            id: &item.id,
            name: &item.name,
            quantity: item.quantity,
            price: currency.decimal(item.price, '.'),
        })
        .collect();
    let mut json = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut json, NoSeparators);
    cells.serialize(&mut serializer).expect("texts and integers have a JSON form");
    String::from_utf8(json).expect("JSON is UTF-8")
}

/// Compact JSON in which no other separator of cells than the comma stands: `;` and tab are escaped.
/// It is the same JSON.
struct NoSeparators;

impl Formatter for NoSeparators {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut pieces = fragment.split(';');
        if let Some(first) = pieces.next() {
            writer.write_all(first.as_bytes())?;
        }
        for piece in pieces {
            writer.write_all(b"\\u003b")?;
            writer.write_all(piece.as_bytes())?;
        }
        Ok(())
    }

    fn write_char_escape<W>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        match escape {
            CharEscape::Tab => writer.write_all(b"\\u0009"),
            other => CompactFormatter.write_char_escape(writer, other),
        }
    }
}
