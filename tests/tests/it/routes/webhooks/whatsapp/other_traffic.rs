//! What stands beside receipts and taps and is none (R12).

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::telemetry::{Counter, counted};

use crate::store::told::{status, statuses, value, webhook};
use crate::store::{NOW_SECS, Store};

#[expect(clippy::unnecessary_wraps, reason = "what a reminder holds is optional")]
fn at(secs: i64) -> Option<Instant> {
    Some(Instant::from_millis(secs * 1_000))
}

fn ignored(kind: &'static str) -> u64 {
    counted(Counter::TrafficIgnored { kind })
}

/// A payment that failed is no message that failed.
#[tokio::test]
async fn a_status_of_another_type_is_counted_and_dropped() {
    let store = Store::open().await;
    let typed = |kind: Value| {
        let mut status = status("wamid.1", "failed", NOW_SECS);
        status["type"] = kind;
        status
    };
    let payment = typed(json!("payment"));
    store.whatsapp(statuses(&[payment, typed(json!("hologram")), typed(json!(7))])).await.is_ok();
    assert!(store.contents().await.is_empty());
    assert_eq!((ignored("payment"), ignored("other-status-type")), (1, 2));
    store.whatsapp(statuses(&[typed(json!("message")), typed(json!(null))])).await.is_ok();
    assert_eq!(store.reminder("wamid.1").await.unwrap().failed_at, at(NOW_SECS));
}

#[tokio::test]
async fn values_without_items_are_counted_by_what_they_hold() {
    let store = Store::open().await;
    let error = json!([{"code": 131_047, "title": "Re-engagement message", "message": "segredo"}]);
    let action = json!([{"type": "marketing_messages_link_click", "timestamp": NOW_SECS}]);
    let of = |name: &str, list: &Value| {
        let mut value = value(&[], &[]);
        value[name] = list.clone();
        webhook(&value).to_string()
    };
    for body in [of("errors", &error), of("errors", &error), of("user_actions", &action)] {
        store.whatsapp(body).await.is_ok();
    }
    for body in [of("errors", &json!([])), of("user_actions", &json!(null))] {
        store.whatsapp(body).await.is_ok();
    }
    // Beside a status they are its companions.
    let mut beside = value(&[status("wamid.1", "failed", NOW_SECS)], &[]);
    beside["errors"] = error;
    store.whatsapp(webhook(&beside).to_string()).await.is_ok();
    assert_eq!((ignored("errors"), ignored("user_actions")), (2, 1));
    assert_eq!(store.reminder("wamid.1").await.unwrap().failed_at, at(NOW_SECS));
    assert_eq!(store.contents().await.len(), 1);
}
