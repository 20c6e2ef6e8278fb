//! Random histories of carts and all that decides over them, in which every call may fail or die at any of its writes
//! and two senders may have one shard: never two messages of one episode, none to a contact within its cooldown, and
//! each episode one outcome, counted where it belongs.

use std::collections::BTreeMap;

use engine::dice::Dice;
use shared::domain::facts::template::TemplateState;
use shared::domain::values::campaign::{CampaignEdit, CampaignStatus};
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::span::Span;

use super::world::{World, acme, form, minutes};
use happenings::{CARTS, History, answers, run};

mod deaths;
pub(super) mod happenings;
pub(super) mod invariants;
mod providers;
mod stage;

/// Histories of one run.
const HISTORIES: u64 = 24;
/// Things that happen in one.
const STEPS: u32 = 60;
/// Runs until nothing is due any more at most.
const RUNS: usize = 400;

/// All that is open ends by itself, once everything that holds carts back is over.
pub(super) async fn settle(world: &World) {
    world.outside.answer(|_| None);
    world.outside.open(&acme());
    world.set_enabled(true).await;
    world.set_hours(stage::always()).await;
    world.limit(DailyLimit::People(100_000)).await;
    for id in stage::CAMPAIGNS {
        let status = Some(CampaignStatus::Active);
        world.edit(id, CampaignEdit { status, ..CampaignEdit::default() }).await;
    }
    for language in stage::LANGUAGES {
        let told = (TemplateState::Approved, world.clock.now());
        world.template_of(&acme(), language, told).await;
    }
    for _ in 0..RUNS {
        if !next_due(world, Span::days(60)).await {
            return;
        }
        run(&world.deps).await;
    }
    panic!("something is due for ever");
}

/// Passes to the next instant at which anything is due within `span`; `false` where nothing is. What is due at once
/// already is left six minutes: answers count as lost then.
async fn next_due(world: &World, span: Span) -> bool {
    let (now, shard) = (world.clock.now(), DueShard::of(&acme()));
    let page = world.table.due_page(shard, now.plus(span), None).await.unwrap();
    let Some(first) = page.pointers.first() else { return false };
    world.clock.set(if first.key.due_at > now { first.key.due_at } else { now.plus(minutes(6)) });
    true
}

async fn history(seed: u64) {
    let mut dice = Dice::new(seed);
    let world = World::open().await;
    stage::set(&world, &mut dice).await;
    world.outside.answer(answers(dice.fork()));
    let mut coin = dice.fork();
    world.outside.toss(move || coin.chance(500));
    let mut history = History { world, dice, episodes: BTreeMap::new(), erased: None };
    for step in 0..STEPS {
        history.step(step).await;
        history.nobody_is_written_to_twice().await;
    }
    settle(&history.world).await;
    for number in 0..CARTS {
        history.note_episodes(&form(number)).await;
    }
    history.nobody_is_written_to_twice().await;
    history.every_episode_has_its_outcome().await;
    history.figures_are_those_of_the_decisions().await;
}

/// Runs histories whose seeds begin with `first`, or the one that `SEED` names.
pub(super) fn each_of(first: u64, histories: u64, history: impl AsyncFn(u64)) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds =
        seed.map_or_else(|| (first..first + histories).collect::<Vec<_>>(), |seed| vec![seed]);
    for seed in seeds {
        println!("SEED={seed}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(history(seed));
    }
}

#[test]
fn every_cart_has_exactly_one_outcome() {
    each_of(0, HISTORIES, history);
}
