//! What counting costs, as the engine tells it.

use engine::faults::{Fault, Faults};
use shared::domain::facts::event::Event;
use shared::store::stream::StreamResponse;

use crate::store::stream::Stream;
use crate::stream::check::Snapshot;
use crate::stream::told::{
    days, delivered, failed, link_clicked, order_event, ordered, read, sent,
};

/// R1-R9 at about one write per fact: 1,000 facts on 5 rollups are counted in one transaction of
/// 5 rollups and a checkpoint, each of which costs 2 write units.
#[tokio::test(start_paused = true)]
async fn a_thousand_facts_on_five_rollups_cost_twelve_write_units() {
    let mut stream = Stream::open(1).await;
    for n in 0..250 {
        let (name, user) = (format!("r{n}"), format!("user:u{n}"));
        stream
            .tell_all([
                sent(&name, days(0), &format!("c{}", n % 5), &user),
                delivered(&name, days(1)),
                link_clicked(&name, "k", days(2)),
                ordered(&format!("o{n}"), days(3), &user),
            ])
            .await;
    }
    let batch = stream.batch();
    assert_eq!(batch.event.records.len(), 1_000);
    let (table, meter) = stream.store.engine.metered();
    let answer = rollup::handle(&stream.through(table), batch.event.clone()).await.unwrap();
    let usage = meter.usage();
    println!("1,000 facts on 5 rollups: {usage:?}");
    let counting = meter.of("TransactWriteItems");
    assert_eq!(counting.calls, 1);
    assert!(counting.units <= 12.0, "{usage:?}");
    // Each click gets its cohort, each reminder its first click, each shopper their first entry, each
    // order its credit: written once, whatever the number of records that ask for it.
    assert_eq!(meter.of("UpdateItem").calls, 500);
    assert_eq!(meter.of("PutItem").calls, 500);

    assert_eq!(answer, StreamResponse::default());
    let totals = Snapshot::of(&stream.store.engine).await.totals("2026-11-01", "c0");
    // First clicks and credits follow with their own records.
    assert_eq!((totals.sent, totals.delivered, totals.read), (50, 50, 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_contributions_writes_nothing() {
    let mut stream = Stream::open(1).await;
    stream.tell_all([sent("r", days(0), "c1", "user:u"), delivered("r", days(1))]).await;
    stream.settle().await;
    stream.mint("x").await;
    stream
        .tell_all([
            failed("r", days(1)),
            delivered("r", days(0)),
            delivered("unknown", days(1)),
            ordered("o", days(9), "user:u"),
        ])
        .await;
    let batch = stream.batch();
    assert_eq!(batch.event.records.len(), 5);
    let (table, meter) = stream.store.engine.metered();
    let answer = rollup::handle(&stream.through(table), batch.event.clone()).await.unwrap();
    assert_eq!(answer, StreamResponse::default());
    assert!(meter.write_units() == 0.0, "{:?}", meter.usage());
    assert_eq!(meter.of("TransactWriteItems").calls, 0);
    assert_eq!(meter.of("UpdateItem").calls + meter.of("PutItem").calls, 0);
    stream.shards.settle(&batch, &answer);
    stream.settle().await;
}

/// What sums up to nothing in one batch may not in another that holds only some of it.
/// Guard: contributions are judged record by record.
#[tokio::test(start_paused = true)]
async fn a_batch_that_sums_up_to_nothing_moves_the_checkpoint() {
    let mut stream = Stream::open(1).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            delivered("r", days(0)),
            ordered("o", days(1), "user:u"),
        ])
        .await;
    let facts = stream.batch();
    let answer = stream.handle(facts.event.clone()).await;
    stream.shards.settle(&facts, &answer);
    // The order's credit, and its cancellation.
    let mut canceled = order_event("o", "01", days(1), "");
    canceled.changed_at = days(2);
    canceled.status = shared::domain::values::order_status::OrderStatus::parse("canceled").unwrap();
    stream.tell(Event::Order(canceled)).await;
    let both = stream.batch();
    assert_eq!(both.event.records.len(), 2);
    let (table, meter) = stream.store.engine.metered();
    rollup::handle(&stream.through(table), both.event.clone()).await.unwrap();
    let units = meter.of("TransactWriteItems").units;
    assert!((units - 2.0).abs() < f64::EPSILON, "more than the checkpoint: {units}");

    // The first half of it, from an invocation that was given up long ago.
    let mut half = both.event.clone();
    half.records.truncate(1);
    stream.handle(half).await;
    stream.shards.settle(&both, &StreamResponse::default());
    assert_eq!(stream.settle().await.totals("2026-11-01", "c1").assisted, 0);
}

/// 99 rollups and the checkpoint fit one transaction, not one rollup more.
#[tokio::test(start_paused = true)]
async fn more_rollups_than_one_transaction_holds_take_several() {
    for (campaigns, transactions) in [(99, 1), (100, 2)] {
        let mut stream = Stream::open(1).await;
        let events = |n| sent(&format!("r{n}"), days(0), &format!("c{n}"), "user:u");
        stream.tell_all((0..campaigns).map(events)).await;
        let batch = stream.batch();
        let (table, meter) = stream.store.engine.metered();
        let answer = rollup::handle(&stream.through(table), batch.event.clone()).await.unwrap();
        assert_eq!(meter.of("TransactWriteItems").calls, transactions, "{campaigns} rollups");
        stream.shards.settle(&batch, &answer);
        let snapshot = stream.settle().await;
        assert_eq!(snapshot.rollups.len(), campaigns);
    }
}

/// Guard: each of several transactions moves the checkpoint as far as it counts.
#[tokio::test(start_paused = true)]
async fn a_crash_between_two_transactions_counts_nothing_twice() {
    let mut stream = Stream::open(1).await;
    let events = |n| sent(&format!("r{n}"), days(0), &format!("c{n}"), "user:u");
    stream.tell_all((0..120).map(events)).await;
    stream.tell_all((0..120).map(|n| read(&format!("r{n}"), days(1)))).await;
    let batch = stream.batch();
    for survived in 1..=2 {
        let mut commits = 0;
        let faults = Faults::planned(move |call| {
            commits += usize::from(call.operation == "TransactWriteItems");
            (commits == survived).then_some(Fault::CrashAfter)
        });
        let deps = stream.under(&faults, 1);
        tokio::select! {
            result = rollup::handle(&deps, batch.event.clone()) => { result.unwrap(); }
            () = faults.crashed() => {}
        }
    }
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.rollups.len(), 120);
    assert_eq!(snapshot.totals("2026-11-01", "c119").read, 1);
}

/// Redelivery of everything costs no write at all.
#[tokio::test(start_paused = true)]
async fn a_batch_that_was_counted_writes_nothing_again() {
    let mut stream = Stream::open(1).await;
    let events: Vec<Event> = vec![
        sent("r", days(0), "c1", "user:u"),
        link_clicked("r", "k", days(1)),
        ordered("o", days(2), "user:u"),
    ];
    stream.tell_all(events).await;
    let batch = stream.batch();
    stream.settle().await;
    let (table, meter) = stream.store.engine.metered();
    rollup::handle(&stream.through(table), batch.event).await.unwrap();
    assert!(meter.write_units() == 0.0, "{:?}", meter.usage());
    stream.settle().await;
}

/// What 200 taps cost in write units, from their storing to their place in the rollups.
async fn taps_cost(stream: &mut Stream, click: &str, at_day: i64) -> f64 {
    let (table, meter) = stream.store.engine.metered();
    for n in 0..200 {
        let event = link_clicked(&format!("r{n:03}"), click, days(at_day));
        crate::store::facts::write(&table, &crate::stream::told::account(), &event).await.unwrap();
    }
    let deps = stream.through(table);
    stream.drain_through(&deps).await;
    meter.write_units()
}

/// A first click is stored, gets its cohort, is told to its reminder and entered at its shopper: four
/// units, and a share of what its batch costs. One more on the same reminder needs but the first two.
#[tokio::test(start_paused = true)]
async fn a_click_costs_four_write_units_and_one_more_on_its_reminder_two() {
    let mut stream = Stream::open(1).await;
    for n in 0..200 {
        let (name, user) = (format!("r{n:03}"), format!("user:u{n}"));
        let campaign = format!("c{}", n % 3);
        stream.tell_all([sent(&name, days(0), &campaign, &user), delivered(&name, days(0))]).await;
    }
    stream.settle().await;
    let first = taps_cost(&mut stream, "k1", 1).await;
    let again = taps_cost(&mut stream, "k2", 2).await;
    println!("write units of 200 first clicks: {first}, of 200 more: {again}");
    // What is counted: three campaigns and all together, and the checkpoint, at two units each.
    assert!(first <= 200.0 * 4.0 + 2.0 * 5.0, "{first}");
    assert!(again <= 200.0 * 2.0 + 2.0 * 5.0, "{again}");
}
