//! The report worker on an embedded table, with S3 and SES beside it on loopback.

use shared::domain::values::span::Span;

pub(crate) mod attempts;
pub(crate) mod feedback;
pub(crate) mod file;
pub(crate) mod lagging;
pub(crate) mod logs;
pub(crate) mod mails;
pub(crate) mod moving;
pub(crate) mod periods;
pub(crate) mod recipients;
pub(crate) mod s3;
pub(crate) mod schedules;
pub(crate) mod ses;
pub(crate) mod uploads;

fn minutes(minutes: i64) -> Span {
    Span::seconds(minutes * 60)
}
