//! One attempt at one report.

use shared::domain::reports::report::{
    DownloadToken, Report, ReportFailure, ReportFile, ReportId, ReportStatus,
};
use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::campaign::Campaign;
use shared::domain::values::period::Period;
use shared::store::accounts::AccountRecord;
use shared::store::reports::Download;
use shared::telemetry::{Counter, count};

use crate::Deps;
use crate::build::{self, ReportSpec};
use crate::failure::AttemptError;
use crate::handover::{DELIVERY, new_token, send, unsubscribe_link};
use crate::mail::{Contents, Letter};
use crate::recipient;

/// Starts a report that waits to be started, and sees it through. Whatever goes wrong is noted
/// on the report and logged; nothing is left for the caller to do.
pub async fn attempt(deps: &Deps, account: &Account, id: &ReportId) {
    let claimed = match deps.table.report_claim(account, id, deps.clock.now()).await {
        Ok(Some(claimed)) => claimed,
        Ok(None) => {
            tracing::debug!(%account, report = %id, "the report doesn't wait to be started");
            return;
        }
        // It is as it was: the next tick finds it.
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, %account, report = %id, "the report could not be claimed");
            return;
        }
    };
    let report = claimed.report;
    if claimed.maybe_mailed {
        count(Counter::ReportsMailedTwicePossible, 1);
        tracing::warn!(%account, report = %id, "an earlier attempt may have mailed the report");
    }
    match Box::pin(deliver(deps, &report)).await {
        Ok(Delivered::Mailed) => count(Counter::ReportsMailed, 1),
        Ok(Delivered::Waits) => {
            tracing::info!(%account, report = %id, "the report waits for its recipient");
        }
        Err(error) => fail(deps, &report, &error).await,
    }
}

/// Notes and logs a failed attempt.
async fn fail(deps: &Deps, report: &Report, error: &AttemptError) {
    log(report, error);
    let Some(failure) = error.failure() else { return };
    let unknown = matches!(error, AttemptError::Unanswered(_));
    match deps.table.report_note_failed(report, failure, unknown, deps.clock.now()).await {
        Ok(Some(ReportStatus::Failed)) => given_up(deps, report, failure).await,
        Ok(_) => {}
        // Once the lease has ended, the tick has it started again.
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, account = %report.account, report = %report.id, "the failure could not be noted");
        }
    }
}

/// Counts a report that is given up. A schedule to somebody who doesn't want its reports is paused:
/// it would ask for the next one in vain.
async fn given_up(deps: &Deps, report: &Report, failure: ReportFailure) {
    let counter =
        if failure.is_declined() { Counter::ReportsDeclined } else { Counter::ReportsFailed };
    count(counter, 1);
    let Some(reason) = failure.pause_reason() else { return };
    let (account, now) = (&report.account, deps.clock.now());
    let paused = deps.table.schedules_pause_to(account, &report.email, reason, now).await;
    // The next report of the schedule finds it as it is, and tries again.
    if let Err(error) = paused {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, %account, report = %report.id, "the recipient's schedules could not be paused");
    }
}

/// What an attempt without an error came to.
enum Delivered {
    /// The mail is out.
    Mailed,
    /// The recipient has to confirm first.
    Waits,
}

async fn deliver(deps: &Deps, report: &Report) -> Result<Delivered, AttemptError> {
    let (account, campaign) = about(deps, report).await?;
    let settings = &account.settings;
    if !recipient::is_welcome(deps, &account, report).await? {
        return recipient::ask(deps, settings, report).await.map(|()| Delivered::Waits);
    }
    let (file, short_of) = build_file(deps, report, settings).await?;
    let contents = contents(deps, report, &file).await?;
    let letter = Letter {
        report,
        file: &file,
        from: &deps.mail_from,
        // Its readers' language; a campaign's is that of its shoppers.
        language: settings.language,
        zone: settings.time_zone,
        campaign: campaign.as_ref().map(|campaign| &campaign.name),
        contents,
        short_of,
        unsubscribe: unsubscribe_link(deps, report).await?,
        at: deps.clock.now(),
    };
    let raw = letter.compose().map_err(AttemptError::Compose)?;
    // Again, since building a large file takes minutes.
    recipient::is_welcome(deps, &account, report).await?;
    // From here on it isn't known whether the mail was taken until a note says so.
    if !deps.table.report_note_sending(report, &file).await.map_err(AttemptError::Table)? {
        // No report names this file, so no erasure would delete it; and it may hold a shopper who was
        // erased meanwhile.
        let stale = deps.s3.delete_object().bucket(&*deps.bucket).key(&file.s3_key).send().await;
        stale.map_err(|error| AttemptError::ReadBack(error.into()))?;
        return Err(AttemptError::Superseded);
    }
    send(deps, report, DELIVERY, raw).await?;
    if let Some(of) = short_of {
        count(Counter::ReportsMailedShort, 1);
        let (account, id, rows) = (&report.account, &report.id, file.rows);
        tracing::warn!(%account, report = %id, rows, of, "the report lacks what the totals count");
    }
    deps.table
        .report_note_mailed(report, &file, deps.clock.now())
        .await
        .map(|()| Delivered::Mailed)
        .map_err(AttemptError::Unnoted)
}

/// The account's settings and the one campaign that the report is about.
async fn about(
    deps: &Deps,
    report: &Report,
) -> Result<(AccountRecord, Option<Campaign>), AttemptError> {
    let record = deps.table.account(&report.account).await.map_err(AttemptError::Table)?;
    let account = record.ok_or(AttemptError::NoAccount)?;
    let campaign = match &report.campaign_id {
        Some(id) => deps.table.campaign(&report.account, id).await.map_err(AttemptError::Table)?,
        None => None,
    };
    Ok((account, campaign))
}

/// The file; and how many conversions it should have where it lacks some.
async fn build_file(
    deps: &Deps,
    report: &Report,
    settings: &AccountSettings,
) -> Result<(ReportFile, Option<u64>), AttemptError> {
    let s3_key = report.s3_key();
    let spec = ReportSpec {
        account: &report.account,
        zone: settings.time_zone,
        period: Period::new(report.from, report.to).map_err(AttemptError::Period)?,
        campaign_id: report.campaign_id.as_ref(),
        format: report.format,
        s3_key: &s3_key,
        file_name: &report.file_name(),
    };
    let built = build::write_report(deps, &spec).await.map_err(AttemptError::Build)?;
    let file = ReportFile {
        as_of: built.as_of,
        rows: built.rows,
        bytes: built.bytes,
        totals: built.totals,
        attached: built.bytes <= deps.attachment_bytes,
        s3_key,
    };
    Ok((file, built.short_of))
}

/// What the mail carries: the file as it lies in the bucket, or a link to it.
async fn contents(
    deps: &Deps,
    report: &Report,
    file: &ReportFile,
) -> Result<Contents, AttemptError> {
    if file.attached {
        let stored = deps
            .s3
            .get_object()
            .bucket(&*deps.bucket)
            .key(&file.s3_key)
            .send()
            .await
            .map_err(|error| AttemptError::ReadBack(error.into()))?;
        let bytes =
            stored.body.collect().await.map_err(|error| AttemptError::ReadBack(error.into()))?;
        return Ok(Contents::Attached(bytes.into_bytes().into()));
    }
    let token = new_token(deps)?;
    let valid_until = deps.clock.now().plus(DownloadToken::LIFE);
    let download = Download {
        account: report.account.clone(),
        report_id: report.id.clone(),
        s3_key: file.s3_key.clone(),
        valid_until,
    };
    deps.table.download_write(&token, &download).await.map_err(AttemptError::Table)?;
    let url = format!("{}/d/{}", deps.public_url, token.expose());
    Ok(Contents::Link { url, valid_until })
}

/// A function of its own: an error that a log line borrows can't be held across an await.
fn log(report: &Report, error: &AttemptError) {
    let cause: &dyn std::error::Error = error;
    let (account, id, attempt) = (&report.account, &report.id, report.attempts);
    tracing::error!(error = cause, %account, report = %id, attempt, "the report failed");
}
