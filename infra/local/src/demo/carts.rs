//! The demo store's day so far: carts that the system itself reminds of, or doesn't, for each of the reasons that a
//! day brings.
//!
//! They go the way of anybody's: told by the store's backend, judged by the sender's gate, sent to the stand-in for
//! Graph, resolved by its webhooks. Those that still wait are sent while the stack runs.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;

use super::history::{DemoCampaign, PRODUCTS, cloud_event, digits, text, total};

/// One fixed seed: everybody sees the same carts.
const SEED: u64 = 12;
/// How often it is asked whether the carts are decided: the schedule of each minute may have them at that moment.
pub(super) const TRIES: u32 = 40;
/// How long between two of these.
pub(super) const BETWEEN: Duration = Duration::from_millis(500);

/// What a demo cart is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing speaks against a reminder.
    Plain,
    /// The same in Spanish.
    Spanish,
    /// Its shopper is hardly gone.
    Fresh,
    /// Its shopper bought it.
    Bought,
    /// Its shopper wants no messages.
    OptedOut,
    /// It names no phone number.
    NoPhone,
    /// The store's backend hides the number.
    Masked,
    /// What stands for a number is none.
    NoNumber,
    /// A number to which Meta delivers no marketing.
    Abroad,
    /// Its shopper was asked and said no.
    NoConsent,
    /// It is worth little.
    Cheap,
    /// It is in a currency without a minimum.
    Dollars,
    /// Nothing is in it any more.
    Empty,
    /// It is in English, of which there is no campaign at first.
    English,
    /// Its shopper asks to be forgotten while it waits.
    Erased,
    /// Its shopper didn't come to the payment page.
    Browsing,
    /// It was left behind days ago.
    Old,
}

/// The campaign that speaks English: no reminder of it ever went out.
pub(super) const ENGLISH: DemoCampaign =
    DemoCampaign { name: "Abandoned cart", language: "en-US", message_type: "text", clicks: 0 };

/// How many there are of each, and what becomes of them at first.
const FIRST: [(Kind, u32); 17] = [
    (Kind::Plain, 24),
    (Kind::Spanish, 4),
    (Kind::Bought, 6),
    (Kind::OptedOut, 2),
    (Kind::NoPhone, 5),
    (Kind::Masked, 1),
    (Kind::NoNumber, 2),
    (Kind::Abroad, 1),
    (Kind::NoConsent, 4),
    (Kind::Cheap, 3),
    (Kind::Dollars, 1),
    (Kind::Empty, 1),
    (Kind::English, 2),
    (Kind::Erased, 1),
    (Kind::Browsing, 3),
    (Kind::Old, 1),
    (Kind::Fresh, WAITING),
];
/// Carts that are told first and decided at once.
pub const FIRST_DECIDED: u64 = 61;
/// Carts that wait: the last one for 55 minutes.
pub const WAITING: u32 = 8;
/// What Meta does about the messages of the two carts that come next: it refuses one, and of the other no answer
/// comes.
pub(super) const REFUSED_AND_LOST: [&str; 2] = [r#"{"code":131026}"#, r#""resetBefore""#];
/// The shoppers of these two: their carts come next.
const TROUBLED: [u32; 2] = [100, 101];
/// The shopper who was reminded two days ago, and is back at the same cart.
const BACK: u32 = 102;
/// How long ago that was.
const REMINDED: Span = Span::hours(50);
/// Whose English carts come when Meta has refused the template of the English campaign, and when it has switched it off.
const REFUSED_TEMPLATE: u32 = 103;
const SWITCHED_OFF: u32 = 104;
/// Of those who were reminded at first, by their place: how many read, tap and buy; who taps the stop button; who
/// leaves another cart behind.
const READERS: u32 = 17;
const TAPPERS: u32 = 9;
const BUYERS: u32 = 4;
const STOPPER: u32 = 20;
const AGAIN: [u32; 3] = [10, 11, 12];

const FIRST_NAMES: [&str; 8] =
    ["Ana", "Bruno", "Carla", "Diego", "Elisa", "Fábio", "Gisele", "Heitor"];

/// A cart of the demo store.
#[derive(Debug, Clone)]
struct DemoCart {
    kind: Kind,
    /// Whose it is.
    shopper: u32,
    /// Which of the shopper's it is.
    which: u32,
    active_at: Instant,
}

/// The demo store's carts, as of the instant at which they are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct DemoCarts {
    pub(super) at: Instant,
}

impl DemoCarts {
    /// What is told at first: each cart, and of those that were bought the orders.
    pub(super) fn first(self) -> Vec<Value> {
        self.first_carts().iter().flat_map(DemoCart::told).collect()
    }

    fn first_carts(self) -> Vec<DemoCart> {
        let kinds = FIRST.iter().flat_map(|(kind, count)| (0..*count).map(move |nth| (*kind, nth)));
        kinds
            .zip(0..)
            .map(|((kind, nth), shopper)| {
                let ago = match kind {
                    Kind::Fresh => i64::from(5 + 6 * nth),
                    Kind::Erased => 20,
                    Kind::Old => 4 * 24 * 60,
                    _ => i64::from(70 + 7 * (shopper % 20)),
                };
                DemoCart { kind, shopper, which: 0, active_at: self.minutes_ago(ago) }
            })
            .collect()
    }

    /// A cart of two days ago, and the instant at which it is reminded of.
    pub(super) fn reminded(self) -> (Value, Instant) {
        let at = self.at.minus(REMINDED);
        let left = DemoCart { active_at: at.minus(Span::seconds(70 * 60)), ..self.plain(BACK, 0) };
        (left.cart(), at)
    }

    /// The id of that cart, and what its shopper does today.
    pub(super) fn back(self) -> (String, Value) {
        let back = self.plain(BACK, 0);
        (back.order_form(), back.cart())
    }

    /// The phone numbers of those who opted out before anything is sent.
    pub(super) fn opted_out(self) -> Vec<String> {
        self.phones_of(Kind::OptedOut)
    }

    /// The phone numbers of those who ask to be forgotten while their carts wait.
    pub(super) fn erased(self) -> Vec<String> {
        self.phones_of(Kind::Erased)
    }

    fn phones_of(self, kind: Kind) -> Vec<String> {
        let carts = self.first_carts().into_iter();
        carts.filter(|cart| cart.kind == kind).map(|cart| phone(cart.shopper)).collect()
    }

    /// The carts whose messages Meta takes or doesn't as it likes, and one whose template it refused.
    pub(super) fn troubled(self) -> Vec<Value> {
        let troubled = TROUBLED.iter().map(|shopper| self.plain(*shopper, 0).cart());
        troubled.chain([self.english(REFUSED_TEMPLATE)]).collect()
    }

    /// What those do who were reminded of their first carts: `(number, what)`.
    pub(super) fn reactions() -> Vec<(String, Vec<Reaction>)> {
        let of = |shopper: u32| {
            let mut does = Vec::new();
            if shopper < READERS {
                does.push(Reaction::Reads);
            }
            if shopper < TAPPERS {
                does.push(Reaction::TapsLink);
            }
            if shopper == STOPPER {
                does.push(Reaction::Stops);
            }
            (digits(&phone(shopper)), does)
        };
        (0..READERS.max(STOPPER + 1)).map(of).collect()
    }

    /// What comes after the reactions: orders of some who tapped, further carts of shoppers who aren't written to
    /// again, and one whose template is switched off by then.
    pub(super) fn afterwards(self, ordered_at: Instant) -> Vec<Value> {
        let orders = (0..BUYERS).map(|shopper| self.plain(shopper, 0).order(ordered_at));
        let again = AGAIN.iter().chain(&TROUBLED).chain([&STOPPER]);
        let again = again.flat_map(|shopper| self.plain(*shopper, 1).told());
        orders.chain(again).chain([self.english(SWITCHED_OFF)]).collect()
    }

    fn english(self, shopper: u32) -> Value {
        DemoCart { kind: Kind::English, ..self.plain(shopper, 0) }.cart()
    }

    /// How many carts of the day are decided at first, when the troubled ones are, and at the end.
    pub(super) fn decided() -> [u64; 3] {
        // Beside them that of the shopper who came back.
        let first = FIRST_DECIDED + 1;
        // Beside them the one whose template was refused.
        let troubled = first + TROUBLED.len() as u64 + 1;
        // The last two: of the shopper who stopped, and the one without a template.
        [first, troubled, troubled + (AGAIN.len() + TROUBLED.len() + 2) as u64]
    }

    fn plain(self, shopper: u32, which: u32) -> DemoCart {
        // As it is told at first; a later cart, and one of a later shopper, an hour ago.
        let first = self.first_carts().into_iter().find(|cart| cart.shopper == shopper);
        let fresh = DemoCart { kind: Kind::Plain, shopper, which, active_at: self.minutes_ago(61) };
        if which == 0 { first.unwrap_or(fresh) } else { fresh }
    }

    fn minutes_ago(self, minutes: i64) -> Instant {
        self.at.minus(Span::seconds(60 * minutes))
    }
}

/// What somebody does about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    Reads,
    TapsLink,
    Stops,
}

impl DemoCart {
    fn rng(&self) -> Rng {
        Rng::with_seed(SEED + u64::from(self.shopper) + 1_000 * u64::from(self.which))
    }

    fn order_form(&self) -> String {
        format!("{:032x}", self.rng().u128(..))
    }

    fn items(&self) -> Value {
        if self.kind == Kind::Empty {
            return json!([]);
        }
        let mut rng = self.rng();
        let cheap = self.kind == Kind::Cheap;
        let chosen = PRODUCTS.iter().filter(|(_, _, price)| (*price < 5_000) == cheap);
        let chosen: Vec<_> = chosen.collect();
        let count = if cheap { 1 } else { rng.usize(1..4) };
        let items = rng.choose_multiple(chosen, count).into_iter().map(
            |(id, name, price)| json!({"id": id, "name": name, "quantity": 1, "price": price}),
        );
        Value::Array(items.collect())
    }

    fn phone(&self) -> Value {
        match self.kind {
            Kind::NoPhone => Value::Null,
            Kind::Masked => json!("+55 11 9****-0199"),
            Kind::NoNumber => json!("12345"),
            Kind::Abroad => json!("+1 212 555 0123"),
            _ => json!(phone(self.shopper)),
        }
    }

    /// The cart, and its order where there is one.
    fn told(&self) -> Vec<Value> {
        let bought_at = self.active_at.plus(Span::seconds(12 * 60));
        let order = (self.kind == Kind::Bought).then(|| self.order(bought_at));
        std::iter::once(self.cart()).chain(order).collect()
    }

    /// The cart as the store's backend tells it.
    fn cart(&self) -> Value {
        let order_form = self.order_form();
        let items = self.items();
        let language = match self.kind {
            Kind::Spanish => "es",
            Kind::English => "en-US",
            _ => "pt-BR",
        };
        let name = FIRST_NAMES.iter().cycle().nth(self.shopper as usize % FIRST_NAMES.len());
        let worth = (self.kind != Kind::Empty).then(|| total(&items));
        let data = json!({
            "orderFormId": order_form, "lastActivityAt": text(self.active_at),
            "reachedPayment": self.kind != Kind::Browsing, "userId": self.user_id(),
            "phone": self.phone(), "firstName": name, "language": language,
            "currency": if self.kind == Kind::Dollars { "USD" } else { "BRL" },
            "value": worth, "items": items,
            "consent": {
                "granted": self.kind != Kind::NoConsent, "at": text(self.active_at),
                "source": "checkout",
            },
        });
        cloud_event("cart.updated", self.active_at, &order_form, data)
    }

    fn user_id(&self) -> String {
        format!("visitor-{:04}", self.shopper)
    }

    /// The cart's order, made at `at`.
    fn order(&self, at: Instant) -> Value {
        let group = format!("16{:08}", self.shopper);
        let items = self.items();
        let data = json!({
            "orderGroup": group, "orderId": format!("{group}-01"), "status": "payment-approved",
            "createdAt": text(at), "changedAt": text(at), "userId": self.user_id(),
            "phone": self.phone(), "orderFormId": self.order_form(), "currency": "BRL",
            "value": total(&items) + 1_500, "items": items,
        });
        cloud_event("order.updated", at, &group, data)
    }
}

/// The phone number of a shopper who leaves carts behind: none of the history has it.
fn phone(shopper: u32) -> String {
    format!("+55 11 98555-{:04}", 200 + shopper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_carts_are_decided_at_first_as_do_not_wait() {
        let decided: u32 =
            FIRST.iter().filter(|(kind, _)| *kind != Kind::Fresh).map(|(_, count)| count).sum();
        assert_eq!(u64::from(decided), FIRST_DECIDED);
    }

    #[test]
    fn each_cart_is_another_one() {
        let carts = DemoCarts { at: Instant::from_millis(1_800_000_000_000) };
        let back = vec![carts.back().1];
        let told = [carts.first(), carts.troubled(), carts.afterwards(carts.at), back].concat();
        let ids: std::collections::BTreeSet<String> =
            told.iter().map(|event| event["id"].to_string()).collect();
        assert_eq!(ids.len(), told.len());
    }
}
