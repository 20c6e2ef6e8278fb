//! What an operator does by hand, as `cargo run -p ops -- …`.
//!
//! - [`recount`]: how the differences that a recount found are told,
//! - [`log`]: the table's stream at AWS, which a recount reads,
//! - [`catch_up`]: the orders of a range of days, read from VTEX,
//! - [`number`]: whose a phone number is,
//! - [`seal`]: secrets that stand in the table in clear,
//! - [`intake`]: what these read and store facts with.
//!
//! Recounting and deriving anew are `shared::counting`; what was kept aside goes through [`ingest::replay`] again.

pub mod catch_up;
pub mod intake;
pub mod log;
pub mod number;
pub mod recount;
pub mod seal;
