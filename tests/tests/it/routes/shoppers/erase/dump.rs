//! After an erasure a dump of the whole table holds none of the shopper's values: no attribute, no key,
//! nothing that base64 hides.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Running, Store, keyed_digest};

const USER: &str = "ana@mail.example";
const DIGITS: &str = "5561999990001";
const CART: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A message id as `WhatsApp` makes them: it holds the shopper's number.
fn wamid(n: u8) -> String {
    let bytes =
        [&[0x1d, 0x06, 0x14, 0x0d], DIGITS.as_bytes(), &[0x15, 0x02, 0x00, 0x11, n]].concat();
    format!("wamid.{}", STANDARD.encode(bytes))
}

/// A text and all that base64 hides in it, as far as it can be read.
fn unfolded(text: &str) -> String {
    let mut found = text.to_owned();
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    for word in text.split(|c: char| !is_base64(c)).filter(|word| word.len() >= 8) {
        for start in 0..4.min(word.len()) {
            let word = &word[start..];
            let whole = &word[..word.len() / 4 * 4];
            for engine in [&STANDARD, &URL_SAFE] {
                if let Ok(bytes) = engine.decode(whole) {
                    found.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        }
    }
    found
}

async fn dump(running: &Running) -> Vec<String> {
    let pages = running.stack.clients().dynamodb.scan().table_name("campaigns");
    let mut pages = pages.into_paginator().send();
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        items.extend(page.unwrap().items().iter().map(|item| unfolded(&format!("{item:?}"))));
    }
    items
}

fn event(kind: &str, id: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/tests", "type": kind,
        "time": "2026-11-01T12:00:00Z", "data": data,
    })
}

/// Reminders with links of their own, receipts, taps, an order, one that can't count, and a report.
async fn tell(store: &Store<'_>) {
    let url = format!("https://shop.example/cart?c={CART}&email={USER}");
    let send = json!({"campaignId": store.campaigns[0], "url": url}).to_string();
    let path = format!("/sends/{}", store.account);
    let minted = async || {
        let (_, link) =
            crate::stack::answer(store.signed(&path, "application/json", send.clone())).await;
        link["link"]["token"].as_str().unwrap().to_owned()
    };
    let (kept, losing) = (minted().await, minted().await);
    let details = |token: &str| {
        json!({
            "reminderId": wamid(1), "campaignId": store.campaigns[0], "linkToken": token,
            "userId": USER, "phone": DIGITS, "orderFormId": CART, "checkoutItems": [],
        })
    };
    let later = json!({"specversion": "1.0", "id": "2", "source": "/tests", "type": "reminder.sent",
        "time": "2026-11-02T12:00:00Z", "data": details(&losing)});
    let order = json!({
        "orderGroup": "1", "orderId": "1-01", "status": "created", "currency": "BRL", "value": 1,
        "createdAt": "2026-11-02T12:00:00Z", "changedAt": "2026-11-02T12:00:00Z", "items": [],
        "userId": USER, "phone": DIGITS, "orderFormId": CART,
    });
    let mut unknown = details(&kept);
    unknown["campaignId"] = json!("unheard-of");
    let events = vec![
        event("reminder.sent", "1", &details(&kept)),
        later,
        event("reminder.status", "3", &json!({"reminderId": wamid(1), "status": "delivered"})),
        event("reminder.status", "4", &json!({"reminderId": wamid(2), "status": "delivered"})),
        event(
            "reminder.clicked",
            "5",
            &json!({"reminderId": wamid(1), "clickId": wamid(3), "kind": "link"}),
        ),
        event("order.updated", "6", &order),
        event("reminder.sent", "7", &unknown),
    ];
    let (status, answer) = store.batch(events).await;
    assert_eq!((status.as_u16(), &answer["accepted"]), (200, &json!(6)), "{answer}");
    let tap = store.running.url(&format!("/r/{kept}"));
    assert_eq!(store.running.http.get(tap).send().await.unwrap().status(), 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_holds_none_of_the_shoppers_values() {
    let running = Running::start().await;
    let store = running.store("dumped", "America/Sao_Paulo", 1).await;
    tell(&store).await;
    running.drain().await;
    let digest = keyed_digest(DIGITS);
    let values = [USER, DIGITS, CART, &digest];
    let before = dump(&running).await.concat();
    // What isn't there before proves nothing afterwards.
    for value in values {
        assert!(before.contains(value), "{value}");
    }
    assert!(unfolded(&wamid(1)).contains(DIGITS));
    let body = json!({"phone": DIGITS});
    let (status, asked) = store.admin(Method::POST, "/shoppers/erase", Some(body)).await;
    assert_eq!(status.as_u16(), 202, "{asked}");
    running.drain().await;
    // Told once more, and late, none of it comes back.
    for _ in 0..2 {
        for item in dump(&running).await {
            let named = values.iter().find(|value| item.contains(**value));
            assert_eq!(named, None, "{item}");
        }
        let late = json!({"reminderId": wamid(1), "status": "read"});
        store.batch(vec![event("reminder.status", "8", &late)]).await;
        running.drain().await;
    }
}
