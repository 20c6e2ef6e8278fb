//! `/c/{token}`: a report to somebody whom the store doesn't answer for waits until they confirm.

use local::stack::Options;
use mail_parser::MessageParser;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;

use crate::stack::{Running, Store};

/// A stack whose clock stands.
async fn still() -> (Running, Clock) {
    let clock = Clock::manual(Instant::parse_rfc3339("2026-11-22T15:00:00Z").unwrap());
    let given = clock.clone();
    (Running::start_with(|options| Options { clock: given, ..options }).await, clock)
}

/// Asks for a report and lets the stack do what it can; its path.
async fn report(store: &Store<'_>, email: &str) -> String {
    let body = json!({"email": email, "from": "2026-11-01", "to": "2026-11-02"});
    let (status, answer) = store.admin(Method::POST, "/reports", Some(body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    store.running.drain().await;
    format!("/reports/{}", answer["id"].as_str().unwrap())
}

async fn status(store: &Store<'_>, path: &str) -> String {
    store.get(path).await.1["status"].as_str().unwrap().to_owned()
}

/// The mails to an address, as they were sent.
async fn mails(running: &Running, email: &str) -> Vec<String> {
    let list = running.http.get(running.url("/local/mailbox")).send().await.unwrap();
    let list: Vec<Value> = list.json().await.unwrap();
    let mut mails = Vec::new();
    for mail in list.iter().filter(|mail| mail["to"] == email) {
        let path = format!("/local/mailbox/{}", mail["id"].as_str().unwrap());
        let raw = running.http.get(running.url(&path)).send().await.unwrap();
        mails.push(raw.text().await.unwrap());
    }
    mails
}

/// The link in a mail whose path starts so.
fn link(mail: &str, path: &str) -> String {
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let text = parsed.body_text(0).unwrap();
    text.lines().find(|line| line.contains(path)).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_to_somebody_else_waits_until_they_confirm() {
    let (running, clock) = still().await;
    let store = running.store("asking", "America/Sao_Paulo", 1).await;
    // The store's own people are not asked.
    for own in ["ana@shop.example", "ana@mail.shop.example"] {
        let path = report(&store, own).await;
        assert_eq!(status(&store, &path).await, "mailed", "{own}");
    }
    let bob = "bob@agency.example";
    let first = report(&store, bob).await;
    let (_, waiting) = store.get(&first).await;
    assert_eq!(waiting["status"], "waiting-for-recipient", "{waiting}");
    assert_eq!(waiting["waitsUntil"], "2026-11-23T15:00:00.000Z");
    assert!(waiting.get("file").is_none() && waiting.get("failure").is_none(), "{waiting}");
    let second = report(&store, bob).await;
    let asked = mails(&running, bob).await;
    assert_eq!(asked.len(), 1);
    let link = link(&asked[0], "/c/");

    // Opening it asks, and changes nothing, however often a scanner does.
    clock.set(clock.now().plus(Span::hours(20)));
    for _ in 0..2 {
        let page = running.http.get(&link).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        let page = page.text().await.unwrap();
        assert!(page.contains("<form method=\"post\">") && page.contains("asking"), "{page}");
    }
    running.drain().await;
    assert_eq!(status(&store, &first).await, "waiting-for-recipient");

    for _ in 0..2 {
        let confirmed = running.http.post(&link).send().await.unwrap();
        assert_eq!(confirmed.status(), StatusCode::OK);
        assert!(!confirmed.text().await.unwrap().contains("<form"));
    }
    running.drain().await;
    assert_eq!(status(&store, &first).await, "mailed");
    assert_eq!(status(&store, &second).await, "mailed");
    let (_, mailed) = store.get(&first).await;
    assert!(mailed.get("waitsUntil").is_none(), "{mailed}");
    // Once for the account, however the address is spelt; each account asks for itself.
    clock.set(clock.now().plus(Span::days(90)));
    let later = report(&store, "Bob@Agency.example").await;
    assert_eq!(status(&store, &later).await, "mailed");
    let beside = running.store("asking-too", "America/Sao_Paulo", 1).await;
    let path = report(&beside, bob).await;
    assert_eq!(status(&beside, &path).await, "waiting-for-recipient");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_after_a_day_and_so_does_the_wait() {
    let (running, clock) = still().await;
    let store = running.store("late", "America/Sao_Paulo", 1).await;
    let path = report(&store, "bob@agency.example").await;
    let link = link(&mails(&running, "bob@agency.example").await[0], "/c/");
    clock.set(clock.now().plus(Span::days(1)));
    for method in [Method::GET, Method::POST] {
        let answer = running.http.request(method, &link).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::GONE);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "confirmation-expired");
    }
    let tick = format!("/local/tick?at={}", clock.now());
    running.http.post(running.url(&tick)).send().await.unwrap();
    running.drain().await;
    let (_, failed) = store.get(&path).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert_eq!(failed["failure"], "recipient-not-confirmed");
    // Asked again, they can still confirm.
    let path = report(&store, "bob@agency.example").await;
    let asked = mails(&running, "bob@agency.example").await;
    assert_eq!(asked.len(), 2);
    running.http.post(self::link(&asked[1], "/c/")).send().await.unwrap();
    running.drain().await;
    assert_eq!(status(&store, &path).await, "mailed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_mails_says_so_by_the_question_itself() {
    let (running, _) = still().await;
    let store = running.store("unwanted", "America/Sao_Paulo", 1).await;
    let path = report(&store, "bob@agency.example").await;
    let asked = mails(&running, "bob@agency.example").await;
    let answer = running.http.post(link(&asked[0], "/u/")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    running.drain().await;
    let (_, failed) = store.get(&path).await;
    assert_eq!(
        (&failed["status"], &failed["failure"]),
        (&json!("failed"), &json!("recipient-unsubscribed"))
    );
    let body = json!({"email": "bob@agency.example", "from": "2026-11-01", "to": "2026-11-02"});
    let (status, _) = store.admin(Method::POST, "/reports", Some(body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(mails(&running, "bob@agency.example").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_answers_for_the_domains_that_it_lists() {
    let (running, _) = still().await;
    let store = running.store("listing", "America/Sao_Paulo", 1).await;
    let settings = json!({
        "timeZone": "America/Sao_Paulo", "language": "pt-BR", "phoneNumberIds": [store.phone_number_id()],
        "storeUrl": "https://shop.example", "reportDomains": ["Agency.example"],
    });
    let (saved, answer) = store.admin(Method::PUT, "/account", Some(settings)).await;
    assert!(saved.is_success(), "{answer}");
    assert_eq!(store.get("/account").await.1["reportDomains"], json!(["agency.example"]));
    for (email, expected) in [
        ("bob@agency.example", "mailed"),
        ("bob@mail.agency.example", "waiting-for-recipient"),
        ("bob@agency.example.evil.example", "waiting-for-recipient"),
        ("ana@shop.example", "mailed"),
    ] {
        let path = report(&store, email).await;
        assert_eq!(status(&store, &path).await, expected, "{email}");
    }
}

/// That way back is no way in: a question's own link works for a day, that of unsubscribing for a year.
#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_unsubscribe_confirms_nothing() {
    let (running, _) = still().await;
    let store = running.store("asking", "America/Sao_Paulo", 1).await;
    let path = report(&store, "bob@agency.example").await;
    assert_eq!(status(&store, &path).await, "waiting-for-recipient");
    let mail = mails(&running, "bob@agency.example").await.remove(0);
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let link = parsed.header_raw("List-Unsubscribe").unwrap().trim();
    let link = link.strip_prefix('<').unwrap().strip_suffix('>').unwrap();
    let answer = running.http.post(format!("{link}/again")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(status(&store, &path).await, "waiting-for-recipient");
    assert_eq!(mails(&running, "bob@agency.example").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_nobody_was_sent_is_not_found() {
    let running = Running::start().await;
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "short", "%00", "AAAAAAAAAAAAAAAAAAAAA*"] {
        for method in [Method::GET, Method::POST] {
            let request = running.http.request(method, running.url(&format!("/c/{token}")));
            assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND, "{token}");
        }
    }
}
