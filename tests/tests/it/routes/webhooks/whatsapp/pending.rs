//! Webhooks of a phone number that accounts claim and nobody has confirmed.

use engine::faults::Faults;
use serde_json::json;
use shared::domain::values::ids::PhoneNumberId;
use shared::telemetry::{Counter, counted};

use crate::store::contents::reason;
use crate::store::told::{status, tap, value, webhook};
use crate::store::{NOW_SECS, Store, by_operator, settings};

const CLAIMED: &str = "222";

/// The store claims a number, and so does another one.
async fn claimed() -> (Store, Store) {
    let acme = Store::open().await;
    let bela = acme.beside("bela", "333", 8).await;
    for store in [&acme, &bela] {
        let settings = settings(store.account.as_str(), CLAIMED);
        store.table.account_write(&store.account, &settings, &by_operator()).await.unwrap();
    }
    (acme, bela)
}

/// A receipt and a tap that came for the number.
fn body() -> String {
    let mut value = value(
        &[status("wamid.1", "read", NOW_SECS)],
        &[tap("wamid.tap", "wamid.1", NOW_SECS), json!({"type": "text", "text": {"body": "oi"}})],
    );
    value["metadata"]["phone_number_id"] = json!(CLAIMED);
    webhook(&value).to_string()
}

#[tokio::test]
async fn what_comes_is_kept_aside_for_each_claimant() {
    let (acme, bela) = claimed().await;
    acme.whatsapp(body()).await.is_ok();
    for store in [&acme, &bela] {
        let pending = reason("number-pending", "metadata.phone_number_id");
        assert_eq!(store.reasons().await, [pending.clone(), pending]);
        assert_eq!(store.reminder("wamid.1").await, None);
    }
    assert_eq!(counted(Counter::KeptAside { reason: "number-pending" }), 4);
    assert_eq!(counted(Counter::TrafficIgnored { kind: "text" }), 1);
    assert!(acme.strays().await.is_empty());
}

/// One of the claimants is wrong, and message ids hold a shopper's phone number.
#[tokio::test]
async fn a_claimant_is_not_told_whom_it_is_about() {
    let (acme, _) = claimed().await;
    acme.whatsapp(body()).await.is_ok();
    let listed = acme.get("/events/aside").await;
    let items = listed.ok()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(item["code"], "number-pending");
        assert!(item.get("itemId").is_none() && item.get("reminderId").is_none(), "{item}");
    }
    assert!(!listed.text.contains("wamid"));
}

/// The confirmation replays what it finds: what was about to be kept aside must come again.
#[tokio::test]
async fn a_body_comes_again_when_its_number_is_confirmed_meanwhile() {
    let (acme, _) = claimed().await;
    let faults = Faults::default();
    let table = acme.engine.table_through(faults.around(acme.engine.http()), 1);
    let hold = faults.hold(|call| call.operation == "PutItem");
    let through = acme.through(table);
    let (answer, ()) = tokio::join!(through.whatsapp(body()), async {
        hold.reached().await;
        let number = PhoneNumberId::parse(CLAIMED).unwrap();
        acme.table.phone_number_confirm(&acme.account, &number).await.unwrap();
        hold.release();
    });
    answer.is_problem(503, "unavailable");
    acme.whatsapp(body()).await.is_ok();
    assert!(acme.reminder("wamid.1").await.unwrap().read_at.is_some());
    assert_eq!(acme.clicks("wamid.1").await.len(), 1);
}
