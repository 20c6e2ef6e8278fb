//! `POST /reports`, when nothing is wrong with it.

use serde_json::json;
use shared::domain::reports::report::ReportStatus;
use shared::domain::reports::row::ReportFormat;
use shared::domain::values::ids::CampaignId;
use shared::telemetry::{Counter, counted};

use super::{november, store, with};

#[tokio::test]
async fn a_request_is_stored_as_asked_for() {
    let before = counted(Counter::ReportsRequested);
    let store = store().await;
    let body = json!({"email": "Bia@Store.EXAMPLE", "from": "2026-11-01", "to": "2026-11-01",
        "campaignId": "c1", "format": "excel"});
    let answer = store.post("/reports", &body).await;
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.status, 202);
    assert_eq!(answer.body, json!({"id": id, "status": "requested"}));
    assert_eq!(answer.header("location"), format!("/reports/{id}"));
    let stored = store.stored(id).await;
    assert_eq!(stored.email.as_str(), "Bia@store.example");
    assert_eq!(
        (stored.from.to_string(), stored.to.to_string()),
        ("2026-11-01".into(), "2026-11-01".into())
    );
    assert_eq!(stored.campaign_id.as_ref().map(CampaignId::as_str), Some("c1"));
    assert_eq!((stored.format, stored.status), (ReportFormat::Excel, ReportStatus::Requested));
    assert_eq!(stored.requested_by.as_deref(), Some("ana@acme.example"));
    assert_eq!((stored.requested_at, stored.attempts), (store.clock.now(), 0));
    assert_eq!(counted(Counter::ReportsRequested) - before, 1);
    // The tick finds it.
    assert_eq!(store.table.reports_open().await.unwrap(), [stored]);
}

/// What the stream's filter of `template.yaml` looks for.
#[tokio::test]
async fn the_item_says_that_it_is_a_report() {
    let store = store().await;
    let id = store.requested().await;
    let item = store
        .engine
        .client
        .get_item()
        .table_name(engine::TABLE_NAME)
        .key("pk", aws_sdk_dynamodb::types::AttributeValue::S("acme#REPORT".to_owned()))
        .key("sk", aws_sdk_dynamodb::types::AttributeValue::S(id))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    assert_eq!(item["kind"].as_s().unwrap(), "REPORT");
    assert_eq!(item["status"].as_s().unwrap(), "requested");
    assert!(!item.contains_key("expiresAt"));
}

#[tokio::test]
async fn reports_expire_as_facts_do() {
    let store = store().await.with_retention(400);
    let id = store.requested().await;
    let key = |pk: &str, sk: String| {
        let s = aws_sdk_dynamodb::types::AttributeValue::S;
        let get = store.engine.client.get_item().table_name(engine::TABLE_NAME);
        get.key("pk", s(pk.to_owned())).key("sk", s(sk)).send()
    };
    let expires = (store.clock.now().seconds() + 400 * 86_400).to_string();
    for (pk, sk) in [("acme#REPORT", id.clone()), ("OPEN_REPORT", format!("acme#{id}"))] {
        let item = key(pk, sk).await.unwrap().item.unwrap();
        assert_eq!(item["expiresAt"].as_n().unwrap(), &expires);
    }
}

#[tokio::test]
async fn csv_is_what_is_meant() {
    let store = store().await;
    let id = store.requested().await;
    assert_eq!(store.stored(&id).await.format, ReportFormat::Csv);
}

#[tokio::test]
async fn a_year_and_a_day_is_the_longest_range() {
    let store = store().await;
    let range = |from: &str, to: &str| with(&november(), &json!({"from": from, "to": to}));
    assert_eq!(store.post("/reports", &range("2025-11-22", "2026-11-22")).await.status, 202);
    let answer = store.post("/reports", &range("2025-11-21", "2026-11-22")).await;
    assert_eq!(answer.problem(), (422, "range-too-long", "from"));
}

/// Facts of such days may have expired; where none do, any day may be asked for.
#[tokio::test]
async fn how_far_back_depends_on_the_retention() {
    let store = store().await;
    let range = |from: &str| with(&november(), &json!({"from": from, "to": from}));
    assert_eq!(store.post("/reports", &range("2016-01-01")).await.status, 202);
    let expiring = store.with_retention(400);
    assert_eq!(expiring.post("/reports", &range("2025-11-21")).await.status, 202);
    let answer = expiring.post("/reports", &range("2025-11-20")).await;
    assert_eq!(answer.problem(), (422, "range-too-old", "from"));
}
