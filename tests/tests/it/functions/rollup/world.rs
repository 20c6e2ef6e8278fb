//! A store's table, the writing of facts as ingestion does it, and the delivery of their records.

use engine::Engine;
use engine::faults::Faults;
use engine::streams::{Batch, FakeStream};
use rollup::Deps;
use shared::domain::facts::event::Event;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{CampaignId, ClickId, LinkToken};
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::store::facts::SentWritten;
use shared::store::links::Link;
use shared::store::orders::OrderWritten;
use shared::store::stream::{StreamEvent, StreamResponse};
use shared::store::{StoreError, Table};

use crate::functions::rollup::told::{ZONE, account, days, reminder_id, token};

pub struct World {
    pub engine: Engine,
    pub table: Table,
    pub stream: FakeStream,
}

/// What an outside world without any ingestion would tell.
#[derive(Debug, Clone)]
pub enum Told {
    /// Of an account.
    Event(Account, Event),
    /// A link was minted.
    Minted(Account, LinkToken),
    /// A link was tapped.
    Tapped(LinkToken, Instant),
}

impl World {
    pub async fn new(shards: u64) -> Self {
        let engine = Engine::within().await.unwrap();
        let stream = FakeStream::of(&engine, shards).unwrap();
        Self { table: engine.table(), engine, stream }
    }

    /// What the rollup is given, its calls under `faults`.
    pub fn deps(&self, faults: &Faults, attempts: u32) -> Deps {
        let table = self.engine.table_through(faults.around(self.engine.http()), attempts);
        deps(table)
    }

    /// Stores an event without faults.
    pub async fn tell(&self, event: Event) {
        store(&self.table, &Told::Event(account(), event)).await.unwrap();
    }

    pub async fn tell_all(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.tell(event).await;
        }
    }

    pub async fn mint(&self, name: &str) {
        store(&self.table, &Told::Minted(account(), token(name))).await.unwrap();
    }

    pub async fn tap(&self, name: &str, at: Instant) {
        store(&self.table, &Told::Tapped(token(name), at)).await.unwrap();
    }

    /// Handles one event without faults.
    pub async fn handle(&self, event: StreamEvent) -> StreamResponse {
        rollup::handle(&deps(self.table.clone()), event).await.unwrap()
    }

    /// All waiting records of all shards, one batch for each shard.
    pub fn batches(&mut self) -> Vec<Batch> {
        self.stream.pull().unwrap();
        let ready = self.stream.ready();
        ready.iter().filter_map(|shard| self.stream.batch(*shard, 0, 10_000)).collect()
    }

    /// The one waiting batch of a stream with one shard.
    pub fn batch(&mut self) -> Batch {
        let mut batches = self.batches();
        assert_eq!(batches.len(), 1);
        batches.remove(0)
    }

    /// Delivers everything, and what comes of it, until nothing is left.
    pub async fn drain(&mut self) {
        for _ in 0..200 {
            let batches = self.batches();
            if batches.is_empty() && self.stream.is_done() {
                return;
            }
            for batch in batches {
                let answer = self.handle(batch.event.clone()).await;
                assert_eq!(answer.batch_item_failures, [], "without faults nothing fails");
                self.stream.settle(&batch, &answer);
            }
        }
        panic!("derivations don't come to an end");
    }

    /// Delivers everything, then checks the table.
    pub async fn settle(&mut self) -> crate::functions::rollup::check::Snapshot {
        self.drain().await;
        let snapshot = crate::functions::rollup::check::Snapshot::of(&self.engine).await;
        snapshot.check();
        snapshot
    }
}

pub fn deps(table: Table) -> Deps {
    Deps { table, clock: Clock::fixed(days(60)), single_shard: None }
}

/// Stores what was told as ingestion does.
pub async fn store(table: &Table, told: &Told) -> Result<(), StoreError> {
    match told {
        Told::Event(account, Event::Sent(event)) => {
            let written = table.reminder_write_details(account, event, ZONE).await?;
            assert!(matches!(written, SentWritten::Written(_)), "its link is its own");
        }
        Told::Event(account, Event::Status(event)) => {
            table.reminder_write_receipt(account, event).await?;
        }
        Told::Event(account, Event::Clicked(event)) => {
            table.click_write(account, event).await?;
        }
        Told::Event(account, Event::Order(event)) => {
            let written = table.order_fold(account, event).await?;
            assert!(matches!(written, OrderWritten::Written(_)), "it stays within its limits");
        }
        Told::Minted(account, token) => {
            // A link is minted once; a retry must not unbind it.
            if table.link(token).await?.is_none() {
                table.link_put(&link(account, token)).await?;
            }
        }
        Told::Tapped(token, at) => tap(table, token, *at).await?,
    }
    Ok(())
}

fn link(account: &Account, token: &LinkToken) -> Link {
    Link {
        token: token.clone(),
        account: account.clone(),
        campaign_id: CampaignId::parse("c1").unwrap(),
        url: "https://store.example/".to_owned(),
        created_at: days(-1),
        reminder_id: None,
    }
}

async fn tap(table: &Table, token: &LinkToken, at: Instant) -> Result<(), StoreError> {
    let Some(link) = table.link(token).await? else { return Ok(()) };
    let click_id = ClickId::of_link(token, at.seconds());
    match link.reminder_id {
        None => table.early_click_write(token, &click_id, at).await?,
        Some(reminder_id) => {
            let kind = shared::domain::facts::event::ClickKind::Link;
            let event =
                shared::domain::facts::event::ReminderClicked { reminder_id, click_id, kind, at };
            table.click_write(&link.account, &event).await?
        }
    };
    Ok(())
}

/// The credit of an order: its kind, reminder, campaign and day, or none.
pub async fn credit(world: &World, name: &str) -> Option<String> {
    let order = world
        .table
        .order(&account(), &crate::functions::rollup::told::group(name))
        .await
        .unwrap()
        .unwrap();
    order.credit.map(|credit| {
        let name = credit.reminder_id.as_str().trim_start_matches("wamid.").to_owned();
        format!("{:?} {name} {} {}", credit.kind, credit.campaign_id, credit.day)
    })
}

/// A reminder as the table holds it.
pub async fn reminder(world: &World, name: &str) -> shared::domain::facts::reminder::Reminder {
    world.table.reminder(&account(), &reminder_id(name)).await.unwrap().unwrap()
}
