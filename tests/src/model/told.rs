//! What each event tells: times cut to milliseconds, identities normalised (R2, R5).

use super::json_text::{items_text, or_null, text};
use crate::history::cast::{NOBODY, SHOPPERS};
use crate::raw_event::{RawEvent, RawItem, millis};

/// All events by kind.
#[derive(Debug, Default)]
pub struct EventsByKind {
    /// `reminder.sent`.
    pub sent: Vec<Sent>,
    /// `reminder.status`.
    pub receipts: Vec<Receipt>,
    /// `reminder.clicked`.
    pub clicks: Vec<Click>,
    /// `order.updated`.
    pub states: Vec<State>,
}

/// A user id, a phone's number and a cart; a placeholder is none (R5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Exact bytes.
    pub user: Option<String>,
    /// Digits, at least 8.
    pub phone: Option<String>,
    /// Lower case, no dashes.
    pub cart: Option<String>,
}

/// A reminder was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Which.
    pub reminder: String,
    /// The digest of that.
    pub reminder_digest: String,
    /// When, in ms.
    pub at: i64,
    /// For which campaign.
    pub campaign: String,
    /// To whom.
    pub names: Names,
    /// The cart, long texts cut.
    pub items: Vec<RawItem>,
    /// The digest of the data's canonical JSON.
    pub digest: String,
}

/// A receipt came.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// For which reminder.
    pub reminder: String,
    /// `delivered`, `read`, `failed`.
    pub status: String,
    /// When, in ms.
    pub at: i64,
}

/// Somebody tapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// On which reminder.
    pub reminder: String,
    /// The tap's id.
    pub id: String,
    /// On a link rather than a quick reply.
    pub link: bool,
    /// On the stop button, which is no click (R4).
    pub stop: bool,
    /// When, in ms.
    pub at: i64,
}

/// A part of an order changed.
#[derive(Debug, Clone)]
pub struct State {
    /// The order.
    pub group: String,
    /// The part.
    pub part: String,
    /// 2 dead, 1 live, 0 incomplete: the greater wins at one instant (R2).
    pub life: u8,
    /// When the part was made, in ms.
    pub created: i64,
    /// When it changed, in ms.
    pub changed: i64,
    /// Who ordered.
    pub names: Names,
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub value: i64,
    /// What was ordered, long texts cut.
    pub items: Vec<RawItem>,
    /// The digest of the data's canonical JSON.
    pub digest: String,
}

impl EventsByKind {
    /// Understands each event by itself.
    pub fn of(events: &[RawEvent], keyed_digest: &dyn Fn(&str) -> String) -> Self {
        let mut told = Self::default();
        for event in events {
            match event {
                RawEvent::Sent(raw) => {
                    let names = names(
                        raw.user_id.as_deref(),
                        raw.phone.as_deref(),
                        Some(&raw.order_form_id),
                    );
                    let items = cut(&raw.checkout_items);
                    let canonical = format!(
                        "{{\"campaignId\":{},\"checkoutItems\":{},\"linkToken\":{},\
                         \"orderFormId\":{},\"phone\":{},\"reminderId\":{},\"userId\":{}}}",
                        text(&raw.campaign_id),
                        items_text(&items),
                        or_null(raw.link_token.as_deref()),
                        or_null(names.cart.as_deref()),
                        or_null(names.phone.as_deref().map(keyed_digest).as_deref()),
                        text(&raw.reminder_id),
                        or_null(names.user.as_deref()),
                    );
                    told.sent.push(Sent {
                        reminder: raw.reminder_id.clone(),
                        reminder_digest: keyed_digest(&format!("reminder#{}", raw.reminder_id)),
                        at: millis(&raw.at),
                        campaign: raw.campaign_id.clone(),
                        names,
                        items,
                        digest: keyed_digest(&canonical),
                    });
                }
                RawEvent::Status(raw) => told.receipts.push(Receipt {
                    reminder: raw.reminder_id.clone(),
                    status: raw.status.clone(),
                    at: millis(&raw.at),
                }),
                RawEvent::Clicked(raw) => told.clicks.push(Click {
                    reminder: raw.reminder_id.clone(),
                    id: raw.click_id.clone(),
                    link: raw.kind == "link",
                    stop: raw.kind == "stop",
                    at: millis(&raw.at),
                }),
                RawEvent::Order(raw) => {
                    let names = names(
                        raw.user_id.as_deref(),
                        raw.phone.as_deref(),
                        raw.order_form_id.as_deref(),
                    );
                    let items = cut(&raw.items);
                    let (created, changed) = (millis(&raw.created_at), millis(&raw.changed_at));
                    let canonical = format!(
                        "{{\"changedAt\":{},\"createdAt\":{},\"currency\":{},\"items\":{},\
                         \"orderFormId\":{},\"orderGroup\":{},\"orderId\":{},\"phone\":{},\
                         \"status\":{},\"userId\":{},\"value\":{}}}",
                        text(&utc(changed)),
                        text(&utc(created)),
                        text(&raw.currency),
                        items_text(&items),
                        or_null(names.cart.as_deref()),
                        text(&raw.order_group),
                        text(&raw.order_id),
                        or_null(names.phone.as_deref().map(keyed_digest).as_deref()),
                        text(&raw.status),
                        or_null(names.user.as_deref()),
                        raw.value,
                    );
                    told.states.push(State {
                        group: raw.order_group.clone(),
                        part: raw.order_id.clone(),
                        life: match raw.status.as_str() {
                            "canceled"
                            | "cancelled"
                            | "cancel"
                            | "replaced"
                            | "payment-denied"
                            | "order-create-error"
                            | "order-creation-error" => 2,
                            "incomplete" | "" => 0,
                            _ => 1,
                        },
                        created,
                        changed,
                        names,
                        currency: raw.currency.clone(),
                        value: raw.value,
                        items,
                        digest: keyed_digest(&canonical),
                    });
                }
            }
        }
        told
    }
}

fn names(user: Option<&str>, phone: Option<&str>, cart: Option<&str>) -> Names {
    let somebody = |text: Option<&str>| text.filter(|_| !NOBODY.contains(&text)).map(str::to_owned);
    let cart = somebody(cart).map(|cart| cart.to_lowercase().replace('-', ""));
    Names {
        user: somebody(user),
        phone: somebody(phone).map(|phone| number(&phone)).filter(|number| !number.is_empty()),
        cart: cart.filter(|cart| !cart.is_empty()),
    }
}

/// Whose phone a text is, is known; a stranger's is written with its country.
fn number(phone: &str) -> String {
    match SHOPPERS.iter().find(|shopper| shopper.phones.contains(&phone)) {
        Some(shopper) => shopper.number.to_owned(),
        None => phone.chars().filter(char::is_ascii_digit).collect(),
    }
}

/// Ids to 100 characters, names to 200.
fn cut(items: &[RawItem]) -> Vec<RawItem> {
    items
        .iter()
        .map(|item| RawItem {
            id: item.id.chars().take(100).collect(),
            name: item.name.chars().take(200).collect(),
            ..*item
        })
        .collect()
}

fn utc(millis: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(millis).unwrap();
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
