//! Who changed what (`domain::activity`): an entry beside each change that a person made.
//!
//! A table that acts [by](Table::by) somebody writes the entry in the transaction of the change itself, so that
//! there is one exactly where something changed: a change that is refused, or that changes nothing, leaves none,
//! and one whose answer was lost leaves one. What changes elsewhere (at Meta) is noted after it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::Deserialize;

use crate::table::attributes::{Attributes, expire, write};
use crate::table::author::Author;
use crate::table::condition::Written;
use crate::table::key::{self, Key};
use crate::table::transact::put;
use crate::{StoreError, Table};
use domain::activity::{Activity, Change};
use domain::values::account::Account;
use domain::values::limits;
use domain::values::span::Span;

/// A page of an account's activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityPage {
    /// The entries, each with its id, newest first.
    pub items: Vec<(String, Activity)>,
    /// The id behind which the next page starts.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct StoredActivity {
    sk: String,
    #[serde(flatten)]
    activity: Activity,
}

impl Table {
    /// The entry of a change, to be an action of its transaction; none where nobody's request makes it. A
    /// request has one entry, however often its transaction is tried.
    pub(crate) fn entry(
        &self,
        account: &Account,
        change: impl Into<Change>,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(Author { by, at, token }) = &self.author else { return Ok(None) };
        let activity = Activity { at: *at, by: by.to_string(), change: change.into() };
        let mut item = write("activity", &Key::activity(account, *at, token), &activity)?;
        expire(&mut item, Some(at.plus(Span::days(limits::ACTIVITY_DAYS)).seconds()));
        put(self.put_of(item)).map(Some)
    }

    /// Writes an item on the version before its own, and its entry, both or neither.
    pub(crate) async fn put_on_version_with(
        &self,
        operation: &'static str,
        (item, version): (Attributes, u64),
        entry: Option<TransactWriteItem>,
    ) -> Result<Written, StoreError> {
        let Some(entry) = entry else { return self.put_on_version(operation, item, version).await };
        let actions = vec![put(self.put_of_version(item, version))?, entry];
        let written = self.transact(operation, actions).await?;
        Ok(if written.is_done() { Written::Changed } else { Written::Unchanged })
    }

    /// Notes a change that was made elsewhere.
    pub async fn activity_note(
        &self,
        account: &Account,
        change: impl Into<Change>,
    ) -> Result<(), StoreError> {
        let Some(entry) = self.entry(account, change)? else { return Ok(()) };
        self.transact("note an activity", vec![entry]).await.map(drop)
    }

    /// An account's activity, newest first, from behind `after` on.
    pub async fn activity_page(
        &self,
        account: &Account,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ActivityPage, StoreError> {
        let to = after.unwrap_or("\u{10ffff}");
        // One more tells whether there is more; another one is `after` itself.
        let mut rows: Vec<StoredActivity> = self
            .query_page("activity", &key::activity(account), ("", to), limit + 2, false)
            .await?;
        rows.retain(|row| Some(row.sk.as_str()) != after);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.sk.clone());
        let items = rows.into_iter().map(|row| (row.sk, row.activity)).collect();
        Ok(ActivityPage { items, next })
    }
}
