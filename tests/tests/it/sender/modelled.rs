//! Sound histories against the naive model of carts, gates and sends: each episode's outcome, reason, day and campaign,
//! and the whole funnel of each day and campaign.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use engine::dice::Dice;
use shared::domain::facts::cart::CartState;
use shared::domain::facts::decision::Decision;
use shared::domain::rules::answer::Answer;
use shared::domain::rules::contribution::Funnel;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::CartId;
use tests::model::carts::{CartModel, FunnelNumbers, Given, Outcome};
use tests::raw_cart::{Happened, RawAnswer};

use super::property::each_of;
use super::property::invariants::counted;
use super::world::{World, acme, cart_id, form, send_id};
use drawn::CARTS;

pub(super) mod apply;
pub(super) mod drawn;

/// Histories of one run.
const HISTORIES: u64 = 40;

/// What Meta answers, and whether it takes the message all the same.
const fn told(answer: RawAnswer) -> (Option<Answer>, bool) {
    match answer {
        RawAnswer::Took => (None, true),
        RawAnswer::Silence(took) => (Some(Answer::Silence), took),
        RawAnswer::NoConnection => (Some(Answer::NoConnection), false),
        RawAnswer::Refused(code) => (Some(Answer::Code(code)), false),
        RawAnswer::Odd(code, took) => (Some(Answer::Code(code)), took),
    }
}

/// A number that stays with the cart: as the sender spreads them.
fn spread(cart: usize) -> u64 {
    let id = id_of(cart);
    id.as_str().bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn id_of(cart: usize) -> CartId {
    cart_id(&form(u32::try_from(cart).unwrap()))
}

/// A store to which all of it happens.
pub(super) async fn live(happened: &[Happened], answers: &[RawAnswer]) -> World {
    let world = World::open().await;
    let (answers, took) = (answers.to_vec(), Arc::new(Mutex::new(false)));
    let (mut next, falls) = (answers.into_iter(), Arc::clone(&took));
    world.outside.answer(move |_| {
        let (answer, taken) = told(next.next().unwrap());
        *took.lock().unwrap() = taken;
        answer
    });
    world.outside.toss(move || *falls.lock().unwrap());
    apply::set_up(&world).await;
    for happened in happened {
        apply::one(&world, happened).await;
    }
    world
}

/// A decision in the words of the model.
fn outcome(held: &Decision) -> Outcome {
    let json = serde_json::to_value(held).unwrap();
    let word = |field: &str| {
        let word = json[field].as_str()?;
        // The model's words are its own: they live as long as the test.
        Some(&*Box::leak(word.to_owned().into_boxed_str()))
    };
    Outcome {
        outcome: word("outcome").unwrap(),
        send: word("send"),
        reason: word("reason"),
        held_by: word("heldBy"),
        day: held.day.to_string(),
        campaign: word("campaignId"),
        counts: !held.counts_nowhere(),
    }
}

fn numbers(funnel: &Funnel) -> FunnelNumbers {
    let skipped = funnel.skipped.iter().map(|(reason, count)| (reason.word(), *count));
    FunnelNumbers {
        skipped: skipped.collect(),
        reminded: funnel.reminded,
        accepted: funnel.accepted,
        rejected: funnel.rejected,
        unknown: funnel.unknown,
        unconfirmed: funnel.unconfirmed,
    }
}

/// What the model expects, and what is there.
async fn compare(world: &World, model: &CartModel<'_>) {
    let mut expected: BTreeMap<(usize, i64), Outcome> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for ((cart, began), outcome) in model.outcomes() {
        expected.insert((*cart, *began), outcome.clone());
    }
    let waiting = model.waiting();
    for key in expected.keys().chain(waiting.keys()) {
        let (cart, began) = (id_of(key.0), Instant::from_millis(key.1));
        let held = world.table.decision(&acme(), &cart, began).await.unwrap();
        if let Some(held) = held {
            found.insert(*key, self::outcome(&held));
        }
    }
    let mut sent = Vec::new();
    for message in world.outside.messages() {
        let claimed = world.table.send(&send_id(&message)).await.unwrap().unwrap();
        sent.push((0..CARTS).find(|cart| id_of(*cart) == claimed.cart).unwrap());
    }
    assert_eq!(sent, model.messages(), "the messages");
    assert_eq!(found, expected, "the outcomes");
    for cart in 0..CARTS {
        let Some(held) = world.table.cart(&acme(), &id_of(cart)).await.unwrap() else { continue };
        let held = held.cart;
        let is_open = matches!(held.state, CartState::Waiting | CartState::Unknown);
        let due = waiting.get(&(cart, held.episode.millis())).copied();
        assert_eq!(due, is_open.then_some(held.due_at.millis()), "cart {cart} {held:?}");
    }
    let (funnels, accepted) = counted(world).await;
    let funnels: BTreeMap<_, _> =
        funnels.iter().map(|(at, funnel)| (at.clone(), numbers(funnel))).collect();
    assert_eq!(funnels, model.funnel(), "the funnel");
    let sent: i64 = funnels.values().map(|line| line.accepted).sum();
    assert_eq!(sent, accepted, "what was sent is counted as anybody's is");
}

async fn history(seed: u64) {
    let mut dice = Dice::new(seed);
    let (happened, answers) = drawn::history(&mut dice);
    let world = live(&happened, &answers).await;
    let mut order: Vec<usize> = (0..CARTS).collect();
    order.sort_by_key(|cart| id_of(*cart));
    let given = Given {
        zone: chrono_tz::Tz::America__Sao_Paulo,
        language: "pt-BR",
        order,
        spread: &spread,
        answers: &answers,
        cooldown_hours: 24,
    };
    let model = CartModel::of(given, &happened);
    if std::env::var("SEED").is_ok() {
        for happened in &happened {
            println!("{} {:?}", Instant::from_millis(happened.at), happened.what);
        }
        println!("{answers:?}");
    }
    compare(&world, &model).await;
}

#[test]
fn every_outcome_is_the_naive_models() {
    each_of(1_000, HISTORIES, history);
}

/// A generator that forgot a reason would test less.
#[test]
fn histories_end_in_every_way() {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1_000..1_400 {
        let (happened, answers) = drawn::history(&mut Dice::new(seed));
        let given = Given {
            zone: chrono_tz::Tz::America__Sao_Paulo,
            language: "pt-BR",
            order: (0..CARTS).collect(),
            spread: &|cart| cart as u64,
            answers: &answers,
            cooldown_hours: 24,
        };
        for outcome in CartModel::of(given, &happened).outcomes().values() {
            let reason = outcome.reason.or(outcome.send).unwrap();
            *reasons.entry(format!("{} {reason}", outcome.outcome)).or_default() += 1;
        }
    }
    println!("{reasons:?}");
    for reason in [
        "skipped expired",
        "skipped already-reminded",
        "skipped purchased",
        "skipped cart-gone",
        "skipped cart-empty",
        "skipped no-campaign",
        "skipped payment-not-reached",
        "skipped template-rejected",
        "skipped no-phone",
        "skipped phone-masked",
        "skipped phone-invalid",
        "skipped country-unsupported",
        "skipped no-consent",
        "skipped opted-out",
        "skipped suppressed",
        "skipped currency-unlisted",
        "skipped below-minimum",
        "skipped cooldown",
        "reminded accepted",
        "reminded unconfirmed",
        "reminded suppressed",
    ] {
        assert!(reasons.contains_key(reason), "{reason}: {reasons:?}");
    }
}
