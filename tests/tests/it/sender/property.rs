//! Random histories of carts, orders, pauses, opt-outs and answers, with crashes after each write and two
//! senders on one shard: never two messages of one episode, and each episode one outcome.

use std::collections::{BTreeMap, BTreeSet};

use engine::dice::Dice;
use engine::faults::{Fault, Faults};
use engine::streams::FakeStream;
use shared::domain::facts::cart::{Beat, CartState, SendId};
use shared::domain::facts::contact::Opt;
use shared::domain::facts::decision::{Reason, SendOutcome, Verdict};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::answer::Answer;
use shared::domain::rules::contribution::Totals;
use shared::domain::values::campaign::CampaignStatus;
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::period::Period;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;

use super::stand_ins::StandIns;
use super::world::{World, acme, cart_id, content, form, minutes, of_cart, phone_key, tick};

/// Histories of one run.
const HISTORIES: u64 = 24;
/// Things that happen in one.
const STEPS: usize = 60;
const CARTS: u32 = 4;
const PHONES: [&str; 2] = ["+5511985550101", "+5511985550102"];

/// What Meta may say.
fn answers(mut dice: Dice) -> impl FnMut(&serde_json::Value) -> Option<Answer> + Send {
    move |_| match dice.below(12) {
        0 => Some(Answer::Silence),
        1 => Some(Answer::NoConnection),
        2 => Some(Answer::Code(130_429)),
        3 => Some(Answer::Code(131_026)),
        4 => Some(Answer::Code(132_015)),
        5 => Some(Answer::Code(131_042)),
        6 => Some(Answer::Code(999_999)),
        _ => None,
    }
}

/// A sender that may die, conflict or lose answers at any call.
async fn tick_with_faults(world: &World, dice: &mut Dice) {
    let faults = match dice.below(4) {
        0 => Faults::default(),
        1 => Faults::random(dice.fork(), 60),
        // A crash before or after one of its first writes.
        _ => {
            let (mut left, before) = (dice.below(24), dice.chance(500));
            Faults::planned(move |call| {
                if !call.is_write() {
                    return None;
                }
                let dies = left == 0;
                left = left.wrapping_sub(1);
                let fault = if before { Fault::CrashBefore } else { Fault::CrashAfter };
                dies.then_some(fault)
            })
        }
    };
    let deps = world.through(&faults);
    tokio::select! {
        // What fails for now is done by the next.
        _ = sender::handle(&deps, sender::SenderEvent { shards: (0..16).collect(), tick: None }, None) => {}
        () = faults.crashed() => {}
    }
}

/// Two senders of one shard at once: the lease of the first is thrown away.
async fn two_at_once(world: &World, dice: &mut Dice) {
    let shard = shared::domain::values::due_shard::DueShard::of(&acme());
    let slow = Faults::default();
    let hold =
        slow.hold(|call| call.operation == "TransactWriteItems" || call.operation == "PutItem");
    let deps = world.through(&slow);
    let first = tokio::spawn(async move { tick(&deps).await });
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let key = shared::store::key::Key::lease(shard);
    let client = &world.engine.client;
    let delete = client.delete_item().table_name(engine::TABLE_NAME);
    delete.set_key(Some(key.attributes())).send().await.unwrap();
    tick_with_faults(world, dice).await;
    hold.release();
    first.await.unwrap();
}

struct History {
    world: World,
    dice: Dice,
    /// Episodes that ever began, by cart.
    episodes: BTreeMap<OrderForm, BTreeSet<Instant>>,
}

impl History {
    async fn step(&mut self, step: usize) {
        let world = self.world.clone();
        let number = u32::try_from(self.dice.below(4)).unwrap() % CARTS;
        let cart = form(number);
        match self.dice.below(16) {
            0..=3 => {
                let phone = PHONES[self.dice.below(PHONES.len())];
                world.outside.fill(&cart, content(phone));
                // Also such as come late.
                let late = Span::seconds(i64::try_from(self.dice.below(600)).unwrap());
                let at = world.clock.now().minus(late);
                world.beat_at(&acme(), &cart, Beat { at, payment: self.dice.chance(900) }).await;
            }
            4 => {
                let status = if self.dice.chance(500) { "canceled" } else { "payment-pending" };
                let number = u32::try_from(step).unwrap();
                world.order(number, status, of_cart(&cart), world.clock.now()).await;
            }
            5 => {
                let status = if self.dice.chance(300) {
                    CampaignStatus::Paused
                } else {
                    CampaignStatus::Active
                };
                world.set_status("c1", status).await;
            }
            6 => {
                let opt = if self.dice.chance(400) { Opt::Out } else { Opt::In };
                let phone = Phone::parse(PHONES[self.dice.below(2)], CountryCode::BRAZIL).unwrap();
                let (contact, now) = (phone_key().contact(&phone), world.clock.now());
                world.table.contact_opt(&acme(), &contact, opt, now).await.unwrap();
            }
            7 => {
                let state = if self.dice.chance(300) {
                    TemplateState::Paused
                } else {
                    TemplateState::Approved
                };
                world.template_in(&acme(), state, world.clock.now()).await;
            }
            8 => {
                // A status of any message, also once more.
                let taken: Vec<SendId> = world.outside.taken().into_keys().collect();
                if let Some(send) = self.dice.pick(&taken) {
                    world.status_of(send).await;
                }
            }
            9 => two_at_once(&world, &mut self.dice).await,
            10 => world.pass(Span::hours(i64::try_from(self.dice.below(30)).unwrap())),
            _ => {
                world.pass(minutes(i64::try_from(self.dice.below(25)).unwrap() + 1));
                tick_with_faults(&world, &mut self.dice).await;
            }
        }
        self.note_episodes().await;
        self.nobody_is_written_to_twice().await;
    }

    async fn note_episodes(&mut self) {
        for number in 0..CARTS {
            let cart = form(number);
            let held = self.world.table.cart(&acme(), &cart_id(&cart)).await.unwrap();
            if let Some(held) = held {
                self.episodes.entry(cart).or_default().insert(held.cart.episode);
            }
        }
    }

    /// R16: of one episode Meta takes one message at most.
    async fn nobody_is_written_to_twice(&self) {
        let mut taken: BTreeMap<_, usize> = BTreeMap::new();
        for id in self.world.outside.taken().into_keys() {
            let send = self.world.table.send(&id).await.unwrap().unwrap();
            *taken.entry((send.cart, send.episode)).or_default() += 1;
        }
        assert!(taken.values().all(|messages| *messages == 1), "{taken:?}");
    }

    /// All that is open ends by itself.
    async fn settle(&mut self) {
        let world = self.world.clone();
        world.outside.answer(|_| None);
        world.set_status("c1", CampaignStatus::Active).await;
        world.template_in(&acme(), TemplateState::Approved, world.clock.now()).await;
        for _ in 0..120 {
            world.pass(Span::hours(1));
            world.tick().await;
        }
        self.note_episodes().await;
    }

    /// R14: each episode has exactly one decision, and the message that Meta took is the reminder of its.
    async fn every_episode_has_its_outcome(&self) {
        let world = &self.world;
        let mut reminded = 0;
        for (cart, episodes) in &self.episodes {
            for episode in episodes {
                let held = world.table.decision(&acme(), &cart_id(cart), *episode).await.unwrap();
                let held = held.unwrap_or_else(|| panic!("{cart:?} {episode} has no decision"));
                let accepted =
                    matches!(held.verdict, Verdict::Reminded { send: SendOutcome::Accepted, .. });
                let open = matches!(
                    held.verdict,
                    Verdict::Reminded { send: SendOutcome::Claimed | SendOutcome::Unknown, .. }
                );
                assert!(!open, "{cart:?} {episode} {held:?}");
                reminded += usize::from(accepted);
            }
            let last = world.cart(cart).await;
            let is_over = matches!(last.state, CartState::Closed | CartState::Unconfirmed);
            assert!(is_over, "{last:?}");
        }
        // Those of which an answer or a status told are counted, each once.
        let mut told = 0;
        for id in world.outside.taken().into_keys() {
            let send = world.table.send(&id).await.unwrap().unwrap();
            let Some(id) = &send.reminder_id else { continue };
            let digest = id.digest(&phone_key());
            let stored = world.table.reminder(&acme(), &digest).await.unwrap().unwrap();
            assert_eq!(stored.sent.unwrap().sent_at, send.decided_at);
            told += 1;
        }
        assert_eq!(told, reminded);
    }
}

impl History {
    /// R14: the rollups hold what the decisions say, and what was sent is counted as anybody's is.
    async fn figures_are_those_of_the_decisions(&self) {
        let world = &self.world;
        let mut shards = FakeStream::of(&world.engine, 3).unwrap();
        let rollup = rollup::Deps {
            table: world.table.clone(),
            clock: world.clock.clone(),
            single_shard: None,
        };
        loop {
            shards.pull().unwrap();
            let ready = shards.ready();
            let batches: Vec<_> =
                ready.iter().filter_map(|shard| shards.batch(*shard, 0, 10_000)).collect();
            if batches.is_empty() && shards.is_done() {
                break;
            }
            for batch in batches {
                let answer = rollup::handle(&rollup, batch.event.clone()).await.unwrap();
                shards.settle(&batch, &answer);
            }
        }
        let day = |text| StoreDay::parse(text).unwrap();
        let period = Period::new(day("2026-10-01"), day("2027-03-01")).unwrap();
        let mut counted = Totals::default();
        for (_, totals) in world.table.rollups(&acme(), period).await.unwrap() {
            counted.add(&totals, 1);
        }
        let (mut carts, mut reminded, mut accepted) = (0, 0, 0);
        for (cart, episodes) in &self.episodes {
            for episode in episodes {
                let held = world.table.decision(&acme(), &cart_id(cart), *episode).await.unwrap();
                let gone = Verdict::Skipped { reason: Reason::CartGone, held_by: None };
                let verdict = held.unwrap().verdict;
                carts += i64::from(verdict != gone);
                reminded += i64::from(matches!(verdict, Verdict::Reminded { .. }));
                let took = Verdict::Reminded { send: SendOutcome::Accepted, reason: None };
                accepted += i64::from(verdict == took);
            }
        }
        let funnel = &counted.funnel;
        assert_eq!((funnel.carts(), funnel.reminded, funnel.accepted), (carts, reminded, accepted));
        assert_eq!(counted.sent, accepted);
    }
}

async fn history(seed: u64) {
    let mut dice = Dice::new(seed);
    let world = World::open().await;
    world.outside.answer(answers(dice.fork()));
    let mut history = History { world, dice, episodes: BTreeMap::new() };
    for step in 0..STEPS {
        history.step(step).await;
    }
    history.settle().await;
    history.every_episode_has_its_outcome().await;
    history.figures_are_those_of_the_decisions().await;
}

#[test]
fn every_cart_has_exactly_one_outcome() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds = seed.map_or_else(|| (0..HISTORIES).collect::<Vec<_>>(), |seed| vec![seed]);
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

const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<StandIns>();
};
