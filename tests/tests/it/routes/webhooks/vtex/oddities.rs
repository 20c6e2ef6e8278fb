//! Everything odd that VTEX's orders hold.

use serde_json::{Value, json};
use shared::domain::facts::order::Order;
use shared::domain::values::instant::Instant;
use vtex_stand_in::documents::{ORDER_FORM_ID, ORDER_GROUP, order_with};

use crate::store::contents::reason;
use crate::store::hook::Hook;

fn part(n: u8, members: &Value) -> Value {
    let mut document = order_with(json!({"orderId": format!("{ORDER_GROUP}-{n:02}")}));
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    document
}

fn value(order: &Order) -> Option<i64> {
    order.amount().map(|amount| amount.minor_units)
}

#[tokio::test]
async fn a_split_order_is_one_purchase() {
    let hook = Hook::open().await;
    let last = |minute: u8| format!("2026-11-20T12:{minute:02}:00.0000000+00:00");
    hook.change(part(1, &json!({"value": 10_000}))).await.is_empty();
    hook.change(part(2, &json!({"value": 5_000}))).await.is_empty();
    let order = hook.store.order(ORDER_GROUP).await.unwrap();
    assert_eq!((order.parts.len(), value(&order)), (2, Some(15_000)));
    // A requested cancellation is none yet.
    let requested = json!({"value": 5_000, "status": "request-cancel", "lastChange": last(10)});
    hook.change(part(2, &requested)).await.is_empty();
    assert_eq!(value(&hook.store.order(ORDER_GROUP).await.unwrap()), Some(15_000));
    let canceled = json!({"value": 5_000, "status": "canceled", "lastChange": last(20)});
    hook.change(part(2, &canceled)).await.is_empty();
    assert_eq!(value(&hook.store.order(ORDER_GROUP).await.unwrap()), Some(10_000));
    hook.change(part(1, &json!({"status": "canceled", "lastChange": last(30)}))).await.is_empty();
    let dead = hook.store.order(ORDER_GROUP).await.unwrap();
    assert!(!dead.is_live() && value(&dead).is_none());
}

#[tokio::test]
async fn an_older_state_that_comes_late_changes_nothing() {
    let hook = Hook::open().await;
    let canceled = json!({"status": "canceled", "lastChange": "2026-11-21T00:00:00.0000000+00:00"});
    hook.change(part(1, &canceled)).await.is_empty();
    let dead = hook.store.order(ORDER_GROUP).await.unwrap();
    // A replica of VTEX that lags tells an older document.
    hook.change(part(1, &json!({"status": "handling"}))).await.is_empty();
    let after = hook.store.order(ORDER_GROUP).await.unwrap();
    assert_eq!(after.parts, dead.parts);
    assert!(!after.is_live());
}

#[tokio::test]
async fn any_order_of_notifications_ends_in_the_same_fact() {
    let documents: Vec<Value> = [
        part(1, &json!({"status": null, "value": 0})),
        part(1, &json!({"lastChange": "2026-11-20T12:30:00Z", "status": "invoiced"})),
        part(2, &json!({"value": 700, "clientProfileData": {"userProfileId": "ana"}})),
        part(2, &json!({"value": 700, "status": "canceled", "lastChange": "2026-11-20T12:06:00Z"})),
        part(
            3,
            &json!({"creationDate": "2026-11-20T11:59:59.9999999+00:00", "status": "never-heard"}),
        ),
    ]
    .into();
    let mut ends: Vec<Order> = Vec::new();
    for turn in 0..documents.len() {
        let hook = Hook::open().await;
        let turned = documents.iter().cycle().skip(turn).take(documents.len());
        let (turned, back): (Vec<_>, Vec<_>) = (turned.clone().collect(), turned.collect());
        let order: Vec<_> = if turn % 2 == 0 { turned } else { back.into_iter().rev().collect() };
        for document in order {
            hook.change(document.clone()).await.is_empty();
        }
        ends.push(Order { version: 0, ..hook.store.order(ORDER_GROUP).await.unwrap() });
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:#?}");
    assert_eq!(ends[0].created_at.to_string(), "2026-11-20T11:59:59.999Z");
    assert_eq!(value(&ends[0]), Some(2 * 19_990));
}

#[tokio::test]
async fn an_order_that_is_none_yet_does_not_count() {
    let hook = Hook::open().await;
    let incomplete = json!({"status": "", "isCompleted": false, "clientProfileData": null});
    hook.change(part(1, &incomplete)).await.is_empty();
    assert!(!hook.store.order(ORDER_GROUP).await.unwrap().is_live());
    let created = json!({"status": "order-created", "lastChange": "2026-11-20T12:10:00.1+00:00"});
    hook.change(part(1, &created)).await.is_empty();
    assert!(hook.store.order(ORDER_GROUP).await.unwrap().is_live());
}

#[tokio::test]
async fn a_guest_is_known_by_the_cart() {
    for profile in [
        json!(null),
        json!({}),
        json!({"email": null, "phone": null, "userProfileId": null}),
        json!({"email": "a1b2c3@ct.vtex.com.br", "phone": "+55*******0001", "userProfileId": "****"}),
    ] {
        let hook = Hook::open().await;
        hook.change(part(1, &json!({"clientProfileData": profile}))).await.is_empty();
        let identities = hook.store.order(ORDER_GROUP).await.unwrap().identities;
        assert!(identities.user_ids.is_empty() && identities.phones.is_empty(), "{profile}");
        let carts: Vec<_> = identities.order_form_ids.iter().map(ToString::to_string).collect();
        assert_eq!(carts, [ORDER_FORM_ID]);
    }
}

/// R10: what is only shown never keeps an order from counting.
#[tokio::test]
async fn odd_items_and_user_ids_cost_no_order() {
    let long = json!({"id": "1", "name": "\u{1f6d2}".repeat(300), "quantity": 1, "price": 5});
    for odd in [
        json!({"items": [{"id": null, "name": "Brinde", "quantity": 1, "sellingPrice": 0}]}),
        json!({"items": [{"id": "1", "name": "Kit", "quantity": 3, "sellingPrice": 133.33}]}),
        json!({"items": [{"id": "1", "quantity": 1}]}),
        json!({"items": vec![long; 500]}),
        json!({"items": {}}),
        json!({"clientProfileData": {"userProfileId": "u".repeat(101), "phone": null}}),
    ] {
        let hook = Hook::open().await;
        hook.change(part(1, &odd)).await.is_empty();
        let order = hook.store.order(ORDER_GROUP).await;
        assert_eq!(order.as_ref().and_then(value), Some(19_990));
        assert!(hook.store.asides().await.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_count_is_kept_aside_with_its_field() {
    for (members, code, field) in [
        (json!({"creationDate": "2015-12-31T23:59:59.999Z"}), "impossible-date", "creationDate"),
        (json!({"creationDate": "2026-11-24T12:00:00.001Z"}), "impossible-date", "creationDate"),
        (json!({"creationDate": "ontem"}), "impossible-date", "creationDate"),
        (json!({"lastChange": "2026-11-24T12:00:00.001Z"}), "impossible-date", "lastChange"),
        (json!({"lastChange": "0001-01-01T00:00:00Z"}), "impossible-date", "lastChange"),
        (json!({"value": null}), "invalid-field", "value"),
        (json!({"value": 10.5}), "invalid-field", "value"),
        (
            json!({"storePreferencesData": {"currencyCode": "R$"}}),
            "invalid-field",
            "storePreferencesData.currencyCode",
        ),
        (json!({"storePreferencesData": null}), "invalid-field", "storePreferencesData"),
        (json!({"orderGroup": "a#b"}), "invalid-field", "orderGroup"),
    ] {
        let hook = Hook::open().await;
        hook.change(part(1, &members)).await.is_empty();
        assert_eq!(hook.store.reason().await, reason(code, &format!("order.{field}")), "{members}");
        // What names people stays at VTEX.
        assert!(!hook.store.asides().await[0].body.contains("clientProfileData"));
    }
    let hook = Hook::open().await;
    hook.vtex.put_as("1-01", json!(null));
    hook.notify("1-01").await.is_empty();
    assert_eq!(hook.store.reason().await, reason("invalid-field", "order"));
}

#[tokio::test]
async fn an_order_that_would_soon_expire_is_too_old() {
    let hook = Hook::open().await;
    let limited = hook.before(&hook.store.with_retention(400));
    let edge = Instant::parse_rfc3339("2025-11-07T12:00:00Z").unwrap();
    let made =
        |at: &str| part(1, &json!({"creationDate": at, "lastChange": "2026-11-20T12:00:00Z"}));
    limited.change(made(&edge.to_string())).await.is_empty();
    assert_eq!(limited.store.reason().await, reason("too-old", "order.creationDate"));
    limited.change(made("2025-11-07T12:00:00.001Z")).await.is_empty();
    assert!(limited.store.order(ORDER_GROUP).await.is_some());
}
