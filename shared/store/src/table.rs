//! The table and the few calls that everything else is made of.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest,
};
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::table::allowance::Allowance;
use crate::table::attributes::{Attributes, read, s};
use crate::table::author::Author;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use domain::rules::retention::Retention;
use telemetry::{Counter, count};

pub mod allowance;
pub(crate) mod attributes;
pub(crate) mod author;
pub(crate) mod condition;
pub mod key;
pub mod retry;
pub(crate) mod transact;

/// Actions in one `BatchWriteItem`: `DynamoDB`'s limit.
const BATCH_WRITE: usize = 25;
/// Keys in one `BatchGetItem`: `DynamoDB`'s limit.
const BATCH_GET: usize = 100;

/// The table `campaigns`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) retention: Retention,
    /// Who makes the changes, where a person does.
    pub(crate) author: Option<Author>,
}

impl Table {
    /// The table `name` as `client` reaches it.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, retention: Retention) -> Self {
        Self { client, name: name.into(), retention, author: None }
    }

    /// How long facts are kept.
    #[must_use]
    pub const fn retention(&self) -> Retention {
        self.retention
    }

    /// Opens the connection before the first request needs it: TLS to the table is most of a
    /// cold start's first call.
    pub async fn warm_up(&self) {
        let key = Key::warm_up();
        if let Err(error) = self.get::<serde_json::Value>("warm-up", &key).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "warm-up failed");
        }
    }

    /// Reads one item, strongly consistently.
    pub(crate) async fn get_attributes(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> Result<Option<Attributes>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of_call(operation, error))?;
        Ok(output.item)
    }

    /// Reads one item as a `T`, strongly consistently.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        self.get_attributes(kind, key).await?.map(|item| read(kind, item)).transpose()
    }

    /// Reads one item, if `allowance` has one left.
    pub(crate) async fn get_within<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        key: &Key,
        allowance: &mut Allowance,
    ) -> Result<Option<T>, StoreError> {
        allowance.take(kind, 1)?;
        self.get(kind, key).await
    }

    /// Reads many items, strongly consistently; absent ones are left out, the order is lost.
    pub(crate) async fn get_many<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<T>, StoreError> {
        let items = self.get_many_attributes(kind, keys).await?;
        items.into_iter().map(|item| read(kind, item)).collect()
    }

    /// [`get_many`](Self::get_many) for items of many accounts: one that can't be understood is
    /// logged, counted and passed over, so that it stops no other account.
    pub(crate) async fn get_readable<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<T>, StoreError> {
        let items = self.get_many_attributes(kind, keys).await?;
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let key = item.get("pk").cloned().zip(item.get("sk").cloned());
            match read(kind, item) {
                Ok(item) => found.push(item),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, ?key, "an item can't be understood and is passed over");
                    count(Counter::ItemsUnreadable, 1);
                }
            }
        }
        Ok(found)
    }

    async fn get_many_attributes(
        &self,
        kind: &'static str,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut waiting: Vec<Attributes> = keys.into_iter().map(|key| key.attributes()).collect();
        let mut found = Vec::with_capacity(waiting.len());
        let mut attempts = Attempts::at(kind);
        while !waiting.is_empty() {
            attempts.next().await?;
            let batch: Vec<Attributes> = waiting.split_off(waiting.len().saturating_sub(BATCH_GET));
            let asked = batch.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(batch))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::corrupt(kind, error))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::of_call(kind, error))?;
            found.extend(
                output.responses.unwrap_or_default().remove(&self.name).unwrap_or_default(),
            );
            let left: Vec<Attributes> = output
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&self.name)
                .map_or_else(Vec::new, |left| left.keys);
            // Only a batch of which nothing was read counts as a failed attempt.
            if left.len() < asked {
                attempts = Attempts::at(kind);
            }
            waiting.extend(left);
        }
        Ok(found)
    }

    /// Writes many items, plainly: what is there already is replaced by the same.
    pub(crate) async fn put_many(
        &self,
        operation: &'static str,
        items: Vec<Attributes>,
    ) -> Result<(), StoreError> {
        let mut waiting: Vec<WriteRequest> = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder()
                .set_item(Some(item))
                .build()
                .map_err(|error| StoreError::corrupt(operation, error))?;
            waiting.push(WriteRequest::builder().put_request(put).build());
        }
        self.write_many(operation, waiting).await
    }

    /// Deletes many items, plainly; no key twice.
    pub(crate) async fn delete_many(
        &self,
        operation: &'static str,
        keys: &[Key],
    ) -> Result<(), StoreError> {
        let mut waiting: Vec<WriteRequest> = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder()
                .set_key(Some(key.attributes()))
                .build()
                .map_err(|error| StoreError::corrupt(operation, error))?;
            waiting.push(WriteRequest::builder().delete_request(delete).build());
        }
        self.write_many(operation, waiting).await
    }

    async fn write_many(
        &self,
        operation: &'static str,
        mut waiting: Vec<WriteRequest>,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::at(operation);
        while !waiting.is_empty() {
            attempts.next().await?;
            let batch = waiting.split_off(waiting.len().saturating_sub(BATCH_WRITE));
            let asked = batch.len();
            let output = self
                .client
                .batch_write_item()
                .request_items(&self.name, batch)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::of_call(operation, error))?;
            let left =
                output.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
            if left.len() < asked {
                attempts = Attempts::at(operation);
            }
            waiting.extend(left);
        }
        Ok(())
    }

    /// Writes one item, plainly.
    pub(crate) async fn put(
        &self,
        operation: &'static str,
        item: Attributes,
    ) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of_call(operation, error))?;
        Ok(())
    }

    /// Deletes one item, plainly.
    pub(crate) async fn delete(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> Result<(), StoreError> {
        self.delete_item(key)
            .send()
            .await
            .map_err(|error| StoreError::of_call(operation, error))?;
        Ok(())
    }

    /// All items of a partition whose sort key lies between `from` and `to`, strongly
    /// consistently, page by page.
    pub(crate) async fn query<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        pk: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<T>, StoreError> {
        let items = self.query_attributes(kind, pk, from, to).await?;
        items.into_iter().map(|item| read(kind, item)).collect()
    }

    /// [`query`](Self::query), the items as they stand.
    pub(crate) async fn query_attributes(
        &self,
        kind: &'static str,
        pk: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| StoreError::of_call(kind, error))?;
            found.extend(page.items.unwrap_or_default());
        }
        Ok(found)
    }

    /// The first `limit` items of a partition whose sort key lies between `range`'s ends, from
    /// the least key up (`forward`) or from the greatest down.
    pub(crate) async fn query_page<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        pk: &str,
        range: (&str, &str),
        limit: usize,
        forward: bool,
    ) -> Result<Vec<T>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(pk))
            // A sort key is never empty, nor may a bound be.
            .expression_attribute_values(
                ":from",
                s(if range.0.is_empty() { "\u{1}" } else { range.0 }),
            )
            .expression_attribute_values(":to", s(range.1))
            .consistent_read(true)
            .scan_index_forward(forward)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| StoreError::of_call(kind, error))?;
            for item in page.items.unwrap_or_default() {
                found.push(read(kind, item)?);
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// All items of a partition whose sort key lies between `range`'s ends, as far as `allowance`
    /// goes.
    pub(crate) async fn query_within<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        pk: &str,
        range: (&str, &str),
        allowance: &mut Allowance,
    ) -> Result<Vec<T>, StoreError> {
        // One more tells that there are too many.
        let limit = allowance.left().map_or(usize::MAX, |left| left.saturating_add(1));
        let found = self.query_page(kind, pk, range, limit, true).await?;
        allowance.take(kind, found.len())?;
        Ok(found)
    }

    /// All items of a partition whose sort key starts with `prefix`, as far as `allowance` goes.
    pub(crate) async fn query_prefix_within<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        pk: &str,
        prefix: &str,
        allowance: &mut Allowance,
    ) -> Result<Vec<T>, StoreError> {
        self.query_within(kind, pk, (prefix, &format!("{prefix}\u{10ffff}")), allowance).await
    }

    /// All items of a partition whose sort key starts with `prefix`.
    pub(crate) async fn query_prefix<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        pk: &str,
        prefix: &str,
    ) -> Result<Vec<T>, StoreError> {
        // Sort keys compare by UTF-8 bytes and hold no character beyond this one, nor any before \u{1}.
        let from = if prefix.is_empty() { "\u{1}" } else { prefix };
        self.query(kind, pk, from, &format!("{prefix}\u{10ffff}")).await
    }
}
