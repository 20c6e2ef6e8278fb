//! What the schedule does every 15 minutes: it requests the reports whose periods ended, and
//! touches the requests and erasures that lie due, so that the stream starts them.
//!
//! Ticks may come late, twice, at once or not at all for hours: a period's report is put by a key
//! of its own, and a touch is conditional on what was read.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde::Serialize;
use shared::domain::reports::report::{Report, ReportId, ReportStatus, Wanted};
use shared::domain::reports::schedule::Schedule;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::store::StoreError;
use shared::telemetry::{Counter, count};

use crate::{Deps, erasure};

/// Accounts that are looked after at once.
const AT_ONCE: usize = 16;

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticked {
    /// Scheduled reports that it requested.
    pub requested: u64,
    /// Reports that it had started again.
    pub touched: u64,
    /// Reports that it gave up.
    pub given_up: u64,
    /// Erasures that it had gone on with.
    pub erasures: u64,
}

/// Why a tick did not do all that was due. What it did stands.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// What is due couldn't be read.
    #[error("what is due could not be read")]
    Read(#[source] StoreError),
    /// Some of it couldn't be written; each failure is logged.
    #[error("{failed} of the due reports and erasures could not be written")]
    Incomplete {
        /// How many.
        failed: u64,
    },
}

/// Does what is due at `now`.
///
/// # Errors
/// When not all of it could be done; the next tick does the rest.
pub async fn tick(deps: &Deps, now: Instant) -> Result<Ticked, TickError> {
    let scheduled = request_scheduled(deps, now).await;
    // Whether that failed is judged below, so that what is due is touched in any case.
    let reports = touch_due(deps, now).await;
    let (erasures, unerased) = erasure::touch_due(deps, now).await.map_err(TickError::Read)?;
    let (touched, given_up, untouched) = reports?;
    let (requested, unrequested) = scheduled?;
    match untouched + unrequested + unerased {
        0 => {
            count(Counter::TicksDone, 1);
            Ok(Ticked { requested, touched, given_up, erasures })
        }
        failed => Err(TickError::Incomplete { failed }),
    }
}

/// Requests the reports of all runs that are due: how many were, how many couldn't be.
async fn request_scheduled(deps: &Deps, now: Instant) -> Result<(u64, u64), TickError> {
    let mut accounts: BTreeMap<Account, Vec<Schedule>> = BTreeMap::new();
    for schedule in deps.table.schedules_standing().await.map_err(TickError::Read)? {
        accounts.entry(schedule.account.clone()).or_default().push(schedule);
    }
    let requests: Vec<_> =
        accounts
            .into_iter()
            .map(|(account, schedules)| async move {
                request_for(deps, &account, &schedules, now).await
            })
            .collect();
    let outcomes =
        stream::iter(requests).buffer_unordered(AT_ONCE).collect::<Vec<(u64, u64)>>().await;
    let (requested, failed) =
        outcomes.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    count(Counter::ReportsRequested, requested);
    Ok((requested, failed))
}

async fn request_for(
    deps: &Deps,
    account: &Account,
    schedules: &[Schedule],
    now: Instant,
) -> (u64, u64) {
    let zone = match deps.table.account(account).await {
        Ok(Some(record)) => record.settings.time_zone,
        Ok(None) => return (0, 0),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, %account, "the account's schedules could not be run");
            return (0, 1);
        }
    };
    let (mut requested, mut failed) = (0, 0);
    for schedule in schedules {
        // Oldest first, and none after one that fails: what is noted is the last run, and a later one
        // would hide that it is missing.
        for run in schedule.due(zone, now) {
            let wanted = Wanted {
                account: account.clone(),
                email: schedule.email.clone(),
                period: run.period,
                campaign_id: schedule.campaign_id.clone(),
                format: schedule.format,
            };
            let id = ReportId::scheduled(&schedule.id, &run);
            let report = Report {
                schedule_id: Some(schedule.id.clone()),
                // Who asked stays known when the schedule is deleted.
                requested_by: Some(schedule.created_by.clone()),
                ..Report::requested(id, wanted, now)
            };
            match deps.table.schedule_request_report(schedule, &run, &report).await {
                Ok(new) => requested += u64::from(new),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    let schedule = &schedule.id;
                    tracing::error!(error, %account, %schedule, "a scheduled report could not be requested");
                    failed += 1;
                    break;
                }
            }
        }
    }
    (requested, failed)
}

/// Touches the reports that are due: how many were, were given up, couldn't be.
async fn touch_due(deps: &Deps, now: Instant) -> Result<(u64, u64, u64), TickError> {
    let (mut touched, mut given_up, mut failed) = (0, 0, 0);
    for report in deps.table.reports_open().await.map_err(TickError::Read)? {
        match deps.table.report_touch(&report, now).await {
            Ok(Some(ReportStatus::Failed)) => given_up += 1,
            Ok(Some(_)) => touched += 1,
            Ok(None) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                let (account, id) = (&report.account, &report.id);
                tracing::error!(error, %account, report = %id, "a due report could not be touched");
                failed += 1;
            }
        }
    }
    count(Counter::ReportsFailed, given_up);
    Ok((touched, given_up, failed))
}
