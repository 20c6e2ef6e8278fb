//! What should have counted and couldn't: kept aside with its reason for 30 days, to be looked
//! at and replayed (R12).

use serde::{Deserialize, Serialize};

use crate::accounts::AccountRecord;
use crate::table::attributes::{expire, s, write};
use crate::table::condition::{Written, unless_condition_failed};
pub use crate::table::key::AsideOwner;
use crate::table::key::{self, Key};
use crate::{StoreError, Table};
use domain::facts::reminder::Reminder;
use domain::values::account::Account;
use domain::values::digest::{base64url, first, sha256};
use domain::values::identity::Phones;
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

mod named;
mod replaying;

pub use named::AsideNames;

impl AsideOwner {
    /// All lists in which items of an account with this record can stand: its own, and those of its
    /// numbers from before they were its own. A number that it merely claims may be another's.
    pub fn all_of<'a>(
        account: &Account,
        record: Option<&'a AccountRecord>,
    ) -> impl Iterator<Item = Self> + use<'a> {
        let numbers = record.into_iter().flat_map(AccountRecord::confirmed_phone_number_ids);
        std::iter::once(Self::Account(account.clone()))
            .chain(numbers.cloned().map(Self::PhoneNumber))
    }

    /// Whether it is an account.
    #[must_use]
    pub const fn is_account(&self) -> bool {
        matches!(self, Self::Account(_))
    }
}

impl From<&Account> for AsideOwner {
    fn from(account: &Account) -> Self {
        Self::Account(account.clone())
    }
}

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
    /// The items, each with its id: an account's oldest first, others in the order of their hashes.
    pub items: Vec<(String, Aside)>,
    /// Where the next page starts.
    pub next: Option<String>,
}

impl Aside {
    /// The item's id within its list: of an account's when it came, why it couldn't count then and what it
    /// holds, of others what they hold. `WhatsApp` delivers again for days what it hears no yes for, and whoever is told of it
    /// may set up a number much later: so a repeat takes the place of the one before, whatever the
    /// reason and however its JSON is laid out. Nothing else differs between two deliveries of an item.
    #[must_use]
    pub fn key(&self, owner: &AsideOwner) -> Key {
        let content = if owner.is_account() {
            format!("{}#{}#{}", self.source, self.code, self.body)
        } else {
            let body = serde_json::from_str::<serde_json::Value>(&self.body);
            // Its members sort by their names.
            let body = body.map_or_else(|_| self.body.clone(), |body| body.to_string());
            format!("{}#{body}", self.source)
        };
        let hash = first::<12>(&sha256(content.as_bytes()));
        Key::aside(owner, self.received_at, &base64url(&hash))
    }
}

impl Table {
    /// Keeps an item aside. A list can grow to what is new in it within 30 days.
    pub async fn aside_keep(&self, owner: &AsideOwner, item: &Aside) -> Result<(), StoreError> {
        let mut stored = write("kept aside", &item.key(owner), item)?;
        let until = item.received_at.plus(Span::days(limits::ASIDE_DAYS)).seconds();
        expire(&mut stored, Some(until));
        self.put("keep aside", stored).await
    }

    /// Keeps an item aside that somebody sent. One about a shopper who was erased since what it tells
    /// began is not kept: the marks are read before, and again after, since an erasure may have gone
    /// through the list in between.
    pub async fn aside_keep_sent(
        &self,
        phones: Phones<'_>,
        owner: &AsideOwner,
        item: &Aside,
    ) -> Result<(), StoreError> {
        if self.aside_is_erased(phones, owner, item).await? {
            return Ok(());
        }
        self.aside_keep(owner, item).await?;
        if self.aside_is_erased(phones, owner, item).await? {
            let id = item.key(owner).sk;
            self.aside_delete(owner, &id).await?;
        }
        Ok(())
    }

    /// Whether an item names a value that was erased, in what began by then, or a reminder in which one
    /// was: its clear id went, too.
    async fn aside_is_erased(
        &self,
        phones: Phones<'_>,
        owner: &AsideOwner,
        item: &Aside,
    ) -> Result<bool, StoreError> {
        let AsideOwner::Account(account) = owner else { return Ok(false) };
        let Some(names) = item.names(phones) else { return Ok(false) };
        let began = names.began.unwrap_or(item.received_at);
        let marks = self.marks(phones.key(), account, names.identities.iter().cloned()).await?;
        if !marks.renamed(names.identities, began).is_empty() {
            return Ok(true);
        }
        let reminders = self.reminders(account, &names.reminders).await?;
        Ok(reminders.iter().any(Reminder::is_erased))
    }

    /// What was kept aside in a list, from behind `after` on.
    pub async fn aside_page(
        &self,
        owner: &AsideOwner,
        after: Option<&str>,
        limit: usize,
    ) -> Result<AsidePage, StoreError> {
        let from = after.map_or_else(String::new, |after| format!("{after}\u{1}"));
        let rows: Vec<StoredAside> = self
            .query_page("kept aside", &key::aside(owner), (&from, "\u{10ffff}"), limit + 1, true)
            .await?;
        let more = rows.len() > limit;
        let items: Vec<(String, Aside)> =
            rows.into_iter().take(limit).map(|row| (row.sk, row.item)).collect();
        let next = items.last().filter(|_| more).map(|(id, _)| id.clone());
        Ok(AsidePage { items, next })
    }

    /// Gives what was kept aside under `id` another reason; what was deleted meanwhile, by an erasure or
    /// since it went through, stays so.
    pub async fn aside_note_reason(
        &self,
        owner: &AsideOwner,
        id: &str,
        code: &str,
        field: Option<&str>,
    ) -> Result<Written, StoreError> {
        let update = self
            .update_item(&Key::aside_with_id(owner, id))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#code", "code")
            .expression_attribute_names("#field", "field")
            .expression_attribute_values(":code", s(code));
        let update = match field {
            Some(field) => update
                .update_expression("SET #code = :code, #field = :field")
                .expression_attribute_values(":field", s(field)),
            None => update.update_expression("SET #code = :code REMOVE #field"),
        };
        unless_condition_failed("note a reason", update.send().await)
    }

    /// Deletes what was kept aside under `id`; what isn't there stays so.
    pub async fn aside_delete(&self, owner: &AsideOwner, id: &str) -> Result<(), StoreError> {
        self.delete("delete an item kept aside", &Key::aside_with_id(owner, id)).await
    }
}

#[derive(Deserialize)]
struct StoredAside {
    sk: String,
    #[serde(flatten)]
    item: Aside,
}
