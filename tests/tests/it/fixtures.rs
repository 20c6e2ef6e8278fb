//! Stores that tests start from.

pub(crate) mod campaigns;
pub(crate) mod incoming;
pub(crate) mod metrics;
pub(crate) mod report_worker;
pub(crate) mod reports;
pub(crate) mod stream;
pub(crate) mod vtex;
