//! The order list, with VTEX's limits: 100 orders a page, 30 pages.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Value, json};

const PER_PAGE: usize = 100;
const PAGES: usize = 30;

/// A page of the orders that a query asks for; none when the query is none that VTEX reads.
pub(super) fn page(orders: &BTreeMap<String, Value>, query: &str) -> Option<Value> {
    let member = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(decoded))
    };
    let created = member("f_creationDate")?;
    let range = created.strip_prefix("creationDate:[")?.strip_suffix(']')?;
    let (from, to) = range.split_once(" TO ")?;
    let (from, to) = (millis(from)?, millis(to)?);
    let per_page: usize =
        member("per_page")?.parse().ok().filter(|n| (1..=PER_PAGE).contains(n))?;
    let page: usize = member("page")?.parse().ok().filter(|n| (1..=PAGES).contains(n))?;
    let mut found: Vec<(i64, &Value)> = orders
        .values()
        .filter_map(|order| Some((millis(order.get("creationDate")?.as_str()?)?, order)))
        .filter(|(at, _)| (from..=to).contains(at))
        .collect();
    found.sort_by_key(|(at, _)| *at);
    let total = found.len();
    let list: Vec<Value> = found
        .into_iter()
        .skip((page - 1) * per_page)
        .take(per_page)
        .map(|(_, order)| entry(order))
        .collect();
    Some(json!({
        "list": list,
        "facets": [],
        "paging": {
            "total": total,
            "pages": total.div_ceil(per_page).min(PAGES),
            "currentPage": page,
            "perPage": per_page,
        },
        "stats": {"stats": {}},
    }))
}

/// What a list says of an order: not its items, nor its cart.
fn entry(order: &Value) -> Value {
    let member = |name: &str| order.get(name).cloned().unwrap_or_default();
    json!({
        "orderId": member("orderId"),
        "creationDate": member("creationDate"),
        "clientName": "L P",
        "items": null,
        "totalValue": member("value"),
        "status": member("status"),
        "origin": member("origin"),
        "currencyCode": "BRL",
    })
}

fn millis(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis())
}

/// A query's value: `%20` is a space, and `+` is not.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| others.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = others.get(if escaped.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
