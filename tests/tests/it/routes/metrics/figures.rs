//! `GET /metrics` (R1, R3, R4, R8, R9).

use serde_json::{Value, json};
use shared::domain::facts::event::{ClickKind, Receipt};

use crate::store::{NOW, Store, at};

/// A store with a bit of everything.
async fn store() -> Store {
    let store = Store::open().await;
    store.sent("r1", "c1", "2026-11-01T10:00:00-03:00", "ana").await;
    store.receipt("r1", Receipt::Delivered, "2026-11-01T10:00:05-03:00").await;
    store.clicked("r1", "k1", ClickKind::Link, "2026-11-01T10:01:00-03:00").await;
    store.clicked("r1", "k2", ClickKind::Reply, "2026-11-03T10:01:00-03:00").await;
    // The last minute of the store's first day is the second day in UTC.
    store.sent("r2", "c2", "2026-11-01T23:59:59-03:00", "bia").await;
    store.receipt("r2", Receipt::Failed, "2026-11-01T23:59:59-03:00").await;
    // The same shopper on another day and in another campaign.
    store.sent("r3", "c2", "2026-11-02T00:00:00-03:00", "ana").await;
    store.clicked("r3", "k3", ClickKind::Link, "2026-11-02T08:00:00-03:00").await;
    store.sent("r4", "c1", "2026-11-04T09:00:00-03:00", "caio").await;
    store.receipt("r4", Receipt::Read, "2026-11-04T09:30:00-03:00").await;
    store.ordered("o1", "2026-11-02T12:00:00-03:00", "ana", 19_990).await;
    store.ordered("o2", "2026-11-05T12:00:00-03:00", "caio", 5).await;
    let when = "2026-11-05T12:00:00-03:00";
    store.part("o3", ("01", "invoiced"), (when, when), "caio", ("CLP", 5_000)).await;
    store.ordered("o4", "2026-11-05T12:00:00-03:00", "nobody", 100).await;
    store.settle().await;
    store
}

#[tokio::test]
async fn a_range_is_told_in_totals_days_and_campaigns() {
    let answer = store().await.get("/metrics?from=2026-11-01&to=2026-11-04").await;
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn one_campaign_alone() {
    let store = store().await;
    let answer = store.get("/metrics?from=2026-11-01&to=2026-11-04&campaignId=c2").await;
    insta::assert_json_snapshot!(answer);
}

/// R4: distinct over whatever is looked at, so they don't add up.
#[tokio::test]
async fn unique_clicks_are_distinct_over_the_range() {
    let body = store().await.get("/metrics?from=2026-11-01&to=2026-11-04").await.ok();
    let unique = |of: &Value| of["uniqueClicks"].as_i64().unwrap();
    assert_eq!(unique(&body["totals"]), 1);
    assert_eq!(body["totals"]["totalClicks"], 3);
    let days: i64 = body["days"].as_array().unwrap().iter().map(unique).sum();
    let campaigns: i64 = body["campaigns"].as_array().unwrap().iter().map(unique).sum();
    assert_eq!((days, campaigns), (2, 2));
}

#[tokio::test]
async fn what_adds_up_adds_up() {
    let body = store().await.get("/metrics?from=2026-11-01&to=2026-11-04").await.ok();
    for name in ["sent", "delivered", "read", "failed", "totalClicks"] {
        for parts in ["days", "campaigns"] {
            let sum: i64 =
                body[parts].as_array().unwrap().iter().map(|of| of[name].as_i64().unwrap()).sum();
            assert_eq!(body["totals"][name], sum, "{name} of {parts}");
        }
    }
}

#[tokio::test]
async fn a_store_without_data_is_zeros() {
    let store = Store::open().await;
    let body = store.get("/metrics?from=2026-11-01&to=2026-11-01").await.ok();
    insta::assert_json_snapshot!(body);
}

#[tokio::test]
async fn a_range_is_inclusive_and_of_the_stores_days() {
    let store = store().await;
    let sent = async |from: &str, to: &str| {
        store.get(&format!("/metrics?from={from}&to={to}")).await.ok()["totals"]["sent"].clone()
    };
    assert_eq!(sent("2026-11-01", "2026-11-01").await, 2);
    assert_eq!(sent("2026-11-02", "2026-11-02").await, 1);
    assert_eq!(sent("2026-11-02", "2026-11-04").await, 2);
    assert_eq!(sent("2026-11-03", "2026-11-03").await, 0);
}

#[tokio::test]
async fn a_day_is_settled_18_days_after_its_end_in_the_stores_zone() {
    let store = Store::open().await;
    let settled = async |now: &str| {
        store.clock.set(at(now));
        store.get("/metrics?from=2026-11-01&to=2026-11-01").await.ok()["days"][0]["settled"].clone()
    };
    assert_eq!(settled("2026-11-19T23:59:59.999-03:00").await, false);
    assert_eq!(settled("2026-11-20T00:00:00-03:00").await, true);
}

/// The index knows a click before its rollup does: the answer waits for the rollup, and never
/// names more clickers than clicks.
#[tokio::test]
async fn clicks_show_once_they_are_counted() {
    let store = Store::open().await;
    for (reminder, user) in [("r1", "ana"), ("r2", "bia")] {
        store.sent(reminder, "c1", "2026-11-01T10:00:00-03:00", user).await;
    }
    store.clicked("r1", "k1", ClickKind::Link, "2026-11-01T10:01:00-03:00").await;
    store.derive().await;
    let clicks = async |store: &Store| {
        let totals =
            store.get("/metrics?from=2026-11-01&to=2026-11-01").await.ok()["totals"].clone();
        (totals["uniqueClicks"].as_i64().unwrap(), totals["totalClicks"].as_i64().unwrap())
    };
    assert_eq!(clicks(&store).await, (0, 0));
    store.count().await;
    assert_eq!(clicks(&store).await, (1, 1));
    store.clicked("r2", "k1", ClickKind::Link, "2026-11-01T10:02:00-03:00").await;
    store.derive().await;
    assert_eq!(clicks(&store).await, (1, 1));
    store.count().await;
    assert_eq!(clicks(&store).await, (2, 2));
}

/// R4, R3: a tap on the stop button counts by itself: it is no click, and implies no delivery or reading.
#[tokio::test]
async fn opt_outs_are_no_clicks() {
    let store = store().await;
    let path = "/metrics?from=2026-11-01&to=2026-11-04";
    let before = store.get(path).await.ok();
    // The one reached nobody as far as is known, the other was clicked before.
    store.clicked("r2", "stop", ClickKind::OptOut, "2026-11-02T10:00:00-03:00").await;
    store.clicked("r3", "stop", ClickKind::OptOut, "2026-11-02T07:00:00-03:00").await;
    store.settle().await;
    let after = store.get(path).await.ok();
    let opt_outs = |body: &Value| -> (Value, Vec<Value>, Vec<Value>) {
        let of =
            |list: &Value| list.as_array().unwrap().iter().map(|n| n["optOuts"].clone()).collect();
        (body["totals"]["optOuts"].clone(), of(&body["days"]), of(&body["campaigns"]))
    };
    let none = (json!(0), vec![json!(0); 4], vec![json!(0); 3]);
    assert_eq!(opt_outs(&before), none);
    let days = [1, 1, 0, 0].map(|n| json!(n)).to_vec();
    assert_eq!(opt_outs(&after), (json!(2), days, [2, 0, 0].map(|n| json!(n)).to_vec()));
    // Nothing else moved: neither receipts, nor clicks, nor credit.
    let without = |body: &Value| {
        body.to_string()
            .replace("\"optOuts\":1", "\"optOuts\":0")
            .replace("\"optOuts\":2", "\"optOuts\":0")
    };
    assert_eq!(without(&after), without(&before));
}

/// R7: what was taken back leaves no trace, not even a zero.
#[tokio::test]
async fn a_canceled_order_is_taken_back() {
    let store = store().await;
    let created = "2026-11-02T12:00:00-03:00";
    store.part("o1", ("01", "canceled"), (created, NOW), "ana", ("BRL", 19_990)).await;
    store.settle().await;
    let totals = store.get("/metrics?from=2026-11-01&to=2026-11-02").await.ok()["totals"].clone();
    assert_eq!(totals["conversions"], json!({"total": 0, "assisted": 0, "clickThrough": 0}));
    assert_eq!(
        (&totals["conversionValue"], &totals["clickThroughValue"]),
        (&json!([]), &json!([]))
    );
}

/// R7: an order that another one replaced doesn't count beside it, and what was never made or paid for
/// doesn't count at all.
#[tokio::test]
async fn a_purchase_counts_once_however_often_it_was_tried() {
    let store = store().await;
    let (first, second) = ("2026-11-02T12:00:00-03:00", "2026-11-02T12:05:00-03:00");
    store.part("o1", ("01", "replaced"), (first, second), "ana", ("BRL", 10_000)).await;
    store.part("o5", ("01", "created"), (second, second), "ana", ("BRL", 12_000)).await;
    for (order, dead) in [
        ("o6", "order-create-error"),
        ("o7", "order-creation-error"),
        ("o8", "payment-denied"),
        ("o9", "cancel"),
    ] {
        store.part(order, ("01", dead), (second, second), "ana", ("BRL", 7_000)).await;
    }
    store.settle().await;
    let totals = store.get("/metrics?from=2026-11-01&to=2026-11-02").await.ok()["totals"].clone();
    assert_eq!(totals["conversions"]["total"], 1);
    assert_eq!(totals["conversionValue"], json!([{"currency": "BRL", "amount": "120.00"}]));
}

#[tokio::test]
async fn tenants_never_mix() {
    let store = store().await;
    let other = store.beside("other", "222", 8).await;
    let body = other.get("/metrics?from=2026-11-01&to=2026-11-04").await.ok();
    assert_eq!(body["totals"]["sent"], 0);
    let names: Vec<&Value> =
        body["campaigns"].as_array().unwrap().iter().map(|of| &of["name"]).collect();
    assert_eq!(names, ["First", "Second", "Third"]);
}
