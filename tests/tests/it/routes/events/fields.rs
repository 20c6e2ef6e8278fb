//! Every field of the four events: what is admitted, and what a wrong one is answered with.

use serde_json::{Value, json};
use shared::domain::values::ids::OrderGroup;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{AMOUNT_MAX, EARLIEST_MILLIS, ITEMS, QUANTITY_MAX};
use shared::store::key::Key;
use shared::telemetry::{Counter, counted};

use crate::store::told::{PHONE, WAMID, clicked, order, receipt, sent};
use crate::store::{NOW_SECS, Store};

/// A code and a field.
type Verdict = Option<(String, Option<String>)>;

/// What is told about a lone event: nothing when it was taken.
async fn verdict(store: &Store, event: &Value) -> Verdict {
    let answer = store.event(event).await;
    let body = answer.ok();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    body["keptAside"].get(0).map(|aside| (text(&aside["code"]).unwrap(), text(&aside["field"])))
}

/// The event with one place changed; `None` takes it away.
fn with(mut event: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Array(list), Some(value)) => list[name.parse::<usize>().unwrap()] = value,
        (Value::Object(fields), Some(value)) => {
            fields.insert(name.to_owned(), value);
        }
        (Value::Object(fields), None) => {
            fields.remove(name).unwrap();
        }
        _ => panic!("no such place"),
    }
    event
}

#[track_caller]
fn is(verdict: &Verdict, code: &str, field: &str, context: &str) {
    assert_eq!(*verdict, Some((code.to_owned(), Some(field.to_owned()))), "{context}");
}

#[tokio::test]
async fn required_fields_that_are_missing_or_null_are_named() {
    let store = Store::open().await;
    let required = [
        (
            sent(WAMID, NOW_SECS),
            vec![
                "specversion",
                "id",
                "source",
                "type",
                "time",
                "data",
                "data/reminderId",
                "data/campaignId",
                "data/orderFormId",
            ],
        ),
        (receipt(WAMID, "read", NOW_SECS), vec!["time", "data", "data/reminderId", "data/status"]),
        (
            clicked(WAMID, "c", "link", NOW_SECS),
            vec!["time", "data", "data/reminderId", "data/clickId", "data/kind"],
        ),
        (
            order("1", "01", NOW_SECS),
            vec![
                "data",
                "data/orderGroup",
                "data/orderId",
                "data/createdAt",
                "data/changedAt",
                "data/currency",
                "data/value",
            ],
        ),
    ];
    for (event, places) in required {
        for place in places {
            let field = place.replace('/', ".").replace(".0.", "[0].");
            for value in [None, Some(json!(null)), Some(json!({"a": 1})), Some(json!([true]))] {
                let bad = with(event.clone(), &format!("/{place}"), value.clone());
                let told = verdict(&store, &bad).await;
                // Of a list or an object in its place, what it lacks may be named.
                let (code, told) = told.unwrap_or_else(|| panic!("{place} {value:?} was taken"));
                assert_eq!(code, "invalid-field", "{place} {value:?}");
                let told = told.unwrap();
                let exact = value.as_ref().is_none_or(Value::is_null);
                assert!(
                    if exact { told == field } else { told.starts_with(&field) },
                    "{place} {value:?}: {told}"
                );
            }
        }
    }
    let without_status = with(order("1", "01", NOW_SECS), "/data/status", None);
    is(&verdict(&store, &without_status).await, "invalid-field", "data.status", "missing");
}

#[tokio::test]
async fn wrong_values_are_named() {
    let store = Store::open().await;
    let long = |n: usize| json!("x".repeat(n));
    let bad = [
        (sent(WAMID, NOW_SECS), "specversion", json!("0.3")),
        (sent(WAMID, NOW_SECS), "specversion", json!(1.0)),
        (sent(WAMID, NOW_SECS), "id", json!("")),
        (sent(WAMID, NOW_SECS), "source", json!("")),
        (sent(WAMID, NOW_SECS), "type", json!("")),
        (sent(WAMID, NOW_SECS), "time", json!(NOW_SECS)),
        (sent(WAMID, NOW_SECS), "data.reminderId", json!("")),
        (sent(WAMID, NOW_SECS), "data.reminderId", json!("a#b")),
        (sent(WAMID, NOW_SECS), "data.reminderId", long(201)),
        (sent(WAMID, NOW_SECS), "data.campaignId", json!("a/b")),
        (sent(WAMID, NOW_SECS), "data.userId", json!(7)),
        (sent(WAMID, NOW_SECS), "data.phone", json!(5_561_999_990_001_i64)),
        (sent(WAMID, NOW_SECS), "data.orderFormId", long(101)),
        (sent(WAMID, NOW_SECS), "data.linkToken", json!("short")),
        (sent(WAMID, NOW_SECS), "data.linkToken", json!("")),
        (receipt(WAMID, "read", NOW_SECS), "data.status", json!(7)),
        (clicked(WAMID, "c", "link", NOW_SECS), "data.kind", json!("tap")),
        (clicked(WAMID, "c", "link", NOW_SECS), "data.kind", json!("optOut")),
        (clicked(WAMID, "c", "link", NOW_SECS), "data.clickId", json!("a b")),
        (order("1", "01", NOW_SECS), "data.orderGroup", json!("a#b")),
        (order("1", "01", NOW_SECS), "data.orderId", json!("")),
        (order("1", "01", NOW_SECS), "data.status", long(51)),
        (order("1", "01", NOW_SECS), "data.status", json!("not a state")),
        (order("1", "01", NOW_SECS), "data.currency", json!("brl")),
        (order("1", "01", NOW_SECS), "data.currency", json!("BRLX")),
        (order("1", "01", NOW_SECS), "data.currency", json!("ZZZ")),
        (order("1", "01", NOW_SECS), "data.value", json!(-1)),
        (order("1", "01", NOW_SECS), "data.value", json!(AMOUNT_MAX + 1)),
        (order("1", "01", NOW_SECS), "data.value", json!(1.5)),
        (order("1", "01", NOW_SECS), "data.value", json!(u64::MAX)),
        (order("1", "01", NOW_SECS), "data.orderFormId", long(101)),
    ];
    for (event, field, value) in bad {
        let pointer = format!("/{}", field.replace('.', "/"));
        let event = with(event, &pointer, Some(value.clone()));
        is(&verdict(&store, &event).await, "invalid-field", field, &value.to_string());
    }
    assert_eq!(store.reasons().await.iter().filter(|(code, _)| code != "invalid-field").count(), 0);
    assert!(store.reminder(WAMID).await.is_none());
}

#[tokio::test]
async fn values_at_their_limits_are_taken() {
    let store = Store::open().await;
    let item = json!({"id": "x".repeat(101), "name": "ñ".repeat(201), "quantity": QUANTITY_MAX, "price": AMOUNT_MAX});
    let events = [
        with(
            sent("wamid.1", NOW_SECS),
            "/data/checkoutItems",
            Some(json!(vec![item.clone(); ITEMS])),
        ),
        with(sent("wamid.2", NOW_SECS), "/data/checkoutItems", Some(json!([]))),
        with(sent("wamid.3", NOW_SECS), "/data/userId", Some(json!("ü".repeat(100)))),
        with(sent("wamid.4", NOW_SECS), "/data/linkToken", Some(json!(null))),
        with(order("1", "01", NOW_SECS), "/data/value", Some(json!(AMOUNT_MAX))),
        with(order("1", "02", NOW_SECS), "/data/value", Some(json!(0))),
        with(order("1", "03", NOW_SECS), "/data/status", Some(json!(null))),
        with(order("1", "04", NOW_SECS), "/data/status", Some(json!(""))),
        with(order("1", "05", NOW_SECS), "/data/status", Some(json!("x".repeat(50)))),
        with(order("1", "06", NOW_SECS), "/data/currency", Some(json!("CLP"))),
        with(order("1", "07", NOW_SECS), "/time", None),
        with(order("1", "08", NOW_SECS), "/time", Some(json!("whenever"))),
        // Fields that nobody reads are nobody's business.
        with(receipt("wamid.1", "failed", NOW_SECS), "/data/error", Some(json!({"code": 131_026}))),
        with(receipt("wamid.1", "read", NOW_SECS), "/data/more", Some(json!([1]))),
        with(receipt("wamid.1", "read", NOW_SECS), "/subject", Some(json!("x"))),
        with(
            receipt("wamid.1", "read", NOW_SECS),
            "/time",
            Some(json!("2026-11-22T09:00:00.123456789-03:00")),
        ),
    ];
    let answer = store.batch(&events).await;
    assert_eq!(answer.ok(), json!({"accepted": events.len(), "keptAside": []}));
}

/// R10: what is only shown never keeps an order, or a reminder that it may be credited to, from counting.
#[tokio::test]
async fn odd_items_and_user_ids_are_cut_or_left_out() {
    let store = Store::open().await;
    let item = json!({"id": "sku-1", "name": "Camiseta", "quantity": 2, "price": 9990});
    let line = |name: &str, value: Value| {
        let mut odd = item.clone();
        odd[name] = value;
        json!([odd, item])
    };
    let long = json!({"id": "x", "name": "\u{1f6d2}".repeat(201), "quantity": 1, "price": 1});
    let lists = [
        (line("id", json!(null)), 2),
        (line("name", json!(["Camiseta"])), 2),
        (line("price", json!(133.33)), 2),
        (line("price", json!(null)), 1),
        (line("price", json!(-1)), 1),
        (line("price", json!(AMOUNT_MAX + 1)), 1),
        (line("quantity", json!("2")), 1),
        (line("quantity", json!(QUANTITY_MAX + 1)), 1),
        (json!([7, item]), 1),
        (json!(vec![item.clone(); ITEMS + 1]), ITEMS),
        (json!(vec![long; ITEMS]), ITEMS),
        (json!(null), 0),
        (json!("[]"), 0),
    ];
    for (number, (list, kept)) in lists.iter().enumerate() {
        let (id, group) = (format!("wamid.{number}"), format!("9{number}"));
        let reminder = with(sent(&id, NOW_SECS), "/data/checkoutItems", Some(list.clone()));
        let order = with(order(&group, "01", NOW_SECS), "/data/items", Some(list.clone()));
        let answer = store.batch(&[reminder, order]).await.ok();
        assert_eq!(answer, json!({"accepted": 2, "keptAside": []}), "{number}");
        let sent = store.reminder(&id).await.unwrap().sent.unwrap();
        let part = store.order(&group).await.unwrap().parts.into_values().next().unwrap();
        assert_eq!(sent.items, part.items);
        let group = OrderGroup::parse(&group).unwrap();
        let list = part.items.map(|digest| Key::order_items(&store.account, &group, &digest));
        let lists = store.table.item_lists(list.into_iter().collect()).await.unwrap();
        assert_eq!(lists.values().map(|list| list.items().len()).sum::<usize>(), *kept, "{number}");
    }
    // Missing altogether, as a list is that was too long even to be kept aside.
    let bare = with(order("1", "01", NOW_SECS), "/data/items", None);
    assert_eq!(verdict(&store, &bare).await, None);
    for (length, is_known) in [(100, true), (101, false)] {
        let user = json!("u".repeat(length));
        let group = format!("8{length}");
        let named = with(order(&group, "01", NOW_SECS), "/data/userId", Some(user));
        assert_eq!(verdict(&store, &named).await, None);
        let identities = store.order(&group).await.unwrap().identities;
        assert_eq!(!identities.user_ids.is_empty(), is_known, "{length}");
        assert!(!identities.phones.is_empty() && !identities.order_form_ids.is_empty());
    }
    assert!(store.asides().await.is_empty());
}

#[tokio::test]
async fn a_reminder_names_somebody() {
    let store = Store::open().await;
    let named = |user: Value, phone: Value, cart: &str| {
        let event = with(sent(WAMID, NOW_SECS), "/data/userId", Some(user));
        let event = with(event, "/data/phone", Some(phone));
        with(event, "/data/orderFormId", Some(json!(cart)))
    };
    for nobody in [
        named(json!(null), json!(null), ""),
        named(json!(""), json!(""), "--"),
        named(json!(null), json!("4002-892"), ""),
    ] {
        is(&verdict(&store, &nobody).await, "invalid-field", "data.orderFormId", "nobody");
    }
    for somebody in [
        named(json!("ana"), json!(null), ""),
        named(json!(null), json!("4002-8922"), "-"),
        named(json!(""), json!(""), "a"),
    ] {
        assert_eq!(verdict(&store, &somebody).await, None, "{somebody}");
    }
    // An order of nobody is one all the same: it is credited to none.
    let order = with(order("1", "01", NOW_SECS), "/data/userId", None);
    let order = with(order, "/data/phone", Some(json!("")));
    assert_eq!(verdict(&store, &with(order, "/data/orderFormId", None)).await, None);
}

#[tokio::test]
async fn a_phone_number_is_kept_as_its_digest_alone() {
    let store = Store::open().await;
    let written = [PHONE, "5561999990001", "+55 (61) 9.9999.0001"];
    for (n, phone) in written.iter().enumerate() {
        let event = with(sent(&format!("wamid.{n}"), NOW_SECS), "/data/phone", Some(json!(phone)));
        assert_eq!(verdict(&store, &event).await, None);
    }
    let digest = async |n: usize| {
        store.reminder(&format!("wamid.{n}")).await.unwrap().sent.unwrap().identities.phone.unwrap()
    };
    assert_eq!(digest(0).await, digest(1).await);
    assert_eq!(digest(0).await, digest(2).await);
    let contents = store.contents().await.concat();
    assert!(!contents.contains("99990001") && !contents.contains("99999-0001"));
}

#[tokio::test]
async fn impossible_dates_are_kept_aside() {
    let store = Store::open().await;
    let text = |millis: i64| Instant::from_millis(millis).to_string();
    let latest = (NOW_SECS + 48 * 3_600) * 1_000;
    let impossible = [
        text(EARLIEST_MILLIS - 1),
        text(latest + 1),
        "2026-02-30T00:00:00Z".to_owned(),
        "2026-11-22T25:00:00Z".to_owned(),
        "2026-11-22T12:00:00".to_owned(),
        "2026-11-22".to_owned(),
        "12026-11-22T12:00:00Z".to_owned(),
        "1795348800".to_owned(),
        "tomorrow".to_owned(),
    ];
    for date in &impossible {
        for event in [
            sent(WAMID, NOW_SECS),
            receipt(WAMID, "read", NOW_SECS),
            clicked(WAMID, "c", "link", NOW_SECS),
        ] {
            let event = with(event, "/time", Some(json!(date)));
            is(&verdict(&store, &event).await, "impossible-date", "time", date);
        }
        for name in ["createdAt", "changedAt"] {
            let event =
                with(order("1", "01", NOW_SECS), &format!("/data/{name}"), Some(json!(date)));
            is(&verdict(&store, &event).await, "impossible-date", &format!("data.{name}"), date);
        }
    }
    assert!(store.reminder(WAMID).await.is_none());
    for possible in [text(EARLIEST_MILLIS), text(latest)] {
        let event = with(receipt(WAMID, "read", NOW_SECS), "/time", Some(json!(possible)));
        assert_eq!(verdict(&store, &event).await, None);
        let event = with(order("1", "01", NOW_SECS), "/data/changedAt", Some(json!(possible)));
        let event = with(event, "/data/createdAt", Some(json!(possible)));
        assert_eq!(verdict(&store, &event).await, None);
    }
}

#[tokio::test]
async fn what_would_soon_expire_is_too_old() {
    let store = Store::open().await;
    let store = store.with_retention(400);
    let oldest = NOW_SECS - 380 * 86_400;
    for (make, field) in [
        ((|secs| sent(WAMID, secs)) as fn(i64) -> Value, "time"),
        (|secs| receipt(WAMID, "read", secs), "time"),
        (|secs| clicked(WAMID, "c", "link", secs), "time"),
        (|secs| order("1", "01", secs), "data.createdAt"),
    ] {
        is(&verdict(&store, &make(oldest)).await, "too-old", field, "380 days");
        assert_eq!(verdict(&store, &make(oldest + 1)).await, None);
    }
    // An old order that changes today is still about that old day.
    let late = with(
        order("2", "01", oldest),
        "/data/changedAt",
        Some(json!(store.clock.now().to_string())),
    );
    is(&verdict(&store, &late).await, "too-old", "data.createdAt", "changed today");
}

#[tokio::test]
async fn statuses_that_say_nothing_here_are_counted_and_dropped() {
    let store = Store::open().await;
    let mut timeless = receipt(WAMID, "warning", NOW_SECS);
    timeless["time"] = json!("once");
    let events = [receipt(WAMID, "sent", NOW_SECS), receipt(WAMID, "deleted", 0), timeless];
    let answer = store.batch(&events).await;
    assert_eq!(answer.ok(), json!({"accepted": 3, "keptAside": []}));
    assert!(store.contents().await.is_empty());
    for kind in ["sent", "deleted", "warning"] {
        assert_eq!(counted(Counter::TrafficIgnored { kind }), 1, "{kind}");
    }
}

/// R12: the sender means something by it, and hears that it doesn't count.
#[tokio::test]
async fn a_status_that_nobody_knows_is_kept_aside() {
    let store = Store::open().await;
    for word in ["Delivered", "DELIVERED", "seen", "", " read"] {
        let told = verdict(&store, &receipt(WAMID, word, NOW_SECS)).await;
        is(&told, "invalid-field", "data.status", word);
    }
    assert!(store.reminder(WAMID).await.is_none());
    assert_eq!(store.asides().await.len(), 5);
}

#[tokio::test]
async fn what_was_played_was_read() {
    let store = Store::open().await;
    store.event(&receipt(WAMID, "played", NOW_SECS)).await.is_ok();
    assert_eq!(store.reminder(WAMID).await.unwrap().read_at.unwrap().seconds(), NOW_SECS);
}
