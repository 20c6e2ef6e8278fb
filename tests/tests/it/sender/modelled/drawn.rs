//! Random sound histories, as raw as whoever takes part tells them.

use chrono::Weekday;
use engine::dice::Dice;
use tests::raw_cart::{Buyer, Happened, Happening, RawAnswer, RawCampaign, RawForm};

use crate::sender::world::{NOON, at};

/// Carts of a history.
pub(in crate::sender) const CARTS: usize = 6;
/// Few people, so that their carts meet.
const PHONES: [&str; 4] = ["+5511985550101", "+5511985550102", "+5511985550103", "+5511985550104"];
const CAMPAIGNS: [(&str, &str); 3] = [("c1", "pt-BR"), ("c2", "pt-BR"), ("c3", "es")];
/// Things that happen in one.
const STEPS: usize = 90;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

struct Draw<'a> {
    dice: &'a mut Dice,
    now: i64,
    happened: Vec<Happened>,
    orders: Vec<(i64, Buyer)>,
}

/// What happens, and what Meta answers to each message.
pub(in crate::sender) fn history(dice: &mut Dice) -> (Vec<Happened>, Vec<RawAnswer>) {
    let answers = (0..400).map(|_| answer(dice)).collect();
    let now = at(NOON).millis();
    let mut draw = Draw { dice, now, happened: Vec::new(), orders: Vec::new() };
    for (id, language) in CAMPAIGNS {
        let campaign = draw.campaign(id, language, true);
        draw.happens(Happening::Campaign(campaign));
    }
    for language in ["pt-BR", "es"] {
        draw.happens(Happening::Template { language, state: "APPROVED" });
    }
    for cart in 0..CARTS {
        let form = Some(draw.form());
        draw.happens(Happening::Holds { cart, form });
    }
    for _ in 0..STEPS {
        draw.step();
    }
    // What is open goes on for a while.
    for _ in 0..16 {
        let hours = i64::try_from(draw.dice.below(6)).unwrap() + 1;
        draw.passes(hours * HOUR);
        draw.happens(Happening::Ran);
    }
    (draw.happened, answers)
}

fn answer(dice: &mut Dice) -> RawAnswer {
    match dice.below(26) {
        0 => RawAnswer::Silence(dice.chance(500)),
        1 => RawAnswer::Odd(*dice.pick(&[999_999, 131_000]).unwrap(), dice.chance(500)),
        2 => RawAnswer::NoConnection,
        3 => RawAnswer::Refused(*dice.pick(&[4, 130_429, 131_056]).unwrap()),
        4 => RawAnswer::Refused(131_048),
        5 => RawAnswer::Refused(131_042),
        6 => RawAnswer::Refused(*dice.pick(&[131_026, 131_049, 130_472]).unwrap()),
        7 => RawAnswer::Refused(131_050),
        8 => RawAnswer::Refused(*dice.pick(&[132_001, 132_015]).unwrap()),
        _ => RawAnswer::Took,
    }
}

impl Draw<'_> {
    /// Each thing at an instant of its own.
    fn happens(&mut self, what: Happening) {
        self.happened.push(Happened { at: self.now, what });
        self.now += 11_000 + i64::try_from(self.dice.below(40_000)).unwrap();
    }

    const fn passes(&mut self, millis: i64) {
        self.now += millis;
    }

    fn cart(&mut self) -> usize {
        self.dice.below(CARTS)
    }

    fn phone(&mut self) -> &'static str {
        self.dice.pick(&PHONES).unwrap()
    }

    fn campaign(&mut self, id: &'static str, language: &'static str, active: bool) -> RawCampaign {
        RawCampaign {
            id,
            language,
            active,
            delay: *self.dice.pick(&[20, 60, 60, 180]).unwrap(),
            payment: self.dice.chance(500),
            minimum: self.dice.chance(300).then_some(10_000),
            rank: u32::try_from(self.dice.below(3)).unwrap(),
        }
    }

    /// Mostly what may be reminded of.
    fn form(&mut self) -> RawForm {
        let phone = self.phone();
        let mut form = RawForm {
            user: phone,
            phone: Some(phone),
            locale: "pt-BR",
            agreed: true,
            currency: "BRL",
            cents: 12_000,
            filled: true,
        };
        match self.dice.below(24) {
            0 => form.filled = false,
            1 | 2 => form.phone = None,
            3 => form.phone = Some("+55*******0101"),
            4 => form.phone = Some("12"),
            5 => form.phone = Some("+12125550107"),
            6 => form.agreed = false,
            7 => form.cents = 900,
            8 => form.currency = "CLP",
            9 => form.locale = "en-US",
            10..=12 => form.locale = "es-AR",
            13 => form.locale = "",
            _ => {}
        }
        form
    }

    fn step(&mut self) {
        let cart = self.cart();
        match self.dice.below(40) {
            0..=7 => {
                if self.dice.chance(500) {
                    let form = Some(self.form());
                    self.happens(Happening::Holds { cart, form });
                }
                let payment = self.dice.chance(750);
                self.happens(Happening::Beat { cart, payment });
            }
            8 | 9 => {
                let late = i64::try_from(self.dice.below(900_000)).unwrap();
                let payment = self.dice.chance(750);
                let language = self.dice.pick(&["pt-BR", "es"]).unwrap();
                let shopper = (self.phone(), *language, self.dice.chance(800));
                let shopper = self.dice.chance(700).then_some(shopper);
                let active = self.now - late;
                self.happens(Happening::Told { cart, active, payment, shopper });
            }
            10 | 11 => self.order(cart),
            12 => {
                let (id, language) = *self.dice.pick(&CAMPAIGNS).unwrap();
                let active = self.dice.chance(650);
                let campaign = self.campaign(id, language, active);
                self.happens(Happening::Campaign(campaign));
            }
            13 => {
                let phone = self.phone();
                let out = self.dice.chance(400);
                self.happens(Happening::Wish { phone, out });
            }
            14 => {
                const STATES: [&str; 8] = [
                    "APPROVED", "APPROVED", "APPROVED", "PENDING", "PAUSED", "REJECTED",
                    "DISABLED", "DELETED",
                ];
                let (language, state) =
                    (*self.dice.pick(&["pt-BR", "es"]).unwrap(), *self.dice.pick(&STATES).unwrap());
                self.happens(Happening::Template { language, state });
            }
            15 | 16 => {
                let message = self.dice.below(12);
                self.happens(Happening::Status(message));
            }
            17 => {
                let sends = self.dice.chance(700);
                self.happens(Happening::Sends(sends));
            }
            18 => {
                let hours = self.hours();
                self.happens(Happening::Hours(hours));
            }
            19 => {
                let answers = self.dice.chance(600);
                self.happens(Happening::StoreAnswers(answers));
            }
            20 => {
                let limit = *self.dice.pick(&[1, 2, 5, 100_000]).unwrap();
                self.happens(Happening::Limit(limit));
            }
            21 => self.happens(Happening::Holds { cart, form: None }),
            22 => {
                let hours = i64::try_from(self.dice.below(30)).unwrap();
                self.passes(hours * HOUR);
                self.happens(Happening::Ran);
            }
            _ => {
                let minutes = i64::try_from(self.dice.below(45)).unwrap();
                self.passes(minutes * MINUTE);
                self.happens(Happening::Ran);
            }
        }
    }

    /// A new order, or another state of an old one.
    fn order(&mut self, cart: usize) {
        let statuses = ["payment-pending", "invoiced", "canceled", "incomplete"];
        let status = *self.dice.pick(&statuses).unwrap();
        let number = self.dice.below(self.orders.len() + 2);
        if number >= self.orders.len() {
            let of = match self.dice.below(3) {
                0 => Buyer::Cart(cart),
                1 => Buyer::User(self.phone()),
                _ => Buyer::Phone(self.phone()),
            };
            let earlier = i64::try_from(self.dice.below(180)).unwrap() * MINUTE;
            self.orders.push((self.now - earlier, of));
        }
        let number = number.min(self.orders.len() - 1);
        let (created, of) = self.orders[number];
        let number = u32::try_from(number).unwrap();
        self.happens(Happening::Order { number, status, created, of });
    }

    fn hours(&mut self) -> Vec<(Weekday, u32, u32)> {
        let (opens, closes) = if self.dice.chance(400) { (0, 1_440) } else { (9 * 60, 18 * 60) };
        let mut days = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        if self.dice.chance(500) {
            days.extend([Weekday::Sat, Weekday::Sun]);
        }
        days.into_iter().map(|day| (day, opens, closes)).collect()
    }
}
