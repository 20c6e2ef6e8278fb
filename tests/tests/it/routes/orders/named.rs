//! What names an order in the path of `GET /orders/{orderGroup+}`, through the gateway: it decodes a path
//! before it routes, and ends it at a question mark that appears by that.

use reqwest::StatusCode;
use serde_json::json;

use crate::stack::{Running, Store};
use crate::store::told::order;

/// Encodes all but letters and digits, as often as that.
fn encoded(text: &str, times: usize) -> String {
    let once = |text: String| -> String {
        let encode = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(encode).collect()
    };
    (0..times).fold(text.to_owned(), |text, _| once(text))
}

/// What `/events` says of an order with this group: nothing when it was taken.
async fn told(store: &Store<'_>, group: &str) -> serde_json::Value {
    let mut event = order("1", "01", chrono::Utc::now().timestamp());
    event["data"]["orderGroup"] = json!(group);
    let (status, answer) = store.batch(vec![event]).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["keptAside"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_taken_can_be_asked_for() {
    let running = Running::start().await;
    let store = running.store("acme", "America/Sao_Paulo", 0).await;
    let groups = [
        "1172452900788",
        "2026/00123",
        "a?b",
        "a?b=c&d",
        "?b",
        "a//b",
        "a/",
        "/a",
        "a\\b",
        "a+b;c=d,e",
        "\"<>[]^`{|}~",
        "...",
    ];
    for group in groups {
        assert_eq!(told(&store, group).await, json!(null), "{group}");
    }
    for group in groups {
        for times in [1, 2] {
            let path = format!("/orders/{}", encoded(group, times));
            let (status, answer) = store.get(&path).await;
            assert_eq!((status, &answer["orderGroup"]), (StatusCode::OK, &json!(group)), "{path}");
        }
    }
    for path in ["/orders/2026/00123", "/orders/1172452900788", "/orders/a//b"] {
        assert_eq!(store.get(path).await.0, StatusCode::OK, "{path}");
    }
    for path in ["/orders/2026/00124", "/orders/2026", "/orders/a%3Fc", "/orders/2026/00123/"] {
        let (status, answer) = store.get(path).await;
        assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("order-not-found")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_path_can_name_is_kept_aside_with_its_reason() {
    let running = Running::start().await;
    let store = running.store("acme", "America/Sao_Paulo", 0).await;
    for group in
        [".", "..", "2026/../1", "a\\..", "..?a", "a\tb", "a\u{7f}b", "a\u{0}", "a#b", "a%2Fb"]
    {
        let aside = told(&store, group).await;
        assert_eq!(aside["code"], "invalid-field", "{group}");
        assert_eq!(aside["field"], "data.orderGroup", "{group}");
    }
    let (_, kept) = store.get("/events/aside").await;
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(10), "{kept}");
}
