//! The function over its router, on an embedded table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod admin;
mod document;
mod downloads;
mod limits;
mod lists;
mod refusals;
mod repeats;
mod requests;
mod schedules;
