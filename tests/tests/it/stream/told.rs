//! Events in few words. Instants are hours after noon (UTC) of 1 November 2026.

use shared::domain::facts::event::{
    ClickKind, Event, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::account::Account;
use shared::domain::values::identity::{Identities, OrderFormId, PhoneDigest, UserId};
use shared::domain::values::ids::{
    CampaignId, ClickId, LinkToken, OrderGroup, OrderId, ReminderDigest, ReminderId,
};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;

use crate::store::functions::phone_key;

pub const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;

pub fn account() -> Account {
    Account::parse("store").unwrap()
}

pub fn at(hours: i64) -> Instant {
    Instant::parse_rfc3339("2026-11-01T12:00:00Z").unwrap().plus(Span::hours(hours))
}

pub fn days(days: i64) -> Instant {
    at(24 * days)
}

pub fn reminder_id(name: &str) -> ReminderId {
    ReminderId::parse(&format!("wamid.{name}")).unwrap()
}

/// The digest that stands for a reminder's id.
pub fn reminder(name: &str) -> ReminderDigest {
    reminder_id(name).digest(&phone_key())
}

pub fn group(name: &str) -> OrderGroup {
    OrderGroup::parse(name).unwrap()
}

/// A token of a link, told apart by `name`.
pub fn token(name: &str) -> LinkToken {
    LinkToken::parse(&format!("{name:_<22}")).unwrap()
}

/// `user:u`, `phone:p`, `cart:c`, several of them separated by blanks.
pub fn who(names: &str) -> Identities {
    let mut identities = Identities::default();
    for (kind, value) in names.split_whitespace().map(|name| name.split_once(':').unwrap()) {
        match kind {
            "user" => identities.user_id = Some(UserId::parse(value).unwrap()),
            "phone" => {
                identities.phone = Some(PhoneDigest::parse(&format!("{value:_<43}")).unwrap());
            }
            "cart" => identities.order_form_id = OrderFormId::optional(value).unwrap(),
            other => panic!("no identity is called {other}"),
        }
    }
    identities
}

pub fn items(name: &str) -> ItemList {
    let item = Item { id: name.to_owned(), name: name.to_owned(), quantity: 1, price: 100 };
    ItemList::new(vec![item])
}

pub fn sent(name: &str, at: Instant, campaign: &str, names: &str) -> Event {
    Event::Sent(ReminderSent {
        reminder_id: reminder_id(name),
        at,
        campaign_id: CampaignId::parse(campaign).unwrap(),
        identities: who(names),
        items: items(campaign),
        link_token: None,
    })
}

pub fn sent_with_link(name: &str, at: Instant, campaign: &str, names: &str) -> Event {
    match sent(name, at, campaign, names) {
        Event::Sent(event) => Event::Sent(ReminderSent { link_token: Some(token(name)), ..event }),
        other => other,
    }
}

fn receipt(name: &str, receipt: Receipt, at: Instant) -> Event {
    Event::Status(ReminderStatus { reminder_id: reminder_id(name), receipt, at })
}

pub fn delivered(name: &str, at: Instant) -> Event {
    receipt(name, Receipt::Delivered, at)
}

pub fn read(name: &str, at: Instant) -> Event {
    receipt(name, Receipt::Read, at)
}

pub fn failed(name: &str, at: Instant) -> Event {
    receipt(name, Receipt::Failed, at)
}

pub fn clicked(name: &str, click: &str, kind: ClickKind, at: Instant) -> Event {
    let click_id = ClickId::parse(click).unwrap();
    Event::Clicked(ReminderClicked { reminder_id: reminder_id(name), click_id, kind, at })
}

pub fn link_clicked(name: &str, click: &str, at: Instant) -> Event {
    clicked(name, click, ClickKind::Link, at)
}

/// The first part of an order, worth 100.00 BRL, live from its creation on.
pub fn ordered(name: &str, created_at: Instant, names: &str) -> Event {
    Event::Order(order_event(name, "01", created_at, names))
}

pub fn order_event(name: &str, part: &str, created_at: Instant, names: &str) -> OrderUpdated {
    OrderUpdated {
        order_group: group(name),
        order_id: OrderId::parse(&format!("{name}-{part}")).unwrap(),
        status: OrderStatus::parse("created").unwrap(),
        created_at,
        changed_at: created_at,
        identities: who(names),
        currency: Currency::parse("BRL").unwrap(),
        value: 10_000,
        items: items(name),
    }
}
