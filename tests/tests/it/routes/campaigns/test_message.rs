//! `POST /campaigns/{id}/test`: one message, no fact, no figure.

use local::graph::{Act, Fault, TOKEN};
use serde_json::{Value, json};
use shared::domain::values::limits::TEST_MESSAGES_AN_HOUR;
use shared::domain::values::span::Span;

use crate::captured_log::logged;
use crate::routes::templates::TEXT;
use crate::store::phones::{ANA, Phones};
use crate::store::{Answer, PHONE_NUMBER_ID, Store};

/// A store that can try messages out, and the id of its campaign.
async fn ready() -> (Phones, String) {
    let phones = Box::pin(Phones::open()).await;
    phones.store.post(TEXT, Value::Null).await.is_ok();
    assert!(phones.deliver().await);
    let id = phones.store.campaign("x").await;
    (phones, id)
}

async fn test(phones: &Phones, id: &str, phone: &str) -> Answer {
    phones.store.post(&format!("/campaigns/{id}/test"), json!({"phone": phone})).await
}

#[tokio::test]
async fn a_message_reaches_the_phone_and_no_figure() {
    let (phones, id) = ready().await;
    let store = &phones.store;
    let before = store.contents().await.len();
    assert_eq!(test(&phones, &id, "(11) 98555-0101").await.ok(), json!({"outcome": "accepted"}));
    let message = phones.graph.messages().pop().unwrap();
    assert_eq!((message.from.as_str(), message.to.as_str()), (PHONE_NUMBER_ID, ANA));
    let text = "Olá, de novo! O seu carrinho na Loja Exemplo continua guardado.";
    assert!(message.text.starts_with(text), "{}", message.text);
    // Its link leads to the store, and a tap on it counts nowhere.
    let link = message.link.clone().unwrap();
    let path = link.strip_prefix("https://links.example").unwrap();
    let tapped = store.get(path).await;
    assert_eq!((tapped.status, tapped.header("location")), (302, "https://acme.example/"));
    // Its receipts are nobody's.
    for status in ["read", "failed"] {
        let (id, status) = (message.id.clone(), status.to_owned());
        phones.act(Act::Status { id, status, code: Some(131_049) }).await;
    }
    assert!(store.reminder(&message.id).await.is_none());
    let left = store.contents().await;
    // The link, the tap on it, that she is to be left alone, and the count of the hour.
    assert_eq!(left.len() - before, 4, "{left:#?}");
    assert_eq!(store.table.messages_of_a_day(&store.account, store.clock.now()).await.unwrap(), 1);
    assert!(left.iter().all(|item| !item.contains("#REMINDER#")));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let (phones, id) = ready().await;
    let store = &phones.store;
    test(&phones, "unknown", ANA).await.is_problem(404, "campaign-not-found");
    let answer = test(&phones, &id, "nobody").await;
    assert_eq!(answer.is_problem(422, "invalid-field")["field"], "phone");
    let other = json!({"name": "z", "language": "es", "messageType": "text"});
    let other = store.post("/campaigns", other).await.body["campaignId"].clone();
    let answer = test(&phones, other.as_str().unwrap(), ANA).await;
    answer.is_problem(409, "template-not-approved");
    // A coupon's campaign needs one.
    store.post("/templates/pt-BR/coupon", Value::Null).await.is_ok();
    assert!(phones.deliver().await);
    assert_eq!(store.patch(&id, "\"1\"", json!({"messageType": "coupon"})).await.status, 200);
    test(&phones, &id, ANA).await.is_problem(409, "coupon-missing");
    let coupon = json!({"sending": {"couponCode": "VOLTA10"}});
    assert_eq!(store.patch(&id, "\"2\"", coupon).await.status, 200);
    test(&phones, &id, ANA).await.is_ok();
    assert!(phones.graph.messages()[0].text.contains("VOLTA10"));
    store.post("/opt-outs", json!({"phone": ANA})).await.is_ok();
    test(&phones, &id, ANA).await.is_problem(409, "opted-out");
    assert_eq!(store.delete("/account/whatsapp").await.status, 204);
    test(&phones, &id, ANA).await.is_problem(409, "whatsapp-not-connected");
    let reader = store.with_scope("admin:read");
    let answer = reader.post(&format!("/campaigns/{id}/test"), json!({"phone": ANA})).await;
    answer.is_problem(403, "insufficient-scope");
}

#[tokio::test]
async fn a_picture_stands_above_the_text_where_the_campaign_has_one() {
    let (phones, id) = ready().await;
    phones.store.post("/templates/pt-BR/image", Value::Null).await.is_ok();
    assert!(phones.deliver().await);
    let image = json!({"messageType": "image"});
    assert_eq!(phones.store.patch(&id, "\"1\"", image).await.status, 200);
    test(&phones, &id, ANA).await.is_ok();
    let picture = phones.graph.messages()[0].picture.clone();
    assert_eq!(picture.as_deref(), Some("https://links.example/cart.png"));
}

#[tokio::test]
async fn what_meta_says_is_told() {
    let (phones, id) = ready().await;
    for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::Status(502)] {
        phones.graph.plan([Some(fault)]);
        assert_eq!(test(&phones, &id, ANA).await.ok(), json!({"outcome": "unknown"}));
        phones.store.pass(Span::seconds(10));
    }
    phones.graph.plan([Some(Fault::Held)]);
    assert_eq!(test(&phones, &id, ANA).await.ok(), json!({"outcome": "accepted"}));
    phones.store.pass(Span::seconds(10));
    phones.graph.plan([Some(Fault::Code(131_026))]);
    let answer = test(&phones, &id, ANA).await;
    let detail = answer.is_problem(409, "message-refused")["detail"].clone();
    assert!(detail.as_str().unwrap().contains("131026"), "{detail}");
    // It holds for her reminders, too.
    let held = phones.contact(ANA).await;
    assert_eq!((held.code, held.opt_out), (Some(131_026), false));
    phones.graph.plan([Some(Fault::Code(131_050))]);
    test(&phones, &id, ANA).await.is_problem(409, "message-refused");
    assert!(phones.contact(ANA).await.opt_out);
    phones.store.pass(Span::seconds(1));
    phones.store.post("/opt-outs/remove", json!({"phone": ANA})).await.is_ok();
    phones.graph.plan([Some(Fault::Code(131_031))]);
    test(&phones, &id, ANA).await.is_problem(409, "account-blocked");
    let blocked = phones.store.get("/account/whatsapp").await.ok()["blocked"].clone();
    assert_eq!(blocked["cure"], "appeal-restriction");
}

#[tokio::test]
async fn an_account_tries_out_so_many_within_an_hour() {
    let (phones, id) = ready().await;
    for _ in 0..TEST_MESSAGES_AN_HOUR {
        test(&phones, &id, ANA).await.is_ok();
        phones.store.pass(Span::seconds(10));
    }
    test(&phones, &id, ANA).await.is_problem(429, "too-many-tests");
    // Connecting anew gives no more.
    assert_eq!(phones.store.delete("/account/whatsapp").await.status, 204);
    phones.connect().await.is_ok();
    test(&phones, &id, ANA).await.is_problem(429, "too-many-tests");
    assert_eq!(phones.graph.messages().len(), TEST_MESSAGES_AN_HOUR);
    phones.store.pass(Span::hours(1));
    test(&phones, &id, ANA).await.is_ok();
}

#[tokio::test]
async fn another_accounts_campaign_is_not_found() {
    let (phones, id) = ready().await;
    let bela = phones.store.of("bela");
    let answer = bela.post(&format!("/campaigns/{id}/test"), json!({"phone": ANA})).await;
    answer.is_problem(404, "campaign-not-found");
    let unset = Phones::of(&Store::unset().await).await;
    test(&unset, &id, ANA).await.is_problem(404, "campaign-not-found");
}

#[tokio::test]
async fn no_log_line_of_a_test_holds_a_phone_or_a_token() {
    let (phones, id) = ready().await;
    let log = logged(async {
        test(&phones, &id, ANA).await.is_ok();
        phones.graph.plan([Some(Fault::Code(131_026)), Some(Fault::ResetAfter)]);
        test(&phones, &id, ANA).await.is_problem(409, "message-refused");
        phones.store.pass(Span::seconds(10));
        test(&phones, &id, ANA).await.is_ok();
        assert!(phones.deliver().await);
    })
    .await;
    for text in [ANA, "985550101", TOKEN] {
        assert!(!log.contains(text), "{text}: {log}");
    }
}
