//! A campaign's life over HTTP: edits, pause, links that are clicked too early, and why an order
//! counts.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stack::{Running, Store, answer};

async fn send(store: &Store<'_>, body: Value) -> (StatusCode, Value) {
    let path = format!("/sends/{}", store.account);
    answer(store.signed(&path, "application/json", body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_edits_are_versions_and_a_pause_stops_sends() {
    let running = Running::start().await;
    let store = running.store("life", "America/Sao_Paulo", 1).await;
    let campaign = store.campaigns[0].clone();
    let path = format!("/campaigns/{campaign}");

    let edit = |tag: Option<&str>, body: Value| {
        let mut request = store.request(Method::PATCH, &path).json(&body);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        answer(request)
    };
    let (status, problem) = edit(None, json!({"language": "es"})).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (428, Some("precondition-required")));
    let (status, edited) =
        edit(Some("\"1\""), json!({"language": "es", "messageType": "coupon"})).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
    assert_eq!((edited["language"].as_str(), edited["version"].as_u64()), (Some("es"), Some(2)));
    let (status, _) = edit(Some("\"1\""), json!({"language": "en-US"})).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(store.get(&path).await.1["language"], "es");

    let asked = json!({"campaignId": campaign, "url": "https://shop.example/cart?x=1"});
    let (status, granted) = send(&store, asked.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{granted}");
    assert_eq!(granted["language"], "es");
    assert_eq!(granted["messageType"], "coupon");
    for _ in 0..2 {
        let (status, paused) = store.admin(Method::POST, &format!("{path}/pause"), None).await;
        assert_eq!((status, paused["status"].as_str()), (StatusCode::OK, Some("paused")));
    }
    let (status, problem) = send(&store, asked.clone()).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (409, Some("campaign-paused")));
    store.admin(Method::POST, &format!("{path}/resume"), None).await;
    assert_eq!(send(&store, asked).await.0, StatusCode::CREATED);

    let (_, history) = store.get(&format!("{path}/history")).await;
    assert_eq!(history["items"].as_array().unwrap().len(), 4, "{history}");
    let elsewhere = json!({"campaignId": campaign, "url": "https://shop.example.evil.example/"});
    let (status, problem) = send(&store, elsewhere).await;
    assert_eq!((status.as_u16(), problem["field"].as_str()), (422, Some("url")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_click_finds_its_reminder_and_explains_the_order() {
    let running = Running::start().await;
    let store = running.store("early", "America/Sao_Paulo", 1).await;
    let campaign = &store.campaigns[0];
    let (_, granted) =
        send(&store, json!({"campaignId": campaign, "url": "https://shop.example/cart"})).await;
    let token = granted["link"]["token"].as_str().unwrap();
    let open = |agent: &'static str, method: Method| {
        running
            .http
            .request(method, running.url(&format!("/r/{token}")))
            .header("user-agent", agent)
    };
    // A preview is redirected and not counted.
    for (agent, method) in [
        ("WhatsApp/2.23", Method::GET),
        ("Mozilla/5.0", Method::HEAD),
        ("Mozilla/5.0", Method::GET),
    ] {
        let answer = open(agent, method).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        assert_eq!(answer.headers()["location"], "https://shop.example/cart");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    running.drain().await;

    let now = chrono::Utc::now();
    let at = |seconds: i64| (now + chrono::Duration::seconds(seconds)).to_rfc3339();
    let event = |kind: &str, time: String, data: Value| json!({"specversion": "1.0", "id": kind, "source": "/s", "type": kind, "time": time, "data": data});
    let sent = |id: &str, token: Option<&str>| {
        let data = json!({
            "reminderId": id, "campaignId": campaign, "userId": "shopper-1", "orderFormId": "",
            "checkoutItems": [], "linkToken": token,
        });
        event("reminder.sent", at(-3_600), data)
    };
    let delivered = |id: &str| {
        event("reminder.status", at(-1_800), json!({"reminderId": id, "status": "delivered"}))
    };
    let order = json!({
        "orderGroup": "9001", "orderId": "9001-01", "status": "invoiced", "createdAt": at(60),
        "changedAt": at(60), "userId": "shopper-1", "currency": "BRL", "value": 19_990, "items": [],
    });
    let (status, body) = store
        .batch(vec![
            event("order.updated", at(60), order),
            sent("wamid.clicked", Some(token)),
            sent("wamid.delivered", None),
            delivered("wamid.delivered"),
        ])
        .await;
    assert_eq!((status, &body["accepted"]), (StatusCode::OK, &json!(4)), "{body}");
    running.drain().await;

    let (status, why) = store.get("/orders/9001").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(why["credit"]["kind"], "clickThrough", "{why}");
    assert_eq!(why["credit"]["reminderId"], "wamid.clicked", "{why}");
    assert_eq!(why["pending"], false, "{why}");
    let (_, listed) = store
        .get(&format!(
            "/orders?from={}&to={}",
            now.date_naive().pred_opt().unwrap(),
            now.date_naive()
        ))
        .await;
    assert_eq!(listed["items"][0]["orderGroup"], "9001", "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_comes_by_mail() {
    let running = Running::start().await;
    let store = running.store("mail", "America/Sao_Paulo", 1).await;
    let body = json!({"email": "ana@shop.example", "from": "2026-11-01", "to": "2026-11-30"});
    let (status, asked) = store.admin(Method::POST, "/reports", Some(body)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{asked}");
    running.drain().await;
    let mails: Value =
        running.http.get(running.url("/local/mailbox")).send().await.unwrap().json().await.unwrap();
    let mail = mails.as_array().unwrap().last().unwrap();
    assert_eq!(mail["to"].as_str().or(mail["to"][0].as_str()), Some("ana@shop.example"), "{mail}");
    let id = mail["id"].as_str().unwrap();
    let raw = running.http.get(running.url(&format!("/local/mailbox/{id}"))).send().await.unwrap();
    let raw = raw.bytes().await.unwrap();
    let parsed = mail_parser::MessageParser::default().parse(raw.as_ref()).unwrap();
    let attachment = parsed.attachment(0).unwrap();
    let header = "userId,deliveredReminderAt,readReminderAt,orderCreatedAt,hasClickedOnReminder,\
                  checkoutItems,orderItems,orderTotal,currency,orderFormId\r\n";
    assert_eq!(std::str::from_utf8(attachment.contents()).unwrap(), header);
}
