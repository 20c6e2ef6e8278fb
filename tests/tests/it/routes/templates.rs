//! `/templates`: what is made at Meta, and what is known of it (R19).

use local::graph::{Act, Fault, Graph, TOKEN};
use serde_json::{Value, json};
use shared::domain::facts::template::TemplateState;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::ids::WabaId;
use shared::domain::values::span::Span;
use shared::graph::{AccessToken, GraphApi};

use crate::store::Store;
use crate::store::phones::{Phones, WABA};

pub(crate) const TEXT: &str = "/templates/pt-BR/text";

pub(crate) async fn state(store: &Store, language: Language) -> Option<TemplateState> {
    let held = store.table.template(&store.account, language, MessageType::Text).await.unwrap();
    held.and_then(|held| held.template).map(|told| told.state)
}

fn of<'a>(templates: &'a Value, language: &str, message_type: &str) -> &'a Value {
    let mut items = templates["items"].as_array().unwrap().iter();
    items
        .find(|item| {
            (&item["language"], &item["messageType"]) == (&json!(language), &json!(message_type))
        })
        .unwrap()
}

#[tokio::test]
async fn every_template_is_shown_before_it_is_made() {
    let phones = Phones::open().await;
    let told = phones.store.get("/templates").await.ok();
    assert_eq!(told["items"].as_array().unwrap().len(), 9);
    insta::assert_json_snapshot!("template_with_coupon", of(&told, "es", "coupon"));
    insta::assert_json_snapshot!("template_with_picture", of(&told, "pt-BR", "image"));
    // Without a connection the shop has its account's name.
    let alone = Store::open().await.get("/templates").await.ok();
    let body = of(&alone, "en-US", "text")["preview"]["body"].as_str().unwrap().to_owned();
    assert!(body.contains(" acme "), "{body}");
}

#[tokio::test]
async fn a_template_is_made_and_approved_by_webhook() {
    let phones = Phones::open().await;
    let store = &phones.store;
    for message_type in ["text", "image", "coupon"] {
        let path = format!("/templates/pt-BR/{message_type}");
        let made = store.post(&path, Value::Null).await.ok();
        assert_eq!(made["state"], "pending", "{path}");
    }
    assert!(phones.deliver().await);
    let told = store.get("/templates").await.ok();
    for message_type in ["text", "image", "coupon"] {
        assert_eq!(of(&told, "pt-BR", message_type)["state"], "approved", "{message_type}");
    }
    assert_eq!(of(&told, "es", "text")["state"], "missing");
    // Asked again it is read, not made.
    assert_eq!(store.post(TEXT, Value::Null).await.ok()["state"], "approved");
}

/// By way of Marketing Messages, where the account has them: so no reminder arrives a month late.
#[tokio::test]
async fn a_template_and_a_message_go_by_way_of_marketing_messages() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    let id = store.campaign("x").await;
    let test = async || {
        let phone = json!({"phone": crate::store::phones::ANA});
        store.post(&format!("/campaigns/{id}/test"), phone).await
    };
    phones.graph.set_marketing(WABA, true);
    phones.connect().await.is_ok();
    store.post(TEXT, Value::Null).await.is_ok();
    assert!(phones.deliver().await);
    test().await.is_ok();
    let message = phones.graph.messages().pop().unwrap();
    assert_eq!((message.is_marketing, message.ttl_seconds), (true, Some(43_200)));
    // Meta took them away and told nobody: the next message goes the usual way.
    phones.graph.set_marketing(WABA, false);
    store.pass(Span::seconds(7));
    test().await.is_problem(409, "message-refused");
    test().await.is_ok();
    let message = phones.graph.messages().pop().unwrap();
    assert_eq!((message.is_marketing, message.ttl_seconds), (false, None));
}

#[tokio::test]
async fn a_state_that_no_webhook_told_is_read_again() {
    let phones = Phones::open().await;
    let store = &phones.store;
    phones.graph.judge_slowly();
    assert_eq!(store.post(TEXT, Value::Null).await.ok()["state"], "pending");
    store.pass(Span::hours(1));
    let act = Act::Judge {
        name: "cart_reminder_text_1".to_owned(),
        language: "pt_BR".to_owned(),
        state: "REJECTED".to_owned(),
        reason: Some("INVALID_FORMAT".to_owned()),
    };
    phones.graph.act(act).unwrap();
    let read = store.post(TEXT, Value::Null).await.ok();
    assert_eq!((&read["state"], &read["why"]), (&json!("rejected"), &json!("INVALID_FORMAT")));
    // The webhook, which comes late, tells the same.
    assert!(phones.deliver().await);
    assert_eq!(state(store, Language::PtBr).await, Some(TemplateState::Rejected));
}

#[tokio::test]
async fn what_meta_refuses_is_told() {
    let phones = Phones::open().await;
    let store = &phones.store;
    phones.graph.plan([None, Some(Fault::Code(2_388_023))]);
    let answer = store.post(TEXT, Value::Null).await;
    let detail = answer.is_problem(409, "whatsapp-refused")["detail"].clone();
    assert!(detail.as_str().unwrap().contains("2388023"), "{detail}");
    phones.graph.plan([Some(Fault::ResetBefore)]);
    store.post(TEXT, Value::Null).await.is_problem(503, "unavailable");
    phones.graph.plan([Some(Fault::Code(190))]);
    store.post(TEXT, Value::Null).await.is_problem(409, "account-blocked");
    let told = store.get("/account/whatsapp").await.ok();
    assert_eq!(told["blocked"]["cure"], "renew-token");
    assert_eq!(state(store, Language::PtBr).await, None);
}

#[tokio::test]
async fn what_is_no_template_is_not_found() {
    let phones = Phones::open().await;
    for path in ["/templates/pt/text", "/templates/pt-BR/video", "/templates/pt_BR/text"] {
        phones.store.post(path, Value::Null).await.is_problem(404, "template-not-found");
    }
    let alone = Store::open().await;
    let alone = Phones::of(&alone).await.store;
    alone.post(TEXT, Value::Null).await.is_problem(409, "whatsapp-not-connected");
    let unset = Store::unset().await;
    unset.get("/templates").await.is_problem(404, "account-not-found");
    unset.post(TEXT, Value::Null).await.is_problem(404, "account-not-found");
    let reader = phones.store.with_scope("admin:read");
    reader.post(TEXT, Value::Null).await.is_problem(403, "insufficient-scope");
}

/// What the stand-in takes is what Meta would be asked.
#[tokio::test]
async fn a_picture_is_uploaded_before_its_template_is_made() {
    let store = Store::open().await;
    let graph = Graph::start(store.clock.clone()).await.unwrap();
    graph.add_number(WABA, "1");
    let api = GraphApi::at(graph.url());
    let handle = api.upload_picture(&AccessToken::new(TOKEN), shared::graph::PICTURE).await;
    assert_eq!(handle.unwrap(), "4::bG9jYWw=");
    let waba = WabaId::parse(WABA).unwrap();
    let numbers = api.numbers(&AccessToken::new(TOKEN), &waba).await.unwrap();
    assert_eq!(numbers[0].id.as_str(), "1");
}

/// The page serves the picture that stands in for a cart's own.
#[test]
fn the_pages_picture_is_the_templates_example() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let served = std::fs::read(root.join("admin/public/cart.png")).unwrap();
    assert_eq!(served, shared::graph::PICTURE);
}
