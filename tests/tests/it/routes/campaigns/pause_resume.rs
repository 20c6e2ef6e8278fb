//! Pause and resume (R11).

use futures::future::join_all;
use serde_json::{Value, json};

use crate::store::Store;

#[tokio::test]
async fn a_campaign_is_paused_and_resumed() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let paused = store.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    insta::assert_json_snapshot!(paused.shown());
    let again = store.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    assert_eq!((again.status, again.header("etag")), (200, "\"2\""));
    assert_eq!(again.body, paused.body);
    let resumed = store.post(&format!("/campaigns/{id}/resume"), Value::Null).await;
    assert_eq!((resumed.header("etag"), &resumed.body["status"]), ("\"3\"", &json!("active")));
    let again = store.post(&format!("/campaigns/{id}/resume"), Value::Null).await;
    assert_eq!(again.header("etag"), "\"3\"");
}

/// A pause is an edit like another: who edits what they read before it is told so.
#[tokio::test]
async fn a_pause_makes_a_version() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    store.post(&format!("/campaigns/{id}/pause"), Value::Null).await;
    let stale = store.patch(&id, "\"1\"", json!({"name": "y"})).await;
    assert_eq!((stale.status, stale.header("etag")), (412, "\"2\""));
    let edited = store.patch(&id, "\"2\"", json!({"name": "y"})).await;
    assert_eq!((&edited.body["name"], &edited.body["status"]), (&json!("y"), &json!("paused")));
}

/// A pause never fails for an edit that comes between, and never undoes it.
#[tokio::test]
async fn a_pause_and_an_edit_at_once_are_both_kept() {
    let store = Store::set_up().await;
    for round in 0..10 {
        let id = store.campaign(&format!("round {round}")).await;
        let path = format!("/campaigns/{id}/pause");
        let edit = async {
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            store.patch(&id, "\"1\"", json!({"name": "edited"})).await
        };
        let (paused, edited) = futures::join!(store.post(&path, Value::Null), edit);
        assert_eq!(paused.status, 200);
        let read = store.get(&format!("/campaigns/{id}")).await;
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
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let path = format!("/campaigns/{id}/pause");
    let answers = join_all((0..6).map(|_| store.post(&path, Value::Null))).await;
    for answer in answers {
        assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""));
    }
}

#[tokio::test]
async fn an_unknown_campaign_is_not_found() {
    let store = Store::set_up().await;
    for action in ["pause", "resume"] {
        let answer = store.post(&format!("/campaigns/0192/{action}"), Value::Null).await;
        assert_eq!(answer.problem(), (404, "campaign-not-found", ""));
    }
}
