//! Erasures (LGPD art. 18), run in the background: the facts, what was kept aside, and the files of
//! reports. What happens to facts, and why no total moves, is told in [`shared::counting::erase`].
//!
//! It stands beside the reports since it deletes their files, and is woken as they are: by the job's own
//! record, and by the tick where a run died.

use shared::counting::erase::{EraseError, Erasing};
use shared::domain::facts::reminder::Reminder;
use shared::domain::reports::report::Report;
use shared::domain::values::account::Account;
use shared::domain::values::identity::Phones;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::store::StoreError;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::erasure::{Erasure, ErasureStatus, ErasureStep, LEASE};
use shared::telemetry::{Counter, chain, count};

use crate::Deps;

/// How long one run lasts, but for its last step. An account's records come to one worker after the other,
/// so this is how long another erasure waits; and it is well within the Lambda's 900 s.
const RUN: Span = Span::seconds(60);
/// Reports and items kept aside that are read at a time.
const PAGE: usize = 100;

/// Why a run stopped. The tick has the job gone on with.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("the facts could not be renamed")]
    Facts(#[source] EraseError),
    #[error("the table failed")]
    Table(#[source] StoreError),
    #[error("a report's file could not be deleted")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

/// Goes on with a job, to its end or for as long as a run lasts. What goes wrong is logged, and the tick
/// brings the job back.
pub async fn run(deps: &Deps, account: &Account, id: &str) {
    if let Err(error) = go_on(deps, account, id).await {
        tracing::error!(cause = chain(&error), %account, erasure = id, "an erasure was broken off");
        count(Counter::ErasuresBrokenOff, 1);
    }
}

async fn go_on(deps: &Deps, account: &Account, id: &str) -> Result<(), RunError> {
    let (table, key, randomness) = (&deps.table, &deps.phone_key, &deps.randomness);
    let erasing = Erasing { table, key, randomness, account, clock: &deps.clock };
    let until = deps.clock.now().plus(RUN);
    loop {
        // Whoever lost a write reads the job again.
        let Some(job) = table.erasure(account, id).await? else { return Ok(()) };
        if job.status == ErasureStatus::Done {
            return Ok(());
        }
        let next = match erasing.step(&job).await.map_err(RunError::Facts)? {
            Some(next) => next,
            None if job.step == ErasureStep::KeptAside => {
                let deleted = delete_asides(deps, account, &job).await?;
                let mut next = Erasure { step: ErasureStep::Reports, ..job.clone() };
                next.done.kept_aside += deleted;
                next
            }
            None => {
                let deleted = delete_files(deps, account, &job).await?;
                let mut next = Erasure {
                    status: ErasureStatus::Done,
                    finished_at: Some(deps.clock.now()),
                    asked: Vec::new(),
                    contact: None,
                    values: Vec::new(),
                    left: Vec::new(),
                    ..job.clone()
                };
                next.done.reports += deleted;
                next
            }
        };
        let (now, is_done) = (deps.clock.now(), next.status == ErasureStatus::Done);
        let is_over = now >= until;
        let status = match next.status {
            ErasureStatus::Done => ErasureStatus::Done,
            // Its record wakes the next run.
            _ if is_over => ErasureStatus::Due,
            _ => ErasureStatus::Running,
        };
        let next = Erasure { status, next_attempt_at: now.plus(LEASE), ..next };
        let written = table.erasure_write(account, &job, next).await?;
        if written.is_some() && (is_over || is_done) {
            return Ok(());
        }
    }
}

/// Has the erasures gone on with whose runs died: how many, and how many couldn't be.
pub(crate) async fn touch_due(deps: &Deps, now: Instant) -> Result<(u64, u64), StoreError> {
    let (mut touched, mut failed) = (0, 0);
    for (account, job) in deps.table.erasures_open().await? {
        if job.status == ErasureStatus::Done || job.next_attempt_at > now {
            continue;
        }
        let due =
            Erasure { status: ErasureStatus::Due, next_attempt_at: now.plus(LEASE), ..job.clone() };
        match deps.table.erasure_write(&account, &job, due).await {
            Ok(written) => touched += u64::from(written.is_some()),
            Err(error) => {
                let cause = chain(&error);
                tracing::error!(cause, %account, erasure = job.id, "an erasure could not be touched");
                failed += 1;
            }
        }
    }
    Ok((touched, failed))
}

/// Deletes what was kept aside and names one of the job's values or a reminder that was renamed, in the
/// lists of the account and of its phone numbers from before they were its own. What is kept for other
/// numbers is of other stores' shoppers.
async fn delete_asides(deps: &Deps, account: &Account, job: &Erasure) -> Result<u64, StoreError> {
    let Some(record) = deps.table.account(account).await? else { return Ok(0) };
    let phones = deps.phone_key.in_country(record.settings.country());
    let mut deleted = 0;
    for owner in AsideOwner::all_of(account, Some(&record)) {
        let mut after: Option<String> = None;
        loop {
            let page = deps.table.aside_page(&owner, after.as_deref(), PAGE).await?;
            for (id, item) in &page.items {
                if is_erased(deps, (account, phones), job, item).await? {
                    deps.table.aside_delete(&owner, id).await?;
                    deleted += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(deleted)
}

/// Whether an item kept aside goes with an erasure. What can't be read may name anybody.
async fn is_erased(
    deps: &Deps,
    (account, phones): (&Account, Phones<'_>),
    job: &Erasure,
    item: &Aside,
) -> Result<bool, StoreError> {
    let Some(names) = item.names(phones) else { return Ok(true) };
    let began = names.began.unwrap_or(item.received_at);
    if began <= job.erased_at && names.identities.iter().any(|named| job.values.contains(named)) {
        return Ok(true);
    }
    let reminders = deps.table.reminders(account, &names.reminders).await?;
    Ok(reminders.iter().any(Reminder::is_erased))
}

/// Deletes the files of reports that cover one of the job's days and campaigns: of every attempt, since
/// one that failed may have left its file, too.
async fn delete_files(deps: &Deps, account: &Account, job: &Erasure) -> Result<u64, RunError> {
    let covers = |report: &Report| {
        job.days.range(report.from..=report.to).next().is_some()
            && report.campaign_id.as_ref().is_none_or(|id| job.campaigns.contains(id))
    };
    let (mut deleted, mut after) = (0, None);
    loop {
        let page = deps.table.reports(account, after.as_ref(), PAGE).await?;
        for report in page.reports.iter().filter(|report| covers(report)) {
            // First, so that an attempt under way keeps nothing that it read before.
            deps.table.report_note_file_erased(report, deps.clock.now()).await?;
            for attempt in 1..=report.attempts {
                for key in (Report { attempts: attempt, ..report.clone() }).s3_keys() {
                    let request = deps.s3.delete_object().bucket(&*deps.bucket).key(key);
                    request.send().await.map_err(|error| RunError::Storage(error.into()))?;
                }
            }
            deleted += u64::from(report.file.is_some() && report.file_erased_at.is_none());
        }
        after = page.next;
        if after.is_none() {
            return Ok(deleted);
        }
    }
}
