//! What `WhatsApp`'s items become: facts, something kept aside, or a count.

use serde_json::{Value, json};
use shared::domain::facts::event::ClickKind;
use shared::domain::values::account::Account;
use shared::domain::values::ids::ClickId;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::EARLIEST_MILLIS;
use shared::store::accounts::Vetting;
use shared::store::aside::AsideOwner;
use shared::telemetry::{Counter, counted};

use crate::store::functions::{digest, phone_key};
use crate::store::told::{WAMID, messages, status, statuses, tap, value, webhook};
use crate::store::{NOW_SECS, PHONE_NUMBER_ID, Store};

#[expect(clippy::unnecessary_wraps, reason = "what a reminder holds is optional")]
fn at(secs: i64) -> Option<Instant> {
    Some(Instant::from_millis(secs * 1_000))
}

fn ignored(kind: &'static str) -> u64 {
    counted(Counter::TrafficIgnored { kind })
}

#[tokio::test]
async fn receipts_become_facts_whatever_their_order() {
    let store = Store::open().await;
    let body = statuses(&[
        status("wamid.1", "read", NOW_SECS + 5),
        status("wamid.1", "delivered", NOW_SECS + 3),
        status("wamid.1", "delivered", NOW_SECS + 2),
        status("wamid.2", "played", NOW_SECS + 4),
        status("wamid.2", "failed", NOW_SECS + 1),
    ]);
    let answer = store.whatsapp(&body).await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    let one = store.reminder("wamid.1").await.unwrap();
    assert_eq!(
        (one.delivered_at, one.read_at, one.failed_at),
        (at(NOW_SECS + 2), at(NOW_SECS + 5), None)
    );
    // R3's `played` is a read.
    let two = store.reminder("wamid.2").await.unwrap();
    assert_eq!(
        (two.delivered_at, two.read_at, two.failed_at),
        (None, at(NOW_SECS + 4), at(NOW_SECS + 1))
    );
    assert_eq!(counted(Counter::FactsAccepted { kind: "receipt" }), 5);
    assert!(store.asides().await.is_empty());
}

#[tokio::test]
async fn a_second_delivery_changes_nothing() {
    let store = Store::open().await;
    let body = webhook(&value(
        &[status("wamid.1", "read", NOW_SECS), status("wamid.1", "delivered", NOW_SECS)],
        &[tap("wamid.tap", "wamid.1", NOW_SECS)],
    ))
    .to_string();
    store.whatsapp(&body).await.is_ok();
    let contents = store.contents().await;
    assert_eq!(contents.len(), 2);
    store.clock.set(Instant::from_millis((NOW_SECS + 6 * 86_400) * 1_000));
    store.whatsapp(&body).await.is_ok();
    assert_eq!(store.contents().await, contents);
}

#[tokio::test]
async fn taps_on_both_kinds_of_button_become_reply_clicks() {
    let store = Store::open().await;
    let mut session = tap("wamid.tap2", WAMID, NOW_SECS + 1);
    session["type"] = json!("interactive");
    session["interactive"] =
        json!({"type": "button_reply", "button_reply": {"id": "b", "title": "Comprar"}});
    store.whatsapp(messages(&[tap("wamid.tap1", WAMID, NOW_SECS), session])).await.is_ok();
    let reply = ClickKind::Reply;
    // By their digests: a tap's message id encodes the shopper's phone number.
    let stored = |id: &str| ClickId::parse(id).unwrap().stored(&phone_key()).to_string();
    let mut expected =
        [(stored("wamid.tap1"), reply, NOW_SECS), (stored("wamid.tap2"), reply, NOW_SECS + 1)];
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(store.clicks(WAMID).await, expected);
    assert_eq!(counted(Counter::FactsAccepted { kind: "click" }), 2);
}

#[tokio::test]
async fn a_tap_without_context_is_kept_aside() {
    let store = Store::open().await;
    let mut taps = vec![tap("wamid.tap", WAMID, NOW_SECS); 4];
    taps[0].as_object_mut().unwrap().remove("context");
    taps[1]["context"] = json!({"forwarded": true});
    taps[2]["context"] = json!(null);
    store.whatsapp(messages(&taps)).await.is_ok();
    let reason = ("tap-without-context".to_owned(), Some("context.id".to_owned()));
    assert_eq!(store.reasons().await, vec![reason; 3]);
    // The fourth had one.
    assert_eq!(store.clicks(WAMID).await.len(), 1);
    assert_eq!(counted(Counter::KeptAside { reason: "tap-without-context" }), 3);
}

#[tokio::test]
async fn what_is_kept_aside_can_be_replayed() {
    let store = Store::open().await;
    let mut lost = tap("wamid.tap", WAMID, NOW_SECS);
    lost.as_object_mut().unwrap().remove("context");
    store.whatsapp(messages(&[lost.clone()])).await.is_ok();
    let aside = store.asides().await.remove(0);
    assert_eq!((aside.source.as_str(), aside.received_at), ("whatsapp", store.clock.now()));
    let body: Value = serde_json::from_str(&aside.body).unwrap();
    let expected = json!({
        "account": "acme", "phoneNumberId": PHONE_NUMBER_ID, "list": "messages", "item": lost,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn chat_and_other_traffic_leaves_a_count_and_nothing_else() {
    let store = Store::open().await;
    let mut body = webhook(&value(
        &[
            status(WAMID, "sent", NOW_SECS),
            status(WAMID, "deleted", NOW_SECS),
            status(WAMID, "warning", NOW_SECS),
            status(WAMID, "Delivered", NOW_SECS),
            status(WAMID, "levitated", NOW_SECS),
        ],
        &[
            json!({"type": "text", "from": "5561999990001", "text": {"body": "segredo"}}),
            json!({"type": "image", "image": {"caption": "segredo", "id": "1"}}),
            json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"title": "segredo"}}}),
            json!({"type": "interactive"}),
            json!({"type": "hologram"}),
            json!({"text": {"body": "segredo"}}),
            json!("segredo"),
            json!(null),
        ],
    ));
    let changes = body["entry"][0]["changes"].as_array_mut().unwrap();
    changes.push(json!({"field": "message_template_status_update", "value": {"event": "segredo"}}));
    let preferences = json!({
        "metadata": {"phone_number_id": PHONE_NUMBER_ID}, "user_preferences": [{"category": "segredo"}],
    });
    changes.push(json!({"field": "user_preferences", "value": preferences}));
    changes.push(json!({"field": "next_year's news", "value": "segredo"}));
    changes.push(json!({"value": value(&[status(WAMID, "read", NOW_SECS)], &[])}));
    store.whatsapp(body.to_string()).await.is_ok();
    assert!(store.contents().await.is_empty());
    for (kind, n) in [
        ("sent", 1),
        ("deleted", 1),
        ("warning", 1),
        ("other-status", 2),
        ("text", 1),
        ("image", 1),
        ("interactive", 2),
        ("other-message", 4),
        ("message_template_status_update", 1),
        ("user_preferences", 1),
        ("other-field", 2),
    ] {
        assert_eq!(ignored(kind), n, "{kind}");
    }
}

#[tokio::test]
async fn lists_may_be_empty_missing_or_null() {
    let store = Store::open().await;
    for body in [
        json!({"object": "whatsapp_business_account"}),
        json!({"object": "whatsapp_business_account", "entry": []}),
        json!({"object": "whatsapp_business_account", "entry": null}),
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1"}, {"changes": []}, {"changes": null}]}),
        webhook(&json!({"metadata": {"phone_number_id": PHONE_NUMBER_ID}})),
        webhook(&json!({"statuses": null, "messages": []})),
    ] {
        store.whatsapp(body.to_string()).await.is_ok();
    }
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn other_objects_and_unreadable_levels_are_counted() {
    let store = Store::open().await;
    for body in [
        json!([]),
        json!("x"),
        json!(1),
        json!(null),
        json!({"object": "whatsapp_business_account", "entry": {}}),
        json!({"object": "whatsapp_business_account", "entry": [1]}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": "x"}]}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": ["x"]}]}),
        webhook(&json!("x")),
        webhook(&json!({"statuses": {"id": "x"}})),
    ] {
        store.whatsapp(body.to_string()).await.is_ok();
    }
    assert_eq!(ignored("unreadable"), 10);
    store.whatsapp(json!({"object": "page", "entry": []}).to_string()).await.is_ok();
    store.whatsapp("{}").await.is_ok();
    assert_eq!(ignored("other-object"), 2);
}

#[tokio::test]
async fn a_bad_item_fails_none_of_its_neighbours() {
    let store = Store::open().await;
    // A lone surrogate, a key that is none, fields of other types.
    let items = r#"[
        {"type":"text","id":"wamid.x","text":{"body":"\ud83d"}},
        {"type":"text","\udc00":1},
        {"type":"button","id":"wamid.y","timestamp":"NOW","context":{"id":"\ud83d"}},
        17, null, [], {}
    ]"#;
    let bad = r#"[
        {"id":"\ud83d","status":"read","timestamp":"NOW"},
        {"id":"has space","status":"read","timestamp":"NOW"},
        {"id":"has#hash","status":"read","timestamp":"NOW"},
        {"id":"","status":"read","timestamp":"NOW"},
        {"status":"read","timestamp":"NOW"},
        {"id":["wamid.1"],"status":"read","timestamp":"NOW"},
        {"id":"wamid.1","timestamp":"NOW"},
        {"id":"wamid.1","status":7,"timestamp":"NOW"},
        17, null, ["wamid.1","read","NOW"],
        {"id":"wamid.good","status":"read","timestamp":"NOW"}
    ]"#;
    let body = webhook(&value(&[], &[]))
        .to_string()
        .replace("\"messages\":[]", &format!("\"messages\":{items}"))
        .replace("\"statuses\":[]", &format!("\"statuses\":{bad}"))
        .replace("NOW", &NOW_SECS.to_string());
    store.whatsapp(&body).await.is_ok();
    assert_eq!(store.reminder("wamid.good").await.unwrap().read_at, at(NOW_SECS));
    let reasons = store.reasons().await;
    let told: Vec<(&str, Option<&str>)> =
        reasons.iter().map(|(code, field)| (code.as_str(), field.as_deref())).collect();
    let invalid = |field| ("invalid-field", field);
    let expected = [
        vec![invalid(None); 3],
        vec![invalid(Some("context.id"))],
        vec![invalid(Some("id")); 6],
        vec![invalid(Some("status")); 2],
    ];
    assert_eq!(told, expected.concat());
}

#[tokio::test]
async fn timestamps_come_as_texts_and_as_numbers() {
    let store = Store::open().await;
    let mut number = status("wamid.1", "read", NOW_SECS);
    number["timestamp"] = json!(NOW_SECS);
    store.whatsapp(statuses(&[number, status("wamid.2", "read", NOW_SECS)])).await.is_ok();
    for id in ["wamid.1", "wamid.2"] {
        assert_eq!(store.reminder(id).await.unwrap().read_at, at(NOW_SECS));
    }
}

#[tokio::test]
async fn an_impossible_date_is_kept_aside() {
    let store = Store::open().await;
    let earliest = EARLIEST_MILLIS / 1_000;
    let latest = NOW_SECS + 48 * 3_600;
    store
        .whatsapp(statuses(&[
            status("wamid.first", "read", earliest),
            status("wamid.last", "read", latest),
        ]))
        .await
        .is_ok();
    assert!(store.reminder("wamid.first").await.is_some());
    assert!(store.reminder("wamid.last").await.is_some());
    let impossible = [
        json!((earliest - 1).to_string()),
        json!(latest + 1),
        json!(NOW_SECS * 1_000),
        json!(0),
        json!(-1),
        json!("-1"),
        json!(1e300),
        json!(1.5),
        json!(u64::MAX),
        json!("9".repeat(400)),
        json!(i64::MAX.to_string()),
        json!(""),
        json!(" 1795348800"),
        json!("+1795348800"),
        json!("tomorrow"),
        json!("2026-11-22T12:00:00Z"),
        json!(true),
        json!([NOW_SECS]),
        json!(null),
    ];
    let mut items: Vec<Value> = impossible
        .iter()
        .map(|timestamp| {
            let mut item = status("wamid.bad", "read", 0);
            item["timestamp"] = timestamp.clone();
            item
        })
        .collect();
    let mut without = status("wamid.bad", "read", 0);
    without.as_object_mut().unwrap().remove("timestamp");
    items.push(without);
    store.whatsapp(statuses(&items)).await.is_ok();
    store.whatsapp(messages(&[tap("wamid.tap", WAMID, 0)])).await.is_ok();
    assert!(store.reminder("wamid.bad").await.is_none());
    assert!(store.clicks(WAMID).await.is_empty());
    let reason = ("impossible-date".to_owned(), Some("timestamp".to_owned()));
    assert_eq!(store.reasons().await, vec![reason; impossible.len() + 2]);
}

#[tokio::test]
async fn what_would_soon_expire_is_too_old() {
    let store = Store::open().await;
    let store = store.with_retention(400);
    let oldest = NOW_SECS - 380 * 86_400;
    store
        .whatsapp(statuses(&[
            status("wamid.old", "read", oldest),
            status("wamid.young", "read", oldest + 1),
        ]))
        .await
        .is_ok();
    assert!(store.reminder("wamid.old").await.is_none());
    assert!(store.reminder("wamid.young").await.is_some());
    let reason = ("too-old".to_owned(), Some("timestamp".to_owned()));
    assert_eq!(store.reasons().await, [reason]);
}

#[tokio::test]
async fn an_unknown_phone_number_is_200_and_kept_aside_for_nobody() {
    let store = Store::open().await;
    let mut values = vec![
        value(
            &[status("wamid.1", "read", NOW_SECS), status("wamid.1", "sent", NOW_SECS)],
            &[tap("wamid.t", "wamid.1", NOW_SECS), json!({"type": "text"})],
        );
        6
    ];
    values[0]["metadata"]["phone_number_id"] = json!("999");
    values[1]["metadata"]["phone_number_id"] = json!("not digits");
    values[2]["metadata"]["phone_number_id"] = json!({"id": PHONE_NUMBER_ID});
    values[3]["metadata"] = json!(null);
    values[4].as_object_mut().unwrap().remove("metadata");
    values[5]["metadata"]["phone_number_id"] = json!(PHONE_NUMBER_ID.parse::<u64>().unwrap());
    for value in &values {
        store.whatsapp(webhook(value).to_string()).await.is_ok();
    }
    // The number that is known, and those that are none: equal items of one instant are one.
    let asides = store.strays().await;
    assert_eq!(asides.len(), 4);
    assert_eq!(counted(Counter::KeptAside { reason: "unknown-phone-number" }), 10);
    for aside in &asides {
        assert_eq!(aside.code, "unknown-phone-number");
        assert!(!aside.body.contains("\"account\""));
    }
    let numbered = asides.iter().filter(|aside| aside.body.contains("\"phoneNumberId\":\"999\""));
    assert_eq!(numbered.count(), 2);
    assert!(store.asides().await.is_empty());
    // A number's digits are one, too.
    assert!(store.reminder("wamid.1").await.is_some());
    assert_eq!((ignored("sent"), ignored("text")), (6, 6));
}

/// `WhatsApp` delivers again for days: what comes again takes the place of what came before.
#[tokio::test]
async fn what_comes_again_for_an_unknown_phone_number_is_kept_once() {
    let store = Store::open().await;
    let mut values = vec![
        value(
            &[status("wamid.1", "read", NOW_SECS), status("wamid.2", "read", NOW_SECS)],
            &[tap("wamid.t", "wamid.1", NOW_SECS)],
        );
        3
    ];
    values[0]["metadata"]["phone_number_id"] = json!("999");
    values[1]["metadata"]["phone_number_id"] = json!("998");
    values[2]["metadata"] = json!(null);
    for delivery in 0..4 {
        store.clock.set(Instant::from_millis((NOW_SECS + delivery * 3_600) * 1_000));
        for value in &values {
            let body = webhook(value);
            // Also when its JSON is laid out in another way.
            let text = if delivery % 2 == 0 {
                body.to_string()
            } else {
                serde_json::to_string_pretty(&body).unwrap()
            };
            store.whatsapp(text).await.is_ok();
        }
    }
    // Three items for each of two numbers and for none: each in its own list.
    for (owner, pk) in [
        (AsideOwner::PhoneNumber("999".to_owned().try_into().unwrap()), "UNKNOWN#999#ASIDE"),
        (AsideOwner::PhoneNumber("998".to_owned().try_into().unwrap()), "UNKNOWN#998#ASIDE"),
        (AsideOwner::Nobody, "UNKNOWN#NONE#ASIDE"),
    ] {
        let page = store.table.aside_page(&owner, None, 10).await.unwrap();
        assert_eq!(page.items.len(), 3, "{owner:?}");
        for (_, item) in page.items {
            assert_eq!(item.received_at.seconds(), NOW_SECS + 3 * 3_600, "the latest");
            assert_eq!(item.key(&owner).pk, pk);
        }
    }
    assert_eq!(store.strays().await.len(), 9);
}

#[tokio::test]
async fn a_phone_number_works_as_soon_as_it_is_claimed_and_is_believed_for_a_minute() {
    let store = Store::open().await;
    let mut mine = value(&[status("wamid.1", "read", NOW_SECS)], &[]);
    mine["metadata"]["phone_number_id"] = json!("222");
    let body = webhook(&mine).to_string();
    store.whatsapp(&body).await.is_ok();
    assert_eq!(store.strays().await.len(), 1);
    store.beside("bela", "222", 8).await;
    store.whatsapp(&body).await.is_ok();
    let bela = Account::parse("bela").unwrap();
    let id = digest("wamid.1");
    assert!(store.table.reminder(&bela, &id).await.unwrap().is_some());
    // It moves to another account: known at the latest after a minute.
    store
        .table
        .account_write(&bela, &crate::store::settings("bela", "333"), &Vetting::AtOnce)
        .await
        .unwrap();
    store.beside("caro", "222", 9).await;
    let caro = Account::parse("caro").unwrap();
    store.clock.set(Instant::from_millis((NOW_SECS + 60) * 1_000));
    store.whatsapp(&body).await.is_ok();
    assert!(store.table.reminder(&caro, &id).await.unwrap().is_some());
}

#[tokio::test]
async fn two_accounts_in_one_body_never_mix() {
    let store = Store::open().await;
    store.beside("bela", "222", 8).await;
    let mut other = value(&[status("wamid.same", "delivered", NOW_SECS)], &[]);
    other["metadata"]["phone_number_id"] = json!("222");
    let mut body = webhook(&value(&[status("wamid.same", "read", NOW_SECS)], &[]));
    body["entry"].as_array_mut().unwrap().push(webhook(&other)["entry"][0].clone());
    store.whatsapp(body.to_string()).await.is_ok();
    let acme = store.reminder("wamid.same").await.unwrap();
    assert_eq!((acme.delivered_at, acme.read_at), (None, at(NOW_SECS)));
    let bela = Account::parse("bela").unwrap();
    let id = digest("wamid.same");
    let bela = store.table.reminder(&bela, &id).await.unwrap().unwrap();
    assert_eq!((bela.delivered_at, bela.read_at), (at(NOW_SECS), None));
}

/// All that a body may hold at once: receipts, taps, chat, and bad items of every kind.
#[tokio::test]
async fn a_mixed_body_of_a_thousand_items() {
    let store = Store::open().await;
    let mut items = (Vec::new(), Vec::new());
    for n in 0..250 {
        items.0.push(status(&format!("wamid.{n}"), "delivered", NOW_SECS + n));
        items.0.push(status(
            &format!("wamid.{}", n / 2),
            if n % 10 == 9 { "sent" } else { "read" },
            NOW_SECS + n,
        ));
        let mut tapped = tap(&format!("wamid.tap{n}"), &format!("wamid.{n}"), NOW_SECS + n);
        if n % 5 == 4 {
            tapped["context"] = json!({});
        }
        items.1.push(tapped);
        items.1.push(json!({"type": "text", "text": {"body": "oi"}}));
    }
    let body = webhook(&value(&items.0, &items.1)).to_string();
    store.whatsapp(&body).await.is_ok();
    for n in 0..250_i64 {
        let id = format!("wamid.{n}");
        let reminder = store.reminder(&id).await.unwrap();
        assert_eq!(reminder.delivered_at, at(NOW_SECS + n), "{id}");
        // The earlier of the two reads that may name it.
        let reads = [2 * n, 2 * n + 1].into_iter().filter(|r| *r < 250 && r % 10 != 9);
        assert_eq!(reminder.read_at, reads.min().and_then(|r| at(NOW_SECS + r)), "{id}");
        assert_eq!(store.clicks(&id).await.len(), usize::from(n % 5 != 4), "{id}");
    }
    assert_eq!(store.reasons().await.len(), 50);
    assert_eq!((ignored("text"), ignored("sent")), (250, 25));
}
