//! `GET /orders` (R7, R9, R10).

use aws_sdk_dynamodb::types::AttributeValue;
use engine::TABLE_NAME;
use serde_json::Value;
use shared::domain::facts::event::{ClickKind, Receipt};

use crate::store::{NOW, Store};

const RANGE: &str = "/orders?from=2026-11-01&to=2026-11-10";

fn groups(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["orderGroup"].as_str().unwrap().to_owned()).collect()
}

/// Follows `next` to the end; the sizes of the pages, and all order groups.
async fn all(store: &Store, path: &str) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut found) = (Vec::new(), Vec::new());
    let mut next = String::new();
    loop {
        let page = store.get(&format!("{path}{next}")).await.ok();
        let of_page = groups(&page);
        sizes.push(of_page.len());
        found.extend(of_page);
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return (sizes, found),
        }
    }
}

/// A delivered reminder for each of `orders` orders on one day.
async fn busy_store(orders: usize) -> Store {
    let store = Store::open().await;
    for n in 0..orders {
        let (reminder, user) = (format!("r{n}"), format!("u{n}"));
        let campaign = if n % 2 == 0 { "c1" } else { "c2" };
        store.sent(&reminder, campaign, "2026-11-01T10:00:00-03:00", &user).await;
        store.receipt(&reminder, Receipt::Delivered, "2026-11-01T10:00:00-03:00").await;
        let when = format!("2026-11-01T12:{:02}:00-03:00", n % 60);
        store.ordered(&format!("o{n:03}"), &when, &user, 1_000).await;
    }
    store.settle().await;
    store
}

#[tokio::test]
async fn conversions_are_told_with_their_reminders() {
    let store = Store::open().await;
    store.sent("r1", "c1", "2026-11-02T10:00:00-03:00", "ana").await;
    store.receipt("r1", Receipt::Delivered, "2026-11-02T10:00:05-03:00").await;
    store.receipt("r1", Receipt::Read, "2026-11-02T10:02:00-03:00").await;
    store.clicked("r1", "k1", ClickKind::Link, "2026-11-02T10:03:00-03:00").await;
    store.sent("r2", "c2", "2026-11-01T10:00:00-03:00", "bia").await;
    store.receipt("r2", Receipt::Delivered, "2026-11-01T10:00:05-03:00").await;
    store.clicked("r2", "k1", ClickKind::Reply, "2026-11-04T10:00:00-03:00").await;
    // By creation they come the other way round: the reminder's day goes first.
    store.ordered("o1", "2026-11-02T11:00:00.123-03:00", "ana", 19_990).await;
    let when = "2026-11-03T12:00:00-03:00";
    store.part("o2", ("01", "invoiced"), (when, when), "bia", ("CLP", 5_000)).await;
    store.ordered("o3", "2026-11-03T12:00:00-03:00", "nobody", 100).await;
    store.settle().await;
    insta::assert_json_snapshot!(store.get(RANGE).await);
    // The store's days, both ends included.
    assert_eq!(groups(&store.get("/orders?from=2026-11-02&to=2026-11-02").await.ok()), ["o1"]);
    assert_eq!(groups(&store.get("/orders?from=2026-11-01&to=2026-11-01").await.ok()), ["o2"]);
    assert!(groups(&store.get("/orders?from=2026-11-03&to=2026-11-10").await.ok()).is_empty());
    assert_eq!(groups(&store.get(&format!("{RANGE}&campaignId=c1")).await.ok()), ["o1"]);
}

#[tokio::test]
async fn a_page_holds_50() {
    let store = busy_store(50).await;
    assert_eq!(all(&store, RANGE).await.0, [50]);
    let store = busy_store(51).await;
    let (sizes, found) = all(&store, RANGE).await;
    assert_eq!(sizes, [50, 1]);
    let mut sorted = found.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(found, sorted);
}

#[tokio::test]
async fn pages_of_one_campaign_miss_nothing() {
    let store = busy_store(140).await;
    let (_, first) = all(&store, &format!("{RANGE}&campaignId=c1")).await;
    let (_, second) = all(&store, &format!("{RANGE}&campaignId=c2")).await;
    assert_eq!((first.len(), second.len()), (70, 70));
    let (sizes, both) = all(&store, RANGE).await;
    assert_eq!(sizes, [50, 50, 40]);
    assert!(first.iter().chain(&second).all(|group| both.contains(group)));
}

/// The report's order: day, creation, order group. Pages go over the ends of days.
#[tokio::test]
async fn pages_keep_the_reports_order() {
    let store = Store::open().await;
    let mut expected = Vec::new();
    for day in 1..=9 {
        for n in 0..12 {
            let (reminder, user) = (format!("r{day}-{n}"), format!("u{day}-{n}"));
            store.sent(&reminder, "c1", &format!("2026-11-0{day}T10:00:00-03:00"), &user).await;
            let delivered = format!("2026-11-0{day}T10:00:01-03:00");
            store.receipt(&reminder, Receipt::Delivered, &delivered).await;
            // Later days' orders come first, and two of three are made at one instant.
            let group = format!("o{}-{n:02}", 9 - day);
            let when = format!("2026-11-0{day}T12:00:{:02}-03:00", n / 3);
            store.ordered(&group, &when, &user, 100).await;
            expected.push((day, when, group));
        }
    }
    store.settle().await;
    expected.sort();
    let expected: Vec<String> = expected.into_iter().map(|(_, _, group)| group).collect();
    let (sizes, found) = all(&store, RANGE).await;
    assert_eq!(sizes, [50, 50, 8]);
    assert_eq!(found, expected);
}

/// R9: the list is what the metrics count.
#[tokio::test]
async fn as_many_as_the_metrics_count() {
    let store = busy_store(60).await;
    let totals = store.get("/metrics?from=2026-11-01&to=2026-11-10").await.ok()["totals"].clone();
    let (_, found) = all(&store, RANGE).await;
    assert_eq!(totals["conversions"]["total"], found.len());
    assert_eq!(totals["conversionValue"][0]["amount"], "600.00");
}

/// R7: a canceled order goes at once, before it is derived again: its facts are read strongly.
#[tokio::test]
async fn an_order_that_no_longer_counts_is_left_out() {
    let store = busy_store(3).await;
    let created = "2026-11-01T12:01:00-03:00";
    store.part("o001", ("01", "canceled"), (created, NOW), "u1", ("BRL", 1_000)).await;
    assert_eq!(all(&store, RANGE).await.1, ["o000", "o002"]);
    store.settle().await;
    assert_eq!(all(&store, RANGE).await.1, ["o000", "o002"]);
}

/// What doesn't count takes no room on a page.
#[tokio::test]
async fn a_page_is_filled_up() {
    let store = busy_store(51).await;
    let created = "2026-11-01T12:01:00-03:00";
    store.part("o001", ("01", "canceled"), (created, NOW), "u1", ("BRL", 1_000)).await;
    // The index has 51 entries: whether one more counts, the next page tells.
    assert_eq!(all(&store, RANGE).await.0, [50, 0]);
}

/// The index lags behind: an entry that an order has left, on its day or on another, is no second
/// place of it, and an entry of an order that is gone is none.
#[tokio::test]
async fn an_order_is_listed_at_its_place_alone() {
    let store = busy_store(2).await;
    store.sent("other-day", "c1", "2026-11-02T10:00:00-03:00", "bia").await;
    store.receipt("other-day", Receipt::Delivered, "2026-11-02T10:00:00-03:00").await;
    store.ordered("o9", "2026-11-02T12:00:00-03:00", "bia", 100).await;
    store.settle().await;
    for (n, day, when, group) in [
        (1, "2026-11-01", "2026-11-01T14:59:00.000Z", "o001"),
        (2, "2026-11-01", "2026-11-01T15:30:00.000Z", "o000"),
        (3, "2026-11-02", "2026-11-01T15:00:00.000Z", "o000"),
        (4, "2026-11-01", "2026-11-01T15:00:30.000Z", "gone"),
        (5, "2026-11-01", "2026-11-02T15:00:00.000Z", "o9"),
    ] {
        let text = |text: String| AttributeValue::S(text);
        let put = store.engine.client.put_item().table_name(TABLE_NAME);
        let put = put
            .item("pk", text(format!("stale-{n}")))
            .item("sk", text("stale".to_owned()))
            .item("dayPk", text(format!("acme#DAY#{day}")))
            .item("daySk", text(format!("CONVERSION#{when}#{group}")));
        put.send().await.unwrap();
    }
    assert_eq!(all(&store, RANGE).await.1, ["o000", "o001", "o9"]);
    let first_day = all(&store, "/orders?from=2026-11-01&to=2026-11-01").await;
    assert_eq!(first_day.1, ["o000", "o001"]);
}

/// An order whose credit moved to another day is listed there, and once.
#[tokio::test]
async fn a_credit_that_moved_is_listed_where_it_went() {
    let store = busy_store(2).await;
    store.sent("later", "c3", "2026-11-01T11:00:00-03:00", "u0").await;
    store.clicked("later", "k1", ClickKind::Link, "2026-11-01T11:30:00-03:00").await;
    store.settle().await;
    let page = store.get(RANGE).await.ok();
    assert_eq!(groups(&page), ["o000", "o001"]);
    assert_eq!(page["items"][0]["credit"]["reminderId"], "later");
    assert_eq!(groups(&store.get(&format!("{RANGE}&campaignId=c3")).await.ok()), ["o000"]);
}

#[tokio::test]
async fn a_bad_cursor_is_refused() {
    let store = busy_store(1).await;
    for cursor in ["x", "", "e30", "bnVsbA", "%00", "eyJkYXkiOiIyMDI2LTExLTAxIn0"] {
        let answer = store.get(&format!("{RANGE}&cursor={cursor}")).await;
        assert_eq!(answer.problem(), (422, "invalid-field", "cursor"), "{cursor}");
    }
}

/// A cursor names a place, not an account: with another's token it goes on in that one's own list.
#[tokio::test]
async fn tenants_never_mix() {
    let store = busy_store(51).await;
    let next = store.get(RANGE).await.ok()["next"].as_str().unwrap().to_owned();
    let other = store.beside("other", "222", 8).await;
    for path in [RANGE.to_owned(), format!("{RANGE}&cursor={next}")] {
        assert!(groups(&other.get(&path).await.ok()).is_empty());
    }
    assert_eq!(other.get("/orders/o000").await.problem(), (404, "order-not-found", ""));
}
