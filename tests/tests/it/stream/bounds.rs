//! Work per record is bounded, whatever one reminder, link, shopper, phone or order gathers; and what
//! it costs is counted, never timed.

use std::time::Duration;

use shared::domain::facts::event::{ClickKind, Event};
use shared::domain::values::account::Account;
use shared::domain::values::limits::{
    CLICKED_REMINDERS_PER_SHOPPER, CLICKS_PER_REMINDER, OPT_OUTS_PER_REMINDER, READS_PER_DERIVATION,
};
use shared::domain::values::span::Span;
use shared::store::stream::StreamResponse;
use shared::telemetry;

use crate::store::stream::Stream;
use crate::stream::told::{
    account, at, clicked, days, delivered, link_clicked, ordered, sent, sent_with_link, token,
};

/// What handling an event and all that comes of it reads: calls, and the units that they cost.
async fn reads(stream: &mut Stream, event: Event) -> (u64, f64) {
    stream.tell(event).await;
    let (table, meter) = stream.store.engine.metered();
    let deps = stream.through(table);
    stream.drain_through(&deps).await;
    let calls = ["GetItem", "BatchGetItem", "Query"].map(|name| meter.of(name).calls);
    (calls.iter().sum(), meter.read_units())
}

/// A receipt costs the orders of its windows, whatever its phone gathered before and after: those of
/// other days are not looked at, nor is any other reminder.
#[tokio::test(start_paused = true)]
async fn a_late_receipt_reads_the_same_whatever_its_phone_gathered() {
    let mut found = Vec::new();
    for many in [10, 100, 400] {
        let mut stream = Stream::open(1).await;
        let day = |n: i64| at(24 * (n - many / 2));
        let name = |kind: &str, n: i64| format!("{kind}{n:03}");
        let late = name("r", many / 2);
        for n in 0..many {
            let reminder = name("r", n);
            stream.tell(sent(&reminder, day(n), "c1", "phone:p")).await;
            if reminder != late {
                stream.tell(delivered(&reminder, day(n))).await;
            }
            stream.tell(ordered(&name("o", n), day(n).plus(Span::hours(1)), "phone:p")).await;
        }
        stream.drain().await;
        found.push(reads(&mut stream, delivered(&late, day(many / 2))).await);
        let credit = stream.credit(&name("o", many / 2)).await.unwrap();
        assert!(credit.starts_with(&format!("Assisted {late}")), "{credit}");
    }
    println!("reads of a late receipt, calls and units: {found:?}");
    assert!(found.iter().all(|reads| *reads == found[0]), "{found:?}");
}

async fn tap_often(stream: &Stream, name: &str, taps: usize) {
    for tap in 0..i64::try_from(taps).unwrap() {
        stream.tap(name, days(1).plus(Span::seconds(tap))).await;
    }
}

/// R4: a reminder keeps 1,000 clicks. Its link is told at the limit; one that is stored all the same
/// is taken away, and counts nothing.
#[tokio::test(start_paused = true)]
async fn a_reminder_keeps_a_thousand_clicks_and_no_more() {
    let mut stream = Stream::open(1).await;
    let before = telemetry::counted(telemetry::Counter::ClicksBeyondLimit);
    let is_full =
        async |stream: &Stream| stream.store.table.link(&token("r")).await.unwrap().unwrap().full;
    stream.mint("r").await;
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    tap_often(&stream, "r", CLICKS_PER_REMINDER - 1).await;
    stream.settle().await;
    assert!(!is_full(&stream).await);
    tap_often(&stream, "r", CLICKS_PER_REMINDER).await;
    let totals = stream.settle().await.totals("2026-11-01", "c1");
    assert_eq!(totals.total_clicks, 1_000);
    assert!(is_full(&stream).await);
    // Who had read the link before it was marked.
    let late = days(2);
    let id = shared::domain::values::ids::ClickId::of_link(&token("r"), late.seconds());
    let (table, of) = (&stream.store.table, account());
    let owner = crate::stream::told::reminder("r");
    table.click_write_by_link(&of, &owner, &token("r"), (&id, late)).await.unwrap();
    stream.tell(link_clicked("r", "told-by-the-sender", days(0))).await;
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").total_clicks, 1_000);
    assert_eq!(snapshot.clicks.len(), 1_000);
    assert_eq!(telemetry::counted(telemetry::Counter::ClicksBeyondLimit), before + 2);
}

/// R4: so many opt-outs are kept beside the clicks, which take no place from them.
#[tokio::test(start_paused = true)]
async fn a_reminder_keeps_a_hundred_opt_outs_and_no_more() {
    let mut stream = Stream::open(1).await;
    stream.mint("r").await;
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    tap_often(&stream, "r", CLICKS_PER_REMINDER).await;
    stream.settle().await;
    let stop = async |stream: &Stream, from: usize, to: usize| {
        for n in from..to {
            stream.tell(clicked("r", &format!("stop{n:03}"), ClickKind::OptOut, days(1))).await;
        }
    };
    stop(&stream, 0, OPT_OUTS_PER_REMINDER).await;
    let totals = stream.settle().await.totals("2026-11-01", "c1");
    assert_eq!((totals.total_clicks, totals.opt_outs), (1_000, 100));
    stop(&stream, OPT_OUTS_PER_REMINDER, OPT_OUTS_PER_REMINDER + 1).await;
    let snapshot = stream.settle().await;
    let totals = snapshot.totals("2026-11-01", "c1");
    assert_eq!((totals.total_clicks, totals.opt_outs, snapshot.clicks.len()), (1_000, 100, 1_100));
}

/// The same while nobody knows the reminder of a link.
#[tokio::test(start_paused = true)]
async fn a_link_without_a_reminder_keeps_a_thousand_taps_and_no_more() {
    let mut stream = Stream::open(1).await;
    stream.mint("r").await;
    tap_often(&stream, "r", CLICKS_PER_REMINDER - 1).await;
    stream.drain().await;
    let link = async |stream: &Stream| stream.store.table.link(&token("r")).await.unwrap().unwrap();
    assert!(!link(&stream).await.full);
    tap_often(&stream, "r", CLICKS_PER_REMINDER + 1).await;
    stream.drain().await;
    assert!(link(&stream).await.full);
    // All that are kept go to the reminder when it is named.
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    let totals = stream.settle().await.totals("2026-11-01", "c1");
    assert_eq!(totals.total_clicks, 1_000);
}

/// A shopper has 1,000 clicked reminders; the clicks on further ones count, the shopper doesn't again.
#[tokio::test(start_paused = true)]
async fn a_shopper_has_a_thousand_clicked_reminders_and_no_more() {
    let mut stream = Stream::open(1).await;
    let clicked = async |stream: &Stream, from: usize, to: usize| {
        for n in from..to {
            let name = format!("r{n:04}");
            stream.tell(sent(&name, days(0), "c1", "user:u")).await;
            stream.tell(link_clicked(&name, "k", days(0))).await;
        }
    };
    clicked(&stream, 0, CLICKED_REMINDERS_PER_SHOPPER).await;
    let snapshot = stream.settle().await;
    let entries = |snapshot: &crate::stream::check::Snapshot| {
        snapshot.shoppers.values().map(|clicked| clicked.reminders.len()).sum::<usize>()
    };
    assert_eq!(entries(&snapshot), 1_000);
    clicked(&stream, CLICKED_REMINDERS_PER_SHOPPER, CLICKED_REMINDERS_PER_SHOPPER + 1).await;
    stream.drain().await;
    let snapshot = crate::stream::check::Snapshot::of(&stream.store.engine).await;
    assert_eq!(entries(&snapshot), 1_000);
    let totals = snapshot.totals("2026-11-01", "c1");
    assert_eq!((totals.total_clicks, totals.shoppers.all()), (1_001, 1));
}

/// An order whose candidates are more than one derivation reads is kept aside, and everybody else's
/// figures go on; an operator derives it without any bound.
#[tokio::test(start_paused = true)]
async fn an_order_with_too_many_candidates_is_left_to_an_operator() {
    // Each candidate costs its pointer and its fact; the order costs one more.
    for (candidates, fits) in
        [((READS_PER_DERIVATION - 1) / 2, true), (READS_PER_DERIVATION / 2, false)]
    {
        let mut stream = Stream::open(1).await;
        for n in 0..candidates {
            stream.tell(sent(&format!("r{n:04}"), days(0), "c1", "phone:p")).await;
        }
        stream.drain().await;
        stream.tell(delivered("r0000", days(1))).await;
        stream.drain().await;
        stream.tell(ordered("o", days(2), "phone:p")).await;
        stream.drain().await;
        let kept = stream.store.asides().await;
        let codes: Vec<&str> = kept.iter().map(|kept| kept.code.as_str()).collect();
        if fits {
            assert_eq!(codes, Vec::<&str>::new());
        } else {
            assert_eq!(codes, ["derivation-too-large"]);
            assert_eq!(stream.credit("o").await, None);
            stream.store.note(ordered("o", days(2), "phone:p"));
            stream.store.judge("o").await;
            stream.drain().await;
        }
        assert_eq!(stream.credit("o").await.unwrap(), "Assisted r0000 c1 2026-11-01");
    }
}

/// A batch ends before its Lambda does, with what was begun by then: the good prefix is counted, the
/// rest comes again.
#[tokio::test(start_paused = true)]
async fn a_batch_ends_before_its_deadline_with_the_good_prefix() {
    let mut stream = Stream::open(1).await;
    for n in 0..40 {
        stream.tell(sent(&format!("r{n:02}"), days(0), "c1", "user:u")).await;
    }
    let batch = stream.batch();
    let deps = stream.through(stream.store.table.clone());
    // Too late for anything.
    let now = tokio::time::Instant::now();
    let over = Some(now + rollup::ENDS_BEFORE);
    let answer = rollup::handle_until(&deps, batch.event.clone(), over).await.unwrap();
    let first = batch.event.records[0].dynamodb.sequence_number.clone();
    assert_eq!(answer, StreamResponse::retry_from(batch.event.state.clone(), &first));
    let snapshot = crate::stream::check::Snapshot::of(&stream.store.engine).await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").sent, 0);
    // In time for all.
    let in_time = Some(now + rollup::ENDS_BEFORE + Duration::from_secs(1));
    let answer = rollup::handle_until(&deps, batch.event.clone(), in_time).await.unwrap();
    assert_eq!(answer.batch_item_failures, []);
    stream.shards.settle(&batch, &answer);
    assert_eq!(stream.settle().await.totals("2026-11-01", "c1").sent, 40);
}

/// One store's flood costs another store's figures no more batches than its own share: the link is
/// tapped thousands of times, and keeps a thousand.
#[tokio::test(start_paused = true)]
async fn a_flood_on_one_store_does_not_hold_up_another() {
    const BATCH: usize = 500;
    let mut batches = Vec::new();
    for flood in [0, 3 * i64::try_from(CLICKS_PER_REMINDER).unwrap()] {
        let mut stream = Stream::open(1).await;
        let other = Account::parse("other").unwrap();
        stream.mint("r").await;
        stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
        stream.drain().await;
        let mut taken = 0;
        let mut tapped = 0;
        let neighbour = async |event: Event| {
            crate::store::facts::write(&stream.store.table, &other, &event).await.unwrap();
        };
        for n in 0..20 {
            neighbour(sent(&format!("n{n:02}"), days(0), "c1", "user:n")).await;
        }
        // A redirect looks at the link first, as ingestion does.
        let mut before = 0;
        while tapped < flood || before < 20 {
            for _ in 0..(flood / 20) {
                tapped += 1;
                let link = stream.store.table.link(&token("r")).await.unwrap().unwrap();
                if !link.full {
                    stream.tap("r", days(1).plus(Span::seconds(tapped))).await;
                }
            }
            if before < 20 {
                let event = delivered(&format!("n{before:02}"), days(1));
                crate::store::facts::write(&stream.store.table, &other, &event).await.unwrap();
                before += 1;
            }
            stream.shards.pull().unwrap();
            for shard in stream.shards.ready() {
                let Some(batch) = stream.shards.batch(shard, 0, BATCH) else { continue };
                let answer = stream.handle(batch.event.clone()).await;
                stream.shards.settle(&batch, &answer);
                taken += 1;
            }
        }
        let snapshot = crate::stream::check::Snapshot::of(&stream.store.engine).await;
        let delivered: i64 = snapshot
            .rollups
            .iter()
            .filter(|((owner, _), _)| *owner == other)
            .map(|(_, totals)| totals.delivered)
            .sum();
        println!(
            "flood of {flood}: {taken} batches, {delivered} of the neighbour's receipts counted"
        );
        batches.push((taken, delivered));
    }
    assert_eq!(batches[0], batches[1]);
    assert_eq!(batches[1].1, 20);
}

/// Guard: whose a link is decides who may mark it. Another store, or another reminder, that names its
/// token and gathers a thousand clicks closes nobody else's link.
#[tokio::test(start_paused = true)]
async fn nobody_closes_a_link_that_is_not_theirs() {
    let mut stream = Stream::open(1).await;
    stream.mint("r").await;
    stream.tell(sent_with_link("r", days(0), "c1", "user:u")).await;
    let named = |name: &str| match sent(name, days(1), "c1", "user:x") {
        Event::Sent(event) => {
            let link_token = Some(token("r"));
            Event::Sent(shared::domain::facts::event::ReminderSent { link_token, ..event })
        }
        other => other,
    };
    let strangers = [(account(), "mine"), (Account::parse("other").unwrap(), "stranger")];
    for (of, name) in strangers {
        let table = &stream.store.table;
        crate::store::facts::write(table, &of, &named(name)).await.unwrap();
        for n in 0..CLICKS_PER_REMINDER {
            let click = link_clicked(name, &format!("k{n}"), days(2));
            crate::store::facts::write(table, &of, &click).await.unwrap();
        }
    }
    stream.drain().await;
    assert!(!stream.store.table.link(&token("r")).await.unwrap().unwrap().full);
}

/// Guard: the mark goes with the clicks. A reminder that was full by a link which turns out to be
/// another's keeps clicks again.
#[tokio::test(start_paused = true)]
async fn a_link_is_open_again_when_the_clicks_of_its_reminder_moved() {
    let mut stream = Stream::open(1).await;
    stream.mint("r").await;
    stream.tell(sent_with_link("r", days(1), "c1", "user:u")).await;
    tap_often(&stream, "r", CLICKS_PER_REMINDER).await;
    stream.drain().await;
    let link = async |stream: &Stream| stream.store.table.link(&token("r")).await.unwrap().unwrap();
    assert!(link(&stream).await.full);
    // It was sent with another reminder before, which now has them all, and is full.
    let earlier = match sent("r0", days(0), "c1", "user:v") {
        Event::Sent(event) => {
            let link_token = Some(token("r"));
            Event::Sent(shared::domain::facts::event::ReminderSent { link_token, ..event })
        }
        other => other,
    };
    stream.tell(earlier).await;
    let snapshot = stream.settle().await;
    assert_eq!(snapshot.totals("2026-11-01", "c1").total_clicks, 1_000);
    assert_eq!(snapshot.totals("2026-11-02", "c1").total_clicks, 0);
    assert!(link(&stream).await.full);
    assert_eq!(stream.reminder("r").await.first_click_at, None);
}

/// Guard: what a shopper's list changes is what its entry changes, however many days it holds: all of
/// a batch's fit few transactions.
#[tokio::test(start_paused = true)]
async fn a_faithful_shopper_changes_no_more_rollups_than_one_click_does() {
    let mut stream = Stream::open(1).await;
    for n in 0..60 {
        let name = format!("r{n:02}");
        stream.tell(sent(&name, days(n), "c1", "user:u")).await;
        stream.tell(link_clicked(&name, "k", days(n))).await;
    }
    stream.settle().await;
    for n in 60..70 {
        let name = format!("r{n:02}");
        stream.tell(sent(&name, days(n), "c1", "user:u")).await;
        stream.tell(link_clicked(&name, "k", days(n))).await;
    }
    let (table, meter) = stream.store.engine.metered();
    let deps = stream.through(table);
    let taken = stream.drain_through(&deps).await;
    let transactions = meter.of("TransactWriteItems").calls;
    assert!(transactions <= taken, "{transactions} transactions of {taken} batches");
}
