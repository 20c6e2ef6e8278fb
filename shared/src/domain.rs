//! What the system exists for, as pure code: folding facts, crediting orders, counting,
//! report rows. Nothing here knows AWS, a clock or randomness; they come in as arguments.
//!
//! Reading order: [`event`] (what the world tells us), [`reminder`], [`click`] and [`order`]
//! (how facts fold, R2, R3, R7), [`credit`] (R5, R6), [`contribution`] (what a fact adds to
//! its day's totals, R1, R4, R9), [`report_row`] (R10).

pub mod account;
pub mod campaign;
pub mod click;
pub mod contribution;
pub mod credit;
pub mod email;
pub mod erasure;
pub mod event;
pub mod identity;
pub mod ids;
pub mod instant;
pub mod invalid;
pub mod item;
pub mod limits;
pub mod money;
pub mod order;
pub mod period;
pub mod reminder;
pub mod report;
pub mod report_row;
#[cfg(test)]
pub(crate) mod samples;
pub mod schedule;
pub mod store_day;
