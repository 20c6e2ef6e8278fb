//! The command itself, as the README writes it: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::process::{Command, Output};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::Engine;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::Language;

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
        language: Language::PtBr,
        phone_number_ids: Vec::new(),
        store_url: StoreUrl::parse("https://shop.example").unwrap(),
        report_domains: None,
    };
    engine.table().account_write(&Account::parse("acme").unwrap(), &settings).await.unwrap();
    engine
}

async fn ops(engine: &Engine, arguments: &[String]) -> Output {
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
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
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
    assert_eq!(lines.len(), 3, "{lines:?}");

    let agrees = ops(&engine, of("recount")).await;
    assert_eq!(agrees.status.code(), Some(0), "{}", printed(&agrees));
    assert!(printed(&agrees).contains("0 rollups agree with 0 facts"), "{}", printed(&agrees));

    let replayed = ops(&engine, of("replay")).await;
    assert_eq!(replayed.status.code(), Some(0), "{}", printed(&replayed));
    assert!(printed(&replayed).contains("nothing is kept aside"), "{}", printed(&replayed));

    // A store that was never connected to VTEX has nothing to catch up with.
    let unconnected = ops(&engine, of("catch-up")).await;
    assert_eq!(unconnected.status.code(), Some(2), "{}", printed(&unconnected));
    assert!(!printed(&unconnected).contains("panicked"), "{}", printed(&unconnected));
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

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_and_a_bad_day_are_told() {
    let engine = table().await;
    for (line, told) in [
        ("recount --account nobody --from 2026-11-01 --to 2026-11-30", "no such account"),
        ("recount --account acme --from 2026-13-01 --to 2026-11-30", "--from"),
        ("replay --account NOBODY", "--account"),
    ] {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let refused = ops(&engine, &arguments).await;
        assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
        assert!(printed(&refused).contains(told), "{}", printed(&refused));
    }
}
