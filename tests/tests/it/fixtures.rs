//! Stores that tests start from.

pub(crate) mod incoming;
pub(crate) mod report_worker;
pub(crate) mod stream;
pub(crate) mod vtex;
