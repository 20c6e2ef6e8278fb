//! `POST /account/signing-secret`.

use serde_json::Value;
use shared::domain::values::limits::SIGNING_SECRETS;
use shared::domain::values::span::Span;
use shared::web::signature::SigningSecret;

use crate::fixtures::campaigns::{Admin, START, at};

async fn made(admin: &Admin) -> String {
    let answer = admin.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.body["secret"].as_str().unwrap().to_owned()
}

async fn valid(admin: &Admin) -> Vec<String> {
    let record = admin.table.account(&admin.account).await.unwrap().unwrap();
    record.valid_secrets(admin.clock.now()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_secret_is_told_once() {
    let admin = Admin::set_up().await;
    assert_eq!(admin.get("/account").await.body["hasSigningSecret"], false);
    let answer = admin.post("/account/signing-secret", Value::Null).await;
    insta::assert_json_snapshot!(answer.shown());
    let secret = answer.body["secret"].as_str().unwrap();
    assert!(SigningSecret::parse(secret).is_ok());
    let account = admin.get("/account").await;
    assert_eq!(account.body["hasSigningSecret"], true);
    assert!(!account.body.to_string().contains("whsec"));
    let settings = admin.put("/account", crate::fixtures::campaigns::settings()).await;
    assert_eq!(settings.body["hasSigningSecret"], true);
    assert!(!settings.body.to_string().contains("whsec"));
}

#[tokio::test]
async fn the_one_before_stays_valid_for_24_hours() {
    let admin = Admin::set_up().await;
    let first = made(&admin).await;
    assert_eq!(valid(&admin).await, std::slice::from_ref(&first));
    let second = made(&admin).await;
    assert_ne!(first, second);
    assert_eq!(valid(&admin).await, [second.clone(), first.clone()]);
    let end = at(START).plus(Span::hours(24));
    admin.clock.set(end.minus(Span::millis(1)));
    assert_eq!(valid(&admin).await, [second.clone(), first]);
    admin.clock.set(end);
    assert_eq!(valid(&admin).await, [second]);
}

#[tokio::test]
async fn so_many_are_valid_at_once() {
    let admin = Admin::set_up().await;
    for _ in 0..SIGNING_SECRETS {
        made(&admin).await;
    }
    let answer = admin.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.problem(), (409, "too-many-secrets", ""));
    assert_eq!(valid(&admin).await.len(), SIGNING_SECRETS);
    admin.clock.set(at(START).plus(Span::hours(24)));
    made(&admin).await;
}

#[tokio::test]
async fn an_account_that_is_not_set_up_has_none() {
    let admin = Admin::new().await;
    let answer = admin.post("/account/signing-secret", Value::Null).await;
    assert_eq!(answer.problem(), (404, "account-not-found", ""));
}
