//! R16: one run of the sender, its claims, and what Meta's answers mean.

use std::collections::BTreeSet;

use super::gate::{Gate, Judged};
use super::hours::day;
use super::{CartModel, DAY, HOUR, MINUTE, Message, Outcome, Template};
use crate::raw_cart::{Millis, RawAnswer};

impl CartModel<'_> {
    /// The sender looks at all carts that are due.
    pub(super) fn run(&mut self) {
        let is_due = |cart: &usize| {
            let open = self.carts.get(cart).and_then(|held| held.open.as_ref());
            open.is_some_and(|open| open.due <= self.now)
        };
        let mut due: Vec<usize> = self.given.order.iter().copied().filter(is_due).collect();
        let mut left = self.messages_left();
        while !due.is_empty() {
            let probes = self
                .blocked
                .is_some_and(|(since, tried)| self.now - since.max(tried) >= 15 * MINUTE);
            // Whoever tries a blocked account does so alone.
            let together = if probes { 1 } else { due.len() };
            let looked: Vec<usize> = due.drain(..together).collect();
            self.look(&looked, probes, &mut left);
            left = left.min(self.messages_left());
        }
    }

    /// 90 % of the limit, less the messages of a day.
    fn messages_left(&self) -> u64 {
        if self.now < self.held_until {
            return 0;
        }
        let from = (self.now - DAY) / HOUR;
        let counted: u64 = self.counted.range(from..).map(|(_, count)| count).sum();
        (self.limit * 9 / 10).saturating_sub(counted)
    }

    fn look(&mut self, carts: &[usize], probes: bool, left: &mut u64) {
        let may_send = *left > 0;
        let mut opened = Vec::new();
        for cart in carts {
            if self.carts[cart].open.as_ref().unwrap().unknown {
                self.unconfirmed(*cart);
                continue;
            }
            let Judged { gate, campaign, read } = self.judge(*cart, may_send, probes);
            match gate {
                Gate::Opens(campaign, to) => opened.push((*cart, campaign, to)),
                Gate::Active(until) => self.wait(*cart, until, None, read),
                Gate::Defers(reason, until) => self.wait(*cart, until, Some(reason), read),
                Gate::Ends(reason) => self.end(*cart, reason, campaign),
            }
        }
        let was_blocked = self.blocked.is_some();
        let mut tried = BTreeSet::new();
        let mut claimed = Vec::new();
        for (cart, campaign, to) in opened {
            let began = self.carts[&cart].open.as_ref().unwrap().began;
            let is_tried = self.seen(self.campaigns[campaign].language).1;
            if *left == 0 || (is_tried && !tried.insert(campaign)) {
                continue;
            }
            if self.cools_down(&to, cart, began) {
                continue;
            }
            *left -= 1;
            self.claim(cart, campaign, &to);
            claimed.push((cart, campaign, to, is_tried));
        }
        if probes && !claimed.is_empty() {
            self.blocked = self.blocked.map(|(since, _)| (since, self.now));
        }
        for (cart, campaign, to, is_tried) in claimed {
            let answer = self.given.answers[self.messages.len()];
            let episode = self.carts[&cart].open.as_ref().unwrap().began;
            self.messages.push(Message { cart, episode, answer });
            match answer {
                RawAnswer::NoConnection | RawAnswer::Refused(_) => *left += 1,
                RawAnswer::Took | RawAnswer::Silence(_) | RawAnswer::Odd(..) => {
                    *self.counted.entry(self.now / HOUR).or_default() += 1;
                }
            }
            self.answered(cart, campaign, &to, answer);
            if answer == RawAnswer::Took {
                if was_blocked {
                    (self.blocked, self.unblocked) = (None, self.now);
                }
                if is_tried {
                    let language = self.campaigns[campaign].language;
                    self.templates.insert(language, Template { state: "APPROVED", shown: None });
                }
            }
        }
    }

    fn wait(&mut self, cart: usize, until: Millis, held_by: Option<&'static str>, read: bool) {
        let open = self.carts.get_mut(&cart).unwrap().open.as_mut().unwrap();
        open.due = until;
        open.held_by = held_by.or(open.held_by);
        open.was_read |= read;
    }

    /// The gate refuses it.
    fn end(&mut self, cart: usize, reason: &'static str, campaign: Option<&'static str>) {
        let open = self.carts[&cart].open.clone().unwrap();
        let at_once = [
            "payment-not-reached",
            "no-phone",
            "phone-masked",
            "phone-invalid",
            "no-consent",
            "cart-empty",
            "below-minimum",
        ];
        let free = if at_once.contains(&reason) { self.now } else { self.now + DAY };
        if open.claimed.is_some() {
            self.decide(cart, "rejected", Some(reason));
        } else {
            let outcome = Outcome {
                outcome: "skipped",
                send: None,
                reason: Some(reason),
                held_by: open.held_by.filter(|_| reason == "expired"),
                day: day(self.now, self.given.zone),
                campaign,
                counts: reason != "cart-gone" || open.was_read,
            };
            self.outcomes.insert((cart, open.began), outcome);
        }
        self.close(cart, free);
    }

    fn claim(&mut self, cart: usize, campaign: &'static str, to: &str) {
        let (now, zone) = (self.now, self.given.zone);
        let open = self.carts.get_mut(&cart).unwrap().open.as_mut().unwrap();
        open.attempts += 1;
        open.claimed = Some(now);
        let began = open.began;
        self.contacts.entry(to.to_owned()).or_default().claimed = Some((now, cart, began));
        // An attempt again keeps its campaign and day.
        self.outcomes.entry((cart, began)).or_insert_with(|| Outcome {
            outcome: "reminded",
            send: Some("claimed"),
            reason: None,
            held_by: None,
            day: day(now, zone),
            campaign: Some(campaign),
            counts: true,
        });
    }

    /// Moves the outcome of the cart's send on.
    fn decide(&mut self, cart: usize, send: &'static str, reason: Option<&'static str>) {
        let began = self.carts[&cart].open.as_ref().unwrap().began;
        let held = self.outcomes.get_mut(&(cart, began)).unwrap();
        (held.send, held.reason) = (Some(send), reason);
    }

    fn answered(&mut self, cart: usize, campaign: &'static str, to: &str, answer: RawAnswer) {
        let began = self.carts[&cart].open.as_ref().unwrap().began;
        let code = match answer {
            RawAnswer::Took => return self.accepted(cart, began),
            RawAnswer::Silence(_) | RawAnswer::Odd(..) => {
                self.decide(cart, "unknown", None);
                let open = self.carts.get_mut(&cart).unwrap().open.as_mut().unwrap();
                (open.unknown, open.due) = (true, self.now + DAY);
                return;
            }
            RawAnswer::NoConnection => return self.again_in(cart, MINUTE, None, false),
            RawAnswer::Refused(code) => code,
        };
        let attempts = self.carts[&cart].open.as_ref().unwrap().attempts;
        let contact = self.contacts.get_mut(to).unwrap();
        let mut leave_alone = |days: i64| {
            contact.left_alone_until = contact.left_alone_until.max(self.now + days * DAY);
            "suppressed"
        };
        let reason = match code {
            4 | 80_007 | 130_429 => {
                let wait = 30_000 * 2_i64.pow(attempts);
                return self.later(cart, wait, attempts);
            }
            131_056 => return self.later(cart, 1_000 * 4_i64.pow(attempts), attempts),
            134_101 => return self.later(cart, 10 * MINUTE, attempts),
            131_048 | 131_064 => {
                self.held_until = self.held_until.max(self.now + HOUR);
                return self.later(cart, HOUR, attempts);
            }
            131_042 | 368 | 190 => {
                if self.unblocked < self.now {
                    self.blocked = Some(self.blocked.unwrap_or((self.now, self.now)));
                }
                return self.again_in(cart, 15 * MINUTE, Some("account-blocked"), false);
            }
            132_001 | 132_015 => {
                let (state, reason) = if code == 132_001 {
                    ("DELETED", "template-missing")
                } else {
                    ("PAUSED", "template-paused")
                };
                let language = self.campaigns[campaign].language;
                self.templates.insert(language, Template { state, shown: Some(self.now) });
                return self.again_in(cart, 15 * MINUTE, Some(reason), false);
            }
            131_026 | 131_021 | 130_497 | 131_062 | 130_403 => leave_alone(30),
            131_049 => leave_alone(1),
            130_472 => leave_alone(7),
            131_050 => {
                contact.wish = Some((self.now, true));
                "opted-out"
            }
            other => panic!("the model's table lacks {other}"),
        };
        self.rejected(cart, Some(reason));
    }

    /// Not taken, later: five attempts at most.
    fn later(&mut self, cart: usize, wait: Millis, attempts: u32) {
        if attempts == 5 {
            self.rejected(cart, None);
        } else {
            self.again_in(cart, wait, None, true);
        }
    }

    fn again_in(
        &mut self,
        cart: usize,
        wait: Millis,
        held_by: Option<&'static str>,
        is_attempt: bool,
    ) {
        let now = self.now;
        let open = self.carts.get_mut(&cart).unwrap().open.as_mut().unwrap();
        open.due = now + wait;
        open.held_by = held_by.or(open.held_by);
        open.attempts -= u32::from(!is_attempt);
    }

    fn rejected(&mut self, cart: usize, reason: Option<&'static str>) {
        let claimed = self.carts[&cart].open.as_ref().unwrap().claimed.unwrap();
        self.decide(cart, "rejected", reason);
        self.close(cart, claimed + DAY);
    }

    /// A day passed, and no status told.
    fn unconfirmed(&mut self, cart: usize) {
        let claimed = self.carts[&cart].open.as_ref().unwrap().claimed.unwrap();
        self.decide(cart, "unconfirmed", None);
        self.close(cart, claimed + DAY);
        // It may have arrived.
        self.carts.get_mut(&cart).unwrap().reminded = Some(claimed);
    }

    /// Meta took the message of an episode, which may be over by now.
    pub(super) fn accepted(&mut self, cart: usize, episode: Millis) {
        let held = self.outcomes.get_mut(&(cart, episode)).unwrap();
        (held.send, held.reason) = (Some("accepted"), None);
        let open = self.carts[&cart].open.as_ref().filter(|open| open.began == episode);
        if let Some(claimed) = open.and_then(|open| open.claimed) {
            self.close(cart, claimed + DAY);
            self.carts.get_mut(&cart).unwrap().reminded = Some(claimed);
        }
    }
}
