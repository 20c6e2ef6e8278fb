//! The stream of a store's table, cut into shards, and the delivery of its records to the rollup.

use engine::faults::Faults;
use engine::streams::{Batch, FakeStream};
use rollup::Deps;
use shared::counting::erase::{EraseError, Erasing};
use shared::domain::facts::event::Event;
use shared::domain::facts::reminder::Reminder;
use shared::domain::values::account::Account;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::ids::{CampaignId, ClickId, LinkToken};
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::runtime::random::Randomness;
use shared::store::erasure::{Erasure, ErasureStatus};
use shared::store::links::Link;
use shared::store::stream::{StreamEvent, StreamResponse};
use shared::store::{StoreError, Table};

use super::functions::phone_key;
use super::{Store, facts};
use crate::stream::check::Snapshot;
use crate::stream::told::{account, days, group, reminder_id, token};

/// A stream and its store.
pub(crate) struct Stream {
    pub(crate) store: Store,
    pub(crate) shards: FakeStream,
}

/// What an outside world without any ingestion would tell.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// Of an account.
    Event(Account, Event),
    /// A link was minted.
    Minted(Account, LinkToken),
    /// A link was tapped.
    Tapped(LinkToken, Instant),
    /// The erasure of a shopper was asked for.
    Erase(Account, Identity, Instant),
}

impl Stream {
    /// The stream of a store that was never set up, long after its facts.
    pub(crate) async fn open(shards: u64) -> Self {
        let store = Store::unset().await.of(account().as_str());
        store.clock.set(days(60));
        Self::of(&store, shards)
    }

    pub(crate) fn of(store: &Store, shards: u64) -> Self {
        let shards = FakeStream::of(&store.engine, shards).unwrap();
        Self { store: store.clone(), shards }
    }

    /// What a rollup with this reach to the table is given.
    pub(crate) fn through(&self, table: Table) -> Deps {
        Deps { table, clock: self.store.clock.clone(), single_shard: None }
    }

    /// The same, its calls under `faults`.
    pub(crate) fn under(&self, faults: &Faults, attempts: u32) -> Deps {
        let engine = &self.store.engine;
        self.through(engine.table_through(faults.around(engine.http()), attempts))
    }

    /// Stores an event without faults.
    pub(crate) async fn tell(&self, event: Event) {
        self.store.tell(event).await;
    }

    pub(crate) async fn tell_all(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.tell(event).await;
        }
    }

    pub(crate) async fn mint(&self, name: &str) {
        let told = Told::Minted(self.store.account.clone(), token(name));
        write(&self.store.table, &told).await.unwrap();
    }

    pub(crate) async fn tap(&self, name: &str, at: Instant) {
        write(&self.store.table, &Told::Tapped(token(name), at)).await.unwrap();
    }

    /// Handles one event without faults.
    pub(crate) async fn handle(&self, event: StreamEvent) -> StreamResponse {
        rollup::handle(&self.through(self.store.table.clone()), event).await.unwrap()
    }

    /// All waiting records of all shards, one batch for each shard.
    pub(crate) fn batches(&mut self) -> Vec<Batch> {
        self.shards.pull().unwrap();
        let ready = self.shards.ready();
        ready.iter().filter_map(|shard| self.shards.batch(*shard, 0, 10_000)).collect()
    }

    /// The one waiting batch of a stream with one shard.
    pub(crate) fn batch(&mut self) -> Batch {
        let mut batches = self.batches();
        assert_eq!(batches.len(), 1);
        batches.remove(0)
    }

    /// Delivers everything, and what comes of it, until nothing is left.
    pub(crate) async fn drain(&mut self) {
        for _ in 0..200 {
            let batches = self.batches();
            if batches.is_empty() && self.shards.is_done() {
                return;
            }
            for batch in batches {
                let answer = self.handle(batch.event.clone()).await;
                assert_eq!(answer.batch_item_failures, [], "without faults nothing fails");
                self.shards.settle(&batch, &answer);
            }
        }
        panic!("derivations don't come to an end");
    }

    /// Delivers everything to a rollup that reaches the table through `deps`, and what comes of it; how
    /// many batches that took.
    pub(crate) async fn drain_through(&mut self, deps: &Deps) -> u64 {
        let mut handled = 0;
        loop {
            let batches = self.batches();
            if batches.is_empty() {
                return handled;
            }
            for batch in batches {
                let answer = rollup::handle(deps, batch.event.clone()).await.unwrap();
                self.shards.settle(&batch, &answer);
                handled += 1;
            }
        }
    }

    /// Delivers everything, then checks the table.
    pub(crate) async fn settle(&mut self) -> Snapshot {
        self.drain().await;
        let snapshot = Snapshot::of(&self.store.engine).await;
        snapshot.check();
        snapshot
    }

    /// The credit of an order: its kind, reminder, campaign and day, or none.
    pub(crate) async fn credit(&self, name: &str) -> Option<String> {
        let order = self.store.order(group(name).as_str()).await.unwrap();
        let credit = order.credit?;
        let reminder = self.store.table.reminder(&account(), &credit.reminder).await.unwrap();
        let id = reminder.and_then(|reminder| reminder.reminder_id);
        let name = id.as_ref().map_or("erased", |id| id.as_str().trim_start_matches("wamid."));
        Some(format!("{:?} {name} {} {}", credit.kind, credit.campaign_id, credit.day))
    }

    /// A reminder as the table holds it.
    pub(crate) async fn reminder(&self, name: &str) -> Reminder {
        self.store.reminder(reminder_id(name).as_str()).await.unwrap()
    }
}

/// Stores what was told as ingestion does.
pub(crate) async fn write(table: &Table, told: &Told) -> Result<(), StoreError> {
    match told {
        Told::Event(account, event) => facts::write(table, account, event).await,
        Told::Minted(account, token) => {
            // A link is minted once; a retry must not unbind it.
            if table.link(token).await?.is_none() {
                table.link_put(&link(account, token)).await?;
            }
            Ok(())
        }
        Told::Tapped(token, at) => tap(table, token, *at).await,
        Told::Erase(account, asked, at) => {
            let id = phone_key().digest_of(&format!("{}-{}-{at}", asked.kind(), asked.value()));
            let by = Some("ana".to_owned());
            let job = Erasure::requested(id.clone(), by, vec![asked.clone()], *at);
            table.erasure_request(account, &job).await?;
            erase(table, account, &id).await
        }
    }
}

/// Runs an erasure to its end, as the worker does.
pub(crate) async fn erase(table: &Table, account: &Account, id: &str) -> Result<(), StoreError> {
    let (key, randomness, clock) = (phone_key(), Randomness::system(), Clock::system());
    let erasing = Erasing { table, key: &key, randomness: &randomness, account, clock: &clock };
    loop {
        let job = table.erasure(account, id).await?.unwrap();
        if job.status == ErasureStatus::Done {
            return Ok(());
        }
        let next = match erasing.step(&job).await {
            Ok(Some(next)) => next,
            Ok(None) => Erasure {
                status: ErasureStatus::Done,
                asked: Vec::new(),
                values: Vec::new(),
                left: Vec::new(),
                ..job.clone()
            },
            Err(EraseError::Table(error)) => return Err(error),
            Err(error) => panic!("{error}"),
        };
        table.erasure_write(account, &job, next).await?;
    }
}

/// Runs all erasures to their end, those too that follow from others.
pub(crate) async fn erase_all(table: &Table) {
    loop {
        let open = table.erasures_open().await.unwrap();
        if open.is_empty() {
            return;
        }
        for (account, job) in open {
            erase(table, &account, &job.id).await.unwrap();
        }
    }
}

fn link(account: &Account, token: &LinkToken) -> Link {
    Link {
        token: token.clone(),
        account: account.clone(),
        campaign_id: CampaignId::parse("c1").unwrap(),
        url: "https://store.example/".to_owned(),
        created_at: days(-1),
        reminder: None,
        full: false,
    }
}

async fn tap(table: &Table, token: &LinkToken, at: Instant) -> Result<(), StoreError> {
    let Some(link) = table.link(token).await? else { return Ok(()) };
    if link.full {
        return Ok(());
    }
    let click_id = ClickId::of_link(token, at.seconds());
    match link.reminder {
        None => table.early_click_write(token, &click_id, at).await?,
        Some(reminder) => {
            let tap = (&click_id, at);
            table.click_write_by_link(&link.account, &reminder, token, tap).await?
        }
    };
    Ok(())
}
