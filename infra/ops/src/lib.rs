//! What an operator does by hand, as `cargo run -p ops -- …`.
//!
//! - [`recount`]: the rollups judged by the facts, and repaired while traffic flows,
//! - [`log`]: the table's stream, read beside the rollup,
//! - [`replay`]: what was kept aside, through ingest again after a fix,
//! - [`catch_up`]: the orders of a range of days, read from VTEX,
//! - [`intake`]: what these two read and store facts with.

pub mod catch_up;
pub mod intake;
pub mod log;
pub mod recount;
pub mod replay;
