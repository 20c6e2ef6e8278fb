//! `POST /account/signing-secret`.

use engine::faults::{Fault, Faults};
use serde_json::Value;
use shared::domain::values::limits::SIGNING_SECRETS;
use shared::domain::values::span::Span;
use shared::web::signature::SigningSecret;

use crate::store::functions::sealing;
use crate::store::{NOW, Store, at};

async fn made(store: &Store) -> String {
    let answer = store.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.body["secret"].as_str().unwrap().to_owned()
}

async fn valid(store: &Store) -> Vec<String> {
    let record = store.table.account(&store.account).await.unwrap().unwrap();
    let secrets = record.valid_secrets(&store.account, &sealing(), store.clock.now()).unwrap();
    secrets.iter().map(|secret| secret.expose().to_owned()).collect()
}

#[tokio::test]
async fn a_secret_is_told_once() {
    let store = Store::set_up().await;
    assert_eq!(store.get("/account").await.body["hasSigningSecret"], false);
    let answer = store.post("/account/signing-secret", Value::Null).await;
    insta::assert_json_snapshot!(answer.shown());
    let secret = answer.body["secret"].as_str().unwrap();
    assert!(SigningSecret::parse(secret).is_ok());
    let account = store.get("/account").await;
    assert_eq!(account.body["hasSigningSecret"], true);
    assert!(!account.body.to_string().contains("whsec"));
    let settings = store.put("/account", crate::store::asked_settings()).await;
    assert_eq!(settings.body["hasSigningSecret"], true);
    assert!(!settings.body.to_string().contains("whsec"));
}

#[tokio::test]
async fn the_one_before_stays_valid_for_24_hours() {
    let store = Store::set_up().await;
    let first = made(&store).await;
    assert_eq!(valid(&store).await, std::slice::from_ref(&first));
    let second = made(&store).await;
    assert_ne!(first, second);
    assert_eq!(valid(&store).await, [second.clone(), first.clone()]);
    let end = at(NOW).plus(Span::hours(24));
    store.clock.set(end.minus(Span::millis(1)));
    assert_eq!(valid(&store).await, [second.clone(), first]);
    store.clock.set(end);
    assert_eq!(valid(&store).await, [second]);
}

#[tokio::test]
async fn so_many_are_valid_at_once() {
    let store = Store::set_up().await;
    for _ in 0..SIGNING_SECRETS {
        made(&store).await;
    }
    let answer = store.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.problem(), (409, "too-many-secrets", ""));
    assert_eq!(valid(&store).await.len(), SIGNING_SECRETS);
    store.clock.set(at(NOW).plus(Span::hours(24)));
    made(&store).await;
}

#[tokio::test]
async fn an_account_that_is_not_set_up_has_none() {
    let store = Store::unset().await;
    let answer = store.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.problem(), (404, "account-not-found", ""));
}

/// A change of settings at the same moment is a transaction on the same item: the table refuses the one
/// that comes second, which then looks again.
#[tokio::test]
async fn a_change_of_settings_at_the_same_moment_is_waited_for() {
    let store = Store::set_up().await;
    let mut struck = false;
    let faults = Faults::planned(move |call| {
        let first = call.operation == "PutItem" && !struck;
        struck |= first;
        first.then_some(Fault::Conflict)
    });
    let http = faults.around(store.engine.http());
    let through = store.through(store.engine.table_through(http, 1));
    let secret = made(&through).await;
    assert_eq!(valid(&store).await, [secret]);
}
