//! An order's credit (R5, R6): judged whole over all candidates, or held against one reminder.
//!
//! Most of what happens to a reminder can only win it an order, or change nothing. Then it is enough
//! to *compare* the reminder with the credit that the order holds, which is the whole standing of the
//! best of all others. An order is judged whole only when it changed itself, or when the reminder that
//! holds its credit fell.
//!
//! A credit that fell may have stood above others while they were compared with it. So the record
//! that shows it falling has the order judged whole. Any other record of a changed credit has the
//! winner checked alone: a slow worker may have written it from what is no longer true.

use std::collections::BTreeMap;

use domain::facts::credit::Credit;
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::rules::credit::{Candidate, Comparison, compare, judge};
use domain::values::account::Account;
use domain::values::ids::{OrderGroup, ReminderDigest};
use domain::values::instant::Instant;
use store::retry::Attempts;
use store::{Allowance, StoreError, Table};

use crate::fact::Fact;
use crate::record::Reading;

/// A reminder and its link clicks, as far as credit depends on them.
#[derive(Debug, Clone)]
pub struct Rival {
    /// The reminder.
    pub reminder: Reminder,
    /// Its link clicks.
    pub link_clicks: Vec<Instant>,
}

impl Rival {
    async fn read(
        table: &Table,
        account: &Account,
        id: &ReminderDigest,
        allowance: &mut Allowance,
    ) -> Result<Option<Self>, StoreError> {
        let Some(reminder) = table.reminder_within(account, id, allowance).await? else {
            return Ok(None);
        };
        let clicks = if reminder.first_click_at.is_some() {
            table.reminder_clicks_within(account, id, allowance).await?
        } else {
            Vec::new()
        };
        let link_clicks = domain::facts::click::link_clicks(&clicks);
        Ok(Some(Self { reminder, link_clicks }))
    }

    fn as_candidate(&self, order: &Order) -> Option<Candidate> {
        Candidate::of(&self.reminder, self.link_clicks.clone(), order)
    }
}

/// What has to be found out about an order.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// All its candidates are judged.
    pub whole: bool,
    /// Its winner is checked.
    pub winner: bool,
    /// These reminders, as they were just derived, are compared with it.
    pub rivals: BTreeMap<&'a ReminderDigest, &'a Rival>,
}

impl Asked<'_> {
    /// Adds what a record of the order asks for.
    pub fn add(&mut self, reading: &Reading) {
        let (Some(Fact::Order(old)), Some(Fact::Order(new))) = (&reading.old, &reading.new) else {
            self.whole = true;
            return;
        };
        let with_old_credit =
            Order { credit: old.credit.clone(), version: old.version, ..new.clone() };
        let is_credit_alone = with_old_credit == *old && old.credit != new.credit;
        if is_credit_alone && !fell(old.credit.as_ref(), new.credit.as_ref()) {
            self.winner = true;
        } else {
            self.whole = true;
        }
    }
}

fn fell(old: Option<&Credit>, new: Option<&Credit>) -> bool {
    match (old, new) {
        (Some(_), None) => true,
        (Some(old), Some(new)) => new.rank() < old.rank(),
        (None, _) => false,
    }
}

/// Derive 5: gives an order the credit that it should have; whether it was another.
///
/// The order is read first: whatever changes it afterwards raises its version, and then the
/// credit that was judged on this one is refused and judged again.
///
/// # Errors
/// When the table fails, or more candidates stand for it than `allowance` admits.
pub async fn order(
    table: &Table,
    account: &Account,
    group: &OrderGroup,
    asked: &Asked<'_>,
    allowance: &Allowance,
) -> Result<bool, StoreError> {
    let mut attempts = Attempts::at("credit an order");
    // What was read of the rivals before is as old as the order that it was held against.
    let mut are_fresh = true;
    loop {
        attempts.next().await?;
        let mut allowance = allowance.clone();
        // A pointer is written before its order, which may never come.
        let Some(order) = table.order_within(account, group, &mut allowance).await? else {
            return Ok(false);
        };
        let found = if asked.whole {
            None
        } else {
            compared(table, account, &order, (asked, are_fresh), &mut allowance).await?
        };
        let credit = match found {
            Some(found) => found,
            None => credit(table, account, &order, &mut allowance).await?,
        };
        if credit == order.credit {
            return Ok(false);
        }
        if table.order_write_credit(account, &order, credit).await? {
            return Ok(true);
        }
        are_fresh = false;
    }
}

/// The credit that comparing leads to; none when the order must be judged whole.
async fn compared(
    table: &Table,
    account: &Account,
    order: &Order,
    (asked, are_fresh): (&Asked<'_>, bool),
    allowance: &mut Allowance,
) -> Result<Option<Option<Credit>>, StoreError> {
    let mut best = order.credit.clone();
    let mut held_against =
        |id: &ReminderDigest, candidate: Option<&Candidate>| match compare(order, id, candidate) {
            Comparison::Stays => true,
            Comparison::JudgeWhole => false,
            Comparison::Beats(credit) => {
                if credit.beats(best.as_ref()) {
                    best = Some(credit);
                }
                true
            }
        };
    for (id, rival) in &asked.rivals {
        let candidate = if are_fresh {
            rival.as_candidate(order)
        } else {
            let read = Rival::read(table, account, id, allowance).await?;
            read.and_then(|rival| rival.as_candidate(order))
        };
        if !held_against(id, candidate.as_ref()) {
            return Ok(None);
        }
    }
    if let Some(credit) = order.credit.as_ref().filter(|_| asked.winner) {
        let read = Rival::read(table, account, &credit.reminder, allowance).await?;
        let candidate = read.and_then(|rival| rival.as_candidate(order));
        if !held_against(&credit.reminder, candidate.as_ref()) {
            return Ok(None);
        }
    }
    Ok(Some(best))
}

/// R5, R6: the credit that an order should have, over all its candidates as the table holds them.
///
/// # Errors
/// When the table fails, or more candidates stand for it than `allowance` admits.
pub async fn credit(
    table: &Table,
    account: &Account,
    order: &Order,
    allowance: &mut Allowance,
) -> Result<Option<Credit>, StoreError> {
    let candidates = table.order_candidates(account, order, allowance).await?;
    let candidates: Vec<Candidate> = candidates.into_iter().map(|(_, held)| held).collect();
    Ok(judge(order, &candidates).credit)
}
