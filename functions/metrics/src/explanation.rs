//! `GET /orders/{orderGroup+}`: why an order counts, or not (R5, R6, R7).
//!
//! Judged at the request by the function that derives credits, over facts read strongly
//! consistently, so that the explanation can't disagree with the rules. Clicks are judged as they are
//! stored, whether or not anything was derived from them yet; where what is stored beside the facts
//! has yet to follow them, the answer says that it is pending. Who ordered is not told: only by which
//! kinds of identity order and reminder met.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, State};
use http::request::Parts;
use lambda_http::RequestExt as _;
use percent_encoding::percent_decode_str;
use shared::domain::facts::credit::CreditKind;
use shared::domain::facts::order::{Order, Part};
use shared::domain::facts::reminder::{Reminder, Sent};
use shared::domain::rules::credit::{Candidate, Decisive, Outcome, judge};
use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::identity::{Identities, IdentitySets};
use shared::domain::values::ids::{OrderGroup, OrderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::order_status::Phase;
use shared::store::{StoreError, Table};
use shared::web::account::set_up;
use shared::web::api::AdminProblems;
use shared::web::{Json, Problem, ProblemBody, Reader};

use crate::Deps;
use crate::conversions::CreditedReminder;
use crate::text::{decimal, local};

mod answer;
mod candidates;
mod items;
mod sentences;

pub use items::{ItemView, OrderItems, SHOWN as ITEMS};

pub use answer::{
    CandidateReminder, DecidedBy, DecidedByKind, Explanation, IdentityKind, Loser, OutcomeCode,
    PartView, Verdict, VerdictCode, Winner,
};
use candidates::Considered;

/// Losing candidates in one answer, those sent last: far more than a shopper gets in the 15 days
/// that matter, and an answer stays below Lambda's 6 MB.
pub const OTHERS: usize = 500;

/// The route, as the router knows it.
pub(crate) const PATH: &str = "/orders/{*orderGroup}";

/// The text by which a request names an order.
///
/// The gateway decodes the path before it routes, and what it hands over as path ends at a question mark
/// that appears by that: its own variable is taken, where there is one. No id holds a percent sign, so that
/// what is still encoded then was encoded twice, as the page does it to be safe from whatever decodes on the way.
pub(crate) struct NamedOrder(String);

impl<S: Send + Sync> FromRequestParts<S> for NamedOrder {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let given = parts.path_parameters_ref().and_then(|variables| variables.first("orderGroup"));
        let named = match given {
            Some(given) => given.to_owned(),
            None => Path::from_request_parts(parts, state)
                .await
                .map_or_else(|_| String::new(), |Path(path)| path),
        };
        Ok(Self(percent_decode_str(&named).decode_utf8_lossy().into_owned()))
    }
}

/// Whether a request asks for the items, too.
///
/// Read from what the gateway says of the query, never from the path: that may hold a question mark.
pub(crate) struct WithItems(bool);

impl<S: Sync> FromRequestParts<S> for WithItems {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.query_string_parameters_ref();
        match query.and_then(|query| query.first("items")) {
            None | Some("false") => Ok(Self(false)),
            Some("true") => Ok(Self(true)),
            Some(_) => Err(Problem::invalid_field("items", "true or false")),
        }
    }
}

/// The order of this group; else the one that has a part of this id. People know an order by the id that
/// VTEX's Admin shows, which is the part's: the group with the part's number behind it.
async fn find(table: &Table, account: &Account, named: &str) -> Result<Option<Order>, StoreError> {
    // A text that can't be an order's id names no order.
    let Ok(group) = OrderGroup::parse(named) else { return Ok(None) };
    if let Some(order) = table.order(account, &group).await? {
        return Ok(Some(order));
    }
    let Some((group, _)) = named.rsplit_once('-') else { return Ok(None) };
    let (Ok(group), Ok(part)) = (OrderGroup::parse(group), OrderId::parse(named)) else {
        return Ok(None);
    };
    let order = table.order(account, &group).await?;
    Ok(order.filter(|order| order.parts.contains_key(&part)))
}

/// Why an order counts, or not
///
/// The order, the reminder that has its credit, and every other candidate with the reason it lost. It can be
/// named by the id of one of its parts, too, where that is the group's with `-01` or the like behind it.
#[utoipa::path(
    get,
    path = "/orders/{*orderGroup}",
    operation_id = "explainOrder",
    tag = "metrics",
    params(("orderGroup" = String, Path,
        description = "VTEX's `orderGroup`. Slashes may come as they are or as `%2F`; any other reserved \
            character may come encoded once or twice."),
        ("items" = Option<bool>, Query, description = "Whether to tell the items, too.")),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The explanation.", body = Explanation),
        (status = 404, description = "`account-not-found` or `order-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` at `items`.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn explain_order(
    State(deps): State<Deps>,
    reader: Reader,
    NamedOrder(named): NamedOrder,
    WithItems(with_items): WithItems,
) -> Result<Json<Explanation>, Problem> {
    let unknown = || Problem::not_found("order-not-found", "the account has no such order");
    let (table, account) = (&deps.table, &reader.account);
    let settings = set_up(table, account).await?.settings;
    // The order first, then its candidates: as the derivation reads them.
    let order = find(table, account, &named).await?.ok_or_else(unknown)?;
    let candidates = candidates::candidates(table, account, &order).await?;
    let credited = match &order.credit {
        Some(credit) => table.reminder(account, &credit.reminder).await?,
        None => None,
    };
    let counted =
        order.credit.as_ref().map(|credit| CreditedReminder::of(credit, credited.as_ref()));
    let mut explanation = explain(&order, candidates, counted, &settings);
    if with_items {
        explanation.items = Some(items::items(table, account, &order, credited.as_ref()).await?);
    }
    Ok(Json(explanation))
}

fn explain(
    order: &Order,
    considered: Vec<Considered>,
    counted: Option<CreditedReminder>,
    settings: &AccountSettings,
) -> Explanation {
    let is_behind = considered.iter().any(|one| one.is_behind);
    let (reminders, candidates): (Vec<Reminder>, Vec<Candidate>) =
        considered.into_iter().map(|one| (one.reminder, one.candidate)).unzip();
    let judgement = judge(order, &candidates);
    let teller = Teller { order, settings };

    let code = match (&judgement.credit, order.is_live(), candidates.is_empty()) {
        (Some(credit), ..) => match credit.kind {
            CreditKind::ClickThrough => VerdictCode::ClickThrough,
            CreditKind::Assisted => VerdictCode::Assisted,
        },
        (None, false, _) => VerdictCode::OrderNotLive,
        (None, true, true) => VerdictCode::NoCandidate,
        (None, true, false) => VerdictCode::NoCandidateInTime,
    };
    let mut credit = None;
    let mut others: Vec<(Option<Instant>, Loser)> = Vec::new();
    for ((reminder, candidate), outcome) in
        reminders.iter().zip(&candidates).zip(judgement.outcomes)
    {
        let shown = teller.candidate(reminder, candidate);
        if let Outcome::Won(decisive) = outcome {
            let decided_by = teller.decided_by(decisive);
            credit = Some(Winner { kind: decisive.by, candidate: shown, decided_by });
        } else {
            let sent_at = reminder.sent.as_ref().map(|sent| sent.sent_at);
            others.push((sent_at, teller.loser(shown, outcome)));
        }
    }
    // Those sent last first; candidates came sorted by their digests, and the sort keeps that at one instant.
    others.sort_by_key(|(sent_at, _)| std::cmp::Reverse(*sent_at));
    let amount = order.amount();
    Explanation {
        order_group: order.order_group.clone(),
        created_at: local(order.created_at, settings),
        live: order.is_live(),
        order_total: amount.as_ref().map(|held| decimal(&held.currency, held.minor_units)),
        currency: amount.map(|held| held.currency),
        parts: teller.parts(),
        identities: teller.named(),
        verdict: Verdict { code, explanation: code.sentence() },
        credit,
        other_candidates_left_out: others.len().saturating_sub(OTHERS),
        other_candidates: others.into_iter().map(|(_, loser)| loser).take(OTHERS).collect(),
        counted,
        pending: is_behind || order.credit != judgement.credit,
        items: None,
    }
}

/// Tells what belongs to one order.
struct Teller<'a> {
    order: &'a Order,
    settings: &'a AccountSettings,
}

impl Teller<'_> {
    fn parts(&self) -> Vec<PartView> {
        let currency = self.order.amount().map(|amount| amount.currency);
        let part = |(order_id, part): (&OrderId, &Part)| {
            let live = part.status.phase() == Phase::Live;
            PartView {
                order_id: order_id.clone(),
                status: part.status.clone(),
                live,
                in_total: live && currency.as_ref() == Some(&part.currency),
                value: decimal(&part.currency, part.value),
                currency: part.currency.clone(),
                changed_at: local(part.changed_at, self.settings),
            }
        };
        self.order.parts.iter().map(part).collect()
    }

    fn named(&self) -> Vec<IdentityKind> {
        let IdentitySets { user_ids, phones, order_form_ids } = &self.order.identities;
        [
            (IdentityKind::Cart, order_form_ids.is_empty()),
            (IdentityKind::User, user_ids.is_empty()),
            (IdentityKind::Phone, phones.is_empty()),
        ]
        .into_iter()
        .filter(|(_, none)| !none)
        .map(|(kind, _)| kind)
        .collect()
    }

    fn candidate(&self, reminder: &Reminder, candidate: &Candidate) -> CandidateReminder {
        let sent = reminder.sent.as_ref();
        CandidateReminder {
            reminder_id: reminder.reminder_id.clone(),
            campaign_id: candidate.campaign_id.clone(),
            day: candidate.day,
            sent_at: sent.map(|sent| local(sent.sent_at, self.settings)),
            delivered_at: candidate.delivered_at.map(|at| local(at, self.settings)),
            matched_by: sent.map(|sent| self.matched_by(sent)).unwrap_or_default(),
        }
    }

    /// The kinds by which R5 holds: the rule itself, asked for one kind at a time.
    fn matched_by(&self, sent: &Sent) -> Vec<IdentityKind> {
        let of = sent.identities.clone();
        [
            (
                IdentityKind::Cart,
                Identities { order_form_id: of.order_form_id, ..Identities::default() },
            ),
            (IdentityKind::User, Identities { user_id: of.user_id, ..Identities::default() }),
            (IdentityKind::Phone, Identities { phone: of.phone, ..Identities::default() }),
        ]
        .into_iter()
        .filter(|(_, alone)| self.order.identities.matches(alone))
        .map(|(kind, _)| kind)
        .collect()
    }

    fn loser(&self, candidate: CandidateReminder, outcome: Outcome) -> Loser {
        let (code, decided_by) = match outcome {
            Outcome::Won(decisive) => (OutcomeCode::Won, Some(decisive)),
            Outcome::LaterClickWon(decisive) => (OutcomeCode::LaterClickWon, Some(decisive)),
            Outcome::ClickWon(decisive) => (OutcomeCode::ClickWon, Some(decisive)),
            Outcome::LaterDeliveryWon(decisive) => (OutcomeCode::LaterDeliveryWon, Some(decisive)),
            Outcome::TieLost(decisive) => (OutcomeCode::TieLost, Some(decisive)),
            Outcome::TooLongAgo(decisive) => (OutcomeCode::TooLongAgo, Some(decisive)),
            Outcome::DeliveredAfterOrder(at) => {
                let distance = self.order.created_at.since(at);
                let delivery = Decisive { by: CreditKind::Assisted, at, distance };
                (OutcomeCode::DeliveredAfterOrder, Some(delivery))
            }
            Outcome::NotDelivered => (OutcomeCode::NotDelivered, None),
            Outcome::OrderNotLive => (OutcomeCode::OrderNotLive, None),
        };
        Loser {
            candidate,
            outcome: code,
            explanation: code.sentence(),
            decided_by: decided_by.map(|decisive| self.decided_by(decisive)),
        }
    }

    fn decided_by(&self, decisive: Decisive) -> DecidedBy {
        DecidedBy {
            by: match decisive.by {
                CreditKind::ClickThrough => DecidedByKind::Click,
                CreditKind::Assisted => DecidedByKind::Delivery,
            },
            at: local(decisive.at, self.settings),
            distance_seconds: decisive.distance.as_seconds(),
        }
    }
}
