//! What events become in the table, and what only the table can judge about them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::facts::event::{ClickKind, Event, Receipt, ReminderStatus};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::domain::values::ids::{CampaignId, LinkToken};
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::{IDENTITIES_PER_ORDER, PARTS_PER_ORDER};
use shared::store::accounts::{AccountWritten, Vetting};
use shared::store::key::Key;
use shared::store::links::Link;

use crate::store::functions::{digest, phone_key};
use crate::store::told::{WAMID, clicked, order, sent};
use crate::store::{CAMPAIGN, NOW_SECS, Store, account, settings};

fn token(text: &str) -> LinkToken {
    LinkToken::parse(text).unwrap()
}

async fn put_link(store: &Store, owner: &str, text: &str) {
    let link = Link {
        token: token(text),
        account: Account::parse(owner).unwrap(),
        campaign_id: CampaignId::parse(CAMPAIGN).unwrap(),
        url: "https://acme.example/".to_owned(),
        created_at: store.clock.now(),
        reminder: None,
        full: false,
    };
    store.table.link_put(&link).await.unwrap();
}

fn with_token(id: &str, text: &str) -> Value {
    let mut event = sent(id, NOW_SECS);
    event["data"]["linkToken"] = json!(text);
    event
}

#[tokio::test]
async fn a_reminder_is_stored_on_the_day_of_its_store() {
    let store = Store::open().await;
    // 00:30 UTC is still the day before in São Paulo (R1).
    let at = NOW_SECS - 11 * 3_600 - 1_800;
    store.event(&sent(WAMID, at)).await.is_ok();
    let reminder = store.reminder(WAMID).await.unwrap();
    let details = reminder.sent.unwrap();
    assert_eq!(details.day.to_string(), "2026-11-21");
    assert_eq!(details.sent_at, Instant::from_millis(at * 1_000));
    assert_eq!(details.campaign_id.as_str(), CAMPAIGN);
    assert_eq!(details.identities.user_id.unwrap().as_str(), "ana");
    let cart = details.identities.order_form_id.unwrap();
    assert_eq!(cart.as_str(), "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    let key = Key::cart_items(&account(), &digest(WAMID), details.items.as_ref().unwrap());
    let items = store.table.item_lists([key.clone()].into()).await.unwrap().remove(&key).unwrap();
    assert_eq!((items.items()[0].quantity, items.items()[0].price), (2, 9_990));
}

#[tokio::test]
async fn the_time_zone_is_fixed_before_the_first_reminder_and_never_changes() {
    let store = Store::open().await;
    let held = store.table.account(&account()).await.unwrap().unwrap();
    assert!(!held.time_zone_fixed);
    // An order needs no zone.
    store.event(&order("1", "01", NOW_SECS)).await.is_ok();
    assert!(!store.table.account(&account()).await.unwrap().unwrap().time_zone_fixed);
    // The settings are known; they change before the first reminder comes.
    let mut moved = settings("acme", crate::store::PHONE_NUMBER_ID);
    moved.time_zone = chrono_tz::Asia::Tokyo;
    let written = store.table.account_write(&account(), &moved, &Vetting::AtOnce).await.unwrap();
    assert_eq!(written, AccountWritten::Updated);
    store.event(&sent(WAMID, NOW_SECS + 4 * 3_600)).await.is_ok();
    let day = store.reminder(WAMID).await.unwrap().sent.unwrap().day;
    assert_eq!(day.to_string(), "2026-11-23");
    assert!(store.table.account(&account()).await.unwrap().unwrap().time_zone_fixed);
    moved.time_zone = chrono_tz::UTC;
    let written = store.table.account_write(&account(), &moved, &Vetting::AtOnce).await.unwrap();
    assert_eq!(written, AccountWritten::TimeZoneFixed);
    // Whoever starts anew finds it fixed, and the settings' version stays.
    let version = store.table.account(&account()).await.unwrap().unwrap().version;
    let another = store.through(store.table.clone());
    another.event(&sent("wamid.2", NOW_SECS)).await.is_ok();
    assert_eq!(store.table.account(&account()).await.unwrap().unwrap().version, version);
}

#[tokio::test]
async fn many_first_reminders_at_once_share_one_zone() {
    let store = Store::open().await;
    let events: Vec<Value> = (0..200).map(|n| sent(&format!("wamid.{n}"), NOW_SECS)).collect();
    assert_eq!(store.batch(&events).await.ok()["accepted"], 200);
}

#[tokio::test]
async fn a_campaign_must_exist_and_counts_as_soon_as_it_does() {
    let store = Store::open().await;
    let mut event = sent(WAMID, NOW_SECS);
    event["data"]["campaignId"] = json!("autumn");
    let told = store.event(&event).await.ok();
    assert_eq!(told["keptAside"][0]["code"], "unknown-campaign");
    assert_eq!(told["keptAside"][0]["field"], "data.campaignId");
    assert!(store.reminder(WAMID).await.is_none());
    // Nor does another account's campaign count.
    store.beside("bela", "222", 8).await;
    store.of("bela").add_campaign("autumn", "Later", Language::PtBr).await;
    assert_eq!(store.event(&event).await.ok()["accepted"], 0);
    store.add_campaign("autumn", "Later", Language::PtBr).await;
    assert_eq!(store.event(&event).await.ok()["accepted"], 1);
}

#[tokio::test]
async fn reminders_of_a_paused_campaign_count() {
    let store = Store::open().await;
    store.set_status(shared::domain::values::campaign::CampaignStatus::Paused).await;
    assert_eq!(store.event(&sent(WAMID, NOW_SECS)).await.ok()["accepted"], 1);
}

#[tokio::test]
async fn a_link_token_is_bound_to_one_reminder_of_its_account() {
    let store = Store::open().await;
    store.beside("bela", "222", 8).await;
    let (mine, theirs, nobodys) =
        ("mine-mine-mine-mine-xx", "bela-bela-bela-bela-xx", "none-none-none-none-xx");
    assert!(digest("wamid.2") < digest("wamid.1"));
    put_link(&store, "acme", mine).await;
    put_link(&store, "bela", theirs).await;
    assert_eq!(store.event(&with_token("wamid.2", mine)).await.ok()["accepted"], 1);
    let bound = store.table.link(&token(mine)).await.unwrap().unwrap().reminder;
    assert_eq!(bound, Some(digest("wamid.2")));
    // At one instant the smaller digest has it. Again is fine; for another reminder, of another account, or of nobody it isn't.
    assert_eq!(store.event(&with_token("wamid.2", mine)).await.ok()["accepted"], 1);
    for event in
        [with_token("wamid.1", mine), with_token("wamid.1", theirs), with_token("wamid.1", nobodys)]
    {
        let told = store.event(&event).await.ok();
        assert_eq!(told["keptAside"][0]["code"], "unknown-link-token");
        assert_eq!(told["keptAside"][0]["field"], "data.linkToken");
    }
    // The message was sent all the same: only its link's taps are at stake.
    let reminder = store.reminder("wamid.1").await.unwrap();
    assert!(reminder.sent.is_some());
    let bound = store.table.link(&token(mine)).await.unwrap().unwrap().reminder;
    assert_eq!(bound, Some(digest("wamid.2")));
    assert!(store.table.link(&token(theirs)).await.unwrap().unwrap().reminder.is_none());
}

#[tokio::test]
async fn clicks_of_a_sender_are_kept_by_their_kind() {
    let store = Store::open().await;
    store
        .batch(&[clicked(WAMID, "a", "link", NOW_SECS), clicked(WAMID, "b", "reply", NOW_SECS)])
        .await
        .is_ok();
    let clicks = store.clicks(WAMID).await.into_iter().map(|(_, kind, _)| kind);
    // They lie in the order of their digests.
    assert_eq!(clicks.collect::<BTreeSet<_>>(), [ClickKind::Link, ClickKind::Reply].into());
}

/// All parts of one order in one batch: they are folded one after the other.
#[tokio::test]
async fn parts_of_one_order_in_one_batch_get_into_nobodys_way() {
    let store = Store::open().await;
    let mut events = Vec::new();
    for round in 0..10 {
        for part in 0..PARTS_PER_ORDER {
            events.push(order("1", &format!("{part:02}"), NOW_SECS + round));
        }
    }
    let answer = store.batch(&events).await;
    assert_eq!(answer.ok()["accepted"], events.len());
    let order = store.order("1").await.unwrap();
    assert_eq!(order.parts.len(), PARTS_PER_ORDER);
    assert!(order.parts.values().all(|part| part.changed_at.seconds() == NOW_SECS + 9));
    assert_eq!(order.created_at.seconds(), NOW_SECS);
}

/// Details of one reminder that contradict each other: the earliest are kept (R2), and the batch
/// gets through at the first attempt.
#[tokio::test]
async fn details_of_one_reminder_in_one_batch_get_into_nobodys_way() {
    let store = Store::open().await;
    let events: Vec<Value> = (0..200)
        .map(|n| {
            let mut event = sent(WAMID, NOW_SECS - n);
            event["data"]["userId"] = json!(format!("user-{n}"));
            event
        })
        .collect();
    assert_eq!(store.batch(&events).await.ok()["accepted"], 200);
    let details = store.reminder(WAMID).await.unwrap().sent.unwrap();
    assert_eq!(details.sent_at.seconds(), NOW_SECS - 199);
    assert_eq!(details.identities.user_id.unwrap().as_str(), "user-199");
}

#[tokio::test]
async fn an_order_at_its_limits_takes_no_more() {
    let store = Store::open().await;
    let parts: Vec<Value> =
        (0..PARTS_PER_ORDER).map(|n| order("1", &format!("{n:02}"), NOW_SECS)).collect();
    store.batch(&parts).await.is_ok();
    let told = store.event(&order("1", "one-more", NOW_SECS)).await.ok();
    assert_eq!(told["keptAside"][0]["code"], "order-limit");
    assert_eq!(told["keptAside"][0]["field"], "data.orderId");
    let shoppers: Vec<Value> = (0..=IDENTITIES_PER_ORDER)
        .map(|n| {
            let mut event = order("2", "01", NOW_SECS);
            event["data"]["userId"] = json!(format!("user-{n:02}"));
            event
        })
        .collect();
    let told = store.batch(&shoppers).await.ok();
    assert_eq!(told["accepted"], IDENTITIES_PER_ORDER);
    assert_eq!(told["keptAside"][0]["code"], "order-limit");
    assert_eq!(told["keptAside"][0]["field"], "data.userId");
    let carts: Vec<Value> = (0..=IDENTITIES_PER_ORDER)
        .map(|n| {
            let mut event = order("3", "01", NOW_SECS);
            event["data"]["orderFormId"] = json!(format!("cart{n:02}"));
            event
        })
        .collect();
    let told = store.batch(&carts).await.ok();
    assert_eq!(told["keptAside"][0]["code"], "order-limit");
    assert_eq!(told["keptAside"][0]["field"], "data.orderFormId");
}

#[tokio::test]
async fn facts_can_be_stored_without_http() {
    let store = Store::open().await;
    let receipts = (0..100).map(|n| {
        Event::Status(ReminderStatus {
            reminder_id: format!("wamid.{}", n % 50).try_into().unwrap(),
            receipt: Receipt::Read,
            at: store.clock.now(),
        })
    });
    let outcomes = ingest::store_all(
        &store.functions.ingest.table,
        &phone_key(),
        &store.functions.ingest.accounts,
        &account(),
        receipts.collect(),
    )
    .await;
    assert_eq!(outcomes.len(), 100);
    assert!(outcomes.iter().all(Result::is_ok));
    let changed = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Ok(shared::store::facts::Written::Changed)));
    assert_eq!(changed.count(), 50);
}
