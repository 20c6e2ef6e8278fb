//! One replay of an account at a time, so that a store which asks for many takes no more of the functions and
//! the table than one does.

use serde::Serialize;

use crate::table::attributes::{expire, s, write};
use crate::table::condition::unless_condition_failed;
use crate::table::key::Key;
use crate::table::transact::put;
use crate::{StoreError, Table};
use domain::activity::Change;
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::span::Span;

/// How long a replay that never ended keeps the next one away: a function that runs it lives for half as
/// long.
pub const REPLAY_LEASE: Span = Span::seconds(60);

#[derive(Serialize)]
struct Replaying<'a> {
    holder: &'a str,
    until: Instant,
}

impl Table {
    /// Begins a replay of an account, under a name that nobody else has; `false` while another one is under
    /// way. `reason` narrows it, which the entry of whoever begins it tells.
    pub async fn aside_replay_begin(
        &self,
        account: &Account,
        (holder, reason): (&str, Option<&str>),
        now: Instant,
    ) -> Result<bool, StoreError> {
        let until = now.plus(REPLAY_LEASE);
        let replaying = Replaying { holder, until };
        let mut item = write("replay", &Key::aside_replay(account), &replaying)?;
        expire(&mut item, Some(until.seconds()));
        let begun = self
            .put_of(item)
            .condition_expression("attribute_not_exists(pk) OR #until <= :now OR holder = :holder")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", s(now))
            .expression_attribute_values(":holder", s(holder));
        let mut actions = vec![put(begun)?];
        actions.extend(self.entry(account, Change::of_replay(reason))?);
        Ok(self.transact("begin a replay", actions).await?.is_done())
    }

    /// Ends the replay that `holder` began.
    pub async fn aside_replay_end(
        &self,
        account: &Account,
        holder: &str,
    ) -> Result<(), StoreError> {
        let ended = self
            .delete_item(&Key::aside_replay(account))
            .condition_expression("holder = :holder")
            .expression_attribute_values(":holder", s(holder))
            .send()
            .await;
        unless_condition_failed("end a replay", ended).map(drop)
    }
}
