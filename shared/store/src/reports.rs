//! Report requests.
//!
//! A request is an item whose writing starts the worker through the stream. Beside it stand:
//!
//! - a pointer under [`key::OPEN_REPORTS`], written with the request and deleted when it is
//!   done: the tick finds what lies waiting without a scan. A pointer is only a hint; the report
//!   itself says whether it is due;
//! - when the account asked for reports within the last hour, for the limit, which is exact: the
//!   list is read and written back on its version in the request's own transaction;
//! - with an idempotency key, what the key led to, for 24 h.
//!
//! Reports stay as long as facts do, so that it can be told who got what and when (who, when,
//! what range, where to).

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, n, s, write};
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::table::transact::put;
use crate::{StoreError, Table};
use domain::activity::Change;
use domain::reports::report::{Report, ReportId};
use domain::values::account::Account;
use domain::values::digest::{base64url, sha256};
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

mod attempts;
mod downloads;

pub use attempts::Claimed;
pub use downloads::Download;

/// The value of the attribute by which the stream's filter knows a report.
const KIND: &str = "REPORT";
/// How long an idempotency key is remembered.
pub const REQUEST_KEY_LIFE: Span = Span::hours(24);
/// The span of [`limits::REPORTS_PER_HOUR`].
const HOUR: Span = Span::hours(1);

/// A caller's idempotency key and what it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    hash: String,
    body: String,
}

impl RequestKey {
    /// The key `key` of `account` with the request `body`, of which only digests are kept.
    #[must_use]
    pub fn new(account: &Account, key: &str, body: &[u8]) -> Self {
        // No account holds the separator.
        Self { hash: digest(format!("{account}#{key}").as_bytes()), body: digest(body) }
    }
}

fn digest(bytes: &[u8]) -> String {
    base64url(&sha256(bytes))
}

/// What an idempotency key was used for before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// The same request: it led to this report.
    Same(ReportId),
    /// Another request.
    Other,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportRequested {
    /// It is stored, and starts.
    Stored,
    /// Its idempotency key was used before.
    Repeated(Repeated),
    /// The account asked for as many reports as it may; it may ask again at this instant.
    TooMany(Instant),
}

/// A page of reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPage {
    /// The reports, newest first.
    pub reports: Vec<Report>,
    /// The report that the next page starts behind.
    pub next: Option<ReportId>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeldRequest {
    body: String,
    report_id: ReportId,
    valid_until: Instant,
}

#[derive(Serialize, Deserialize)]
struct Rate {
    recent: Vec<Instant>,
    version: u64,
}

impl Table {
    /// What an idempotency key was used for before; none when it is new or forgotten.
    pub async fn report_repeated(
        &self,
        key: &RequestKey,
        now: Instant,
    ) -> Result<Option<Repeated>, StoreError> {
        let held: Option<HeldRequest> =
            self.get("report request", &Key::report_request(&key.hash)).await?;
        // Expired items linger for up to days.
        Ok(held.filter(|held| now < held.valid_until).map(|held| {
            if held.body == key.body { Repeated::Same(held.report_id) } else { Repeated::Other }
        }))
    }

    /// Stores a request that somebody made at `report.requested_at`, unless its key was used
    /// before or the account has asked for too many.
    pub async fn report_request(
        &self,
        report: &Report,
        key: Option<&RequestKey>,
    ) -> Result<ReportRequested, StoreError> {
        const OPERATION: &str = "request a report";
        let now = report.requested_at;
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            if let Some(key) = key
                && let Some(repeated) = self.report_repeated(key, now).await?
            {
                return Ok(ReportRequested::Repeated(repeated));
            }
            let held: Option<Rate> =
                self.get("report rate", &Key::report_rate(&report.account)).await?;
            let (version, mut recent) =
                held.map_or((0, Vec::new()), |held| (held.version, held.recent));
            recent.retain(|at| now.since(*at) < HOUR);
            recent.sort_unstable();
            if let Some(oldest) = recent.first()
                && recent.len() >= limits::REPORTS_PER_HOUR
            {
                return Ok(ReportRequested::TooMany(oldest.plus(HOUR)));
            }
            recent.push(now);
            let mut actions = self.put_report(report)?;
            actions.push(self.put_rate(
                &report.account,
                &Rate { recent, version: version + 1 },
                now,
            )?);
            if let Some(key) = key {
                actions.push(self.put_request_key(key, &report.id, now)?);
            }
            actions.extend(self.entry(&report.account, Change::of_report(report))?);
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(ReportRequested::Stored);
            }
            // Another request of the account came between, perhaps the same one.
        }
    }

    /// The writes of a new report: itself, unless it is there already, and the pointer to it.
    pub(super) fn put_report(&self, report: &Report) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut item = write("report", &Key::report(&report.account, &report.id), report)?;
        item.insert("kind".to_owned(), s(KIND));
        let expires_at = self.retention.expires_at(report.requested_at);
        expire(&mut item, expires_at);
        let mut pointer = Key::open_report(&report.account, &report.id).attributes();
        pointer.insert("account".to_owned(), s(report.account.as_str()));
        pointer.insert("id".to_owned(), s(report.id.as_str()));
        expire(&mut pointer, expires_at);
        Ok(vec![
            put(self.put_of(item).condition_expression("attribute_not_exists(pk)"))?,
            put(self.put_of(pointer))?,
        ])
    }

    fn put_rate(
        &self,
        account: &Account,
        rate: &Rate,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut item = write("report rate", &Key::report_rate(account), rate)?;
        expire(&mut item, Some(now.plus(HOUR).seconds()));
        // Expired and swept, or not there yet: both start over at version 1.
        put(self
            .put_of(item)
            .condition_expression("attribute_not_exists(pk) OR version = :held")
            .expression_attribute_values(":held", n(rate.version - 1)))
    }

    fn put_request_key(
        &self,
        key: &RequestKey,
        id: &ReportId,
        now: Instant,
    ) -> Result<TransactWriteItem, StoreError> {
        let valid_until = now.plus(REQUEST_KEY_LIFE);
        let held = HeldRequest { body: key.body.clone(), report_id: id.clone(), valid_until };
        let mut item = write("report request", &Key::report_request(&key.hash), &held)?;
        expire(&mut item, Some(valid_until.seconds()));
        put(self
            .put_of(item)
            .condition_expression("attribute_not_exists(pk) OR validUntil <= :now")
            .expression_attribute_values(":now", s(now)))
    }

    /// A report.
    pub async fn report(
        &self,
        account: &Account,
        id: &ReportId,
    ) -> Result<Option<Report>, StoreError> {
        self.get("report", &Key::report(account, id)).await
    }

    /// An account's reports, newest first, from behind `after` on.
    pub async fn reports(
        &self,
        account: &Account,
        after: Option<&ReportId>,
        limit: usize,
    ) -> Result<ReportPage, StoreError> {
        let to = after.map_or("\u{10ffff}", ReportId::as_str);
        // One more tells whether there is more; another one is `after` itself.
        let mut reports: Vec<Report> =
            self.query_page("report", &key::reports(account), ("", to), limit + 2, false).await?;
        reports.retain(|report| Some(&report.id) != after);
        let more = reports.len() > limit;
        reports.truncate(limit);
        let next = reports.last().filter(|_| more).map(|report| report.id.clone());
        Ok(ReportPage { reports, next })
    }

    /// Marks a report whose file was deleted. One that is being built starts over: what its file
    /// holds may have been read before.
    pub async fn report_note_file_erased(
        &self,
        report: &Report,
        now: Instant,
    ) -> Result<(), StoreError> {
        use domain::reports::report::ReportStatus;
        let request = self
            .update_item(&Key::report(&report.account, &report.id))
            .condition_expression("#status = :held AND attempts = :attempts")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":attempts", n(report.attempts))
            .expression_attribute_values(":at", s(now));
        let request = if report.status == ReportStatus::Running {
            request
                .update_expression("SET #status = :due, nextAttemptAt = :at")
                .expression_attribute_values(":held", s("running"))
                .expression_attribute_values(":due", s("due"))
        } else if report.file.is_some() && report.status.is_final() {
            let word = if report.status == ReportStatus::Mailed { "mailed" } else { "failed" };
            request
                .update_expression("SET fileErasedAt = :at")
                .expression_attribute_values(":held", s(word))
        } else {
            // Nothing was sent and no file is shown: the next attempt builds a new one.
            return Ok(());
        };
        let written = request.send().await.map(drop);
        crate::table::condition::unless_condition_failed("mark a report's file", written).map(drop)
    }
}
