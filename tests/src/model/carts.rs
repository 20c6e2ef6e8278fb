//! The naive model of carts, gates and sends (SENDING R13-R19): what becomes of each episode of each cart, without
//! crashes and with one sender, as plainly as the text can be read. It uses nothing of `shared::domain`.
//!
//! Where the text leaves something open, the model reads it so:
//!
//! - A cart that the hours hold back is deferred as soon as nothing of our own ends it: its store isn't asked. So in
//!   closed hours nothing is found out that the store or the shopper's orders would tell.
//! - Before the order form was read, a cart is due by the smallest delay and expires by the greatest one; afterwards
//!   by those of its campaign.
//! - The first hour, after which a closed gate is tried hourly, is counted from when the cart was due. "Next hour" is
//!   an hour later.
//! - A decision has the campaign that the language gives, also where the cart was found empty.
//! - A cart that was claimed is free again, cools down and was reminded of from its last claim on.
//! - Carts that are due at once are judged side by side, as things stand, then claimed in the order of their ids. One
//!   that can't be claimed any more, or for which no message is left, is judged again by the next run.
//! - An account from which Meta takes nothing is tried by the first cart whose gate opens without that, 15 minutes
//!   after it was blocked or tried last. A message that is taken ends it. A template whose state a refusal showed is
//!   tried alike, by one message of each campaign.
//! - While Meta's word for spam holds a number back, no message is left to it: other carts wait behind the limit.
//! - What Meta says of an account at the very instant at which it took a message again doesn't block it.
//! - The messages of a day are those of the present hour of the clock and of the 24 before it.
//! - A refusal for the contact's sake is the reason of the rejection.
//! - What the store's document says goes before what its backend said, but for consent, where the backend does.
//! - Activity less than ten seconds after the last one tells nothing.

mod gate;
mod hours;
mod sends;

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use crate::raw_cart::{Buyer, Happened, Happening, Millis, RawAnswer, RawCampaign, RawForm};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// What the model can't know by itself.
pub struct Given<'a> {
    /// The zone of the store's days.
    pub zone: Tz,
    /// The language of a cart that names none.
    pub language: &'static str,
    /// The carts in the order of their ids.
    pub order: Vec<usize>,
    /// The cart's part of the first minutes of an opening.
    pub spread: &'a dyn Fn(usize) -> u64,
    /// What Meta said to each message, in their order.
    pub answers: &'a [RawAnswer],
    /// Hours between two reminders to one contact.
    pub cooldown_hours: Millis,
}

/// What became of an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `reminded` or `skipped`.
    pub outcome: &'static str,
    /// How far a reminder's send came.
    pub send: Option<&'static str>,
    /// Why it was skipped or rejected.
    pub reason: Option<&'static str>,
    /// What it waited for, where it expired.
    pub held_by: Option<&'static str>,
    /// The store day.
    pub day: String,
    /// The campaign.
    pub campaign: Option<&'static str>,
    /// Whether it counts: a cart that its store knew at no reading doesn't.
    pub counts: bool,
}

/// A line of the funnel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunnelNumbers {
    /// By reason.
    pub skipped: BTreeMap<String, i64>,
    /// Those that became a message.
    pub reminded: i64,
    /// Taken.
    pub accepted: i64,
    /// Refused.
    pub rejected: i64,
    /// Whose answer was lost.
    pub unknown: i64,
    /// Of which nothing was heard in a day.
    pub unconfirmed: i64,
}

/// A message that was claimed.
#[derive(Debug, Clone)]
struct Message {
    cart: usize,
    episode: Millis,
    answer: RawAnswer,
}

/// An episode that is not over.
#[derive(Debug, Clone)]
struct Open {
    began: Millis,
    active: Millis,
    payment: bool,
    due: Millis,
    held_by: Option<&'static str>,
    was_read: bool,
    attempts: u32,
    /// When its last message was claimed.
    claimed: Option<Millis>,
    /// Whether the answer to that was lost.
    unknown: bool,
}

#[derive(Debug, Clone, Default)]
struct Cart {
    form: Option<RawForm>,
    /// What its backend said of the shopper, and when.
    said: Option<(Millis, (&'static str, &'static str, bool))>,
    /// Whether any sign of it was ever kept.
    known: bool,
    open: Option<Open>,
    active: Millis,
    free: Millis,
    reminded: Option<Millis>,
}

#[derive(Debug, Clone, Default)]
struct Contact {
    wish: Option<(Millis, bool)>,
    left_alone_until: Millis,
    /// When a message to it was claimed last, for which cart's episode.
    claimed: Option<(Millis, usize, Millis)>,
}

#[derive(Debug, Clone)]
struct Order {
    status: &'static str,
    created: Millis,
    of: Buyer,
}

#[derive(Debug, Clone, Copy)]
struct Template {
    state: &'static str,
    /// When a refusal showed that state; none where Meta told it.
    shown: Option<Millis>,
}

/// A store and its carts.
pub struct CartModel<'a> {
    given: Given<'a>,
    now: Millis,
    sends: bool,
    store_answers: bool,
    hours: Vec<(chrono::Weekday, u32, u32)>,
    limit: u64,
    campaigns: BTreeMap<&'static str, RawCampaign>,
    templates: BTreeMap<&'static str, Template>,
    carts: BTreeMap<usize, Cart>,
    contacts: BTreeMap<String, Contact>,
    orders: BTreeMap<u32, Order>,
    /// Since when Meta takes nothing, and when that was tried last.
    blocked: Option<(Millis, Millis)>,
    /// When it took a message again.
    unblocked: Millis,
    /// Until when nothing is sent: Meta called messages spam.
    held_until: Millis,
    /// Messages that Meta may have taken, by the hour of the clock.
    counted: BTreeMap<Millis, u64>,
    messages: Vec<Message>,
    outcomes: BTreeMap<(usize, Millis), Outcome>,
}

impl<'a> CartModel<'a> {
    /// What became of everything.
    #[must_use]
    pub fn of(given: Given<'a>, happened: &[Happened]) -> Self {
        let mut model = Self {
            given,
            now: 0,
            sends: true,
            store_answers: true,
            hours: hours::always(),
            limit: 100_000,
            campaigns: BTreeMap::new(),
            templates: BTreeMap::new(),
            carts: BTreeMap::new(),
            contacts: BTreeMap::new(),
            orders: BTreeMap::new(),
            blocked: None,
            unblocked: 0,
            held_until: 0,
            counted: BTreeMap::new(),
            messages: Vec::new(),
            outcomes: BTreeMap::new(),
        };
        for Happened { at, what } in happened {
            model.now = *at;
            model.take(what);
        }
        model
    }

    /// The outcome of each episode that has one, by cart and beginning.
    #[must_use]
    pub const fn outcomes(&self) -> &BTreeMap<(usize, Millis), Outcome> {
        &self.outcomes
    }

    /// The episodes that wait for their time or their gate: when each is looked at next.
    #[must_use]
    pub fn waiting(&self) -> BTreeMap<(usize, Millis), Millis> {
        let open = self.carts.iter().filter_map(|(cart, held)| Some((*cart, held.open.as_ref()?)));
        open.map(|(cart, open)| ((cart, open.began), open.due)).collect()
    }

    /// The carts whose messages left, in their order.
    #[must_use]
    pub fn messages(&self) -> Vec<usize> {
        self.messages.iter().map(|message| message.cart).collect()
    }

    /// The funnel of each day and campaign (`none` where no campaign was found).
    #[must_use]
    pub fn funnel(&self) -> BTreeMap<(String, String), FunnelNumbers> {
        let mut funnel: BTreeMap<(String, String), FunnelNumbers> = BTreeMap::new();
        for outcome in self.outcomes.values().filter(|outcome| outcome.counts) {
            let campaign = outcome.campaign.unwrap_or("none").to_owned();
            let line = funnel.entry((outcome.day.clone(), campaign)).or_default();
            if outcome.outcome == "skipped" {
                *line.skipped.entry(outcome.reason.unwrap().to_owned()).or_default() += 1;
                continue;
            }
            line.reminded += 1;
            match outcome.send.unwrap() {
                "accepted" => line.accepted += 1,
                "rejected" => line.rejected += 1,
                "unknown" => line.unknown += 1,
                "unconfirmed" => line.unconfirmed += 1,
                _ => {}
            }
        }
        funnel
    }

    fn take(&mut self, what: &Happening) {
        match what {
            Happening::Beat { cart, payment } => self.beat(*cart, self.now, *payment),
            Happening::Told { cart, active, payment, shopper } => {
                let kept = self.carts.get(cart).is_some_and(|held| held.known);
                if let Some(shopper) = shopper.filter(|_| kept || self.admits(*payment)) {
                    let held = self.carts.entry(*cart).or_default();
                    if held.said.is_none_or(|(at, _)| at < *active) {
                        held.said = Some((*active, shopper));
                    }
                }
                self.beat(*cart, *active, *payment);
            }
            Happening::Holds { cart, form } => {
                self.carts.entry(*cart).or_default().form.clone_from(form);
            }
            Happening::StoreAnswers(answers) => self.store_answers = *answers,
            Happening::Order { number, status, created, of } => {
                let order = Order { status, created: *created, of: *of };
                self.orders.insert(*number, order);
            }
            Happening::Campaign(campaign) => {
                self.campaigns.insert(campaign.id, campaign.clone());
            }
            Happening::Sends(sends) => self.sends = *sends,
            Happening::Hours(hours) => self.hours.clone_from(hours),
            Happening::Limit(limit) => self.limit = *limit,
            Happening::Wish { phone, out } => {
                let contact = self.contacts.entry(digits(phone)).or_default();
                contact.wish = Some((self.now, *out));
            }
            Happening::Template { language, state } => {
                self.templates.insert(language, Template { state, shown: None });
            }
            Happening::Status(number) => self.status(*number),
            Happening::Ran => self.run(),
        }
    }

    /// R13: whether activity begins an episode.
    fn admits(&self, payment: bool) -> bool {
        payment || self.campaigns.values().any(|campaign| !campaign.payment)
    }

    fn smallest_delay(&self) -> Millis {
        self.campaigns.values().map(|campaign| campaign.delay).min().unwrap() * MINUTE
    }

    fn beat(&mut self, cart: usize, at: Millis, payment: bool) {
        let (admits, delay) = (self.admits(payment), self.smallest_delay());
        let held = self.carts.entry(cart).or_default();
        match &mut held.open {
            Some(open) => {
                let tells = (payment && !open.payment) || at - open.active >= 10_000;
                if tells {
                    open.active = open.active.max(at);
                    open.payment |= payment;
                }
            }
            None if admits && (!held.known || (at >= held.free && at > held.active)) => {
                held.known = true;
                held.open = Some(Open {
                    began: at,
                    active: at,
                    payment,
                    due: at + delay,
                    held_by: None,
                    was_read: false,
                    attempts: 0,
                    claimed: None,
                    unknown: false,
                });
            }
            None => {}
        }
    }

    /// R16: a status says that Meta took a message.
    fn status(&mut self, number: usize) {
        let Some(message) = self.messages.get(number).cloned() else { return };
        if message.answer.took() {
            self.accepted(message.cart, message.episode);
        }
    }

    /// The episode is over; the next one may begin from `free` on.
    fn close(&mut self, cart: usize, free: Millis) {
        let held = self.carts.get_mut(&cart).unwrap();
        let open = held.open.take().unwrap();
        (held.active, held.free) = (open.active, free);
    }

    fn live_orders(&self) -> impl Iterator<Item = &Order> {
        let dead = BTreeSet::from(["canceled", "incomplete"]);
        self.orders.values().filter(move |order| !dead.contains(order.status))
    }
}

/// The one number that a text is, by its digits.
fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
