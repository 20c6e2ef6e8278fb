//! `GET /metrics`: what became of the reminders of a range of days (R1, R3, R4, R8, R9).

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::rules::comparison::{ComparedWith, Comparison};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::{Period, is_settled};
use shared::domain::values::store_day::StoreDay;
use shared::web::api::{AdminProblems, RangeProblems};
use shared::web::{Json, Problem, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::comparison::{AskedComparison, ComparedWithName, EarlierNumbers};
use crate::funnel::FunnelNumbers;
use crate::numbers::{Numbers, RangeTotals};
use crate::range::SelectedRange;

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
    /// What became of the carts whose decisions were made in the range (R14).
    funnel: FunnelNumbers,
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
        funnel: FunnelNumbers::of(sums.whole().funnel()),
        days: days.collect(),
        campaigns: campaigns.collect(),
        comparison,
    }
}
