//! The function over its router, on an embedded table.

mod conversions;
mod cost;
mod explanation;
mod metrics;
mod refusals;
mod store;
