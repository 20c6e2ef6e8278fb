//! `POST /sends/{account}`.

use std::sync::atomic::{AtomicU8, Ordering};

use axum::body::Body;
use engine::TABLE_NAME;
use http::Request;
use ingest::Randomness;
use serde_json::{Value, json};
use shared::domain::values::account::StoreUrl;
use shared::domain::values::campaign::CampaignStatus;
use shared::domain::values::campaign::Language;
use shared::domain::values::ids::LinkToken;
use shared::domain::values::limits::ADMIN_BODY_BYTES;
use shared::domain::values::span::Span;
use shared::store::accounts::Vetting;
use shared::store::key::Key;
use shared::telemetry::{Counter, counted};

use crate::store::told::{WAMID, sent};
use crate::store::{
    Answer, CAMPAIGN, PHONE_NUMBER_ID, Store, account, by_operator, secret, settings,
};

async fn ask(store: &Store, body: &Value) -> Answer {
    store.signed("/sends/acme", "application/json", body.to_string()).await
}

fn plain() -> Value {
    json!({"campaignId": CAMPAIGN})
}

fn to(url: &str) -> Value {
    json!({"campaignId": CAMPAIGN, "url": url})
}

#[tokio::test]
async fn a_send_is_told_its_language_and_message_type() {
    let store = Store::open().await;
    let answer = ask(&store, &plain()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json(), json!({"language": "pt-BR", "messageType": "coupon"}));
    let null = ask(&store, &json!({"campaignId": CAMPAIGN, "url": null})).await;
    assert_eq!(null.json(), answer.json());
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn a_send_with_a_url_gets_a_link_of_its_own() {
    let store = Store::open().await;
    let drawn = AtomicU8::new(0);
    let randomness = Randomness::from_fn(move |bytes| {
        bytes.fill(drawn.fetch_add(1, Ordering::SeqCst));
        Ok(())
    });
    let store = store.with_ingest(|deps| deps.with_randomness(randomness));
    let first = ask(&store, &to("https://acme.example/checkout?x=1#/cart")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let token = |random: &str| format!("{random}{}", account().tag());
    let one = token("AAAAAAAAAAAAAAAAAAAAAA");
    let expected = json!({"token": one, "url": format!("https://links.example/r/{one}")});
    assert_eq!(first.json()["link"], expected);
    let second = ask(&store, &to("https://ACME.example:443/a b")).await;
    let two = token("AQEBAQEBAQEBAQEBAQEBAQ");
    assert_eq!(second.json()["link"]["token"], two);
    let link = async |token: &str| {
        let token = LinkToken::parse(token).unwrap();
        store.table.link(&token).await.unwrap().unwrap()
    };
    let first = link(&one).await;
    assert_eq!(first.url, "https://acme.example/checkout?x=1#/cart");
    assert_eq!((first.account, first.campaign_id.as_str()), (account(), CAMPAIGN));
    assert_eq!((first.created_at, first.reminder), (store.clock.now(), None));
    // What is checked is what is redirected to.
    assert_eq!(link(&two).await.url, "https://acme.example/a%20b");
}

/// A link's address can name a shopper: until a reminder carries it, it is kept for 20 days.
#[tokio::test]
async fn a_link_that_no_reminder_names_expires_after_20_days() {
    let store = Store::open().await.with_retention(400);
    let answer = ask(&store, &to("https://acme.example/cart?email=ana@mail.example")).await;
    let token = answer.json()["link"]["token"].as_str().unwrap().to_owned();
    let key = Key::link(&LinkToken::parse(&token).unwrap()).attributes();
    let expires_at = async || {
        let get = store.engine.client.get_item().table_name(TABLE_NAME);
        let item = get.set_key(Some(key.clone())).send().await.unwrap().item.unwrap();
        item["expiresAt"].as_n().unwrap().parse::<i64>().unwrap()
    };
    let now = store.clock.now();
    assert_eq!(expires_at().await, now.plus(Span::days(20)).seconds());
    let mut event = sent(WAMID, now.seconds());
    event["data"]["linkToken"] = json!(token);
    assert_eq!(store.event(&event).await.ok()["accepted"], 1);
    // From then on it lives as long as its reminder.
    assert_eq!(expires_at().await, now.plus(Span::days(400)).seconds());
}

#[tokio::test]
async fn two_sends_share_no_token() {
    let store = Store::open().await;
    let token =
        async || ask(&store, &to("https://acme.example/")).await.json()["link"]["token"].clone();
    let (one, two) = (token().await, token().await);
    assert_ne!(one, two);
    // 128 bits in base64url, and what tells the account.
    let random = one.as_str().unwrap().strip_suffix(&account().tag());
    assert_eq!(random.map(str::len), Some(22));
}

#[tokio::test]
async fn without_randomness_there_is_no_link() {
    let store = Store::open().await;
    let randomness = Randomness::from_fn(|_| Err(getrandom::Error::UNSUPPORTED));
    let store = store.with_ingest(|deps| deps.with_randomness(randomness));
    ask(&store, &to("https://acme.example/")).await.is_problem(500, "internal");
    assert_eq!(ask(&store, &plain()).await.status, 201);
}

/// R11: from the instant of the confirmation on, whatever this function has read before.
#[tokio::test]
async fn a_pause_holds_at_once_and_a_resume_undoes_it() {
    let store = Store::open().await;
    assert_eq!(ask(&store, &plain()).await.status, 201);
    store.set_status(CampaignStatus::Paused).await;
    ask(&store, &plain()).await.is_problem(409, "campaign-paused");
    ask(&store, &to("https://acme.example/")).await.is_problem(409, "campaign-paused");
    assert!(store.contents().await.is_empty(), "no link of a send that isn't to be");
    store.set_status(CampaignStatus::Active).await;
    assert_eq!(ask(&store, &plain()).await.status, 201);
}

#[tokio::test]
async fn a_link_leads_nowhere_but_to_the_own_store() {
    let store = Store::open().await;
    for elsewhere in [
        "https://evil.example/",
        "http://acme.example/",
        "https://acme.example.evil.example/",
        "https://acme.example:8443/",
        "https://acme.example@evil.example/",
        "https://ana@acme.example/",
        "//acme.example/",
        "/checkout",
        "javascript:alert(1)",
        "blob:https://acme.example/1",
        "",
        &format!("https://acme.example/{}", "x".repeat(2_000)),
    ] {
        let answer = ask(&store, &to(elsewhere)).await;
        answer.is_problem(422, "invalid-field");
        assert_eq!(answer.json()["field"], "url", "{elsewhere}");
    }
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn a_store_that_moves_may_link_to_its_new_address_at_once() {
    let store = Store::open().await;
    ask(&store, &plain()).await;
    ask(&store, &to("https://new.example/")).await.is_problem(422, "invalid-field");
    let mut moved = settings("acme", PHONE_NUMBER_ID);
    moved.store_url = StoreUrl::parse("https://new.example/").unwrap();
    store.table.account_write(&account(), &moved, &Vetting::AtOnce).await.unwrap();
    assert_eq!(ask(&store, &to("https://new.example/")).await.status, 201);
}

/// A link leads to a confirmed address alone, and to a new one from its confirmation on.
#[tokio::test]
async fn a_pending_address_gets_no_links() {
    let store = Store::open().await;
    let mut moved = settings("acme", PHONE_NUMBER_ID);
    moved.store_url = StoreUrl::parse("https://new.example/").unwrap();
    store.table.account_write(&account(), &moved, &by_operator()).await.unwrap();
    ask(&store, &to("https://new.example/")).await.is_problem(409, "store-url-pending");
    ask(&store, &to("https://elsewhere.example/")).await.is_problem(422, "invalid-field");
    assert_eq!(ask(&store, &to("https://acme.example/cart")).await.status, 201);
    assert_eq!(ask(&store, &plain()).await.status, 201);
    store.table.account_confirm_store_url(&account(), &moved.store_url).await.unwrap();
    assert_eq!(ask(&store, &to("https://new.example/")).await.status, 201);
    ask(&store, &to("https://acme.example/cart")).await.is_problem(422, "invalid-field");

    // A store that never had an address confirmed can send, and not link.
    let bela = store.of("bela");
    bela.table
        .account_write(&bela.account, &settings("bela", "333"), &by_operator())
        .await
        .unwrap();
    let signing = secret(9);
    bela.add_signing_secret(&signing).await;
    bela.add_campaign(CAMPAIGN, "First", Language::PtBr).await;
    let sends = async |body: Value| {
        bela.signed_by(&signing, "/sends/bela", "application/json", body.to_string().as_bytes())
            .await
    };
    sends(to("https://bela.example/")).await.is_problem(409, "store-url-pending");
    assert_eq!(sends(plain()).await.status, 201);
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    let store = Store::open().await;
    ask(&store, &json!({"campaignId": "nobody"})).await.is_problem(404, "campaign-not-found");
    for (body, field) in [
        (json!({}), "campaignId"),
        (json!({"campaignId": 7}), "campaignId"),
        (json!({"campaignId": "a b"}), "campaignId"),
        (json!({"campaignId": CAMPAIGN, "url": 7}), "url"),
        (json!({"campaignId": CAMPAIGN, "URL": "x"}), "URL"),
        (json!("x"), "body"),
    ] {
        let answer = ask(&store, &body).await;
        answer.is_problem(422, "invalid-field");
        assert_eq!(answer.json()["field"], field, "{body}");
    }
    store.signed("/sends/acme", "application/json", "{").await.is_problem(400, "malformed-json");
    let untyped = store.signed("/sends/acme", "text/plain", plain().to_string()).await;
    untyped.is_problem(415, "unsupported-media-type");
    let mut large = plain().to_string();
    large.push_str(&" ".repeat(ADMIN_BODY_BYTES - large.len()));
    let answer = store.signed("/sends/acme", "application/json", &large).await;
    assert_eq!(answer.status, 201);
    large.push(' ');
    let answer = store.signed("/sends/acme", "application/json", &large).await;
    answer.is_problem(413, "payload-too-large");
}

#[tokio::test]
async fn only_the_account_itself_may_ask() {
    let store = Store::open().await;
    store.beside("bela", "222", 8).await;
    store.of("bela").add_campaign("autumn", "Later", Language::PtBr).await;
    let body = plain().to_string();
    let unsigned = Request::post("/sends/acme").header("content-type", "application/json");
    let answer = store.call(unsigned.body(Body::from(body.clone())).unwrap()).await;
    answer.is_problem(401, "invalid-signature");
    let json = "application/json";
    let answer = store.signed_by(&secret(8), "/sends/acme", json, body.as_bytes()).await;
    answer.is_problem(401, "invalid-signature");
    store.signed("/sends/nobody", json, &body).await.is_problem(404, "account-not-found");
    assert_eq!(counted(Counter::SignatureRefused { source: "sends" }), 2);
    // Another account's campaign isn't there.
    ask(&store, &json!({"campaignId": "autumn"})).await.is_problem(404, "campaign-not-found");
}

#[tokio::test]
async fn a_new_secret_works_at_once() {
    let store = Store::open().await;
    ask(&store, &plain()).await;
    store.add_signing_secret(&secret(8)).await;
    let body = plain().to_string();
    let answer =
        store.signed_by(&secret(8), "/sends/acme", "application/json", body.as_bytes()).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn an_external_sender_cannot_send_a_system_campaign() {
    let store = Store::open().await;
    let sending = |enabled: bool| json!({"sending": {"enabled": enabled, "couponCode": "VOLTA10"}});
    assert_eq!(store.patch(CAMPAIGN, "\"1\"", sending(true)).await.status, 200);
    ask(&store, &plain()).await.is_problem(409, "campaign-sent-by-system");
    ask(&store, &to("https://acme.example/")).await.is_problem(409, "campaign-sent-by-system");
    // Paused or not, it is the system's.
    store.set_status(CampaignStatus::Paused).await;
    ask(&store, &plain()).await.is_problem(409, "campaign-sent-by-system");
    assert!(store.contents().await.is_empty());
    assert_eq!(store.patch(CAMPAIGN, "\"3\"", sending(false)).await.status, 200);
    ask(&store, &plain()).await.is_problem(409, "campaign-paused");
    store.set_status(CampaignStatus::Active).await;
    assert_eq!(ask(&store, &plain()).await.status, 201);
}
