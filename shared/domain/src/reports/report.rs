//! Report requests: who gets which rows, and how far it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::reports::row::ReportFormat;
use crate::reports::schedule::{PauseReason, Run, ScheduleId};
use crate::values::account::Account;
use crate::values::digest::{base64url, first, sha256};
use crate::values::email::EmailAddress;
use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::money::Sums;
use crate::values::period::Period;
use crate::values::span::Span;
use crate::values::store_day::StoreDay;
use crate::values::text::text_type;
use crate::values::uuid::{is_uuid, uuid_at};

/// How often a report is tried. With the pauses below the last try comes about ten hours after
/// the first: longer than an outage of the mail service, shorter than anyone waits for a mail.
pub const ATTEMPTS: u32 = 8;
/// The pause after the first failure; it doubles with each further one. The tick that ends it
/// comes every 15 minutes.
const FIRST_PAUSE: Span = Span::seconds(5 * 60);
/// After this time without a sign of life a started attempt is taken for dead: longer than a
/// Lambda can live (15 minutes), so that a slow attempt is never doubled.
pub const LEASE: Span = Span::seconds(16 * 60);
/// How long a request may lie before the tick starts it again: the stream delivers within
/// seconds, so its record is lost.
pub const PICK_UP: Span = Span::seconds(5 * 60);

text_type!(
    /// A report's id: a UUID of version 7 as 32 hex digits, so that ids sort as requests came.
    ReportId, "id", "32 hex digits", is_uuid
);

impl ReportId {
    /// The id of a report that is requested at `at`.
    #[must_use]
    pub fn new(at: Instant, random: &[u8; 10]) -> Self {
        Self(uuid_at(at, random))
    }

    /// The id of a schedule's report about one period: the same for whoever requests it, so
    /// that a period is requested once.
    #[must_use]
    pub fn scheduled(schedule: &ScheduleId, run: &Run) -> Self {
        let hash = sha256(format!("{schedule}#{}", run.day).as_bytes());
        Self(uuid_at(run.at, &first(&hash)))
    }
}

/// The secret part of a mail's download link: 128 random bits as base64url. Its `Debug` is
/// redacted: whoever has it has the file.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadToken(String);

impl DownloadToken {
    /// How long a mail's link works.
    pub const LIFE: Span = Span::days(7);

    /// A token of these random bits.
    #[must_use]
    pub fn new(random: &[u8; 16]) -> Self {
        Self(base64url(random))
    }

    /// Reads one from a path; none for what can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bits = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bits.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The token, for the link alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its SHA-256: the only form in which it is kept.
    #[must_use]
    pub fn hash(&self) -> String {
        base64url(&sha256(self.0.as_bytes()))
    }
}

impl std::fmt::Debug for DownloadToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DownloadToken(…)")
    }
}

/// How far a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportStatus {
    /// Asked for; the stream starts it.
    Requested,
    /// An attempt is under way.
    Running,
    /// An attempt failed; the tick starts the next one when its time has come.
    Waiting,
    /// Its recipient was asked to confirm that they want it; their answer starts it, or the tick when
    /// they had time enough.
    WaitingForRecipient,
    /// Touched by the tick, or by its recipient's answer; the stream starts it.
    Due,
    /// Handed to the mail service.
    Mailed,
    /// Given up.
    Failed,
}

impl ReportStatus {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Mailed | Self::Failed)
    }
}

/// Why the last attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFailure {
    /// The facts couldn't be read.
    Table,
    /// The file couldn't be stored.
    Storage,
    /// The mail service didn't take the mail.
    Mail,
    /// The attempt ended without a word.
    Interrupted,
    /// The recipient wished for no more mails of the account.
    RecipientUnsubscribed,
    /// The recipient was asked to confirm that they want it, and didn't within a day.
    RecipientNotConfirmed,
    /// The recipient has yet to confirm, and can't be asked again so soon: they or the account had as
    /// many mails to confirm as they may.
    RecipientNotAsked,
    /// No workbook holds so many purchases: ask for fewer days, or for a CSV.
    TooLarge,
}

impl ReportFailure {
    /// Whether a further attempt would fail just so.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        self.is_declined() || matches!(self, Self::TooLarge)
    }

    /// Whether the recipient's answer, or their not being asked, is what keeps the report from them:
    /// nothing of ours failed.
    #[must_use]
    pub const fn is_declined(self) -> bool {
        matches!(
            self,
            Self::RecipientUnsubscribed | Self::RecipientNotConfirmed | Self::RecipientNotAsked
        )
    }

    /// Why the schedules to the same recipient are paused, too; none where the failure says nothing
    /// about them.
    #[must_use]
    pub const fn pause_reason(self) -> Option<PauseReason> {
        match self {
            Self::RecipientUnsubscribed => Some(PauseReason::RecipientUnsubscribed),
            Self::RecipientNotConfirmed => Some(PauseReason::RecipientNotConfirmed),
            // Another day they can be asked, and the next period may fit a workbook.
            Self::RecipientNotAsked
            | Self::TooLarge
            | Self::Table
            | Self::Storage
            | Self::Mail
            | Self::Interrupted => None,
        }
    }
}

/// Why the mail service brought a mail back that it had taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnReason {
    /// There is no such mailbox, or it takes nothing from us, for good.
    AddressRefused,
    /// The mail service doesn't even try any more: the address refused mails, or complained of one,
    /// before.
    AddressSuppressed,
    /// The mailbox is full.
    MailboxFull,
    /// The mail is too large for the mailbox.
    MailTooLarge,
    /// The mail's content or attachment isn't let in.
    MailRefused,
    /// It didn't get through, for a reason that passes or that nobody told.
    Unknown,
    /// It got through, and its reader called it spam.
    Complaint,
}

impl ReturnReason {
    /// Why the schedules to the same recipient are paused, too; none where the next mail may get
    /// through.
    #[must_use]
    pub const fn pause_reason(self) -> Option<PauseReason> {
        match self {
            Self::AddressRefused | Self::AddressSuppressed => Some(PauseReason::Bounced),
            Self::Complaint => Some(PauseReason::Complained),
            Self::MailboxFull | Self::MailTooLarge | Self::MailRefused | Self::Unknown => None,
        }
    }
}

/// A mail that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Returned {
    /// Why.
    pub reason: ReturnReason,
    /// When we heard of it.
    pub at: Instant,
}

/// The file of a report and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportFile {
    /// Its key in the bucket.
    pub s3_key: String,
    /// When its facts were read: the mail's "as of".
    pub as_of: Instant,
    /// Its conversions.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The sums of `orderTotal` by currency (R9).
    pub totals: Sums,
    /// Whether the mail carries it; else the mail holds a link.
    pub attached: bool,
}

/// A report as asked for and as far as it is. `Debug` leaves people out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Whose it is.
    pub account: Account,
    /// Whom it goes to.
    pub email: EmailAddress,
    /// The first store day.
    pub from: StoreDay,
    /// The last store day.
    pub to: StoreDay,
    /// One campaign alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<CampaignId>,
    /// What the file is.
    #[serde(deserialize_with = "ReportFormat::stored")]
    pub format: ReportFormat,
    /// How far it is.
    pub status: ReportStatus,
    /// When it was asked for.
    pub requested_at: Instant,
    /// The `sub` claim of who asked for it; none for a schedule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// The schedule that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<ScheduleId>,
    /// Attempts that were started.
    pub attempts: u32,
    /// When the tick touches it unless it is done by then: a lost request, a dead attempt or
    /// the end of a pause.
    pub next_attempt_at: Instant,
    /// Until when it waits for its recipient, once they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Instant>,
    /// Whether an attempt began to hand the mail over and it isn't known how that ended.
    #[serde(default)]
    pub sending: bool,
    /// When it was mailed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Instant>,
    /// The file, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ReportFile>,
    /// What came of it after the mail service had taken it. It can come before our own note of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Returned>,
    /// When the file was deleted because a shopper who stands in it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_erased_at: Option<Instant>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ReportFailure>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report")
            .field("account", &self.account)
            .field("id", &self.id)
            .field("status", &self.status)
            .field("attempts", &self.attempts)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Whose facts.
    pub account: Account,
    /// Whom the report goes to.
    pub email: EmailAddress,
    /// Which store days (R1).
    pub period: Period,
    /// One campaign alone.
    pub campaign_id: Option<CampaignId>,
    /// What the file is.
    pub format: ReportFormat,
}

impl Report {
    /// A report that was just asked for.
    #[must_use]
    pub fn requested(id: ReportId, wanted: Wanted, now: Instant) -> Self {
        Self {
            id,
            account: wanted.account,
            email: wanted.email,
            from: wanted.period.from(),
            to: wanted.period.to(),
            campaign_id: wanted.campaign_id,
            format: wanted.format,
            status: ReportStatus::Requested,
            requested_at: now,
            requested_by: None,
            schedule_id: None,
            attempts: 0,
            next_attempt_at: now.plus(PICK_UP),
            waits_until: None,
            sending: false,
            mailed_at: None,
            file: None,
            returned: None,
            file_erased_at: None,
            failure: None,
        }
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.status.is_final() || self.returned.is_some()
    }

    /// The name of its file for people: `conversions-2026-11-01-2026-11-30.csv`.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.file_name_as(self.format)
    }

    fn file_name_as(&self, format: ReportFormat) -> String {
        format!("conversions-{}-{}.{}", self.from, self.to, format.extension())
    }

    /// Where its attempt stores the file. Each attempt has its own place, so that one that was
    /// taken for dead can't change the file that another mailed.
    #[must_use]
    pub fn s3_key(&self) -> String {
        self.s3_key_as(self.format)
    }

    /// Where its attempt can have stored a file: files for Excel were CSVs once.
    #[must_use]
    pub fn s3_keys(&self) -> Vec<String> {
        match self.format {
            ReportFormat::Csv => vec![self.s3_key()],
            ReportFormat::Xlsx => vec![self.s3_key(), self.s3_key_as(ReportFormat::Csv)],
        }
    }

    fn s3_key_as(&self, format: ReportFormat) -> String {
        let name = self.file_name_as(format);
        format!("{}/{}/{}/{name}", self.account, self.id, self.attempts)
    }

    /// When the next attempt starts after one that failed at `now`; none: it is given up.
    #[must_use]
    pub fn retry_at(&self, failure: ReportFailure, now: Instant) -> Option<Instant> {
        if failure.is_permanent() || self.attempts >= ATTEMPTS {
            return None;
        }
        let doublings = self.attempts.saturating_sub(1);
        let pause = FIRST_PAUSE.as_millis().saturating_mul(1_i64 << doublings);
        Some(now.plus(Span::millis(pause)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn report(attempts: u32) -> Report {
        let at = Instant::parse_rfc3339("2026-11-22T14:00:00Z").unwrap();
        let day = |text| StoreDay::parse(text).unwrap();
        let wanted = Wanted {
            account: Account::parse("acme").unwrap(),
            email: EmailAddress::parse("ana@store.example").unwrap(),
            period: Period::new(day("2026-11-01"), day("2026-11-30")).unwrap(),
            campaign_id: None,
            format: ReportFormat::Csv,
        };
        let report = Report::requested(ReportId::new(at, &[7; 10]), wanted, at);
        Report { attempts, requested_by: Some("ana@store.example".to_owned()), ..report }
    }

    #[test]
    fn pauses_double_and_end() {
        let now = Instant::parse_rfc3339("2026-11-22T14:00:00Z").unwrap();
        let minutes = |attempts| {
            let at = report(attempts).retry_at(ReportFailure::Mail, now)?;
            Some(at.since(now).as_seconds() / 60)
        };
        let pauses: Vec<Option<i64>> = (1..=ATTEMPTS).map(minutes).collect();
        let expected = [5, 10, 20, 40, 80, 160, 320].map(Some).into_iter().chain([None]);
        assert!(pauses.into_iter().eq(expected));
        for failure in [ReportFailure::RecipientUnsubscribed, ReportFailure::TooLarge] {
            assert_eq!(report(1).retry_at(failure, now), None);
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let at = |millis| ReportId::new(Instant::from_millis(millis), &[255; 10]);
        assert!(at(1_700_000_000_000) < at(1_700_000_000_001));
        assert_eq!(at(1_700_000_000_000).as_str().len(), 32);
    }

    #[test]
    fn files_are_told_apart_by_attempt() {
        assert_eq!(report(1).file_name(), "conversions-2026-11-01-2026-11-30.csv");
        assert!(report(2).s3_key().starts_with("acme/"));
        assert!(report(2).s3_key().ends_with("/2/conversions-2026-11-01-2026-11-30.csv"));
    }

    #[test]
    fn a_file_is_named_after_its_format() {
        let workbook = Report { format: ReportFormat::Xlsx, ..report(2) };
        assert_eq!(workbook.file_name(), "conversions-2026-11-01-2026-11-30.xlsx");
        assert_eq!(workbook.s3_keys(), [workbook.s3_key(), report(2).s3_key()]);
        assert_eq!(report(2).s3_keys(), [report(2).s3_key()]);
    }

    /// A report and a schedule that were stored when the format for Excel was another one.
    #[test]
    fn the_format_that_was_called_excel_is_a_workbook() {
        for (stored, expected) in [
            ("csv", Some(ReportFormat::Csv)),
            ("xlsx", Some(ReportFormat::Xlsx)),
            ("excel", Some(ReportFormat::Xlsx)),
            ("ods", None),
        ] {
            let mut item = serde_json::to_value(report(1)).unwrap();
            item["format"] = stored.into();
            let read: Option<Report> = serde_json::from_value(item).ok();
            assert_eq!(read.map(|report| report.format), expected, "{stored}");
        }
        // Nobody asks for it by that name any more.
        assert!(serde_json::from_str::<ReportFormat>("\"excel\"").is_err());
    }

    #[test]
    fn a_token_is_kept_as_its_hash() {
        let token = DownloadToken::new(&[255; 16]);
        assert_eq!(token.expose(), "_____________________w");
        assert_eq!(DownloadToken::parse(token.expose()), Some(token.clone()));
        assert_eq!(token.hash().len(), 43);
        assert!(!format!("{token:?}{}", token.hash()).contains("___"));
        for text in ["", "_", "______________________", "____________________/w"] {
            assert_eq!(DownloadToken::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_log_shows_people() {
        assert!(!format!("{:?}", report(1)).contains("ana"));
    }
}
