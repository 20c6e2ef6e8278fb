//! The function over its router, on an embedded table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod account;
mod admin;
mod campaigns;
mod document;
mod edits;
mod history;
mod secrets;
mod status;
mod tenants;
mod unrouted;
