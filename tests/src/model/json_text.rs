//! Compact JSON by hand.

use std::fmt::Write as _;

use crate::raw_event::RawItem;

/// A JSON string.
pub fn text(plain: &str) -> String {
    let mut out = String::from("\"");
    for c in plain.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 => write!(out, "\\u{:04x}", c as u32).unwrap(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A JSON string or `null`.
pub fn or_null(plain: Option<&str>) -> String {
    plain.map_or_else(|| "null".to_owned(), text)
}

/// Items with sorted keys and prices in minor units.
pub fn items_text(items: &[RawItem]) -> String {
    let lines: Vec<String> = items
        .iter()
        .map(|item| {
            format!(
                "{{\"id\":{},\"name\":{},\"price\":{},\"quantity\":{}}}",
                text(&item.id),
                text(&item.name),
                item.price,
                item.quantity
            )
        })
        .collect();
    format!("[{}]", lines.join(","))
}
