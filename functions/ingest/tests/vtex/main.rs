//! VTEX's order hook on an embedded table and a stand-in VTEX that answers slowly, wrongly, with 404,
//! 429 and 500.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod answers;
mod catch_up;
mod hook;
mod logs;
mod oddities;
mod support;
