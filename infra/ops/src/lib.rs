//! What an operator does by hand, as `cargo run -p ops -- …`.
//!
//! - [`recount`]: the rollups judged by the facts, and repaired while traffic flows,
//! - [`log`]: the table's stream, read beside the rollup,
//! - [`replay`]: what was kept aside, through ingest again after a fix.
//!
//! The orders of a range of days (`catch-up`) are `ingest::vtex::catch_up`.

pub mod log;
pub mod recount;
pub mod replay;
