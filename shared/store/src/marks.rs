//! The marks of erased values: what stands for each, and for which facts (`domain::rules::erasure`).
//!
//! They lie under keyed digests of the values and are read with every write that names somebody. They
//! are never cached: a writer that didn't know a mark would bring the value back.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, n, write};
use crate::table::condition::unless_condition_failed;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::rules::erasure::{Mark, MarkList, Marks};
use domain::values::account::Account;
use domain::values::identity::PhoneKey;
use domain::values::identity::alias::Identity;
use domain::values::instant::Instant;
use domain::values::span::Span;

/// How much longer than the facts that it covers a mark is kept: until the last of them is gone, and
/// the last late event about them is `too-old`.
const OUTLIVES_FACTS: Span = Span::days(30);

#[derive(Serialize, Deserialize)]
struct StoredMarks {
    sk: String,
    #[serde(flatten)]
    list: MarkList,
}

impl Table {
    /// The marks of these values, read strongly consistently.
    pub async fn marks(
        &self,
        key: &PhoneKey,
        account: &Account,
        named: impl IntoIterator<Item = Identity>,
    ) -> Result<Marks, StoreError> {
        let keyed = named.into_iter().map(|value| (Key::erased(key, account, &value), value));
        let mut values: HashMap<Key, Identity> = keyed.collect();
        if values.is_empty() {
            return Ok(Marks::default());
        }
        let keys: Vec<Key> = values.keys().cloned().collect();
        let pk = keys.first().map(|key| key.pk.clone()).unwrap_or_default();
        let found: Vec<StoredMarks> = self.get_many("marks", keys).await?;
        let lists = found.into_iter().filter_map(|StoredMarks { sk, list }| {
            Some((values.remove(&Key { pk: pk.clone(), sk })?, list))
        });
        Ok(lists.collect())
    }

    /// Marks a value as erased in facts that had begun by `erased_at`, with an alias of these random
    /// bits. Where it is marked for as long already, nothing changes.
    pub async fn mark(
        &self,
        key: &PhoneKey,
        account: &Account,
        value: &Identity,
        erased_at: Instant,
        random: &[u8; 16],
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "mark an erased value";
        let place = Key::erased(key, account, value);
        let alias = value.alias(random);
        let expires_at = self.retention.expires_at(erased_at.plus(OUTLIVES_FACTS));
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held: Option<MarkList> = self.get("marks", &place).await?;
            let count = held.as_ref().map(|held| held.marks.len());
            let held = held.unwrap_or_default();
            let Some(list) = held.with(Mark { alias: alias.clone(), erased_at }) else {
                return Ok(());
            };
            // The alias first: whoever meets it finds what it stands for.
            let own = held.of_alias(erased_at);
            let mut item = write("marks", &Key::erased(key, account, &alias), &own)?;
            expire(&mut item, expires_at);
            self.put("mark an alias", item).await?;
            let mut item = write("marks", &place, &list)?;
            expire(&mut item, expires_at);
            let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
            // Marks are only ever added.
            let request = match count {
                None => request.condition_expression("attribute_not_exists(pk)"),
                Some(count) => request
                    .condition_expression("size(marks) = :count")
                    .expression_attribute_values(":count", n(count)),
            };
            if unless_condition_failed(OPERATION, request.send().await)?.is_changed() {
                return Ok(());
            }
        }
    }
}
