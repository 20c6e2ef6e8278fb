//! Stores that tests start from.

pub(crate) mod stream;
