//! The rollup against the embedded engine, whose stream is cut into shards and whose calls fail,
//! wait and get lost as the tests say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

mod chaos;
mod check;
mod convergence;
mod cost;
mod failures;
mod history;
mod kinds;
mod told;
mod traps;
mod world;
