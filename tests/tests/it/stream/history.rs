//! Random histories of two small stores, and what R2 folds them into.

use std::collections::{BTreeMap, BTreeSet};

use engine::dice::Dice;
use shared::domain::facts::event::{ClickKind, Event, OrderUpdated, Receipt, ReminderSent};
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::{Reminder, Sent};
use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::account::Account;
use shared::domain::values::identity::IdentitySets;
use shared::domain::values::ids::{CampaignId, ClickId, LinkToken, OrderGroup, ReminderDigest};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::store::Table;

use crate::store::functions::phone_key;
use crate::store::stream::Told;
use crate::stream::check::Snapshot;
use crate::stream::told::{
    ZONE, at, clicked, delivered, failed, order_event, read, reminder_id, sent, token, who,
};

const ACCOUNTS: [&str; 2] = ["store", "other"];
const REMINDERS: [&str; 3] = ["r1", "r2", "r3"];
const ORDERS: [&str; 3] = ["o1", "o2", "o3"];
const CAMPAIGNS: [&str; 2] = ["c1", "c2"];
const STATUSES: [&str; 6] = ["created", "created", "created", "invoiced", "canceled", "incomplete"];
/// Few shoppers, who share what they are known by.
const WHO: [&str; 5] = [
    "user:shopper-a",
    "user:shopper-b",
    "cart:cartofx",
    "user:shopper-a phone:phoneofp",
    "phone:phoneofp cart:cartofx",
];
/// Who asks to be erased: those shoppers, and whoever has that phone.
const ERASED: [&str; 3] = ["user:shopper-a", "user:shopper-b", "phone:phoneofp"];

/// A history in no order at all: events of both stores, some of them twice.
pub fn random(dice: &mut Dice, length: usize) -> Vec<Told> {
    let mut told: Vec<Told> = (0..length).map(|_| one(dice)).collect();
    for again in told.clone() {
        if dice.chance(150) {
            told.push(again);
        }
    }
    dice.shuffle(&mut told);
    told
}

/// A history with some erasures in it, asked for at any time.
pub fn random_with_erasures(dice: &mut Dice, length: usize) -> Vec<Told> {
    let mut told = random(dice, length);
    for _ in 0..=dice.below(3) {
        let asked = who(dice.pick(&ERASED).unwrap()).each().next().unwrap();
        let account = Account::parse(if dice.chance(850) { "store" } else { "other" }).unwrap();
        let erasure = Told::Erase(account, asked, within(dice, 20 * 24));
        told.insert(dice.below(told.len() + 1), erasure);
    }
    told
}

/// Every value that anybody is known by.
pub fn everybody() -> IdentitySets {
    WHO.iter().flat_map(|names| who(names).each().collect::<Vec<_>>()).collect()
}

/// The links of all reminders: they are minted before anything is sent.
pub fn mints() -> Vec<Told> {
    let of = |account: &&str| {
        let account = Account::parse(account).unwrap();
        REMINDERS.map(|name| Told::Minted(account.clone(), link(&account, name)))
    };
    ACCOUNTS.iter().flat_map(of).collect()
}

fn link(account: &Account, name: &str) -> LinkToken {
    token(&format!("{account}-{name}"))
}

/// So many times six hours, that spans of exactly 3 and 15 days come up.
fn within(dice: &mut Dice, hours: usize) -> Instant {
    at(6 * i64::try_from(dice.below(hours / 6)).unwrap())
}

fn one(dice: &mut Dice) -> Told {
    let pick = |dice: &mut Dice, of: &[&'static str]| *dice.pick(of).unwrap();
    // The first store has most of the traffic; ids are the same in both.
    let account = Account::parse(if dice.chance(850) { "store" } else { "other" }).unwrap();
    let name = pick(dice, &REMINDERS);
    let when = within(dice, 10 * 24);
    let event = match dice.below(12) {
        // Often told again with other details: the earliest counts.
        0..=2 => {
            let (campaign, who) = (pick(dice, &CAMPAIGNS), pick(dice, &WHO));
            match sent(name, within(dice, 5 * 24), campaign, who) {
                // Mostly its own link or none; now and then another's, or another than before.
                Event::Sent(event) if name != "r1" || dice.chance(200) => {
                    let of = if dice.chance(250) { pick(dice, &REMINDERS) } else { name };
                    Event::Sent(ReminderSent { link_token: Some(link(&account, of)), ..event })
                }
                event => event,
            }
        }
        3 => delivered(name, when),
        4 => read(name, when),
        5 if dice.chance(300) => failed(name, when),
        5 | 6 => {
            let kinds = [ClickKind::Link, ClickKind::Link, ClickKind::Reply, ClickKind::OptOut];
            let kind = *dice.pick(&kinds).unwrap();
            clicked(name, pick(dice, &["k1", "k2", "k3"]), kind, when)
        }
        7 => {
            let at = when.plus(Span::millis(500 * i64::try_from(dice.below(2)).unwrap()));
            return Told::Tapped(link(&account, name), at);
        }
        _ => {
            let when = within(dice, 20 * 24);
            Event::Order(order(dice, when))
        }
    };
    Told::Event(account, event)
}

fn order(dice: &mut Dice, changed_at: Instant) -> OrderUpdated {
    let part = *dice.pick(&["01", "01", "02"]).unwrap();
    let who = if dice.chance(300) { "" } else { dice.pick(&WHO).unwrap() };
    let earlier = Span::hours(24 * i64::try_from(dice.below(3)).unwrap());
    let name = dice.pick(&ORDERS).unwrap();
    let mut event = order_event(name, part, changed_at.minus(earlier), who);
    event.changed_at = changed_at;
    event.status = OrderStatus::parse(dice.pick(&STATUSES).unwrap()).unwrap();
    event.value = 100 * i64::try_from(1 + dice.below(9)).unwrap();
    if dice.chance(200) {
        // Two bodies of one instant that differ in their items alone.
        event.items = ItemList::default();
    }
    event
}

/// The facts that a history comes to, folded one event after another.
#[derive(Default)]
pub struct Facts {
    reminders: BTreeMap<(Account, ReminderDigest), Reminder>,
    clicks: BTreeMap<(Account, ReminderDigest, ClickId), (Instant, ClickKind)>,
    orders: BTreeMap<(Account, OrderGroup), Order>,
}

impl Facts {
    pub fn of(history: &[Told]) -> Self {
        let mut facts = Self::default();
        for told in history {
            facts.fold(told);
        }
        // R2: taps belong to the reminder that the earliest event to name the link was about.
        let naming = |token: &LinkToken| {
            let events = history.iter().filter_map(|told| match told {
                Told::Event(account, Event::Sent(event)) => Some((account, event)),
                _ => None,
            });
            let naming = events.filter(|(_, event)| event.link_token.as_ref() == Some(token));
            naming.min_by_key(|(_, event)| (event.at, event.reminder_id.digest(&phone_key())))
        };
        for told in history {
            let Told::Tapped(token, at) = told else { continue };
            let owner = naming(token);
            if let Some((account, id)) =
                owner.map(|(a, event)| (a.clone(), event.reminder_id.digest(&phone_key())))
            {
                let click_id = ClickId::of_link(token, at.seconds());
                facts.click(account, id, click_id, (*at, ClickKind::Link));
            }
        }
        facts.follow_clicks();
        facts
    }

    /// R3, R4: each reminder's first click and first opt-out; what turned out to be the one is not the other.
    fn follow_clicks(&mut self) {
        for ((account, id, _), (at, kind)) in &self.clicks {
            let reminder = self.reminders.get_mut(&(account.clone(), id.clone())).unwrap();
            if *kind == ClickKind::OptOut {
                let held = reminder.first_opt_out_at.unwrap_or(*at);
                reminder.first_opt_out_at = Some(held.min(*at));
            } else {
                reminder.fold_click(*at);
            }
        }
    }

    fn fold(&mut self, told: &Told) {
        let Told::Event(account, event) = told else { return };
        match event {
            Event::Sent(event) => {
                let reminder = self.reminder(account, &event.reminder_id.digest(&phone_key()));
                reminder.fold_sent(event, event.digest(&phone_key()), ZONE);
            }
            Event::Status(event) => {
                let reminder = event.reminder_id.digest(&phone_key());
                self.reminder(account, &reminder).fold_receipt(event.receipt, event.at);
            }
            Event::Clicked(event) => self.click(
                account.clone(),
                event.reminder_id.digest(&phone_key()),
                event.click_id.stored(&phone_key()),
                (event.at, event.kind),
            ),
            Event::Order(event) => {
                let key = (account.clone(), event.order_group.clone());
                let order = self.orders.entry(key).or_insert_with(|| Order::first(event));
                order.fold(event, &event.digest(&phone_key())).unwrap();
            }
        }
    }

    fn reminder(&mut self, account: &Account, id: &ReminderDigest) -> &mut Reminder {
        let key = (account.clone(), id.clone());
        self.reminders.entry(key).or_insert_with(|| Reminder::new(id.clone()))
    }

    fn click(
        &mut self,
        account: Account,
        id: ReminderDigest,
        click: ClickId,
        tap: (Instant, ClickKind),
    ) {
        self.reminder(&account, &id);
        let held = self.clicks.entry((account, id, click)).or_insert(tap);
        *held = tap.min(*held);
    }

    /// The facts as the marks of the table rename them. What is erased in the end is up to what had come
    /// by then; that it is erased everywhere isn't.
    pub async fn renamed(mut self, table: &Table) -> Self {
        let mut marks = BTreeMap::new();
        for account in ACCOUNTS.map(|account| Account::parse(account).unwrap()) {
            let of = table.marks(&phone_key(), &account, everybody().each()).await.unwrap();
            marks.insert(account, of);
        }
        for ((account, _), reminder) in &mut self.reminders {
            if let Some(sent) = &reminder.sent {
                *reminder = marks[account].reminder(reminder, sent.sent_at);
            }
        }
        for ((account, _), order) in &mut self.orders {
            *order = marks[account].order(order, order.created_at);
        }
        self
    }

    /// Whether the table holds these facts and no others.
    pub fn check(&self, snapshot: &Snapshot) {
        let reminders = snapshot.reminders.iter().map(|(key, reminder)| {
            (key.clone(), Reminder { details_version: 0, ..reminder.clone() })
        });
        assert_eq!(reminders.collect::<BTreeMap<_, _>>(), self.reminders);
        let stayed = snapshot.clicks.iter().filter(|(_, click)| !click.moved);
        let clicks = stayed.map(|(account, click)| {
            let key = (account.clone(), click.reminder.clone(), click.click_id.clone());
            (key, (click.at, click.click_kind))
        });
        assert_eq!(clicks.collect::<BTreeMap<_, _>>(), self.clicks);
        let orders = snapshot.orders.iter().map(|(account, order)| {
            let bare = Order { credit: None, version: 0, ..order.clone() };
            ((account.clone(), order.order_group.clone()), bare)
        });
        assert_eq!(orders.collect::<BTreeMap<_, _>>(), self.orders);
        for account in ACCOUNTS.map(|account| Account::parse(account).unwrap()) {
            self.check_unique_clicks(snapshot, &account);
        }
    }

    /// R4: the distinct shoppers of every range of days, over all campaigns and of each, counted one
    /// by one and from the rollups.
    fn check_unique_clicks(&self, snapshot: &Snapshot, account: &Account) {
        let mine = || self.reminders.iter().filter(|((owner, _), _)| owner == account);
        let days: BTreeSet<StoreDay> =
            mine().filter_map(|(_, reminder)| Some(reminder.sent.as_ref()?.day)).collect();
        let campaigns = CAMPAIGNS.map(|id| Some(CampaignId::parse(id).unwrap()));
        for campaign in campaigns.into_iter().chain([None]) {
            let asked_for = |of: &CampaignId| campaign.as_ref().is_none_or(|asked| asked == of);
            for from in &days {
                for to in days.range(*from..) {
                    let in_range = |sent: &Sent| {
                        (*from..=*to).contains(&sent.day) && asked_for(&sent.campaign_id)
                    };
                    let clicked = mine().filter(|(_, reminder)| {
                        reminder.first_click_at.is_some()
                            && reminder.sent.as_ref().is_some_and(in_range)
                    });
                    let shoppers: BTreeSet<_> = clicked.map(|(_, r)| r.shopper()).collect();
                    let rollups = snapshot.rollups.iter().filter(|((owner, cohort), _)| {
                        owner == account
                            && (*from..=*to).contains(&cohort.day)
                            && cohort.campaign_id() == campaign.as_ref()
                    });
                    let new = |((_, cohort), totals): (&(Account, Cohort), &Totals)| {
                        totals.shoppers.new_since(*from, cohort.day)
                    };
                    let counted: i64 = rollups.map(new).sum();
                    let told = format!("{account:?} {campaign:?} {from}..={to}");
                    assert_eq!(counted, i64::try_from(shoppers.len()).unwrap(), "{told}");
                }
            }
        }
    }
}

/// Whether the receipts of a history are of all kinds: a generator that forgot some tests less.
pub fn kinds(history: &[Told]) -> [usize; 6] {
    let mut kinds = [0; 6];
    for told in history {
        let kind = match told {
            Told::Event(_, Event::Sent(_)) => 0,
            Told::Event(_, Event::Status(event)) if event.receipt == Receipt::Failed => 1,
            Told::Event(_, Event::Status(_)) => 2,
            Told::Event(_, Event::Clicked(_)) => 3,
            Told::Tapped(..) | Told::Minted(..) | Told::Erase(..) => 4,
            Told::Event(_, Event::Order(_)) => 5,
        };
        kinds[kind] += 1;
    }
    kinds
}

#[test]
fn histories_hold_every_kind_of_event() {
    let mut dice = Dice::new(1);
    let history = random(&mut dice, 200);
    assert!(kinds(&history).iter().all(|n| *n > 0), "{:?}", kinds(&history));
    assert_eq!(mints().len(), ACCOUNTS.len() * REMINDERS.len());
    assert_eq!(reminder_id("r1").as_str(), "wamid.r1");
}
