//! After an outage the orders are caught up from the store before its carts are judged.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use shared::domain::facts::cart::{Beat, CartState};
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::{CampaignEdit, CampaignStatus};
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::sending::{CampaignSending, Delay};
use shared::domain::values::span::Span;
use shared::telemetry::{Counter, counted};

use super::sold::made;
use super::world::{ANA, World, acme, cart_id, content, form, minutes};

/// Another phone than [`ANA`].
const BIA: &str = "+5511985550108";

/// A third one.
const CAI: &str = "+5511985550109";
/// A fourth one.
const DORA: &str = "+5511985550110";

/// A backend tells now of a cart that was left two hours ago: its pointer is an hour late.
async fn tell(world: &World, number: u32, phone: &str) -> OrderForm {
    let form = form(number);
    world.outside.fill(&form, content(phone));
    let beat = Beat { at: world.clock.now().minus(Span::hours(2)), payment: true };
    world.beat_at(&acme(), &form, beat).await;
    form
}

/// A world with Ana's cart, left at noon and due at one, and with an outage from then on. At half past twelve she
/// bought.
async fn bought_in_an_outage() -> (World, OrderForm) {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(30));
    let of_cart = json!({"orderFormId": cart.as_str(), "clientProfileData": {"phone": BIA}});
    world.outside.sold.add(&acme(), made(1, world.clock.now(), of_cart));
    (world, cart)
}

#[tokio::test(start_paused = true)]
async fn who_bought_during_an_outage_is_not_written_to() {
    let (world, cart) = bought_in_an_outage().await;
    let person = world.leave(2, ANA).await;
    // By another cart, and known by the phone alone.
    let of_person = json!({"orderFormId": form(9).as_str(), "clientProfileData": {"phone": ANA}});
    world.outside.sold.add(&acme(), made(2, world.clock.now(), of_person));
    world.pass(minutes(120));
    world.tick().await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
    assert_eq!(world.skipped(&person).await, Some(Reason::Purchased));
    assert!(world.outside.messages().is_empty());
    assert_eq!(counted(Counter::OrdersCaughtUp), 2);
    // For a quarter of an hour that suffices, whatever is late; then is asked for what came since.
    let (listed, until) = (world.outside.sold.listed().len(), world.clock.now());
    world.pass(minutes(15));
    let told = tell(&world, 3, CAI).await;
    world.tick().await;
    assert_eq!(world.outcome(&told).await, Some(SendOutcome::Accepted));
    assert_eq!(world.outside.sold.listed().len(), listed);
    world.pass(Span::millis(1));
    tell(&world, 4, DORA).await;
    world.tick().await;
    let asked = world.outside.sold.listed();
    assert_eq!((asked.len(), asked[listed].1.from), (listed + 1, until.plus(Span::millis(1))));
}

/// A cart may be due long after the outage began.
#[tokio::test(start_paused = true)]
async fn an_order_from_long_before_the_oldest_pointer_is_found() {
    let world = World::open().await;
    let delay_minutes = Delay::minutes(600).unwrap();
    let id = CampaignId::parse("c1").unwrap();
    let sending = world.table.campaign(&acme(), &id).await.unwrap().unwrap().sending.unwrap();
    let sending = Some(CampaignSending { delay_minutes, ..sending });
    world.edit("c1", CampaignEdit { sending, ..CampaignEdit::default() }).await;
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Waiting);
    // The outage begins, and she buys an hour later. The cart is due seven hours after that.
    world.pass(minutes(60));
    let of_person = json!({"orderFormId": form(9).as_str(), "clientProfileData": {"phone": ANA}});
    world.outside.sold.add(&acme(), made(1, world.clock.now(), of_person));
    world.pass(Span::hours(9));
    world.tick().await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_unless_a_pointer_is_over_fifteen_minutes_late() {
    let (world, cart) = bought_in_an_outage().await;
    world.set_status("c1", CampaignStatus::Paused).await;
    world.pass(minutes(45));
    let before = world.clock.now();
    world.tick().await;
    assert_eq!(world.cart(&cart).await.state, CartState::Waiting);
    assert_eq!(world.outside.sold.listed(), []);
    // It waits for the campaign since, by a pointer of its own.
    let due_at = world.cart(&cart).await.due_at;
    assert!(due_at > before);
    world.clock.set(due_at.plus(minutes(15)).plus(Span::millis(1)));
    world.tick().await;
    assert_eq!(world.outside.sold.listed().len(), 1);
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
}

/// Far more orders than one run can read.
#[tokio::test(start_paused = true)]
async fn a_long_list_is_gone_on_with_and_each_order_is_read_once() {
    const ORDERS: u32 = 2_500;
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    for number in 0..ORDERS {
        world.pass(Span::millis(2_800));
        // Sold elsewhere, as its document says alone: it is read and not stored, so that this test is quick.
        let document = made(10_000 + number, world.clock.now(), json!({"origin": "Fulfillment"}));
        world.outside.sold.add(&acme(), document);
    }
    let of_cart = json!({"orderFormId": cart.as_str()});
    world.outside.sold.add(&acme(), made(1, world.clock.now(), of_cart));
    world.outside.sold.take_time(&acme(), Duration::from_millis(200));
    let mut runs = 0;
    while world.cart(&cart).await.state == CartState::Waiting {
        runs += 1;
        let read = world.outside.sold.read().len();
        world.tick().await;
        assert!(world.outside.sold.read().len() > read, "run {runs} got no further");
        world.pass(minutes(1));
    }
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
    assert!((3..6).contains(&runs), "{runs}");
    let read = world.outside.sold.read();
    let once: BTreeSet<&String> = read.iter().collect();
    assert_eq!((read.len(), once.len()), (2_501, 2_501));
    assert_eq!(world.outside.sold.most_at_once(), 4);
    let lists = world.outside.sold.listed().len();
    assert!(lists < 250, "{lists}");
}

#[tokio::test(start_paused = true)]
async fn refused_keys_hold_no_cart_up() {
    let (world, cart) = bought_in_an_outage().await;
    world.outside.sold.refuse(&acme());
    world.pass(minutes(120));
    world.tick().await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    assert_eq!(counted(Counter::VtexKeysRefused), 1);
    assert_eq!(world.outside.sold.listed().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_is_waited_for_for_an_hour() {
    let (world, cart) = bought_in_an_outage().await;
    world.outside.sold.close(&acme());
    world.pass(minutes(120));
    world.tick().await;
    world.wait(minutes(59)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Waiting);
    assert!(world.outside.messages().is_empty());
    let asked = world.outside.sold.listed().len();
    assert_eq!(counted(Counter::VtexUnavailable), 60);
    world.wait(minutes(1)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    // From now on what is late is judged at once, and the store is asked each quarter of an hour, twice.
    for (pass, number, phone, lists) in [(13, 2, BIA, asked), (1, 3, CAI, asked + 2)] {
        world.pass(minutes(pass));
        let told = tell(&world, number, phone).await;
        world.tick().await;
        assert_eq!(world.outcome(&told).await, Some(SendOutcome::Accepted));
        assert_eq!(world.outside.sold.listed().len(), lists);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_works_again_is_read_before_the_hour_is_over() {
    let (world, cart) = bought_in_an_outage().await;
    world.outside.sold.close(&acme());
    world.pass(minutes(120));
    world.tick().await;
    world.wait(minutes(30)).await;
    world.outside.sold.reopen(&acme());
    world.wait(minutes(1)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
    assert!(world.outside.messages().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_count_is_kept_aside() {
    let (world, cart) = bought_in_an_outage().await;
    let document = made(2, world.clock.now(), json!({"value": -1}));
    world.outside.sold.add(&acme(), document);
    world.pass(minutes(120));
    world.tick().await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
    let kept = world.table.aside_page(&(&acme()).into(), None, 10).await.unwrap();
    let codes: Vec<&str> = kept.items.iter().map(|(_, aside)| aside.code.as_str()).collect();
    assert_eq!(codes, ["invalid-field"]);
}

/// Whose orders take long holds up no other account of its shard.
#[tokio::test(start_paused = true)]
async fn one_accounts_orders_do_not_hold_up_the_others() {
    let world = World::open().await;
    let mut names = (0..).map(|number| Account::parse(&format!("shop{number}")).unwrap());
    let mate = names.find(|name| DueShard::of(name) == DueShard::of(&acme())).unwrap();
    world.set_up(&mate).await;
    let cart = world.leave(1, ANA).await;
    world.outside.fill(&form(2), content(BIA));
    let beat = Beat { at: world.clock.now(), payment: true };
    world.beat_at(&mate, &form(2), beat).await;
    for number in 0..500 {
        world.pass(Span::seconds(10));
        let document = made(10_000 + number, world.clock.now(), json!({"origin": "Fulfillment"}));
        world.outside.sold.add(&acme(), document);
    }
    world.outside.sold.take_time(&acme(), Duration::from_secs(2));
    world.pass(minutes(60));
    world.tick().await;
    let held = world.table.cart(&mate, &cart_id(&form(2))).await.unwrap().unwrap();
    assert_eq!(held.cart.state, CartState::Closed);
    assert_eq!(world.outside.messages().len(), 1);
    assert_eq!(world.cart(&cart).await.state, CartState::Waiting);
}
