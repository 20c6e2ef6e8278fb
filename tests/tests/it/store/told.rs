//! What senders send, word for word.

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;

use super::{CAMPAIGN, PHONE_NUMBER_ID};

pub(crate) const WAMID: &str = "wamid.HBgNNTU2MTk5OTk5MDAwMRUCABEYEjA/+=";
/// A phone number that no log may hold.
pub(crate) const PHONE: &str = "+55 61 99999-0001";

/// A webhook with one change.
pub(crate) fn webhook(value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}]})
}

/// The value of a change of the store's phone number.
pub(crate) fn value(statuses: &[Value], messages: &[Value]) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE_NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana Souza"}, "wa_id": "5561999990001"}],
        "statuses": statuses,
        "messages": messages,
    })
}

pub(crate) fn statuses(statuses: &[Value]) -> String {
    webhook(&value(statuses, &[])).to_string()
}

pub(crate) fn messages(messages: &[Value]) -> String {
    webhook(&value(&[], messages)).to_string()
}

/// A receipt as `WhatsApp` sends it.
pub(crate) fn status(id: &str, status: &str, secs: i64) -> Value {
    json!({
        "id": id, "status": status, "timestamp": secs.to_string(), "recipient_id": "5561999990001",
        "conversation": {"id": "c", "origin": {"type": "marketing"}},
        "pricing": {"billable": true, "pricing_model": "CBP", "category": "marketing"},
    })
}

/// A tap on a template's quick reply.
pub(crate) fn tap(id: &str, on: &str, secs: i64) -> Value {
    json!({
        "context": {"from": "15550783881", "id": on}, "from": "5561999990001", "id": id,
        "timestamp": secs.to_string(), "type": "button",
        "button": {"payload": "BUY", "text": "Finalizar compra"},
    })
}

/// An event of the store. Its `id` is `e`.
pub(crate) fn event(kind: &str, secs: i64, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": "e", "source": "https://store.example/reminders", "type": kind,
        "time": Instant::from_millis(secs * 1_000).to_string(), "datacontenttype": "application/json",
        "data": data,
    })
}

pub(crate) fn sent(id: &str, secs: i64) -> Value {
    event(
        "reminder.sent",
        secs,
        &json!({
            "reminderId": id, "campaignId": CAMPAIGN, "userId": "ana", "phone": PHONE,
            "orderFormId": "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0",
            "checkoutItems": [{"id": "sku-1", "name": "Camiseta", "quantity": 2, "price": 9990}],
        }),
    )
}

pub(crate) fn clicked(id: &str, click: &str, kind: &str, secs: i64) -> Value {
    let data = json!({"reminderId": id, "clickId": click, "kind": kind});
    event("reminder.clicked", secs, &data)
}

pub(crate) fn receipt(id: &str, status: &str, secs: i64) -> Value {
    event("reminder.status", secs, &json!({"reminderId": id, "status": status}))
}

pub(crate) fn order(group: &str, part: &str, secs: i64) -> Value {
    let at = Instant::from_millis(secs * 1_000).to_string();
    event(
        "order.updated",
        secs,
        &json!({
            "orderGroup": group, "orderId": format!("{group}-{part}"), "status": "payment-approved",
            "createdAt": at, "changedAt": at, "userId": "ana", "phone": PHONE,
            "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "currency": "BRL", "value": 19990,
            "items": [{"id": "sku-1", "name": "Camiseta", "quantity": 2, "price": 9990}],
        }),
    )
}
