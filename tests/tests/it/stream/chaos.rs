//! A stream delivered as badly as it can be: writers and invocations side by side, faults in their
//! calls, batches cut anywhere, shards that split, invocations that time out and go on, batches
//! that come again long after.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use engine::dice::Dice;
use engine::faults::{Faults, Hold};
use engine::streams::Batch;
use shared::store::stream::{StreamEvent, StreamResponse};
use tokio::task::JoinSet;

use crate::store::stream::{Stream, Told, write};

/// Faults in 1,000 calls of a writer, and of an invocation.
const WRITER_FAULTS: usize = 60;
const INVOCATION_FAULTS: usize = 15;
/// Turns after which the rest goes well.
const TURNS: usize = 400;
/// Side by side, as concurrency of a function allows.
const AT_ONCE: usize = 6;

/// What happened, for the reader of a failure, and to see that it happened at all.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub writes_failed: usize,
    pub invocations: usize,
    pub invocations_failed: usize,
    pub batches_failed: usize,
    pub timed_out: usize,
    pub replayed: usize,
    pub splits: usize,
}

enum Ended {
    Write(Told, bool),
    /// Of an invocation that the mapping waits for, or has given up.
    Invocation(Option<Batch>, Option<StreamResponse>),
}

struct Chaos<'a> {
    stream: &'a mut Stream,
    weather: Weather,
    dice: Dice,
    waiting: VecDeque<Told>,
    running: JoinSet<Ended>,
    /// Shards whose batch is under way: the mapping sends one at a time.
    busy: BTreeSet<String>,
    holds: Vec<Hold>,
    old: Vec<StreamEvent>,
    tally: Tally,
}

/// How a history is told and delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Side by side, in shards and batches cut anywhere, but each record once: what a record
    /// should have derived is derived by no other delivery of it.
    Calm,
    /// With faults, crashes and everything delivered again.
    Storm,
}

/// Tells a history and delivers what comes of it; in a storm both badly. At the end everything
/// was told and nobody is still at work. Returns old batches, too, to be delivered once more.
pub async fn run(
    stream: &mut Stream,
    weather: Weather,
    dice: Dice,
    history: &[Told],
) -> (Tally, Vec<StreamEvent>) {
    let mut chaos = Chaos {
        stream,
        weather,
        dice,
        waiting: history.iter().cloned().collect(),
        running: JoinSet::new(),
        busy: BTreeSet::new(),
        holds: Vec::new(),
        old: Vec::new(),
        tally: Tally::default(),
    };
    for _ in 0..TURNS {
        chaos.turn();
        chaos.wait().await;
        chaos.collect();
        if chaos.waiting.is_empty() && chaos.running.is_empty() && chaos.stream.shards.is_done() {
            break;
        }
    }
    chaos.end().await;
    (chaos.tally, chaos.old)
}

impl Chaos<'_> {
    fn turn(&mut self) {
        self.stream.shards.pull().unwrap();
        match self.dice.below(20) {
            0..=7 if self.running.len() < AT_ONCE => self.write(),
            8..=16 if self.running.len() < AT_ONCE => self.deliver(),
            17 if self.storms() => self.replay(),
            18 if self.tally.splits < 2 => self.split(),
            _ => self.release(),
        }
    }

    fn write(&mut self) {
        let Some(told) = self.waiting.pop_front() else { return };
        let faults = self.faults(WRITER_FAULTS);
        let attempts = self.attempts();
        let table = self.stream.under(&faults, attempts).table;
        self.running.spawn(async move {
            let stored = tokio::select! {
                biased;
                stored = write(&table, &told) => stored.is_ok(),
                () = faults.crashed() => false,
            };
            Ended::Write(told, stored)
        });
    }

    fn deliver(&mut self) {
        let ready = self.stream.shards.ready();
        let Some(shard) = self.dice.pick(&ready) else { return };
        let again = if self.storms() { self.dice.below(4) } else { 0 };
        let length = 1 + self.dice.below(15);
        let Some(batch) = self.stream.shards.batch(*shard, again, length) else { return };
        if self.busy.contains(batch.event.shard_id.as_deref().unwrap()) {
            return;
        }
        let faults = self.faults(INVOCATION_FAULTS);
        let times_out = self.storms() && self.dice.chance(120);
        if times_out {
            // The mapping has given it up already: a successor may start at once.
            let from = self.dice.below(30);
            self.holds.push(faults.hold(move |call| call.number >= from));
            self.tally.timed_out += 1;
        } else {
            self.busy.insert(batch.event.shard_id.clone().unwrap());
        }
        self.old.push(batch.event.clone());
        self.invoke(faults, batch.event.clone(), (!times_out).then_some(batch));
    }

    fn invoke(&mut self, faults: Faults, event: StreamEvent, waits: Option<Batch>) {
        self.tally.invocations += 1;
        let attempts = self.attempts();
        let deps = self.stream.under(&faults, attempts);
        self.running.spawn(async move {
            let answer = tokio::select! {
                biased;
                answer = rollup::handle(&deps, event) => answer.ok(),
                () = faults.crashed() => None,
            };
            Ended::Invocation(waits, answer)
        });
    }

    fn storms(&self) -> bool {
        self.weather == Weather::Storm
    }

    fn faults(&mut self, per_mille: usize) -> Faults {
        Faults::random(self.dice.fork(), if self.storms() { per_mille } else { 0 })
    }

    /// Whether the SDK tries again by itself.
    fn attempts(&mut self) -> u32 {
        if self.dice.chance(500) { 1 } else { 3 }
    }

    fn replay(&mut self) {
        let Some(event) = self.dice.pick(&self.old).cloned() else { return };
        let faults = self.faults(INVOCATION_FAULTS);
        self.tally.replayed += 1;
        self.invoke(faults, event, None);
    }

    fn split(&mut self) {
        let open = self.stream.shards.open();
        if let Some(shard) = self.dice.pick(&open) {
            self.stream.shards.split(*shard);
            self.tally.splits += 1;
        }
    }

    fn release(&mut self) {
        if !self.holds.is_empty() {
            let which = self.dice.below(self.holds.len());
            self.holds.swap_remove(which).release();
        }
    }

    /// Others take their turns.
    async fn wait(&mut self) {
        if self.dice.chance(200) {
            tokio::time::sleep(Duration::from_millis(self.dice.next() % 40)).await;
        }
        for _ in 0..self.dice.below(25) {
            tokio::task::yield_now().await;
        }
    }

    fn collect(&mut self) {
        while let Some(ended) = self.running.try_join_next() {
            self.take(ended.unwrap());
        }
    }

    fn take(&mut self, ended: Ended) {
        match ended {
            Ended::Write(_, true) => {}
            // Nobody was told that it is stored: it comes again.
            Ended::Write(told, false) => {
                self.tally.writes_failed += 1;
                self.waiting.push_back(told);
            }
            Ended::Invocation(waits, answer) => {
                self.tally.invocations_failed += usize::from(answer.is_none());
                let Some(batch) = waits else { return };
                self.busy.remove(batch.event.shard_id.as_deref().unwrap());
                if let Some(answer) = answer {
                    self.tally.batches_failed +=
                        usize::from(!answer.batch_item_failures.is_empty());
                    self.stream.shards.settle(&batch, &answer);
                }
            }
        }
    }

    /// Nothing fails any more: what is left is told, and nobody is still on his way.
    async fn end(&mut self) {
        for hold in self.holds.drain(..) {
            hold.release();
        }
        while let Some(ended) = self.running.join_next().await {
            self.take(ended.unwrap());
        }
        while let Some(told) = self.waiting.pop_front() {
            write(&self.stream.store.table, &told).await.unwrap();
        }
    }
}
