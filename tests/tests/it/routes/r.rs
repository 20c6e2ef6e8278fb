//! `GET` and `HEAD /r/{token}`.

use axum::body::Body;
use http::Request;
use serde_json::json;
use shared::domain::facts::event::ClickKind;
use shared::domain::values::account::Account;
use shared::domain::values::ids::LinkToken;
use shared::domain::values::instant::Instant;
use shared::store::Allowance;
use shared::store::facts::Written;
use shared::telemetry::{Counter, counted};

use crate::store::told::{WAMID, sent};
use crate::store::{Answer, CAMPAIGN, NOW_SECS, Store};

const BROWSER: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
const TARGET: &str = "https://acme.example/checkout?utm=x#/cart";

/// A link of the store, minted through the API.
async fn minted(store: &Store) -> String {
    let body = json!({"campaignId": CAMPAIGN, "url": TARGET}).to_string();
    let answer = store.signed("/sends/acme", "application/json", body).await;
    answer.json()["link"]["token"].as_str().unwrap().to_owned()
}

async fn bound(store: &Store) -> String {
    let token = minted(store).await;
    let mut event = sent(WAMID, NOW_SECS);
    event["data"]["linkToken"] = json!(token);
    assert_eq!(store.event(&event).await.json()["accepted"], 1);
    token
}

async fn open(store: &Store, method: &str, token: &str, agent: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/r/{token}"));
    if let Some(agent) = agent {
        request = request.header("user-agent", agent);
    }
    store.call(request.body(Body::empty()).unwrap()).await
}

#[track_caller]
fn leads_to_the_store(answer: &Answer) {
    assert_eq!(answer.status, 302, "{}", answer.text);
    assert_eq!(answer.headers["location"], TARGET);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.text, "");
}

async fn early(store: &Store, token: &str) -> Vec<(String, i64)> {
    let clicks = store
        .table
        .early_clicks(&LinkToken::parse(token).unwrap(), &mut Allowance::unlimited())
        .await
        .unwrap();
    clicks.into_iter().map(|c| (c.click_id.as_str().to_owned(), c.at.millis())).collect()
}

#[tokio::test]
async fn a_tap_on_a_bound_link_is_a_click_on_its_reminder() {
    let store = Store::open().await;
    let token = bound(&store).await;
    leads_to_the_store(&open(&store, "GET", &token, Some(BROWSER)).await);
    assert_eq!(
        store.clicks(WAMID).await,
        [(format!("{token}.{NOW_SECS}"), ClickKind::Link, NOW_SECS)]
    );
    assert!(early(&store, &token).await.is_empty());
    assert_eq!(counted(Counter::FactsAccepted { kind: "click" }), 1);
}

#[tokio::test]
async fn taps_within_one_second_are_one_and_the_earliest_counts() {
    let store = Store::open().await;
    let token = bound(&store).await;
    for millis in [700, 100, 999, 1_000] {
        store.clock.set(Instant::from_millis(NOW_SECS * 1_000 + millis));
        leads_to_the_store(&open(&store, "GET", &token, Some(BROWSER)).await);
    }
    let clicks = store
        .table
        .reminder_clicks(&crate::store::account(), &crate::store::functions::digest(WAMID))
        .await
        .unwrap();
    let at: Vec<i64> = clicks.iter().map(|click| click.at.millis() - NOW_SECS * 1_000).collect();
    assert_eq!(at, [100, 1_000]);
}

#[tokio::test]
async fn a_tap_before_its_reminder_waits_at_the_link() {
    let store = Store::open().await;
    let token = minted(&store).await;
    leads_to_the_store(&open(&store, "GET", &token, None).await);
    assert_eq!(early(&store, &token).await, [(format!("{token}.{NOW_SECS}"), NOW_SECS * 1_000)]);
}

#[tokio::test]
async fn previews_are_redirected_and_not_counted() {
    let store = Store::open().await;
    let token = bound(&store).await;
    for agent in [
        "WhatsApp/2.23.20.0 A",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Slackbot-LinkExpanding 1.0",
        "TelegramBot (like TwitterBot)",
        "TELEGRAMBOT",
    ] {
        leads_to_the_store(&open(&store, "GET", &token, Some(agent)).await);
    }
    leads_to_the_store(&open(&store, "HEAD", &token, Some(BROWSER)).await);
    leads_to_the_store(&open(&store, "HEAD", &token, None).await);
    assert!(store.clicks(WAMID).await.is_empty());
    assert_eq!(counted(Counter::TrafficIgnored { kind: "link-preview" }), 8);
    // An agent that is no text at all is somebody's browser.
    let request = Request::get(format!("/r/{token}")).header("user-agent", &b"\xff\xfe"[..]);
    leads_to_the_store(&store.call(request.body(Body::empty()).unwrap()).await);
    assert_eq!(store.clicks(WAMID).await.len(), 1);
}

/// R4: what declares itself isn't counted, whether or not anybody ever listed it; what doesn't is a
/// shopper as far as anybody can tell.
#[tokio::test]
async fn machines_that_say_so_are_redirected_and_not_counted() {
    let store = Store::open().await;
    let token = bound(&store).await;
    let unlisted = "Mozilla/5.0 (compatible; NobodysBot/0.1)";
    leads_to_the_store(&open(&store, "GET", &token, Some(unlisted)).await);
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ] {
        let request = Request::get(format!("/r/{token}"))
            .header("user-agent", BROWSER)
            .header(name, value)
            .body(Body::empty());
        leads_to_the_store(&store.call(request.unwrap()).await);
    }
    assert!(store.clicks(WAMID).await.is_empty());
    assert_eq!(counted(Counter::TrafficIgnored { kind: "link-preview" }), 5);
    for (second, agent) in [Some("curl/8.5.0"), Some(""), None].into_iter().enumerate() {
        let second = i64::try_from(second).unwrap();
        store.clock.set(Instant::from_millis((NOW_SECS + second) * 1_000));
        leads_to_the_store(&open(&store, "GET", &token, agent).await);
    }
    assert_eq!(store.clicks(WAMID).await.len(), 3);
}

/// Whoever has as many clicks as are kept (`CLICKS_PER_REMINDER`) is told so on its link.
#[tokio::test]
async fn taps_on_a_full_link_are_redirected_and_not_stored() {
    for is_bound in [false, true] {
        let store = Store::open().await;
        let token = if is_bound { bound(&store).await } else { minted(&store).await };
        let (table, meter) = store.engine.metered();
        let through = store.through(table);
        // The last tap before the mark.
        leads_to_the_store(&open(&through, "GET", &token, Some(BROWSER)).await);
        let beyond = counted(Counter::ClicksBeyondLimit);
        let link = LinkToken::parse(&token).unwrap();
        let owner = store.table.link(&link).await.unwrap().unwrap().reminder;
        let owner = owner.as_ref();
        let stranger = Account::parse("stranger").unwrap();
        let marked = store.table.link_mark_full(&stranger, &link, owner).await.unwrap();
        assert_eq!(marked, Written::Unchanged);
        assert_eq!(
            store.table.link_mark_full(&store.account, &link, owner).await.unwrap(),
            Written::Changed
        );
        assert_eq!(
            store.table.link_mark_full(&store.account, &link, owner).await.unwrap(),
            Written::Unchanged
        );
        assert!(store.table.link(&link).await.unwrap().unwrap().full);

        store.clock.set(Instant::from_millis((NOW_SECS + 1) * 1_000));
        meter.reset();
        leads_to_the_store(&open(&through, "GET", &token, Some(BROWSER)).await);
        leads_to_the_store(&open(&through, "HEAD", &token, Some(BROWSER)).await);
        leads_to_the_store(
            &open(&through, "GET", &token, Some("Slackbot-LinkExpanding 1.0")).await,
        );
        // Each reads the link, and nothing is written.
        assert_eq!((meter.of("GetItem").calls, meter.calls()), (3, 3));
        assert!(meter.write_units() < f64::EPSILON);
        assert_eq!(counted(Counter::ClicksBeyondLimit), beyond + 1);
        assert_eq!(store.clicks(WAMID).await.len() + early(&store, &token).await.len(), 1);
    }
}

#[tokio::test]
async fn a_link_that_is_not_there_is_not_made_by_its_mark() {
    let store = Store::open().await;
    let token = LinkToken::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert_eq!(
        store.table.link_mark_full(&store.account, &token, None).await.unwrap(),
        Written::Unchanged
    );
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn unknown_and_malformed_tokens_are_404() {
    let store = Store::open().await;
    for token in [
        "AAAAAAAAAAAAAAAAAAAAAA",
        "short",
        "x",
        &"A".repeat(65),
        "AAAAAAAAAAAAAAAAAAAAA%23",
        "AAAAAAAAAAAAAAAAAAAAA%2FA",
        "%FF%FE",
        "https:%2F%2Fevil.example",
    ] {
        open(&store, "GET", token, Some(BROWSER)).await.is_problem(404, "link-not-found");
        assert_eq!(open(&store, "HEAD", token, None).await.status, 404);
    }
    assert!(store.contents().await.is_empty());
}

#[tokio::test]
async fn a_tap_counts_whatever_became_of_the_campaign() {
    let store = Store::open().await;
    let token = bound(&store).await;
    store.set_status(shared::domain::values::campaign::CampaignStatus::Paused).await;
    leads_to_the_store(&open(&store, "GET", &token, Some(BROWSER)).await);
    assert_eq!(store.clicks(WAMID).await.len(), 1);
}
