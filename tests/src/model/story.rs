//! What happened to each reminder and each order, all events considered (R2, R3, R4).

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

use super::told::{Click, EventsByKind, Sent, State};

/// All reminders and orders.
#[derive(Debug)]
pub struct Story {
    /// Reminders that were sent, as far as is known.
    pub reminders: Vec<Reminder>,
    /// Orders, dead ones too.
    pub orders: Vec<Order>,
}

/// One reminder.
#[derive(Debug, Clone)]
pub struct Reminder {
    /// Its id.
    pub id: String,
    /// Its details: those of the earliest `reminder.sent`.
    pub sent: Sent,
    /// The store day on which it was sent (R1).
    pub day: NaiveDate,
    /// Whether any receipt says failed.
    pub failed: bool,
    /// The earliest read receipt.
    pub read_receipt: Option<i64>,
    /// The earliest of delivered, read and click (R3).
    pub delivered: Option<i64>,
    /// Its clicks, each id once.
    pub clicks: Vec<Click>,
    /// The taps on its stop button, each id once.
    pub opt_outs: Vec<Click>,
}

/// One order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id.
    pub group: String,
    /// The earliest creation that any event named.
    pub created: i64,
    /// Every event about it.
    pub events: Vec<State>,
    /// The live parts by order id.
    pub live: Vec<State>,
}

impl Story {
    /// Puts together what was told.
    pub fn of(told: &EventsByKind, zone: Tz) -> Self {
        let ids = distinct(told.sent.iter().map(|sent| &sent.reminder));
        let groups = distinct(told.states.iter().map(|state| &state.group));
        Self {
            reminders: ids.iter().map(|id| reminder(id, told, zone)).collect(),
            orders: groups.iter().map(|group| order(group, told)).collect(),
        }
    }
}

impl Reminder {
    /// The shopper: userId, else phone, else cart, each its own kind. A reminder that names
    /// nobody went to one shopper all the same.
    pub fn shopper(&self) -> (&'static str, &str) {
        let names = &self.sent.names;
        if let Some(user) = &names.user {
            ("user", user)
        } else if let Some(phone) = &names.phone {
            ("phone", phone)
        } else if let Some(cart) = &names.cart {
            ("cart", cart)
        } else {
            ("reminder", &self.id)
        }
    }
}

impl Order {
    /// The currency of the live part with the smallest order id, and the sum of the live parts
    /// in it (R7, R8).
    pub fn amount(&self) -> (&str, i64) {
        let currency = &self.live[0].currency;
        let mut sum = 0;
        for part in &self.live {
            if part.currency == *currency {
                sum += part.value;
            }
        }
        (currency, sum)
    }

    /// The user id named last; at one instant that of the event with the greatest digest.
    pub fn user(&self) -> Option<&String> {
        let naming = self.events.iter().filter(|event| event.names.user.is_some());
        naming.max_by_key(|event| (event.changed, &event.digest))?.names.user.as_ref()
    }

    /// The cart named last; at one instant that of the event with the greatest digest.
    pub fn cart(&self) -> Option<&String> {
        let naming = self.events.iter().filter(|event| event.names.cart.is_some());
        naming.max_by_key(|event| (event.changed, &event.digest))?.names.cart.as_ref()
    }
}

fn reminder(id: &str, told: &EventsByKind, zone: Tz) -> Reminder {
    let mut all_sent = told.sent.iter().filter(|sent| sent.reminder == id);
    let mut sent = all_sent.next().unwrap();
    for other in all_sent {
        if other.at < sent.at || (other.at == sent.at && other.digest > sent.digest) {
            sent = other;
        }
    }
    let receipt = |status: &str| {
        let mine = told.receipts.iter().filter(|r| r.reminder == id && r.status == status);
        mine.map(|receipt| receipt.at).min()
    };
    let (opt_outs, clicks): (Vec<Click>, Vec<Click>) =
        taps(id, told).into_iter().partition(|tap| tap.stop);
    let instants = [receipt("delivered"), receipt("read"), clicks.iter().map(|c| c.at).min()];
    Reminder {
        id: id.to_owned(),
        sent: sent.clone(),
        day: DateTime::from_timestamp_millis(sent.at).unwrap().with_timezone(&zone).date_naive(),
        failed: receipt("failed").is_some(),
        read_receipt: receipt("read"),
        delivered: instants.into_iter().flatten().min(),
        clicks,
        opt_outs,
    }
}

/// Of two bodies of one tap the earlier, then the link, then the stop button (R4).
fn taps(reminder: &str, told: &EventsByKind) -> Vec<Click> {
    let mut taps: Vec<Click> = Vec::new();
    for tap in told.clicks.iter().filter(|tap| tap.reminder == reminder) {
        match taps.iter_mut().find(|known| known.id == tap.id) {
            None => taps.push(tap.clone()),
            Some(known) if tap.at < known.at => *known = tap.clone(),
            Some(known) if tap.at == known.at && tap.link => *known = tap.clone(),
            Some(known) if tap.at == known.at && tap.stop && !known.link => *known = tap.clone(),
            Some(_) => {}
        }
    }
    taps
}

fn order(group: &str, told: &EventsByKind) -> Order {
    let events: Vec<State> = told.states.iter().filter(|e| e.group == group).cloned().collect();
    let mut parts = distinct(events.iter().map(|event| &event.part));
    parts.sort();
    let mut live = Vec::new();
    for part in parts {
        let states = events.iter().filter(|event| event.part == part);
        let last = states.max_by_key(|e| (e.changed, e.life, e.digest.clone())).unwrap();
        if last.life == 1 {
            live.push(last.clone());
        }
    }
    let created = events.iter().map(|event| event.created).min().unwrap();
    Order { group: group.to_owned(), created, events, live }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts {
        if !seen.contains(text) {
            seen.push(text.clone());
        }
    }
    seen
}
