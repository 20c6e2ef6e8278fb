//! What the system exists for, as pure code: folding facts, crediting orders, counting, report rows.
//!
//! Uses no other crate of ours, and knows no AWS, no HTTP, no clock and no randomness: they come in
//! as arguments.
//!
//! - [`values`]: words that can't be wrong: ids, instants, money, days, and every limit,
//! - [`facts`]: what the world tells us, and how it folds (R2, R3, R7),
//! - [`rules`]: what follows: credit (R5, R6), contributions to totals (R1, R4, R9), retention,
//! - [`reports`]: report requests, rows (R10) and schedules,
//! - [`activity`]: who changed what of an account.
//!
//! Each uses only those above it. Reading order: [`facts::event`], [`facts::reminder`],
//! [`facts::order`], [`rules::credit`], [`rules::contribution`], [`reports::row`].

pub mod activity;
pub mod facts;
pub mod reports;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod values;
