//! What Meta tells of templates and of business accounts.

use local::graph::Act;
use serde_json::{Value, json};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::retention::Retention;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::daily_limit::DailyLimit;
use shared::store::Table;
use shared::telemetry::{Counter, counted};

use crate::routes::templates::state;
use crate::store::phones::{Phones, WABA};
use crate::store::senders::nobody_listens;
use crate::store::{NOW_SECS, PHONE_NUMBER_ID, Store};

fn told(waba: &str, time: i64, field: &str, value: &Value) -> String {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": waba, "time": time, "changes": [{"field": field, "value": value}]}]})
    .to_string()
}

fn judged(time: i64, language: &str, event: &str) -> String {
    let value = json!({"event": event, "message_template_id": 9, "message_template_language": language,
        "message_template_name": "cart_reminder_text_1", "reason": "NONE"});
    told(WABA, time, "message_template_status_update", &value)
}

#[tokio::test]
async fn a_template_event_in_another_language_spelling_matches() {
    for spelling in ["en", "en_US", "en-US"] {
        let phones = Phones::open().await;
        phones.store.whatsapp(judged(NOW_SECS, spelling, "APPROVED")).await.is_ok();
        assert_eq!(state(&phones.store, Language::EnUs).await, Some(TemplateState::Approved));
    }
}

#[tokio::test]
async fn an_old_template_event_changes_nothing() {
    let phones = Phones::open().await;
    let store = &phones.store;
    store.whatsapp(judged(NOW_SECS - 10, "es", "PAUSED")).await.is_ok();
    store.whatsapp(judged(NOW_SECS - 20, "es", "APPROVED")).await.is_ok();
    assert_eq!(state(store, Language::Es).await, Some(TemplateState::Paused));
    store.whatsapp(judged(NOW_SECS - 5, "es", "APPROVED")).await.is_ok();
    store.whatsapp(judged(NOW_SECS - 10, "es", "PAUSED")).await.is_ok();
    assert_eq!(state(store, Language::Es).await, Some(TemplateState::Approved));
}

#[tokio::test]
async fn quality_and_category_are_told_beside_the_state() {
    let phones = Phones::open().await;
    let store = &phones.store;
    let of = |name: &str, word: &str| {
        json!({"message_template_name": "cart_reminder_text_1", "message_template_language": "es",
            name: word})
    };
    let quality = of("new_quality_score", "YELLOW");
    store.whatsapp(told(WABA, NOW_SECS, "message_template_quality_update", &quality)).await.is_ok();
    let category = of("new_category", "UTILITY");
    store.whatsapp(told(WABA, NOW_SECS, "template_category_update", &category)).await.is_ok();
    let held = store.table.template(&store.account, Language::Es, MessageType::Text).await;
    let held = held.unwrap().unwrap();
    assert_eq!(held.quality.unwrap().word, "YELLOW");
    assert_eq!((held.category.unwrap().word.as_str(), held.template), ("UTILITY", None));
}

/// What is known of an account's limits.
async fn limits(store: &Store) -> (Option<DailyLimit>, bool) {
    let held = store.table.whatsapp(&store.account).await.unwrap().unwrap();
    (held.daily_limit(), held.is_fast)
}

#[tokio::test]
async fn what_meta_lets_an_account_send_is_noted() {
    let phones = Phones::open().await;
    let store = &phones.store;
    let people = |people| Some(DailyLimit::People(people));
    let tier = json!({"display_phone_number": "15550783881", "event": "UPGRADE",
        "current_limit": "TIER_10K"});
    store.whatsapp(told(WABA, NOW_SECS, "phone_number_quality_update", &tier)).await.is_ok();
    let fast = json!({"display_phone_number": "15550783881", "event": "THROUGHPUT_UPGRADE",
        "current_limit": "TIER_UNLIMITED"});
    store.whatsapp(told(WABA, NOW_SECS, "phone_number_quality_update", &fast)).await.is_ok();
    assert_eq!(limits(store).await, (people(10_000), true));
    let told_of = [
        ("max_daily_conversation_per_phone", json!(2_000), people(2_000)),
        ("max_daily_conversations_per_business", json!("TIER_100K"), people(100_000)),
        ("max_daily_conversations_per_business", json!(250), people(250)),
        (
            "max_daily_conversations_per_business",
            json!("TIER_UNLIMITED"),
            Some(DailyLimit::Unlimited),
        ),
    ];
    for (time, (field, word, limit)) in (NOW_SECS + 1..).zip(told_of) {
        let told = told(WABA, time, "business_capability_update", &json!({field: word}));
        store.whatsapp(told).await.is_ok();
        assert_eq!(limits(store).await, (limit, true), "{field} {word}");
    }
}

/// As the stand-in tells it, which a developer makes do so.
#[tokio::test]
async fn what_the_stand_in_tells_of_limits_is_noted() {
    let phones = Phones::open().await;
    let store = &phones.store;
    assert_eq!(limits(store).await, (Some(DailyLimit::People(250)), false));
    let number = PHONE_NUMBER_ID.to_owned();
    phones.act(Act::Throughput { number: number.clone() }).await;
    assert_eq!(limits(store).await, (Some(DailyLimit::People(250)), true));
    phones.act(Act::Limit { number, tier: "TIER_UNLIMITED".to_owned() }).await;
    assert_eq!(limits(store).await, (Some(DailyLimit::Unlimited), true));
    let number = "999".to_owned();
    assert!(phones.graph.act(Act::Throughput { number: number.clone() }).is_err());
    assert!(phones.graph.act(Act::Limit { number, tier: "TIER_2K".to_owned() }).is_err());
}

/// Whether an account is known to have Marketing Messages.
async fn has_marketing(store: &Store) -> bool {
    store.table.whatsapp(&store.account).await.unwrap().unwrap().has_marketing_messages()
}

#[tokio::test]
async fn signed_terms_give_an_account_marketing_messages() {
    let phones = Phones::open().await;
    let store = &phones.store;
    let signed = |waba: &str| {
        let info = json!({"waba_id": waba, "owner_business_id": "7"});
        json!({"event": "MM_LITE_TERMS_SIGNED", "waba_info": info})
    };
    let linked = json!({"event": "AD_ACCOUNT_LINKED", "waba_info": {"waba_id": WABA}});
    for (id, value) in
        [("7", signed("999")), ("7", json!({"event": "MM_LITE_TERMS_SIGNED"})), (WABA, linked)]
    {
        store.whatsapp(told(id, NOW_SECS, "account_update", &value)).await.is_ok();
        assert!(!has_marketing(store).await, "{value}");
    }
    assert_eq!(counted(Counter::TrafficIgnored { kind: "account_update" }), 3);
    // An older one than what the answer to a connection or a message showed changes nothing.
    store.whatsapp(told("7", NOW_SECS - 9, "account_update", &signed(WABA))).await.is_ok();
    assert!(!has_marketing(store).await);
    // The entry is the provider's: what it names is ours.
    phones.act(Act::Marketing { number: PHONE_NUMBER_ID.to_owned() }).await;
    assert!(has_marketing(store).await);
}

#[tokio::test]
async fn an_old_limit_that_comes_again_changes_nothing() {
    let phones = Phones::open().await;
    let store = &phones.store;
    let tell = async |time: i64, word: &str| {
        let value = json!({"max_daily_conversations_per_business": word});
        store.whatsapp(told(WABA, time, "business_capability_update", &value)).await.is_ok();
        limits(store).await.0
    };
    // After the limit that was asked for when the account was connected.
    let later = NOW_SECS + 1;
    let people = |people| Some(DailyLimit::People(people));
    assert_eq!(tell(later, "TIER_2K").await, people(2_000));
    assert_eq!(tell(later + 5, "TIER_250").await, people(250));
    assert_eq!(tell(later, "TIER_2K").await, people(250));
    assert_eq!(tell(later + 10, "TIER_100K").await, people(100_000));
    for (time, word) in [(later + 5, "TIER_250"), (later, "TIER_2K")] {
        assert_eq!(tell(time, word).await, people(100_000));
    }
    // Of one second the lesser, whatever comes last.
    assert_eq!(tell(later + 10, "TIER_UNLIMITED").await, people(100_000));
    assert_eq!(tell(later + 10, "TIER_10K").await, people(10_000));
    // A new token of the same number changes nothing of it.
    phones.connect().await.is_ok();
    assert_eq!(limits(store).await.0, people(10_000));
}

#[tokio::test]
async fn every_account_of_the_business_account_hears_it_and_no_other() {
    let phones = Phones::open().await;
    let bela = phones.store.beside("bela", "222", 9).await;
    let carla = phones.store.beside("carla", "333", 10).await;
    phones.graph.add_number(WABA, "222");
    let mut asked = crate::store::phones::asked_connection();
    asked["phoneNumberId"] = json!("222");
    bela.put("/account/whatsapp", &asked).await.is_ok();
    phones.store.whatsapp(judged(NOW_SECS, "pt_BR", "APPROVED")).await.is_ok();
    assert_eq!(state(&phones.store, Language::PtBr).await, Some(TemplateState::Approved));
    assert_eq!(state(&bela, Language::PtBr).await, Some(TemplateState::Approved));
    assert_eq!(state(&carla, Language::PtBr).await, None);
    // Who disconnects hears no more.
    assert_eq!(bela.delete("/account/whatsapp").await.status, 204);
    phones.store.whatsapp(judged(NOW_SECS + 1, "pt_BR", "PAUSED")).await.is_ok();
    assert_eq!(state(&phones.store, Language::PtBr).await, Some(TemplateState::Paused));
    assert_eq!(state(&bela, Language::PtBr).await, Some(TemplateState::Approved));
}

#[tokio::test]
async fn what_is_not_ours_is_counted_and_dropped() {
    let store = Store::open().await;
    let other = json!({"event": "APPROVED", "message_template_name": "hello_world",
        "message_template_language": "en_US"});
    for body in [
        judged(NOW_SECS, "de", "APPROVED"),
        // Nobody here is connected to it.
        judged(NOW_SECS, "es", "APPROVED"),
        told(WABA, NOW_SECS, "message_template_status_update", &other),
        told("x", NOW_SECS, "message_template_status_update", &json!({})),
    ] {
        store.whatsapp(body).await.is_ok();
    }
    assert!(store.contents().await.is_empty());
    let kind = "message_template_status_update";
    assert_eq!(counted(Counter::TrafficIgnored { kind }), 4);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_fails_has_the_news_come_again() {
    let store = Store::open().await;
    let (_taken, endpoint) = nobody_listens();
    let dead = Table::new(engine::client(&endpoint), engine::TABLE_NAME, Retention::Unlimited);
    let answer = store.through(dead).whatsapp(judged(NOW_SECS, "es", "APPROVED")).await;
    answer.is_problem(503, "unavailable");
}
