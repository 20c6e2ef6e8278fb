//! After an outage everything is due at once.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::facts::cart::Beat;
use shared::domain::facts::decision::Reason;
use shared::domain::values::account::Account;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::ids::{PhoneNumberId, WabaId};
use shared::domain::values::span::Span;
use shared::runtime::config::Secret;
use shared::store::whatsapp::NewConnection;

use super::world::{World, acme, content, form, minutes, sealing, to};

/// Carts of the large account, of before the outage and of its end; the small ones have two of each.
const MANY: u32 = 100;
const FEW: u32 = 2;
/// Carts with nothing in them.
const EMPTY: u32 = 25;

fn phone(number: u32) -> String {
    format!("+551198555{number:04}")
}

/// Carts of an account, numbered from `first` on, left behind now.
async fn leave(world: &World, account: &Account, first: u32, count: u32) {
    for number in first..first + count {
        let form = form(number);
        world.outside.fill(&form, content(&phone(number)));
        let beat = Beat { at: world.clock.now(), payment: true };
        world.beat_at(account, &form, beat).await;
    }
}

/// What waited too long expires, all else goes out as fast as its number may, and an account with many carts holds
/// up no other one, not even in its own shard.
#[tokio::test(start_paused = true)]
async fn after_an_outage_nothing_goes_out_late_and_nobody_is_starved() {
    let world = World::open().await;
    let names = (0..).map(|number| Account::parse(&format!("shop{number}")).unwrap());
    let shard = DueShard::of(&acme());
    let small: Vec<Account> = names.filter(|name| DueShard::of(name) == shard).take(3).collect();
    for (account, number) in small.iter().zip(15_550_010..) {
        world.set_up(account).await;
        // A number of its own: the rate is a number's.
        let connection = NewConnection {
            waba_id: WabaId::parse("1550").unwrap(),
            phone_number_id: PhoneNumberId::parse(&format!("{number}")).unwrap(),
            verified_name: None,
            token: Secret::new("invented-token"),
        };
        let (table, now) = (&world.table, world.clock.now());
        table.whatsapp_connect(account, &connection, &sealing(), now).await.unwrap();
    }
    leave(&world, &acme(), 0, MANY).await;
    for (account, first) in small.iter().zip([1_000, 1_100, 1_200]) {
        leave(&world, account, first, FEW).await;
    }
    world.pass(Span::hours(50));
    leave(&world, &acme(), 200, MANY).await;
    for (account, first) in small.iter().zip([2_000, 2_100, 2_200]) {
        leave(&world, account, first, FEW).await;
    }
    world.pass(minutes(61));

    let reached = |messages: Vec<Value>| -> BTreeSet<String> { messages.iter().map(to).collect() };
    let digits = |numbers: std::ops::Range<u32>| -> BTreeSet<String> {
        numbers.map(|number| phone(number).trim_start_matches('+').to_owned()).collect()
    };
    world.tick().await;
    let first = reached(world.outside.messages());
    for few in [2_000, 2_100, 2_200] {
        assert!(first.is_superset(&digits(few..few + FEW)), "{first:?}");
    }
    let large = digits(200..200 + MANY);
    assert!(first.intersection(&large).count() < large.len(), "the rate holds nothing back");
    world.wait(minutes(5)).await;
    let messages = world.outside.messages();
    assert_eq!(messages.len(), (MANY + 3 * FEW) as usize, "each is sent once");
    let all: BTreeSet<String> = [2_000, 2_100, 2_200]
        .into_iter()
        .flat_map(|few| digits(few..few + FEW))
        .chain(large)
        .collect();
    assert_eq!(reached(messages), all);
    for number in 0..MANY {
        assert_eq!(world.skipped(&form(number)).await, Some(Reason::Expired), "{number}");
    }
}

/// An account's carts go out as fast as its number may, all in one run: none that its gate lets through is left to
/// the next minute for the rate's sake.
#[tokio::test(start_paused = true)]
async fn a_run_goes_on_at_the_rate_of_a_number() {
    let world = World::open().await;
    leave(&world, &acme(), 0, MANY).await;
    // Among them are some with nothing in them, so that more gates are asked than open.
    leave(&world, &acme(), 500, EMPTY).await;
    for number in 500..500 + EMPTY {
        let mut emptied = content(&phone(number));
        emptied["items"] = json!([]);
        world.outside.fill(&form(number), emptied);
    }
    world.pass(minutes(61));
    let began = world.clock.now();
    let clock = world.clock.clone();
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            clock.set(clock.now().plus(Span::millis(50)));
        }
    });
    let ran = world.tick().await;
    ticking.abort();
    // Each is looked at and counted once, however often its gate had to be asked.
    assert_eq!((ran.carts, ran.accepted), (u64::from(MANY + EMPTY), u64::from(MANY)));
    assert_eq!(world.outside.messages().len(), MANY as usize);
    // Forty leave at once, the other sixty at forty a second.
    let took = world.clock.now().since(began).as_millis();
    assert!(took >= 1_400, "{took}");
}
