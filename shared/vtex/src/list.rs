//! The order list: which orders were made when. It names orders; each is read by itself.

use chrono::SecondsFormat;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use domain::values::instant::Instant;
use domain::values::span::Span;

use crate::order::is_fulfillment;

/// Orders on one page: VTEX's maximum.
pub const PER_PAGE: u32 = 100;
/// Pages that VTEX hands out of one list; what lies beyond is only reached by asking for less.
pub const PAGES: u32 = 30;

/// A slice of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Its first instant.
    pub from: Instant,
    /// Its last instant.
    pub to: Instant,
}

impl Slice {
    /// The two halves of a slice; none when it is a single millisecond.
    #[must_use]
    pub fn halves(self) -> Option<(Self, Self)> {
        let length = self.to.since(self.from).as_millis();
        let middle = self.from.plus(Span::millis(length / 2));
        (length > 0).then(|| {
            let second = middle.plus(Span::millis(1));
            (Self { from: self.from, to: middle }, Self { from: second, to: self.to })
        })
    }

    pub(super) fn query(self, page: u32) -> String {
        let at = |instant: Instant| instant.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true);
        let created = format!("creationDate:[{} TO {}]", at(self.from), at(self.to));
        let created = utf8_percent_encode(&created, NON_ALPHANUMERIC);
        // Oldest first: orders that come in meanwhile lie behind what was read.
        format!(
            "f_creationDate={created}&orderBy=creationDate%2Casc&page={page}&per_page={PER_PAGE}"
        )
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListPage {
    /// Its orders.
    pub list: Vec<Listed>,
    /// How much there is.
    pub paging: Paging,
}

/// One order of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The order's id, unjudged.
    pub order_id: String,
    /// `Marketplace`, `Fulfillment` or `Chain`.
    #[serde(default)]
    pub origin: Option<String>,
}

impl Listed {
    /// Whether the order was sold elsewhere and is only delivered by this store. Its document says the
    /// same; the list says it without a call.
    #[must_use]
    pub fn is_sold_elsewhere(&self) -> bool {
        self.origin.as_deref().is_some_and(is_fulfillment)
    }
}

/// The size of a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Paging {
    /// Orders.
    pub total: u64,
    /// Pages.
    pub pages: u64,
}

impl Paging {
    /// Whether VTEX hands out every page.
    #[must_use]
    pub fn is_within_reach(self) -> bool {
        self.total <= u64::from(PAGES) * u64::from(PER_PAGE) && self.pages <= u64::from(PAGES)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn slice(from: i64, to: i64) -> Slice {
        Slice { from: Instant::from_millis(from), to: Instant::from_millis(to) }
    }

    #[test]
    fn a_slice_is_asked_for_with_both_ends() {
        let query = slice(1_763_820_000_000, 1_763_906_399_999).query(7);
        assert_eq!(
            query,
            "f_creationDate=creationDate%3A%5B2025%2D11%2D22T14%3A00%3A00%2E000Z%20TO%20\
             2025%2D11%2D23T13%3A59%3A59%2E999Z%5D&orderBy=creationDate%2Casc&page=7&per_page=100",
        );
    }

    #[test]
    fn halves_cover_the_whole_and_never_meet() {
        assert_eq!(slice(10, 10).halves(), None);
        assert_eq!(slice(10, 11).halves(), Some((slice(10, 10), slice(11, 11))));
        assert_eq!(slice(0, 999).halves(), Some((slice(0, 499), slice(500, 999))));
    }

    #[test]
    fn reach_ends_with_page_thirty() {
        assert!(Paging { total: 3_000, pages: 30 }.is_within_reach());
        assert!(!Paging { total: 3_001, pages: 31 }.is_within_reach());
        // VTEX has been seen to cap the pages that it tells.
        assert!(!Paging { total: 3_001, pages: 30 }.is_within_reach());
    }

    #[test]
    fn a_page_is_read_whatever_surrounds_it() {
        let page: ListPage = serde_json::from_str(
            r#"{"list":[{"orderId":"1-01","origin":"Marketplace","items":null,"totalValue":7453},
                        {"orderId":"2-01","origin":"Fulfillment"},{"orderId":"3-01","origin":null},
                        {"orderId":"4-01","origin":"fulfillment"}],
                "facets":[],"paging":{"total":4,"pages":1,"currentPage":1,"perPage":100},
                "stats":{"stats":{}},"reportRecordsLimit":2000}"#,
        )
        .unwrap();
        let elsewhere: Vec<bool> = page.list.iter().map(Listed::is_sold_elsewhere).collect();
        assert_eq!(elsewhere, [false, true, false, true]);
    }
}
