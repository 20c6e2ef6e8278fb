//! `PATCH /campaigns/{id}` with `If-Match` (R11): nobody's edit is lost.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};
use shared::domain::values::span::Span;

use crate::store::{NOW, Store, at};

#[tokio::test]
async fn an_edit_makes_a_version() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    store.clock.set(at(NOW).plus(Span::hours(1)));
    let edit = json!({"name": "y", "language": "es", "messageType": "coupon"});
    let edited = store.patch(&id, "\"1\"", edit).await;
    insta::assert_json_snapshot!(edited.shown());
    let read = store.get(&format!("/campaigns/{id}")).await;
    assert_eq!((read.header("etag"), &read.body), (edited.header("etag"), &edited.body));
    // One field alone.
    let edited = store.patch(&id, "\"2\"", json!({"messageType": "image"})).await;
    assert_eq!((edited.header("etag"), &edited.body["name"]), ("\"3\"", &json!("y")));
}

#[tokio::test]
async fn an_edit_that_changes_nothing_makes_none() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    store.clock.set(at(NOW).plus(Span::hours(1)));
    let edited = store.patch(&id, "\"1\"", json!({"name": "x", "language": "pt-BR"})).await;
    assert_eq!((edited.status, edited.header("etag")), (200, "\"1\""));
    assert_eq!(edited.body["updatedAt"], NOW);
    let history = store.get(&format!("/campaigns/{id}/history")).await;
    assert_eq!(history.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stale_edit_overwrites_nothing() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    assert_eq!(store.patch(&id, "\"1\"", json!({"name": "y"})).await.status, 200);
    let stale = store.patch(&id, "\"1\"", json!({"name": "z"})).await;
    insta::assert_json_snapshot!("stale", stale.shown());
    for tag in ["\"3\"", "W/\"2\"", "2", "\"02\"", "\"x\""] {
        let answer = store.patch(&id, tag, json!({"name": "z"})).await;
        assert_eq!(answer.problem(), (412, "precondition-failed", "If-Match"), "{tag}");
    }
    for headers in [&[][..], &[("if-match", "*")], &[("if-match", "")]] {
        let body = Some(json!({"name": "z"}).to_string());
        let answer = store.send("PATCH", &format!("/campaigns/{id}"), headers, body).await;
        assert_eq!(answer.problem(), (428, "precondition-required", "If-Match"));
        insta::assert_json_snapshot!("missing", answer.shown());
    }
    let read = store.get(&format!("/campaigns/{id}")).await;
    assert_eq!((&read.body["name"], read.header("etag")), (&json!("y"), "\"2\""));
}

#[tokio::test]
async fn a_bad_field_is_named_and_changes_nothing() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    for (body, field) in [
        (json!({}), "body"),
        (json!([]), "body"),
        (json!(null), "body"),
        (json!({"name": null}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(81)}), "name"),
        (json!({"name": "y", "language": "fr"}), "language"),
        (json!({"name": "y", "messageType": 1}), "messageType"),
        (json!({"name": "y", "status": "paused"}), "status"),
        (json!({"name": "y", "version": 7}), "version"),
    ] {
        let answer = store.patch(&id, "\"1\"", body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid-field", field), "{body}: {answer:?}");
    }
    let path = format!("/campaigns/{id}");
    let send = async |kind: &str, body: &str| {
        let headers = [("if-match", "\"1\""), ("content-type", kind)];
        store.send("PATCH", &path, &headers, Some(body.to_owned())).await
    };
    assert_eq!(send("application/json", "{").await.problem(), (400, "malformed-json", ""));
    let answer = send("text/plain", "{\"name\": \"y\"}").await;
    assert_eq!(answer.problem(), (415, "unsupported-media-type", "Content-Type"));
    let body = format!("{{\"name\": \"y\"}}{}", " ".repeat(64 * 1024));
    assert_eq!(send("application/json", &body).await.problem(), (413, "payload-too-large", ""));
    let read = store.get(&path).await;
    assert_eq!((&read.body["name"], read.header("etag")), (&json!("x"), "\"1\""));
}

/// Of edits of one version one wins, however they meet: each is tried at every turn of the other.
#[tokio::test]
async fn of_concurrent_edits_of_a_version_one_wins() {
    let store = Store::set_up().await;
    for round in 0..20 {
        let id = store.campaign(&format!("round {round}")).await;
        let edits = (0..4).map(|n| {
            let (store, id) = (store.clone(), id.clone());
            async move {
                // Some start a few turns later: between the others' reading and writing.
                for _ in 0..(n * round) {
                    tokio::task::yield_now().await;
                }
                store.patch(&id, "\"1\"", json!({"name": format!("edit {n}")})).await
            }
        });
        let answers = join_all(edits).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        let won: Vec<&Value> = answers
            .iter()
            .filter(|answer| answer.status == 200)
            .map(|answer| &answer.body)
            .collect();
        assert_eq!(won.len(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 3, "{statuses:?}");
        let read = store.get(&format!("/campaigns/{id}")).await;
        assert_eq!((&read.body, read.header("etag")), (won[0], "\"2\""));
        let history = store.get(&format!("/campaigns/{id}/history")).await;
        assert_eq!(history.body["items"].as_array().unwrap().len(), 2);
    }
}

/// Two that read the same version at the same time: the table itself refuses the second.
#[tokio::test]
async fn two_edits_that_read_one_version_meet_at_the_table() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let (one, two) = futures::join!(
        store.patch(&id, "\"1\"", json!({"name": "one"})),
        store.patch(&id, "\"1\"", json!({"language": "es"})),
    );
    assert_eq!(BTreeSet::from([one.status, two.status]), BTreeSet::from([200, 412]));
    let read = store.get(&format!("/campaigns/{id}")).await;
    assert_eq!(read.header("etag"), "\"2\"");
    // Nothing of the loser is in it.
    let changed = (read.body["name"] == "one", read.body["language"] == "es");
    assert!(changed.0 != changed.1);
}
