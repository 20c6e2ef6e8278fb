//! What follows from facts: first clicks, cohorts, credits.
//!
//! Every read is strongly consistent and made after the facts that it is about were stored, so a
//! derivation sees at least those. What it writes makes a record of its own, which is derived
//! again: a worker that was too slow is corrected by the record of its own write. A derivation that
//! changes nothing writes nothing, so this comes to an end.

use std::collections::BTreeSet;

use domain::facts::click::{Click, ClickCohort};
use domain::facts::credit::Credit;
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::rules::credit::{Candidate, judge};
use domain::values::account::Account;
use domain::values::identity::Identities;
use domain::values::ids::{LinkToken, OrderGroup, ReminderId};
use domain::values::instant::earliest;
use store::facts::Written;
use store::retry::Attempts;
use store::{StoreError, Table};

use crate::fact::Subject;

/// Derives a subject, but for orders; the orders that have to be judged since it changed.
///
/// `images` are all that is known of a reminder beside what the table holds: an order that was
/// credited by an identity that the reminder no longer names must lose its credit.
pub async fn subject<'a>(
    table: &Table,
    subject: &'a Subject,
    images: &[&Reminder],
) -> Result<Vec<(&'a Account, OrderGroup)>, StoreError> {
    match subject {
        Subject::Reminder(account, id) => {
            let reminder = clicks(table, account, id).await?.reminder;
            let groups = touched_orders(table, account, &reminder, images).await?;
            Ok(groups.into_iter().map(|group| (account, group)).collect())
        }
        Subject::Order(account, group) => Ok(vec![(account, group.clone())]),
        Subject::Link(token) => link(table, token).await.map(|_| Vec::new()),
    }
}

/// A reminder and its clicks, derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clicked {
    /// The reminder as it stands now.
    pub reminder: Reminder,
    /// How many clicks it has.
    pub clicks: u64,
    /// How many items were changed.
    pub changed: u64,
}

/// Derive 1 and 2, a reminder and its clicks: the first click goes to the reminder, the
/// reminder's cohort to the clicks.
pub async fn clicks(
    table: &Table,
    account: &Account,
    id: &ReminderId,
) -> Result<Clicked, StoreError> {
    let clicks = table.reminder_clicks(account, id).await?;
    let held = table.reminder(account, id).await?;
    let mut reminder = held.unwrap_or_else(|| Reminder::new(id.clone()));
    let mut changed = 0;
    // An erased one has its last cohorts, and a click that comes afterwards is not its own.
    if reminder.erased_at.is_none() {
        changed += first_click(table, account, &mut reminder, &clicks).await?;
        changed += cohorts(table, account, &reminder, &clicks).await?;
    }
    Ok(Clicked { reminder, clicks: clicks.len() as u64, changed })
}

/// R3: a clicked reminder was delivered and read, whether or not a receipt says so.
async fn first_click(
    table: &Table,
    account: &Account,
    reminder: &mut Reminder,
    clicks: &[Click],
) -> Result<u64, StoreError> {
    let Some(first) = clicks.iter().map(|click| click.at).min() else { return Ok(0) };
    // The instant on the reminder only ever goes down: what is low enough stays so.
    if reminder.first_click_at.is_some_and(|held| first >= held) {
        return Ok(0);
    }
    let written = table.reminder_lower_first_click(account, &reminder.reminder_id, first).await?;
    reminder.fold_click(first);
    Ok(u64::from(written == Written::Changed))
}

/// R1, R4: every click counts on the day, in the campaign and for the shopper of its reminder.
async fn cohorts(
    table: &Table,
    account: &Account,
    reminder: &Reminder,
    clicks: &[Click],
) -> Result<u64, StoreError> {
    // A click before its reminder's details waits: their record gives it its cohort.
    let Some(cohort) = ClickCohort::of(reminder) else { return Ok(0) };
    let mut changed = 0;
    for click in clicks {
        let written = table.click_write_cohort(account, click, &cohort).await?;
        changed += u64::from(written == Written::Changed);
    }
    Ok(changed)
}

/// The orders that share an identity with the reminder as it is or as any image shows it. Those
/// credited to it are among them: credit goes by an identity that some image named.
async fn touched_orders(
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

/// Derive 3: the clicks that wait at a link move to its reminder, once it is bound to one; how
/// many moved. They keep their ids, so a move that was broken off and made again moves nothing
/// twice.
pub async fn link(table: &Table, token: &LinkToken) -> Result<u64, StoreError> {
    let Some(link) = table.link(token).await? else { return Ok(0) };
    let Some(reminder_id) = &link.reminder_id else { return Ok(0) };
    let waiting = table.early_clicks(token).await?;
    for early in &waiting {
        table.click_write(&link.account, &early.on(reminder_id)).await?;
        table.early_click_delete(early).await?;
    }
    Ok(waiting.len() as u64)
}

/// Derive 4, an order: its credit over all its candidates (R5, R6); whether it was another.
///
/// The order is read first: whatever changes it afterwards raises its version, and then the
/// credit that was judged on this one is refused and judged again.
pub async fn order(
    table: &Table,
    account: &Account,
    group: &OrderGroup,
) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at("credit an order");
    loop {
        attempts.next().await?;
        // A pointer is written before its order, which may never come.
        let Some(order) = table.order(account, group).await? else { return Ok(false) };
        // An erased one keeps the credit that it was erased with.
        if order.erased_at.is_some() {
            return Ok(false);
        }
        let credit = credit(table, account, &order).await?;
        if credit == order.credit {
            return Ok(false);
        }
        if table.order_write_credit(account, &order, credit).await? {
            return Ok(true);
        }
    }
}

/// R5, R6: the credit that an order should have, over all its candidates as the table holds them.
pub async fn credit(
    table: &Table,
    account: &Account,
    order: &Order,
) -> Result<Option<Credit>, StoreError> {
    let candidates = table.order_candidates(account, order).await?;
    let candidates: Vec<Candidate> = candidates.into_iter().map(|(_, held)| held).collect();
    Ok(judge(order, &candidates).credit)
}
