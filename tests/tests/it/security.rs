//! Every route behind its door: who gets in, who doesn't, and what each answer carries. A route of the table of
//! routes that has no entry here fails the test.

use local::functions::{VTEX_HOOK_SECRET, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared::runtime::config::Secret;
use shared::web::routes::ROUTES;
use shared::web::signature::sign_hub;
use vtex_stand_in::documents::{ORDER_ID, notification};

use crate::stack::{Running, Store};
use crate::store::Answer;

mod owner;
mod tokens;

use owner::{ORDER_GROUP, Owner};
use tokens::{Forge, claims, refused_tokens};

/// What keeps strangers out of a route.
enum Door {
    /// A token with the method's scope; the answer is about the token's own account.
    Account,
    /// The same, and the path names a thing: another account's is answered with this code.
    Thing(&'static str),
    /// A Standard Webhooks signature by the account of the path.
    Signature,
    /// Meta's signature.
    HubSignature,
    /// Meta's handshake, with our verify token.
    Handshake,
    /// None: a shopper's browser, of which nothing is believed, and which is told nothing.
    Nobody,
    /// The secret header of the VTEX hook.
    HookSecret,
    /// The path itself is the secret; an unknown one is answered with this code.
    SecretPath(&'static str),
}

fn door(route: &str) -> Door {
    match route {
        "GET /account"
        | "PUT /account"
        | "POST /account/signing-secret"
        | "GET /account/vtex"
        | "POST /account/vtex"
        | "GET /account/whatsapp"
        | "PUT /account/whatsapp"
        | "DELETE /account/whatsapp"
        | "GET /account/sending"
        | "PUT /account/sending"
        | "GET /templates"
        | "POST /templates/{language}/{messageType}"
        | "POST /opt-outs"
        | "POST /opt-outs/lookup"
        | "POST /opt-outs/remove"
        | "GET /carts"
        | "POST /shoppers/carts"
        | "GET /campaigns"
        | "POST /campaigns"
        | "GET /metrics"
        | "GET /orders"
        | "GET /reports"
        | "POST /reports"
        | "GET /report-schedules"
        | "POST /report-schedules"
        | "GET /events/aside"
        | "GET /account/activity"
        | "POST /events/aside/replay"
        | "POST /shoppers/erase" => Door::Account,
        "GET /campaigns/{id}"
        | "PATCH /campaigns/{id}"
        | "POST /campaigns/{id}/pause"
        | "POST /campaigns/{id}/resume"
        | "GET /campaigns/{id}/history"
        | "POST /campaigns/{id}/test" => Door::Thing("campaign-not-found"),
        "GET /carts/{orderFormId}" => Door::Thing("cart-not-found"),
        "GET /orders/{orderGroup+}" => Door::Thing("order-not-found"),
        "GET /shoppers/erasures/{id}" => Door::Thing("erasure-not-found"),
        "GET /reports/{id}" | "GET /reports/{id}/download" => Door::Thing("report-not-found"),
        "POST /report-schedules/{id}/pause"
        | "POST /report-schedules/{id}/resume"
        | "PATCH /report-schedules/{id}"
        | "DELETE /report-schedules/{id}" => Door::Thing("schedule-not-found"),
        "POST /events/{account}" | "POST /sends/{account}" => Door::Signature,
        "POST /carts/{account}" => Door::Nobody,
        "POST /webhooks/whatsapp" => Door::HubSignature,
        "GET /webhooks/whatsapp" => Door::Handshake,
        "POST /webhooks/vtex/{account}" => Door::HookSecret,
        "GET /d/{token}" => Door::SecretPath("download-not-found"),
        "GET /c/{token}" | "POST /c/{token}" => Door::SecretPath("confirmation-not-found"),
        "GET /u/{token}" | "POST /u/{token}" | "POST /u/{token}/again" => {
            Door::SecretPath("unsubscription-not-found")
        }
        "GET /r/{token}" | "HEAD /r/{token}" => Door::SecretPath("link-not-found"),
        unknown => panic!("{unknown} has no entry: who may call it?"),
    }
}

impl Answer {
    #[track_caller]
    fn assert_problem(&self, status: u16, code: &str, case: &str) {
        assert_eq!(self.status, status, "{case}: {}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{case}");
        assert_eq!(self.body["code"], code, "{case}: {}", self.text);
    }

    /// The gateway's own refusal, which tells nothing.
    #[track_caller]
    fn assert_refused_by_gateway(&self, case: &str) {
        assert_eq!(self.status, 401, "{case}: {}", self.text);
        assert_eq!(self.headers["content-type"], "application/json", "{case}");
        assert_eq!(self.body, json!({"message": "Unauthorized"}), "{case}");
        assert!(!self.headers.contains_key("x-request-id"), "{case}: a function was called");
    }
}

/// Asks, and looks at the headers that every answer of a function carries.
async fn ask(request: RequestBuilder, case: &str) -> Answer {
    let answer = Answer::over_http(request.send().await.unwrap()).await;
    if answer.headers.contains_key("x-request-id") {
        for (name, value) in [
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), value, "{case}: {name}");
        }
    } else {
        assert_eq!(answer.status, 401, "{case}: {}", answer.text);
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_opens_to_whom_it_should_alone() {
    let running = Running::start().await;
    let north = Owner::of(&running, "north").await;
    let south = running.store("south", "America/Sao_Paulo", 0).await;
    let before = north.sight().await;
    let forge = Forge::of(&running);
    let token = |account: &str, changes: Value| forge.rsa("RS256", &claims(account, &changes));

    for (method, template) in ROUTES {
        let route = format!("{method} {template}");
        match door(&route) {
            Door::Account => with_token(&north, &forge, method, template, None).await,
            Door::Thing(code) => with_token(&north, &forge, method, template, Some(code)).await,
            Door::Signature | Door::HubSignature | Door::HookSecret | Door::Handshake => {
                strangers(&north, &south, method, template, &token("north", json!({}))).await;
            }
            Door::Nobody => {
                for account in ["north", "nobody"] {
                    let url = running.url(&template.replace("{account}", account));
                    for body in ["", "{}", r#"{"orderFormId":"north","page":"payment"}"#] {
                        let request = running.http.request(method.clone(), &url).body(body);
                        let answer = ask(request, &route).await;
                        assert_eq!((answer.status, &*answer.text), (202, ""), "{route}");
                    }
                }
            }
            Door::SecretPath(code) => {
                for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "x"] {
                    let url = running.url(&template.replace("{token}", unknown));
                    let request = || running.http.request(method.clone(), &url);
                    let mut answers = vec![ask(request(), &route).await];
                    answers
                        .push(ask(request().bearer_auth(token("north", json!({}))), &route).await);
                    for answer in answers {
                        assert_eq!(answer.status, 404, "{route}");
                        if *method != Method::HEAD {
                            answer.assert_problem(404, code, &route);
                        }
                    }
                }
            }
        }
    }
    running.drain().await;
    assert_eq!(north.sight().await, before, "a call that was refused changed something");

    // Nothing but the door refused: with the right token each of them gets through. What takes things away is last.
    let mut routes: Vec<_> = ROUTES.iter().collect();
    routes.sort_by_key(|(method, path)| *method == Method::DELETE || path.starts_with("/shoppers"));
    for (method, template) in routes {
        let route = format!("{method} {template}");
        if matches!(door(&route), Door::Account | Door::Thing(_)) {
            let request = north.request(method, template).bearer_auth(token("north", json!({})));
            let answer = ask(request, &route).await;
            // No VTEX answers here.
            let expected = route == "POST /account/vtex" && answer.status == 503;
            assert!(answer.is_success() || expected, "{route}: {}", answer.text);
        }
    }
}

/// The forms of Cognito and of providers that name the resource server: the client in the place of the
/// audience, scopes behind a word or an address.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_several_providers_are_understood() {
    let running = Running::start().await;
    running.store("north", "America/Sao_Paulo", 0).await;
    let forge = Forge::of(&running);
    for prefix in ["campaigns/", "https://api.example/"] {
        let scope = format!("openid {prefix}admin:read");
        let changes = json!({"aud": null, "client_id": local::AUDIENCE, "scope": scope});
        let token = forge.rsa("RS256", &claims("north", &changes));
        let get = running.http.get(running.url("/campaigns")).bearer_auth(&token);
        assert!(ask(get, prefix).await.is_success(), "{prefix}");
        let post = running.http.post(running.url("/campaigns")).bearer_auth(&token);
        let answer = ask(post.json(&json!({})), prefix).await;
        answer.assert_problem(403, "insufficient-scope", prefix);
    }
}

/// The matrix of one Admin route.
async fn with_token(
    north: &Owner<'_>,
    forge: &Forge,
    method: &Method,
    template: &str,
    missing: Option<&str>,
) {
    let route = format!("{method} {template}");
    let request = || north.request(method, template);
    let token = |account: &str, changes: Value| forge.rsa("RS256", &claims(account, &changes));
    ask(request(), &route).await.assert_refused_by_gateway(&route);
    for (wrong, token) in refused_tokens(forge, "north") {
        let case = format!("{route}, {wrong}");
        ask(request().bearer_auth(token), &case).await.assert_refused_by_gateway(&case);
    }
    let (needed, other) = match *method {
        Method::GET => ("admin:read", "admin:write"),
        _ => ("admin:write", "admin:read"),
    };
    let near = [format!("{needed}s"), needed.replace("admin", "Admin"), needed.replace(':', "")];
    for scope in [json!(other), json!(""), json!(null), json!([other]), json!(near.join(" "))] {
        let case = format!("{route}, scope {scope}");
        let answer =
            ask(request().bearer_auth(token("north", json!({"scope": scope}))), &case).await;
        answer.assert_problem(403, "insufficient-scope", &case);
    }
    for account in [json!(null), json!(""), json!("north/../south"), json!(["north"])] {
        let case = format!("{route}, account {account}");
        let changes = json!({"account": account});
        let answer = ask(request().bearer_auth(token("north", changes)), &case).await;
        answer.assert_problem(403, "invalid-account", &case);
    }
    // Another account's token, whether that account was set up or not.
    for stranger in ["south", "nobody"] {
        let case = format!("{route}, as {stranger}");
        let mut request = request();
        // What it would claim for itself.
        if route == "PUT /account" {
            let id = if stranger == "south" { "5550199001" } else { "5550199002" };
            request = request.json(&json!({"timeZone": "UTC", "language": "es",
                "phoneNumberIds": [id], "storeUrl": "https://south.example"}));
        }
        let answer = ask(request.bearer_auth(token(stranger, json!({}))), &case).await;
        match missing {
            Some(code) => answer.assert_problem(404, code, &case),
            None => assert!(
                answer.is_success()
                    || answer.status == 404 && answer.body["code"] == "account-not-found"
                    || [404, 409].contains(&answer.status)
                        && answer.body["code"] == "whatsapp-not-connected"
                    || answer.status == 409 && answer.body["code"] == "phone-number-taken"
                    || route == "POST /account/vtex" && answer.status == 503,
                "{case}: {}",
                answer.text
            ),
        }
        let marks = [&north.report, &north.schedule, &north.store.campaigns[0]];
        for mark in marks.into_iter().map(String::as_str).chain([ORDER_GROUP, "119.80"]) {
            assert!(!answer.text.contains(mark), "{case}: {mark} in {}", answer.text);
        }
    }
}

/// The public routes that judge a signature or a secret: each way to have none, or a wrong one; a token doesn't help.
async fn strangers(
    north: &Owner<'_>,
    south: &Store<'_>,
    method: &Method,
    template: &str,
    token: &str,
) {
    let route = format!("{method} {template}");
    let path = north.path(template);
    let (kind, body) = match template {
        "/events/{account}" => ("application/cloudevents-batch+json", json!([])),
        "/sends/{account}" => ("application/json", json!({"campaignId": north.store.campaigns[0]})),
        // The seller's side of an order is ignored: VTEX isn't asked for it.
        "/webhooks/vtex/{account}" => {
            ("application/json", notification(&north.store.account, ORDER_ID, "Fulfillment"))
        }
        _ => ("application/json", json!({"object": "whatsapp_business_account", "entry": []})),
    };
    let body = body.to_string();
    let plain = |query: &str| {
        let url = north.store.running.url(&format!("{path}{query}"));
        let request = north.store.running.http.request(method.clone(), url).bearer_auth(token);
        if *method == Method::GET {
            request
        } else {
            request.header("content-type", kind).body(body.clone())
        }
    };
    let sum = format!("sha256={}", "0".repeat(64));
    let (status, code, refused, allowed) = match door(&route) {
        Door::Signature => {
            let others = south.signed(&path, kind, body.clone());
            let tampered = north.store.signed(&path, kind, body.clone()).body(format!("{body} "));
            let refused = vec![plain(""), others, tampered.bearer_auth(token)];
            (401, "invalid-signature", refused, north.store.signed(&path, kind, body.clone()))
        }
        Door::HubSignature => {
            let secret = Secret::new(WHATSAPP_APP_SECRET);
            let right = sign_hub(&secret, body.as_bytes());
            let tampered = plain("").header("x-hub-signature-256", &right).body(format!("{body} "));
            let refused = vec![plain(""), plain("").header("x-hub-signature-256", sum), tampered];
            (401, "invalid-signature", refused, plain("").header("x-hub-signature-256", right))
        }
        Door::HookSecret => {
            let header = |value: &str| plain("").header("x-hook-secret", value);
            let near = &VTEX_HOOK_SECRET[1..];
            let refused = vec![plain(""), header(""), header("wrong"), header(near)];
            (401, "invalid-signature", refused, header(VTEX_HOOK_SECRET))
        }
        _ => {
            let handshake = |offered: &str| {
                plain(&format!("?hub.mode=subscribe&hub.verify_token={offered}&hub.challenge=7"))
            };
            (
                403,
                "handshake-refused",
                vec![handshake(""), handshake("wrong")],
                handshake(WHATSAPP_VERIFY_TOKEN),
            )
        }
    };
    for (number, request) in refused.into_iter().enumerate() {
        let case = format!("{route}, stranger {number}");
        ask(request, &case).await.assert_problem(status, code, &case);
    }
    let answer = ask(allowed, &route).await;
    assert!(answer.is_success(), "{route}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_every_kind_carry_the_headers() {
    let running = Running::start().await;
    let store = running.store("headers", "America/Sao_Paulo", 1).await;
    let large = "x".repeat(1024 * 1024);
    for (request, status) in [
        (store.request(Method::GET, "/nowhere"), 404),
        (store.request(Method::DELETE, "/campaigns"), 405),
        (store.request(Method::POST, "/campaigns").body("{}"), 415),
        (store.request(Method::POST, "/campaigns").json(&json!(["n", "es", "text"])), 422),
        (store.request(Method::POST, "/sends/headers").body("{}"), 401),
        (store.request(Method::POST, "/reports").json(&json!({"email": large})), 413),
        (
            store
                .request(Method::PATCH, &format!("/campaigns/{}", store.campaigns[0]))
                .json(&json!({})),
            428,
        ),
        // No VTEX answers here.
        (
            store
                .request(Method::POST, "/account/vtex")
                .json(&json!({"appKey": "k", "appToken": "t"})),
            503,
        ),
    ] {
        let case = status.to_string();
        let answer = ask(request, &case).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{case}");
    }
}
