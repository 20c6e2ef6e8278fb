//! Pointers are hints: the cart alone says when it is due, and a pointer is taken away only as it was read.

use engine::faults::Faults;
use shared::domain::facts::cart::{Beat, CartState};
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::facts::event::{Receipt, ReminderStatus};
use shared::domain::values::account::Account;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::span::Span;
use shared::store::carts::due_key;
use shared::store::key::DueKey;

use super::world::{ANA, World, acme, cart_id, content, form, minutes, phone_key, tick};

async fn pointers(world: &World) -> usize {
    let far = world.clock.now().plus(Span::days(400));
    let mut found = 0;
    for shard in DueShard::all() {
        found += world.table.due_page(shard, far, None).await.unwrap().pointers.len();
    }
    found
}

#[tokio::test(start_paused = true)]
async fn a_pointer_just_written_is_not_tidied_away() {
    let world = World::open().await;
    // Whoever wrote it is about to write its cart.
    let key = DueKey { due_at: world.clock.now(), account: acme(), cart: cart_id(&form(1)) };
    world.table.due_put(&key, world.clock.now()).await.unwrap();
    world.wait(minutes(10)).await;
    assert_eq!(pointers(&world).await, 1);
    world.wait(minutes(1)).await;
    assert_eq!(pointers(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pointer_that_was_written_again_stays() {
    let world = World::open().await;
    let key = DueKey { due_at: world.clock.now(), account: acme(), cart: cart_id(&form(1)) };
    world.table.due_put(&key, world.clock.now()).await.unwrap();
    let read = world.table.due_pointer(&key).await.unwrap().unwrap();
    // At the same instant, by somebody else.
    world.table.due_put(&key, world.clock.now()).await.unwrap();
    world.table.due_delete(&read).await.unwrap();
    assert_eq!(pointers(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_loser_of_a_cart_write_deletes_nothing() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.set_enabled(false).await;
    world.pass(minutes(60));
    // It is about to move the cart by a quarter of an hour.
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem" && call.sort_key() == Some("LIVE"));
    let deps = world.through(&faults);
    let slow = tokio::spawn(async move { tick(&deps).await });
    hold.reached().await;
    world.beat(&cart).await;
    let due_at = world.cart(&cart).await.due_at;
    hold.release();
    slow.await.unwrap();
    // The pointer by which the cart is due still leads to it.
    assert_eq!(world.cart(&cart).await.due_at, due_at);
    let key = due_key(&acme(), &cart_id(&cart), &world.cart(&cart).await);
    assert!(world.table.due_pointer(&key).await.unwrap().is_some());
    world.set_enabled(true).await;
    world.wait(minutes(80)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn a_returning_order_form_gets_a_new_episode() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(61)).await;
    let first = world.cart(&cart).await;
    assert_eq!(first.state, CartState::Closed);
    // Within a day of the decision it is the same story.
    world.pass(Span::hours(23));
    world.beat(&cart).await;
    assert_eq!(world.cart(&cart).await, first);
    world.pass(Span::hours(2));
    world.beat(&cart).await;
    let second = world.cart(&cart).await;
    assert_eq!((second.state, second.episode), (CartState::Waiting, world.clock.now()));
    world.wait(minutes(61)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::AlreadyReminded));
    assert_eq!(world.outside.messages().len(), 1);
    // Both decisions stand.
    let held = world.table.decision(&acme(), &cart_id(&cart), first.episode).await.unwrap();
    assert!(held.is_some());
}

#[tokio::test(start_paused = true)]
async fn one_bad_account_does_not_hold_its_shard() {
    let world = World::open().await;
    // Another account of the same shard whose store doesn't answer, and one that can't be read.
    let mates = (0..).map(|n| Account::parse(&format!("store-{n}")).unwrap());
    let mates: Vec<Account> =
        mates.filter(|mate| DueShard::of(mate) == DueShard::of(&acme())).take(2).collect();
    world.set_up(&mates[0]).await;
    world.outside.close(&mates[0]);
    let beat = Beat { at: world.clock.now(), payment: true };
    for number in 10..30 {
        world.beat_at(&mates[0], &form(number), beat).await;
    }
    world.beat_at(&mates[1], &form(40), beat).await;
    let settings = shared::store::key::Key::settings(&mates[1]);
    world
        .engine
        .client
        .put_item()
        .table_name(engine::TABLE_NAME)
        .set_item(Some(settings.attributes()))
        .send()
        .await
        .unwrap();
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    let held = world.table.cart(&mates[0], &cart_id(&form(10))).await.unwrap().unwrap();
    assert_eq!(held.cart.held_by, Some(Reason::StoreUnreachable));
}

/// One that can't be read is set aside for an hour and holds up nobody.
#[tokio::test(start_paused = true)]
async fn a_poisonous_cart_is_set_aside() {
    let world = World::open().await;
    let bad = world.leave(2, "+5511985550108").await;
    let key = shared::store::key::Key::cart(&acme(), &cart_id(&bad));
    world
        .engine
        .client
        .put_item()
        .table_name(engine::TABLE_NAME)
        .set_item(Some(key.attributes()))
        .send()
        .await
        .unwrap();
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    let looked = world.tick().await;
    assert_eq!(looked.carts, 0);
    assert_eq!(pointers(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn two_senders_do_not_share_a_shard() {
    let world = World::open().await;
    let shard = DueShard::of(&acme());
    world.leave(1, ANA).await;
    world.pass(minutes(60));
    let now = world.clock.now();
    assert!(world.table.lease_take(shard, "another", (now, Span::seconds(70))).await.unwrap());
    assert_eq!(world.tick().await.taken, 1);
    world.table.lease_release(shard, "somebody").await.unwrap();
    assert_eq!(world.tick().await.taken, 1);
    world.pass(Span::seconds(70));
    assert_eq!(world.tick().await.taken, 0);
}

/// A beat of a cart that is overdue writes its pointer again: it may be lost.
#[tokio::test(start_paused = true)]
async fn a_lost_pointer_is_mended_by_a_beat() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    let key = due_key(&acme(), &cart_id(&cart), &world.cart(&cart).await);
    let pointer = world.table.due_pointer(&key).await.unwrap().unwrap();
    world.table.due_delete(&pointer).await.unwrap();
    world.wait(minutes(90)).await;
    assert_eq!(world.outside.messages().len(), 0);
    world.beat(&cart).await;
    world.wait(minutes(62)).await;
    assert_eq!(world.outside.messages().len(), 1);
}

/// SENDING section 6: what a cart costs to write.
#[tokio::test(start_paused = true)]
async fn beats_and_decisions_cost_what_is_said() {
    let world = World::open().await;
    let (table, meter) = world.engine.metered();
    let metered = World { table: table.clone(), ..world.clone() };
    let bought = form(1);
    world.outside.fill(&bought, content(ANA));
    for beat in 0..6 {
        metered.beat(&bought).await;
        let expected = if beat == 0 { 2.0 } else { 1.0 };
        assert!((meter.write_units() - expected).abs() < 0.1, "beat {beat}");
        meter.reset();
        world.pass(Span::seconds(30));
    }
    // One that begins nothing.
    let other = Beat { at: world.clock.now(), payment: false };
    metered.beat_at(&acme(), &form(2), other).await;
    assert!(meter.write_units() == 0.0, "{:?}", meter.usage());
    world.order(7, "payment-approved", super::world::of_cart(&bought), world.clock.now()).await;
    world.pass(minutes(60));
    let deps = sender::Deps { table, ..world.deps.clone() };
    let idle = meter_idle(&world, &deps, &meter).await;
    tick(&deps).await;
    assert_eq!(world.skipped(&bought).await, Some(Reason::Purchased));
    let decided = meter.write_units() - idle;
    // Seven for its six beats.
    assert!(7.0 + decided <= 20.0, "{decided} {:?}", meter.usage());
}

/// What a tick costs that finds nothing: a query a shard, and nothing else.
async fn meter_idle(
    world: &World,
    deps: &sender::Deps<super::stand_ins::StandIns>,
    meter: &engine::meter::Meter,
) -> f64 {
    let now = world.clock.now();
    world.clock.set(now.minus(minutes(60)));
    meter.reset();
    tick(deps).await;
    let idle = meter.write_units();
    assert_eq!((meter.of("Query").calls, meter.calls(), idle), (16, 16, 0.0));
    world.clock.set(now);
    meter.reset();
    idle
}

#[tokio::test(start_paused = true)]
async fn a_reminded_cart_costs_at_most_sixty() {
    let world = World::open().await;
    let (table, meter) = world.engine.metered();
    let metered = World { table: table.clone(), ..world.clone() };
    let cart = form(1);
    world.outside.fill(&cart, content(ANA));
    for _ in 0..6 {
        metered.beat(&cart).await;
        world.pass(Span::seconds(30));
    }
    let beats = meter.write_units();
    world.pass(minutes(60));
    let deps = sender::Deps { table, ..world.deps.clone() };
    let idle = meter_idle(&world, &deps, &meter).await;
    tick(&deps).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    let spent = meter.write_units() - idle;
    meter.reset();
    // Its three statuses: of `sent` what it resolves is done already.
    let send = world.last_send();
    metered.status_of(&send).await;
    for receipt in [Receipt::Delivered, Receipt::Read] {
        let reminder_id = world.outside.taken().remove(&send).unwrap();
        let status = ReminderStatus { reminder_id, receipt, at: world.clock.now() };
        metered.table.reminder_write_receipt(&phone_key(), &acme(), &status).await.unwrap();
    }
    let receipts = meter.write_units();
    // What they are counted in is written once for all of a batch.
    let all = beats + spent + receipts;
    assert!(all <= 60.0, "{beats} {spent} {receipts} {:?}", meter.usage());
}

/// Accounts and carts that wait cost a minute nothing: it asks each shard once.
#[tokio::test(start_paused = true)]
async fn an_idle_minute_of_a_thousand_accounts_costs_sixteen_queries() {
    let world = World::open().await;
    for number in 0..1_000 {
        let account = Account::parse(&format!("shop{number}")).unwrap();
        world.set_up(&account).await;
        let beat = Beat { at: world.clock.now(), payment: true };
        world.beat_at(&account, &form(number), beat).await;
    }
    world.pass(minutes(59));
    let (table, meter) = world.engine.metered();
    let deps = sender::Deps { table, ..world.deps.clone() };
    assert_eq!(tick(&deps).await, sender::Sent::default());
    assert_eq!((meter.of("Query").calls, meter.calls()), (16, 16), "{:?}", meter.usage());
    assert!(meter.write_units() == 0.0);
}

/// The stream's mapping hands the rollup decisions, and nothing that moves with each beat.
#[test]
fn beats_do_not_wake_the_rollup() {
    use shared::domain::facts::cart::SendId;
    use shared::domain::values::keyed_id::ContactId;
    use shared::store::key::Key;
    let template = include_str!("../../../../template.yaml");
    let line = template.lines().find(|line| line.contains("\"Keys\":{\"sk\"")).unwrap();
    let pattern = line.trim().strip_prefix("- Pattern: '").unwrap().strip_suffix('\'').unwrap();
    let pattern: serde_json::Value = serde_json::from_str(pattern).unwrap();
    let words = pattern["dynamodb"]["Keys"]["sk"]["S"].as_array().unwrap().clone();
    let passes = |key: &Key| {
        words.iter().any(|word| match word.as_str() {
            Some(word) => key.sk == word,
            None => key.sk.starts_with(word["prefix"].as_str().unwrap()),
        })
    };
    let (account, cart) = (acme(), cart_id(&form(1)));
    let now = super::world::at(super::world::NOON);
    let contact = ContactId::parse(&"c".repeat(43)).unwrap();
    let due = DueKey { due_at: now, account: account.clone(), cart: cart.clone() };
    let send = SendId::new(&[7; 16]);
    for key in [
        Key::cart(&account, &cart),
        Key::cart_data(&account, &cart),
        Key::live_cart_items(&account, &cart),
        Key::due(&due),
        Key::contact(&account, &contact),
        Key::contact_send(&account, &contact, &send),
        Key::send(&send),
        Key::whatsapp(&account),
        Key::lease(DueShard::of(&account)),
        Key::hour(&account, now),
    ] {
        assert!(!passes(&key), "{key:?}");
    }
    assert!(passes(&Key::decision(&account, &cart, now)));
}

/// A burst of beats of one cart: who loses to another that says as much writes nothing more.
#[tokio::test(start_paused = true)]
async fn a_beat_that_loses_to_a_newer_one_stops() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(Span::seconds(30));
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "PutItem" && call.sort_key() == Some("LIVE"));
    let slow = World { table: world.through(&faults).table, ..world.clone() };
    let form = cart.clone();
    let losing = tokio::spawn(async move { slow.beat(&form).await });
    hold.reached().await;
    world.pass(Span::seconds(5));
    world.beat(&cart).await;
    let newer = world.cart(&cart).await;
    hold.release();
    assert_eq!(losing.await.unwrap(), shared::store::carts::BeatWritten::Nothing);
    assert_eq!(world.cart(&cart).await, newer);
    let puts = faults.calls().into_iter().filter(|call| call.operation == "PutItem").count();
    assert_eq!(puts, 1);
}

/// Sixteen accounts are looked after at once. Those whose stores are slow take no more than their share.
#[tokio::test(start_paused = true)]
async fn slow_stores_leave_time_for_whoever_waits() {
    const SLOW: usize = 17;
    let world = World::open().await;
    let mates = (0..).map(|n| Account::parse(&format!("store-{n}")).unwrap());
    let mates: Vec<Account> =
        mates.filter(|mate| DueShard::of(mate) == DueShard::of(&acme())).take(SLOW).collect();
    let beat = Beat { at: world.clock.now(), payment: true };
    for mate in &mates {
        world.set_up(mate).await;
        // Each sixteen of its carts take a quarter of the time of a run.
        for number in 0..65 {
            world.outside.fill(&form(number), serde_json::json!({"items": []}));
            world.beat_at(mate, &form(number), beat).await;
        }
    }
    world.outside.take_time(std::time::Duration::from_secs(13));
    world.pass(minutes(61));
    world.tick().await;
    for mate in &mates {
        let mut decided = 0;
        for number in 0..65 {
            let held = world.table.cart(mate, &cart_id(&form(number))).await.unwrap().unwrap();
            decided += usize::from(held.cart.state == CartState::Closed);
        }
        assert!(decided > 0, "{mate} waited for the others");
    }
}
