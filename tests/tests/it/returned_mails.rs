//! A mail that comes back, from its sending to what API and schedules tell of it: the local stack's
//! SES plays SES's mailbox simulator.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stack::{Running, Store};

/// A store that answers for the simulator's mailboxes.
async fn store(running: &Running) -> Store<'_> {
    let store = running.store("returning", "America/Sao_Paulo", 1).await;
    let settings = json!({
        "timeZone": "America/Sao_Paulo", "language": "en-US", "phoneNumberIds": [store.phone_number_id()],
        "storeUrl": "https://shop.example", "reportDomains": ["simulator.amazonses.com"],
    });
    let (saved, answer) = store.admin(Method::PUT, "/account", Some(settings)).await;
    assert!(saved.is_success(), "{answer}");
    store
}

async fn report(store: &Store<'_>, mailbox: &str) -> Value {
    let email = format!("{mailbox}@simulator.amazonses.com");
    let body = json!({"email": email, "from": "2026-11-01", "to": "2026-11-02"});
    let (status, answer) = store.admin(Method::POST, "/reports", Some(body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    store.running.drain().await;
    store.get(&format!("/reports/{}", answer["id"].as_str().unwrap())).await.1
}

async fn schedule(store: &Store<'_>, mailbox: &str) -> String {
    let body =
        json!({"email": format!("{mailbox}@simulator.amazonses.com"), "frequency": "monthly"});
    let (status, answer) = store.admin(Method::POST, "/report-schedules", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_mail_is_told() {
    let running = Running::start().await;
    let store = store(&running).await;
    for (mailbox, status, reason, pause) in [
        ("success", "mailed", None, None),
        ("ooto", "mailed", None, None),
        ("bounce+1", "bounced", Some("address-refused"), Some("bounced")),
        ("suppressionlist", "bounced", Some("address-suppressed"), Some("bounced")),
        ("complaint", "complained", Some("complaint"), Some("complained")),
    ] {
        let schedule = schedule(&store, mailbox).await;
        let told = report(&store, mailbox).await;
        assert_eq!(told["status"], status, "{told}");
        assert_eq!(told.pointer("/returned/reason").and_then(Value::as_str), reason, "{told}");
        // It was handed over, and its file is there.
        assert!(told["mailedAt"].is_string() && told["file"].is_object(), "{told}");
        let (_, listed) = store.get("/report-schedules").await;
        let items = listed["items"].as_array().unwrap();
        let listed = items.iter().find(|item| item["id"] == schedule.as_str()).unwrap();
        assert_eq!(listed.get("pauseReason").and_then(Value::as_str), pause, "{listed}");
        assert_eq!(listed["status"], if pause.is_some() { "paused" } else { "active" });
        // A mailbox can be mended; a reader's wish is theirs alone.
        let resume = format!("/report-schedules/{schedule}/resume");
        let (resumed, answer) = store.admin(Method::POST, &resume, None).await;
        let expected = if mailbox == "complaint" { StatusCode::CONFLICT } else { StatusCode::OK };
        assert_eq!(resumed, expected, "{answer}");
        if expected == StatusCode::OK {
            assert!(answer.get("pauseReason").is_none(), "{answer}");
        }
    }
    let body = json!({"email": "complaint@simulator.amazonses.com", "from": "2026-11-01", "to": "2026-11-02"});
    let (status, answer) = store.admin(Method::POST, "/reports", Some(body)).await;
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, &json!("recipient-unsubscribed"));
    assert_eq!((status, &answer["code"]), refused);
}
