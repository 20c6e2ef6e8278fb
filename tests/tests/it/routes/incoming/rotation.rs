//! `WhatsApp`'s secrets are renewed while the function runs.

use std::sync::{Arc, Mutex};

use ingest::Config;
use serde_json::json;
use shared::domain::values::instant::Instant;
use shared::runtime::config::Secret;
use shared::runtime::secrets::{REFRESH, Secrets};
use shared::web::signature::sign_hub;

use crate::store::told::{WAMID, status, statuses};
use crate::store::{NOW_SECS, Store};

/// What Secrets Manager would tell.
fn document(app_secrets: &str, verify_token: &str) -> String {
    json!({
        "WHATSAPP_APP_SECRETS": app_secrets, "WHATSAPP_VERIFY_TOKEN": verify_token,
        "PHONE_KEY_SECRET": "phone-key", "PUBLIC_URL": "https://links.example",
    })
    .to_string()
}

#[tokio::test]
async fn a_renewed_secret_is_taken_by_a_running_function() {
    let kept = Arc::new(Mutex::new(document("old", "old-token")));
    let read = Arc::clone(&kept);
    let store = Store::open().await;
    let secrets = Secrets::from_source(
        Box::new(move || {
            let text = read.lock().unwrap().clone();
            Box::pin(async move { Ok(text) })
        }),
        store.clock.clone(),
        Config::from_settings,
    );
    let secrets = secrets.await.unwrap();
    let store = store.with_ingest(|deps| deps.with_secrets(secrets));

    let body = statuses(&[status(WAMID, "delivered", NOW_SECS)]);
    let signed_by = async |store: &Store, secret: &str| {
        let signature = sign_hub(&Secret::new(secret), body.as_bytes());
        store.whatsapp_signed(body.as_bytes(), &signature).await.status
    };
    let handshake = async |store: &Store, token: &str| {
        let query = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1");
        store.get(&format!("/webhooks/whatsapp?{query}")).await.status
    };
    let wait = |store: &Store| {
        let later = store.clock.now().millis() + i64::try_from(REFRESH.as_millis()).unwrap();
        store.clock.set(Instant::from_millis(later));
    };
    assert_eq!(signed_by(&store, "old").await, 200);
    assert_eq!(signed_by(&store, "new").await, 401);
    assert_eq!(handshake(&store, "old-token").await, 200);

    // While both sign, both are taken.
    *kept.lock().unwrap() = document("new,old", "new-token");
    wait(&store);
    assert_eq!(signed_by(&store, "new").await, 200);
    assert_eq!(signed_by(&store, "old").await, 200);
    assert_eq!(handshake(&store, "old-token").await, 403);
    assert_eq!(handshake(&store, "new-token").await, 200);

    *kept.lock().unwrap() = document("new", "new-token");
    wait(&store);
    assert_eq!(signed_by(&store, "old").await, 401);
    assert_eq!(signed_by(&store, "new").await, 200);
}
