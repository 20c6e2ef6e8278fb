//! A message whose answer was lost is never sent again; what becomes of it is told by its status (R16).

use shared::domain::facts::cart::{CartState, SendId};
use shared::domain::facts::decision::SendOutcome;
use shared::domain::rules::answer::Answer;
use shared::domain::values::span::Span;

use super::world::{ANA, World, acme, minutes, phone_key};

async fn silent() -> (World, shared::domain::values::order_form::OrderForm, SendId) {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Silence));
    world.wait(minutes(61)).await;
    let send = world.last_send();
    (world, cart, send)
}

async fn is_counted_once(world: &World, send: &SendId) {
    let send = world.table.send(send).await.unwrap().unwrap();
    let id = send.reminder_id.unwrap();
    let reminder = world.table.reminder(&acme(), &id.digest(&phone_key())).await.unwrap().unwrap();
    assert_eq!(reminder.sent.unwrap().sent_at, send.decided_at);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_never_sent_again() {
    let (world, cart, _) = silent().await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Unknown));
    world.outside.answer(|_| None);
    world.wait(Span::hours(23)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Unknown);
    world.wait(Span::hours(2)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Unconfirmed);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Unconfirmed));
    // A new episode of the cart isn't reminded of either: the first message may have arrived.
    world.wait(Span::hours(25)).await;
    world.beat(&cart).await;
    world.wait(minutes(62)).await;
    assert_eq!(world.outside.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn silence_after_acceptance_resolves_by_its_status() {
    let (world, cart, send) = silent().await;
    world.status_of(&send).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
    is_counted_once(&world, &send).await;
    // Told again it changes nothing.
    let before = world.record(&cart).await;
    world.status_of(&send).await;
    assert_eq!(world.record(&cart).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_late_status_resolves_an_unconfirmed_send() {
    let (world, cart, send) = silent().await;
    world.wait(Span::hours(26)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Unconfirmed));
    world.status_of(&send).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
    is_counted_once(&world, &send).await;
}

/// Whoever sent it died before the answer came: five minutes later it counts as lost.
#[tokio::test(start_paused = true)]
async fn an_attempt_without_an_answer_is_lost_after_five_minutes() {
    use engine::faults::{Fault, Faults};
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    // It dies at what follows the claim.
    let mut claimed = false;
    let faults = Faults::planned(move |call| {
        if call.operation == "TransactWriteItems" {
            claimed = true;
            return None;
        }
        (claimed && call.is_write()).then_some(Fault::CrashBefore)
    });
    let deps = world.through(&faults);
    tokio::select! {
        _ = super::world::tick(&deps) => panic!("it was to die"),
        () = faults.crashed() => {}
    }
    // The lease of whoever died ends by itself.
    world.wait(minutes(4)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Sending);
    world.wait(minutes(2)).await;
    assert_eq!(world.cart(&cart).await.state, CartState::Unknown);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Unknown));
    world.wait(Span::hours(1)).await;
    assert!(world.outside.messages().len() <= 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_five_minutes_does_not_reopen() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    // Meta says after six minutes that it didn't take the message; others took its answer for lost.
    let clock = world.clock.clone();
    world.outside.answer(move |_| {
        clock.set(clock.now().plus(minutes(6)));
        Some(Answer::Code(130_429))
    });
    let faults = engine::faults::Faults::default();
    let deps = world.through(&faults);
    let hold = faults.hold(|call| {
        // The pointer of the next attempt: what the answer writes first.
        call.operation == "PutItem"
            && call
                .body
                .pointer("/Item/pk/S")
                .and_then(|pk| pk.as_str())
                .is_some_and(|pk| pk.starts_with("DUE#"))
    });
    let slow = tokio::spawn(async move { super::world::tick(&deps).await });
    hold.reached().await;
    world.tick().await;
    assert_eq!(world.cart(&cart).await.state, CartState::Unknown);
    hold.release();
    slow.await.unwrap();
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Rejected));
    world.wait(Span::hours(30)).await;
    assert_eq!(world.outside.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unlisted_code_is_never_sent_again() {
    for answer in [Answer::Code(999_999), Answer::ServerError, Answer::Code(131_000)] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.outside.answer(move |_| Some(answer));
        world.wait(Span::hours(30)).await;
        assert_eq!(world.outside.messages().len(), 1, "{answer:?}");
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Unconfirmed));
    }
}
