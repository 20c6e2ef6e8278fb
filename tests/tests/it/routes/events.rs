//! `/events/{account}`: `CloudEvents`, and the list of what was kept aside.

pub(crate) mod aside;
pub(crate) mod batches;
pub(crate) mod facts;
pub(crate) mod fields;
