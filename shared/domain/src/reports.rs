//! Reports: what is asked for, what a row is (R10), and when schedules run.

pub mod report;
pub mod row;
pub mod schedule;
