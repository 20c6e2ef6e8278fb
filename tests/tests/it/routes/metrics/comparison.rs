//! `GET /metrics?compareWith=`: earlier days as they stood at the age of the range's own.

use serde_json::{Value, json};
use shared::domain::facts::credit::{Credit, CreditKind};
use shared::domain::facts::event::{ClickKind, OrderUpdated, Receipt};
use shared::domain::facts::order::Order;
use shared::domain::rules::contribution::{Changes, of_order};
use shared::domain::values::identity::Identities;
use shared::domain::values::ids::{CampaignId, OrderGroup, OrderId};
use shared::domain::values::item::ItemList;
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::store_day::StoreDay;
use shared::store::stream::SequenceNumber;

use crate::store::functions::{digest, phone_key};
use crate::store::{Store, ZONE, at, now};

/// Yesterday; it is 9 o'clock of the store's 22nd of November.
const YESTERDAY: &str = "/metrics?from=2026-11-21&to=2026-11-21&compareWith=previousPeriod";

/// Delivered at nine, read and clicked by `ana`'s like, with an order at `ordered`.
async fn bought(store: &Store, who: &str, campaign: &str, day: &str, ordered: &str, value: i64) {
    let reminder = format!("r-{who}");
    store.sent(&reminder, campaign, &format!("{day}T08:00:00-03:00"), who).await;
    store.receipt(&reminder, Receipt::Delivered, &format!("{day}T09:00:00-03:00")).await;
    store.ordered(&format!("o-{who}"), ordered, who, value).await;
}

/// Purchases of two days, of which those of the earlier one came before, at and after the point of
/// comparison: nine o'clock of the day after.
async fn store() -> Store {
    let store = Store::open().await;
    bought(&store, "ana", "c1", "2026-11-20", "2026-11-20T12:00:00-03:00", 10_000).await;
    bought(&store, "bia", "c2", "2026-11-20", "2026-11-21T09:00:00-03:00", 2_000).await;
    bought(&store, "caio", "c2", "2026-11-20", "2026-11-21T09:00:00.001-03:00", 300).await;
    bought(&store, "duda", "c1", "2026-11-20", "2026-11-22T08:59:00-03:00", 40).await;
    store.sent("r-eva", "c1", "2026-11-20T08:00:00-03:00", "eva").await;
    store.clicked("r-eva", "k1", ClickKind::Link, "2026-11-20T10:00:00-03:00").await;
    let when = "2026-11-20T11:00:00-03:00";
    store.part("o-eva", ("01", "invoiced"), (when, when), "eva", ("CLP", 5_000)).await;
    bought(&store, "fabi", "c1", "2026-11-21", "2026-11-21T12:00:00-03:00", 7_000).await;
    store.settle().await;
    store
}

fn conversions(body: &Value) -> Value {
    body["comparison"]["totals"]["conversions"]["total"].clone()
}

#[tokio::test]
async fn yesterday_beside_the_day_before() {
    insta::assert_json_snapshot!(store().await.get(YESTERDAY).await);
}

/// Up to the instant and no further; an hour later the point has moved on.
#[tokio::test]
async fn purchases_are_told_up_to_the_age_of_the_range() {
    let store = store().await;
    let told = async |when: &str| {
        store.clock.set(at(when));
        let body = store.get(YESTERDAY).await.ok();
        (conversions(&body), body["comparison"]["totals"]["conversionValue"].clone())
    };
    let value = |brl: &str| json!([{"currency": "BRL", "amount": brl}, {"currency": "CLP", "amount": "5000"}]);
    assert_eq!(told("2026-11-22T09:00:00-03:00").await, (json!(3), value("120.00")));
    assert_eq!(told("2026-11-22T08:59:59.999-03:00").await, (json!(2), value("100.00")));
    assert_eq!(told("2026-11-22T09:00:00.001-03:00").await, (json!(4), value("123.00")));
    assert_eq!(told("2026-11-23T08:59:00-03:00").await, (json!(5), value("123.40")));
}

/// Without the parameter nothing else is told and nothing else changes.
#[tokio::test]
async fn a_comparison_changes_nothing_of_the_range() {
    let store = store().await;
    let plain = store.get("/metrics?from=2026-11-21&to=2026-11-21").await.ok();
    let mut compared = store.get(YESTERDAY).await.ok();
    assert!(plain.get("comparison").is_none());
    compared.as_object_mut().unwrap().remove("comparison");
    assert_eq!(plain, compared);
}

#[tokio::test]
async fn one_campaign_is_compared_with_itself() {
    let body = store().await.get(&format!("{YESTERDAY}&campaignId=c2")).await.ok();
    assert_eq!(conversions(&body), 1);
    assert_eq!(body["comparison"]["totals"]["sent"], 2);
    let value = json!([{"currency": "BRL", "amount": "20.00"}]);
    assert_eq!(body["comparison"]["days"][0]["conversionValue"], value);
}

#[tokio::test]
async fn each_kind_names_its_days() {
    let store = Store::open().await;
    for (with, from, to) in [
        ("previousPeriod", "2026-10-10", "2026-10-31"),
        ("sameWeekdays", "2026-10-04", "2026-10-25"),
        ("lastMonth", "2026-10-01", "2026-10-22"),
        ("lastYear", "2025-11-01", "2025-11-22"),
    ] {
        let path = format!("/metrics?from=2026-11-01&to=2026-11-22&compareWith={with}");
        let comparison = store.get(&path).await.ok()["comparison"].clone();
        assert_eq!(
            (&comparison["with"], &comparison["from"], &comparison["to"]),
            (&json!(with), &json!(from), &json!(to))
        );
        let days = comparison["days"].as_array().unwrap();
        assert_eq!((days.len(), &days[21]["against"]), (22, &json!("2026-11-22")));
    }
}

/// October's days beside those of September, which has one fewer.
#[tokio::test]
async fn a_day_without_a_counterpart_names_none() {
    let path = "/metrics?from=2026-02-28&to=2026-03-01&compareWith=lastMonth";
    let body = Store::open().await.get(path).await.ok();
    let days = body["comparison"]["days"].as_array().unwrap();
    let against: Vec<&Value> = days.iter().map(|day| &day["against"]).collect();
    let none = &Value::Null;
    assert_eq!(against, [&json!("2026-02-28"), none, none, none, &json!("2026-03-01")]);
}

#[tokio::test]
async fn figures_that_cannot_be_told_as_of_the_same_age_are_named() {
    let store = Store::open().await;
    let unripe = async |from: &str, to: &str| {
        let path = format!("/metrics?from={from}&to={to}&compareWith=previousPeriod");
        store.get(&path).await.ok()["comparison"]["unripe"].clone()
    };
    let growing = json!(["delivered", "read", "failed", "uniqueClicks", "totalClicks", "optOuts"]);
    let mut with_today = growing.clone();
    with_today.as_array_mut().unwrap().insert(0, json!("sent"));
    assert_eq!(unripe("2026-11-22", "2026-11-22").await, with_today);
    assert_eq!(unripe("2026-11-16", "2026-11-22").await, with_today);
    assert_eq!(unripe("2026-11-21", "2026-11-21").await, growing);
    assert_eq!(unripe("2026-11-04", "2026-11-04").await, growing);
    assert_eq!(unripe("2026-11-03", "2026-11-03").await, json!([]));
}

#[tokio::test]
async fn days_to_come_are_compared_with_no_purchase() {
    let path = "/metrics?from=2026-11-23&to=2026-11-24&compareWith=previousPeriod";
    let body = store().await.get(path).await.ok();
    assert_eq!(conversions(&body), 0);
    let path = "/metrics?from=2026-11-23&to=2026-11-25&compareWith=previousPeriod";
    let body = store().await.get(path).await.ok();
    assert_eq!((conversions(&body), &body["comparison"]["totals"]["sent"]), (json!(0), &json!(6)));
}

/// R7: what was taken back since counts at no age.
#[tokio::test]
async fn a_canceled_order_is_taken_back_there_too() {
    let store = store().await;
    let (created, canceled) = ("2026-11-20T12:00:00-03:00", "2026-11-22T08:00:00-03:00");
    store.part("o-ana", ("01", "canceled"), (created, canceled), "ana", ("BRL", 10_000)).await;
    store.settle().await;
    assert_eq!(conversions(&store.get(YESTERDAY).await.ok()), 2);
}

/// The index knows a purchase a moment before its rollup counts it.
#[tokio::test]
async fn no_figure_falls_below_zero() {
    let store = Store::open().await;
    bought(&store, "ana", "c1", "2026-11-20", "2026-11-22T08:00:00-03:00", 100).await;
    store.settle().await;
    bought(&store, "bia", "c1", "2026-11-20", "2026-11-22T08:00:00-03:00", 200).await;
    store.derive().await;
    let body = store.get(YESTERDAY).await.ok();
    assert_eq!(
        (conversions(&body), &body["comparison"]["totals"]["conversionValue"]),
        (json!(0), &json!([]))
    );
}

/// Where facts expire, rollups stay: a year ago can be told though no range may start there.
#[tokio::test]
async fn last_year_is_told_where_facts_expire() {
    let store = Store::open().await;
    bought(&store, "ana", "c1", "2025-11-20", "2025-11-20T12:00:00-03:00", 100).await;
    bought(&store, "bia", "c1", "2025-11-20", "2025-11-23T08:00:00-03:00", 200).await;
    store.settle().await;
    let store = store.with_retention(400);
    let path = "/metrics?from=2026-11-20&to=2026-11-20&compareWith=lastYear";
    assert_eq!(conversions(&store.get(path).await.ok()), 1);
    let refused = store.get("/metrics?from=2025-11-20&to=2025-11-20").await;
    assert_eq!(refused.problem(), (422, "range-too-old", "from"));
}

#[tokio::test]
async fn an_unknown_kind_names_its_field() {
    let store = Store::open().await;
    for with in ["", "none", "lastWeek", "PreviousPeriod"] {
        let path = format!("/metrics?from=2026-11-01&to=2026-11-02&compareWith={with}");
        assert_eq!(
            store.get(&path).await.problem(),
            (422, "invalid-field", "compareWith"),
            "{with}"
        );
    }
}

/// Writes conversions of the seven days before the last seven, one an hour after midnight of its day on
/// and every 15 minutes, as the facts and the rollups hold them; how many of them came by the age of the
/// last seven days.
async fn busy_weeks(store: &Store, conversions: usize) -> i64 {
    let (first, mut changes, mut ripe) =
        (StoreDay::parse("2026-11-09").unwrap(), Changes::default(), 0);
    for n in 0..conversions {
        let day = first.plus_days(n as u64 % 7);
        let created_at = day.start(ZONE).plus(shared::domain::values::span::Span::seconds(
            i64::try_from(n).unwrap() * 397 % (14 * 24 * 3_600),
        ));
        let event = OrderUpdated {
            order_group: OrderGroup::parse(&format!("o{n}")).unwrap(),
            order_id: OrderId::parse(&format!("o{n}-01")).unwrap(),
            status: OrderStatus::parse("invoiced").unwrap(),
            created_at,
            changed_at: created_at,
            identities: Identities::default(),
            currency: Currency::parse("BRL").unwrap(),
            value: 1_000,
            items: ItemList::default(),
        };
        let mut order = Order::first(&event);
        order.fold(&event, &event.digest(&phone_key())).unwrap();
        order.credit = Some(Credit {
            kind: CreditKind::Assisted,
            at: created_at,
            reminder: digest(&format!("r{n}")),
            campaign_id: CampaignId::parse("c1").unwrap(),
            day,
        });
        order.version = 1;
        assert!(store.table.order_put(&store.account, &order).await.unwrap());
        changes.add(&store.account, &[], &of_order(&order));
        let age = now().since(day.plus_days(7).start(ZONE));
        ripe += i64::from(created_at <= day.start(ZONE).plus(age));
    }
    let changes: Vec<_> =
        changes.iter().map(|(a, c, t)| (a.clone(), c.clone(), t.clone())).collect();
    let counted = SequenceNumber::parse("1").unwrap();
    store.table.rollups_commit("shard", None, &counted, &changes, now()).await.unwrap();
    ripe
}

/// No number of purchases ends a comparison, and what they cost is told: one look at the index for each
/// of the seven days, from the point of comparison on.
#[tokio::test]
async fn a_comparison_has_no_cap() {
    let path = "/metrics?from=2026-11-16&to=2026-11-22&compareWith=previousPeriod";
    for purchases in [500, 501, 5_000] {
        let store = Store::open().await;
        let ripe = busy_weeks(&store, purchases).await;
        let (table, meter) = store.engine.metered();
        let store = store.through(table);
        meter.reset();
        let body = store.get(path).await.ok();
        assert!(ripe > 0 && ripe < i64::try_from(purchases).unwrap());
        assert_eq!(conversions(&body), ripe);
        let value = json!([{"currency": "BRL", "amount": format!("{}.00", ripe * 10)}]);
        assert_eq!(body["comparison"]["totals"]["conversionValue"], value);
        // Campaigns, two ranges of rollups, seven days of the index.
        assert_eq!(meter.of("Query").calls, 1 + 2 + 7, "{purchases}");
        assert_eq!(meter.calls(), 1 + 1 + 2 + 7, "{purchases}");
    }
}
