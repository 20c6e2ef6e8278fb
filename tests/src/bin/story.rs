//! Prints a random history and what the naive model answers, as JSON, for a driver that is not
//! written in Rust: the deployment rehearsal.
//!
//! `story SEED [CAMPAIGN ID]…`: without ids the history has its own, which tells how many a store
//! needs; with the ids that a server gave them, the answers are the server's.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of the tests: it stops at the first surprise, and prints"
)]

use chrono::{DurationRound as _, TimeDelta, Utc};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};
use shared::domain::values::identity::PhoneKey;
use tests::answer::Question;
use tests::history::{Setting, histories};
use tests::model::Model;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().unwrap().parse().unwrap();
    let campaigns: Vec<String> = arguments.collect();

    // Within one day the same seed is the same history.
    let now = Utc::now().duration_trunc(TimeDelta::days(1)).unwrap();
    let config = Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let strategy = histories(Setting { now, nameless: false, opt_outs: false });
    let mut history = strategy.new_tree(&mut TestRunner::new(config)).unwrap().current();
    if !campaigns.is_empty() {
        history = history.with_campaigns(&campaigns);
    }

    let key = PhoneKey::new(std::env::var("PHONE_KEY_SECRET").unwrap());
    let digest = |text: &str| key.digest_of(text);
    let model = Model::new(history.zone, &history.campaigns, &history.events, &digest);
    let events: Vec<Value> = history
        .arriving()
        .enumerate()
        .map(|(number, event)| event.to_cloud_event(&format!("event-{number}")))
        .collect();
    let asked = |question: &Question| {
        json!({
            "from": question.from, "to": question.to, "campaignId": question.campaign_id,
            "metrics": model.metrics(question), "csv": model.csv(question),
        })
    };
    let story = json!({
        "timeZone": history.zone.name(),
        "campaigns": history.campaigns,
        "events": events,
        "questions": history.questions().iter().map(asked).collect::<Vec<_>>(),
    });
    println!("{story}");
}
