//! The worker on an embedded table, with S3 and SES beside it on loopback.

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
