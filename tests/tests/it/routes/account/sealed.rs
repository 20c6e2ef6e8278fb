//! What the table holds of an account's secrets.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt as _;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::key::Key;
use vtex_stand_in::documents::{ORDER_ID, notification, order};
use vtex_stand_in::{APP_KEY, APP_TOKEN};

use crate::store::functions::sealing;
use crate::store::hook::Hook;
use crate::store::told::{WAMID, receipt};
use crate::store::{NOW_SECS, Store};

const CLEAR_SIGNING: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// Every attribute of every item, as text.
async fn items(store: &Store) -> Vec<HashMap<String, AttributeValue>> {
    let scan = store.engine.client.scan().table_name(engine::TABLE_NAME);
    scan.send().await.unwrap().items().to_vec()
}

/// The texts of a secret: itself, and its bytes in other letters.
fn spellings(secret: &str) -> Vec<String> {
    let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
    vec![secret.to_owned(), bare.to_owned(), bare.replace('+', "-").replace('/', "_")]
}

async fn shows(store: &Store, secret: &str) -> bool {
    let dump = format!("{:?}", items(store).await);
    spellings(secret).iter().any(|text| dump.contains(text.as_str()))
}

/// A store with a signing secret, connected to VTEX; its secrets.
async fn connected() -> (Hook, Vec<String>) {
    let hook = Hook::of(&Store::set_up().await).await;
    let made = hook.store.post("/account/signing-secret", Value::Null).await.ok();
    hook.vtex.ping_through(|_| async { true }.boxed());
    let keys = json!({"appKey": APP_KEY, "appToken": APP_TOKEN});
    hook.store.post("/account/vtex", keys).await.is_ok();
    let configured = hook.vtex.hook().unwrap();
    let hook_secret = configured["hook"]["headers"]["x-hook-secret"].as_str().unwrap().to_owned();
    let signing = made["secret"].as_str().unwrap().to_owned();
    (hook, vec![signing, hook_secret, APP_TOKEN.to_owned()])
}

#[tokio::test]
async fn a_dump_of_the_table_holds_no_secret() {
    let (hook, secrets) = connected().await;
    for secret in &secrets {
        assert!(!shows(&hook.store, secret).await, "{secret}");
    }
    // They are there: with the key, everything works.
    assert!(format!("{:?}", items(&hook.store).await).contains(sealing().id()));
    hook.vtex.put(order());
    let body = notification("acme", ORDER_ID, "Marketplace").to_string();
    assert_eq!(hook.post("/webhooks/vtex/acme", &[&secrets[1]], body).await.status, 200);
    // A second secret, a second connection: the first ones are still valid and still sealed.
    hook.store.post("/account/signing-secret", Value::Null).await.is_ok();
    let again = json!({"appKey": APP_KEY, "appToken": APP_TOKEN});
    hook.store.post("/account/vtex", again).await.is_ok();
    for secret in &secrets {
        assert!(!shows(&hook.store, secret).await, "{secret}");
    }
}

/// Puts secrets into the table as they stood there before there was sealing.
async fn in_clear(store: &Store) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let secret = |of: &str| AttributeValue::M([("secret".to_owned(), text(of))].into());
    let key = Key::settings(&store.account);
    let update = store.engine.client.update_item().table_name(engine::TABLE_NAME);
    let update =
        update.set_key(Some(key.attributes())).update_expression("SET signingSecrets = :s");
    let secrets = AttributeValue::L(vec![secret(CLEAR_SIGNING)]);
    update.expression_attribute_values(":s", secrets).send().await.unwrap();
    let mut item = Key::vtex(&store.account).attributes();
    item.insert("appKey".to_owned(), text(APP_KEY));
    item.insert("appToken".to_owned(), text(APP_TOKEN));
    item.insert("hookSecrets".to_owned(), AttributeValue::L(vec![secret("clear-hook-secret")]));
    item.insert("version".to_owned(), AttributeValue::N("1".to_owned()));
    let put = store.engine.client.put_item().table_name(engine::TABLE_NAME);
    put.set_item(Some(item)).send().await.unwrap();
}

const CLEAR: [&str; 3] = [CLEAR_SIGNING, "clear-hook-secret", APP_TOKEN];

/// What the store's secrets open is open.
async fn works(hook: &Hook) {
    let event = receipt(WAMID, "read", NOW_SECS).to_string();
    let signing = shared::web::signature::SigningSecret::parse(CLEAR_SIGNING).unwrap();
    let json = "application/cloudevents+json";
    hook.store.signed_by(&signing, "/events/acme", json, event.as_bytes()).await.is_ok();
    hook.vtex.put(order());
    let body = notification("acme", ORDER_ID, "Marketplace").to_string();
    let notified = hook.post("/webhooks/vtex/acme", &["clear-hook-secret"], body).await;
    assert_eq!(notified.status, 200, "{}", notified.text);
}

#[tokio::test]
async fn secrets_in_clear_go_on_and_are_sealed_when_their_item_is_written() {
    let hook = Hook::of(&Store::open().await).await;
    in_clear(&hook.store).await;
    works(&hook).await;
    hook.store.post("/account/signing-secret", Value::Null).await.is_ok();
    assert!(!shows(&hook.store, CLEAR_SIGNING).await);
    hook.vtex.ping_through(|_| async { true }.boxed());
    let keys = json!({"appKey": APP_KEY, "appToken": APP_TOKEN});
    hook.store.post("/account/vtex", keys).await.is_ok();
    for secret in CLEAR {
        assert!(!shows(&hook.store, secret).await, "{secret}");
    }
    works(&hook).await;
}

#[tokio::test]
async fn an_operator_seals_what_stands_in_clear() {
    let hook = Hook::of(&Store::open().await).await;
    hook.store.beside("bela", "222", 8).await;
    in_clear(&hook.store).await;
    let seal =
        async || ops::seal::seal_secrets(&hook.store.table, &sealing(), || {}).await.unwrap();
    let sealed = seal().await;
    assert_eq!((sealed.accounts, sealed.values), (2, 3));
    for secret in CLEAR {
        assert!(!shows(&hook.store, secret).await, "{secret}");
    }
    let before = items(&hook.store).await;
    assert_eq!(seal().await.values, 0);
    assert_eq!(items(&hook.store).await, before);
    works(&hook).await;
}

/// Whoever can write the table moves a store's sealed secret to another account: it opens nothing there.
#[tokio::test]
async fn a_sealed_secret_that_was_moved_opens_nothing() {
    let store = Store::open().await;
    let bela = store.beside("bela", "222", 8).await;
    let item = async |name: &str| {
        let key = Key::settings(&Account::parse(name).unwrap());
        let get = store.engine.client.get_item().table_name(engine::TABLE_NAME);
        get.set_key(Some(key.attributes())).send().await.unwrap().item.unwrap()
    };
    let mut moved = item("bela").await;
    moved.insert("signingSecrets".to_owned(), item("acme").await["signingSecrets"].clone());
    let put = store.engine.client.put_item().table_name(engine::TABLE_NAME);
    put.set_item(Some(moved)).send().await.unwrap();
    let event = receipt(WAMID, "read", NOW_SECS).to_string();
    let json = "application/cloudevents+json";
    for signed_by in [&store.secret, &bela.secret] {
        let answer = bela.signed_by(signed_by, "/events/bela", json, event.as_bytes()).await;
        answer.is_problem(500, "internal");
    }
    assert_eq!(bela.reminder(WAMID).await, None);
}

/// The system's secret must never change. If it does, that is what is told.
#[tokio::test]
async fn a_key_that_is_another_one_is_told() {
    let (hook, _) = connected().await;
    let record = hook.store.table.account(&hook.store.account).await.unwrap().unwrap();
    let other = SealingKey::derive(&Secret::new("another"));
    let error =
        record.valid_secrets(&hook.store.account, &other, hook.store.clock.now()).unwrap_err();
    let told = shared::telemetry::chain(&error);
    assert!(told.contains(other.id()) && told.contains(sealing().id()), "{told}");
    assert!(!told.contains("whsec_"), "{told}");
}
