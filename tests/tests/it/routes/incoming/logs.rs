//! STYLE 16: logs hold ids, never bodies, phones, names or tokens.

use std::sync::Mutex;

use engine::faults::{Fault, Faults};
use serde_json::json;

use crate::captured_log::logged;
use crate::store::functions::{APP_SECRET, VERIFY_TOKEN};
use crate::store::told::{PHONE, WAMID, messages, order, receipt, sent, status, statuses, tap};
use crate::store::{CAMPAIGN, NOW_SECS, Store};

/// Traffic of every kind, good and bad.
async fn traffic(store: &Store) {
    let mut lost = tap("wamid.lost", WAMID, NOW_SECS);
    lost["context"] = json!(null);
    let chat =
        json!({"type": "text", "from": "5561999990001", "text": {"body": "Oi, sou a Ana Souza"}});
    let mut impossible = status(WAMID, "failed", NOW_SECS);
    impossible["timestamp"] = json!("5561999990001");
    store.whatsapp(messages(&[tap("wamid.tap", WAMID, NOW_SECS), lost, chat])).await;
    store.whatsapp(statuses(&[status(WAMID, "read", NOW_SECS), impossible])).await;
    store
        .whatsapp_signed(statuses(&[status(WAMID, "read", NOW_SECS)]).as_bytes(), "sha256=00")
        .await;
    store.whatsapp("{\"5561999990001\":").await;
    let path = format!(
        "/webhooks/whatsapp?hub.mode=x&hub.verify_token={VERIFY_TOKEN}&hub.challenge=5561999990001"
    );
    store.get(&path).await;
    let body = json!({"campaignId": CAMPAIGN, "url": "https://acme.example/?ana=5561999990001"});
    let answer = store.signed("/sends/acme", "application/json", body.to_string()).await;
    let token =
        answer.json()["link"]["token"].as_str().unwrap_or("AAAAAAAAAAAAAAAAAAAAAA").to_owned();
    let mut linked = sent(WAMID, NOW_SECS);
    linked["data"]["linkToken"] = json!(token);
    let mut bad = order("1", "01", NOW_SECS);
    bad["data"]["currency"] = json!(PHONE);
    // A store may use its shoppers' addresses as their ids.
    let mut addressed = sent("wamid.HBgNNTU2MTk5OTk5MDAwMhUC", NOW_SECS);
    addressed["data"]["userId"] = json!("ana.souza@mail.example");
    let mut worse = sent("wamid.2", NOW_SECS);
    worse["data"]["phone"] = json!({"number": PHONE});
    store
        .batch(&[
            linked,
            bad,
            addressed,
            worse,
            order("1", "02", NOW_SECS),
            receipt(WAMID, "read", NOW_SECS),
        ])
        .await;
    store.get(&format!("/r/{token}")).await;
    store.get("/events/aside").await;
    // What a log may tell of a token is that there was one.
    assert!(!token.is_empty());
    SEEN.lock().unwrap().push(token);
}

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[track_caller]
fn tells_nothing_personal(log: &str) {
    let secret = crate::store::secret(7).reveal();
    let mut forbidden = vec![
        PHONE,
        "99990001",
        "99999-0001",
        "Ana",
        "Souza",
        "Oi",
        "Camiseta",
        "Finalizar",
        "0f1e2d3c",
        "0F1E2D3C",
        APP_SECRET,
        VERIFY_TOKEN,
        &secret,
        "\"ana\"",
        "phone-key",
        "mail.example",
        "ana.souza",
        // A message's id holds the phone in base64.
        "wamid.",
        "HBgN",
        "NTU2MTk5",
    ];
    let seen = SEEN.lock().unwrap();
    forbidden.extend(seen.iter().map(String::as_str));
    for text in forbidden {
        assert!(!log.contains(text), "{text} in {log}");
    }
}

#[tokio::test]
async fn no_log_line_holds_personal_data_or_secrets() {
    let store = Store::open().await;
    let log = logged(traffic(&store)).await;
    tells_nothing_personal(&log);
}

#[tokio::test]
async fn nor_does_one_about_a_failure() {
    for fault in [Fault::Throttled, Fault::Refused, Fault::Unsent] {
        let mut n = 0;
        let store = Store::open().await;
        let faults = Faults::planned(move |call| {
            n += 1;
            // Writes fail, and now and then a read.
            (call.is_write() && n % 3 != 0 || n % 11 == 0).then_some(fault)
        });
        let store =
            store.through(store.engine.table_through(faults.around(store.engine.http()), 1));
        let log = logged(traffic(&store)).await;
        tells_nothing_personal(&log);
        assert!(log.contains("\"ERROR\""), "nothing failed: {log}");
    }
}
