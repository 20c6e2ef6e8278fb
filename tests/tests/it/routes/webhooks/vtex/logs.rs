//! STYLE 16: logs hold ids, never keys, secrets, phones, e-mail addresses or names.

use serde_json::json;
use vtex_stand_in::documents::{EMAIL, NAME, ORDER_ID, USER_ID, order, order_with};
use vtex_stand_in::{APP_TOKEN, Fault};

use crate::captured_log::logged;
use crate::store::hook::{Hook, SECRET};

#[tokio::test]
async fn no_log_names_a_shopper_or_a_key() {
    let hook = Hook::open().await;
    let log = logged(async {
        hook.change(order()).await.is_empty();
        hook.change(order_with(json!({"value": -1}))).await.is_empty();
        for fault in [
            Fault::Status(500),
            Fault::Status(401),
            Fault::Text(format!("{{\"email\":\"{EMAIL}\"")),
            Fault::Text(
                json!({"orderId": {"email": EMAIL}, "clientProfileData": EMAIL}).to_string(),
            ),
            Fault::Text(json!(EMAIL).to_string()),
            Fault::Text(order().to_string().replace("Marketplace", "")),
        ] {
            hook.vtex.fail_once(fault);
            hook.notify(ORDER_ID).await;
        }
        hook.post("/webhooks/vtex/acme", &["wrong-secret"], "{}").await;
    })
    .await;
    assert!(log.contains("VTEX could not complete read an order"), "{log}");
    for secret in [APP_TOKEN, SECRET, "wrong-secret", EMAIL, NAME, USER_ID, "99999", "21133355524"]
    {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
