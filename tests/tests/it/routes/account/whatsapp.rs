//! `/account/whatsapp`: what is kept, what Meta is asked before, and what is refused.

use local::graph::{Fault, TOKEN};
use serde_json::json;
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::span::Span;
use shared::store::whatsapp::Blocked;

use crate::captured_log::logged;
use crate::store::phones::{Phones, WABA, asked_connection};
use crate::store::{NOW, PHONE_NUMBER_ID, Store, asked_settings, by_operator};

#[tokio::test]
async fn one_call_connects_an_account() {
    let phones = Phones::of(&Store::set_up().await).await;
    let store = &phones.store;
    store.get("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
    let answer = phones.connect().await;
    assert_eq!(
        answer.ok(),
        json!({"wabaId": WABA, "phoneNumberId": PHONE_NUMBER_ID, "verifiedName": "Loja Exemplo",
            "connectedAt": NOW})
    );
    assert_eq!(store.get("/account/whatsapp").await.ok(), answer.body);
    // The number is the store's from now on.
    let settings = store.get("/account").await.ok();
    assert_eq!(settings["phoneNumberIds"], json!([PHONE_NUMBER_ID]));
    // A dump of the table tells the token to nobody.
    let dump = store.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
    assert!(format!("{dump:?}").contains(WABA) && !format!("{dump:?}").contains(TOKEN));
    let held = store.table.whatsapp(&store.account).await.unwrap().unwrap();
    assert!(!format!("{held:?}").contains(TOKEN));
    let token = held.token(&store.account, &crate::store::functions::sealing()).unwrap();
    assert_eq!(token.expose(), TOKEN);
}

/// Meta tells a limit by itself only when it changes: a new connection would stay at 250 until then.
#[tokio::test]
async fn meta_is_asked_for_the_limit_when_an_account_is_connected() {
    let limit = async |phones: &Phones| {
        let held = phones.store.table.whatsapp(&phones.store.account).await.unwrap().unwrap();
        held.daily_limit()
    };
    let phones = Phones::of(&Store::open().await).await;
    for (tier, expected) in [
        ("TIER_2K", Some(DailyLimit::People(2_000))),
        ("TIER_UNLIMITED", Some(DailyLimit::Unlimited)),
        // It says nothing of it: what was known holds.
        ("TIER_NOT_SET", Some(DailyLimit::Unlimited)),
        ("TIER_250", Some(DailyLimit::People(250))),
    ] {
        phones.graph.set_limit(WABA, tier);
        phones.connect().await.is_ok();
        assert_eq!(limit(&phones).await, expected, "{tier}");
        phones.store.pass(Span::seconds(2));
    }
    // Where Meta doesn't say, the account is connected all the same.
    let other = Phones::of(&Store::open().await).await;
    other.graph.set_limit(WABA, "TIER_2K");
    for fault in [Fault::Code(100), Fault::Status(503), Fault::ResetBefore] {
        other.graph.plan([None, None, Some(fault)]);
        other.connect().await.is_ok();
        assert_eq!(limit(&other).await, None);
    }
}

#[tokio::test]
async fn meta_is_asked_for_marketing_messages_when_an_account_is_connected() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    let has = async || {
        let held = store.table.whatsapp(&store.account).await.unwrap().unwrap();
        held.has_marketing_messages()
    };
    for onboarded in [false, true, false, true] {
        phones.graph.set_marketing(WABA, onboarded);
        phones.connect().await.is_ok();
        assert_eq!(has().await, onboarded);
        store.pass(Span::seconds(2));
    }
    // Where Meta doesn't say, what was known holds.
    phones.graph.plan([None, None, None, Some(Fault::Status(503))]);
    phones.connect().await.is_ok();
    assert!(has().await);
}

#[tokio::test]
async fn connecting_confirms_a_pending_claim() {
    let store = Store::unset().await.with_campaigns(|deps| deps.with_vetting(by_operator()));
    let mut settings = asked_settings();
    settings["phoneNumberIds"] = json!([PHONE_NUMBER_ID, "222"]);
    assert_eq!(store.put("/account", settings).await.status, 201);
    let phones = Phones::of(&store).await;
    let pending = async || store.get("/account").await.ok()["pending"]["phoneNumberIds"].clone();
    assert_eq!(pending().await, json!([PHONE_NUMBER_ID, "222"]));
    phones.connect().await.is_ok();
    // Of the other one nothing was proved.
    assert_eq!(pending().await, json!(["222"]));
    let id = PhoneNumberId::parse(PHONE_NUMBER_ID).unwrap();
    let owner = store.table.phone_number(&id).await.unwrap().account;
    assert_eq!(owner, Some(store.account.clone()));
}

#[tokio::test]
async fn what_meta_does_not_vouch_for_is_not_kept() {
    let phones = Phones::of(&Store::set_up().await).await;
    for (field, value, code, at) in [
        ("token", "another-token", "whatsapp-token-refused", "token"),
        ("wabaId", "999", "whatsapp-account-unknown", "wabaId"),
        ("phoneNumberId", "999", "phone-number-unknown", "phoneNumberId"),
    ] {
        let mut asked = asked_connection();
        asked[field] = json!(value);
        let answer = phones.connect_with(&asked).await;
        assert_eq!(answer.is_problem(422, code)["field"], at, "{code}");
        assert!(!answer.text.contains("another-token"), "{}", answer.text);
    }
    for fault in [Fault::Status(503), Fault::Code(2), Fault::ResetBefore] {
        phones.graph.plan([Some(fault)]);
        phones.connect().await.is_problem(503, "unavailable");
    }
    // It opens the account and may not have its webhooks sent.
    phones.graph.plan([None, Some(Fault::Code(200))]);
    phones.connect().await.is_problem(409, "whatsapp-refused");
    phones.store.get("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
}

#[tokio::test]
async fn a_number_of_another_account_is_refused() {
    let acme = Store::open().await;
    let bela = Phones::of(&acme.beside("bela", "222", 9).await).await;
    let answer = bela.connect().await;
    assert_eq!(answer.is_problem(409, "phone-number-taken")["field"], "phoneNumberId");
    bela.store.get("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
}

#[tokio::test]
async fn a_request_is_judged_before_meta_is_asked() {
    let phones = Phones::of(&Store::set_up().await).await;
    let long = "x".repeat(1_001);
    for (field, value) in [
        ("wabaId", json!("12a")),
        ("phoneNumberId", json!("")),
        ("token", json!("")),
        ("token", json!("with a blank")),
        ("token", json!(long)),
        ("host", json!("graph.evil.example")),
    ] {
        let mut asked = asked_connection();
        asked[field] = value;
        let answer = phones.connect_with(&asked).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], field, "{asked}");
    }
    let mut asked = asked_connection();
    asked["token"] = json!("x".repeat(1_000));
    phones.connect_with(&asked).await.is_problem(422, "whatsapp-token-refused");
    let reader = phones.store.with_scope("admin:read");
    reader.put("/account/whatsapp", asked_connection()).await.is_problem(403, "insufficient-scope");
    let nobody = Phones::of(&Store::unset().await).await;
    nobody.connect().await.is_problem(404, "account-not-found");
    assert_eq!((phones.graph.calls(), nobody.graph.calls()), (1, 0));
}

#[tokio::test]
async fn a_blocked_account_names_its_cure_until_it_is_connected_anew() {
    let phones = Phones::open().await;
    let store = &phones.store;
    let number = PhoneNumberId::parse(PHONE_NUMBER_ID).unwrap();
    let block = async |code: u32| {
        let blocked = Blocked { code, since: store.clock.now() };
        store.table.whatsapp_block(&store.account, &number, blocked).await.unwrap()
    };
    assert!(block(131_042).await.is_changed());
    // What came first is told.
    assert!(!block(190).await.is_changed());
    let told = store.get("/account/whatsapp").await.ok();
    assert_eq!(told["blocked"], json!({"code": 131_042, "since": NOW, "cure": "settle-payment"}));
    store.pass(Span::hours(1));
    let again = phones.connect().await.ok();
    assert!(again.get("blocked").is_none(), "{again}");
    // What Meta said of the token before says nothing of this one.
    let blocked = Blocked { code: 190, since: store.clock.now().minus(Span::seconds(1)) };
    let late = store.table.whatsapp_block(&store.account, &number, blocked).await.unwrap();
    assert!(!late.is_changed());
}

#[tokio::test]
async fn a_connection_ends_when_the_store_says_so() {
    let phones = Phones::open().await;
    let store = &phones.store;
    assert_eq!(store.delete("/account/whatsapp").await.status, 204);
    store.get("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
    store.delete("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
    // The number stays the store's, and it can connect again.
    let settings = store.get("/account").await.ok();
    assert_eq!(settings["phoneNumberIds"], json!([PHONE_NUMBER_ID]));
    phones.connect().await.is_ok();
}

#[tokio::test]
async fn nothing_crosses_the_account() {
    let phones = Phones::open().await;
    let bela = phones.store.of("bela");
    bela.get("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
    bela.delete("/account/whatsapp").await.is_problem(404, "whatsapp-not-connected");
    assert_eq!(phones.store.get("/account/whatsapp").await.status, 200);
}

#[tokio::test]
async fn no_log_line_holds_a_token() {
    let phones = Phones::of(&Store::set_up().await).await;
    let log = logged(async {
        phones.connect().await.is_ok();
        phones.graph.plan([Some(Fault::ResetBefore), Some(Fault::Code(190))]);
        phones.connect().await.is_problem(503, "unavailable");
        phones.connect().await.is_problem(422, "whatsapp-token-refused");
    })
    .await;
    assert!(!log.is_empty() && !log.contains(TOKEN), "{log}");
}
