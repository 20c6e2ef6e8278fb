#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse as _;
use domain::facts::cart::SendId;
use domain::values::campaign::{Language, MessageType};
use domain::values::daily_limit::DailyLimit;
use domain::values::ids::LinkToken;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::template::Template;

fn token() -> AccessToken {
    AccessToken::new("invented-token")
}

fn number() -> PhoneNumberId {
    PhoneNumberId::parse("15550001").unwrap()
}

fn waba() -> WabaId {
    WabaId::parse("1550").unwrap()
}

async fn send(graph: &GraphApi) -> Sent {
    send_by(graph, Way::Usual).await
}

async fn send_by(graph: &GraphApi, way: Way) -> Sent {
    let (link_token, send_id) = (LinkToken::new(&[1; 16], ""), SendId::new(&[2; 16]));
    let message = Message {
        template: Template { language: Language::EnUs, message_type: MessageType::Text },
        to: "15555550100",
        first_name: None,
        shop: "Shop",
        picture: None,
        coupon: None,
        link_token: &link_token,
        send_id: &send_id,
        way,
    };
    graph.send(&token(), &number(), &message).await
}

/// A Graph that answers every call alike, and tells what it was asked.
struct Meta {
    graph: GraphApi,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: tokio::task::JoinHandle<()>,
}

/// A call: method and address, token, body.
type Asked = (String, Option<String>, Value);

impl Meta {
    async fn answering(status: u16, headers: &[(&'static str, &'static str)], body: Value) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, headers) = (Arc::clone(&asked), headers.to_vec());
        let answer = move |method: Method, uri: Uri, told: HeaderMap, request: String| {
            let token = told.get("authorization").map(|token| token.to_str().unwrap().to_owned());
            let request = serde_json::from_str(&request).unwrap_or_default();
            seen.lock().unwrap().push((format!("{method} {uri}"), token, request));
            let mut answer =
                (StatusCode::from_u16(status).unwrap(), Json(body.clone())).into_response();
            for (name, value) in headers.clone() {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            std::future::ready(answer)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let graph = GraphApi::at(format!("http://{}", listener.local_addr().unwrap()));
        let router = axum::Router::new().fallback(answer);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { graph, asked, serving }
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Drop for Meta {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What comes of a message that is answered so. It is sent once, whatever is answered.
async fn answered(status: u16, headers: &[(&'static str, &'static str)], body: Value) -> Sent {
    let meta = Meta::answering(status, headers, body).await;
    let sent = send(&meta.graph).await;
    let asked = meta.asked();
    let [(call, token, message)] = asked.as_slice() else { panic!("{} calls", asked.len()) };
    assert_eq!(call, "POST /15550001/messages");
    assert_eq!(token.as_deref(), Some("Bearer invented-token"));
    assert_eq!((&message["to"], &message["type"]), (&json!("15555550100"), &json!("template")));
    sent
}

fn taken(status: Option<&str>) -> serde_json::Value {
    let mut message = json!({"id": "wamid.invented"});
    if let Some(status) = status {
        message["message_status"] = json!(status);
    }
    json!({"messaging_product": "whatsapp", "contacts": [], "messages": [message]})
}

#[tokio::test]
async fn a_message_that_is_taken_has_its_id() {
    let accepted =
        |held| Sent::Accepted { reminder_id: ReminderId::parse("wamid.invented").unwrap(), held };
    for (status, held) in
        [(None, false), (Some("accepted"), false), (Some("held_for_quality_assessment"), true)]
    {
        assert_eq!(answered(200, &[], taken(status)).await, accepted(held));
    }
}

#[tokio::test]
async fn a_code_is_told_whatever_the_status() {
    for (status, code) in [(400, 131_026), (401, 190), (429, 130_429), (500, 131_000)] {
        let error =
            json!({"error": {"message": "(#1) invented", "type": "OAuthException", "code": code}});
        assert_eq!(answered(status, &[], error).await, Sent::Refused(Answer::Code(code)));
    }
}

#[tokio::test]
async fn an_answer_without_a_code_says_nothing() {
    let elsewhere = [("location", "https://elsewhere.example/")];
    for (status, headers, body) in [
        (502, &[][..], json!("busy")),
        (400, &[][..], json!({"error": "odd"})),
        (307, &elsewhere[..], json!({})),
    ] {
        let sent = answered(status, headers, body).await;
        assert_eq!(sent, Sent::Refused(Answer::ServerError));
    }
}

#[tokio::test]
async fn a_yes_without_an_id_waits_for_its_status() {
    for body in [json!({}), json!({"messages": []}), json!({"messages": [{"id": "with space"}]})] {
        assert_eq!(answered(200, &[], body).await, Sent::Refused(Answer::Silence));
    }
}

#[tokio::test]
async fn where_nobody_listens_no_byte_has_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(send(&GraphApi::at(base)).await, Sent::Refused(Answer::NoConnection));
}

#[tokio::test]
async fn a_lost_answer_is_silence_and_nothing_is_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let graph = GraphApi::at(format!("http://{}", listener.local_addr().unwrap()));
    let meta = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 16];
        connection.read_exact(&mut request).await.unwrap();
        // Half an answer, then the end.
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{").await.unwrap();
        drop(connection);
        listener
    });
    assert_eq!(send(&graph).await, Sent::Refused(Answer::Silence));
    // Whoever had connected a second time would stand in the queue.
    let listener = meta.await.unwrap().into_std().unwrap();
    let second = listener.accept().unwrap_err();
    assert_eq!(second.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn marketing_messages_have_a_way_of_their_own() {
    let meta = Meta::answering(200, &[], taken(None)).await;
    for way in [Way::Usual, Way::Marketing] {
        assert!(matches!(send_by(&meta.graph, way).await, Sent::Accepted { .. }));
    }
    let asked = meta.asked();
    let [(usual, _, message), (marketing, _, same)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(
        (usual.as_str(), marketing.as_str()),
        ("POST /15550001/messages", "POST /15550001/marketing_messages")
    );
    assert_eq!(message, same);
}

#[tokio::test]
async fn who_is_onboarded_has_marketing_messages() {
    let field = "marketing_messages_onboarding_status";
    for (word, has) in [
        (json!("ONBOARDED"), Some(true)),
        (json!("ELIGIBLE"), Some(false)),
        (json!("PENDING_INTERNAL_SETUP"), Some(false)),
        (json!(null), None),
    ] {
        let meta = Meta::answering(200, &[], json!({"id": "1550", field: word})).await;
        assert_eq!(meta.graph.has_marketing_messages(&token(), &waba()).await.unwrap(), has);
        assert_eq!(meta.asked()[0].0, format!("GET /1550?fields={field}"));
    }
}

#[tokio::test]
async fn the_limit_of_a_business_is_asked_for_by_its_number() {
    let field = "whatsapp_business_manager_messaging_limit";
    for (told, limit) in [
        (json!({"id": "15550001", field: "TIER_2K"}), Some(DailyLimit::People(2_000))),
        (json!({"id": "15550001", field: "TIER_UNLIMITED"}), Some(DailyLimit::Unlimited)),
        (json!({"id": "15550001", field: "TIER_NOT_SET"}), None),
        (json!({"id": "15550001", field: null}), None),
        (json!({"id": "15550001"}), None),
    ] {
        let meta = Meta::answering(200, &[], told).await;
        assert_eq!(meta.graph.daily_limit(&token(), &number()).await.unwrap(), limit);
        assert_eq!(meta.asked()[0].0, format!("GET /15550001?fields={field}"));
    }
    let refused = json!({"error": {"message": "invented", "code": 100}});
    let stranger = Meta::answering(400, &[], refused).await;
    let other = stranger.graph.daily_limit(&token(), &number()).await;
    assert!(matches!(other, Err(GraphError::Refused { code: Some(100), .. })));
}

#[tokio::test]
async fn templates_are_created_and_read() {
    let template = Template { language: Language::PtBr, message_type: MessageType::Text };
    let asked = template.to_create("https://links.example/r/", None, Way::Usual);
    let pending = json!({"id": "9", "status": "PENDING", "category": "MARKETING"});
    let meta = Meta::answering(200, &[], pending).await;
    assert_eq!(meta.graph.create_template(&token(), &waba(), &asked).await.unwrap(), "PENDING");
    let told = meta.asked();
    assert_eq!((told[0].0.as_str(), &told[0].2), ("POST /1550/message_templates", &asked));
    let list = json!({
        "data": [{"name": template.name(), "language": "pt_BR", "status": "APPROVED", "id": "9"}],
    });
    let meta = Meta::answering(200, &[], list).await;
    let told = meta.graph.templates(&token(), &waba(), template.name()).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|told| Template::named(&told.name, &told.language)).collect();
    assert_eq!(told, [Some(template)]);
}

#[test]
fn no_id_leads_elsewhere() {
    let graph = GraphApi::at("https://graph.example/v1");
    assert_eq!(graph.url(&["a/b?c", "messages"]).unwrap().path(), "/v1/a%2Fb%3Fc/messages");
    for odd in ["", ".", ".."] {
        assert!(graph.url(&[odd, "messages"]).is_err());
    }
}

#[test]
fn a_token_is_not_printed() {
    assert_eq!(format!("{:?}", token()), "AccessToken(…)");
}

#[tokio::test]
async fn a_picture_is_uploaded_in_a_session() {
    let told = json!({"id": "upload:MTphdHR?sig=ARZ", "h": "4::aW1hZ2U="});
    let meta = Meta::answering(200, &[], told).await;
    let handle = meta.graph.upload_picture(&token(), b"png").await.unwrap();
    assert_eq!(handle, "4::aW1hZ2U=");
    let asked = meta.asked();
    assert_eq!(asked[0].0, "POST /app/uploads?file_length=3&file_type=image%2Fpng");
    assert_eq!(asked[1].0, "POST /upload:MTphdHR?sig=ARZ");
    assert_eq!(asked[1].1.as_deref(), Some("OAuth invented-token"));
    // The token goes nowhere else, whatever the session is called.
    for session in ["https://elsewhere.example/", "../me", ""] {
        let meta = Meta::answering(200, &[], json!({"id": session, "h": "4"})).await;
        assert!(meta.graph.upload_picture(&token(), b"png").await.is_err(), "{session}");
        assert_eq!(meta.asked().len(), 1);
    }
}

#[tokio::test]
async fn numbers_and_webhooks_are_those_of_a_business_account() {
    let told = json!({"data": [{"id": "15550001", "verified_name": "Shop"}]});
    let meta = Meta::answering(200, &[], told).await;
    let numbers = meta.graph.numbers(&token(), &waba()).await.unwrap();
    assert_eq!(numbers.iter().map(|number| &number.id).collect::<Vec<_>>(), [&number()]);
    meta.graph.subscribe(&token(), &waba()).await.unwrap();
    let asked: Vec<String> = meta.asked().into_iter().map(|(call, ..)| call).collect();
    let list = "GET /1550/phone_numbers?fields=id%2Cverified_name&limit=100";
    assert_eq!(asked, [list, "POST /1550/subscribed_apps"]);
}
