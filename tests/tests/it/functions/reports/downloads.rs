//! Links to files.

use axum::body::Body;
use http::Request;
use serde_json::Value;
use shared::domain::reports::report::{DownloadToken, Report, ReportFile, ReportId};
use shared::store::reports::Download;
use url::Url;

use crate::functions::reports::admin::{Admin, Answer, at};

/// A report whose file is stored.
async fn built(admin: &Admin) -> Report {
    let id = ReportId::parse(&admin.requested().await).unwrap();
    let claimed = admin.table.report_claim(&admin.account, &id, admin.clock.now()).await.unwrap();
    let report = claimed.unwrap().report;
    let file = ReportFile {
        s3_key: report.s3_key(),
        as_of: at("2026-11-22T15:00:01Z"),
        rows: 0,
        bytes: 1,
        totals: shared::domain::values::money::Sums::default(),
        attached: true,
    };
    assert!(admin.table.report_note_sending(&report, &file).await.unwrap());
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
    let admin = Admin::new().await;
    let report = built(&admin).await;
    let answer = admin.get(&format!("/reports/{}/download", report.id)).await;
    assert_eq!(answer.status, 200);
    check(answer.body["url"].as_str().unwrap(), &report.file.unwrap().s3_key);
    assert_eq!(answer.body["expiresAt"], "2026-11-22T15:10:00.000Z");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn before_it_is_stored_there_is_none() {
    let admin = Admin::new().await;
    let id = admin.requested().await;
    let answer = admin.get(&format!("/reports/{id}/download")).await;
    assert_eq!(answer.problem(), (409, "report-not-ready", ""));
}

/// As the browser of somebody who has only the mail.
async fn follow(admin: &Admin, token: &str) -> Answer {
    let request = Request::get(format!("/d/{token}")).body(Body::empty()).unwrap();
    admin.ask(request, &Value::Null).await
}

#[tokio::test]
async fn a_mails_link_works_for_seven_days_without_a_login() {
    let admin = Admin::new().await;
    let report = built(&admin).await;
    let token = DownloadToken::new(&[9; 16]);
    let download = Download {
        account: admin.account.clone(),
        report_id: report.id.clone(),
        s3_key: report.s3_key(),
        valid_until: admin.clock.now().plus(DownloadToken::LIFE),
    };
    admin.table.download_write(&token, &download).await.unwrap();
    for wait in [0, 7 * 86_400 - 1] {
        admin.pass(wait);
        let answer = follow(&admin, token.expose()).await;
        assert_eq!(answer.status, 302);
        check(answer.header("location"), &report.s3_key());
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.body, Value::Null);
    }
    admin.pass(1);
    assert_eq!(follow(&admin, token.expose()).await.problem(), (410, "download-expired", ""));
}

#[tokio::test]
async fn a_guess_is_not_found() {
    let admin = Admin::new().await;
    for token in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%2e%2e", &"A".repeat(500)] {
        assert_eq!(
            follow(&admin, token).await.problem(),
            (404, "download-not-found", ""),
            "{token}"
        );
    }
    // What the table holds is no token.
    let token = DownloadToken::new(&[9; 16]);
    let download = Download {
        account: admin.account.clone(),
        report_id: ReportId::new(admin.clock.now(), &[1; 10]),
        s3_key: "key".to_owned(),
        valid_until: admin.clock.now().plus(DownloadToken::LIFE),
    };
    admin.table.download_write(&token, &download).await.unwrap();
    assert_eq!(follow(&admin, &token.hash()).await.status, 404);
}
