//! `/metrics`.

pub(crate) mod comparison;
pub(crate) mod cost;
pub(crate) mod figures;
pub(crate) mod funnel;
pub(crate) mod refusals;
