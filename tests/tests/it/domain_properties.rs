//! R1-R10 on the pure domain: for random histories, arriving in any order and partly twice, it
//! answers what the naive model answers.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use chrono::{DateTime, Utc};
use proptest::prelude::{ProptestConfig, Strategy, prop_oneof};
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestCaseError, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use shared::domain::values::identity::PhoneKey;
use tests::answer::{Metrics, Numbers, Question};
use tests::history::{History, Setting, histories};
use tests::model::Model;
use tests::pure_engine::PureEngine;

/// Histories of one run of the whole suite.
const HISTORIES: u32 = 10_000;
/// Tests that share them: they run side by side.
const SLICES: u32 = 4;
/// Where the seeds of histories that once failed are kept; they run first.
const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/domain_properties.txt");

#[test]
fn the_domain_answers_as_the_model_does_1() {
    check_slice(1);
}

#[test]
fn the_domain_answers_as_the_model_does_2() {
    check_slice(2);
}

#[test]
fn the_domain_answers_as_the_model_does_3() {
    check_slice(3);
}

#[test]
fn the_domain_answers_as_the_model_does_4() {
    check_slice(4);
}

fn check_slice(slice: u64) {
    // Another seed each time; `PROPTEST_RNG_SEED` repeats a run.
    let mut config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(std::process::id()),
    };
    config.cases = HISTORIES.div_ceil(SLICES);
    // Other histories than the other slices', also where the seed is given.
    config.rng_seed = RngSeed::Fixed(seed.wrapping_add(slice));
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS)));
    let outcome = TestRunner::new(config).run(&all_histories(), |history| check(&history));
    if let Err(error) = outcome {
        panic!("PROPTEST_RNG_SEED={seed} repeats this: {error}");
    }
}

/// Histories of two years: Brazil and Samoa change their clocks in one, Chile and Portugal in both.
pub fn all_histories() -> impl Strategy<Value = History> {
    let of = |now: &str| {
        let now: DateTime<Utc> = now.parse().unwrap();
        histories(Setting { now, nameless: true, opt_outs: true })
    };
    prop_oneof![of("2026-11-22T12:00:00Z"), of("2019-04-20T12:00:00Z")]
}

fn check(history: &History) -> Result<(), TestCaseError> {
    let (model, engine) = (model(history), engine(history));
    prop_assert_eq!(engine.credits(), model.credits());
    for question in history.questions() {
        let (metrics, expected) = (engine.metrics(&question), model.metrics(&question));
        // The smallest thing that differs first: it is what a failure prints.
        for (day, expected) in metrics.days.iter().zip(&expected.days) {
            prop_assert_eq!(day, expected);
        }
        prop_assert_eq!(&metrics.totals, &expected.totals);
        prop_assert_eq!(&metrics, &expected);
        check_invariants(&metrics)?;
        prop_assert_eq!(engine.csv(&question), model.csv(&question));
        check_report(&engine, &question, &metrics)?;
    }
    Ok(())
}

pub fn model(history: &History) -> Model {
    let key = key();
    let digest = |text: &str| key.digest_of(text);
    Model::new(history.zone, &history.campaigns, &history.events, &digest)
}

pub fn engine(history: &History) -> PureEngine {
    let key = key();
    let mut engine = PureEngine::new(history.zone, &history.campaigns, key.clone());
    for (turn, event) in history.arriving().enumerate() {
        // What was credited and counted in between has to be taken back.
        if turn == history.arrivals.len() / 2 {
            engine.derive();
        }
        engine.fold(&event.to_domain(&key));
    }
    engine.derive();
    engine
}

fn key() -> PhoneKey {
    PhoneKey::new("a secret of the tests")
}

/// R3, R4, R9: what holds among the numbers of any answer.
fn check_invariants(metrics: &Metrics) -> Result<(), TestCaseError> {
    let days = metrics.days.iter().map(|day| &day.numbers);
    let campaigns = metrics.campaigns.iter().map(|campaign| &campaign.numbers);
    for n in days.clone().chain(campaigns).chain([&metrics.totals]) {
        prop_assert!(n.sent >= n.delivered && n.delivered >= n.read, "R3: {:?}", n);
        // Each shopper who clicked did so on a reminder, which thereby is read.
        prop_assert!(n.read >= n.unique_clicks && n.total_clicks >= n.unique_clicks, "R4: {:?}", n);
        prop_assert!(n.sent - n.delivered >= n.failed, "R3: {:?}", n);
        let conversions = &n.conversions;
        prop_assert_eq!(conversions.total, conversions.assisted + conversions.click_through, "R9");
    }
    let sum = |number: fn(&Numbers) -> i64| days.clone().map(number).sum::<i64>();
    let totals = &metrics.totals;
    prop_assert_eq!(sum(|n| n.sent), totals.sent, "R1");
    prop_assert_eq!(sum(|n| n.total_clicks), totals.total_clicks, "R1");
    prop_assert_eq!(sum(|n| n.opt_outs), totals.opt_outs, "R1");
    prop_assert_eq!(sum(|n| n.conversions.total), totals.conversions.total, "R1");
    prop_assert!(sum(|n| n.unique_clicks) >= totals.unique_clicks, "R4");
    Ok(())
}

/// R9: the rows are the conversions, and add up to their value.
fn check_report(
    engine: &PureEngine,
    question: &Question,
    metrics: &Metrics,
) -> Result<(), TestCaseError> {
    let rows = engine.rows(question);
    prop_assert_eq!(i64::try_from(rows.len()).unwrap(), metrics.totals.conversions.total, "R9");
    let mut sums = BTreeMap::new();
    for row in &rows {
        *sums.entry(row.total().currency.clone()).or_insert(0) += row.total().minor_units;
    }
    let values: Vec<(String, String)> = sums
        .iter()
        .filter(|(_, sum)| **sum != 0)
        .map(|(currency, sum)| (currency.to_string(), currency.decimal(*sum, '.')))
        .collect();
    let told = metrics.totals.conversion_value.iter();
    let told: Vec<_> = told.map(|v| (v.currency.clone(), v.amount.clone())).collect();
    prop_assert_eq!(values, told, "R9");
    Ok(())
}
