//! The four events as their senders write them: texts as they came, nothing normalised, nothing
//! checked.

use chrono::DateTime;
use serde_json::{Value, json};
use shared::domain::facts::event::{
    ClickKind, Event, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::identity::{Identities, OrderFormId, Phone, PhoneKey, UserId};
use shared::domain::values::ids::{
    CampaignId, ClickId, LinkToken, OrderGroup, OrderId, ReminderId,
};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;

/// One event as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawEvent {
    /// `reminder.sent`.
    Sent(RawSent),
    /// `reminder.status`.
    Status(RawStatus),
    /// `reminder.clicked`.
    Clicked(RawClicked),
    /// `order.updated`.
    Order(RawOrder),
}

/// `reminder.sent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawSent {
    /// The message's id.
    pub reminder_id: String,
    /// RFC 3339 with any offset and number of digits.
    pub at: String,
    /// The campaign.
    pub campaign_id: String,
    /// The store's user id; empty is none.
    pub user_id: Option<String>,
    /// The phone number in any notation.
    pub phone: Option<String>,
    /// The cart, with or without dashes, in either case; empty is none.
    pub order_form_id: String,
    /// The cart's items.
    pub checkout_items: Vec<RawItem>,
    /// The tracked link in the message.
    pub link_token: Option<String>,
}

/// `reminder.status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawStatus {
    /// The reminder.
    pub reminder_id: String,
    /// `delivered`, `read` or `failed`.
    pub status: String,
    /// RFC 3339.
    pub at: String,
}

/// `reminder.clicked`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawClicked {
    /// The reminder.
    pub reminder_id: String,
    /// The click.
    pub click_id: String,
    /// `link` or `reply`; or `stop`, which only `WhatsApp` tells of.
    pub kind: String,
    /// RFC 3339.
    pub at: String,
}

/// `order.updated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawOrder {
    /// The purchase.
    pub order_group: String,
    /// The part.
    pub order_id: String,
    /// The part's state.
    pub status: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub changed_at: String,
    /// The store's user id; empty is none.
    pub user_id: Option<String>,
    /// The phone number in any notation.
    pub phone: Option<String>,
    /// The cart, in any notation; empty is none.
    pub order_form_id: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub value: i64,
    /// The part's items.
    pub items: Vec<RawItem>,
}

/// One line of a cart or an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// The store's id of it, of any length.
    pub id: String,
    /// Its name, of any length.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Minor units for each.
    pub price: i64,
}

impl RawEvent {
    /// The event as the system's domain takes it. Every raw event of a history is valid.
    #[must_use]
    pub fn to_domain(&self, key: &PhoneKey) -> Event {
        match self {
            Self::Sent(sent) => Event::Sent(ReminderSent {
                reminder_id: ReminderId::parse(&sent.reminder_id).unwrap(),
                at: Instant::parse_rfc3339(&sent.at).unwrap(),
                campaign_id: CampaignId::parse(&sent.campaign_id).unwrap(),
                identities: identities(
                    sent.user_id.as_deref(),
                    sent.phone.as_deref(),
                    Some(&sent.order_form_id),
                    key,
                ),
                items: item_list(&sent.checkout_items),
                link_token: sent.link_token.as_deref().map(|t| LinkToken::parse(t).unwrap()),
            }),
            Self::Status(status) => Event::Status(ReminderStatus {
                reminder_id: ReminderId::parse(&status.reminder_id).unwrap(),
                receipt: match status.status.as_str() {
                    "delivered" => Receipt::Delivered,
                    "read" => Receipt::Read,
                    "failed" => Receipt::Failed,
                    other => panic!("no receipt: {other}"),
                },
                at: Instant::parse_rfc3339(&status.at).unwrap(),
            }),
            Self::Clicked(click) => Event::Clicked(ReminderClicked {
                reminder_id: ReminderId::parse(&click.reminder_id).unwrap(),
                click_id: ClickId::parse(&click.click_id).unwrap(),
                kind: match click.kind.as_str() {
                    "link" => ClickKind::Link,
                    "reply" => ClickKind::Reply,
                    "stop" => ClickKind::OptOut,
                    other => panic!("no kind of click: {other}"),
                },
                at: Instant::parse_rfc3339(&click.at).unwrap(),
            }),
            Self::Order(order) => Event::Order(OrderUpdated {
                order_group: OrderGroup::parse(&order.order_group).unwrap(),
                order_id: OrderId::parse(&order.order_id).unwrap(),
                status: OrderStatus::parse(&order.status).unwrap(),
                created_at: Instant::parse_rfc3339(&order.created_at).unwrap(),
                changed_at: Instant::parse_rfc3339(&order.changed_at).unwrap(),
                identities: identities(
                    order.user_id.as_deref(),
                    order.phone.as_deref(),
                    order.order_form_id.as_deref(),
                    key,
                ),
                currency: Currency::parse(&order.currency).unwrap(),
                value: order.value,
                items: item_list(&order.items),
            }),
        }
    }

    /// The event as structured-mode `CloudEvents` JSON.
    #[must_use]
    pub fn to_cloud_event(&self, id: &str) -> Value {
        let (kind, time, data) = match self {
            Self::Sent(sent) => ("reminder.sent", &sent.at, sent.data()),
            Self::Status(status) => ("reminder.status", &status.at, status.data()),
            Self::Clicked(click) => ("reminder.clicked", &click.at, click.data()),
            Self::Order(order) => ("order.updated", &order.changed_at, order.data()),
        };
        json!({
            "specversion": "1.0",
            "id": id,
            "source": "https://sender.example/tests",
            "type": kind,
            "time": time,
            "datacontenttype": "application/json",
            "data": data,
        })
    }

    /// The latest instant that the event names, in ms: a clock must be there to admit it.
    #[must_use]
    pub fn latest_millis(&self) -> i64 {
        match self {
            Self::Sent(sent) => millis(&sent.at),
            Self::Status(status) => millis(&status.at),
            Self::Clicked(click) => millis(&click.at),
            Self::Order(order) => millis(&order.created_at).max(millis(&order.changed_at)),
        }
    }
}

/// RFC 3339 as milliseconds, cut.
#[must_use]
pub fn millis(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

impl RawSent {
    fn data(&self) -> Value {
        let mut data = json!({
            "reminderId": self.reminder_id,
            "campaignId": self.campaign_id,
            "orderFormId": self.order_form_id,
            "checkoutItems": items_json(&self.checkout_items),
        });
        put(&mut data, "userId", self.user_id.as_deref());
        put(&mut data, "phone", self.phone.as_deref());
        put(&mut data, "linkToken", self.link_token.as_deref());
        data
    }
}

impl RawStatus {
    fn data(&self) -> Value {
        json!({"reminderId": self.reminder_id, "status": self.status})
    }
}

impl RawClicked {
    fn data(&self) -> Value {
        json!({"reminderId": self.reminder_id, "clickId": self.click_id, "kind": self.kind})
    }
}

impl RawOrder {
    fn data(&self) -> Value {
        let mut data = json!({
            "orderGroup": self.order_group,
            "orderId": self.order_id,
            "status": self.status,
            "createdAt": self.created_at,
            "changedAt": self.changed_at,
            "currency": self.currency,
            "value": self.value,
            "items": items_json(&self.items),
        });
        put(&mut data, "userId", self.user_id.as_deref());
        put(&mut data, "phone", self.phone.as_deref());
        put(&mut data, "orderFormId", self.order_form_id.as_deref());
        data
    }
}

/// Absent rather than null: that is how optional fields are left out.
fn put(data: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        data[name] = json!(text);
    }
}

fn items_json(items: &[RawItem]) -> Value {
    items
        .iter()
        .map(|item| {
            json!({
                "id": item.id, "name": item.name, "quantity": item.quantity, "price": item.price,
            })
        })
        .collect()
}

fn identities(
    user_id: Option<&str>,
    phone: Option<&str>,
    order_form_id: Option<&str>,
    key: &PhoneKey,
) -> Identities {
    Identities {
        user_id: user_id.and_then(|text| UserId::optional(text).unwrap()),
        phone: phone.and_then(Phone::digits_of).map(|phone| key.digest(&phone)),
        order_form_id: order_form_id.and_then(|text| OrderFormId::optional(text).unwrap()),
    }
}

fn item_list(items: &[RawItem]) -> ItemList {
    let items = items.iter().map(|item| Item {
        id: item.id.clone(),
        name: item.name.clone(),
        quantity: item.quantity,
        price: item.price,
    });
    ItemList::new(items.collect())
}
