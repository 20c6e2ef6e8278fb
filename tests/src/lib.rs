//! What the tests judge the system by, apart from the system.
//!
//! - [`raw_event`]: what senders send, as they write it,
//! - [`raw_cart`]: what happens to a store that the system sends for,
//! - [`model`]: the rules R1-R10 a second time, by loops over lists of raw events,
//! - [`pure_engine`]: the same answers from `shared::domain`, kept in memory,
//! - [`answer`]: the questions and answers of both,
//! - [`history`]: random histories for both.
//!
//! Nothing here depends on a function crate, so that the model can judge each of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test code stops at the first surprise"
)]

pub mod answer;
pub mod history;
pub mod model;
pub mod pure_engine;
pub mod raw_cart;
pub mod raw_event;
