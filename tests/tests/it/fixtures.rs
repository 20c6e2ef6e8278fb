//! Stores that tests start from.

pub(crate) mod report_worker;
pub(crate) mod stream;
