//! Each function by itself, on an embedded table: every route and record, the costs, and what
//! happens when calls fail.

mod campaigns;
mod ingest;
mod metrics;
mod report_worker;
mod reports;
mod rollup;
