//! What follows from facts: first clicks, cohorts, credits.
//!
//! Every read is strongly consistent and made after the records of the batch, so a derivation
//! sees at least the facts that its records tell of. What it writes makes a record of its own,
//! which is derived again: a worker that was too slow is corrected by the record of its own
//! write. A derivation that changes nothing writes nothing, so this comes to an end.

use std::collections::BTreeSet;

use shared::domain::facts::click::{Click, ClickCohort};
use shared::domain::facts::reminder::Reminder;
use shared::domain::rules::credit::{Candidate, judge};
use shared::domain::values::account::Account;
use shared::domain::values::identity::Identities;
use shared::domain::values::ids::{LinkToken, OrderGroup, ReminderId};
use shared::domain::values::instant::earliest;
use shared::store::{StoreError, Table, retry};

/// Derive 1 and 2, a reminder and its clicks: the first click goes to the reminder, the
/// reminder's cohort to the clicks. Returns the orders whose credit may depend on either.
///
/// `images` are all that the batch's records show of the reminder, old and new ones: an order
/// that was credited by an identity that the reminder no longer names must lose its credit.
pub(crate) async fn reminder(
    table: &Table,
    account: &Account,
    id: &ReminderId,
    images: &[&Reminder],
) -> Result<BTreeSet<OrderGroup>, StoreError> {
    let clicks = table.reminder_clicks(account, id).await?;
    let held = table.reminder(account, id).await?;
    let mut reminder = held.unwrap_or_else(|| Reminder::new(id.clone()));
    // An erased one has its last cohorts, and a click that comes afterwards is not its own.
    if reminder.erased_at.is_none() {
        first_click(table, account, &mut reminder, &clicks).await?;
        cohorts(table, account, &reminder, &clicks).await?;
    }
    orders(table, account, &reminder, images).await
}

/// R3: a clicked reminder was delivered and read, whether or not a receipt says so.
async fn first_click(
    table: &Table,
    account: &Account,
    reminder: &mut Reminder,
    clicks: &[Click],
) -> Result<(), StoreError> {
    let Some(first) = clicks.iter().map(|click| click.at).min() else { return Ok(()) };
    // The instant on the reminder only ever goes down: what is low enough stays so.
    if reminder.first_click_at.is_none_or(|held| first < held) {
        table.reminder_lower_first_click(account, &reminder.reminder_id, first).await?;
        reminder.fold_click(first);
    }
    Ok(())
}

/// R1, R4: every click counts on the day, in the campaign and for the shopper of its reminder.
async fn cohorts(
    table: &Table,
    account: &Account,
    reminder: &Reminder,
    clicks: &[Click],
) -> Result<(), StoreError> {
    // A click before its reminder's details waits: their record gives it its cohort.
    let Some(cohort) = ClickCohort::of(reminder) else { return Ok(()) };
    for click in clicks {
        table.click_write_cohort(account, click, &cohort).await?;
    }
    Ok(())
}

/// The orders that share an identity with the reminder as it is or as any image shows it. Those
/// credited to it are among them: credit goes by an identity that some image named.
async fn orders(
    table: &Table,
    account: &Account,
    reminder: &Reminder,
    images: &[&Reminder],
) -> Result<BTreeSet<OrderGroup>, StoreError> {
    let known = images.iter().copied().chain([reminder]);
    let delivered_at = known.clone().map(Reminder::delivered_at).fold(None, earliest);
    // R5: not delivered, it is no candidate for any order. Its delivery makes a record.
    let Some(delivered_at) = delivered_at else { return Ok(BTreeSet::new()) };
    let mut named: Vec<&Identities> = Vec::new();
    let mut groups = BTreeSet::new();
    for sent in known.filter_map(|reminder| reminder.sent.as_ref()) {
        if !named.contains(&&sent.identities) {
            named.push(&sent.identities);
            let pointed = table.orders_pointed_to(account, &sent.identities, delivered_at).await?;
            groups.extend(pointed);
        }
    }
    Ok(groups)
}

/// Derive 3: the clicks that wait at a link move to its reminder, once it is bound to one. They
/// keep their ids, so a move that was broken off and made again moves nothing twice.
pub(crate) async fn link(table: &Table, token: &LinkToken) -> Result<(), StoreError> {
    let Some(link) = table.link(token).await? else { return Ok(()) };
    let Some(reminder_id) = &link.reminder_id else { return Ok(()) };
    for early in table.early_clicks(token).await? {
        table.click_write(&link.account, &early.on(reminder_id)).await?;
        table.early_click_delete(&early).await?;
    }
    Ok(())
}

/// Derive 4, an order: its credit over all its candidates (R5, R6).
///
/// The order is read first: whatever changes it afterwards raises its version, and then the
/// credit that was judged on this one is refused and judged again.
pub(crate) async fn order(
    table: &Table,
    account: &Account,
    group: &OrderGroup,
) -> Result<(), StoreError> {
    for attempt in 1..=retry::ATTEMPTS {
        retry::pause(attempt).await;
        // A pointer is written before its order, which may never come.
        let Some(order) = table.order(account, group).await? else { return Ok(()) };
        // An erased one keeps the credit that it was erased with.
        if order.erased_at.is_some() {
            return Ok(());
        }
        let candidates: Vec<Candidate> =
            table.order_candidates(account, &order).await?.into_iter().map(|(_, c)| c).collect();
        let credit = judge(&order, &candidates).credit;
        if credit == order.credit || table.order_write_credit(account, &order, credit).await? {
            return Ok(());
        }
    }
    Err(StoreError::Contended { operation: "credit an order", attempts: retry::ATTEMPTS })
}
