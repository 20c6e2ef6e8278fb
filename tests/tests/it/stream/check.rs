//! What must hold once everything is delivered, judged over a scan of the whole table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::{Engine, TABLE_NAME};
use shared::domain::facts::click::{Click, ClickCohort};
use shared::domain::facts::event::ClickKind;
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::facts::shopper::{Clicked, ClickedReminders};
use shared::domain::rules::contribution::{self, Changes, Cohort, Contribution, Totals};
use shared::domain::rules::credit::{Candidate, judge};
use shared::domain::values::account::Account;
use shared::domain::values::identity::Shopper;
use shared::domain::values::ids::{LinkToken, ReminderDigest};
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::key::{self, FactKey};
use shared::store::links::Link;

type Item = HashMap<String, AttributeValue>;
type Rollups = BTreeMap<(Account, Cohort), Totals>;

/// All facts of the table, and its rollups.
#[derive(Default)]
pub struct Snapshot {
    pub reminders: BTreeMap<(Account, ReminderDigest), Reminder>,
    pub clicks: Vec<(Account, Click)>,
    pub orders: Vec<(Account, Order)>,
    pub rollups: Rollups,
    /// The clicked reminders of each shopper who has any.
    pub shoppers: BTreeMap<(Account, Shopper), ClickedReminders>,
    /// Links that are bound to a reminder, with that reminder.
    bound: BTreeMap<LinkToken, ReminderDigest>,
    /// The links at which clicks wait.
    waiting: BTreeSet<LinkToken>,
    /// Index keys of conversions by their primary key.
    days: BTreeMap<(String, String), Option<(String, String)>>,
}

impl Snapshot {
    pub async fn of(engine: &Engine) -> Self {
        let mut snapshot = Self::default();
        let mut accounts: Vec<Account> = Vec::new();
        for item in scan(engine).await {
            let (pk, sk) = (text(&item, "pk").unwrap(), text(&item, "sk").unwrap());
            let day = text(&item, "dayPk").zip(text(&item, "daySk"));
            snapshot.days.insert((pk.clone(), sk.clone()), day);
            let Some(key) = FactKey::parse(&pk, &sk) else { continue };
            match &key {
                FactKey::Reminder(account, id) => {
                    let key = (account.clone(), id.clone());
                    snapshot.reminders.insert(key, serde_dynamo::from_item(item).unwrap());
                }
                FactKey::Click(account, ..) => {
                    let click = serde_dynamo::from_item(item).unwrap();
                    snapshot.clicks.push((account.clone(), click));
                }
                FactKey::Order(account, _) => {
                    let order = serde_dynamo::from_item(item).unwrap();
                    snapshot.orders.push((account.clone(), order));
                }
                FactKey::Shopper(account, shopper) => {
                    let clicked: ClickedReminders = serde_dynamo::from_item(item).unwrap();
                    if !clicked.reminders.is_empty() {
                        snapshot.shoppers.insert((account.clone(), shopper.clone()), clicked);
                    }
                }
                FactKey::Decision(..) => {}
                FactKey::EarlyClick(token, _) => {
                    snapshot.waiting.insert(token.clone());
                }
                FactKey::Link(token) => {
                    let link: Link = serde_dynamo::from_item(item).unwrap();
                    if let Some(owner) = link.reminder {
                        snapshot.bound.insert(token.clone(), owner);
                    }
                }
            }
            if let FactKey::Reminder(account, _)
            | FactKey::Click(account, ..)
            | FactKey::Order(account, _) = key
                && !accounts.contains(&account)
            {
                accounts.push(account);
            }
        }
        let day = |text| StoreDay::parse(text).unwrap();
        let period = Period::new(day("2026-06-01"), day("2027-05-01")).unwrap();
        for account in accounts {
            let rollups = engine.table().rollups(&account, period).await.unwrap();
            let named = rollups.into_iter().filter(|(_, totals)| !totals.is_zero());
            snapshot
                .rollups
                .extend(named.map(|(cohort, totals)| ((account.clone(), cohort), totals)));
        }
        snapshot
    }

    /// Checks everything that is derived and counted.
    pub fn check(&self) {
        let waits = self.waiting.iter().find(|token| self.bound.contains_key(*token));
        assert_eq!(waits, None, "a click waits at a link that is bound");
        self.check_clicks();
        self.check_credits();
        assert_eq!(self.rollups, self.sums(), "rollups are not the sums of the facts");
    }

    /// The contributions of all facts, summed up.
    fn sums(&self) -> Rollups {
        let mut sums = Changes::default();
        let mut add = |account: &Account, contribution: Contribution| {
            sums.add(account, &[], &contribution);
        };
        for ((account, _), reminder) in &self.reminders {
            add(account, contribution::of_reminder(reminder));
        }
        for (account, click) in &self.clicks {
            add(account, contribution::of_click(click));
        }
        for (account, order) in &self.orders {
            add(account, contribution::of_order(order));
        }
        for ((account, _), clicked) in &self.shoppers {
            add(account, contribution::of_shopper(clicked));
        }
        let sums = sums.iter();
        sums.map(|(account, at, totals)| ((account.clone(), at.clone()), totals.clone())).collect()
    }

    /// Each click that stayed has its reminder's cohort; each reminder knows the first of its clicks,
    /// and stands among its shopper's clicked reminders if it has any, and among nobody else's.
    fn check_clicks(&self) {
        for (account, click) in &self.clicks {
            let reminder = &self.reminders[&(account.clone(), click.reminder.clone())];
            let cohort = ClickCohort::of(reminder).filter(|_| !click.moved);
            assert_eq!(click.cohort, cohort, "the cohort of {click:?}");
            if let Some(owner) = click.token.as_ref().and_then(|token| self.bound.get(token)) {
                assert_eq!(click.moved, *owner != click.reminder, "the owner of {click:?}");
            }
        }
        let mut expected: BTreeMap<(Account, Shopper), ClickedReminders> = BTreeMap::new();
        for ((account, id), reminder) in &self.reminders {
            let own = || {
                self.clicks
                    .iter()
                    .filter(|(a, click)| a == account && click.reminder == *id && !click.moved)
            };
            let clicks = own().filter(|(_, click)| !click.is_opt_out());
            let first = clicks.map(|(_, click)| click.at).min();
            assert_eq!(reminder.first_click_at, first, "the first click of {reminder:?}");
            let opt_outs = own().filter(|(_, click)| click.is_opt_out());
            let opted_out = opt_outs.map(|(_, click)| click.at).min();
            assert_eq!(reminder.first_opt_out_at, opted_out, "the first opt-out of {reminder:?}");
            let place =
                reminder.shopper().zip(ClickCohort::of(reminder)).filter(|_| first.is_some());
            if let Some((shopper, cohort)) = place {
                let clicked = expected.entry((account.clone(), shopper)).or_default();
                clicked.reminders.insert(id.clone(), Clicked(cohort));
            }
        }
        assert_eq!(self.shoppers, expected, "the clicked reminders of shoppers");
    }

    /// Each order has the credit that all facts together give it.
    fn check_credits(&self) {
        for (account, order) in &self.orders {
            let reminders = self.reminders.iter().filter(|((a, _), _)| a == account);
            let candidates: Vec<Candidate> = reminders
                .filter_map(|((_, id), reminder)| {
                    let clicks = self.clicks.iter().filter(|(a, click)| {
                        a == account
                            && click.reminder == *id
                            && click.click_kind == ClickKind::Link
                            && !click.moved
                    });
                    Candidate::of(reminder, clicks.map(|(_, click)| click.at).collect(), order)
                })
                .collect();
            assert_eq!(order.credit, judge(order, &candidates).credit, "the credit of {order:?}");
            let key = key::Key::order(account, &order.order_group);
            let day = order.credit.as_ref().map(|credit| {
                let sk = key::conversion_day_sk(order.created_at, &order.order_group);
                (key::day_pk(account, credit.day), sk)
            });
            assert_eq!(self.days[&(key.pk, key.sk)], day, "the index keys of {order:?}");
        }
    }

    /// The totals of one day and campaign.
    pub fn totals(&self, day: &str, campaign: &str) -> Totals {
        let campaign = shared::domain::values::ids::CampaignId::parse(campaign).unwrap();
        let cohort = Cohort::of(StoreDay::parse(day).unwrap(), campaign);
        self.rollups.get(&(crate::stream::told::account(), cohort)).cloned().unwrap_or_default()
    }
}

/// Every item of the table.
pub async fn scan(engine: &Engine) -> Vec<Item> {
    let pages = engine.client.scan().table_name(TABLE_NAME).consistent_read(true);
    let mut items = Vec::new();
    let mut pages = pages.into_paginator().send();
    while let Some(page) = pages.next().await {
        items.extend(page.unwrap().items.unwrap_or_default());
    }
    items
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).map(|value| value.as_s().unwrap().clone())
}
