//! A token is for one account and its scopes.

use serde_json::{Value, json};

use crate::store::{Store, asked_settings};

#[tokio::test]
async fn what_belongs_to_another_account_is_not_found() {
    let acme = Store::set_up().await;
    let id = acme.campaign("x").await;
    let other = acme.of("other");
    assert_eq!(other.put("/account", asked_settings()).await.status, 201);
    let path = format!("/campaigns/{id}");
    for (method, path) in [
        ("GET", path.clone()),
        ("GET", format!("{path}/history")),
        ("POST", format!("{path}/pause")),
        ("POST", format!("{path}/resume")),
        // Whatever else is wrong with the request.
        ("PATCH", path.clone()),
    ] {
        let answer = other.send(method, &path, &[], None).await;
        assert_eq!(answer.problem(), (404, "campaign-not-found", ""), "{method} {path}");
    }
    let answer = other.patch(&id, "\"1\"", json!({"name": "mine"})).await;
    assert_eq!(answer.problem(), (404, "campaign-not-found", ""));
    assert_eq!(other.get("/campaigns").await.body, json!({"items": []}));
    let read = acme.get(&path).await;
    assert_eq!((&read.body["name"], read.header("etag")), (&json!("x"), "\"1\""));
}

#[tokio::test]
async fn settings_and_secrets_are_each_accounts_own() {
    let acme = Store::set_up().await;
    acme.post("/account/signing-secret", Value::Null).await;
    let other = acme.of("other");
    assert_eq!(other.get("/account").await.status, 404);
    let mut body = asked_settings();
    body["timeZone"] = json!("Asia/Tokyo");
    let made = other.put("/account", body).await;
    assert_eq!(
        (&made.body["account"], &made.body["hasSigningSecret"]),
        (&json!("other"), &json!(false))
    );
    assert_eq!(acme.get("/account").await.body["timeZone"], "America/Sao_Paulo");
}

#[tokio::test]
async fn each_route_asks_for_its_scope() {
    let store = Store::set_up().await;
    let id = store.campaign("x").await;
    let path = format!("/campaigns/{id}");
    let reads =
        ["/account".to_owned(), "/campaigns".to_owned(), path.clone(), format!("{path}/history")];
    let writes = [
        ("PUT", "/account".to_owned()),
        ("POST", "/account/signing-secret".to_owned()),
        ("POST", "/campaigns".to_owned()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/pause")),
        ("POST", format!("{path}/resume")),
    ];
    let refused = (403, "insufficient-scope", "");
    for path in &reads {
        assert_eq!(store.with_scope("admin:read").get(path).await.status, 200, "{path}");
        for scope in ["admin:write", "", "admin", "admin:read:all"] {
            assert_eq!(
                store.with_scope(scope).get(path).await.problem(),
                refused,
                "{path} {scope}"
            );
        }
    }
    for (method, path) in &writes {
        for scope in ["admin:read", ""] {
            let answer = store.with_scope(scope).send(method, path, &[], None).await;
            assert_eq!(answer.problem(), refused, "{method} {path} {scope}");
        }
        let answer = store.with_scope("admin:write").send(method, path, &[], None).await;
        assert_ne!(answer.status, 403, "{method} {path}");
    }
}
