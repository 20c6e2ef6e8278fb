//! The function over its router, on an embedded table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod conversions;
mod cost;
mod explanation;
mod metrics;
mod refusals;
mod store;
