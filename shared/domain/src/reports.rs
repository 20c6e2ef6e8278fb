//! Reports: what is asked for, whom it goes to, what a row is (R10), and when schedules run.

pub mod recipient;
pub mod report;
pub mod row;
pub mod schedule;
