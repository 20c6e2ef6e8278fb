//! How long `GET /metrics` takes for 1, 30 and 366 days.

use std::time::Instant as Stopwatch;

use axum::body::Body;
use http::Request;
use shared::domain::facts::event::{ClickKind, ReminderClicked};
use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::ids::{ClickId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::stream::SequenceNumber;

use crate::facts::{self, Failure};
use crate::figure;
use crate::http_call::call;

const CAMPAIGNS: usize = 3;
const DAYS: u64 = 366;
const CLICKS_A_DAY: usize = 100;
const CALLS: u32 = 20;

pub(crate) async fn run() -> Result<(), Failure> {
    let engine = engine::Engine::start().await?;
    let table = engine.table();
    let account = facts::account()?;
    let campaigns = facts::set_up(&table, CAMPAIGNS).await?;
    let now = Instant::parse_rfc3339("2026-11-22T15:00:00Z")?;
    let today = StoreDay::of(now, facts::ZONE);
    let mut held: Option<SequenceNumber> = None;
    for back in 0..DAYS {
        let day = today.minus_days(back);
        let changes: Vec<_> = campaigns
            .iter()
            .map(|campaign| {
                let cohort = Cohort { day, campaign_id: campaign.clone() };
                let totals = Totals {
                    sent: 900,
                    delivered: 850,
                    read: 600,
                    total_clicks: 34,
                    ..Totals::default()
                };
                (account.clone(), cohort, totals)
            })
            .collect();
        let next = SequenceNumber::parse(&format!("{:021}", back + 1))?;
        table.rollups_commit("bench", held.as_ref(), &next, &changes, now).await?;
        held = Some(next);
    }
    let clicks = usize::try_from(DAYS)? * CLICKS_A_DAY;
    facts::each((0..clicks).collect(), |number| {
        let (table, account, campaigns) = (&table, &account, &campaigns);
        async move {
            let day = today.minus_days(u64::try_from(number / CLICKS_A_DAY)?);
            let event = ReminderClicked {
                reminder_id: ReminderId::parse(&format!("wamid.HBgBENCH{number}=="))?,
                click_id: ClickId::parse("click-1")?,
                kind: ClickKind::Link,
                at: day.start(facts::ZONE),
            };
            table.click_write(account, &event).await?;
            let clicked = table.reminder_clicks(account, &event.reminder_id).await?;
            let click = clicked.first().ok_or("the click was written")?;
            let identities = shared::domain::values::identity::Identities {
                user_id: shared::domain::values::identity::UserId::optional(&format!(
                    "shopper-{}",
                    number % 9_000
                ))?,
                ..Default::default()
            };
            let campaign = campaigns.get(number % CAMPAIGNS).ok_or("a campaign")?;
            let cohort = shared::domain::facts::click::ClickCohort {
                day,
                campaign_id: campaign.clone(),
                shopper: identities.shopper().ok_or("a shopper")?,
            };
            table.click_write_cohort(account, click, &cohort).await?;
            Ok(())
        }
    })
    .await?;
    let router = metric_queries::router(metric_queries::Deps::new(table, Clock::fixed(now)));
    for days in [1, 30, DAYS] {
        let uri = format!("/metrics?from={}&to={today}", today.minus_days(days - 1));
        let mut bytes = 0;
        let start = Stopwatch::now();
        for _ in 0..CALLS {
            let request = Request::get(&uri).body(Body::empty())?;
            bytes = call(&router, account.as_str(), request).await?.len();
        }
        let millis = start.elapsed().as_secs_f64() * 1_000.0 / f64::from(CALLS);
        let sizes = format!(
            "{CAMPAIGNS} campaigns, {CLICKS_A_DAY} clicks a day, answer of {bytes} bytes, mean of {CALLS}"
        );
        figure(&format!("metrics of {days} days"), &format!("{millis:.1} ms"), &sizes);
    }
    Ok(())
}
