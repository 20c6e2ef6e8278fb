//! The command itself, as the README writes it: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::process::{Command, Output};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::Engine;
use shared::domain::facts::event::{ClickKind, OrderUpdated, ReminderClicked, ReminderSent};
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::Language;
use shared::domain::values::identity::{Identities, PhoneKey, UserId};
use shared::domain::values::ids::{
    CampaignId, ClickId, OrderGroup, OrderId, PhoneNumberId, ReminderId,
};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::store_day::StoreDay;
use shared::domain::values::store_hosts::StoreHosts;
use shared::store::accounts::Vetting;
use shared::store::rederivation::{Rederivation, Rederived};

/// The lines of the README that call it, without the brackets around what can be left out.
fn lines_of_the_readme() -> Vec<Vec<String>> {
    let readme = include_str!("../../../README.md");
    readme
        .lines()
        .filter_map(|line| line.strip_prefix("cargo run -p ops -- "))
        .map(|line| line.replace(['[', ']'], ""))
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// A table with the account `acme`.
async fn table() -> Engine {
    let engine = Engine::start().await.unwrap();
    let settings = AccountSettings {
        time_zone: chrono_tz::America::Sao_Paulo,
        country_code: None,
        language: Language::PtBr,
        phone_number_ids: Vec::new(),
        store_url: StoreUrl::parse("https://shop.example").unwrap(),
        report_domains: None,
        message_prices: std::collections::BTreeMap::new(),
    };
    engine
        .table()
        .account_write(&Account::parse("acme").unwrap(), &settings, &Vetting::AtOnce)
        .await
        .unwrap();
    engine
}

async fn ops(engine: &Engine, arguments: &[String]) -> Output {
    let mut command = command(engine, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn command(engine: &Engine, arguments: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ops"));
    command
        .args(arguments)
        .env("TABLE_NAME", engine::TABLE_NAME)
        .env("RETENTION_DAYS", "unlimited")
        .env("PHONE_KEY_SECRET", "a-secret-of-tests")
        .env("AWS_ENDPOINT_URL", &engine.endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

fn printed(output: &Output) -> String {
    let told = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    told.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_readme_run() {
    let engine = table().await;
    let lines = lines_of_the_readme();
    let of = |name: &str| lines.iter().find(|line| line[0] == name).unwrap();
    assert_eq!(lines.len(), 8, "{lines:?}");

    let agrees = ops(&engine, of("recount")).await;
    assert_eq!(agrees.status.code(), Some(0), "{}", printed(&agrees));
    assert!(printed(&agrees).contains("0 rollups agree with 0 facts"), "{}", printed(&agrees));

    let derived = ops(&engine, of("rederive")).await;
    assert_eq!(derived.status.code(), Some(0), "{}", printed(&derived));
    assert!(
        printed(&derived).contains("0 facts looked at, 0 items changed"),
        "{}",
        printed(&derived)
    );

    let replayed = ops(&engine, of("replay")).await;
    assert_eq!(replayed.status.code(), Some(0), "{}", printed(&replayed));
    assert!(printed(&replayed).contains("nothing is kept aside"), "{}", printed(&replayed));

    let sealed = ops(&engine, of("seal-secrets")).await;
    assert_eq!(sealed.status.code(), Some(0), "{}", printed(&sealed));
    assert!(
        printed(&sealed).contains("1 accounts: 0 secrets stood in clear"),
        "{}",
        printed(&sealed)
    );

    // A store that was never connected to VTEX has nothing to catch up with.
    let unconnected = ops(&engine, of("catch-up")).await;
    assert_eq!(unconnected.status.code(), Some(2), "{}", printed(&unconnected));
    assert!(!printed(&unconnected).contains("panicked"), "{}", printed(&unconnected));
}

/// The lines of the README, one after the other: a number is claimed, confirmed and, being there
/// already, not moved.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_confirmed_and_moved() {
    let engine = table().await;
    let lines = lines_of_the_readme();
    let of = |what: &str| lines.iter().find(|line| line[..2] == ["number", what]).unwrap();
    let unclaimed = ops(&engine, of("confirm")).await;
    assert_eq!(unclaimed.status.code(), Some(2), "{}", printed(&unclaimed));
    assert!(printed(&unclaimed).contains("acme does not claim this number"));

    let account = Account::parse("acme").unwrap();
    let mut settings = engine.table().account(&account).await.unwrap().unwrap().settings;
    settings.phone_number_ids.push(PhoneNumberId::parse("106540352242922").unwrap());
    engine
        .table()
        .account_write(&account, &settings, &Vetting::ByOperator(StoreHosts::default()))
        .await
        .unwrap();
    let confirmed = ops(&engine, of("confirm")).await;
    assert_eq!(confirmed.status.code(), Some(0), "{}", printed(&confirmed));
    assert!(printed(&confirmed).contains("106540352242922 is acme's\nnothing is kept aside"));
    let there = ops(&engine, of("move")).await;
    assert!(printed(&there).contains("is acme's already"), "{}", printed(&there));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stores_address_is_confirmed() {
    let engine = table().await;
    let (table, account) = (engine.table(), Account::parse("acme").unwrap());
    let lines = lines_of_the_readme();
    let line = lines.iter().find(|line| line[0] == "store-url").unwrap();
    let mut settings = table.account(&account).await.unwrap().unwrap().settings;
    settings.store_url = StoreUrl::parse("https://new.example").unwrap();
    let vetting = Vetting::ByOperator(StoreHosts::default());
    table.account_write(&account, &settings, &vetting).await.unwrap();
    let another = ops(&engine, line).await;
    assert_eq!(another.status.code(), Some(2), "{}", printed(&another));
    assert!(printed(&another).contains("acme names another address: https://new.example/"));

    settings.store_url = StoreUrl::parse("https://shop.example/loja").unwrap();
    table.account_write(&account, &settings, &vetting).await.unwrap();
    let confirmed = ops(&engine, line).await;
    assert_eq!(confirmed.status.code(), Some(0), "{}", printed(&confirmed));
    assert!(printed(&confirmed).contains("links of acme may lead to https://shop.example/"));
    assert_eq!(table.account(&account).await.unwrap().unwrap().pending_store_url, None);
}

/// Another retention than the stack's would date what is written wrongly.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_runs_without_the_retention() {
    let engine = table().await;
    for line in lines_of_the_readme() {
        let mut command = command(&engine, &line);
        command.env_remove("RETENTION_DAYS");
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let refused = run.await.unwrap();
        assert_eq!(refused.status.code(), Some(2), "{line:?}: {}", printed(&refused));
        let told = "the environment variable RETENTION_DAYS is not set";
        assert!(printed(&refused).contains(told), "{line:?}: {}", printed(&refused));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_told_and_repaired() {
    let engine = table().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let written = engine
        .client
        .put_item()
        .table_name(engine::TABLE_NAME)
        .item("pk", text("acme#ROLLUP"))
        .item("sk", text("2026-11-02#spring"))
        .item("sent", AttributeValue::N("5".to_owned()));
    written.send().await.unwrap();
    let arguments = |more: &str| -> Vec<String> {
        let line = format!("recount --account acme --from 2026-11-01 --to 2026-11-30{more}");
        line.split_whitespace().map(str::to_owned).collect()
    };

    let differs = ops(&engine, &arguments("")).await;
    assert_eq!(differs.status.code(), Some(1), "{}", printed(&differs));
    for word in ["2026-11-02", "spring", "sent", "5"] {
        assert!(printed(&differs).contains(word), "{word}: {}", printed(&differs));
    }
    let repaired = ops(&engine, &arguments(" --repair")).await;
    assert_eq!(repaired.status.code(), Some(0), "{}", printed(&repaired));
    assert!(printed(&repaired).contains("corrected"), "{}", printed(&repaired));
    let agrees = ops(&engine, &arguments("")).await;
    assert_eq!(agrees.status.code(), Some(0), "{}", printed(&agrees));
}

/// Facts of a stream that lost all their records: one command derives them, the other counts them.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_lost_is_derived_and_counted() {
    let engine = table().await;
    let (table, account) = (engine.table(), Account::parse("acme").unwrap());
    let key = PhoneKey::new("phones");
    let at = Instant::parse_rfc3339("2026-11-02T15:00:00Z").unwrap();
    let (reminder_id, user) =
        (ReminderId::parse("wamid.1").unwrap(), UserId::parse("ana").unwrap());
    let identities = Identities { user_id: Some(user), ..Identities::default() };
    let sent = ReminderSent {
        reminder_id: reminder_id.clone(),
        at,
        campaign_id: CampaignId::parse("spring").unwrap(),
        identities: identities.clone(),
        items: ItemList::default(),
        link_token: None,
    };
    table
        .reminder_write_details(&key, &account, &sent, chrono_tz::America::Sao_Paulo)
        .await
        .unwrap();
    let click_id = ClickId::parse("tap").unwrap();
    let click = ReminderClicked { reminder_id, click_id, kind: ClickKind::Link, at };
    table.click_write(&key, &account, &click).await.unwrap();
    let order = OrderUpdated {
        order_group: OrderGroup::parse("1").unwrap(),
        order_id: OrderId::parse("1-01").unwrap(),
        status: OrderStatus::parse("created").unwrap(),
        created_at: at,
        changed_at: at,
        identities,
        currency: Currency::parse("BRL").unwrap(),
        value: 100,
        items: ItemList::default(),
    };
    table.order_fold(&key, &account, &order).await.unwrap();
    table.marks_put(&["the last record".to_owned()], at).await.unwrap();
    engine.forget_stream().unwrap();
    let run = async |command: &str| {
        let line = format!("{command} --account acme --from 2026-11-01 --to 2026-11-30");
        ops(&engine, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).await
    };

    let derived = run("rederive").await;
    assert_eq!(derived.status.code(), Some(0), "{}", printed(&derived));
    // The first click, the click's cohort, the shopper's entry, the order's credit.
    assert!(
        printed(&derived).contains("3 facts looked at, 4 items changed"),
        "{}",
        printed(&derived)
    );
    engine.forget_stream().unwrap();
    let counted = run("recount --repair").await;
    assert_eq!(counted.status.code(), Some(0), "{}", printed(&counted));
    for word in ["clickThrough", "totalClicks", "value BRL"] {
        assert!(printed(&counted).contains(word), "{word}: {}", printed(&counted));
    }
    let again = run("rederive --restart").await;
    assert!(printed(&again).contains("3 facts looked at, 0 items changed"), "{}", printed(&again));
    // A run of other days that somebody left unfinished gives way, and is told.
    let day = |text: &str| StoreDay::parse(text).unwrap();
    let left = Rederivation {
        id: "left".to_owned(),
        from: day("2026-10-01"),
        to: day("2026-10-31"),
        started_at: at,
        done: [0, 1].into(),
        tally: Rederived::default(),
    };
    table.rederivation_begin(&account, &left).await.unwrap();
    let told = printed(&run("rederive").await);
    assert!(told.contains("The run of 2026-10-01 to 2026-10-31 ends here: 2 of"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_a_bad_day_are_told() {
    let engine = table().await;
    for (line, told) in [
        ("recount --account nobody --from 2026-11-01 --to 2026-11-30", "no such account"),
        ("recount --account acme --from 2026-13-01 --to 2026-11-30", "--from"),
        ("rederive --account nobody --from 2026-11-01 --to 2026-11-30", "no such account"),
        ("replay --account NOBODY", "--account"),
    ] {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let refused = ops(&engine, &arguments).await;
        assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
        assert!(printed(&refused).contains(told), "{}", printed(&refused));
    }
}
