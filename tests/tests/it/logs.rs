//! STYLE 16 over all functions at once: whatever is sent, and whatever fails, no log line says who
//! a shopper or a recipient is, nor a secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Duration, SecondsFormat, Utc};
use local::graph::Fault;
use local::stack::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::captured_log::Log;
use crate::cart_life::send_from;
use crate::stack::{Running, Store};
use crate::stream::crashes::{STRUCK_AT_MOST, failing};

const DIGITS: &str = "551155500199";
/// How this number begins, and those of others who leave carts behind.
const PERSON: &str = "5511555001";
const EMAIL: &str = "zuleika@shopper.example";
const NAME: &str = "Zuleika Fontoura";
const RECIPIENT: &str = "bruna@shop.example";
/// Somebody whom the store doesn't answer for: they are asked first.
const OUTSIDER: &str = "bruna@elsewhere.example";
/// The number that the store sends from.
const NUMBER: &str = "5550100219";
/// Rounds in which calls may go wrong, and more until one did.
const ROUNDS: usize = 4;
/// Rounds after which a run gives up. Each tells of ten events and more, and stores what it can't
/// count, too, with a call each at least: that none of 4,000 calls goes wrong has a chance below
/// 1 in 10^13.
const ROUNDS_AT_MOST: usize = 400;

/// A message id that holds the shopper's number, as `WhatsApp`'s do.
fn wamid(n: usize) -> String {
    format!("wamid.{}", STANDARD.encode(format!("{DIGITS}-{n:04}")))
}

fn event(kind: &str, data: &Value) -> Value {
    let at = (Utc::now() - Duration::hours(1)).to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({"specversion": "1.0", "id": format!("{EMAIL}-{kind}"), "source": "/sender",
        "type": kind, "time": at, "data": data})
}

/// Everything that can be told of the shopper, soundly and not.
#[expect(clippy::too_many_lines, reason = "a list")]
async fn tell(store: &Store<'_>, n: usize) -> Vec<StatusCode> {
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let items = json!([{"id": "1", "name": NAME, "quantity": 1, "price": 100}]);
    let sent = |campaign: &str| {
        json!({"reminderId": wamid(n), "campaignId": campaign, "userId": EMAIL, "phone": DIGITS,
            "orderFormId": format!("cart{n}"), "checkoutItems": items})
    };
    let order = |status: &str| {
        json!({"orderGroup": format!("order-{n}"), "orderId": format!("order-{n}-01"),
            "status": status, "createdAt": now, "changedAt": now, "userId": EMAIL,
            "phone": DIGITS, "currency": "BRL", "value": 100, "items": items})
    };
    let tap = json!({"reminderId": wamid(n), "clickId": EMAIL, "kind": "link"});
    let mut late = event("reminder.clicked", &tap);
    late["time"] = json!(format!("{DIGITS} at {EMAIL}"));
    let events = vec![
        left_behind(n),
        event("cart.updated", &json!({"orderFormId": EMAIL, "phone": DIGITS})),
        event("reminder.sent", &sent(&store.campaigns[0])),
        event("reminder.sent", &sent(NAME)),
        event(
            "reminder.sent",
            &json!({"reminderId": EMAIL, "campaignId": [DIGITS], "phone": NAME}),
        ),
        event("reminder.status", &json!({"reminderId": wamid(n), "status": "read"})),
        event("reminder.status", &json!({"reminderId": wamid(n), "status": NAME})),
        event("order.updated", &order("payment-approved")),
        event("order.updated", &order(&format!("{EMAIL} {NAME}"))),
        event(EMAIL, &json!({"phone": DIGITS})),
        late,
    ];
    let chat = json!({
        "contacts": [{"profile": {"name": NAME}, "wa_id": DIGITS}],
        "messages": [
            {"from": DIGITS, "id": wamid(n), "timestamp": DIGITS, "type": "text", "text": {"body": NAME}},
            {"from": DIGITS, "id": wamid(n), "timestamp": "1", "type": "button", "button": {"text": NAME}},
        ],
        "statuses": [{"id": wamid(n), "status": "failed", "timestamp": EMAIL, "recipient_id": DIGITS}],
    });
    let mut answers = vec![store.batch(events).await.0, store.whatsapp(chat).await.0];
    let broken = format!("{{\"{EMAIL}\": {DIGITS}, {NAME}");
    for path in ["/events", "/sends"] {
        let path = format!("{path}/{}", store.account);
        let kind = if path.starts_with("/events") {
            "application/cloudevents+json"
        } else {
            "application/json"
        };
        answers.push(store.signed(&path, kind, broken.clone()).send().await.unwrap().status());
    }
    for (method, path, body) in [
        (
            Method::POST,
            "/reports",
            json!({"email": RECIPIENT, "from": "2026-11-01", "to": "2026-11-02"}),
        ),
        (
            Method::POST,
            "/reports",
            json!({"email": OUTSIDER, "from": "2026-11-01", "to": "2026-11-02"}),
        ),
        (
            Method::POST,
            "/reports",
            json!({"email": format!("{RECIPIENT} {NAME}"), "from": DIGITS, "to": EMAIL}),
        ),
        (Method::POST, "/report-schedules", json!({"email": RECIPIENT, "frequency": NAME})),
        (Method::POST, "/report-schedules", json!({"email": RECIPIENT, "frequency": "daily"})),
        (
            Method::PUT,
            "/account",
            json!({"timeZone": EMAIL, "language": NAME, "phoneNumberIds": [DIGITS]}),
        ),
        (
            Method::POST,
            "/account/vtex",
            json!({"appKey": "vtexappkey-zuleika", "appToken": "ZULEIKASTOKEN"}),
        ),
        (
            Method::PUT,
            "/account/whatsapp",
            json!({"wabaId": "5550100", "phoneNumberId": NUMBER, "token": local::graph::TOKEN}),
        ),
        (
            Method::PUT,
            "/account/whatsapp",
            json!({"wabaId": DIGITS, "phoneNumberId": DIGITS, "token": "ZULEIKASTOKEN"}),
        ),
        (Method::POST, "/opt-outs", json!({"phone": DIGITS})),
        (Method::POST, "/opt-outs/lookup", json!({"phone": format!("{DIGITS} {NAME}")})),
        (Method::POST, "/opt-outs/remove", json!({"phone": EMAIL})),
        (Method::POST, "/shoppers/carts", json!({"phone": DIGITS})),
        (Method::POST, "/shoppers/carts", json!({"phone": format!("{DIGITS} {NAME}")})),
        (Method::GET, "/carts/zuleika@shopper.example", Value::Null),
        (Method::POST, "/campaigns", json!([EMAIL, NAME, DIGITS])),
        (Method::GET, "/orders/zuleika@shopper.example", Value::Null),
        (Method::GET, "/orders?from=zuleika@shopper.example&to=551155500199", Value::Null),
        (Method::POST, "/shoppers/erase", json!({"userId": format!("{EMAIL}.{n}")})),
        (Method::POST, "/shoppers/erase", json!({"phone": EMAIL, "name": NAME})),
    ] {
        answers.push(store.admin(method, path, Some(body)).await.0);
    }
    answers
}

/// Has the system send a campaign, with what Meta may say of a message.
async fn sends(store: &Store<'_>) {
    send_from(store, NUMBER).await;
    let faults = [Fault::Code(4), Fault::Code(131_026), Fault::Status(502), Fault::ResetAfter];
    let (stack, graph) = (&store.running.stack, store.running.stack.graph());
    for (n, fault) in (90..).zip(faults.map(Some).into_iter().chain([None])) {
        graph.plan([fault]);
        store.batch(vec![left_behind(n)]).await;
        stack.tick(None).await.unwrap();
    }
    assert_eq!(graph.messages().len(), 2, "one whose answer was lost, one that was answered");
}

/// A cart that was left two hours ago, with all that a backend can say of its shopper.
fn left_behind(n: usize) -> Value {
    let left = (Utc::now() - Duration::hours(2)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut cart = event(
        "cart.updated",
        &json!({
            "orderFormId": format!("left{n}"), "lastActivityAt": left, "reachedPayment": true,
            "userId": EMAIL, "phone": format!("{PERSON}{:02}", n % 100), "firstName": NAME,
            "language": "pt-BR", "currency": "BRL", "value": 11980, "items": [{"id": "1", "name": NAME, "quantity": 1, "price": 1}],
            "url": format!("https://shop.example/?mail={EMAIL}"),
            "consent": {"granted": true, "at": left, "source": EMAIL},
        }),
    );
    cart["id"] = json!(format!("left-{n}"));
    cart
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_holds_a_phone_or_a_token() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_env_filter(
            "info,domain=trace,telemetry=trace,runtime=trace,store=trace,counting=trace,web=trace,\
             graph=trace,vtex=trace,intake=trace,judging=trace,ingest=trace,rollup=trace,\
             metric_queries=trace,campaigns=trace,reports=trace,report_worker=trace,sender=trace,\
             local=trace",
        )
        .json()
        .with_writer(log.clone())
        .init();
    let left = Arc::new(AtomicUsize::new(0));
    let wiring = failing(&left, 7);
    let running = Running::start_with(|options| Options { wiring, ..options }).await;
    let store = running.store("logged", "America/Sao_Paulo", 1).await;
    let path = format!("/sends/{}", store.account);
    let body = json!({"campaignId": store.campaigns[0], "url": "https://shop.example/?z"});
    let link = store.signed(&path, "application/json", body.to_string()).send().await.unwrap();
    let link: Value = link.json().await.unwrap();
    let token = link["link"]["token"].as_str().unwrap().to_owned();

    sends(&store).await;
    let mut answers = tell(&store, 0).await;
    running.drain().await;
    running.stack.mailbox().refuse_next(3);
    let (mut round, mut struck) = (0, 0);
    while round < ROUNDS || struck == 0 {
        assert!(round < ROUNDS_AT_MOST, "nothing failed in {round} rounds");
        round += 1;
        left.store(STRUCK_AT_MOST, Ordering::SeqCst);
        answers.extend(tell(&store, round).await);
        let tap = running.http.get(running.url(&format!("/r/{token}")));
        answers.push(tap.send().await.unwrap().status());
        // It may fail as a whole, too: the next one does the rest.
        drop(running.stack.tick(None).await);
        struck += STRUCK_AT_MOST - left.swap(0, Ordering::SeqCst);
        running.drain().await;
    }
    running.stack.tick(None).await.unwrap();
    for body in [json!({"userId": EMAIL}), json!({"phone": DIGITS})] {
        answers.push(store.admin(Method::POST, "/shoppers/erase", Some(body)).await.0);
    }
    running.drain().await;

    assert!(answers.iter().any(StatusCode::is_success));
    assert!(answers.iter().any(StatusCode::is_client_error));
    let log = log.text();
    assert!(log.contains("\"ERROR\"") && log.contains("\"INFO\""), "{log}");
    let number = STANDARD.encode(&DIGITS[..9]);
    for secret in [
        PERSON,
        EMAIL,
        NAME,
        "Zuleika",
        RECIPIENT,
        "bruna",
        &token,
        &number,
        "ZULEIKASTOKEN",
        local::graph::TOKEN,
        &store.token,
    ] {
        let found = log.lines().find(|line| line.contains(secret));
        assert!(found.is_none(), "{secret} stands in the log: {found:?}");
    }
}
