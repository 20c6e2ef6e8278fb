//! What an operator does by hand, as `cargo run -p ops -- …`.
//!
//! - [`recount`]: how the differences that a recount found are told,
//! - [`log`]: the table's stream at AWS, which a recount reads,
//! - [`replay`]: what was kept aside, through ingest again after a fix.
//!
//! Recounting and deriving anew are `shared::counting`; the orders of a range of days (`catch-up`)
//! are `ingest::vtex::catch_up`.

pub mod log;
pub mod recount;
pub mod replay;
