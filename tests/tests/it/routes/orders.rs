//! `/orders` and `/orders/{orderGroup+}`.

pub(crate) mod explain;
pub(crate) mod items;
pub(crate) mod list;
pub(crate) mod named;
pub(crate) mod pending;
pub(crate) mod select;
