//! The function over its router, on an embedded table.

mod conversions;
mod cost;
mod explanation;
mod figures;
mod refusals;
mod store;
