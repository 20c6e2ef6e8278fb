//! Replay: what was kept aside goes through the endpoint's own function again.

use std::collections::BTreeMap;

use engine::faults::{Fault, Faults};
use ingest::replay::{Outcomes, Replay, replay};
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::domain::values::ids::{CampaignId, ClickId, LinkToken, PhoneNumberId};
use shared::store::accounts::Vetting;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::key::Key;
use shared::store::links::Link;

use crate::store::functions::digest;
use crate::store::told::{WAMID, sent, status, tap, webhook};
use crate::store::{ACCOUNT, NOW_SECS, Store, account, settings};

const LATER_CAMPAIGN: &str = "autumn";
/// A business number that the store claims later.
const LATER_NUMBER: &str = "106540352242999";

/// An event of a campaign that doesn't exist yet, one that never becomes right, and a receipt of
/// a number that nobody has yet.
async fn kept_aside(store: &Store) {
    let mut early = sent(WAMID, NOW_SECS);
    early["data"]["campaignId"] = json!(LATER_CAMPAIGN);
    let mut bad = sent("wamid.bad", NOW_SECS);
    bad["data"]["orderFormId"] = json!(7);
    store.batch(&[early, bad]).await.is_ok();
    let value = json!({
        "metadata": {"phone_number_id": LATER_NUMBER},
        "statuses": [status(WAMID, "read", NOW_SECS)],
    });
    store.whatsapp(webhook(&value).to_string()).await.is_ok();
    assert_eq!(store.asides().await.len(), 2);
    assert_eq!(store.strays().await.len(), 1);
}

async fn mended(store: &Store) {
    store.add_campaign(LATER_CAMPAIGN, "Later", Language::PtBr).await;
    let mut claimed = settings(ACCOUNT, LATER_NUMBER);
    claimed.phone_number_ids.push(PhoneNumberId::parse("106540352242922").unwrap());
    store.table.account_write(&account(), &claimed, &Vetting::AtOnce).await.unwrap();
}

async fn run(store: &Store, what: Replay) -> Vec<(String, String, u64)> {
    let outcomes: Outcomes =
        replay(&store.intake().orders, &account(), &what, || {}).await.unwrap();
    let told = |((word, reason), n): ((&str, String), u64)| (word.to_owned(), reason, n);
    outcomes.into_iter().map(told).collect()
}

fn outcome(word: &str, reason: &str) -> (String, String, u64) {
    (word.to_owned(), reason.to_owned(), 1)
}

#[tokio::test]
async fn what_went_through_is_deleted_and_the_rest_stays() {
    let store = Store::open().await;
    kept_aside(&store).await;
    // Before the fix nothing changes, and nothing is kept aside a second time.
    let before = store.contents().await;
    let refused =
        [outcome("refused again", "invalid-field"), outcome("refused again", "unknown-campaign")];
    assert_eq!(run(&store, Replay::default()).await, refused);
    assert_eq!(store.contents().await, before);

    mended(&store).await;
    assert_eq!(
        run(&store, Replay::default()).await,
        [
            outcome("refused again", "invalid-field"),
            outcome("stored", "unknown-campaign"),
            outcome("stored", "unknown-phone-number"),
        ]
    );
    let reminder = store.reminder(WAMID).await.unwrap();
    assert!(reminder.sent.is_some() && reminder.read_at.is_some());
    assert_eq!(store.asides().await.len(), 1);
    assert_eq!(store.strays().await.len(), 0);
}

#[tokio::test]
async fn a_reason_narrows_it_and_a_dry_run_changes_nothing() {
    let store = Store::open().await;
    kept_aside(&store).await;
    mended(&store).await;
    let before = store.contents().await;
    let dry_run = Replay { dry_run: true, ..Replay::default() };
    assert_eq!(
        run(&store, dry_run).await,
        [
            outcome("waiting", "invalid-field"),
            outcome("waiting", "unknown-campaign"),
            outcome("waiting, of no known account", "unknown-phone-number"),
        ]
    );
    assert_eq!(store.contents().await, before);
    let one = Replay { reason: Some("unknown-campaign".to_owned()), ..Replay::default() };
    assert_eq!(run(&store, one).await, [outcome("stored", "unknown-campaign")]);
    assert_eq!(store.strays().await.len(), 1);
}

/// A replay reads the lists of the account and of its numbers, and no other.
#[tokio::test]
async fn a_replay_reads_no_other_stores_items() {
    let store = Store::open().await;
    kept_aside(&store).await;
    let (table, meter) = store.engine.metered();
    let dry_run = Replay { dry_run: true, ..Replay::default() };
    let metered = store.through(table);
    assert_eq!(run(&metered, dry_run.clone()).await.len(), 2);
    // The settings; its own list and that of its one number.
    assert_eq!((meter.of("GetItem").calls, meter.of("Query").calls, meter.calls()), (1, 2, 3));
    mended(&store).await;
    meter.reset();
    assert_eq!(run(&metered, dry_run).await.len(), 3);
    assert_eq!((meter.of("GetItem").calls, meter.of("Query").calls, meter.calls()), (1, 3, 4));
}

/// Nothing of another store's is touched, whatever is replayed for this one.
#[tokio::test]
async fn a_number_of_another_account_is_left_alone() {
    let store = Store::open().await;
    kept_aside(&store).await;
    store.beside("other", LATER_NUMBER, 7).await;
    run(&store, Replay::default()).await;
    assert_eq!(store.strays().await.len(), 1);
}

#[tokio::test]
async fn a_crash_at_any_call_loses_nothing() {
    for call in 0.. {
        let store = Store::open().await;
        kept_aside(&store).await;
        mended(&store).await;
        let faults =
            Faults::planned(move |made| (made.number == call).then_some(Fault::CrashAfter));
        let table = store.engine.table_through(faults.around(store.engine.http()), 1);
        let died = tokio::select! {
            biased;
            done = async { replay(&store.through(table).intake().orders, &account(), &Replay::default(), || {}).await } => {
                done.unwrap();
                false
            }
            () = faults.crashed() => true,
        };
        run(&store, Replay::default()).await;
        let reminder = store.reminder(WAMID).await.unwrap();
        assert!(reminder.sent.is_some() && reminder.read_at.is_some(), "at call {call}");
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for (code, _) in store.reasons().await {
            *reasons.entry(code).or_default() += 1;
        }
        assert_eq!(reasons, BTreeMap::from([("invalid-field".to_owned(), 1)]), "at call {call}");
        if !died {
            assert!(call > 8, "{call} calls");
            break;
        }
    }
}

#[tokio::test]
async fn what_the_rollup_kept_aside_is_derived_again() {
    let store = Store::open().await;
    store.event(&sent(WAMID, NOW_SECS)).await.is_ok();
    let keys =
        json!({"pk": {"S": format!("acme#REMINDER#{}", digest(WAMID))}, "sk": {"S": "FACT"}});
    let item = Aside {
        received_at: store.clock.now(),
        source: "rollup".to_owned(),
        code: "derivation-refused".to_owned(),
        field: None,
        body: json!({"eventName": "INSERT", "dynamodb": {"Keys": keys}}).to_string(),
    };
    store.table.aside_keep(&AsideOwner::Account(account()), &item).await.unwrap();
    let mut stream = engine::streams::FakeStream::of(&store.engine, 1).unwrap();
    stream.pull().unwrap();
    let before = (stream.len(), store.reminder(WAMID).await);
    let told = run(&store, Replay::default()).await;
    assert_eq!(told, [outcome("derived again", "derivation-refused")]);
    assert!(store.asides().await.is_empty());
    stream.pull().unwrap();
    assert_eq!((stream.len(), store.reminder(WAMID).await), (before.0 + 1, before.1));
}

#[tokio::test]
async fn what_no_endpoint_sent_is_told_and_left() {
    let store = Store::open().await;
    let item = Aside {
        received_at: store.clock.now(),
        source: "rollup".to_owned(),
        code: "count-refused".to_owned(),
        field: None,
        body: Value::Null.to_string(),
    };
    store.table.aside_keep(&AsideOwner::Account(account()), &item).await.unwrap();
    let told = run(&store, Replay::default()).await;
    assert_eq!(told, [outcome("not replayable", "count-refused")]);
    assert_eq!(store.asides().await.len(), 1);
}

/// Of an item that was too long nothing but its reason was kept: it can't be replayed, and stays.
#[tokio::test]
async fn an_item_of_which_only_the_reason_was_kept_stays() {
    let store = Store::open().await;
    for source in ["events", "vtex", "whatsapp"] {
        let aside = Aside {
            received_at: store.clock.now(),
            source: source.to_owned(),
            code: "invalid-field".to_owned(),
            field: None,
            body: json!({"list": "messages", "item": null}).to_string(),
        };
        store.table.aside_keep(&AsideOwner::Account(account()), &aside).await.unwrap();
    }
    let before = store.contents().await;
    let told = run(&store, Replay::default()).await;
    assert_eq!(told, [("not replayable".to_owned(), "invalid-field".to_owned(), 3)]);
    assert_eq!(store.contents().await, before);
}

/// A link's key names no account: the rollup asks the link whose its records are, and the replay whose
/// the link is.
#[tokio::test]
async fn a_link_that_the_rollup_kept_aside_is_derived_again() {
    let store = Store::open().await;
    let token = |name: &str| LinkToken::parse(&format!("{name:A<22}")).unwrap();
    let (ours, others, gone) = (token("ours"), token("others"), token("gone"));
    for (owner, token) in [(account(), &ours), (Account::parse("other").unwrap(), &others)] {
        let link = Link {
            token: token.clone(),
            account: owner,
            campaign_id: CampaignId::parse(LATER_CAMPAIGN).unwrap(),
            url: "https://store.example/".to_owned(),
            created_at: store.clock.now(),
            reminder: None,
            full: false,
        };
        store.table.link_put(&link).await.unwrap();
    }
    let tap = ClickId::of_link(&ours, NOW_SECS);
    let (clock, single_shard) = (store.clock.clone(), Some("shard".to_owned()));
    let deps = rollup::Deps { table: store.table.clone(), clock, single_shard };
    let keys =
        [Key::link(&ours), Key::early_click(&ours, &tap), Key::link(&others), Key::link(&gone)];
    let records = keys.iter().zip(1..).map(|(key, number)| {
        // Without its images it can't be handled.
        json!({
            "eventName": "MODIFY",
            "dynamodb": {
                "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
                "SequenceNumber": format!("{number:021}"),
            },
        })
    });
    let event = json!({"Records": records.collect::<Vec<_>>()});
    rollup::handle(&deps, serde_json::from_value(event).unwrap()).await.unwrap();
    assert_eq!(store.asides().await.len(), 2);
    assert_eq!(store.strays().await.len(), 1);

    let mut stream = engine::streams::FakeStream::of(&store.engine, 1).unwrap();
    stream.pull().unwrap();
    let before = (stream.len(), store.table.link(&ours).await.unwrap());
    let told = run(&store, Replay::default()).await;
    assert_eq!(told, [("derived again".to_owned(), "image-missing".to_owned(), 2)]);
    assert!(store.asides().await.is_empty());
    stream.pull().unwrap();
    assert_eq!(stream.len(), before.0 + 2);
    assert_eq!(store.table.link(&ours).await.unwrap(), before.1);
    // Who names another's link gets it no more than any other item of another.
    let keys = json!({"pk": {"S": Key::link(&others).pk}, "sk": {"S": "LINK"}});
    let foreign = Aside {
        received_at: store.clock.now(),
        source: "rollup".to_owned(),
        code: "image-missing".to_owned(),
        field: None,
        body: json!({"dynamodb": {"Keys": keys}}).to_string(),
    };
    store.table.aside_keep(&AsideOwner::Account(account()), &foreign).await.unwrap();
    let told = run(&store, Replay::default()).await;
    assert_eq!(told, [outcome("not replayable", "image-missing")]);
}

/// Its sender mended one thing, and another is wrong still: the list tells what that is.
#[tokio::test]
async fn what_is_refused_for_another_reason_stays_with_that_one() {
    let store = Store::open().await;
    let mut early = sent(WAMID, NOW_SECS);
    early["data"]["campaignId"] = json!(LATER_CAMPAIGN);
    early["data"]["linkToken"] = json!("A".repeat(22));
    store.event(&early).await.is_ok();
    let kept = store.asides().await;
    assert_eq!(kept[0].code, "unknown-campaign");
    store.add_campaign(LATER_CAMPAIGN, "Later", Language::PtBr).await;
    let refused = [outcome("refused again", "unknown-campaign")];
    assert_eq!(run(&store, Replay::default()).await, refused);
    let (code, field) = ("unknown-link-token".to_owned(), Some("data.linkToken".to_owned()));
    let now = Aside { code, field, ..kept[0].clone() };
    assert_eq!(store.asides().await, [now]);
    let refused = [outcome("refused again", "unknown-link-token")];
    assert_eq!(run(&store, Replay::default()).await, refused);
}

/// An erasure that deletes an item while it is replayed has it deleted.
#[tokio::test]
async fn a_reason_brings_no_deleted_item_back() {
    let store = Store::open().await;
    let owner = AsideOwner::Account(account());
    let noted = store.table.aside_note_reason(&owner, "gone", "too-old", None).await.unwrap();
    assert!(!noted.is_changed());
    assert!(store.asides().await.is_empty());
}

/// What came for a number that the store merely claims keeps its reason, which hides what it holds.
#[tokio::test]
async fn what_came_for_a_claimed_number_keeps_its_reason() {
    let store = Store::open().await;
    let mut lost = tap("wamid.tap", WAMID, NOW_SECS);
    lost.as_object_mut().unwrap().remove("context");
    let item = Aside {
        received_at: store.clock.now(),
        source: "whatsapp".to_owned(),
        code: "number-pending".to_owned(),
        field: None,
        body: json!({"phoneNumberId": LATER_NUMBER, "list": "messages", "item": lost}).to_string(),
    };
    store.table.aside_keep(&AsideOwner::Account(account()), &item).await.unwrap();
    assert_eq!(run(&store, Replay::default()).await, []);
    assert_eq!(store.asides().await, [item]);
}
