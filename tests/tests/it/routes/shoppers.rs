//! `/shoppers/erase`.

pub(crate) mod erase;
