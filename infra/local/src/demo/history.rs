//! Thirty days of an invented store: the same history for the same end.

use chrono::SecondsFormat;
use fastrand::Rng;
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;

/// Reminders of the demo store.
pub const REMINDERS: usize = 2_000;
/// Days that they are spread over.
pub const DAYS: i64 = 30;
/// People who get them; some get several.
const SHOPPERS: usize = 1_300;
/// One fixed seed: everybody sees the same store.
const SEED: u64 = 2_026;

/// What happens to the demo store, in the shape of the endpoint that takes it.
#[derive(Debug, Clone)]
pub enum DemoEvent {
    /// A `CloudEvent` for `POST /events/{account}`.
    Cloud(Value),
    /// An entry of `statuses` for `POST /webhooks/whatsapp`.
    Status(Value),
    /// An entry of `messages` for `POST /webhooks/whatsapp`.
    Tap(Value),
}

/// A demo campaign.
#[derive(Debug, Clone, Copy)]
pub struct DemoCampaign {
    /// Its name.
    pub name: &'static str,
    /// Its language.
    pub language: &'static str,
    /// Its message type.
    pub message_type: &'static str,
    /// How many in a hundred of those who read also click.
    pub(super) clicks: u32,
}

/// The three campaigns.
pub const CAMPAIGNS: [DemoCampaign; 3] = [
    DemoCampaign {
        name: "Carrinho abandonado",
        language: "pt-BR",
        message_type: "image",
        clicks: 34,
    },
    DemoCampaign {
        name: "Cupom de primeira compra",
        language: "pt-BR",
        message_type: "coupon",
        clicks: 46,
    },
    DemoCampaign { name: "Carrito olvidado", language: "es", message_type: "text", clicks: 24 },
];

/// Products: id, name, price in cents.
pub(super) const PRODUCTS: [(&str, &str, i64); 8] = [
    ("101", "Camiseta básica de algodão", 5_990),
    ("102", "Calça jeans reta", 18_990),
    ("103", "Tênis de corrida \"Brisa\"", 34_990),
    ("104", "Mochila 20 L; preta", 22_900),
    ("105", "Garrafa térmica, 500 ml", 8_990),
    ("106", "Óculos de sol", 15_900),
    ("107", "Meia esportiva (3 pares)", 3_990),
    ("108", "Jaqueta corta-vento", 27_990),
];

/// The history that ends at `now`, with the ids that the campaigns were given.
#[must_use]
pub fn history(now: Instant, campaign_ids: &[String; 3]) -> Vec<DemoEvent> {
    let mut story = DemoStory { rng: Rng::with_seed(SEED), now, events: Vec::new() };
    for number in 0..REMINDERS {
        story.reminder(number, campaign_ids);
    }
    story.events
}

struct DemoStory {
    rng: Rng,
    now: Instant,
    events: Vec<DemoEvent>,
}

/// Someone who may get a reminder.
struct DemoShopper {
    user_id: Option<String>,
    phone: String,
}

impl DemoShopper {
    fn number(number: usize) -> Self {
        // One in five is a guest, known by the phone alone.
        let user_id = (!number.is_multiple_of(5)).then(|| format!("shopper-{number:04}"));
        Self { user_id, phone: format!("+55 11 5550-{number:04}") }
    }
}

impl DemoStory {
    fn percent(&mut self, chance: u32) -> bool {
        self.rng.u32(0..100) < chance
    }

    /// An instant within `most` after `from`, mostly early; none when it is still to come.
    fn within(&mut self, from: Instant, most: Span) -> Option<Instant> {
        let share = self.rng.f64() * self.rng.f64();
        #[expect(clippy::cast_possible_truncation, reason = "spans of weeks in ms fit a f64")]
        #[expect(clippy::cast_precision_loss, reason = "spans of weeks in ms fit a f64")]
        let at = from.plus(Span::millis(1_000 + (most.as_millis() as f64 * share) as i64));
        (at <= self.now).then_some(at)
    }

    fn reminder(&mut self, number: usize, campaign_ids: &[String; 3]) {
        let campaign = match self.rng.u32(0..10) {
            0..6 => 0,
            6..8 => 1,
            _ => 2,
        };
        let (Some(details), Some(campaign_id)) =
            (CAMPAIGNS.get(campaign), campaign_ids.get(campaign))
        else {
            return;
        };
        let back = self.rng.i64(60_000..Span::days(DAYS).as_millis());
        let sent_at = self.now.minus(Span::millis(back));
        let shopper = DemoShopper::number(self.rng.usize(0..SHOPPERS));
        let reminder_id = format!("wamid.HBgDEMO{number:05}==");
        let cart = format!("{:032x}", self.rng.u128(..));
        let items = self.items();
        self.events.push(DemoEvent::Cloud(cloud_event(
            "reminder.sent",
            sent_at,
            &reminder_id,
            json!({
                "reminderId": reminder_id, "campaignId": campaign_id, "userId": shopper.user_id,
                "phone": shopper.phone, "orderFormId": cart, "checkoutItems": items,
            }),
        )));
        let Some(delivered_at) = self.receipts(&reminder_id, &shopper, sent_at) else {
            // Some come back to the shop all the same.
            if self.percent(4) {
                self.order(number, sent_at, &shopper, &cart, &items);
            }
            return;
        };
        let clicked_at = self.clicks(&reminder_id, &shopper, delivered_at, details.clicks);
        let (chance, from) = clicked_at.map_or((11, delivered_at), |click| (38, click));
        if self.percent(chance) {
            self.order(number, from, &shopper, &cart, &items);
        }
    }

    /// Receipts of a reminder; when it was delivered.
    fn receipts(&mut self, id: &str, shopper: &DemoShopper, sent_at: Instant) -> Option<Instant> {
        if self.percent(5) {
            let failed_at = self.within(sent_at, Span::hours(1))?;
            self.events.push(status(id, shopper, "failed", failed_at));
            return None;
        }
        let delivered_at = self.within(sent_at, Span::hours(6))?;
        let read_at =
            if self.percent(72) { self.within(delivered_at, Span::hours(20)) } else { None };
        // WhatsApp leaves `delivered` out when a message is read at once.
        if read_at.is_none() || self.percent(92) {
            self.events.push(status(id, shopper, "delivered", delivered_at));
        }
        if let Some(read_at) = read_at {
            self.events.push(status(id, shopper, "read", read_at));
            return Some(delivered_at);
        }
        self.percent(60).then_some(delivered_at)
    }

    /// Clicks on a reminder; the last one on its link.
    fn clicks(
        &mut self,
        id: &str,
        shopper: &DemoShopper,
        from: Instant,
        chance: u32,
    ) -> Option<Instant> {
        if !self.percent(chance) {
            return None;
        }
        let mut last = None;
        for tap in 0..self.rng.u32(1..4) {
            let at = self.within(last.unwrap_or(from), Span::hours(30))?;
            if self.percent(15) {
                self.events.push(reply(id, shopper, tap, at));
                continue;
            }
            let click_id = format!("{id}.click-{tap}");
            let data = json!({"reminderId": id, "clickId": click_id, "kind": "link"});
            self.events.push(DemoEvent::Cloud(cloud_event(
                "reminder.clicked",
                at,
                &click_id,
                data,
            )));
            last = Some(at);
        }
        last
    }

    fn items(&mut self) -> Value {
        let count = self.rng.usize(1..4);
        let items = self.rng.choose_multiple(PRODUCTS, count);
        let items = items.into_iter().map(|(id, name, price)| {
            json!({"id": id, "name": name, "quantity": self.rng.u32(1..3), "price": price})
        });
        Value::Array(items.collect())
    }

    /// An order with all its states so far: one in ten is split, one in eight is canceled, one in
    /// twelve is paid in dollars.
    fn order(
        &mut self,
        number: usize,
        from: Instant,
        shopper: &DemoShopper,
        cart: &str,
        items: &Value,
    ) {
        let Some(created_at) = self.within(from, Span::days(5)) else { return };
        let group = format!("15{number:08}");
        let currency = if self.percent(8) { "USD" } else { "BRL" };
        let canceled = self.percent(12);
        let parts = if self.percent(10) { 2 } else { 1 };
        // Guests log in to pay: the order names them by phone, or by the cart alone.
        let phone = self.percent(80).then(|| shopper.phone.clone());
        let cart = self.percent(70).then_some(cart);
        for part in 1..=parts {
            let bought = if parts == 1 && self.percent(75) { items.clone() } else { self.items() };
            let value = total(&bought) + 1_500;
            let last = if canceled { "canceled" } else { "invoiced" };
            let mut changed_at = created_at;
            for state in ["payment-pending", "payment-approved", "handling", last] {
                let order_id = format!("{group}-{part:02}");
                let id = format!("{order_id}.{state}");
                let data = json!({
                    "orderGroup": group, "orderId": order_id, "status": state,
                    "createdAt": text(created_at), "changedAt": text(changed_at),
                    "userId": shopper.user_id, "phone": phone, "orderFormId": cart,
                    "currency": currency, "value": value, "items": bought,
                });
                self.events.push(DemoEvent::Cloud(cloud_event(
                    "order.updated",
                    changed_at,
                    &id,
                    data,
                )));
                let Some(next) = self.within(changed_at, Span::days(2)) else { break };
                changed_at = next;
            }
        }
    }
}

pub(super) fn total(items: &Value) -> i64 {
    let number =
        |item: &Value, key: &str| item.get(key).and_then(Value::as_i64).unwrap_or_default();
    items.as_array().into_iter().flatten().map(|i| number(i, "price") * number(i, "quantity")).sum()
}

pub(super) fn text(at: Instant) -> String {
    at.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[expect(clippy::needless_pass_by_value, reason = "each caller makes the data for this event")]
pub(super) fn cloud_event(kind: &str, at: Instant, id: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": format!("{kind}:{id}"), "source": "/demo-store", "type": kind,
        "time": text(at), "datacontenttype": "application/json", "data": data,
    })
}

pub(super) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn status(id: &str, shopper: &DemoShopper, status: &str, at: Instant) -> DemoEvent {
    DemoEvent::Status(json!({
        "id": id, "status": status, "timestamp": at.seconds().to_string(),
        "recipient_id": digits(&shopper.phone),
    }))
}

fn reply(id: &str, shopper: &DemoShopper, tap: u32, at: Instant) -> DemoEvent {
    DemoEvent::Tap(json!({
        "from": digits(&shopper.phone), "id": format!("{id}.tap-{tap}"),
        "timestamp": at.seconds().to_string(), "type": "button",
        "button": {"payload": "back-to-cart", "text": "Voltar ao carrinho"}, "context": {"id": id},
    }))
}
