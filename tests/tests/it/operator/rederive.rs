//! Facts whose stream records were lost, derived anew: stopped anywhere, beside traffic, and never
//! for another account.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::faults::{Call, Fault, Faults};
use shared::counting::rederive::{PARTS, Rederive, RederiveError, Rederived};
use shared::domain::facts::click::ClickCohort;
use shared::domain::facts::shopper::Clicked;
use shared::domain::rules::retention::Retention;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{CampaignId, ClickId};
use shared::domain::values::instant::Instant;
use shared::domain::values::period::Period;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::stream::StreamResponse;

use super::recount::{Log, missing, november, recount, repair, store, traffic};
use crate::store::functions::phone_key;
use crate::store::stream::{Stream, Told, write};
use crate::stream::check::{Snapshot, scan};
use crate::stream::told::{
    ZONE, account, days, delivered, group, link_clicked, ordered, reminder, sent, sent_with_link,
};

type Item = HashMap<String, AttributeValue>;

/// Calls between two that a test strikes: each struck one takes a store of its own.
const STRIDE: usize = 19;

async fn rederive_at(
    table: &Table,
    now: Instant,
    restart: bool,
) -> Result<Rederived, RederiveError> {
    let (clock, account) = (Clock::fixed(now), account());
    let period = november();
    let key = phone_key();
    let rederive =
        Rederive { table, key: &key, clock: &clock, account: &account, zone: ZONE, period };
    let run = rederive.begin(restart).await?;
    rederive.finish(run, |_| {}).await
}

async fn rederive(table: &Table) -> Rederived {
    rederive_at(table, days(60), false).await.unwrap()
}

/// What is told while nobody listens: facts of every kind, beside and over those of `store`.
async fn told(stream: &Stream) {
    stream.mint("l").await;
    stream.tap("l", days(1)).await;
    traffic(stream, 0).await;
    stream
        .tell_all([
            // The click that waits at its link is the first that is heard of it.
            sent_with_link("l", days(0), "c2", "user:l"),
            ordered("ol", days(9), "user:l"),
            // Without any details yet.
            link_clicked("early", "k", days(1)),
            delivered("b", days(2)),
            ordered("ob", days(4), "user:b"),
        ])
        .await;
}

/// The stream forgets what was told and not handled.
async fn lose(stream: &mut Stream) {
    stream.store.table.marks_put(&["the last record".to_owned()], days(60)).await.unwrap();
    for batch in stream.batches() {
        stream.shards.settle(&batch, &StreamResponse::default());
    }
    stream.store.engine.forget_stream().unwrap();
}

async fn lost() -> Stream {
    let mut stream = Stream::open(2).await;
    store(&mut stream).await;
    told(&stream).await;
    lose(&mut stream).await;
    stream
}

/// The same store with a stream that loses nothing, and `rounds` of traffic afterwards.
async fn heard(rounds: usize) -> Snapshot {
    let mut stream = Stream::open(2).await;
    store(&mut stream).await;
    told(&stream).await;
    for round in 1..=rounds {
        traffic(&stream, round).await;
    }
    stream.settle().await
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_is_derived_anew_and_counted() {
    let expected = heard(0).await;
    let mut stream = lost().await;
    let log = Log::of(&stream.store.engine, 2);
    // By itself a repair counts what is derived, and derives nothing.
    repair(stream.store.table.clone(), &log).await.unwrap();
    stream.drain().await;
    assert_eq!(missing(&recount(&stream, &stream.store.table, &log).await).len(), 0);
    let short = Snapshot::of(&stream.store.engine).await.rollups;
    assert_ne!(short, expected.rollups);
    assert_eq!((stream.credit("ol").await, stream.credit("q0").await), (None, None));

    let first = rederive(&stream.store.table).await;
    assert!(first.changed >= 6 && first.refused == 0, "{first:?}");
    repair(stream.store.table.clone(), &log).await.unwrap();
    let mended = stream.settle().await;
    assert_eq!(mended.rollups, expected.rollups);
    assert_eq!(stream.credit("ol").await.unwrap(), "ClickThrough l c2 2026-11-01");

    // Once more it changes nothing.
    let again = rederive(&stream.store.table).await;
    assert_eq!(again, Rederived { changed: 0, ..again });
    // The link's waiting click lies with its reminder now.
    assert_eq!(again.looked_at, first.looked_at + 1);
}

#[tokio::test(start_paused = true)]
async fn stopped_anywhere_it_goes_on_where_it_was() {
    let expected = heard(0).await;
    for call in (0..).step_by(STRIDE) {
        let mut stream = lost().await;
        let log = Log::of(&stream.store.engine, 2);
        let faults =
            Faults::planned(move |made| (made.number == call).then_some(Fault::CrashAfter));
        let table = stream.under(&faults, 1).table;
        let died = tokio::select! {
            biased;
            _ = rederive(&table) => false,
            () = faults.crashed() => true,
        };
        if !died {
            assert!(call > 200, "{call} calls");
            break;
        }
        let done = stream
            .store
            .table
            .rederivation(&account())
            .await
            .unwrap()
            .map_or(0, |run| run.done.len());
        let faults = Faults::default();
        rederive(&stream.under(&faults, 1).table).await;
        let scans = faults.calls().iter().filter(|made| made.operation == "Scan").count();
        assert_eq!(scans, usize::try_from(PARTS).unwrap() - done, "at call {call}");
        assert_eq!(stream.store.table.rederivation(&account()).await.unwrap(), None);
        repair(stream.store.table.clone(), &log).await.unwrap();
        assert_eq!(stream.settle().await.rollups, expected.rollups, "at call {call}");
    }
}

/// The answer to a part's note is lost and the SDK sends it again: its facts are told once.
#[tokio::test(start_paused = true)]
async fn a_note_that_is_sent_twice_is_kept_once() {
    let expected = rederive(&lost().await.store.table).await;
    let stream = lost().await;
    let faults = Faults::planned(|call| {
        let notes = call.sort_key() == Some("REDERIVATION") && call.operation == "UpdateItem";
        (notes && call.number.is_multiple_of(2)).then_some(Fault::Unanswered)
    });
    let table = stream.under(&faults, 3).table;
    assert_eq!(rederive(&table).await, expected);
}

/// Facts come in, and some are derived and counted, before the call number `call` goes out.
async fn rederives_amid_traffic(call: usize, expected: &Snapshot) -> bool {
    let mut stream = lost().await;
    let log = Log::of(&stream.store.engine, 2);
    let faults = Faults::default();
    let hold = faults.hold(move |made: &Call| made.number == call);
    let table = stream.under(&faults, 1).table;
    let mut deriving = Box::pin(rederive(&table));
    let reached = tokio::select! {
        biased;
        _ = &mut deriving => false,
        () = hold.reached() => {
            traffic(&stream, 1).await;
            for batch in stream.batches().into_iter().take(1) {
                let answer = stream.handle(batch.event.clone()).await;
                stream.shards.settle(&batch, &answer);
            }
            hold.release();
            assert_eq!(deriving.await.refused, 0, "at call {call}");
            true
        }
    };
    if !reached {
        return false;
    }
    // What is not derived and counted yet doesn't hinder the repair.
    repair(stream.store.table.clone(), &log).await.unwrap();
    let settled = stream.settle().await;
    assert_eq!(settled.rollups, expected.rollups, "at call {call}");
    assert_eq!(
        missing(&recount(&stream, &stream.store.table, &log).await).len(),
        0,
        "at call {call}"
    );
    true
}

#[tokio::test(start_paused = true)]
async fn facts_between_any_two_calls_are_derived_and_counted_once() {
    let expected = heard(1).await;
    let mut call = 0;
    while Box::pin(rederives_amid_traffic(call, &expected)).await {
        call += STRIDE;
    }
    assert!(call > 200, "{call} calls");
}

#[tokio::test(start_paused = true)]
async fn another_account_is_left_alone() {
    let mut stream = Stream::open(2).await;
    let other = Account::parse("other").unwrap();
    for event in [
        sent("a", days(0), "c1", "user:a"),
        link_clicked("a", "k", days(1)),
        ordered("o", days(2), "user:a"),
    ] {
        write(&stream.store.table, &Told::Event(other.clone(), event.clone())).await.unwrap();
        stream.tell(event).await;
    }
    lose(&mut stream).await;
    let others = async |stream: &Stream| {
        let items = scan(&stream.store.engine).await.into_iter();
        let key = |item: &Item| ["pk", "sk"].map(|name| item[name].as_s().unwrap().clone());
        let items: BTreeMap<[String; 2], Item> = items.map(|item| (key(&item), item)).collect();
        items.into_iter().filter(|([pk, _], _)| pk.starts_with("other#")).collect::<Vec<_>>()
    };
    let before = others(&stream).await;
    let log = Log::of(&stream.store.engine, 2);
    rederive(&stream.store.table).await;
    repair(stream.store.table.clone(), &log).await.unwrap();
    stream.drain().await;
    assert_eq!(others(&stream).await, before);
    assert_eq!(before.len(), 7, "facts, pointers, item lists: {before:#?}");
    assert!(stream.credit("o").await.is_some());
    assert_eq!(stream.store.table.order(&other, &group("o")).await.unwrap().unwrap().credit, None);
}

/// Days bound what is derived: by when a reminder was sent and an order created, in the store's zone.
#[tokio::test(start_paused = true)]
async fn facts_of_other_days_wait() {
    let mut stream = Stream::open(1).await;
    // 02:59:59.999 UTC is the last millisecond of the day before in the store.
    let last = Instant::parse_rfc3339("2026-11-01T02:59:59.999Z").unwrap();
    let first = Instant::parse_rfc3339("2026-11-01T03:00:00Z").unwrap();
    for (name, at) in [("out", last), ("in", first)] {
        let who = format!("user:{name}");
        stream.tell_all([sent(name, at, "c1", &who), delivered(name, at)]).await;
        stream.tell_all([link_clicked(name, "k", at), ordered(name, at, &who)]).await;
    }
    lose(&mut stream).await;
    rederive(&stream.store.table).await;
    assert!(stream.credit("in").await.is_some());
    assert_eq!(stream.credit("out").await, None);
    let clicked = async |name: &str| {
        let reminder = stream.store.table.reminder(&account(), &reminder(name)).await.unwrap();
        reminder.unwrap().first_click_at.is_some()
    };
    assert_eq!((clicked("in").await, clicked("out").await), (true, false));
}

/// A run is gone on with for a day, and only for its own days: what was lost after it began may lie
/// in a part that it has done.
#[tokio::test(start_paused = true)]
async fn an_old_run_is_begun_anew() {
    let stream = lost().await;
    let table = &stream.store.table;
    let (clock, account, period) = (Clock::manual(days(60)), account(), november());
    let key = phone_key();
    let rederive =
        Rederive { table, key: &key, clock: &clock, account: &account, zone: ZONE, period };
    let run = rederive.begin(false).await.unwrap();
    let noted = table.rederivation_note(&account, &run.id, 0, Rederived::default()).await.unwrap();
    assert!(noted);
    let day = Span::hours(24);
    clock.set(days(60).plus(day).minus(Span::millis(1)));
    let same = rederive.begin(false).await.unwrap();
    assert_eq!((&same.id, same.done.len()), (&run.id, 1));
    clock.set(days(60).plus(day));
    let anew = rederive.begin(false).await.unwrap();
    assert!(anew.id != run.id && anew.done.is_empty());
    // Who still is at the old one stops.
    let overtaken = rederive.finish(same, |_| {}).await;
    assert!(matches!(overtaken, Err(RederiveError::Overtaken)), "{overtaken:?}");
    let restarted = rederive.begin(true).await.unwrap();
    assert_ne!(restarted.id, anew.id);
    let one_day = Period::new(period.from(), period.from()).unwrap();
    let other = Rederive { period: one_day, ..rederive.clone() };
    assert_ne!(other.begin(false).await.unwrap().id, restarted.id);
}

/// A fact that can't be read stops nobody else's, and is told.
#[tokio::test(start_paused = true)]
async fn a_spoilt_fact_is_told_and_passed() {
    let stream = lost().await;
    let update = stream.store.engine.client.update_item().table_name(engine::TABLE_NAME);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = update.key("pk", text("store#ORDER#ob")).key("sk", text("FACT"));
    let update = update.update_expression("SET createdAt = :none");
    update.expression_attribute_values(":none", text("never")).send().await.unwrap();
    let told = rederive(&stream.store.table).await;
    assert_eq!(told.refused, 1);
    assert!(stream.credit("ol").await.is_some());
}

/// A table that was filled before credits held their instant, pointers their order's, and shoppers what
/// they clicked: the two commands bring it up to date, and late receipts find its orders.
#[tokio::test(start_paused = true)]
async fn what_was_stored_in_an_earlier_form_is_brought_up_to_date() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            link_clicked("r", "k", days(1)),
            ordered("o", days(2), "user:u"),
            sent("late", days(3), "c1", "user:u"),
            ordered("p", days(17), "user:u"),
        ])
        .await;
    let expected = stream.settle().await;
    let client = &stream.store.engine.client;
    for item in scan(&stream.store.engine).await {
        let (pk, sk) = (item["pk"].clone(), item["sk"].clone());
        let key = || HashMap::from([("pk".to_owned(), pk.clone()), ("sk".to_owned(), sk.clone())]);
        let name = sk.as_s().unwrap().clone();
        if name.starts_with("ORDER#") || name == "CLICKS" {
            let delete = client.delete_item().table_name(engine::TABLE_NAME);
            delete.set_key(Some(key())).send().await.unwrap();
        } else if item.contains_key("credit") {
            let update = client.update_item().table_name(engine::TABLE_NAME).set_key(Some(key()));
            let update = update.update_expression("REMOVE credit.#at");
            update.expression_attribute_names("#at", "at").send().await.unwrap();
        }
    }
    lose(&mut stream).await;
    let log = Log::of(&stream.store.engine, 2);
    rederive(&stream.store.table).await;
    repair(stream.store.table.clone(), &log).await.unwrap();
    stream.drain().await;
    let snapshot = Snapshot::of(&stream.store.engine).await;
    snapshot.check();
    assert_eq!(snapshot.rollups, expected.rollups);
    stream.tell(delivered("late", days(15))).await;
    stream.settle().await;
    assert_eq!(stream.credit("p").await.unwrap(), "Assisted late c1 2026-11-04");
}

/// A shopper's list outlives every reminder that it ever held, and what expired goes on counting: the
/// shopper who returns is not a new one, and deriving anew takes nothing out.
#[tokio::test(start_paused = true)]
async fn a_list_of_clicked_reminders_outlives_what_it_ever_held() {
    let mut stream = Stream::open(1).await;
    let (client, days_kept) = (stream.store.engine.client.clone(), Retention::Days(400));
    stream.store.table = Table::new(client, engine::TABLE_NAME, days_kept);
    let expiry = async |stream: &Stream| {
        let items = scan(&stream.store.engine).await.into_iter();
        let lists = items.filter(|item| item["sk"].as_s().unwrap() == "CLICKS");
        let expiries = lists.map(|item| item["expiresAt"].as_n().unwrap().parse::<i64>().unwrap());
        expiries.max().unwrap()
    };
    for (name, day) in [("early", 0), ("late", 9), ("middle", 4)] {
        stream
            .tell_all([sent(name, days(day), "c1", "user:u"), link_clicked(name, "k", days(day))])
            .await;
    }
    let before = stream.settle().await;
    let outlives = days(9).plus(Span::days(400)).seconds();
    assert_eq!(expiry(&stream).await, outlives);
    // The latest one turns out to be another shopper's: the list is kept as long all the same.
    stream.tell(sent("late", days(8), "c1", "user:other")).await;
    let moved = stream.settle().await;
    assert_eq!(moved.shoppers.len(), 2);
    assert_eq!(expiry(&stream).await, outlives);
    assert_ne!(moved.rollups, before.rollups);

    // The earliest reminder expires, with its click.
    let click = ClickId::parse("k").unwrap().stored(&phone_key());
    for sk in ["FACT".to_owned(), format!("CLICK#{click}")] {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = stream.store.engine.client.delete_item().table_name(engine::TABLE_NAME);
        let delete = delete
            .key("pk", text(&format!("store#REMINDER#{}", reminder("early"))))
            .key("sk", text(&sk));
        delete.send().await.unwrap();
    }
    stream.drain().await;
    rederive(&stream.store.table).await;
    stream.drain().await;
    let after = Snapshot::of(&stream.store.engine).await;
    assert_eq!(after.rollups, moved.rollups);
    assert_eq!(after.shoppers, moved.shoppers);
}

/// Entries that stand where they don't belong: with another shopper, on another day, or of a reminder
/// that nobody clicked. What wrote them was lost.
#[tokio::test(start_paused = true)]
async fn an_entry_that_stands_with_the_wrong_shopper_is_taken_out() {
    let mut stream = Stream::open(2).await;
    stream
        .tell_all([
            sent("r", days(0), "c1", "user:u"),
            link_clicked("r", "k", days(1)),
            sent("other", days(2), "c1", "user:v"),
            link_clicked("other", "k", days(2)),
            sent("unclicked", days(2), "c1", "user:u"),
        ])
        .await;
    let expected = stream.settle().await;
    let (table, of) = (stream.store.table.clone(), account());
    let mut shoppers = expected.shoppers.keys().map(|(_, shopper)| shopper);
    let (one, two) = (shoppers.next().unwrap(), shoppers.next().unwrap());
    let wrong = |day: i64| {
        let day = StoreDay::of(days(day), ZONE);
        Clicked(ClickCohort { day, campaign_id: CampaignId::parse("c2").unwrap() })
    };
    for (shopper, name) in [(one, "r"), (two, "r"), (one, "unclicked")] {
        let entry = (&reminder(name), &wrong(5), days(5));
        table.shopper_enter(&of, shopper, entry).await.unwrap();
    }
    lose(&mut stream).await;
    let log = Log::of(&stream.store.engine, 2);
    rederive(&table).await;
    repair(table, &log).await.unwrap();
    stream.drain().await;
    let snapshot = Snapshot::of(&stream.store.engine).await;
    snapshot.check();
    assert_eq!(snapshot.shoppers, expected.shoppers);
    assert_eq!(snapshot.rollups, expected.rollups);
}
