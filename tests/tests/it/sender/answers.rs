//! What Meta's answers do beyond the cart whose message they answer: to its number, its account and its template
//! (SENDING, section 5).

use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::answer::Answer;
use shared::domain::values::campaign::{Language, MessageType};
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::span::Span;
use shared::store::templates::TemplateRecord;
use shared::store::whatsapp::Connection;
use shared::telemetry::{Counter, counted};

use super::world::{ANA, World, acme, minutes, tick};

async fn connection(world: &World) -> Connection {
    world.table.whatsapp(&acme()).await.unwrap().unwrap()
}

async fn template(world: &World) -> TemplateRecord {
    let (language, of) = (Language::PtBr, MessageType::Text);
    world.table.template(&acme(), language, of).await.unwrap().unwrap()
}

/// Carts of so many shoppers, a minute apart.
async fn leave(world: &World, carts: u32) -> Vec<OrderForm> {
    let mut left = Vec::new();
    for number in 0..carts {
        left.push(world.leave(number, &format!("+55119855502{number:02}")).await);
        world.pass(minutes(1));
    }
    left
}

/// The minute's schedule of an instance that was started for it.
async fn tick_afresh(world: &World) {
    world.pass(minutes(1));
    tick(&world.started_anew()).await;
}

#[tokio::test(start_paused = true)]
async fn what_meta_calls_spam_holds_the_whole_number_back_for_an_hour() {
    for code in [131_048, 131_064] {
        let world = World::open().await;
        let carts = leave(&world, 5).await;
        let before = counted(Counter::SendsHeldBack);
        world.outside.answer(move |_| Some(Answer::Code(code)));
        world.wait(minutes(56)).await;
        assert_eq!(world.outside.messages().len(), 1, "{code}");
        assert_eq!(counted(Counter::SendsHeldBack), before + 1);
        world.outside.answer(|_| None);
        // Whichever instance looks: the others wait, too.
        for _ in 0..55 {
            tick_afresh(&world).await;
        }
        assert_eq!(world.outside.messages().len(), 1, "{code}");
        assert_eq!(world.cart(&carts[4]).await.held_by, Some(Reason::MessagingLimit));
        let slowed = connection(&world).await.pace.slowed.unwrap();
        assert_eq!(slowed.rate, 20);
        world.wait(Span::hours(2)).await;
        for cart in &carts {
            assert_eq!(world.outcome(cart).await, Some(SendOutcome::Accepted), "{code}");
        }
    }
}

/// One throttle holds for whichever instance sends next, and each clean minute gives one a second back.
#[tokio::test(start_paused = true)]
async fn a_throttle_is_known_to_every_instance() {
    for code in [4, 80_007, 130_429] {
        let world = World::open().await;
        world.leave(1, ANA).await;
        world.outside.answer(move |_| Some(Answer::Code(code)));
        world.wait(minutes(60)).await;
        let slowed = connection(&world).await.pace.slowed.unwrap();
        assert_eq!((slowed.rate, slowed.at), (20, world.clock.now()), "{code}");
        // The next attempt, a minute later, by another one.
        tick_afresh(&world).await;
        let slowed = connection(&world).await.pace.slowed.unwrap();
        assert_eq!((slowed.rate, slowed.at), (10, world.clock.now()), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_later_comes_when_the_table_says() {
    for (code, minutes_later) in [(131_056, 1), (134_101, 10)] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.outside.answer(move |_| Some(Answer::Code(code)));
        world.wait(minutes(60)).await;
        assert_eq!(world.outside.messages().len(), 1);
        world.outside.answer(|_| None);
        world.wait(minutes(minutes_later - 1)).await;
        assert_eq!(world.outside.messages().len(), 1, "{code}");
        world.wait(minutes(1)).await;
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted), "{code}");
        assert_eq!(connection(&world).await.pace.slowed, None, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_disabled_template_rejects_what_it_was_sent_for() {
    let world = World::open().await;
    let carts = leave(&world, 2).await;
    world.outside.answer(|_| Some(Answer::Code(132_016)));
    world.wait(minutes(62)).await;
    assert_eq!(world.outside.messages().len(), 1);
    assert_eq!(world.outcome(&carts[0]).await, Some(SendOutcome::Rejected));
    let told = serde_json::to_value(world.decision(&carts[0]).await.unwrap()).unwrap();
    assert_eq!(told["reason"], "template-disabled");
    assert_eq!(template(&world).await.template.unwrap().state, TemplateState::Disabled);
    assert_eq!(world.skipped(&carts[1]).await, Some(Reason::TemplateDisabled));
}

/// Three refusals of what a template makes, one after the other, mark it broken, whichever instances heard them.
#[tokio::test(start_paused = true)]
async fn the_third_wrong_message_in_a_row_marks_its_template_broken() {
    let world = World::open().await;
    let carts = leave(&world, 6).await;
    world.pass(minutes(53));
    let before = counted(Counter::TemplatesBroken);
    let wrong = |code: u32| world.outside.answer(move |_| Some(Answer::Code(code)));
    wrong(132_000);
    tick_afresh(&world).await;
    tick_afresh(&world).await;
    assert_eq!(template(&world).await.malformed, 2);
    // One that is taken ends the row.
    world.outside.answer(|_| None);
    tick_afresh(&world).await;
    assert_eq!((template(&world).await.malformed, world.outside.messages().len()), (0, 3));
    // The picture that Meta can't read is that of each message.
    for code in [100, 131_053, 132_012] {
        wrong(code);
        assert_eq!(counted(Counter::TemplatesBroken), before);
        tick_afresh(&world).await;
    }
    assert_eq!(counted(Counter::TemplatesBroken), before + 1);
    assert_eq!(world.outcome(&carts[5]).await, Some(SendOutcome::Rejected));
    assert_eq!(template(&world).await.template.unwrap().state, TemplateState::Paused);
}

/// What Meta said before it took messages again is over, however often it is told.
#[tokio::test(start_paused = true)]
async fn an_old_block_does_not_block_again() {
    let world = World::open().await;
    let at = world.clock.now();
    let block = async |since: Instant| {
        let blocked = shared::store::whatsapp::Blocked { code: 131_042, since };
        let number = connection(&world).await.phone_number_id;
        world.table.whatsapp_block(&acme(), &number, blocked).await.unwrap().is_changed()
    };
    assert!(block(at).await);
    world.pass(minutes(5));
    world.table.whatsapp_unblock(&acme(), world.clock.now()).await.unwrap();
    assert!(!block(at).await);
    assert!(connection(&world).await.blocked.is_none());
    assert!(block(world.clock.now().plus(Span::seconds(1))).await);
}

/// One message in fifteen minutes tries a blocked account, whichever instance's turn it is.
#[tokio::test(start_paused = true)]
async fn instances_share_the_probes_of_a_blocked_account() {
    let world = World::open().await;
    leave(&world, 8).await;
    world.outside.answer(|_| Some(Answer::Code(190)));
    world.pass(minutes(52));
    tick_afresh(&world).await;
    let at_once = world.outside.messages().len();
    for _ in 0..60 {
        tick_afresh(&world).await;
    }
    let tried = world.outside.messages().len() - at_once;
    assert!((3..=4).contains(&tried), "{tried}");
}

/// R17: what is no longer connected sends nothing, be a run under way.
#[tokio::test(start_paused = true)]
async fn a_disconnection_stops_the_claim() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    super::claims::claim_while(&world, async |world| {
        assert!(world.table.whatsapp_disconnect(&acme()).await.unwrap());
    })
    .await;
    assert_eq!(world.outside.messages().len(), 0);
    world.wait(minutes(20)).await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::AccountBlocked));
}
