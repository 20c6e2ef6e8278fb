//! The naive model: rules R1-R10 a second time, as plainly as they can be written. It loops
//! over lists of events; it folds nothing, keeps no index, and uses nothing of
//! `shared::domain`. Where it and the system differ, one of them misreads a rule.
//!
//! - `told`: what each event tells, normalised (R2, R5),
//! - `story`: what happened to each reminder and order (R2, R3, R4),
//! - `credit`: who gets an order (R5, R6, R7),
//! - `numbers`: the metrics (R1, R4, R8, R9),
//! - `report`: the CSV (R10),
//! - [`carts`]: carts, their gates and sends (SENDING R13-R19).

pub mod carts;
mod credit;
mod decimals;
mod json_text;
mod numbers;
mod report;
mod story;
mod told;

use chrono_tz::Tz;

use crate::answer::{CreditedOrder, Metrics, Question};
use crate::raw_event::RawEvent;
use credit::Credited;
use story::Story;
use told::EventsByKind;

/// Everything that one account was told, understood.
#[derive(Debug)]
pub struct Model {
    zone: Tz,
    campaigns: Vec<String>,
    story: Story,
    credited: Vec<Credited>,
}

impl Model {
    /// Understands `events`, in whatever order and however often they are listed.
    /// `keyed_digest` is the system's keyed digest of a text: a phone's digits, a reminder's id, data.
    #[must_use]
    pub fn new(
        zone: Tz,
        campaigns: &[String],
        events: &[RawEvent],
        keyed_digest: &dyn Fn(&str) -> String,
    ) -> Self {
        let story = Story::of(&EventsByKind::of(events, keyed_digest), zone);
        let credited = credit::all(&story);
        let mut campaigns = campaigns.to_vec();
        campaigns.sort();
        Self { zone, campaigns, story, credited }
    }

    /// The metrics of a range.
    #[must_use]
    pub fn metrics(&self, question: &Question) -> Metrics {
        numbers::metrics(self, question)
    }

    /// The report of a range.
    #[must_use]
    pub fn csv(&self, question: &Question) -> String {
        report::csv(self, question)
    }

    /// Who has each order, sorted; orders that nobody has are left out.
    #[must_use]
    pub fn credits(&self) -> Vec<CreditedOrder> {
        let mut credits: Vec<CreditedOrder> = self
            .credited
            .iter()
            .map(|credited| CreditedOrder {
                order_group: credited.order.group.clone(),
                reminder_id: credited.reminder.id.clone(),
                by_click: credited.by_click,
            })
            .collect();
        credits.sort();
        credits
    }
}
