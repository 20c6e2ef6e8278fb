//! The stand-in for Graph: it refuses what Meta refuses, takes a message at most once, and tells what it is told to.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use shared::domain::facts::cart::SendId;
use shared::domain::rules::answer::Answer;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::ids::{LinkToken, PhoneNumberId, WabaId};
use shared::domain::values::instant::Instant;
use shared::domain::values::sending::CouponCode;
use shared::domain::values::span::Span;
use shared::graph::Way;
use shared::graph::message::Message;
use shared::graph::template::Template;
use shared::graph::{AccessToken, GraphApi, Sent};
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;

use crate::graph::{Act, Delivery, Fault, Graph, TOKEN};

const NUMBER: &str = "5550100200";
const TEXT: Template = Template { language: Language::PtBr, message_type: MessageType::Text };

struct Meta {
    graph: Graph,
    api: GraphApi,
    clock: Clock,
}

impl Meta {
    /// With one template, which is approved.
    async fn start() -> Self {
        let clock = Clock::manual(Instant::parse_rfc3339("2026-11-22T12:00:00Z").unwrap());
        let graph = Graph::start(clock.clone()).await.unwrap();
        let meta = Self { api: GraphApi::at(graph.url()), graph, clock };
        meta.create(TEXT).await;
        meta
    }

    async fn create(&self, template: Template) {
        let asked = template.to_create("https://links.example/r/", Some("4::x"), Way::Usual);
        let waba = WabaId::parse("5550100").unwrap();
        self.api.create_template(&AccessToken::new(TOKEN), &waba, &asked).await.unwrap();
    }

    async fn send(&self, template: Template, to: &str) -> Sent {
        self.send_by(Way::Usual, template, to).await
    }

    async fn send_by(&self, way: Way, template: Template, to: &str) -> Sent {
        let (link_token, send_id) = (LinkToken::new(&[7; 16], ""), SendId::new(&[8; 16]));
        let message = Message {
            template,
            to,
            first_name: Some("Ana"),
            shop: "Loja",
            picture: None,
            coupon: None,
            link_token: &link_token,
            send_id: &send_id,
            way,
        };
        let number = PhoneNumberId::parse(NUMBER).unwrap();
        self.api.send(&AccessToken::new(TOKEN), &number, &message).await
    }

    async fn code(&self, template: Template, to: &str) -> u32 {
        match self.send(template, to).await {
            Sent::Refused(Answer::Code(code)) => code,
            other => panic!("{other:?}"),
        }
    }

    /// What is told, in the order in which it is delivered.
    async fn told(&self) -> Vec<Value> {
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let heard = Arc::clone(&told);
        let secret = Secret::new("s");
        let all = self.graph.deliver(&secret, move |body, signature| {
            assert!(signature.starts_with("sha256="));
            heard.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
            std::future::ready(true)
        });
        assert!(all.await);
        std::mem::take(&mut told.lock().unwrap())
    }

    /// The statuses that are told.
    async fn statuses(&self) -> Vec<String> {
        let told = self.told().await;
        let statuses = told.iter().filter_map(|body| {
            body.pointer("/entry/0/changes/0/value/statuses/0/status")?.as_str().map(str::to_owned)
        });
        statuses.collect()
    }
}

#[tokio::test]
async fn a_message_is_shown_as_the_phone_shows_it_and_its_receipts_come() {
    let meta = Meta::start().await;
    let Sent::Accepted { reminder_id, held: false } = meta.send(TEXT, "5511985550101").await else {
        panic!("refused")
    };
    let message = meta.graph.messages().pop().unwrap();
    assert_eq!(message.id, reminder_id.as_str());
    let text = "Olá, Ana! O seu carrinho na Loja continua guardado.";
    assert!(message.text.starts_with(text), "{}", message.text);
    assert_eq!(message.link.unwrap(), "https://links.example/r/BwcHBwcHBwcHBwcHBwcHBw");
    let told = meta.told().await;
    let status = &told[1]["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!((&status["status"], &status["id"]), (&json!("sent"), &json!(message.id)));
    assert_eq!(status["biz_opaque_callback_data"], "s1.CAgICAgICAgICAgICAgICA");
    meta.graph.act(Act::Status { id: message.id, status: "read".into(), code: None }).unwrap();
    assert_eq!(meta.statuses().await, ["read"]);
}

#[tokio::test]
async fn it_refuses_what_meta_refuses() {
    let meta = Meta::start().await;
    let spanish = Template { language: Language::Es, ..TEXT };
    assert_eq!(meta.code(spanish, "5491155501234").await, 132_001);
    let judge = |state: &str| Act::Judge {
        name: TEXT.name().into(),
        language: "pt_BR".into(),
        state: state.into(),
        reason: None,
    };
    for (state, code) in [("PAUSED", 132_015), ("DISABLED", 132_016), ("REJECTED", 132_001)] {
        meta.graph.act(judge(state)).unwrap();
        assert_eq!(meta.code(TEXT, "5511985550101").await, code, "{state}");
    }
    for state in ["FLAGGED", "REINSTATED", "APPROVED"] {
        meta.graph.act(judge(state)).unwrap();
        let sent = meta.send(TEXT, "5511985550101").await;
        assert!(matches!(sent, Sent::Accepted { .. }), "{state}");
        meta.clock.set(meta.clock.now().plus(Span::seconds(6)));
    }
    let taken = meta.graph.messages().len();
    // A picture's template needs a picture.
    let picture = Template { message_type: MessageType::Image, ..TEXT };
    meta.create(picture).await;
    assert_eq!(meta.code(picture, "5511985550101").await, 132_000);
    let other = AccessToken::new("another-token");
    let waba = WabaId::parse("5550100").unwrap();
    assert!(meta.api.numbers(&other, &waba).await.is_err());
    assert_eq!(meta.graph.messages().len(), taken);
}

/// What somebody else would ask of it, without the API of ours.
async fn ask(meta: &Meta, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}/{path}", meta.graph.url()));
    let request = request.bearer_auth(TOKEN).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn it_makes_no_template_whose_buttons_are_mixed() {
    let meta = Meta::start().await;
    let coupon = Template { message_type: MessageType::Coupon, ..TEXT };
    let ours = coupon.to_create("https://links.example/r/", None, Way::Usual);
    let at = "/components/2/buttons";
    let [link, code, stop] = ours.pointer(at).unwrap().as_array().unwrap().as_slice() else {
        panic!("{ours}")
    };
    for (index, (buttons, is_made)) in [
        ([link, stop, code], false),
        ([code, stop, link], false),
        ([stop, code, stop], false),
        ([stop, link, code], true),
        ([link, stop, stop], true),
        ([link, code, stop], true),
    ]
    .into_iter()
    .enumerate()
    {
        let mut asked = ours.clone();
        asked["name"] = json!(format!("other_{index}"));
        *asked.pointer_mut(at).unwrap() = json!(buttons);
        let answer = ask(&meta, "5550100/message_templates", &asked).await;
        assert_eq!(answer["status"] == "PENDING", is_made, "{answer}");
        assert_eq!(answer["error"]["code"] == 100, !is_made, "{answer}");
    }
}

#[tokio::test]
async fn every_message_of_ours_fits_its_template_and_no_other_is_taken() {
    let meta = Meta::start().await;
    let (link_token, send_id) = (LinkToken::new(&[7; 16], ""), SendId::new(&[8; 16]));
    let coupon = CouponCode::parse("VOLTA10").unwrap();
    let path = format!("{NUMBER}/messages");
    for (number, template) in (100..).zip(Template::all()) {
        if template != TEXT {
            meta.create(template).await;
        }
        let to = format!("5511985550{number}");
        let ours = Message {
            template,
            to: &to,
            first_name: Some("Ana"),
            shop: "Loja",
            picture: Some("https://shop.example/cart.png"),
            coupon: Some(&coupon),
            link_token: &link_token,
            send_id: &send_id,
            way: Way::Usual,
        }
        .to_json();
        let parts = ours["template"]["components"].as_array().unwrap().clone();
        let last = parts.len() - 1;
        let mut others = Vec::new();
        for index in ["0", "9", "x"] {
            let mut moved = parts.clone();
            moved[last]["index"] = json!(index);
            others.push((moved, 132_018));
        }
        let mut renamed = parts.clone();
        renamed[last]["sub_type"] = json!("flow");
        others.push((renamed, 132_018));
        let mut twice = parts.clone();
        twice.push(parts[last].clone());
        others.push((twice, 132_018));
        let mut linkless = parts.clone();
        linkless.retain(|part| part["sub_type"] != "url");
        others.push((linkless, 132_000));
        for (parts, code) in others {
            let mut other = ours.clone();
            other["template"]["components"] = json!(parts);
            let answer = ask(&meta, &path, &other).await;
            assert_eq!(answer["error"]["code"], code, "{other}");
            meta.clock.set(meta.clock.now().plus(Span::seconds(6)));
        }
        let answer = ask(&meta, &path, &ours).await;
        assert!(answer["messages"][0]["id"].is_string(), "{answer} {ours}");
        let shown = meta.graph.messages().pop().unwrap();
        assert_eq!(shown.link.unwrap(), "https://links.example/r/BwcHBwcHBwcHBwcHBwcHBw");
    }
}

#[tokio::test]
async fn marketing_messages_are_for_who_has_them() {
    let meta = Meta::start().await;
    let (token, waba) = (AccessToken::new(TOKEN), WabaId::parse("5550100").unwrap());
    let spanish = Template { language: Language::Es, ..TEXT };
    let lasting = |way| spanish.to_create("https://links.example/r/", None, way);
    let refused = Sent::Refused(Answer::Code(134_102));
    assert_eq!(meta.send_by(Way::Marketing, TEXT, "5511985550101").await, refused);
    assert!(meta.api.create_template(&token, &waba, &lasting(Way::Marketing)).await.is_err());
    assert_eq!(meta.api.has_marketing_messages(&token, &waba).await.unwrap(), Some(false));
    meta.graph.act(Act::Marketing { number: NUMBER.to_owned() }).unwrap();
    assert_eq!(meta.api.has_marketing_messages(&token, &waba).await.unwrap(), Some(true));
    for ttl in [43_199, 2_592_001] {
        let mut asked = lasting(Way::Marketing);
        asked["message_send_ttl_seconds"] = json!(ttl);
        assert!(meta.api.create_template(&token, &waba, &asked).await.is_err(), "{ttl}");
    }
    meta.api.create_template(&token, &waba, &lasting(Way::Marketing)).await.unwrap();
    for (way, to, ttl) in
        [(Way::Marketing, "5491155501234", Some(43_200)), (Way::Usual, "5491155501235", None)]
    {
        assert!(matches!(meta.send_by(way, spanish, to).await, Sent::Accepted { .. }));
        let message = meta.graph.messages().pop().unwrap();
        assert_eq!((message.is_marketing, message.ttl_seconds), (way == Way::Marketing, ttl));
    }
}

#[tokio::test]
async fn its_limits_go_by_the_stacks_clock() {
    let meta = Meta::start().await;
    let accepted = |sent: Sent| matches!(sent, Sent::Accepted { .. });
    assert!(accepted(meta.send(TEXT, "5511985550101").await));
    assert_eq!(meta.code(TEXT, "5511985550101").await, 131_056);
    for other in 1..80 {
        assert!(accepted(meta.send(TEXT, &format!("55119855502{other:02}")).await), "{other}");
    }
    assert_eq!(meta.code(TEXT, "5511985550300").await, 130_429);
    meta.clock.set(meta.clock.now().plus(Span::seconds(1)));
    assert!(accepted(meta.send(TEXT, "5511985550300").await));
    meta.clock.set(meta.clock.now().plus(Span::seconds(5)));
    assert!(accepted(meta.send(TEXT, "5511985550101").await));
}

#[tokio::test]
async fn it_fails_as_it_is_told_to_and_takes_a_message_only_where_that_says_so() {
    let meta = Meta::start().await;
    for (fault, answer, taken) in [
        (Fault::Code(131_026), Answer::Code(131_026), 0),
        (Fault::Status(503), Answer::ServerError, 0),
        (Fault::ResetBefore, Answer::Silence, 0),
        (Fault::ResetAfter, Answer::Silence, 1),
    ] {
        let before = meta.graph.messages().len();
        meta.graph.plan([Some(fault.clone())]);
        assert_eq!(meta.send(TEXT, "5511985550101").await, Sent::Refused(answer), "{fault:?}");
        assert_eq!(meta.graph.messages().len() - before, taken, "{fault:?}");
    }
    meta.clock.set(meta.clock.now().plus(Span::seconds(10)));
    meta.graph.plan([Some(Fault::Held)]);
    let held = meta.send(TEXT, "5511985550101").await;
    assert!(matches!(held, Sent::Accepted { held: true, .. }));
    meta.graph.fail_always(Some(Fault::Code(4)));
    assert_eq!(meta.code(TEXT, "5511985550102").await, 4);
    meta.graph.fail_always(None);
    assert!(matches!(meta.send(TEXT, "5511985550102").await, Sent::Accepted { held: false, .. }));
}

#[tokio::test]
async fn webhooks_come_twice_and_backwards_where_that_is_asked_for() {
    let meta = Meta::start().await;
    meta.told().await;
    meta.graph.deliver_like(Delivery { twice: true, backwards: true, held: true });
    meta.send(TEXT, "5511985550101").await;
    assert!(meta.graph.is_held());
    assert_eq!(meta.statuses().await, ["delivered", "delivered", "sent", "sent"]);
    // What isn't taken stays, and so does what is behind it.
    meta.clock.set(meta.clock.now().plus(Span::seconds(10)));
    meta.graph.deliver_like(Delivery::default());
    meta.send(TEXT, "5511985550101").await;
    let secret = Secret::new("s");
    let refused = meta.graph.deliver(&secret, |_, _| std::future::ready(false));
    assert!(!refused.await);
    assert_eq!(meta.statuses().await, ["sent", "delivered"]);
}

#[tokio::test]
async fn templates_outlast_a_restart() {
    let directory = super::directory();
    let clock = Clock::system();
    let graph = Graph::start_in(directory.path(), clock.clone()).await.unwrap();
    let meta = Meta { api: GraphApi::at(graph.url()), graph, clock: clock.clone() };
    meta.create(TEXT).await;
    drop(meta);
    let graph = Graph::start_in(directory.path(), clock.clone()).await.unwrap();
    let meta = Meta { api: GraphApi::at(graph.url()), graph, clock };
    assert!(matches!(meta.send(TEXT, "5511985550101").await, Sent::Accepted { .. }));
}
