//! What should have counted and couldn't: kept aside with its reason for 30 days, to be looked
//! at and replayed (R12).

use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, write};
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::digest::{base64url, first, sha256};
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

/// An item that was kept aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Aside {
    /// When it came in.
    pub received_at: Instant,
    /// Where it came in: `whatsapp`, `events`, `rollup`, ...
    pub source: String,
    /// Why it couldn't count: a stable kebab-case word.
    pub code: String,
    /// The field at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The item as it came, JSON. It may hold personal data: it is never logged, and expires.
    pub body: String,
}

/// A page of items that were kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsidePage {
    /// The items, oldest first, each with its id.
    pub items: Vec<(String, Aside)>,
    /// Where the next page starts.
    pub next: Option<String>,
}

impl Aside {
    /// The item's id within its account: when it came and what it holds.
    #[must_use]
    pub fn key(&self, account: Option<&Account>) -> Key {
        let content = format!("{}#{}#{}", self.source, self.code, self.body);
        let hash = first::<12>(&sha256(content.as_bytes()));
        Key::aside(account, self.received_at, &base64url(&hash))
    }
}

impl Table {
    /// Keeps an item aside, for an account or for none that is known.
    pub async fn aside_keep(
        &self,
        account: Option<&Account>,
        item: &Aside,
    ) -> Result<(), StoreError> {
        let mut stored = write("kept aside", &item.key(account), item)?;
        let until = item.received_at.plus(Span::days(limits::ASIDE_DAYS)).seconds();
        expire(&mut stored, Some(until));
        self.put("keep aside", stored).await
    }

    /// What was kept aside for an account, oldest first, from behind `after` on.
    pub async fn aside_page(
        &self,
        account: Option<&Account>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<AsidePage, StoreError> {
        let from = after.map_or_else(String::new, |after| format!("{after}\u{1}"));
        let rows: Vec<StoredAside> = self
            .query_page("kept aside", &key::aside(account), (&from, "\u{10ffff}"), limit + 1, true)
            .await?;
        let more = rows.len() > limit;
        let items: Vec<(String, Aside)> =
            rows.into_iter().take(limit).map(|row| (row.sk, row.item)).collect();
        let next = items.last().filter(|_| more).map(|(id, _)| id.clone());
        Ok(AsidePage { items, next })
    }

    /// Deletes what was kept aside under `id`; what isn't there stays so.
    pub async fn aside_delete(
        &self,
        account: Option<&Account>,
        id: &str,
    ) -> Result<(), StoreError> {
        self.delete("delete an item kept aside", &Key::aside_with_id(account, id)).await
    }
}

#[derive(Deserialize)]
struct StoredAside {
    sk: String,
    #[serde(flatten)]
    item: Aside,
}
