//! The worker on an embedded table, with S3 and SES beside it on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod attempts;
mod file;
mod logs;
mod mails;
mod moving;
mod periods;
mod s3;
mod schedules;
mod ses;
mod stage;
mod uploads;
