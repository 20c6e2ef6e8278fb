//! What an answer costs: calls counted, never timed.

use shared::domain::facts::event::ClickKind;

use crate::store::Store;

/// 90 days of three campaigns: the account, its campaigns and its rollups at one call each, and one
/// page of clicks for each day that has any.
#[tokio::test]
async fn metrics_of_90_days_take_one_query_of_rollups_and_the_click_pages() {
    let store = Store::open().await;
    for day in 1..=30 {
        for (month, campaign) in [("09", "c1"), ("10", "c2"), ("11", "c3")] {
            let when = format!("2026-{month}-{day:02}T10:00:00-03:00");
            let id = format!("r-{month}-{day}");
            store.sent(&id, campaign, &when, "ana").await;
            // Clicks on every third day.
            if day % 3 == 0 {
                store.clicked(&id, "k1", ClickKind::Link, &when).await;
            }
        }
    }
    store.settle().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    meter.reset();
    let body = store.get("/metrics?from=2026-09-02&to=2026-11-30").await.ok();
    assert_eq!(body["days"].as_array().unwrap().len(), 90);
    assert_eq!(body["totals"]["totalClicks"], 30);
    assert_eq!(body["totals"]["uniqueClicks"], 1);
    // One GetItem reads the settings. One Query reads the rollups, one the campaigns, and one
    // each of 30 days' clicks.
    assert_eq!(meter.of("GetItem").calls, 1);
    assert_eq!(meter.of("Query").calls, 1 + 1 + 30);
    assert_eq!(meter.calls(), 33);
    assert!(meter.write_units().abs() < f64::EPSILON);
}

/// A page is two looks at the index and two batches of reads at most, however long the range.
#[tokio::test]
async fn conversions_of_a_year_are_looked_for_where_some_are_counted() {
    let store = Store::open().await;
    for day in ["2026-02-01", "2026-07-01"] {
        store.sent(day, "c1", &format!("{day}T10:00:00-03:00"), day).await;
        store.clicked(day, "k1", ClickKind::Link, &format!("{day}T11:00:00-03:00")).await;
        store.ordered(&format!("o-{day}"), &format!("{day}T12:00:00-03:00"), day, 100).await;
    }
    store.settle().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    meter.reset();
    let body = store.get("/orders?from=2026-01-01&to=2026-12-31").await.ok();
    assert_eq!(body["items"].as_array().unwrap().len(), 2);
    // Campaigns, rollups, two days of the index.
    assert_eq!(meter.of("Query").calls, 4);
    assert_eq!(meter.of("BatchGetItem").calls, 2);
    assert_eq!(meter.of("GetItem").calls, 1);
}
