//! `GET /metrics` over ranges of up to a year, at several densities of clicks.

use std::collections::BTreeMap;
use std::time::Instant as Stopwatch;

use axum::body::Body;
use http::Request;
use shared::domain::facts::click::ClickCohort;
use shared::domain::facts::shopper::{Clicked, ClickedReminders};
use shared::domain::rules::contribution::{Changes, Cohort, Totals, of_shopper};
use shared::domain::values::ids::{CampaignId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::rollups::ROLLUPS_PER_TRANSACTION;
use shared::store::stream::SequenceNumber;

use crate::facts::{self, Failure};
use crate::figure;
use crate::http_call::call;

const DAYS: u64 = 366;
const CAMPAIGNS: usize = 3;
const DENSITIES: [usize; 3] = [100, 1_000, 10_000];
const CALLS: u32 = 20;

/// Whose clicks they are.
#[derive(Clone, Copy)]
enum Shoppers {
    /// Most click once, one in ten every week, one in a hundred every day.
    Returning,
    /// Each click is anybody's of a pool as large as ten days' clicks: every gap there can be.
    AtRandom,
}

impl Shoppers {
    const fn name(self) -> &'static str {
        match self {
            Self::Returning => "returning shoppers",
            Self::AtRandom => "shoppers at random",
        }
    }
}

pub(crate) async fn run() -> Result<(), Failure> {
    for shoppers in [Shoppers::Returning, Shoppers::AtRandom] {
        for clicks_a_day in DENSITIES {
            measure(shoppers, clicks_a_day).await?;
        }
    }
    Ok(())
}

async fn measure(shoppers: Shoppers, clicks_a_day: usize) -> Result<(), Failure> {
    let engine = engine::Engine::start().await?;
    let table = engine.table();
    let account = facts::account()?;
    let campaigns = facts::set_up(&table, CAMPAIGNS).await?;
    let now = Instant::parse_rfc3339("2026-11-22T15:00:00Z")?;
    let today = StoreDay::of(now, facts::ZONE);
    let attributes = fill(&table, &campaigns, today, (shoppers, clicks_a_day)).await?;
    let router = metric_queries::router(metric_queries::Deps::new(table, Clock::fixed(now)));
    for days in [1, 30, DAYS] {
        let uri = format!("/metrics?from={}&to={today}", today.minus_days(days - 1));
        let mut bytes = 0;
        let (start, cpu) = (Stopwatch::now(), thread_cpu_nanos()?);
        for _ in 0..CALLS {
            let request = Request::get(&uri).body(Body::empty())?;
            bytes = call(&router, account.as_str(), request).await?.len();
        }
        let millis = start.elapsed().as_secs_f64() * 1_000.0 / f64::from(CALLS);
        let own = thread_cpu_nanos()?.saturating_sub(cpu) / u64::from(CALLS) / 1_000;
        let sizes = format!(
            "{own} us of it CPU of the function, the rest the engine's; {CAMPAIGNS} campaigns, \
             {clicks_a_day} clicks a day, {}, up to {attributes} gaps a day, answer of {bytes} bytes, \
             mean of {CALLS}",
            shoppers.name()
        );
        figure(&format!("metrics of {days} days"), &format!("{millis:.1} ms"), &sizes);
    }
    Ok(())
}

/// The time that this thread spent on a CPU. The engine and the connections to it run on others.
fn thread_cpu_nanos() -> Result<u64, Failure> {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(spent.split(' ').next().ok_or("a time")?.parse()?)
}

/// Writes the rollups that a year of clicks leaves; the most gaps that one of them holds.
async fn fill(
    table: &Table,
    campaigns: &[CampaignId],
    today: StoreDay,
    (shoppers, clicks_a_day): (Shoppers, usize),
) -> Result<usize, Failure> {
    let account = facts::account()?;
    let mut clicked: BTreeMap<usize, ClickedReminders> = BTreeMap::new();
    let mut number: usize = 0;
    // A plain linear congruence: the same clicks in each run.
    let mut dice: u64 = 88_172_645_463_325_252;
    for back in (0..DAYS).rev() {
        for click in 0..clicks_a_day {
            number += 1;
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let drawn = usize::try_from(dice >> 33)?;
            let shopper = match shoppers {
                Shoppers::AtRandom => drawn % (clicks_a_day * 10),
                Shoppers::Returning => match click % 100 {
                    0 => click,
                    1..=10 => 1_000_000 + click * 7 + usize::try_from(back % 7)?,
                    _ => 10_000_000 + number,
                },
            };
            let campaign_id = campaigns.get(drawn % CAMPAIGNS).ok_or("a campaign")?.clone();
            let at = Clicked(ClickCohort { day: today.minus_days(back), campaign_id });
            let id = ReminderId::parse(&format!("r{number}"))?.digest(&facts::key());
            clicked.entry(shopper).or_default().reminders.insert(id, at);
        }
    }
    let mut changes = Changes::default();
    for clicked in clicked.values() {
        changes.add(&account, &[], &of_shopper(clicked));
    }
    for back in 0..DAYS {
        for campaign in campaigns {
            let totals = Totals {
                sent: 900,
                delivered: 850,
                read: 600,
                total_clicks: i64::try_from(clicks_a_day)?,
                ..Totals::default()
            };
            let cohort = Cohort::of(today.minus_days(back), campaign.clone());
            changes.add(&account, &[], &[(cohort, totals)]);
        }
    }
    let rollups: Vec<_> = changes
        .iter()
        .map(|(account, cohort, totals)| (account.clone(), cohort.clone(), totals.clone()))
        .collect();
    let now = Instant::parse_rfc3339("2026-11-22T15:00:00Z")?;
    let mut held: Option<SequenceNumber> = None;
    for (part, rollups) in rollups.chunks(ROLLUPS_PER_TRANSACTION).enumerate() {
        let next = SequenceNumber::parse(&format!("{:021}", part + 1))?;
        table.rollups_commit("bench", held.as_ref(), &next, rollups, now).await?;
        held = Some(next);
    }
    Ok(rollups.iter().map(|(_, _, totals)| totals.shoppers.iter().count()).max().unwrap_or(0))
}
