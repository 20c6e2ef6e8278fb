//! The report, written by hand (R10).

use chrono::DateTime;
use chrono_tz::Tz;

use super::Model;
use super::credit::Credited;
use super::decimals::decimals;
use super::json_text::text;
use super::numbers::counts;
use crate::answer::Question;
use crate::raw_event::RawItem;

const HEADER: [&str; 10] = [
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

/// The file that answers `question`.
pub fn csv(model: &Model, question: &Question) -> String {
    let campaign = question.campaign_id.as_deref();
    let mut rows: Vec<&Credited> = model
        .credited
        .iter()
        .filter(|c| counts(&c.reminder, question.from, question.to, campaign))
        .collect();
    rows.sort_by_key(|c| (c.reminder.day, c.order.created, c.order.group.clone()));
    let mut out = String::new();
    line(&mut out, &HEADER.map(str::to_owned));
    for credited in rows {
        line(&mut out, &row(credited, model.zone));
    }
    out
}

fn row(credited: &Credited, zone: Tz) -> [String; 10] {
    let Credited { order, reminder, .. } = credited;
    let names = &reminder.sent.names;
    let time = |millis: i64| {
        let at = DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&zone);
        at.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    let (currency, total) = order.amount();
    let mut order_items = Vec::new();
    for part in &order.live {
        order_items.extend(part.items.iter().cloned());
    }
    [
        harmless(order.user().or(names.user.as_ref())),
        reminder.delivered.map(time).unwrap_or_default(),
        reminder.read_receipt.map(time).unwrap_or_default(),
        time(order.created),
        reminder.clicks.iter().any(|click| click.at <= order.created).to_string(),
        items(&reminder.sent.items, currency),
        items(&order_items, currency),
        decimals(total, currency, "."),
        currency.to_owned(),
        harmless(order.cart().or(names.cart.as_ref())),
    ]
}

/// A spreadsheet must not run a text as a formula, neither at its start nor behind what it may take
/// for a separator of cells or of rows.
fn harmless(cell: Option<&String>) -> String {
    let cell: Vec<char> = cell.map_or("", String::as_str).chars().collect();
    let mut out = String::new();
    for (i, c) in cell.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| cell[i]);
        let odd = match before {
            None => "=+-@\t\r\n".contains(*c),
            Some(';' | '\t') => "=+-@\t\r\n\"".contains(*c),
            Some('\r' | '\n') => "=+-@\"".contains(*c),
            Some(_) => false,
        };
        if odd {
            out.push('\'');
        }
        out.push(*c);
    }
    out
}

/// A JSON string in which no separator of cells stands.
fn unsplit(plain: &str) -> String {
    let tabless = |piece: &str| {
        let parts: Vec<String> = piece.split('\t').map(|part| bare(&text(part))).collect();
        parts.join("\\u0009")
    };
    let pieces: Vec<String> = plain.split(';').map(tabless).collect();
    format!("\"{}\"", pieces.join("\\u003b"))
}

/// A JSON string without its quotes.
fn bare(quoted: &str) -> String {
    quoted[1..quoted.len() - 1].to_owned()
}

fn items(items: &[RawItem], currency: &str) -> String {
    let mut lines = Vec::new();
    for item in items {
        lines.push(format!(
            "{{\"id\":{},\"name\":{},\"quantity\":{},\"price\":{}}}",
            unsplit(&item.id),
            unsplit(&item.name),
            item.quantity,
            text(&decimals(item.price, currency, "."))
        ));
    }
    format!("[{}]", lines.join(","))
}

/// RFC 4180: quotes around what needs them, quotes doubled, CRLF at the end.
fn line(out: &mut String, cells: &[String; 10]) {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}
