//! The erasure of a shopper (LGPD art. 18): facts are anonymised in place.
//!
//! An erased fact keeps its amounts, instants, day keys and credit, and is closed: nothing folds
//! into it and nothing is derived from it again, so a late event changes nothing and no total
//! moves. Since it is closed, its last derivation is made here, in this order:
//!
//! 1. the reminders that matter get their early clicks and their first click,
//! 2. each order is judged once more and closed with its credit, in one write on its version,
//! 3. each reminder is closed, and then its clicks, whose day keys hold the shopper.
//!
//! Orders go first because they match reminders by the very values that are replaced. A pointer
//! whose fact never came is given an erased one without content, so that the fact, should it be on
//! its way, comes too late.
//!
//! **Crashes.** The erasure that an account is at stands in the table with its mask, and a second
//! call takes it up. All that is left to do is found by the pointers, which are deleted last; each
//! write is idempotent. One erasure at a time: two masks of one shopper would make two of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::facts::click::ClickCohort;
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::values::account::Account;
use domain::values::identity::IdentitySets;
use domain::values::ids::{CampaignId, OrderGroup, ReminderDigest};
use domain::values::instant::Instant;
use domain::values::store_day::StoreDay;
use store::erasure::{Erasure, Pointed};
use store::facts::Written;
use store::retry::Attempts;
use store::{Allowance, StoreError, Table};

use crate::derive;
use crate::derive::reminder::Asked;

mod who;

pub use who::{AskedShopper, SHARED_BY, identities};

/// The days and campaigns in whose reports the shopper may stand.
pub type Cohorts = BTreeSet<(StoreDay, CampaignId)>;

/// Erases the facts that pointers lead to; the days and campaigns in whose reports they may
/// stand. Doing it again changes nothing.
pub async fn facts(
    table: &Table,
    account: &Account,
    erasure: &Erasure,
    pointed: &Pointed,
) -> Result<Cohorts, StoreError> {
    let mut cohorts = Cohorts::new();
    let mut reminders: BTreeMap<ReminderDigest, Reminder> = BTreeMap::new();
    for reminder in table.reminders(account, &pointed.reminders).await? {
        reminders.insert(reminder.reminder.clone(), reminder);
    }
    for order in table.orders(account, &pointed.orders).await? {
        for (reminder, _) in
            table.order_candidates(account, &order, &mut Allowance::unlimited()).await?
        {
            reminders.insert(reminder.reminder.clone(), reminder);
        }
    }
    for reminder in reminders.values() {
        cohorts.extend(reminder.sent.iter().map(|sent| (sent.day, sent.campaign_id.clone())));
        if reminder.erased_at.is_none() {
            settle(table, account, reminder).await?;
        }
    }
    for group in &pointed.orders {
        let order = close_order(table, account, group, erasure).await?;
        cohorts.extend(order.credit.map(|credit| (credit.day, credit.campaign_id)));
    }
    for id in &pointed.reminders {
        close_reminder(table, account, id, erasure).await?;
    }
    Ok(cohorts)
}

/// Gives a reminder what its clicks say of it, those that still wait at its link included: an
/// order is judged by it for the last time.
async fn settle(table: &Table, account: &Account, reminder: &Reminder) -> Result<(), StoreError> {
    if let Some(token) = reminder.sent.as_ref().and_then(|sent| sent.link_token.as_ref()) {
        let none = BTreeSet::new();
        derive::link::link(table, token, &none, &mut Allowance::unlimited()).await?;
    }
    let (id, asked) = (&reminder.reminder, Asked::Everything);
    derive::reminder::reminder(table, account, id, asked, &mut Allowance::unlimited())
        .await
        .map(drop)
}

/// Judges an order for the last time and closes it, without the shopper's identities.
async fn close_order(
    table: &Table,
    account: &Account,
    group: &OrderGroup,
    erasure: &Erasure,
) -> Result<Order, StoreError> {
    let mut attempts = Attempts::at("erase an order");
    loop {
        attempts.next().await?;
        let closed = match table.order(account, group).await? {
            Some(order)
                if order.erased_at.is_some()
                    || !erasure.mask.is_named_by_any(&order.identities) =>
            {
                return Ok(order);
            }
            Some(order) => {
                let mut all = Allowance::unlimited();
                let credit = derive::order::credit(table, account, &order, &mut all).await?;
                let version = order.version + 1;
                let masked = erasure.mask.order(&order);
                Order { credit, version, erased_at: Some(erasure.at), ..masked }
            }
            None => Order {
                order_group: group.clone(),
                created_at: erasure.at,
                parts: BTreeMap::new(),
                identities: IdentitySets::default(),
                named_user: None,
                named_cart: None,
                credit: None,
                erased_at: Some(erasure.at),
                version: 1,
            },
        };
        if table.order_put(account, &closed).await? {
            return Ok(closed);
        }
    }
}

/// Closes a reminder without the shopper's identities, and then its clicks.
async fn close_reminder(
    table: &Table,
    account: &Account,
    id: &ReminderDigest,
    erasure: &Erasure,
) -> Result<(), StoreError> {
    let mut attempts = Attempts::at("erase a reminder");
    loop {
        attempts.next().await?;
        let Some((reminder, digest)) = table.reminder_to_erase(account, id).await? else {
            let closed = table.reminder_close_to_come(account, id, erasure.at).await?;
            if closed == Written::Changed {
                return Ok(());
            }
            continue;
        };
        let named = reminder.sent.as_ref();
        if reminder.erased_at.is_none() {
            let closed = match named {
                Some(sent) if erasure.mask.is_named_by(&sent.identities) => {
                    let masked = erasure.mask.identities(&sent.identities);
                    table.reminder_close(account, id, (masked, digest), erasure.at).await?
                }
                // The pointer is of details that were replaced, or whose fact is on its way
                // beside receipts that came first.
                Some(_) => return Ok(()),
                None => table.reminder_close_to_come(account, id, erasure.at).await?,
            };
            if closed == Written::Unchanged {
                continue;
            }
        }
        if let Some(token) = named.and_then(|sent| sent.link_token.as_ref()) {
            table.link_forget_target(token).await?;
        }
        // Read again: what its clicks get is made of what is stored now.
        let Some(held) = table.reminder(account, id).await? else { return Ok(()) };
        // Its entry goes to the shopper that it names now when the record of its closing is derived.
        return close_clicks(table, account, &held, erasure.at).await;
    }
}

/// Gives the clicks of an erased reminder their last cohort and closes them. Whoever derives
/// beside this read the reminder before it was closed, and its clicks before that: it knows
/// no click that isn't closed here, and is refused on each.
async fn close_clicks(
    table: &Table,
    account: &Account,
    reminder: &Reminder,
    at: Instant,
) -> Result<(), StoreError> {
    let clicks = table.reminder_clicks(account, &reminder.reminder).await?;
    let Some(cohort) = ClickCohort::of(reminder) else { return Ok(()) };
    let open = || clicks.iter().filter(|click| click.erased_at.is_none() && !click.moved);
    let clicked = open().filter(|click| !click.is_opt_out());
    if let Some(first) = clicked.map(|click| click.at).min() {
        table.reminder_lower_first_click_of_closed(account, &reminder.reminder, first).await?;
    }
    for click in open() {
        table.click_close(account, click, &cohort, at).await?;
    }
    Ok(())
}
