//! Facts worked in by hand: credited, and counted in the rollups.

use std::collections::BTreeSet;

use shared::counting::derive::order;
use shared::counting::derive::reminder::{self, Asked};
use shared::domain::facts::event::Event;
use shared::domain::rules::contribution::{Changes, of_click, of_order, of_reminder, of_shopper};
use shared::domain::values::ids::{OrderGroup, ReminderDigest};
use shared::store::Allowance;
use shared::store::stream::SequenceNumber;

use super::Store;
use super::functions::phone_key;

/// What was written so far, and what is counted of it.
#[derive(Default)]
pub(super) struct Written {
    reminders: Vec<ReminderDigest>,
    orders: Vec<OrderGroup>,
    counted: Changes,
    commits: u64,
}

impl Store {
    /// Keeps in mind what is to be worked in.
    pub(crate) fn note(&self, event: Event) {
        let mut written = self.written.lock().unwrap();
        match event {
            Event::Sent(event) => {
                let reminder = event.reminder_id.digest(&phone_key());
                if !written.reminders.contains(&reminder) {
                    written.reminders.push(reminder);
                }
            }
            Event::Order(event) if !written.orders.contains(&event.order_group) => {
                written.orders.push(event.order_group);
            }
            _ => {}
        }
    }

    /// Works everything in: day keys of clicks, first clicks, credits, rollups.
    pub(crate) async fn settle(&self) {
        self.derive().await;
        self.count().await;
    }

    fn subjects(&self) -> (Vec<ReminderDigest>, Vec<OrderGroup>) {
        let written = self.written.lock().unwrap();
        (written.reminders.clone(), written.orders.clone())
    }

    /// Everything but the rollups.
    pub(crate) async fn derive(&self) {
        let (reminders, orders) = self.subjects();
        for id in &reminders {
            let (table, account) = (&self.table, &self.account);
            let (asked, mut all) = (Asked::Everything, Allowance::unlimited());
            reminder::reminder(table, account, id, asked, &mut all).await.unwrap();
        }
        for group in &orders {
            self.judge(group.as_str()).await;
        }
    }

    /// Credits one order anew.
    pub(crate) async fn judge(&self, group: &str) {
        let group = OrderGroup::parse(group).unwrap();
        let whole = order::Asked { whole: true, ..order::Asked::default() };
        let (table, account, all) = (&self.table, &self.account, Allowance::unlimited());
        order::order(table, account, &group, &whole, &all).await.unwrap();
    }

    /// Commits what the facts contribute by now beyond what was committed before.
    pub(crate) async fn count(&self) {
        let (mut total, account) = (Changes::default(), &self.account);
        let (reminders, orders) = self.subjects();
        let mut shoppers = BTreeSet::new();
        for id in &reminders {
            let reminder = self.table.reminder(account, id).await.unwrap().unwrap();
            total.add(account, &[], &of_reminder(&reminder));
            shoppers.extend(reminder.shopper());
            for click in self.table.reminder_clicks(account, id).await.unwrap() {
                total.add(account, &[], &of_click(&click));
            }
        }
        for shopper in shoppers {
            let clicked = self.table.shopper_clicked(account, &shopper).await.unwrap();
            total.add(account, &[], &of_shopper(&clicked.unwrap_or_default()));
        }
        for group in &orders {
            total.add(account, &[], &of_order(&self.order(group.as_str()).await.unwrap()));
        }
        let mut changes = total.clone();
        let before = std::mem::replace(&mut self.written.lock().unwrap().counted, total);
        for (account, cohort, totals) in before.iter() {
            changes.add(account, &[(cohort.clone(), totals.clone())], &[]);
        }
        self.commit(&changes).await;
    }

    async fn commit(&self, changes: &Changes) {
        let changes: Vec<_> = changes
            .iter()
            .map(|(account, cohort, totals)| (account.clone(), cohort.clone(), totals.clone()))
            .collect();
        // One shard an account: its checkpoint is this store's own.
        let shard = format!("shard-{}", self.account);
        let sequence = |n: u64| SequenceNumber::parse(&n.to_string()).unwrap();
        for some in changes.chunks(50) {
            let commits = self.written.lock().unwrap().commits;
            let held = (commits > 0).then(|| sequence(commits));
            let (next, now) = (sequence(commits + 1), self.clock.now());
            self.table.rollups_commit(&shard, held.as_ref(), &next, some, now).await.unwrap();
            self.written.lock().unwrap().commits = commits + 1;
        }
    }
}
