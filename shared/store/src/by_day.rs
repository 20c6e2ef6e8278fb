//! The index `byDay`: the conversions of a store day. Its decisions are read beside them
//! ([`decisions::by_day`](crate::decisions::by_day)).
//!
//! An index is eventually consistent: reports take only the order groups from it and read the facts
//! again. A comparison takes the orders from it as they stand there: in a moment it says the same as
//! the facts.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder as Query;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use crate::table::attributes::{read, s};
use crate::table::key::{self, BY_DAY, CONVERSION};
use crate::{StoreError, Table};
use domain::facts::order::Order;
use domain::values::account::Account;
use domain::values::ids::OrderGroup;
use domain::values::instant::Instant;
use domain::values::store_day::StoreDay;

/// What an unreadable entry is called in errors.
const CONVERSION_KIND: &str = "day's conversion";

/// A conversion's place in its day: sorts as the report does (R10).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct DayConversion {
    /// The index sort key; where the next page starts.
    pub position: String,
    /// The order.
    pub order_group: OrderGroup,
}

impl DayConversion {
    /// The order's creation as the index knows it: its place in its day.
    pub fn created_at(&self) -> Result<Instant, StoreError> {
        key::parse_conversion_day_sk(&self.position)
            .and_then(|(created_at, _)| Instant::parse_rfc3339(created_at).ok())
            .ok_or_else(|| StoreError::corrupt(CONVERSION_KIND, "its key has no instant"))
    }
}

impl Table {
    /// The orders credited to the reminders of a day, in the order of the report, from behind
    /// `after` on and at most `limit`.
    pub async fn day_conversions(
        &self,
        account: &Account,
        day: StoreDay,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Vec<DayConversion>, StoreError> {
        // Keys hold no control character: nothing lies between `after` and this.
        let from = after.map_or_else(|| CONVERSION.to_owned(), |after| format!("{after}\u{1}"));
        let to = format!("{CONVERSION}\u{10ffff}");
        let sort_keys = self.day_sort_keys(account, day, (&from, &to), limit, true).await?;
        sort_keys.into_iter().map(read_conversion).collect()
    }

    /// The same from its end: those before `before`, the last first, at most `limit`.
    pub async fn day_conversions_back(
        &self,
        account: &Account,
        day: StoreDay,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DayConversion>, StoreError> {
        let to = before.map_or_else(|| format!("{CONVERSION}\u{10ffff}"), str::to_owned);
        // A range of keys ends with its bound, which was told before: one more is read for it.
        let most = Some(limit + usize::from(before.is_some()));
        let sort_keys = self.day_sort_keys(account, day, (CONVERSION, &to), most, false).await?;
        let behind = sort_keys.into_iter().filter(|key| before != Some(key.as_str()));
        behind.take(limit).map(read_conversion).collect()
    }

    /// Tells `each` of the orders that are credited to the reminders of a day and were made after an
    /// instant. They are read page by page and none is kept: memory is that of one page, however many
    /// there are.
    pub async fn day_conversions_after(
        &self,
        account: &Account,
        day: StoreDay,
        after: Instant,
        mut each: impl FnMut(&Order),
    ) -> Result<(), StoreError> {
        let (from, to) = (key::conversions_after_sk(after), format!("{CONVERSION}\u{10ffff}"));
        let mut pages = self.day_query(account, day, (&from, &to)).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| StoreError::of_call("read a day's orders", error))?;
            for item in page.items.unwrap_or_default() {
                each(&read("order", item)?);
            }
        }
        Ok(())
    }

    /// The entries of a day within bounds of their sort keys, both included.
    pub(crate) fn day_query(
        &self,
        account: &Account,
        day: StoreDay,
        (from, to): (&str, &str),
    ) -> Query {
        self.client
            .query()
            .table_name(&self.name)
            .index_name(BY_DAY)
            .key_condition_expression("dayPk = :pk AND daySk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::day_pk(account, day)))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// The index sort keys of a day within bounds, both included.
    async fn day_sort_keys(
        &self,
        account: &Account,
        day: StoreDay,
        (from, to): (&str, &str),
        limit: Option<usize>,
        ascending: bool,
    ) -> Result<Vec<String>, StoreError> {
        const OPERATION: &str = "read a day's index";
        let mut found: Vec<String> = Vec::new();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let left = limit.map(|limit| i32::try_from(limit - found.len()).unwrap_or(i32::MAX));
            let page = self
                .day_query(account, day, (from, to))
                .projection_expression("daySk")
                .scan_index_forward(ascending)
                .set_exclusive_start_key(start)
                .set_limit(left)
                .send()
                .await
                .map_err(|error| StoreError::of_call(OPERATION, error))?;
            for mut item in page.items.unwrap_or_default() {
                let Some(AttributeValue::S(sk)) = item.remove("daySk") else {
                    return Err(StoreError::corrupt(OPERATION, "an entry without a sort key"));
                };
                found.push(sk);
            }
            start = page.last_evaluated_key;
            if start.is_none() || limit.is_some_and(|limit| found.len() >= limit) {
                return Ok(found);
            }
        }
    }
}

fn read_conversion(position: String) -> Result<DayConversion, StoreError> {
    let (_, group) = key::parse_conversion_day_sk(&position)
        .ok_or_else(|| StoreError::corrupt(CONVERSION_KIND, "its key has no order"))?;
    let order_group =
        OrderGroup::parse(group).map_err(|error| StoreError::corrupt(CONVERSION_KIND, error))?;
    Ok(DayConversion { position, order_group })
}
