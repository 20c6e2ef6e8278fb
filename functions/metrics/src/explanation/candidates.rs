//! The candidates of an order as an explanation judges them: by their clicks, not by what was derived
//! from these. A click counts from its storing; its record may be derived a second later.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use shared::domain::facts::click::{ClickCohort, supersedes};
use shared::domain::facts::event::ClickKind;
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::rules::credit::Candidate;
use shared::domain::values::account::Account;
use shared::domain::values::ids::ClickId;
use shared::domain::values::instant::Instant;
use shared::store::lookups::TappedReminder;
use shared::store::{StoreError, Table};

use crate::READS_AT_ONCE;

/// A candidate with all its clicks.
pub(super) struct Considered {
    /// The reminder, its first click folded in from its clicks (R3).
    pub(super) reminder: Reminder,
    /// What is judged.
    pub(super) candidate: Candidate,
    /// Whether what is stored of it has yet to follow its clicks.
    pub(super) is_behind: bool,
}

/// Every reminder that shares an identity with the order (R5), sorted by the reminder.
pub(super) async fn candidates(
    table: &Table,
    account: &Account,
    order: &Order,
) -> Result<Vec<Considered>, StoreError> {
    let reminders = table.order_reminders(account, order).await?;
    let read = |reminder: Reminder| async move {
        let clicks = table.reminder_all_clicks(account, &reminder).await?;
        Ok(Considered::of(&reminder, &clicks, order))
    };
    let considered: Vec<Option<Considered>> =
        stream::iter(reminders).map(read).buffered(READS_AT_ONCE).try_collect().await?;
    Ok(considered.into_iter().flatten().collect())
}

impl Considered {
    fn of(stored: &Reminder, clicks: &TappedReminder, order: &Order) -> Option<Self> {
        let counted = counted(clicks);
        let mut reminder = stored.clone();
        // One that went on to another reminder, or turned out to be an opt-out, is no first click any
        // more.
        if clicks.own.iter().any(|click| click.moved || click.is_opt_out()) {
            reminder.first_click_at = None;
        }
        for (at, _) in counted.values().filter(|(_, kind)| *kind != ClickKind::OptOut) {
            reminder.fold_click(*at);
        }
        let is_behind = is_behind(stored, &reminder, clicks);
        let links = counted.values().filter(|(_, kind)| *kind == ClickKind::Link);
        let link_clicks = links.map(|(at, _)| *at).collect();
        let candidate = Candidate::of(&reminder, link_clicks, order)?;
        Some(Self { reminder, candidate, is_behind })
    }
}

/// The clicks that count, by their ids: one that waits at the link and one that lies with the
/// reminder can be two bodies of one click (R4).
fn counted(clicks: &TappedReminder) -> BTreeMap<&ClickId, (Instant, ClickKind)> {
    let own = clicks.own.iter().filter(|click| !click.moved);
    let mut counted: BTreeMap<&ClickId, (Instant, ClickKind)> =
        own.map(|click| (&click.click_id, (click.at, click.click_kind))).collect();
    for early in &clicks.waiting {
        let new = (early.at, early.click_kind);
        if counted.get(&early.click_id).is_none_or(|held| supersedes(new, *held)) {
            counted.insert(&early.click_id, new);
        }
    }
    counted
}

/// Whether the first click, a click's day or campaign, or the place of a click is going to
/// change once all records are derived.
fn is_behind(stored: &Reminder, folded: &Reminder, clicks: &TappedReminder) -> bool {
    let cohort = ClickCohort::of(stored);
    let mut open = clicks.own.iter().filter(|click| !click.moved);
    let has_other_cohort = open.any(|click| click.cohort != cohort);
    stored.first_click_at != folded.first_click_at || has_other_cohort || !clicks.waiting.is_empty()
}
