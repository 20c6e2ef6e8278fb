//! Report rows per second and the memory that a report takes from its record to its mail: a CSV that is
//! attached, one that is linked, and a workbook.
//!
//! The table, S3 and SES run in this process, the worker in a child of its own: its peak memory is
//! the worker's alone.

use std::process::Stdio;
use std::time::Instant as Stopwatch;

use local::aws::{LocalS3, LocalSes, clients};
use serde_json::json;
use shared::domain::reports::report::{Report, ReportFile, ReportId, ReportStatus, Wanted};
use shared::domain::reports::row::ReportFormat;
use shared::domain::rules::retention::Retention;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::key::Key;
use tokio::process::Command;

use crate::facts::{self, Failure};
use crate::{figure, rate};

const REPORTS: [(usize, ReportFormat); 3] =
    [(10_000, ReportFormat::Csv), (200_000, ReportFormat::Csv), (200_000, ReportFormat::Xlsx)];
const DAYS: usize = 30;
const BUCKET: &str = "reports";

pub(crate) async fn run() -> Result<(), Failure> {
    for (rows, format) in REPORTS {
        let engine = engine::Engine::start().await?;
        facts::set_up(&engine.table(), 1).await?;
        let campaign = CampaignId::parse("campaign-0")?;
        facts::conversions(&engine.client, &campaign, last_day()?, DAYS, rows).await?;
        let directory =
            std::env::temp_dir().join(format!("campaigns-bench-{}", std::process::id()));
        let s3 = LocalS3::start(&directory.join("s3")).await?;
        let ses = LocalSes::start(&directory.join("mailbox"), Clock::fixed(now()?)).await?;
        let (s3, ses) = (s3.base_url(), ses.base_url());
        let client = clients(&engine.endpoint, &s3, &ses).s3;
        client.create_bucket().bucket(BUCKET).send().await?;
        let output = Command::new(std::env::current_exe()?)
            .args([
                "report-process",
                &engine.endpoint,
                &s3,
                &ses,
                &rows.to_string(),
                format.extension(),
            ])
            .stderr(Stdio::inherit())
            .output()
            .await?;
        std::fs::remove_dir_all(&directory)?;
        if !output.status.success() {
            return Err("the report could not be built".into());
        }
        let printed = String::from_utf8(output.stdout)?;
        let mut words = printed.split_whitespace();
        let mut next = || words.next().ok_or("the child prints five words");
        let (seconds, bytes, how) = (next()?, next()?, next()?);
        let (rest, peak) = (next()?, next()?);
        let seconds: f64 = seconds.parse()?;
        let kind = format.extension();
        let megabytes = |kilobytes: &str| kilobytes.parse::<u64>().map(|kb| kb / 1_024);
        let (rest, peak) = (megabytes(rest)?, megabytes(peak)?);
        figure(
            "report rows",
            &rate(rows, seconds),
            &format!(
                "{rows} conversions over {DAYS} days, {kind} of {bytes} bytes, mailed ({how})"
            ),
        );
        let sizes = format!("{rows} conversions, {kind}: {rest} MB at rest, {peak} MB at its peak");
        figure("report memory above rest", &format!("{} MB", peak.saturating_sub(rest)), &sizes);
    }
    Ok(())
}

fn last_day() -> Result<StoreDay, Failure> {
    Ok(StoreDay::parse("2026-11-20")?)
}

fn now() -> Result<Instant, Failure> {
    Ok(Instant::parse_rfc3339("2026-11-22T12:00:00Z")?)
}

/// Mails the report and prints seconds, bytes, whether it was attached, and kilobytes of memory at
/// rest and at the peak.
#[expect(clippy::print_stdout, reason = "the parent reads them")]
pub(crate) async fn in_process(
    (dynamodb, s3, ses): (&str, &str, &str),
    rows: &str,
    format: &str,
) -> Result<(), Failure> {
    let format = match format {
        "xlsx" => ReportFormat::Xlsx,
        _ => ReportFormat::Csv,
    };
    let clients = clients(dynamodb, s3, ses);
    let table = Table::new(clients.dynamodb, engine::TABLE_NAME, Retention::Unlimited);
    let deps = report_worker::Deps::new(
        (table.clone(), crate::facts::key()),
        clients.s3,
        BUCKET,
        clients.ses,
        EmailAddress::parse("reports@campaigns.example")?,
        "https://campaigns.example",
        Clock::fixed(now()?),
    );
    let day = last_day()?;
    // An empty report opens the connections: what it takes is what the worker takes at rest.
    let before = day.minus_days(100);
    mail(&deps, &table, (Period::new(before, before)?, format), 1).await?;
    let rest = kilobytes("VmRSS:")?;
    let period = Period::new(day.minus_days(u64::try_from(DAYS)? - 1), day)?;
    let start = Stopwatch::now();
    let file = mail(&deps, &table, (period, format), 2).await?;
    let seconds = start.elapsed().as_secs_f64();
    if file.rows.to_string() != rows {
        return Err(format!("{} rows instead of {rows}", file.rows).into());
    }
    let how = if file.attached { "attached" } else { "linked" };
    println!("{seconds} {} {how} {rest} {}", file.bytes, kilobytes("VmHWM:")?);
    Ok(())
}

/// Asks for a report and hands its record to the worker, as the stream does.
async fn mail(
    deps: &report_worker::Deps,
    table: &Table,
    (period, format): (Period, ReportFormat),
    n: u8,
) -> Result<ReportFile, Failure> {
    let wanted = Wanted {
        account: facts::account()?,
        email: EmailAddress::parse("ana@shop.example")?,
        period,
        campaign_id: None,
        format,
    };
    let report = Report::requested(ReportId::new(now()?, &[n; 10]), wanted, now()?);
    table.report_request(&report, None).await?;
    let key = Key::report(&report.account, &report.id);
    let keys = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}});
    let event = json!({"state": {}, "Records": [{
        "eventID": "1", "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "100000000000000000001"},
    }]});
    report_worker::handle(deps, report_worker::WorkerEvent::try_from(event)?).await?;
    let stored = table.report(&report.account, &report.id).await?;
    let stored = stored.filter(|report| report.status == ReportStatus::Mailed);
    stored.and_then(|report| report.file).ok_or_else(|| "the report was not mailed".into())
}

/// A line of what the system tells of this process's memory.
pub(crate) fn kilobytes(line: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("no such line")?;
    Ok(found.trim().trim_end_matches("kB").trim().parse()?)
}
