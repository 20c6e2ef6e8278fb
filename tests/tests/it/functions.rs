//! Each function by itself, on an embedded table: every route and record, the costs, and what
//! happens when calls fail.

mod campaigns;
pub(crate) mod ingest;
mod metrics;
mod ops;
mod report_worker;
mod reports;
pub(crate) mod rollup;
