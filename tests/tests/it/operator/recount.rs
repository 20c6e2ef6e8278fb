//! The recount: what it finds, and repairs while facts keep coming in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::faults::{Call, Fault, Faults};
use engine::streams::FakeStream;
use engine::{Engine, TABLE_NAME};
use shared::counting::recount::{
    ChangeLog, Ledger, LogError, Page, Recount, RecountError, Repairing,
};
use shared::domain::facts::event::Event;
use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::Table;
use shared::store::stream::SequenceNumber;

use crate::store::stream::Stream;
use crate::stream::told::{
    account, days, delivered, link_clicked, order_event, ordered, read, sent,
};

/// The stream of a store, read beside its rollup.
pub(super) struct Log(Mutex<FakeStream>);

impl Log {
    pub(super) fn of(engine: &Engine, shards: u64) -> Self {
        Self(Mutex::new(FakeStream::of(engine, shards).unwrap()))
    }

    fn with<T>(&self, of: impl FnOnce(&mut FakeStream) -> T) -> T {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.pull().unwrap();
        of(&mut stream)
    }
}

impl ChangeLog for Log {
    async fn shards(&self) -> Result<Vec<String>, LogError> {
        let shards = self.with(|stream| stream.shards());
        Ok(shards.into_iter().map(|(id, _)| id).collect())
    }

    async fn start(&self, shard: &str, after: Option<&SequenceNumber>) -> Result<String, LogError> {
        let counted = |record: &shared::store::stream::StreamRecord| {
            after.is_some_and(|after| record.dynamodb.sequence_number <= *after)
        };
        let at = self.with(|stream| stream.log(shard).iter().take_while(|r| counted(r)).count());
        Ok(format!("{shard} {at}"))
    }

    async fn page(&self, place: &str) -> Result<Page, LogError> {
        // Others take their turn, and pages are short, as on a network.
        tokio::task::yield_now().await;
        let (shard, at) = place.split_once(' ').unwrap();
        let at: usize = at.parse().unwrap();
        Ok(self.with(|stream| {
            let closed = stream.shards().iter().any(|(id, closed)| id == shard && *closed);
            let log = stream.log(shard);
            let end = log.len().min(at + 3);
            let next = (!closed || end < log.len()).then(|| format!("{shard} {end}"));
            Page { records: log[at..end].to_vec(), next }
        }))
    }
}

pub(super) fn november() -> Period {
    let day = |text| StoreDay::parse(text).unwrap();
    Period::new(day("2026-11-01"), day("2026-11-30")).unwrap()
}

fn cohort(day: &str, campaign: &str) -> Cohort {
    Cohort::of(StoreDay::parse(day).unwrap(), CampaignId::parse(campaign).unwrap())
}

pub(super) async fn recount(stream: &Stream, table: &Table, log: &Log) -> Recount {
    let clock = stream.under(&Faults::default(), 1).clock;
    let (account, period) = (account(), november());
    let ledger = Ledger { table, log, account: &account, period, clock: &clock };
    ledger.recount(|_| {}).await.unwrap()
}

pub(super) async fn repair(table: Table, log: &Log) -> Result<(Recount, Recount), RecountError> {
    repair_telling(table, log, |_| {}).await
}

async fn repair_telling(
    table: Table,
    log: &Log,
    repairing: impl FnMut(Repairing<'_>),
) -> Result<(Recount, Recount), RecountError> {
    let clock = shared::runtime::clock::Clock::fixed(days(60));
    let (account, period) = (account(), november());
    let ledger = Ledger { table: &table, log, account: &account, period, clock: &clock };
    ledger.repair(|_| {}, repairing).await
}

/// Changes a rollup behind everybody's back.
async fn spoil(engine: &Engine, cohort: &Cohort, counter: &str, by: i64) {
    let pk = AttributeValue::S(format!("{}#ROLLUP", account()));
    let sk = AttributeValue::S(format!("{}#{}", cohort.day, cohort.campaigns));
    let update = engine.client.update_item().table_name(TABLE_NAME);
    let update = update.key("pk", pk).key("sk", sk).update_expression("ADD #counter :by");
    let update = update.expression_attribute_names("#counter", counter);
    let by = AttributeValue::N(by.to_string());
    update.expression_attribute_values(":by", by).send().await.unwrap();
}

pub(super) fn missing(recount: &Recount) -> BTreeMap<Cohort, Totals> {
    recount.differences.iter().map(|(cohort, d)| (cohort.clone(), d.missing())).collect()
}

/// A small store with a reminder of everything.
pub(super) async fn store(stream: &mut Stream) {
    stream
        .tell_all([
            sent("a", days(0), "c1", "user:a"),
            delivered("a", days(0)),
            sent("b", days(0), "c1", "user:b"),
            link_clicked("b", "k", days(1)),
            sent("c", days(1), "c2", "user:c"),
            read("c", days(1)),
            ordered("o", days(2), "user:b"),
            ordered("p", days(2), "user:c"),
        ])
        .await;
    stream.drain().await;
}

/// What is spoilt below.
async fn spoil_some(engine: &Engine) -> BTreeMap<Cohort, Totals> {
    let (first, second) = (cohort("2026-11-01", "c1"), cohort("2026-11-02", "c2"));
    spoil(engine, &first, "sent", 3).await;
    spoil(engine, &first, "value#BRL", -50).await;
    spoil(engine, &second, "read", -1).await;
    // A rollup to which no fact belongs at all.
    let third = cohort("2026-11-05", "c9");
    spoil(engine, &third, "totalClicks", 7).await;
    let brl = shared::domain::values::money::Currency::parse("BRL").unwrap();
    let value = [(brl, 50)].into_iter().collect();
    BTreeMap::from([
        (first, Totals { sent: -3, value, ..Totals::default() }),
        (second, Totals { read: 1, ..Totals::default() }),
        (third, Totals { total_clicks: -7, ..Totals::default() }),
    ])
}

#[tokio::test(start_paused = true)]
async fn a_sound_store_has_no_difference() {
    let mut stream = Stream::open(3).await;
    let log = Log::of(&stream.store.engine, 3);
    store(&mut stream).await;
    let found = recount(&stream, &stream.store.table, &log).await;
    assert_eq!(missing(&found), BTreeMap::new());
    // Two reminders, a click and its shopper's entry, three orders; two campaigns and all of them.
    assert_eq!((found.facts, found.rollups), (7, 3));
    // Nor do facts that wait to be counted make one, or those that are derived and not counted.
    stream.tell_all([sent("d", days(0), "c1", "user:a"), read("a", days(1))]).await;
    assert_eq!(missing(&recount(&stream, &stream.store.table, &log).await), BTreeMap::new());
    let batches = stream.batches();
    stream.handle(batches[0].event.clone()).await;
    assert_eq!(missing(&recount(&stream, &stream.store.table, &log).await), BTreeMap::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_off_is_found_and_repaired() {
    let mut stream = Stream::open(2).await;
    let log = Log::of(&stream.store.engine, 2);
    store(&mut stream).await;
    let spoilt = spoil_some(&stream.store.engine).await;
    let found = recount(&stream, &stream.store.table, &log).await;
    assert_eq!(missing(&found), spoilt);
    insta::assert_snapshot!(ops::recount::table(&found));
    let (repaired, left) = repair(stream.store.table.clone(), &log).await.unwrap();
    assert_eq!(repaired, found);
    assert_eq!(missing(&left), BTreeMap::new());
    stream.settle().await;
    // Once more there is nothing to do.
    let (repaired, _) = repair(stream.store.table.clone(), &log).await.unwrap();
    assert_eq!(missing(&repaired), BTreeMap::new());
}

/// Facts of every kind, in the cohorts that are off and in others: new ones, some that move from
/// one day and campaign to another, some that are taken back.
pub(super) async fn traffic(stream: &Stream, round: usize) {
    let name = |kind: &str| format!("{kind}{round}");
    let mut canceled = order_event("p", "01", days(2), "user:c");
    canceled.changed_at = days(3);
    canceled.status = shared::domain::values::order_status::OrderStatus::parse("canceled").unwrap();
    stream
        .tell_all([
            sent(&name("n"), days(0), "c1", "user:a"),
            link_clicked(&name("n"), "k", days(1)),
            // Was sent earlier, in another campaign, than was told first.
            sent("c", days(0), "c1", "user:c"),
            sent(&name("m"), days(1), "c2", "user:b"),
            ordered(&name("q"), days(3), "user:a"),
            Event::Order(canceled),
        ])
        .await;
}

/// Repairs while facts come in and are counted before the call number `call` goes out; whether
/// there was such a call.
async fn repairs_amid_traffic(call: usize) -> bool {
    let mut stream = Stream::open(2).await;
    let log = Log::of(&stream.store.engine, 2);
    store(&mut stream).await;
    let spoilt = spoil_some(&stream.store.engine).await;
    // Some are stored and wait, some are derived and not counted.
    traffic(&stream, 0).await;
    let waiting = stream.batches();

    let faults = Faults::default();
    let hold = faults.hold(move |made: &Call| made.number == call);
    let table = stream.under(&faults, 1).table;
    let mut repairing = Box::pin(repair(table, &log));
    let mut reached = false;
    let (found, left) = tokio::select! {
        biased;
        done = &mut repairing => done.unwrap(),
        () = hold.reached() => {
            reached = true;
            // One shard is counted, of the other only a part is, and more comes in.
            for (batch, length) in waiting.iter().zip([usize::MAX, 3]) {
                let mut event = batch.event.clone();
                event.records.truncate(length);
                stream.handle(event).await;
            }
            traffic(&stream, 1).await;
            for batch in stream.batches().into_iter().take(1) {
                let answer = stream.handle(batch.event.clone()).await;
                stream.shards.settle(&batch, &answer);
            }
            hold.release();
            repairing.await.unwrap()
        }
    };
    assert_eq!(missing(&found), spoilt, "at call {call}");
    assert_eq!(missing(&left), BTreeMap::new(), "at call {call}");
    // Everything is counted at last, and the rollups are the sums of the facts.
    stream.settle().await;
    assert_eq!(missing(&recount(&stream, &stream.store.table, &log).await), BTreeMap::new());
    reached
}

#[tokio::test(start_paused = true)]
async fn facts_between_any_two_calls_are_neither_lost_nor_counted_twice() {
    let mut call = 0;
    while Box::pin(repairs_amid_traffic(call)).await {
        call += 1;
    }
    assert!(call >= 20, "{call} calls");
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_splits_meanwhile_is_followed() {
    let mut stream = Stream::open(1).await;
    let log = Log::of(&stream.store.engine, 1);
    store(&mut stream).await;
    let spoilt = spoil_some(&stream.store.engine).await;
    traffic(&stream, 0).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactGetItems");
    let table = stream.under(&faults, 1).table;
    let mut repairing = Box::pin(repair(table, &log));
    tokio::select! {
        biased;
        _ = &mut repairing => panic!("it was not held"),
        () = hold.reached() => {}
    }
    stream.shards.pull().unwrap();
    log.with(|stream| stream.split(0));
    stream.shards.split(0);
    traffic(&stream, 1).await;
    stream.drain().await;
    traffic(&stream, 2).await;
    hold.release();
    let (found, left) = repairing.await.unwrap();
    assert_eq!(missing(&found), spoilt);
    assert_eq!(missing(&left), BTreeMap::new());
    stream.settle().await;
}

#[tokio::test(start_paused = true)]
async fn of_two_repairs_at_once_one_corrects() {
    let mut stream = Stream::open(2).await;
    let log = Log::of(&stream.store.engine, 2);
    store(&mut stream).await;
    let spoilt = spoil_some(&stream.store.engine).await;
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let table = stream.under(&faults, 1).table;
    let mut slow = Box::pin(repair(table, &log));
    tokio::select! {
        biased;
        _ = &mut slow => panic!("it was not held"),
        () = hold.reached() => {}
    }
    let (found, left) = repair(stream.store.table.clone(), &log).await.unwrap();
    assert_eq!(missing(&found), spoilt);
    assert_eq!(missing(&left), BTreeMap::new());
    hold.release();
    assert!(matches!(slow.await, Err(RecountError::Overtaken)));
    stream.settle().await;
}

/// What was corrected is known, whatever fails after it.
#[tokio::test(start_paused = true)]
async fn what_was_found_is_told_before_it_is_corrected() {
    let mut stream = Stream::open(2).await;
    let log = Log::of(&stream.store.engine, 2);
    store(&mut stream).await;
    let spoilt = spoil_some(&stream.store.engine).await;
    // Corrected, and then the second recount can't read the table.
    let mut corrected = false;
    let faults = Faults::planned(move |call: &Call| {
        let again = corrected && call.operation == "Scan";
        corrected |= call.operation == "TransactWriteItems";
        again.then_some(Fault::Unsent)
    });
    let table = stream.under(&faults, 1).table;
    let mut told = Vec::new();
    let writes = || faults.calls().iter().filter(|c| c.operation == "TransactWriteItems").count();
    let result = repair_telling(table, &log, |repairing| match repairing {
        Repairing::Found(found) => told.push((missing(found), 0, writes())),
        Repairing::Corrected(number) => told.push((BTreeMap::new(), number, writes())),
    })
    .await;
    assert!(matches!(result, Err(RecountError::Table(_))), "{result:?}");
    assert_eq!(told, [(spoilt, 0, 0), (BTreeMap::new(), 3, 1)]);
    stream.settle().await;
}

/// The answer to the corrections is lost, and the SDK sends them again; or the operator dies
/// before or after them and starts over.
#[tokio::test(start_paused = true)]
async fn corrections_are_made_once() {
    for (fault, attempts) in
        [(Fault::Unanswered, 3), (Fault::CrashBefore, 1), (Fault::CrashAfter, 1)]
    {
        let mut stream = Stream::open(2).await;
        let log = Log::of(&stream.store.engine, 2);
        store(&mut stream).await;
        spoil_some(&stream.store.engine).await;
        let mut struck = false;
        let faults = Faults::planned(move |call| {
            let strikes = call.operation == "TransactWriteItems" && !struck;
            struck |= strikes;
            strikes.then_some(fault)
        });
        let table = stream.under(&faults, attempts).table;
        tokio::select! {
            biased;
            done = repair(table, &log) => { done.unwrap(); }
            () = faults.crashed() => { repair(stream.store.table.clone(), &log).await.unwrap(); }
        }
        assert_eq!(missing(&recount(&stream, &stream.store.table, &log).await), BTreeMap::new());
        stream.settle().await;
    }
}
