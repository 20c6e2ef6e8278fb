//! Every test that needs more than its own crate, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code stops at the first surprise, and prints its seeds"
)]

mod bad_input;
mod campaign_life;
mod captured_log;
mod cart_answers;
mod cart_life;
mod contract;
mod demo_store;
mod deployment;
mod domain_cases;
mod domain_properties;
mod embedded_engine;
mod formulas;
mod http_properties;
mod layers;
mod logs;
mod lost_records;
mod operator;
mod order_limits;
mod readme;
mod report_worker;
mod returned_mails;
mod routes;
mod security;
mod sender;
mod stack;
mod store;
mod stream;
mod tenants;
mod vtex;
