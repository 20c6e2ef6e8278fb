//! Facts worked in by hand: credited, and counted in the rollups.

use shared::counting::derive;
use shared::domain::facts::event::Event;
use shared::domain::rules::contribution::{Changes, of_click, of_order, of_reminder};
use shared::domain::values::ids::{OrderGroup, ReminderId};
use shared::store::stream::SequenceNumber;

use super::Store;

/// What was written so far, and what is counted of it.
#[derive(Default)]
pub(super) struct Written {
    reminders: Vec<ReminderId>,
    orders: Vec<OrderGroup>,
    counted: Changes,
    commits: u64,
}

impl Store {
    /// Keeps in mind what is to be worked in.
    pub(super) fn note(&self, event: Event) {
        let mut written = self.written.lock().unwrap();
        match event {
            Event::Sent(event) if !written.reminders.contains(&event.reminder_id) => {
                written.reminders.push(event.reminder_id);
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

    fn subjects(&self) -> (Vec<ReminderId>, Vec<OrderGroup>) {
        let written = self.written.lock().unwrap();
        (written.reminders.clone(), written.orders.clone())
    }

    /// Everything but the rollups.
    pub(crate) async fn derive(&self) {
        let (reminders, orders) = self.subjects();
        for id in &reminders {
            derive::clicks(&self.table, &self.account, id).await.unwrap();
        }
        for group in &orders {
            derive::order(&self.table, &self.account, group).await.unwrap();
        }
    }

    /// Credits one order anew.
    pub(crate) async fn judge(&self, group: &str) {
        let group = OrderGroup::parse(group).unwrap();
        derive::order(&self.table, &self.account, &group).await.unwrap();
    }

    /// Commits what the facts contribute by now beyond what was committed before.
    pub(crate) async fn count(&self) {
        let (mut total, account) = (Changes::default(), &self.account);
        let (reminders, orders) = self.subjects();
        for id in &reminders {
            let reminder = self.table.reminder(account, id).await.unwrap().unwrap();
            total.add(account, &None, &of_reminder(&reminder));
            for click in self.table.reminder_clicks(account, id).await.unwrap() {
                total.add(account, &None, &of_click(&click));
            }
        }
        for group in &orders {
            total.add(account, &None, &of_order(&self.order(group.as_str()).await.unwrap()));
        }
        let mut changes = total.clone();
        let before = std::mem::replace(&mut self.written.lock().unwrap().counted, total);
        for (account, cohort, totals) in before.iter() {
            changes.add(account, &Some((cohort.clone(), totals.clone())), &None);
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
