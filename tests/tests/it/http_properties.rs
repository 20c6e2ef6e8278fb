//! R1-R12 over HTTP: random histories, sent to two stores in two orders, cut into batches in two
//! ways and partly twice, answer what the naive model answers.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::hash::{BuildHasher as _, RandomState};
use tests::history::{History, Setting, histories};
use tests::model::Model;
use tests::raw_event::RawEvent;

use crate::stack::{Running, Store, comparable, keyed_digest};

/// Histories of one run. Each is two stores' whole life over HTTP, about two seconds.
const HISTORIES: usize = 52;
/// Tests that share them: they run side by side.
const SLICES: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_answer_as_the_model_does_1() {
    check_slice(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_answer_as_the_model_does_2() {
    check_slice(2).await;
}

async fn check_slice(slice: u64) {
    let mut config = Config::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(std::process::id()),
    };
    println!("PROPTEST_RNG_SEED={seed} repeats this run");
    // Other histories than the other slice's, also where the seed is given.
    config.rng_seed = RngSeed::Fixed(seed.wrapping_add(slice));
    let mut runner = TestRunner::new(config);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let strategy = histories(Setting { now, nameless: false, opt_outs: false });
    let running = Running::start().await;
    for number in 0..HISTORIES.div_ceil(SLICES) {
        let history = strategy.new_tree(&mut runner).unwrap().current();
        check(&running, number, history).await;
    }
}

async fn check(running: &Running, number: usize, history: History) {
    let zone = history.zone.name();
    let as_told = running.store(&format!("told-{number}"), zone, history.campaigns.len()).await;
    let backwards = running.store(&format!("back-{number}"), zone, history.campaigns.len()).await;

    // One store hears it as it comes, in batches of seven; the other backwards, in twenties.
    let told = history.clone().with_campaigns(&as_told.campaigns);
    let arriving: Vec<RawEvent> = told.arriving().cloned().collect();
    for batch in arriving.chunks(7) {
        as_told.send(batch).await;
    }
    let back = history.clone().with_campaigns(&backwards.campaigns);
    let mut reversed: Vec<RawEvent> = back.arriving().cloned().collect();
    reversed.reverse();
    for batch in reversed.chunks(20) {
        backwards.send(batch).await;
    }
    running.drain().await;

    // Two stores: a tie is settled by a digest of the data, which hold the store's own campaign ids.
    let files = compare(&as_told, &told).await;
    let other = compare(&backwards, &back).await;
    assert!(files.0 != other.0 || files.1 == other.1, "{history:?}");
}

/// Compares a store with the model; the answer is its own report of the whole range, as CSV and as a
/// workbook.
async fn compare(store: &Store<'_>, history: &History) -> (String, Vec<u8>) {
    let model = Model::new(history.zone, &history.campaigns, &history.events, &keyed_digest);
    for question in history.questions() {
        let (expected, answered) =
            comparable(&model.metrics(&question), store.metrics(&question).await);
        assert_eq!(answered, expected, "{question:?}\n{history:?}");
    }
    let everything = &history.questions()[0];
    let csv = store.report(everything).await;
    assert_eq!(csv, model.csv(everything), "{history:?}");
    (csv, store.workbook(everything).await)
}
