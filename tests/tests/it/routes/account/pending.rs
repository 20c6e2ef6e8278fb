//! `PUT /account` where an operator confirms what a store says is its own.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::values::account::{Account, StoreUrl};
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::limits::CLAIMS_PER_PHONE_NUMBER;
use shared::store::accounts::StoreUrlConfirmed;
use shared::store::phone_numbers::{NumberConfirmed, NumberMoved, PhoneNumber};

use crate::store::{Answer, Store, asked_settings, by_operator};

/// A table whose stores are not believed at once; no account is set up.
async fn vetted() -> Store {
    Store::unset().await.with_campaigns(|deps| deps.with_vetting(by_operator()))
}

fn number(id: &str) -> PhoneNumberId {
    PhoneNumberId::parse(id).unwrap()
}

async fn name(store: &Store, numbers: &[&str]) -> Answer {
    let mut settings = asked_settings();
    settings["phoneNumberIds"] = json!(numbers);
    store.put("/account", settings).await
}

async fn pending(store: &Store) -> Value {
    store.get("/account").await.ok()["pending"]["phoneNumberIds"].clone()
}

async fn confirm(store: &Store, id: &str) -> NumberConfirmed {
    store.table.phone_number_confirm(&store.account, &number(id)).await.unwrap()
}

async fn held(store: &Store, id: &str) -> PhoneNumber {
    store.table.phone_number(&number(id)).await.unwrap()
}

#[tokio::test]
async fn a_number_is_pending_until_it_is_confirmed() {
    let acme = vetted().await;
    let made = name(&acme, &["111", "222"]).await;
    assert_eq!(made.status, 201);
    insta::assert_json_snapshot!("account_pending", made.shown());
    assert_eq!(confirm(&acme, "111").await, NumberConfirmed::Confirmed);
    assert_eq!(pending(&acme).await, json!(["222"]));
    assert_eq!(held(&acme, "111").await.account, Some(acme.account.clone()));
    // Confirmed once more, and named once more: nothing changes.
    assert_eq!(confirm(&acme, "111").await, NumberConfirmed::Confirmed);
    assert_eq!(name(&acme, &["111", "222"]).await.status, 200);
    assert_eq!(pending(&acme).await, json!(["222"]));
    assert_eq!(held(&acme, "222").await.account, None);
    // Who lets it go has to prove it again.
    assert_eq!(name(&acme, &["222"]).await.status, 200);
    assert_eq!(held(&acme, "111").await, PhoneNumber::default());
    assert_eq!(name(&acme, &["111"]).await.status, 200);
    assert_eq!(pending(&acme).await, json!(["111"]));
    // What was kept aside for a claim outlives it.
    let former = BTreeSet::from([acme.account.clone()]);
    let left = PhoneNumber { former, ..PhoneNumber::default() };
    assert_eq!(held(&acme, "222").await, left);
}

#[tokio::test]
async fn several_accounts_may_claim_a_number_and_one_gets_it() {
    let acme = vetted().await;
    let (bela, caro) = (acme.of("bela"), acme.of("caro"));
    assert_eq!(name(&acme, &["111"]).await.status, 201);
    assert_eq!(name(&bela, &["111"]).await.status, 201);
    assert_eq!(pending(&bela).await, json!(["111"]));
    assert_eq!(confirm(&caro, "111").await, NumberConfirmed::Unclaimed);
    assert_eq!(confirm(&bela, "111").await, NumberConfirmed::Confirmed);
    assert_eq!(confirm(&acme, "111").await, NumberConfirmed::Taken(bela.account.clone()));
    assert_eq!((pending(&acme).await, pending(&bela).await), (json!(["111"]), json!([])));
    // It is another's from now on, also for who claimed it before.
    assert_eq!(
        name(&caro, &["111"]).await.problem(),
        (409, "phone-number-taken", "phoneNumberIds")
    );
    assert_eq!(
        name(&acme, &["111"]).await.problem(),
        (409, "phone-number-taken", "phoneNumberIds")
    );
    // Its owner lets it go: who still claims it can have it.
    assert_eq!(name(&bela, &[]).await.status, 200);
    assert_eq!(held(&acme, "111").await.account, None);
    assert_eq!(confirm(&acme, "111").await, NumberConfirmed::Confirmed);
}

#[tokio::test]
async fn so_many_accounts_may_claim_a_number() {
    let acme = vetted().await;
    let stores: Vec<Store> =
        (0..=CLAIMS_PER_PHONE_NUMBER).map(|n| acme.of(&format!("store-{n}"))).collect();
    let (last, others) = stores.split_last().unwrap();
    for store in others {
        assert_eq!(name(store, &["111"]).await.status, 201);
    }
    let refused = name(last, &["222", "111"]).await;
    assert_eq!(refused.problem(), (409, "phone-number-claimed", "phoneNumberIds"));
    // All or nothing.
    assert_eq!(held(&acme, "222").await, PhoneNumber::default());
    // Those who claim it already may go on.
    assert_eq!(name(&others[0], &["111"]).await.status, 200);
    assert_eq!(name(&others[0], &[]).await.status, 200);
    assert_eq!(held(&acme, "111").await.claimants.len(), CLAIMS_PER_PHONE_NUMBER - 1);
    assert_eq!(name(last, &["111"]).await.status, 201);
}

#[tokio::test]
async fn an_operator_moves_a_number() {
    let acme = vetted().await;
    let bela = acme.of("bela");
    let moved =
        async |id: &str, to: &Account| acme.table.phone_number_move(&number(id), to).await.unwrap();
    assert_eq!(name(&acme, &["111", "222"]).await.status, 201);
    assert_eq!(name(&bela, &["111"]).await.status, 201);
    // Nobody has it yet.
    assert_eq!(moved("111", &acme.account).await, NumberMoved::From(None));
    confirm(&acme, "222").await;
    assert_eq!(moved("111", &acme.account).await, NumberMoved::Already);
    assert_eq!(moved("111", &Account::parse("nobody").unwrap()).await, NumberMoved::NoAccount);
    let from_acme = NumberMoved::From(Some(acme.account.clone()));
    // Whether it claimed the number or not.
    assert_eq!(moved("111", &bela.account).await, from_acme);
    assert_eq!(moved("222", &bela.account).await, from_acme);
    let (of_acme, of_bela) = (acme.get("/account").await.ok(), bela.get("/account").await.ok());
    assert_eq!(of_acme["phoneNumberIds"], json!([]));
    assert_eq!(of_bela["phoneNumberIds"], json!(["111", "222"]));
    assert_eq!(of_bela["pending"]["phoneNumberIds"], json!([]));
    assert_eq!(held(&acme, "111").await.claimants.len(), 0);
    // It holds as many as any account may.
    let many: Vec<String> = (0..20).map(|n| format!("9{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(name(&acme, &many).await.status, 200);
    assert_eq!(moved("111", &acme.account).await, NumberMoved::TooMany);
}

/// Accounts from before there were confirmations keep their numbers.
#[tokio::test]
async fn a_number_from_before_confirmations_is_its_accounts() {
    let acme = Store::unset().await;
    assert_eq!(name(&acme, &["111"]).await.status, 201);
    let acme = acme.with_campaigns(|deps| deps.with_vetting(by_operator()));
    assert_eq!(pending(&acme).await, json!([]));
    assert_eq!(name(&acme, &["111", "222"]).await.status, 200);
    assert_eq!(pending(&acme).await, json!(["222"]));
    assert_eq!(name(&acme.of("bela"), &["111"]).await.status, 409);
}

async fn locate(store: &Store, url: &str) -> Value {
    let mut settings = asked_settings();
    settings["storeUrl"] = json!(url);
    let answer = store.put("/account", settings).await;
    assert!(answer.is_success(), "{answer:?}");
    answer.json()["pending"].get("storeUrl").cloned().unwrap_or_default()
}

async fn links_lead_to(store: &Store) -> Option<String> {
    let record = store.table.account(&store.account).await.unwrap().unwrap();
    record.link_store().map(|url| url.as_str().to_owned())
}

async fn confirm_url(store: &Store, url: &str) -> StoreUrlConfirmed {
    let url = StoreUrl::parse(url).unwrap();
    store.table.account_confirm_store_url(&store.account, &url).await.unwrap()
}

#[tokio::test]
async fn an_address_is_pending_until_it_is_confirmed() {
    let acme = vetted().await;
    assert_eq!(confirm_url(&acme, "https://one.example").await, StoreUrlConfirmed::NoAccount);
    assert_eq!(locate(&acme, "https://one.example/loja").await, "https://one.example/loja");
    assert_eq!(links_lead_to(&acme).await, None);
    let named = StoreUrl::parse("https://one.example/loja").unwrap();
    let another = confirm_url(&acme, "https://two.example").await;
    assert_eq!(another, StoreUrlConfirmed::Another(named));
    assert_eq!(confirm_url(&acme, "https://one.example/").await, StoreUrlConfirmed::Confirmed);
    assert_eq!(confirm_url(&acme, "https://one.example/").await, StoreUrlConfirmed::Confirmed);
    assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://one.example/loja"));
    // Within its host it moves as it likes.
    assert_eq!(locate(&acme, "https://one.example/").await, Value::Null);
    // Elsewhere it waits, and links go on to where they led.
    for elsewhere in
        ["https://two.example/", "https://www.one.example/", "https://one.example:8443/"]
    {
        assert_eq!(locate(&acme, elsewhere).await, elsewhere);
        assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://one.example/"));
        assert_eq!(acme.get("/account").await.ok()["pending"]["storeUrl"], elsewhere);
    }
    // Back again, there is nothing to confirm.
    assert_eq!(locate(&acme, "https://one.example/").await, Value::Null);
    assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://one.example/"));
}

#[tokio::test]
async fn an_address_at_a_host_of_the_platform_is_believed() {
    let acme = vetted().await;
    assert_eq!(locate(&acme, "https://acme.shops.example").await, Value::Null);
    assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://acme.shops.example/"));
    assert_eq!(locate(&acme, "https://shops.example/").await, "https://shops.example/");
    assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://acme.shops.example/"));
}

/// Accounts from before there were confirmations go on with the address that they had.
#[tokio::test]
async fn an_address_from_before_confirmations_goes_on() {
    let acme = Store::unset().await;
    locate(&acme, "https://one.example/").await;
    let acme = acme.with_campaigns(|deps| deps.with_vetting(by_operator()));
    assert_eq!(acme.get("/account").await.ok()["pending"].get("storeUrl"), None);
    assert_eq!(locate(&acme, "https://one.example/loja").await, Value::Null);
    assert_eq!(locate(&acme, "https://two.example/").await, "https://two.example/");
    assert_eq!(links_lead_to(&acme).await.as_deref(), Some("https://one.example/loja"));
}
