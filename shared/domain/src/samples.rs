//! Facts and events that unit tests start from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::facts::event::{OrderUpdated, ReminderSent};
use crate::facts::order::Order;
use crate::facts::reminder::{Reminder, Sent};
use crate::values::identity::{Identities, PhoneKey};
use crate::values::ids::{CampaignId, OrderGroup, OrderId, ReminderDigest, ReminderId};
use crate::values::instant::Instant;
use crate::values::item::{Item, ItemList};
use crate::values::money::Currency;
use crate::values::order_status::OrderStatus;
use crate::values::phone::CountryCode;

/// An instant from RFC 3339.
pub fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// An instant so many ms after 2026-11-01T12:00:00Z.
pub fn ms(millis: i64) -> Instant {
    Instant::from_millis(1_793_534_400_000 + millis)
}

/// The secret of these samples.
pub fn key() -> PhoneKey {
    PhoneKey::new("secret")
}

/// The digest of a reminder's id.
pub fn digest(id: &str) -> ReminderDigest {
    ReminderId::parse(id).unwrap().digest(&key())
}

/// The details that an event tells, in UTC.
pub fn details(event: &ReminderSent) -> Sent {
    Sent::of(event, event.digest(&key()), chrono_tz::Tz::UTC)
}

/// Identities from what senders of a store in Brazil write; empty texts name nobody.
pub fn identities(user: &str, phone: &str, cart: &str) -> Identities {
    let key = key();
    let phones = key.in_country(CountryCode::BRAZIL);
    Identities::named(Some(user), Some(phone), Some(cart), phones).unwrap()
}

/// A list of one item.
pub fn shirt(price: i64) -> ItemList {
    let item = Item { id: "sku-1".to_owned(), name: "Camiseta".to_owned(), quantity: 1, price };
    ItemList::new(vec![item])
}

/// `reminder.sent` of `r` at `ms(0)` for the cart `c`.
pub fn sent() -> ReminderSent {
    ReminderSent {
        reminder_id: ReminderId::parse("r").unwrap(),
        at: ms(0),
        campaign_id: CampaignId::parse("spring").unwrap(),
        identities: identities("", "", "c"),
        items: shirt(9_990),
        link_token: None,
    }
}

/// The reminder `id` with the details of [`sent`], in UTC.
pub fn reminder(id: &str) -> Reminder {
    let reminder_id = Some(ReminderId::parse(id).unwrap());
    Reminder { sent: Some(details(&sent())), reminder_id, ..Reminder::new(digest(id)) }
}

/// `order.updated` of the part `o-01`: 199.90 BRL, live, made and changed at `ms(0)`, cart `c`.
pub fn updated() -> OrderUpdated {
    OrderUpdated {
        order_group: OrderGroup::parse("o").unwrap(),
        order_id: OrderId::parse("o-01").unwrap(),
        status: OrderStatus::parse("payment-approved").unwrap(),
        created_at: ms(0),
        changed_at: ms(0),
        identities: identities("", "", "c"),
        currency: Currency::parse("BRL").unwrap(),
        value: 19_990,
        items: shirt(9_990),
    }
}

/// [`updated`] of another part.
pub fn part(order_id: &str, status: &str, currency: &str, value: i64) -> OrderUpdated {
    OrderUpdated {
        order_id: OrderId::parse(order_id).unwrap(),
        status: OrderStatus::parse(status).unwrap(),
        currency: Currency::parse(currency).unwrap(),
        value,
        ..updated()
    }
}

/// The order of these events.
pub fn order(events: &[OrderUpdated]) -> Order {
    let mut order = Order::first(&events[0]);
    for event in events {
        order.fold(event, &event.digest(&key())).unwrap();
    }
    order
}
