//! Taps on the stop button (R4).

use serde_json::{Value, json};
use shared::domain::facts::event::ClickKind;
use shared::telemetry::{Counter, counted};

use crate::store::told::{WAMID, messages, tap};
use crate::store::{NOW_SECS, Store};

/// R4: the stop button's payload or text is a stop word, in whichever of the three languages.
#[tokio::test]
async fn taps_on_the_stop_button_become_opt_outs() {
    let store = Store::open().await;
    let button = |number: i64, payload: Value, text: Value| {
        let mut tap = tap(&format!("wamid.tap{number}"), WAMID, NOW_SECS + number);
        tap["button"] = json!({"payload": payload, "text": text});
        tap
    };
    let session = |number: i64, id: &str, title: &str| {
        let mut tap = tap(&format!("wamid.tap{number}"), WAMID, NOW_SECS + number);
        tap["type"] = json!("interactive");
        tap["interactive"] =
            json!({"type": "button_reply", "button_reply": {"id": id, "title": title}});
        tap.as_object_mut().unwrap().remove("button");
        tap
    };
    let taps = [
        button(0, json!("STOP"), json!("Não quero mais")),
        button(1, json!("opt-out-1"), json!("Parar")),
        button(2, json!(null), json!("🛑 SAIR")),
        session(3, "alto", "No más"),
        session(4, "b", "Baja"),
        button(5, json!("BUY"), json!("Não parar")),
        button(6, json!(7), json!({"text": "stop"})),
        session(7, "b", "Comprar"),
    ];
    store.whatsapp(messages(&taps)).await.is_ok();
    let mut clicks = store.clicks(WAMID).await;
    clicks.sort_by_key(|(_, _, second)| *second);
    let kinds: Vec<ClickKind> = clicks.into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, [[ClickKind::OptOut; 5].as_slice(), &[ClickKind::Reply; 3]].concat());
    assert_eq!(counted(Counter::FactsAccepted { kind: "opt-out" }), 5);
    assert_eq!(counted(Counter::FactsAccepted { kind: "click" }), 3);
    // What the button said is not kept.
    assert!(!store.contents().await.concat().contains("quero"));
    assert!(store.asides().await.is_empty());
}
