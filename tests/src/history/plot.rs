//! What the events of one history have in common, and the events themselves.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::Setting;
use super::cast::{
    CAMPAIGNS, CLICKS, CURRENCIES, ITEM_LISTS, NOBODY, ORDERS, PARTS, REMINDERS, SHOPPERS,
    STATUSES, VALUES, items,
};
use super::draw::Draw;
use super::instants::{
    AFTER_SENT, BEFORE_ORDER, CHANGED, CREATED, ORDER, SENT, SENT_AGAIN, written,
};
use super::places::{ZonedDays, start};
use crate::raw_event::{RawClicked, RawEvent, RawOrder, RawSent, RawStatus};

/// The usual details of every reminder and order; single events stray from them.
pub struct Plot {
    pub zone: Tz,
    pub anchor: NaiveDate,
    setting: Setting,
    reminders: Vec<Reminder>,
    orders: Vec<Order>,
}

struct Reminder {
    sent: i64,
    shopper: usize,
    campaign: usize,
    named: Named,
}

struct Order {
    created: i64,
    shopper: usize,
    currency: &'static str,
}

/// Which identities an event carries.
#[derive(Clone, Copy)]
struct Named {
    user: bool,
    phone: bool,
    cart: Cart,
}

#[derive(Clone, Copy)]
enum Cart {
    Own,
    /// That of the next shopper: a shared one.
    Shared,
    None,
}

const fn named(user: bool, phone: bool, cart: Cart) -> Named {
    Named { user, phone, cart }
}

/// Guests and customers, some of whom no identity ties to anything.
const NAMED: [Named; 10] = [
    named(false, false, Cart::Own),
    named(false, true, Cart::Own),
    named(true, false, Cart::Own),
    named(true, true, Cart::Own),
    named(false, true, Cart::None),
    named(true, false, Cart::None),
    named(false, true, Cart::Own),
    named(true, false, Cart::Shared),
    named(false, true, Cart::Shared),
    named(false, false, Cart::None),
];

/// Which reminder, order and shopper: the first ones more often, so that more meets.
const REMINDER: [usize; 12] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5];
const PURCHASE: [usize; 7] = [0, 0, 0, 1, 1, 2, 3];
const SHOPPER: [usize; 8] = [0, 0, 0, 0, 1, 1, 2, 3];

impl Plot {
    pub fn new(draw: &mut Draw<'_>, places: &[ZonedDays], setting: Setting) -> Self {
        let place = &places[draw.index(places.len())];
        let anchor = place.days[draw.index(place.days.len())];
        let start = start(place.zone, anchor);
        let reminders: Vec<Reminder> = REMINDERS
            .iter()
            .map(|_| Reminder {
                sent: start + draw.pick(&SENT),
                shopper: draw.pick(&SHOPPER),
                // Never the last campaign.
                campaign: draw.index(CAMPAIGNS.len() - 1),
                named: draw.pick(&NAMED),
            })
            .collect();
        let orders = ORDERS
            .iter()
            .map(|_| {
                let before = &reminders[draw.pick(&REMINDER)];
                Order {
                    created: before.sent + draw.pick(&ORDER),
                    shopper: if draw.byte() < 192 { before.shopper } else { draw.pick(&SHOPPER) },
                    currency: draw.pick(&CURRENCIES),
                }
            })
            .collect();
        Self { zone: place.zone, anchor, setting, reminders, orders }
    }

    /// One event. `draw` holds enough bytes for any kind.
    pub fn event(&self, draw: &mut Draw<'_>) -> RawEvent {
        match draw.index(12) {
            0..3 => RawEvent::Sent(self.sent(draw)),
            3..7 => RawEvent::Status(self.status(draw)),
            7..9 => RawEvent::Clicked(self.clicked(draw)),
            _ => RawEvent::Order(self.order(draw)),
        }
    }

    fn sent(&self, draw: &mut Draw<'_>) -> RawSent {
        let index = draw.pick(&REMINDER);
        let reminder = &self.reminders[index];
        let at = written(reminder.sent + draw.pick(&SENT_AGAIN), draw);
        let campaign = if strays(draw) { 1 - reminder.campaign } else { reminder.campaign };
        let shopper = stray(draw, reminder.shopper, SHOPPERS.len());
        let named = if strays(draw) { draw.pick(&NAMED) } else { reminder.named };
        let (user_id, phone, cart) = identities(named, shopper, draw);
        let mut sent = RawSent {
            reminder_id: REMINDERS[index].to_owned(),
            at,
            campaign_id: CAMPAIGNS[campaign].to_owned(),
            user_id,
            phone,
            order_form_id: cart.unwrap_or_default(),
            checkout_items: items(draw.index(ITEM_LISTS)),
            link_token: None,
        };
        let names_none = sent.user_id.as_ref().is_none_or(String::is_empty)
            && sent
                .phone
                .as_ref()
                .is_none_or(|p| p.is_empty() || SHOPPERS[3].phones.contains(&&**p))
            && sent.order_form_id.replace('-', "").is_empty();
        if names_none && !self.setting.nameless {
            SHOPPERS[0].carts[0].clone_into(&mut sent.order_form_id);
        }
        sent
    }

    fn status(&self, draw: &mut Draw<'_>) -> RawStatus {
        let index = draw.pick(&REMINDER);
        RawStatus {
            reminder_id: REMINDERS[index].to_owned(),
            status: draw.pick(&["delivered", "delivered", "read", "failed"]).to_owned(),
            at: self.seen(index, draw),
        }
    }

    fn clicked(&self, draw: &mut Draw<'_>) -> RawClicked {
        let kinds: &[&str] =
            if self.setting.opt_outs { &["link", "reply", "stop"] } else { &["link", "reply"] };
        let index = draw.pick(&REMINDER);
        RawClicked {
            reminder_id: REMINDERS[index].to_owned(),
            click_id: draw.pick(&CLICKS).to_owned(),
            kind: draw.pick(kinds).to_owned(),
            at: self.seen(index, draw),
        }
    }

    /// When something happened to a reminder: near its sending, or at a telling distance from
    /// an order.
    fn seen(&self, reminder: usize, draw: &mut Draw<'_>) -> String {
        let at = if draw.byte() < 128 {
            self.reminders[reminder].sent + draw.pick(&AFTER_SENT)
        } else {
            self.orders[draw.pick(&PURCHASE)].created + draw.pick(&BEFORE_ORDER)
        };
        written(at, draw)
    }

    fn order(&self, draw: &mut Draw<'_>) -> RawOrder {
        let index = draw.pick(&PURCHASE);
        let order = &self.orders[index];
        let created_at = written(order.created + draw.pick(&CREATED), draw);
        let changed_at = written(order.created + draw.pick(&CHANGED), draw);
        let shopper = stray(draw, order.shopper, SHOPPERS.len());
        let (user_id, phone, order_form_id) = identities(draw.pick(&NAMED), shopper, draw);
        RawOrder {
            order_group: ORDERS[index].to_owned(),
            order_id: format!("{}-{}", ORDERS[index], draw.pick(&PARTS)),
            status: draw.pick(&STATUSES).to_owned(),
            created_at,
            changed_at,
            user_id,
            phone,
            order_form_id,
            currency: if strays(draw) { draw.pick(&CURRENCIES) } else { order.currency }.to_owned(),
            value: draw.pick(&VALUES),
            items: items(draw.index(ITEM_LISTS)),
        }
    }
}

/// Whether an event differs from what is usual for its subject: one in eight.
fn strays(draw: &mut Draw<'_>) -> bool {
    draw.byte() >= 224
}

fn stray(draw: &mut Draw<'_>, usual: usize, count: usize) -> usize {
    if strays(draw) { (usual + 1) % count } else { usual }
}

fn identities(
    named: Named,
    shopper: usize,
    draw: &mut Draw<'_>,
) -> (Option<String>, Option<String>, Option<String>) {
    let own = &SHOPPERS[shopper];
    let notation = draw.index(3);
    let nobody = draw.pick(&NOBODY);
    let cart = match named.cart {
        Cart::Own => Some(own.carts[notation]),
        Cart::Shared => Some(SHOPPERS[(shopper + 1) % SHOPPERS.len()].carts[notation]),
        Cart::None => nobody,
    };
    let user = if named.user { Some(own.user) } else { nobody };
    let phone = if named.phone { Some(own.phones[notation]) } else { nobody };
    let text = |text: Option<&str>| text.map(str::to_owned);
    (text(user), text(phone), text(cart))
}
