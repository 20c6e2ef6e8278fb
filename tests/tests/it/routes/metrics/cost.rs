//! What an answer costs: calls counted, never timed.

use shared::domain::facts::event::ClickKind;

use crate::store::Store;

/// A year of three campaigns, with clicks on every day: the account, its campaigns and its rollups at
/// one call each, whatever was clicked.
#[tokio::test]
async fn metrics_of_a_year_take_one_query_of_rollups() {
    let store = Store::open().await;
    let first = chrono::NaiveDate::from_ymd_opt(2025, 11, 30).unwrap();
    for day in first.iter_days().take(366) {
        for campaign in ["c1", "c2", "c3"] {
            let (id, when) = (format!("r-{day}-{campaign}"), format!("{day}T10:00:00-03:00"));
            store.sent(&id, campaign, &when, "ana").await;
            store.clicked(&id, "k1", ClickKind::Link, &when).await;
        }
    }
    store.settle().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    meter.reset();
    let body = store.get("/metrics?from=2025-11-30&to=2026-11-30").await.ok();
    assert_eq!(body["days"].as_array().unwrap().len(), 366);
    assert_eq!(body["totals"]["totalClicks"], 3 * 366);
    assert_eq!(body["totals"]["uniqueClicks"], 1);
    assert_eq!(body["days"][7]["uniqueClicks"], 1);
    // One GetItem reads the settings. One Query reads the campaigns, one the rollups: they fit one
    // page of 1 MB.
    assert_eq!(meter.of("GetItem").calls, 1);
    assert_eq!(meter.of("Query").calls, 1 + 1);
    assert_eq!(meter.calls(), 3);
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
