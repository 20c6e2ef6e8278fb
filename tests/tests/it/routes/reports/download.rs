//! Links to files.

use axum::body::Body;
use http::Request;
use serde_json::Value;
use shared::domain::reports::report::{DownloadToken, Report, ReportFile, ReportId};
use shared::domain::values::span::Span;
use shared::store::reports::Download;
use url::Url;

use super::store;
use crate::store::{Answer, Store, at};

/// A report whose file is stored.
async fn built(store: &Store) -> Report {
    let id = ReportId::parse(&store.requested().await).unwrap();
    let claimed = store.table.report_claim(&store.account, &id, store.clock.now()).await.unwrap();
    let report = claimed.unwrap().report;
    let file = ReportFile {
        s3_key: report.s3_key(),
        as_of: at("2026-11-22T15:00:01Z"),
        rows: 0,
        bytes: 1,
        totals: shared::domain::values::money::Sums::default(),
        attached: true,
    };
    assert!(store.table.report_note_sending(&report, &file).await.unwrap());
    Report { file: Some(file), ..report }
}

/// Checks a signed link to `key`.
fn check(url: &str, key: &str) {
    let url = Url::parse(url).unwrap();
    assert_eq!(url.host_str(), Some("s3.example"));
    assert_eq!(url.path(), format!("/reports/{key}"));
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let value = |name: &str| &query.iter().find(|(held, _)| held == name).unwrap().1;
    assert_eq!(value("X-Amz-Expires"), "600");
    assert_eq!(value("X-Amz-Signature").len(), 64);
}

#[tokio::test]
async fn a_stored_file_has_a_link() {
    let store = store().await;
    let report = built(&store).await;
    let answer = store.get(&format!("/reports/{}/download", report.id)).await;
    assert_eq!(answer.status, 200);
    check(answer.body["url"].as_str().unwrap(), &report.file.unwrap().s3_key);
    assert_eq!(answer.body["expiresAt"], "2026-11-22T15:10:00.000Z");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn before_it_is_stored_there_is_none() {
    let store = store().await;
    let id = store.requested().await;
    let answer = store.get(&format!("/reports/{id}/download")).await;
    assert_eq!(answer.problem(), (409, "report-not-ready", ""));
}

/// As the browser of somebody who has only the mail.
async fn follow(store: &Store, token: &str) -> Answer {
    let request = Request::get(format!("/d/{token}")).body(Body::empty()).unwrap();
    store.call(request).await
}

#[tokio::test]
async fn a_mails_link_works_for_seven_days_without_a_login() {
    let store = store().await;
    let report = built(&store).await;
    let token = DownloadToken::new(&[9; 16]);
    let download = Download {
        account: store.account.clone(),
        report_id: report.id.clone(),
        s3_key: report.s3_key(),
        valid_until: store.clock.now().plus(DownloadToken::LIFE),
    };
    store.table.download_write(&token, &download).await.unwrap();
    for wait in [0, 7 * 86_400 - 1] {
        store.pass(Span::seconds(wait));
        let answer = follow(&store, token.expose()).await;
        assert_eq!(answer.status, 302);
        check(answer.header("location"), &report.s3_key());
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.body, Value::Null);
    }
    store.pass(Span::seconds(1));
    assert_eq!(follow(&store, token.expose()).await.problem(), (410, "download-expired", ""));
}

#[tokio::test]
async fn a_guess_is_not_found() {
    let store = store().await;
    for token in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%2e%2e", &"A".repeat(500)] {
        assert_eq!(
            follow(&store, token).await.problem(),
            (404, "download-not-found", ""),
            "{token}"
        );
    }
    // What the table holds is no token.
    let token = DownloadToken::new(&[9; 16]);
    let download = Download {
        account: store.account.clone(),
        report_id: ReportId::new(store.clock.now(), &[1; 10]),
        s3_key: "key".to_owned(),
        valid_until: store.clock.now().plus(DownloadToken::LIFE),
    };
    store.table.download_write(&token, &download).await.unwrap();
    assert_eq!(follow(&store, &token.hash()).await.status, 404);
}
