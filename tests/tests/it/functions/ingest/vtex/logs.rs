//! STYLE 16: logs hold ids, never keys, secrets, phones, e-mail addresses or names.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::instrument::WithSubscriber as _;
use vtex_stand_in::documents::{EMAIL, NAME, ORDER_ID, USER_ID, order, order_with};
use vtex_stand_in::{APP_TOKEN, Fault};

use crate::functions::ingest::vtex::support::{SECRET, Store};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_names_a_shopper_or_a_key() {
    let store = Store::open().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace,aws=info,hyper=info,aws_smithy_runtime=info,aws_sdk_dynamodb=info")
        .json()
        .with_writer(move || writer.clone())
        .finish();
    async {
        store.change(order()).await.is_ok();
        store.change(order_with(json!({"value": -1}))).await.is_ok();
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
            store.vtex.fail_once(fault);
            store.notify(ORDER_ID).await;
        }
        store.post("/webhooks/vtex/acme", &["wrong-secret"], "{}").await;
    }
    .with_subscriber(subscriber)
    .await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("VTEX could not complete read an order"), "{log}");
    for secret in [APP_TOKEN, SECRET, "wrong-secret", EMAIL, NAME, USER_ID, "99999", "21133355524"]
    {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}
