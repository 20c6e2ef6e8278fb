//! `GET /reports` and `GET /reports/{id}`.

use serde_json::json;
use shared::domain::reports::report::{Report, ReportFailure, ReportFile, ReportId};
use shared::domain::values::money::Currency;
use shared::domain::values::span::Span;

use super::store;
use crate::store::at;

fn file(report: &Report) -> ReportFile {
    ReportFile {
        s3_key: report.s3_key(),
        as_of: at("2026-11-22T15:00:01Z"),
        rows: 3,
        bytes: 1_234,
        totals: [("BRL", 19_990), ("CLP", 5_000)]
            .map(|(currency, sum)| (Currency::parse(currency).unwrap(), sum))
            .into_iter()
            .collect(),
        attached: true,
    }
}

#[tokio::test]
async fn a_report_tells_how_far_it_is() {
    let store = store().await;
    let id = store.requested().await;
    let path = format!("/reports/{id}");
    let mut told = Vec::new();
    told.push(store.get(&path).await.body);
    let claim = async || {
        let id = ReportId::parse(&id).unwrap();
        store
            .table
            .report_claim(&store.account, &id, store.clock.now())
            .await
            .unwrap()
            .unwrap()
            .report
    };
    let report = claim().await;
    told.push(store.get(&path).await.body);
    store
        .table
        .report_note_failed(&report, ReportFailure::Mail, false, store.clock.now())
        .await
        .unwrap();
    told.push(store.get(&path).await.body);
    store.pass(Span::seconds(600));
    let waiting = store.stored(&id).await;
    store.table.report_touch(&waiting, store.clock.now()).await.unwrap();
    told.push(store.get(&path).await.body);
    let report = claim().await;
    store.table.report_note_mailed(&report, &file(&report), store.clock.now()).await.unwrap();
    told.push(store.get(&path).await.body);
    for body in &mut told {
        assert_eq!(body["id"], id);
        body["id"] = json!("[id]");
    }
    insta::assert_json_snapshot!(told);
}

#[tokio::test]
async fn reports_are_listed_newest_first() {
    let store = store().await;
    let mut made = Vec::new();
    for hour in 0..51 {
        made.push(store.requested().await);
        store.pass(Span::seconds(if hour == 0 { 1 } else { 3_600 }));
    }
    made.reverse();
    let ids = |body: &serde_json::Value| -> Vec<String> {
        let items = body["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = store.get("/reports").await.body;
    assert_eq!(ids(&first), made[..50]);
    let next = first["next"].as_str().unwrap();
    let second = store.get(&format!("/reports?cursor={next}")).await.body;
    assert_eq!(ids(&second), made[50..]);
    assert!(second.get("next").is_none());
    // A full page that is the last one says so.
    let other = store.beside("other", "222", 8).await;
    for _ in 0..50 {
        other.requested().await;
        other.pass(Span::seconds(3_600));
    }
    let page = other.get("/reports").await.body;
    assert_eq!((ids(&page).len(), page.get("next")), (50, None));
    // A cursor of one account is no key to another.
    let stolen = other.get(&format!("/reports?cursor={next}")).await.body;
    assert!(ids(&stolen).iter().all(|id| !made.contains(id)));
}
