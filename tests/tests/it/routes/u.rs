//! One-click unsubscribe (RFC 8058): every mail carries its link, opening it changes nothing, posting
//! to it ends the mails, and so does the way back.

use local::stack::Options;
use mail_parser::MessageParser;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;

use crate::stack::{Running, Store};

async fn tick(running: &Running, at: &str) {
    let answer = running.http.post(running.url(&format!("/local/tick?at={at}"))).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::NO_CONTENT);
    running.drain().await;
}

async fn mails(running: &Running) -> Vec<String> {
    let list = running.http.get(running.url("/local/mailbox")).send().await.unwrap();
    let list: Vec<Value> = list.json().await.unwrap();
    let mut mails = Vec::new();
    for mail in list {
        let path = format!("/local/mailbox/{}", mail["id"].as_str().unwrap());
        mails
            .push(running.http.get(running.url(&path)).send().await.unwrap().text().await.unwrap());
    }
    mails
}

async fn schedule(store: &Store<'_>, email: &str) -> String {
    let body = json!({"email": email, "frequency": "daily"});
    let (status, made) = store.admin(Method::POST, "/report-schedules", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// When the schedules are made: hours away from any run, which is due at six in the morning.
const MADE: &str = "2026-11-22T15:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_ends_a_schedules_mails() {
    let made = Instant::parse_rfc3339(MADE).unwrap();
    let clock = Clock::manual(made);
    let given = clock.clone();
    let running = Running::start_with(|options| Options { clock: given, ..options }).await;
    let store = running.store("unsubscribing", "America/Sao_Paulo", 1).await;
    let id = schedule(&store, "ana@shop.example").await;
    // Schedules of one millisecond are listed in any order.
    clock.set(made.plus(Span::seconds(1)));
    let other = schedule(&store, "bia@shop.example").await;
    tick(&running, "2026-11-23T15:00:00Z").await;
    let mails = mails(&running).await;
    assert_eq!(mails.len(), 2);
    let raw = mails.iter().find(|mail| mail.contains("ana@shop.example")).unwrap();
    let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
    let one_click = mail.header_raw("List-Unsubscribe-Post").unwrap();
    assert_eq!(one_click.trim(), "List-Unsubscribe=One-Click");
    let link = mail.header_raw("List-Unsubscribe").unwrap().trim();
    let link = link.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned();
    let token = link.rsplit('/').next().unwrap();
    assert_eq!(token.len(), 22, "128 bits of base64url");
    for body in [mail.body_text(0).unwrap(), mail.body_html(0).unwrap()] {
        assert!(body.contains(&link) && body.contains("stop receiving"), "{body}");
    }

    // Opening it asks, and changes nothing, however often a scanner does.
    let schedules = async || {
        let (_, list) = store.get("/report-schedules").await;
        let items = list["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .map(|item| {
                (item["id"].clone(), item["status"].clone(), item.get("unsubscribedAt").is_some())
            })
            .collect::<Vec<_>>()
    };
    let active = vec![(json!(id), json!("active"), false), (json!(other), json!("active"), false)];
    for _ in 0..2 {
        let page = running.http.get(&link).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(page.text().await.unwrap().contains("<form method=\"post\">"));
    }
    assert_eq!(schedules().await, active);

    // As a mail program posts it; twice is once.
    for _ in 0..2 {
        let post = running.http.post(&link);
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        let answer = post.body("List-Unsubscribe=One-Click").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let ended = vec![(json!(id), json!("paused"), true), (json!(other), json!("active"), false)];
    assert_eq!(schedules().await, ended);
    let (_, listed) = store.get("/report-schedules").await;
    assert_eq!(listed["items"][0]["pauseReason"], "recipient-unsubscribed");
    let resume = format!("/report-schedules/{id}/resume");
    let (status, answer) = store.admin(Method::POST, &resume, None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("recipient-unsubscribed")));
    assert_eq!(schedules().await, ended);
    tick(&running, "2026-11-25T15:00:00Z").await;
    let after = self::mails(&running).await;
    assert_eq!(to_ana(&after), 1, "none came since");
    assert!(after.len() > 2, "the other's go on");
    // Every send is kept: who asked, when, what range, where to.
    let (_, list) = store.get("/reports").await;
    for report in list["items"].as_array().unwrap() {
        for field in ["requestedBy", "requestedAt", "from", "to", "email", "mailedAt"] {
            assert!(report[field].is_string(), "{field} of {report}");
        }
    }
}

fn to_ana(mails: &[String]) -> usize {
    mails.iter().filter(|mail| mail.to_lowercase().contains("ana@shop.example")).count()
}

fn link_of(mail: &str) -> String {
    let mail = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let link = mail.header_raw("List-Unsubscribe").unwrap().trim();
    link.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned()
}

fn one_off(email: &str) -> Value {
    json!({"email": email, "from": "2026-11-01", "to": "2026-11-01"})
}

/// Only who reads the address can take the wish back: no new schedule, no other spelling and no
/// one-off report gets around it.
#[tokio::test(flavor = "multi_thread")]
async fn who_unsubscribed_gets_nothing_until_they_wish_for_it_again() {
    let made = Instant::parse_rfc3339(MADE).unwrap();
    let clock = Clock::manual(made);
    let given = clock.clone();
    let running = Running::start_with(|options| Options { clock: given, ..options }).await;
    let store = running.store("wishing", "America/Sao_Paulo", 1).await;
    let beside = running.store("beside", "America/Sao_Paulo", 1).await;
    let daily = schedule(&store, "Ana@shop.example").await;
    clock.set(made.plus(Span::seconds(1)));
    let paused = schedule(&store, "ana@shop.example").await;
    store.admin(Method::POST, &format!("/report-schedules/{paused}/pause"), None).await;
    // A one-off mail carries the link, too.
    let (status, _) =
        store.admin(Method::POST, "/reports", Some(one_off("ANA@shop.example"))).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    running.drain().await;
    let link = link_of(&self::mails(&running).await.pop().unwrap());
    assert_eq!(running.http.post(&link).send().await.unwrap().status(), StatusCode::OK);

    for email in ["ana@shop.example", "ANA@Shop.Example"] {
        let (status, answer) = store.admin(Method::POST, "/reports", Some(one_off(email))).await;
        let told = (status, &answer["code"], &answer["field"]);
        let refused =
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("recipient-unsubscribed"), &json!("email"));
        assert_eq!(told, refused, "{answer}");
        let body = json!({"email": email, "frequency": "daily"});
        let (status, answer) = store.admin(Method::POST, "/report-schedules", Some(body)).await;
        assert_eq!((status, &answer["code"]), (refused.0, refused.1));
    }
    for id in [&daily, &paused] {
        let resume = format!("/report-schedules/{id}/resume");
        let (status, answer) = store.admin(Method::POST, &resume, None).await;
        let refused = (StatusCode::CONFLICT, &json!("recipient-unsubscribed"));
        assert_eq!((status, &answer["code"]), refused);
    }
    tick(&running, "2026-11-25T15:00:00Z").await;
    assert_eq!(to_ana(&self::mails(&running).await), 1);
    // What they told one store they didn't tell another.
    let (status, _) =
        beside.admin(Method::POST, "/reports", Some(one_off("ana@shop.example"))).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    running.drain().await;
    assert_eq!(to_ana(&self::mails(&running).await), 2);

    // However it is spelt.
    let (status, _) =
        store.admin(Method::POST, "/reports", Some(one_off("ana+x@shop.example"))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    // The page now offers the way back, which opening it doesn't take.
    let again = format!("{link}/again");
    let page = running.http.get(&link).send().await.unwrap().text().await.unwrap();
    let path = again.strip_prefix(&running.stack.base_url()).unwrap();
    assert!(page.contains(&format!("action=\"{path}\"")) && page.contains("again"), "{page}");
    let (status, _) =
        store.admin(Method::POST, "/reports", Some(one_off("ana@shop.example"))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let not_by_opening = running.http.get(&again).send().await.unwrap();
    assert_eq!(not_by_opening.status(), StatusCode::METHOD_NOT_ALLOWED);
    for _ in 0..2 {
        assert_eq!(running.http.post(&again).send().await.unwrap().status(), StatusCode::OK);
    }
    let (_, listed) = store.get("/report-schedules").await;
    let schedules: Vec<&Value> =
        listed["items"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    // The one that the store had paused stays so.
    assert_eq!(schedules, ["active", "paused"]);
    assert!(listed["items"][0].get("pauseReason").is_none(), "{listed}");
    let (status, _) =
        store.admin(Method::POST, "/reports", Some(one_off("ana@shop.example"))).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    running.drain().await;
    assert_eq!(to_ana(&self::mails(&running).await), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_nobody_was_sent_is_not_found() {
    let running = Running::start().await;
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "short", "%00", "AAAAAAAAAAAAAAAAAAAAA*"] {
        for method in [Method::GET, Method::POST] {
            let request = running.http.request(method, running.url(&format!("/u/{token}")));
            assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{token}");
        }
        let request = running.http.post(running.url(&format!("/u/{token}/again")));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{token}");
    }
}
