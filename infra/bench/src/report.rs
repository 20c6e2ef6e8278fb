//! Report rows per second and the memory that building takes, at two sizes.
//!
//! The table and S3 run in this process, the report is built in a child of its own: its peak
//! memory is the worker's alone.

use std::process::Stdio;
use std::time::Instant as Stopwatch;

use local::aws::{LocalS3, clients};
use shared::clock::Clock;
use shared::domain::email::EmailAddress;
use shared::domain::ids::CampaignId;
use shared::domain::instant::Instant;
use shared::domain::period::Period;
use shared::domain::report_row::ReportFormat;
use shared::domain::store_day::StoreDay;
use shared::store::{Retention, Table};
use tokio::process::Command;

use crate::facts::{self, Failure};
use crate::{figure, rate};

const SIZES: [usize; 2] = [10_000, 200_000];
const DAYS: usize = 30;
const BUCKET: &str = "reports";
/// Nothing is mailed here.
const NOWHERE: &str = "http://127.0.0.1:9";

pub(crate) async fn run() -> Result<(), Failure> {
    for rows in SIZES {
        let engine = engine::Engine::start().await?;
        facts::set_up(&engine.table(), 1).await?;
        let campaign = CampaignId::parse("campaign-0")?;
        facts::conversions(&engine.client, &campaign, last_day()?, DAYS, rows).await?;
        let directory =
            std::env::temp_dir().join(format!("campaigns-bench-{}", std::process::id()));
        let s3 = LocalS3::start(&directory).await?;
        let client = clients(&engine.endpoint, &s3.base_url(), NOWHERE).s3;
        client.create_bucket().bucket(BUCKET).send().await?;
        let output = Command::new(std::env::current_exe()?)
            .args(["report-process", &engine.endpoint, &s3.base_url(), &rows.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .await?;
        std::fs::remove_dir_all(&directory)?;
        if !output.status.success() {
            return Err("the report could not be built".into());
        }
        let printed = String::from_utf8(output.stdout)?;
        let mut words = printed.split_whitespace();
        let mut next = || words.next().ok_or("the child prints four numbers");
        let (seconds, bytes, rest, peak) = (next()?, next()?, next()?, next()?);
        let seconds: f64 = seconds.parse()?;
        let megabytes = |kilobytes: &str| kilobytes.parse::<u64>().map(|kb| kb / 1_024);
        let (rest, peak) = (megabytes(rest)?, megabytes(peak)?);
        figure(
            "report rows",
            &rate(rows, seconds),
            &format!("{rows} conversions over {DAYS} days, {bytes} bytes"),
        );
        let sizes = format!("{rows} conversions: {rest} MB at rest, {peak} MB at its peak");
        figure("report memory above rest", &format!("{} MB", peak.saturating_sub(rest)), &sizes);
    }
    Ok(())
}

fn last_day() -> Result<StoreDay, Failure> {
    Ok(StoreDay::parse("2026-11-20")?)
}

/// Builds the report and prints seconds, bytes, and kilobytes of memory at rest and at the peak.
#[expect(clippy::print_stdout, reason = "the parent reads them")]
pub(crate) async fn in_process(dynamodb: &str, s3: &str, rows: &str) -> Result<(), Failure> {
    let clients = clients(dynamodb, s3, NOWHERE);
    let table = Table::new(clients.dynamodb, engine::TABLE_NAME, Retention::Unlimited);
    let deps = report_worker::Deps::new(
        table,
        clients.s3,
        BUCKET,
        clients.ses,
        EmailAddress::parse("reports@campaigns.example")?,
        "https://campaigns.example",
        Clock::fixed(Instant::parse_rfc3339("2026-11-22T12:00:00Z")?),
    );
    let account = facts::account()?;
    let day = last_day()?;
    // An empty report opens the connections: what it takes is what the worker takes at rest.
    let before = day.minus_days(100);
    build(&deps, &account, Period::new(before, before)?, "warm-up.csv").await?;
    let rest = kilobytes("VmRSS:")?;
    let period = Period::new(day.minus_days(u64::try_from(DAYS)? - 1), day)?;
    let start = Stopwatch::now();
    let built = build(&deps, &account, period, "report.csv").await?;
    let seconds = start.elapsed().as_secs_f64();
    if built.rows.to_string() != rows {
        return Err(format!("{} rows instead of {rows}", built.rows).into());
    }
    println!("{seconds} {} {rest} {}", built.bytes, kilobytes("VmHWM:")?);
    Ok(())
}

async fn build(
    deps: &report_worker::Deps,
    account: &shared::domain::account::Account,
    period: Period,
    key: &str,
) -> Result<report_worker::build::Built, Failure> {
    let spec = report_worker::build::ReportSpec {
        account,
        zone: facts::ZONE,
        period,
        campaign_id: None,
        format: ReportFormat::Csv,
        s3_key: key,
        file_name: key,
    };
    Ok(report_worker::build::write_report(deps, &spec).await?)
}

/// A line of what the system tells of this process's memory.
fn kilobytes(line: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("no such line")?;
    Ok(found.trim().trim_end_matches("kB").trim().parse()?)
}
