//! The system without its table: `shared::domain` over maps in memory. It shows that the rules
//! as the system has them are right, before any store, stream or network can be at fault.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use shared::domain::facts::click::{Click, ClickCohort, supersedes};
use shared::domain::facts::credit::CreditKind;
use shared::domain::facts::event::{ClickKind, Event, OrderUpdated, ReminderClicked, ReminderSent};
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::{Reminder, Sent};
use shared::domain::facts::shopper::{Clicked, ClickedReminders};
use shared::domain::reports::row::{COLUMNS, ReportRow};
use shared::domain::rules::contribution::{
    Changes, Contribution, Totals, of_click, of_order, of_reminder, of_shopper,
};
use shared::domain::rules::credit::{Candidate, Judgement, judge};
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{CampaignId, ClickId, OrderGroup, ReminderDigest};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::{ItemList, ItemsDigest};
use shared::domain::values::money::Sums;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;

use crate::answer::{
    Amount, CampaignNumbers, Conversions, CreditedOrder, DayNumbers, Metrics, Numbers, Question,
};

/// The facts of one account and, once [`PureEngine::derive`] ran, what follows from them.
#[derive(Debug)]
pub struct PureEngine {
    zone: Tz,
    key: PhoneKey,
    account: Account,
    campaigns: BTreeSet<CampaignId>,
    reminders: BTreeMap<ReminderDigest, Reminder>,
    clicks: BTreeMap<(ReminderDigest, ClickId), Click>,
    orders: BTreeMap<OrderGroup, Order>,
    items: BTreeMap<ItemsDigest, ItemList>,
    counted: BTreeMap<String, Contribution>,
    rollups: Changes,
}

impl PureEngine {
    /// An account of which nothing was heard.
    #[must_use]
    pub fn new(zone: Tz, campaigns: &[String], key: PhoneKey) -> Self {
        Self {
            zone,
            key,
            account: Account::parse("store").unwrap(),
            campaigns: campaigns.iter().map(|id| CampaignId::parse(id).unwrap()).collect(),
            reminders: BTreeMap::new(),
            clicks: BTreeMap::new(),
            orders: BTreeMap::new(),
            items: BTreeMap::new(),
            counted: BTreeMap::new(),
            rollups: Changes::default(),
        }
    }

    /// Folds one event into its fact (R2).
    pub fn fold(&mut self, event: &Event) {
        match event {
            Event::Sent(sent) => self.fold_sent(sent),
            Event::Status(status) => {
                let reminder = status.reminder_id.digest(&self.key);
                self.reminder(&reminder).fold_receipt(status.receipt, status.at);
            }
            Event::Clicked(click) => self.fold_click(click),
            Event::Order(order) => self.fold_order(order),
        }
    }

    /// Gives clicks their cohorts and orders their credits, and counts what changed thereby
    /// since the last time.
    pub fn derive(&mut self) {
        // A click that was known can have turned out to be an opt-out, of which nothing follows (R4).
        for reminder in self.reminders.values_mut() {
            reminder.first_click_at = None;
        }
        for click in self.clicks.values_mut() {
            let reminder = self.reminders.get_mut(&click.reminder);
            let Some(reminder) = reminder else { continue };
            if !click.is_opt_out() {
                reminder.fold_click(click.at);
            }
            click.cohort = ClickCohort::of(reminder);
        }
        let mut orders = std::mem::take(&mut self.orders);
        for order in orders.values_mut() {
            order.credit = self.judge(order).credit;
        }
        self.orders = orders;
        self.count();
    }

    /// The metrics of a range.
    #[must_use]
    pub fn metrics(&self, question: &Question) -> Metrics {
        let period = period(question);
        let asked = asked(question);
        let asked = asked.as_ref();
        Metrics {
            from: question.from,
            to: question.to,
            time_zone: self.zone.name().to_owned(),
            totals: self.numbers(period, asked),
            days: period
                .days()
                .map(|day| DayNumbers {
                    day: day.date(),
                    numbers: self.numbers(Period::new(day, day).unwrap(), asked),
                })
                .collect(),
            campaigns: self
                .campaigns
                .iter()
                .filter(|id| asked.is_none_or(|asked| asked == *id))
                .map(|id| CampaignNumbers {
                    campaign_id: id.to_string(),
                    numbers: self.numbers(period, Some(id)),
                })
                .collect(),
        }
    }

    /// The report of a range.
    #[must_use]
    pub fn csv(&self, question: &Question) -> String {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        for row in self.rows(question) {
            writer.write_record(row.csv_cells(self.zone)).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// The rows of a range, in the report's order (R10).
    #[must_use]
    pub fn rows(&self, question: &Question) -> Vec<ReportRow> {
        let (period, asked) = (period(question), asked(question));
        let mut orders: Vec<_> = self
            .orders
            .values()
            .filter_map(|order| Some((order, order.credit.as_ref()?)))
            .filter(|(_, credit)| {
                period.contains(credit.day)
                    && asked.as_ref().is_none_or(|asked| *asked == credit.campaign_id)
            })
            .collect();
        orders.sort_by_key(|(order, credit)| {
            (credit.day, order.created_at, order.order_group.clone())
        });
        orders
            .into_iter()
            .map(|(order, credit)| {
                let reminder = &self.reminders[&credit.reminder];
                let cart = self.list(reminder.sent.as_ref().unwrap().items.as_ref());
                let parts =
                    order.live_parts().map(|(_, part)| self.list(part.items.as_ref())).collect();
                ReportRow::of(order, reminder, cart, parts).unwrap()
            })
            .collect()
    }

    /// Who has each order, sorted.
    #[must_use]
    pub fn credits(&self) -> Vec<CreditedOrder> {
        self.orders
            .values()
            .filter_map(|order| {
                let credit = order.credit.as_ref()?;
                Some(CreditedOrder {
                    order_group: order.order_group.to_string(),
                    reminder_id: self.reminders[&credit.reminder].reminder_id.as_ref()?.to_string(),
                    by_click: credit.kind == CreditKind::ClickThrough,
                })
            })
            .collect()
    }

    /// Why each order is credited as it is.
    #[must_use]
    pub fn judgements(&self) -> Vec<Judgement> {
        self.orders.values().map(|order| self.judge(order)).collect()
    }

    /// Adds to the rollups what each fact contributes now less what it did before.
    fn count(&mut self) {
        let reminders =
            self.reminders.values().map(|r| (format!("r {}", r.reminder), of_reminder(r)));
        let clicks =
            self.clicks.values().map(|c| (format!("c {} {}", c.reminder, c.click_id), of_click(c)));
        let orders = self.orders.values().map(|o| (format!("o {}", o.order_group), of_order(o)));
        let shoppers = self.clicked_reminders();
        let shoppers = shoppers.iter().map(|(shopper, c)| (format!("s {shopper}"), of_shopper(c)));
        let mut now: BTreeMap<String, Contribution> =
            reminders.chain(clicks).chain(orders).chain(shoppers).collect();
        // A shopper whose reminders all went to another is gone.
        let gone = self.counted.keys().filter(|fact| !now.contains_key(*fact));
        let gone: Vec<String> = gone.cloned().collect();
        now.extend(gone.into_iter().map(|fact| (fact, Contribution::new())));
        for (fact, new) in now {
            let old = self.counted.insert(fact, new.clone()).unwrap_or_default();
            self.rollups.add(&self.account, &old, &new);
        }
    }

    /// Who clicked what.
    fn clicked_reminders(&self) -> BTreeMap<String, ClickedReminders> {
        let mut found: BTreeMap<String, ClickedReminders> = BTreeMap::new();
        for click in self.clicks.values().filter(|click| !click.is_opt_out()) {
            let reminder = self.reminders.get(&click.reminder);
            let shopper = reminder.and_then(Reminder::shopper);
            let Some((shopper, cohort)) = shopper.zip(click.cohort.clone()) else { continue };
            let of_shopper = found.entry(shopper.as_str().to_owned()).or_default();
            of_shopper.reminders.insert(click.reminder.clone(), Clicked(cohort));
        }
        found
    }

    fn judge(&self, order: &Order) -> Judgement {
        // The least id last: were ties settled by the order of candidates, it would win them.
        let reminders = self.reminders.values().rev();
        let candidates: Vec<Candidate> = reminders
            .filter_map(|r| Candidate::of(r, self.link_clicks(&r.reminder), order))
            .collect();
        judge(order, &candidates)
    }

    fn reminder(&mut self, id: &ReminderDigest) -> &mut Reminder {
        self.reminders.entry(id.clone()).or_insert_with(|| Reminder::new(id.clone()))
    }

    fn fold_sent(&mut self, event: &ReminderSent) {
        self.keep(&event.items);
        let details = Sent::of(event, event.digest(&self.key), self.zone);
        let reminder = self.reminder(&event.reminder_id.digest(&self.key));
        reminder.reminder_id = Some(event.reminder_id.clone());
        if reminder.sent.as_ref().is_none_or(|held| details.supersedes(held)) {
            reminder.sent = Some(details);
        }
    }

    fn fold_click(&mut self, event: &ReminderClicked) {
        let reminder = event.reminder_id.digest(&self.key);
        self.reminder(&reminder);
        let click = Click {
            reminder: reminder.clone(),
            click_id: event.click_id.clone(),
            at: event.at,
            click_kind: event.kind,
            cohort: None,
            token: None,
            moved: false,
        };
        let key = (reminder, event.click_id.clone());
        let held = self.clicks.entry(key).or_insert_with(|| click.clone());
        if supersedes((click.at, click.click_kind), (held.at, held.click_kind)) {
            *held = click;
        }
    }

    fn fold_order(&mut self, event: &OrderUpdated) {
        self.keep(&event.items);
        let held = self.orders.get(&event.order_group);
        let mut order = held.cloned().unwrap_or_else(|| Order::first(event));
        order
            .fold(event, &event.digest(&self.key))
            .expect("histories stay within an order's limits");
        self.orders.insert(event.order_group.clone(), order);
    }

    fn keep(&mut self, items: &ItemList) {
        if let Some(digest) = items.digest() {
            self.items.insert(digest, items.clone());
        }
    }

    fn list(&self, digest: Option<&ItemsDigest>) -> ItemList {
        digest.map(|digest| self.items[digest].clone()).unwrap_or_default()
    }

    fn link_clicks(&self, reminder: &ReminderDigest) -> Vec<Instant> {
        self.clicks
            .values()
            .filter(|c| c.reminder == *reminder && c.click_kind == ClickKind::Link)
            .map(|click| click.at)
            .collect()
    }

    fn numbers(&self, period: Period, campaign: Option<&CampaignId>) -> Numbers {
        let mut totals = Totals::default();
        let mut unique_clicks = 0;
        for (_, cohort, more) in self.rollups.iter().filter(|(_, at, _)| period.contains(at.day)) {
            let asked_for = |of: &CampaignId| campaign.is_none_or(|asked| asked == of);
            if cohort.campaign_id().is_some_and(asked_for) {
                totals.add(more, 1);
            }
            if cohort.campaign_id() == campaign {
                unique_clicks += more.shoppers.new_since(period.from(), cohort.day);
            }
        }
        Numbers {
            sent: totals.sent,
            delivered: totals.delivered,
            read: totals.read,
            failed: totals.failed,
            unique_clicks,
            total_clicks: totals.total_clicks,
            opt_outs: totals.opt_outs,
            conversions: Conversions {
                total: totals.conversions(),
                assisted: totals.assisted,
                click_through: totals.click_through,
            },
            conversion_value: amounts(&totals.value),
            click_through_value: amounts(&totals.click_through_value),
        }
    }
}

fn amounts(sums: &Sums) -> Vec<Amount> {
    sums.iter()
        .map(|(currency, minor_units)| Amount {
            currency: currency.to_string(),
            amount: currency.decimal(*minor_units, '.'),
        })
        .collect()
}

fn period(question: &Question) -> Period {
    let day = |day: chrono::NaiveDate| StoreDay::parse(&day.to_string()).unwrap();
    Period::new(day(question.from), day(question.to)).unwrap()
}

fn asked(question: &Question) -> Option<CampaignId> {
    question.campaign_id.as_deref().map(|id| CampaignId::parse(id).unwrap())
}
