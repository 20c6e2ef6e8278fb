//! `GET /carts/{orderFormId}`: why a cart was reminded of, or not, or what it waits for.
//!
//! A cart that waits is judged by the code that the sender judges it by (`shared::judging`), as of now and by all there
//! is: in a quiet hour the sender looks no further than that, and this does. Of a cart that is decided the decision tells
//! which step ended it.

use std::borrow::Cow;

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use shared::domain::facts::cart::CartState;
use shared::domain::facts::decision::{Decision, Reason, Verdict};
use shared::domain::rules::gate::{Finding, Judgement, Step};
use shared::domain::values::account::Account;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::CartId;
use shared::domain::values::order_form::OrderForm;
use shared::judging::Judging;
use shared::store::carts::CartRecord;
use shared::vtex::VtexApi;
use shared::web::account::set_up;
use shared::web::api::AdminProblems;
use shared::web::{Json, Problem, ProblemBody, Query, Reader};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::StandingView;
use crate::Deps;

/// Which episode of a cart.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CartQuery {
    /// The episode that began then, as the list tells it; the latest when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    episode: Option<Instant>,
}

/// A cart, and its gate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cart)]
pub struct ExplainedCart {
    #[serde(flatten)]
    cart: StandingView,
    /// Absent of a cart that was held out, and of one that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<GateView>,
}

/// The gate of a cart (R15).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartGate)]
pub struct GateView {
    /// As of when: of a cart that waits now, else when it was decided.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The campaign that would remind of it, or did; absent where none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// In the order in which they are judged: the first that doesn't pass decides. Of a cart that waits all of them, of
    /// one that was skipped those up to the step that ended it.
    steps: Vec<StepView>,
}

/// One step of a gate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartGateStep)]
pub struct StepView {
    /// Which.
    #[schema(value_type = StepName)]
    step: Step,
    /// What it found.
    finding: FindingName,
    /// Why it doesn't let the cart through.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "quiet-hours")]
    reason: Option<Reason>,
    /// When it is looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

/// The steps of a gate in the document: those that there are ([`Step::ALL`]).
struct StepName;

impl PartialSchema for StepName {
    fn schema() -> RefOr<Schema> {
        let words = Step::ALL.map(|step| serde_json::json!(step));
        let described = "A step of a cart's gate, in the order in which they are judged (R15).";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(described))
            .enum_values(Some(words))
            .into()
    }
}

impl ToSchema for StepName {
    fn name() -> Cow<'static, str> {
        "CartGateStepName".into()
    }
}

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CartGateFinding)]
pub enum FindingName {
    /// It lets the cart through.
    Passes,
    /// The shopper is still there.
    Waits,
    /// It is closed at present, and tried again.
    Defers,
    /// The cart becomes no message.
    Ends,
    /// It can't be told: the store doesn't tell the cart, or no campaign is there for it.
    Unknown,
}

impl GateView {
    fn of(judgement: Judgement, at: Instant) -> Self {
        let steps = judgement.steps.into_iter().map(|(step, finding)| {
            let (finding, reason, until) = match finding {
                Finding::Passes => (FindingName::Passes, None, None),
                Finding::Waits(until) => (FindingName::Waits, None, Some(until)),
                Finding::Defers(reason, until) => (FindingName::Defers, Some(reason), Some(until)),
                Finding::Ends(reason) => (FindingName::Ends, Some(reason), None),
                Finding::Needs(_) => (FindingName::Unknown, None, None),
            };
            StepView { step, finding, reason, until }
        });
        Self { at, campaign_id: judgement.campaign, steps: steps.collect() }
    }
}

/// Why a cart was reminded of or not
///
/// Of a cart that waits each step of its gate as it would be judged now, which asks the store for it; of one that is
/// decided the steps up to the one that ended it.
#[utoipa::path(
    get,
    path = "/carts/{orderFormId}",
    operation_id = "getCart",
    tag = "carts",
    params(("orderFormId" = String, Path, description = "The cart's id, as the store writes it."), CartQuery),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "Where it stands, and its gate.", body = ExplainedCart),
        (status = 404, description = "`account-not-found`, or `cart-not-found`: it is known from its first sign of life \
            on which it could be reminded of, until 30 days after its last.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` names a parameter that is unknown or not of its form.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn get_cart(
    State(deps): State<Deps>,
    reader: Reader,
    Path(order_form): Path<String>,
    Query(query): Query<CartQuery>,
) -> Result<Json<ExplainedCart>, Problem> {
    let account = &reader.account;
    set_up(&deps.table, account).await?;
    let not_found = || Problem::not_found("cart-not-found", "the system knows no such cart");
    let order_form = OrderForm::parse(&order_form).map_err(|_| not_found())?;
    let id = deps.whatsapp()?.phone_key.cart(&order_form.id());
    let record = deps.table.cart(account, &id).await?.ok_or_else(not_found)?;
    let episode = query.episode.unwrap_or(record.cart.episode);
    let decision = deps.table.decision(account, &id, episode).await?;
    let cart = if episode == record.cart.episode {
        StandingView::of(&record, decision.as_ref())
    } else {
        StandingView::earlier(&record, decision.as_ref().ok_or_else(not_found)?)
    };
    let gate = gate(&deps, account, (&id, &record), (episode, decision.as_ref())).await?;
    Ok(Json(ExplainedCart { cart, gate }))
}

async fn gate(
    deps: &Deps,
    account: &Account,
    (id, record): (&CartId, &CartRecord),
    (episode, decision): (Instant, Option<&Decision>),
) -> Result<Option<GateView>, Problem> {
    if record.order_form.is_erased() {
        return Ok(None);
    }
    let judging = deps.judging()?;
    if record.cart.state == CartState::Waiting && episode == record.cart.episode {
        let known = judging.account(account).await?.ok_or_else(Problem::account_not_found)?;
        let judged = judging.explain(&known, (id, record)).await?;
        return Ok(Some(GateView::of(judged.judgement, judged.at)));
    }
    // Its decision is written with it, or was erased.
    let Some(decision) = decision else { return Ok(None) };
    let campaign = decision.campaign_id.clone();
    let judgement = match decision.verdict {
        Verdict::HeldOut => return Ok(None),
        // Refused after a claim, by its gate or by Meta.
        Verdict::Reminded { reason: Some(reason), .. } | Verdict::Skipped { reason, .. } => {
            let bought = (decision.episode, decision.decided_at);
            let step = ended_by(&judging, (account, record), reason, bought).await?;
            Judgement { campaign, ..Judgement::ended(step, reason) }
        }
        Verdict::Reminded { reason: None, .. } => match campaign {
            Some(campaign) => Judgement::opened(campaign),
            None => return Ok(None),
        },
    };
    Ok(Some(GateView::of(judgement, decision.decided_at)))
}

/// The step that ended a cart. A purchase may be one of this very cart.
async fn ended_by(
    judging: &Judging<'_, VtexApi>,
    (account, record): (&Account, &CartRecord),
    reason: Reason,
    bought: (Instant, Instant),
) -> Result<Step, Problem> {
    let own = if reason == Reason::Purchased {
        judging.cart_bought_at(account, record, bought).await?
    } else {
        None
    };
    Ok(if own.is_some() { Step::OwnFacts } else { Step::that_ends(reason) })
}

impl Deps {
    /// What carts are judged with.
    fn judging(&self) -> Result<Judging<'_, VtexApi>, Problem> {
        Ok(Judging {
            table: &self.table,
            clock: &self.clock,
            phone_key: &self.whatsapp()?.phone_key,
            sealing: &self.sealing,
            stores: self.stores()?,
        })
    }
}
