//! Whoever is erased gets no messages, and stands in no cart and no send any more.

use shared::counting::erase::Erasing;
use shared::domain::facts::contact::Opt;
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::rules::answer::Answer;
use shared::domain::values::identity::UserId;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::keyed_id::ContactId;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::runtime::random::Randomness;
use shared::store::erasure::{Erasure, ErasureStatus};

use super::claims::claim_while;
use super::world::{ANA, World, acme, cart_id, content, form, minutes, of_phone, phone_key};

fn contact() -> ContactId {
    phone_key().contact(&Phone::parse(ANA, CountryCode::BRAZIL).unwrap())
}

fn by_phone() -> (Identity, Option<ContactId>) {
    by_number(ANA)
}

fn by_user() -> (Identity, Option<ContactId>) {
    (Identity::User(UserId::parse(&format!("user-{ANA}")).unwrap()), None)
}

/// Whoever has this number.
pub(super) fn by_number(phone: &str) -> (Identity, Option<ContactId>) {
    let contact = phone_key().contact(&Phone::parse(phone, CountryCode::BRAZIL).unwrap());
    (Identity::Phone(of_phone(phone).phone.unwrap()), Some(contact))
}

/// Erases somebody now, with all that follows from it.
pub(super) async fn erase(world: &World, (asked, contact): (Identity, Option<ContactId>)) {
    let (account, key, randomness) = (acme(), phone_key(), Randomness::system());
    let now = world.clock.now();
    let id = format!("job-{now}");
    let job = Erasure::requested(id, Some("ana".to_owned()), vec![asked], now);
    world.table.erasure_request(&account, &Erasure { contact, ..job }).await.unwrap();
    let (table, clock) = (&world.table, &world.clock);
    let erasing = Erasing { table, key: &key, randomness: &randomness, account: &account, clock };
    loop {
        let open = world.table.erasures_open().await.unwrap();
        let Some((_, mut job)) = open.into_iter().next() else { break };
        while let Some(next) = erasing.step(&job).await.unwrap() {
            job = world.table.erasure_write(&account, &job, next).await.unwrap().unwrap();
        }
        let done = Erasure {
            status: ErasureStatus::Done,
            asked: Vec::new(),
            contact: None,
            values: Vec::new(),
            left: Vec::new(),
            ..job.clone()
        };
        world.table.erasure_write(&account, &job, done).await.unwrap().unwrap();
    }
}

/// Nothing in the table names her.
async fn nothing_names_her(world: &World, cart: u32) {
    let scan = world.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
    let digest = of_phone(ANA).phone.unwrap().to_string();
    let user = format!("user-{ANA}");
    for item in scan.items() {
        let text = format!("{item:?}");
        for name in [digest.as_str(), &user, form(cart).as_str(), "wamid.", "5511985550107"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_erased_shoppers_waiting_cart_sends_nothing() {
    for who in [by_phone(), by_user()] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.pass(minutes(10));
        erase(&world, who).await;
        world.wait(minutes(62)).await;
        assert_eq!(world.outside.messages().len(), 0);
        assert_eq!(world.skipped(&cart).await, Some(Reason::Erased));
    }
}

/// One that an erasure finds doesn't wait for its hour.
#[tokio::test(start_paused = true)]
async fn a_cart_that_an_erasure_finds_ends_with_the_next_minute() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    let (phone, contact) = by_phone();
    let (key, id, now) = (phone_key(), cart_id(&cart), world.clock.now());
    world.table.cart_name(&key, (&acme(), &id), &phone, now, now).await.unwrap();
    world.pass(minutes(10));
    erase(&world, (phone, contact)).await;
    world.wait(minutes(1)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Erased));
    world.wait(minutes(62)).await;
    assert_eq!(world.outside.messages().len(), 0);
}

/// A cart that nothing named but the store's own document is found by the number that its gate read.
#[tokio::test(start_paused = true)]
async fn a_cart_without_a_message_is_forgotten_by_the_number_that_was_read() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.table.contact_opt(&acme(), &contact(), Opt::Out, world.clock.now()).await.unwrap();
    world.wait(minutes(62)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::OptedOut));
    assert_eq!(world.record(&cart).await.order_form, cart);
    erase(&world, by_phone()).await;
    assert!(world.record(&cart).await.order_form.is_erased());
    nothing_names_her(&world, 1).await;
    let (phone, _) = by_phone();
    assert!(world.table.named_in(&phone_key(), &acme(), &phone).await.unwrap().is_empty());
    // Its decision counts as before.
    assert_eq!(world.skipped(&cart).await, Some(Reason::OptedOut));
}

/// An erasure that comes while a number is noted finds the cart, or the note takes it back.
#[tokio::test(start_paused = true)]
async fn a_number_that_was_erased_meanwhile_is_not_noted() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    let (phone, _) = by_phone();
    let (key, id, now) = (phone_key(), cart_id(&cart), world.clock.now());
    world.table.mark(&key, &acme(), &phone, now, &[7; 16]).await.unwrap();
    world.pass(minutes(1));
    let (episode, later) = (world.cart(&cart).await.episode, world.clock.now());
    world.table.cart_name(&key, (&acme(), &id), &phone, episode, later).await.unwrap();
    assert!(world.record(&cart).await.order_form.is_erased());
    assert!(world.table.named_in(&key, &acme(), &phone).await.unwrap().is_empty());
}

/// Whoever was erased by their user id is known by it: a number that nothing named before is theirs, too.
#[tokio::test(start_paused = true)]
async fn an_erased_user_id_gets_nothing_at_a_new_number() {
    let world = World::open().await;
    erase(&world, by_user()).await;
    world.pass(Span::days(1));
    let mut moved = content("+5511985550108");
    moved["userProfileId"] = format!("user-{ANA}").into();
    let cart = form(1);
    world.outside.fill(&cart, moved);
    world.beat(&cart).await;
    world.wait(minutes(62)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::OptedOut));
    assert_eq!(world.outside.messages().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn erasure_keeps_the_opt_out() {
    for had_opted_out in [true, false] {
        let world = World::open().await;
        if had_opted_out {
            let at = world.clock.now().minus(Span::hours(1));
            world.table.contact_opt(&acme(), &contact(), Opt::Out, at).await.unwrap();
        }
        erase(&world, by_phone()).await;
        world.pass(Span::days(20));
        let cart = world.leave(1, ANA).await;
        world.wait(minutes(62)).await;
        assert_eq!(world.outside.messages().len(), 0);
        assert_eq!(world.skipped(&cart).await, Some(Reason::OptedOut));
        // She may say so herself.
        let now = world.clock.now();
        world.table.contact_opt(&acme(), &contact(), Opt::In, now).await.unwrap();
        let cart = world.leave(2, ANA).await;
        world.wait(minutes(62)).await;
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_names_nobody_and_counts_as_before() {
    for who in [by_phone(), by_user()] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.wait(minutes(62)).await;
        let send = world.last_send();
        erase(&world, who).await;
        nothing_names_her(&world, 1).await;
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
        let kept = world.table.send(&send).await.unwrap().unwrap();
        assert!(kept.identities.each().all(|identity| identity.is_alias()), "{kept:?}");
        // By the send her contact is known: she gets no more.
        let held = world.table.contact(&acme(), &contact()).await.unwrap();
        assert!(held.opt_out && held.erased_at.is_some());
        // A status that comes again brings nothing back.
        world.status_of(&send).await;
        nothing_names_her(&world, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_after_an_erasure_counts_and_names_nobody() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Silence));
    world.wait(minutes(62)).await;
    let send = world.last_send();
    // Beside a phone the user id stands in the send alone: it is asked for by itself.
    erase(&world, by_phone()).await;
    world.pass(Span::seconds(1));
    erase(&world, by_user()).await;
    world.status_of(&send).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    nothing_names_her(&world, 1).await;
    let kept = world.table.send(&send).await.unwrap().unwrap();
    let wamid = world.outside.taken().remove(&send).unwrap();
    let reminder = world.table.reminder(&acme(), &wamid.digest(&phone_key())).await.unwrap();
    assert_eq!(reminder.unwrap().sent.unwrap().sent_at, kept.decided_at);
}

#[tokio::test(start_paused = true)]
async fn an_erasure_during_the_gate_stops_the_message() {
    for who in [by_phone(), by_user()] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.pass(minutes(60));
        claim_while(&world, async |world| erase(world, who).await).await;
        world.wait(minutes(5)).await;
        assert_eq!(world.outside.messages().len(), 0);
        let told = serde_json::to_value(world.decision(&cart).await.unwrap()).unwrap();
        assert_eq!(told["reason"], "erased", "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_business_scoped_id_is_forgotten_with_its_contact() {
    let world = World::open().await;
    let (table, user) = (&world.table, phone_key().business_user("AA.1"));
    table.business_user_learn(&acme(), &user, &contact()).await.unwrap();
    assert_eq!(table.business_user(&acme(), &user).await.unwrap().contact, Some(contact()));
    world.pass(minutes(1));
    erase(&world, by_phone()).await;
    let forgotten = async || {
        let held = table.business_user(&acme(), &user).await.unwrap();
        (held.contact, held.opt_out, held.erased_at.is_some())
    };
    assert_eq!(forgotten().await, (None, true, true));
    // Nobody learns it again, whichever contact is named.
    table.business_user_learn(&acme(), &user, &contact()).await.unwrap();
    assert_eq!(forgotten().await, (None, true, true));
    // One that is learned only now is of somebody who was erased.
    let late = phone_key().business_user("AA.2");
    table.business_user_learn(&acme(), &late, &contact()).await.unwrap();
    let held = table.business_user(&acme(), &late).await.unwrap();
    assert_eq!((held.contact, held.opt_out, held.erased_at.is_some()), (None, true, true));
    let scan = world.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
    assert!(!scan.items().iter().any(|item| format!("{item:?}").contains("S(\"BSUID#")));
}

/// A cart of the same order form after the erasure is new data.
#[tokio::test(start_paused = true)]
async fn an_order_form_that_lives_on_is_new_data() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(62)).await;
    erase(&world, by_phone()).await;
    world.pass(Span::days(16));
    world.outside.fill(&cart, content("+5511985550108"));
    world.beat(&cart).await;
    assert_eq!(world.record(&cart).await.order_form, cart);
    world.wait(minutes(62)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}
