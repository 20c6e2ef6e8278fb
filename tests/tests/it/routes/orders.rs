//! `/orders` and `/orders/{orderGroup+}`.

pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod named;
pub(crate) mod pending;
