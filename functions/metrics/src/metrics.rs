//! `GET /metrics`: what became of the reminders of a range of days (R1, R3, R4, R8, R9).

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::rules::comparison::{ComparedWith, Comparison};
use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::{Period, is_settled};
use shared::domain::values::store_day::StoreDay;
use shared::web::api::AdminProblems;
use shared::web::{Json, Problem, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::comparison::{AskedComparison, ComparedWithName, EarlierNumbers};
use crate::range::{RangeProblems, SelectedRange};
use crate::text::{Amount, amounts};

/// The range that is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MetricsQuery {
    /// The first store day.
    #[param(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day, itself included; at most 366 days with the first.
    #[param(value_type = String, format = Date)]
    to: StoreDay,
    /// One campaign alone.
    #[param(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// The earlier days that the range is compared with.
    #[param(value_type = Option<ComparedWithName>)]
    compare_with: Option<ComparedWith>,
}

/// The metrics of a range of store days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The first store day.
    #[schema(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day.
    #[schema(value_type = String, format = Date)]
    to: StoreDay,
    /// The zone of the account's store days.
    #[schema(example = "America/Sao_Paulo")]
    time_zone: &'static str,
    /// Of the whole range.
    totals: Numbers,
    /// Of each day, first to last; days without data are zeros.
    days: Vec<DayNumbers>,
    /// Of each campaign in the order in which they were made; campaigns without data are zeros.
    campaigns: Vec<CampaignNumbers>,
    /// The earlier days, where `compareWith` asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<EarlierNumbers>,
}

/// The numbers of one day's reminders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayNumbers {
    /// The store day on which the reminders were sent (R1).
    #[schema(value_type = String, format = Date)]
    day: StoreDay,
    /// Whether the day ended 18 days ago or more; a younger one can still gain conversions.
    settled: bool,
    #[serde(flatten)]
    numbers: Numbers,
}

/// The numbers of one campaign's reminders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignNumbers {
    /// The campaign.
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// Its name.
    name: String,
    #[serde(flatten)]
    numbers: Numbers,
}

/// What became of some reminders.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Reminders sent.
    sent: i64,
    /// Reminders delivered, read or clicked (R3).
    delivered: i64,
    /// Reminders read or clicked (R3).
    read: i64,
    /// Reminders failed and not delivered (R3).
    failed: i64,
    /// Distinct shoppers who clicked (R4). They don't add up over days or campaigns.
    unique_clicks: i64,
    /// All clicks, of links and of reply buttons (R4).
    total_clicks: i64,
    /// Taps on the stop button (R4). They are no clicks, and say nothing of deliveries and readings.
    opt_outs: i64,
    /// Orders credited to the reminders (R6).
    conversions: ConversionCounts,
    /// The value of these orders (R7, R8), by currency.
    conversion_value: Vec<Amount>,
    /// The value of those credited by a click.
    click_through_value: Vec<Amount>,
}

/// Orders credited, by how.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversionCounts {
    /// Both (R9).
    total: i64,
    /// By a delivery within 3 days.
    assisted: i64,
    /// By a click on the link within 15 days.
    click_through: i64,
}

impl Numbers {
    fn of(totals: &Totals, unique_clicks: i64) -> Self {
        // A click and its shopper's entry are counted by records of their own. In between, an answer
        // must not name more clickers than clicks, nor fewer than none while entries move; once
        // everything is counted this never bites.
        let unique_clicks = unique_clicks.clamp(0, totals.total_clicks.max(0));
        Self {
            sent: totals.sent,
            delivered: totals.delivered,
            read: totals.read,
            failed: totals.failed,
            unique_clicks,
            total_clicks: totals.total_clicks,
            opt_outs: totals.opt_outs,
            conversions: ConversionCounts {
                total: totals.conversions(),
                assisted: totals.assisted,
                click_through: totals.click_through,
            },
            conversion_value: amounts(&totals.value),
            click_through_value: amounts(&totals.click_through_value),
        }
    }
}

/// Metrics of a range of days
///
/// Everything belongs to the day on which its reminder was sent, in the account's time zone. With
/// `compareWith` the answer tells earlier days beside: their purchases up to the age that the days of the
/// range have by now, and which figures can't be told so (`unripe`).
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "metrics",
    params(MetricsQuery),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The metrics.", body = Metrics),
        RangeProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_metrics(
    State(deps): State<Deps>,
    reader: Reader,
    Query(query): Query<MetricsQuery>,
) -> Result<Json<Metrics>, Problem> {
    let period = Period::new(query.from, query.to)?;
    let account = &reader.account;
    let campaign_id = query.campaign_id.as_ref();
    let compared = query.compare_with.map(|with| Comparison::new(period, with));
    let rollups = async |of: Period| deps.table.rollups(account, of).await.map_err(Problem::from);
    let earlier = async {
        let Some(compared) = compared else { return Ok(None) };
        Ok(Some((compared, rollups(compared.earlier()).await?)))
    };
    let selection = SelectedRange::read(&deps, account, period, campaign_id);
    let (selection, rollups, earlier) = futures::try_join!(selection, rollups(period), earlier)?;

    let sums = RangeTotals::of(rollups, period, campaign_id);
    let comparison = match earlier {
        Some((compared, rollups)) => {
            let (settings, now) = (&selection.settings, deps.clock.now());
            let asked = AskedComparison { compared, account, campaign_id, settings, now };
            Some(asked.answer(&deps.table, rollups).await?)
        }
        None => None,
    };
    Ok(Json(answer(period, &selection, &sums, comparison)))
}

fn answer(
    period: Period,
    selection: &SelectedRange,
    sums: &RangeTotals,
    comparison: Option<EarlierNumbers>,
) -> Metrics {
    let days = period.days().map(|day| DayNumbers {
        day,
        settled: is_settled(day, selection.today),
        numbers: sums.on(day).numbers(),
    });
    let campaigns = selection.campaigns.iter().map(|campaign| CampaignNumbers {
        campaign_id: campaign.campaign_id.clone(),
        name: campaign.name.as_str().to_owned(),
        numbers: sums.of_campaign(&campaign.campaign_id).numbers(),
    });
    Metrics {
        from: period.from(),
        to: period.to(),
        time_zone: selection.settings.time_zone.name(),
        totals: sums.whole().numbers(),
        days: days.collect(),
        campaigns: campaigns.collect(),
        comparison,
    }
}

/// What rollups come to. Distinct shoppers are no sum of them: they are told beside.
#[derive(Default, Clone)]
pub(crate) struct Sum {
    totals: Totals,
    unique_clicks: i64,
}

impl Sum {
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers::of(&self.totals, self.unique_clicks)
    }
}

/// The rollups of a range, summed up in three ways.
#[derive(Default)]
pub(crate) struct RangeTotals {
    range: Sum,
    by_day: BTreeMap<StoreDay, Sum>,
    by_campaign: BTreeMap<CampaignId, Sum>,
}

impl RangeTotals {
    pub(crate) fn of(
        rollups: BTreeMap<Cohort, Totals>,
        period: Period,
        campaign_id: Option<&CampaignId>,
    ) -> Self {
        let mut sums = Self::default();
        for (cohort, mut totals) in rollups {
            // R4: who clicked on an earlier day of the range is counted there already. They are told
            // apart here and not added up with the rest: of a year they are some hundred thousand numbers.
            let shoppers = std::mem::take(&mut totals.shoppers);
            let (new, all) = (shoppers.new_since(period.from(), cohort.day), shoppers.all());
            if let Some(id) = cohort.campaign_id() {
                let of_campaign = sums.by_campaign.entry(id.clone()).or_default();
                of_campaign.totals.add(&totals, 1);
                of_campaign.unique_clicks += new;
                if campaign_id.is_none_or(|asked| asked == id) {
                    sums.range.totals.add(&totals, 1);
                    sums.by_day.entry(cohort.day).or_default().totals.add(&totals, 1);
                }
            }
            // Over all campaigns a shopper of two of them is one: that has a rollup of its own.
            if cohort.campaign_id() == campaign_id {
                sums.range.unique_clicks += new;
                sums.by_day.entry(cohort.day).or_default().unique_clicks += all;
            }
        }
        sums
    }

    pub(crate) const fn whole(&self) -> &Sum {
        &self.range
    }

    pub(crate) fn on(&self, day: StoreDay) -> Sum {
        self.by_day.get(&day).cloned().unwrap_or_default()
    }

    fn of_campaign(&self, campaign_id: &CampaignId) -> Sum {
        self.by_campaign.get(campaign_id).cloned().unwrap_or_default()
    }
}
