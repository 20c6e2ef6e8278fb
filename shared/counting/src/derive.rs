//! What follows from facts: first clicks, cohorts, a shopper's clicked reminders, credits.
//!
//! Every read is strongly consistent and made after the facts that it is about were stored, so a
//! derivation sees at least those. What it writes makes a record of its own, which is derived again:
//! a worker that was too slow is corrected by the record of its own write. A derivation that changes
//! nothing writes nothing, so this comes to an end.
//!
//! # What a record asks for
//!
//! - [`mod@reminder`]: a reminder, one of its clicks or its entry among its shopper's changed. Its clicks
//!   and its entry are made to follow it; then it is *compared* with the orders that it can have earned.
//! - [`mod@link`]: a link was bound, or tapped before it was: its clicks go to the reminder that it
//!   belongs to.
//! - [`mod@order`]: an order changed, or a reminder is to be compared with it.
//!
//! # Bounded
//!
//! A subject whose derivation would read more items than its [`Allowance`] is refused with
//! [`StoreError::TooMany`]: its facts stay as they are until an operator derives them, and nobody
//! else waits for it.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use store::StoreError;
use store::facts::Written;

pub mod link;
pub mod order;
pub mod reminder;

/// Derivations' writes of one subject that run side by side.
const AT_ONCE: usize = 16;

/// How many items a derivation changed.
type Changed = Result<u64, StoreError>;

/// Does writes side by side; how many changed something.
async fn changed_by<F>(writes: Vec<F>) -> Changed
where
    F: Future<Output = Result<Written, StoreError>>,
{
    let mut writes = stream::iter(writes).buffer_unordered(AT_ONCE);
    let mut changed = 0;
    while let Some(written) = writes.try_next().await? {
        changed += u64::from(written.is_changed());
    }
    Ok(changed)
}

#[cfg(doc)]
use store::Allowance;
