//! `GET /carts`: what became of the carts of a range of days, the newest decision first.

use axum::extract::State;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use shared::domain::facts::decision::{Decision, Outcome, Reason};
use shared::domain::rules::contribution::Funnel;
use shared::domain::values::account::Account;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::decisions::by_day::{DecisionPlace, Wanted};
use shared::store::{StoreError, Table};
use shared::web::account::set_up;
use shared::web::api::{AdminProblems, RangeProblems};
use shared::web::{Cursor, Json, Problem, Query, Reader};
use utoipa::{IntoParams, ToSchema};

use super::{DecisionView, OutcomeName};
use crate::Deps;

/// Decisions on one page: what a person reads at once.
pub const PAGE: usize = 50;
/// Entries of the index after which no further page of it (1 MB, some 3,000 decisions) is read for one outcome of one
/// day. A day may have many carts and few of what is asked for.
const ENTRIES_OF_A_DAY: usize = 10_000;
/// Entries after which an answer ends with the day that it is at.
const ENTRIES: usize = 30_000;
/// Days after which it does: each is a query for each outcome, and most have few carts.
const DAYS: usize = 60;

/// The carts that are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CartsQuery {
    /// The first store day of the decisions.
    #[param(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day, itself included; at most 366 days with the first.
    #[param(value_type = String, format = Date)]
    to: StoreDay,
    /// Those of one outcome alone.
    #[param(inline, value_type = Option<OutcomeName>)]
    outcome: Option<Outcome>,
    /// Those of one reason alone: why there was no reminder, or why it was refused.
    #[param(value_type = Option<String>, example = "purchased")]
    reason: Option<Reason>,
    /// Those of one campaign alone.
    #[param(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// `next` of the page before, of the same selection.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<Place>>,
}

/// Behind which place the next page begins: from a day's end, or from one of its decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    day: StoreDay,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<DecisionPlace>,
}

/// One page of carts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartList)]
pub struct DecidedCarts {
    /// The newest decision first. A page can hold fewer than 50, even none, and still have a next one.
    items: Vec<DecidedCart>,
    /// Where the next page starts, as the parameter `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A cart, and what became of one episode of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecidedCart {
    /// Its id as the store writes it; absent once it was erased, or 30 days after its last sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order_form_id: Option<OrderForm>,
    /// When the episode began: with the cart's id its name (`GET /carts/{orderFormId}?episode=`).
    #[schema(value_type = String, format = DateTime)]
    episode: Instant,
    #[serde(flatten)]
    decision: DecisionView,
}

/// Carts of a range of days
///
/// What became of each: the carts that the metrics' `funnel` of the same range counts, one page after the other.
#[utoipa::path(
    get,
    path = "/carts",
    operation_id = "listCarts",
    tag = "carts",
    params(CartsQuery),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "One page.", body = DecidedCarts),
        RangeProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_carts(
    State(deps): State<Deps>,
    reader: Reader,
    Query(query): Query<CartsQuery>,
) -> Result<Json<DecidedCarts>, Problem> {
    let period = Period::new(query.from, query.to)?;
    let (account, table) = (&reader.account, &deps.table);
    let zone = set_up(table, account).await?.settings.time_zone;
    let today = StoreDay::of(deps.clock.now(), zone);
    table.retention().covers(period, today)?;
    if let Some(id) = &query.campaign_id
        && table.campaign(account, id).await?.is_none()
    {
        return Err(Problem::campaign_not_found().at("campaignId"));
    }
    let days = days(table, account, (period, today), &query).await?;
    let listing = Listing { table, account, query: &query };
    let (found, next) = listing.page(days).await?;
    let ids = found.iter().map(|(place, _)| &place.cart);
    let carts = table.carts(account, ids).await?;
    // What was erased comes back by no later episode of the same order form.
    let key = &deps.whatsapp()?.phone_key;
    let named = carts.values().map(|record| Identity::Cart(record.order_form.id()));
    let marks = table.marks(key, account, named).await?;
    let items = found.iter().map(|(place, decision)| {
        let form = carts.get(&place.cart).map(|record| record.order_form.clone());
        let is_erased = |form: &OrderForm| {
            let erased_at = marks.latest([Identity::Cart(form.id())]);
            form.is_erased() || erased_at.is_some_and(|at| decision.episode <= at)
        };
        let order_form_id = form.filter(|form| !is_erased(form));
        let (episode, decision) = (decision.episode, DecisionView::of(decision));
        DecidedCart { order_form_id, episode, decision }
    });
    let items = items.collect();
    let next = next.map(|place| Cursor(place).encode()).transpose()?;
    Ok(Json(DecidedCarts { items, next }))
}

/// The days that have what is asked for and that aren't told yet, the latest first. What happened today or yesterday may
/// not be counted yet; of all days before, the rollups tell.
async fn days(
    table: &Table,
    account: &Account,
    (period, today): (Period, StoreDay),
    query: &CartsQuery,
) -> Result<Vec<StoreDay>, Problem> {
    let cursor = query.cursor.as_ref().map(|cursor| cursor.0.day);
    let to = cursor.map_or(period.to(), |day| day.min(period.to()));
    if to < period.from() {
        return Ok(Vec::new());
    }
    let period = Period::new(period.from(), to)?;
    let rollups = table.rollups(account, period).await?;
    let counted = rollups.iter().filter(|(cohort, totals)| {
        let campaign = query.campaign_id.as_ref();
        campaign.is_none_or(|id| cohort.campaign_id() == Some(id)) && has(&totals.funnel, query)
    });
    let mut days: Vec<StoreDay> = counted.map(|(cohort, _)| cohort.day).collect();
    let fresh = |day: &StoreDay| day.plus_days(1) >= today && *day <= today.plus_days(1);
    days.extend(period.days().filter(fresh));
    days.sort_unstable();
    days.dedup();
    days.reverse();
    Ok(days)
}

/// Whether a day's funnel counts what is asked for. A reminder's reason isn't counted.
fn has(funnel: &Funnel, query: &CartsQuery) -> bool {
    let skipped = || match query.reason {
        Some(reason) => funnel.skipped.iter().any(|(counted, _)| *counted == reason),
        None => !funnel.skipped.is_empty(),
    };
    let reminded = || funnel.reminded > 0;
    match query.outcome {
        Some(Outcome::Skipped) => skipped(),
        Some(Outcome::Reminded) => reminded(),
        Some(Outcome::HeldOut) => funnel.held_out > 0,
        None => skipped() || reminded() || funnel.held_out > 0,
    }
}

/// The decisions of some days.
struct Listing<'a> {
    table: &'a Table,
    account: &'a Account,
    query: &'a CartsQuery,
}

/// Decisions of a day, and down to where they were read.
struct OfDay {
    items: Vec<(DecisionPlace, Decision)>,
    read_to: Option<DecisionPlace>,
    entries: usize,
}

impl Listing<'_> {
    /// A page of the days' decisions, and where the next one begins.
    async fn page(
        &self,
        days: Vec<StoreDay>,
    ) -> Result<(Vec<(DecisionPlace, Decision)>, Option<Place>), StoreError> {
        let cursor = self.query.cursor.as_ref().map(|cursor| &cursor.0);
        let mut days = days.into_iter().peekable();
        let (mut found, mut entries, mut looked_at) = (Vec::new(), 0, 0);
        while let Some(day) = days.next() {
            looked_at += 1;
            let before = cursor.filter(|place| place.day == day);
            let before = before.and_then(|place| place.before.as_ref());
            let most = PAGE - found.len();
            let mut of_day = self.of_day(day, before, most).await?;
            entries += of_day.entries;
            if of_day.items.len() > most {
                of_day.items.truncate(most);
                of_day.read_to = of_day.items.last().map(|(place, _)| place.clone());
            }
            found.extend(of_day.items);
            if of_day.read_to.is_some() {
                return Ok((found, Some(Place { day, before: of_day.read_to })));
            }
            if found.len() == PAGE || entries >= ENTRIES || looked_at == DAYS {
                return Ok((found, days.peek().map(|day| Place { day: *day, before: None })));
            }
        }
        Ok((found, None))
    }

    /// The decisions of a day before a place, of all outcomes that are asked for: as far down as all of them were
    /// read.
    async fn of_day(
        &self,
        day: StoreDay,
        before: Option<&DecisionPlace>,
        most: usize,
    ) -> Result<OfDay, StoreError> {
        let asked = self.query.outcome;
        let outcomes = Outcome::ALL.into_iter().filter(|each| asked.is_none_or(|one| one == *each));
        let wanted =
            Wanted { reason: self.query.reason, campaign_id: self.query.campaign_id.as_ref() };
        let reads: Vec<_> = outcomes
            .map(|outcome| {
                let bounds = (most, ENTRIES_OF_A_DAY);
                self.table.day_decisions(self.account, (day, outcome), wanted, before, bounds)
            })
            .collect();
        let reads = stream::iter(reads).buffered(Outcome::ALL.len());
        let read: Vec<_> = reads.try_collect().await?;
        let read_to = read.iter().filter_map(|each| each.read_to.clone()).max();
        let entries = read.iter().map(|each| each.entries).sum();
        let mut items: Vec<_> = read.into_iter().flat_map(|each| each.items).collect();
        items.retain(|(place, _)| read_to.as_ref().is_none_or(|to| place >= to));
        items.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(OfDay { items, read_to, entries })
    }
}
