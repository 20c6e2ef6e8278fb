//! Pause and resume (R11).

use futures::future::join_all;
use serde_json::{Value, json};

use crate::fixtures::campaigns::Admin;

#[tokio::test]
async fn a_campaign_is_paused_and_resumed() {
    let admin = Admin::set_up().await;
    let id = admin.campaign("x").await;
    let paused = admin.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    insta::assert_json_snapshot!(paused.shown());
    let again = admin.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    assert_eq!((again.status, again.header("etag")), (200, "\"2\""));
    assert_eq!(again.body, paused.body);
    let resumed = admin.post(&format!("/campaigns/{id}/resume"), Value::Null).await;
    assert_eq!((resumed.header("etag"), &resumed.body["status"]), ("\"3\"", &json!("active")));
    let again = admin.post(&format!("/campaigns/{id}/resume"), Value::Null).await;
    assert_eq!(again.header("etag"), "\"3\"");
}

/// A pause is an edit like another: who edits what they read before it is told so.
#[tokio::test]
async fn a_pause_makes_a_version() {
    let admin = Admin::set_up().await;
    let id = admin.campaign("x").await;
    admin.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    let stale = admin.patch(&id, "\"1\"", json!({"name": "y"})).await;
    assert_eq!((stale.status, stale.header("etag")), (412, "\"2\""));
    let edited = admin.patch(&id, "\"2\"", json!({"name": "y"})).await;
    assert_eq!((&edited.body["name"], &edited.body["status"]), (&json!("y"), &json!("paused")));
}

/// A pause never fails for an edit that comes between, and never undoes it.
#[tokio::test]
async fn a_pause_and_an_edit_at_once_are_both_kept() {
    let admin = Admin::set_up().await;
    for round in 0..10 {
        let id = admin.campaign(&format!("round {round}")).await;
        let path = format!("/campaigns/{id}/pause");
        let edit = async {
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            admin.patch(&id, "\"1\"", json!({"name": "edited"})).await
        };
        let (paused, edited) = futures::join!(admin.post(&path, Value::Null), edit);
        assert_eq!(paused.status, 200);
        let read = admin.get(&format!("/campaigns/{id}")).await;
        assert_eq!(read.body["status"], "paused");
        match edited.status {
            200 => {
                assert_eq!((&read.body["name"], read.header("etag")), (&json!("edited"), "\"3\""));
            }
            412 => assert_eq!(read.header("etag"), "\"2\""),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn pauses_at_once_make_one_version() {
    let admin = Admin::set_up().await;
    let id = admin.campaign("x").await;
    let path = format!("/campaigns/{id}/pause");
    let answers = join_all((0..6).map(|_| admin.post(&path, Value::Null))).await;
    for answer in answers {
        assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    }
}

#[tokio::test]
async fn an_unknown_campaign_is_not_found() {
    let admin = Admin::set_up().await;
    for action in ["pause", "resume"] {
        let answer = admin.post(&format!("/campaigns/0192/{action}"), Value::Null).await;
        assert_eq!(answer.problem(), (404, "campaign-not-found", ""));
    }
}
