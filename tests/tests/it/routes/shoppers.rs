//! `/shoppers/erase`.

pub(crate) mod erase;
pub(crate) mod refusals;
