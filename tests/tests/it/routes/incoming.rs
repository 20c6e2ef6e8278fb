//! All routes that take facts in: what they cost, log and refuse, and what happens when the table
//! fails.

pub(crate) mod cost;
pub(crate) mod failures;
pub(crate) mod logs;
pub(crate) mod order_pointers;
pub(crate) mod people;
pub(crate) mod robustness;
pub(crate) mod rotation;
