//! What became of carts, as an answer tells it (R14).

use serde::Serialize;
use shared::domain::rules::contribution::Funnel;
use utoipa::ToSchema;

/// What became of carts that the system looked at, each by its one decision (R14). A store whose reminders
/// another sender sends has none.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FunnelNumbers {
    /// Carts that were decided: skipped, held out or reminded.
    carts: i64,
    /// Those that became no message, by the reason, the most frequent first.
    skipped: Vec<SkippedCarts>,
    /// Those that became none to measure what messages bring.
    held_out: i64,
    /// Those that became a message.
    reminded: i64,
    /// Of these, messages that Meta took.
    accepted: i64,
    /// Messages that it refused.
    rejected: i64,
    /// Messages whose answer was lost: their status is waited for.
    unknown: i64,
    /// Messages of which no status told within a day.
    unconfirmed: i64,
}

/// Carts that became no message for one reason.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SkippedCarts {
    /// Why.
    #[schema(example = "purchased")]
    reason: String,
    /// How many.
    count: i64,
}

impl FunnelNumbers {
    pub(crate) fn of(funnel: &Funnel) -> Self {
        let skipped = funnel.skipped.iter();
        let mut skipped: Vec<SkippedCarts> = skipped
            .map(|(reason, count)| SkippedCarts { reason: reason.word(), count: *count })
            .collect();
        skipped.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        Self {
            carts: funnel.carts(),
            skipped,
            held_out: funnel.held_out,
            reminded: funnel.reminded,
            accepted: funnel.accepted,
            rejected: funnel.rejected,
            unknown: funnel.unknown,
            unconfirmed: funnel.unconfirmed,
        }
    }
}
