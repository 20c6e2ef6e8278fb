//! VTEX: reading orders, the order list and the hook's configuration, and what an order's document
//! means here.
//!
//! - [`stores`]: what is read of stores, by whatever plays VTEX,
//! - [`client`]: the calls, with time-outs so short that the hook's own answer stays below 5 s,
//! - [`order`]: an order's document as an [`OrderUpdated`](domain::facts::event::OrderUpdated),
//! - [`order_form`]: an order form's document,
//! - [`list`]: the order list of a range of days,
//! - [`hook`]: the hook's configuration,
//! - [`time_zone`]: Windows zone names.

pub mod client;
mod error;
pub mod hook;
pub mod list;
pub mod order;
pub mod order_form;
pub mod stores;
pub mod time_zone;

pub use client::{Timeouts, VtexApi};
pub use error::VtexError;
pub use stores::Stores;
