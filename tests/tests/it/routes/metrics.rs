//! `/metrics`.

pub(crate) mod cost;
pub(crate) mod figures;
pub(crate) mod refusals;
