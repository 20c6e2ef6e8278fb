//! R15, step by step.

use super::hours::{is_open, opening};
use super::{Cart, CartModel, DAY, HOUR, MINUTE, Open, Template, digits};
use crate::raw_cart::{Buyer, Millis, RawCampaign};

/// What the gate says.
pub(super) enum Gate {
    /// A message of this campaign may be claimed, to this number.
    Opens(&'static str, String),
    /// The shopper was active since.
    Active(Millis),
    /// Try again then.
    Defers(&'static str, Millis),
    /// Never.
    Ends(&'static str),
}

/// What it says, and what was found on the way.
pub(super) struct Judged {
    pub(super) gate: Gate,
    /// The campaign that was found.
    pub(super) campaign: Option<&'static str>,
    /// Whether the store told the cart.
    pub(super) read: bool,
}

impl CartModel<'_> {
    /// Judges a waiting cart.
    pub(super) fn judge(&self, number: usize, may_send: bool, probes: bool) -> Judged {
        let cart = &self.carts[&number];
        let open = cart.open.as_ref().unwrap();
        let campaigns = self.candidates(number, open);
        if let Some(gate) = self.before_reading(number, cart, open, &campaigns, probes) {
            return Judged { gate, campaign: None, read: false };
        }
        let delays = campaigns.iter().map(|campaign| campaign.delay);
        let first_due = open.active + delays.min().unwrap_or(60) * MINUTE;
        if !self.store_answers {
            let gate = self.again("store-unreachable", first_due);
            return Judged { gate, campaign: None, read: false };
        }
        if cart.form.is_none() {
            return Judged { gate: Gate::Ends("cart-gone"), campaign: None, read: false };
        }
        let language = self.language(cart);
        let mut of_language: Vec<&RawCampaign> =
            campaigns.into_iter().filter(|campaign| campaign.language == language).collect();
        let none = of_language.is_empty();
        of_language.retain(|campaign| campaign.active);
        let paused = of_language.is_empty();
        of_language.retain(|campaign| open.payment || !campaign.payment);
        let chosen = of_language.into_iter().min_by_key(|campaign| (campaign.rank, campaign.id));
        let gate = match chosen {
            Some(campaign) => self.of_campaign(number, cart, open, campaign, may_send),
            None if !cart.form.as_ref().unwrap().filled => Gate::Ends("cart-empty"),
            None if none => Gate::Ends("no-campaign"),
            None if paused => self.again("campaign-paused", first_due),
            None => Gate::Ends("payment-not-reached"),
        };
        Judged { gate, campaign: chosen.map(|campaign| campaign.id), read: true }
    }

    /// The campaigns that may remind of it: an attempt again keeps its own (R14).
    fn candidates(&self, number: usize, open: &Open) -> Vec<&RawCampaign> {
        let own = open.claimed.and(self.outcomes.get(&(number, open.began)));
        let own = own.and_then(|decided| decided.campaign);
        self.campaigns
            .values()
            .filter(|campaign| own.is_none_or(|own| campaign.id == own))
            .collect()
    }

    /// R13: expired, judged first.
    fn is_expired(&self, due: Millis) -> bool {
        self.now > due + 48 * HOUR
            && self.now > opening(&self.hours, due, self.given.zone) + 2 * HOUR
    }

    /// Again in 15 minutes, hourly after the first hour.
    fn again(&self, reason: &'static str, due: Millis) -> Gate {
        let span = if self.now - due < HOUR { 15 * MINUTE } else { HOUR };
        Gate::Defers(reason, self.now + span)
    }

    /// What is judged by our own table alone.
    fn before_reading(
        &self,
        number: usize,
        cart: &Cart,
        open: &Open,
        campaigns: &[&RawCampaign],
        probes: bool,
    ) -> Option<Gate> {
        let delays = || campaigns.iter().map(|campaign| campaign.delay);
        let due = open.active + delays().min().unwrap_or(60) * MINUTE;
        let last_due = open.active + delays().max().unwrap_or(60) * MINUTE;
        if self.is_expired(last_due) {
            return Some(Gate::Ends("expired"));
        }
        if self.now < due {
            return Some(Gate::Active(due));
        }
        if !self.sends {
            return Some(self.again("sending-disabled", due));
        }
        if self.blocked.is_some() && !probes {
            return Some(self.again("account-blocked", due));
        }
        if cart.reminded.is_some_and(|at| self.now - at < 15 * DAY) {
            return Some(Gate::Ends("already-reminded"));
        }
        let bought = self.live_orders().any(|order| {
            matches!(order.of, Buyer::Cart(cart) if cart == number)
                && order.created >= open.began - 24 * HOUR
        });
        if bought {
            return Some(Gate::Ends("purchased"));
        }
        if !is_open(&self.hours, self.now, self.given.zone) {
            let opening = opening(&self.hours, self.now, self.given.zone);
            let minute = i64::try_from((self.given.spread)(number) % 20).unwrap();
            return Some(Gate::Defers("quiet-hours", opening + minute * MINUTE));
        }
        None
    }

    fn language(&self, cart: &Cart) -> &'static str {
        let form = cart.form.as_ref().unwrap();
        let said = Self::said(cart).map(|(_, language, _)| language);
        match form.locale {
            "pt-BR" => "pt-BR",
            "es-AR" => "es",
            "en-US" => "en-US",
            _ => said.unwrap_or(self.given.language),
        }
    }

    /// What its backend said of the shopper.
    fn said(cart: &Cart) -> Option<(&'static str, &'static str, bool)> {
        cart.said.map(|(_, said)| said)
    }

    /// The phone as it stands somewhere. What a backend says of a person is kept for seven days.
    fn phone(&self, cart: &Cart) -> Option<&'static str> {
        let said = cart.said.filter(|(at, _)| self.now - at <= 7 * DAY).map(|(_, said)| said.0);
        cart.form.as_ref().unwrap().phone.or(said)
    }

    /// The steps for which its campaign is known.
    fn of_campaign(
        &self,
        number: usize,
        cart: &Cart,
        open: &Open,
        campaign: &RawCampaign,
        may_send: bool,
    ) -> Gate {
        let form = cart.form.as_ref().unwrap();
        let due = open.active + campaign.delay * MINUTE;
        if self.is_expired(due) {
            return Gate::Ends("expired");
        }
        if self.now < due {
            return Gate::Active(due);
        }
        if !form.filled {
            return Gate::Ends("cart-empty");
        }
        match self.seen(campaign.language).0 {
            "APPROVED" => {}
            "REJECTED" => return Gate::Ends("template-rejected"),
            "DISABLED" => return Gate::Ends("template-disabled"),
            "PENDING" => return self.again("template-pending", due),
            "PAUSED" => return self.again("template-paused", due),
            _ => return self.again("template-missing", due),
        }
        let phone = self.phone(cart);
        let sound = phone.filter(|phone| !phone.contains('*') && digits(phone).len() >= 8);
        let to = sound.filter(|phone| !phone.starts_with("+1")).map(digits);
        if self.person_bought(open, form.user, to.as_deref()) {
            return Gate::Ends("purchased");
        }
        let Some(phone) = phone else { return Gate::Ends("no-phone") };
        if phone.contains('*') {
            return Gate::Ends("phone-masked");
        }
        if sound.is_none() {
            return Gate::Ends("phone-invalid");
        }
        let Some(to) = to else { return Gate::Ends("country-unsupported") };
        if !Self::said(cart).map_or(form.agreed, |(_, _, granted)| granted) {
            return Gate::Ends("no-consent");
        }
        let contact = self.contacts.get(&to).cloned().unwrap_or_default();
        if contact.wish.is_some_and(|(_, out)| out) {
            return Gate::Ends("opted-out");
        }
        if self.now < contact.left_alone_until {
            return Gate::Ends("suppressed");
        }
        if let Some(minimum) = campaign.minimum {
            if form.currency != "BRL" {
                return Gate::Ends("currency-unlisted");
            }
            if form.cents < minimum {
                return Gate::Ends("below-minimum");
            }
        }
        if self.cools_down(&to, number, open.began) {
            return Gate::Ends("cooldown");
        }
        if !may_send {
            return Gate::Defers("messaging-limit", self.now + HOUR);
        }
        Gate::Opens(campaign.id, to)
    }

    /// Whether a message was claimed for this contact a short while ago, for another episode.
    pub(super) fn cools_down(&self, to: &str, cart: usize, episode: Millis) -> bool {
        let claimed = self.contacts.get(to).and_then(|contact| contact.claimed);
        claimed.is_some_and(|(at, of, began)| {
            (of, began) != (cart, episode) && self.now - at < self.given.cooldown_hours * HOUR
        })
    }

    /// A live order that shares the user or the phone, from an hour before the episode on.
    fn person_bought(&self, open: &Open, user: &str, phone: Option<&str>) -> bool {
        self.live_orders().any(|order| {
            let theirs = match order.of {
                Buyer::Cart(_) => false,
                Buyer::User(of) => of == user,
                Buyer::Phone(of) => phone == Some(digits(of).as_str()),
            };
            theirs && order.created >= open.began - HOUR
        })
    }

    /// The state of a language's template, and whether a message tries it.
    pub(super) fn seen(&self, language: &str) -> (&'static str, bool) {
        let held = self.templates.get(language);
        let Some(Template { state, shown }) = held.copied() else { return ("", false) };
        if shown.is_some_and(|at| self.now - at >= 15 * MINUTE) {
            ("APPROVED", true)
        } else {
            (state, false)
        }
    }
}
