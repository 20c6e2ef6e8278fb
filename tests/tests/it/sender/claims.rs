//! A message is claimed by what was read, or not at all (R16, R17).

use engine::faults::{Fault, Faults};
use shared::domain::facts::cart::CartState;
use shared::domain::facts::contact::Opt;
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::answer::Answer;
use shared::domain::values::campaign::CampaignStatus;
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::graph::Way;

use super::world::{ANA, World, acme, cart_id, minutes, phone_key, send_id, tick, to};

/// Runs a tick whose claim is held until `meanwhile` is done.
pub(super) async fn claim_while(world: &World, meanwhile: impl AsyncFnOnce(&World)) {
    let faults = Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let deps = world.through(&faults);
    let ticking = tokio::spawn(async move { tick(&deps).await });
    hold.reached().await;
    meanwhile(world).await;
    hold.release();
    ticking.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cart_becomes_one_message_and_one_reminder() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(59)).await;
    assert_eq!(world.outside.messages().len(), 0);
    world.wait(minutes(30)).await;
    let messages = world.outside.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(to(&messages[0]), "5511985550107");
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    let claimed = world.table.send(&send_id(&messages[0])).await.unwrap().unwrap();
    let digest = claimed.reminder_id.as_ref().unwrap().digest(&phone_key());
    let reminder = world.table.reminder(&acme(), &digest).await.unwrap();
    let sent = reminder.unwrap().sent.unwrap();
    // A reminder that we sent is anybody's: its instant and day are those of the decision (R14).
    assert_eq!((sent.sent_at, sent.day), (claimed.decided_at, claimed.day));
    assert_eq!(sent.identities.order_form_id, Some(cart.id()));
    let link = world.table.link(&claimed.link_token).await.unwrap().unwrap();
    assert_eq!(
        link.url,
        format!("https://shop.example/checkout/?orderFormId={}#/cart", cart.as_str())
    );
    assert_eq!(link.reminder, Some(digest));
    // Nothing leads to it any more.
    assert_eq!(world.tick().await.carts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pause_confirmed_before_the_claim_wins() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    claim_while(&world, async |world| world.set_status("c1", CampaignStatus::Paused).await).await;
    assert_eq!(world.outside.messages().len(), 0);
    assert_eq!(world.decision(&cart).await, None);
    world.wait(minutes(20)).await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::CampaignPaused));
    world.set_status("c1", CampaignStatus::Active).await;
    world.wait(minutes(20)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn switching_sending_off_stops_the_claim() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    claim_while(&world, async |world| world.set_enabled(false).await).await;
    world.wait(minutes(20)).await;
    assert_eq!(world.outside.messages().len(), 0);
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::SendingDisabled));
}

#[tokio::test(start_paused = true)]
async fn an_opt_out_during_the_gate_stops_the_message() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    let contact = phone_key().contact(&Phone::parse(ANA, CountryCode::BRAZIL).unwrap());
    claim_while(&world, async |world| {
        let now = world.clock.now();
        world.table.contact_opt(&acme(), &contact, Opt::Out, now).await.unwrap();
    })
    .await;
    world.wait(minutes(2)).await;
    assert_eq!(world.outside.messages().len(), 0);
    assert_eq!(world.skipped(&cart).await, Some(Reason::OptedOut));
}

#[tokio::test(start_paused = true)]
async fn activity_during_the_gate_stops_the_skip_and_the_send() {
    let world = World::open().await;
    // One would be sent, the other one skipped as empty.
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    claim_while(&world, async |world| {
        world.beat(&cart).await;
    })
    .await;
    assert_eq!(world.outside.messages().len(), 0);
    assert_eq!(world.decision(&cart).await, None);
    world.wait(minutes(59)).await;
    assert_eq!(world.decision(&cart).await, None);
    world.outside.empty(&cart);
    world.outside.fill(&cart, serde_json::json!({"items": []}));
    world.pass(minutes(1));
    claim_while(&world, async |world| {
        world.beat(&cart).await;
    })
    .await;
    assert_eq!(world.decision(&cart).await, None);
    world.wait(minutes(61)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::CartEmpty));
}

#[tokio::test(start_paused = true)]
async fn two_carts_of_one_phone_send_once() {
    let world = World::open().await;
    let (one, other) = (world.leave(1, ANA).await, world.leave(2, "+55 11 8555-0107").await);
    world.wait(minutes(62)).await;
    assert_eq!(world.outside.messages().len(), 1);
    let mut skipped = vec![world.skipped(&one).await, world.skipped(&other).await];
    skipped.sort_unstable();
    assert_eq!(skipped, [None, Some(Reason::Cooldown)]);
}

/// A message that was decided a day ago leaves only now: another one to the same phone waits from now on.
#[tokio::test(start_paused = true)]
async fn a_cooldown_runs_from_the_last_attempt() {
    let world = World::open().await;
    let first = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Code(131_042)));
    world.pass(minutes(60));
    world.tick().await;
    world.pass(Span::hours(23));
    let second = world.leave(2, ANA).await;
    world.outside.answer(|_| None);
    // The first one leaves at last, and minutes later its decision is a day old.
    world.pass(minutes(55));
    world.tick().await;
    world.wait(minutes(20)).await;
    assert_eq!(world.outside.taken().len(), 1);
    assert_eq!(world.outcome(&first).await, Some(SendOutcome::Accepted));
    assert_eq!(world.skipped(&second).await, Some(Reason::Cooldown));
}

/// Guard: whoever didn't hear of their claim asks the cart, whose send is random.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_the_claim_is_asked_of_the_cart() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    let deps = world.through(&Faults::planned(|call| {
        (call.operation == "TransactWriteItems").then_some(Fault::Unanswered)
    }));
    tick(&deps).await;
    world.wait(minutes(20)).await;
    assert_eq!(world.outside.messages().len(), 1);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn a_request_never_leaves_30_seconds_after_its_claim() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    // Connecting takes three of them.
    claim_while(&world, async |world| world.pass(Span::millis(27_001))).await;
    assert_eq!(world.outside.messages().len(), 0);
    let held = world.cart(&cart).await;
    assert_eq!(held.state, CartState::Waiting);
    // That was no attempt, and it is sent by the next.
    world.wait(minutes(5)).await;
    assert_eq!(world.outside.messages().len(), 1);
    assert_eq!(world.cart(&cart).await.attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_may_begin_as_long_before_that_as_connecting_takes() {
    let world = World::open().await;
    world.leave(1, ANA).await;
    world.pass(minutes(60));
    claim_while(&world, async |world| world.pass(Span::seconds(27))).await;
    assert_eq!(world.outside.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn activity_between_attempts_postpones() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Code(130_429)));
    world.wait(minutes(60)).await;
    assert_eq!(world.outside.messages().len(), 1);
    world.beat(&cart).await;
    world.outside.answer(|_| None);
    world.wait(minutes(59)).await;
    assert_eq!(world.outside.messages().len(), 1);
    world.wait(minutes(2)).await;
    assert_eq!(world.outside.messages().len(), 2);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn a_retry_keeps_its_campaign_and_day() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    // The last minute of the store's day.
    world.clock.set(super::world::at("2026-11-03T02:59:00Z"));
    world.beat(&cart).await;
    world.clock.set(super::world::at("2026-11-04T02:58:30Z"));
    world.outside.answer(|_| Some(Answer::Code(130_429)));
    world.tick().await;
    let first = world.decision(&cart).await.unwrap();
    assert_eq!(first.day.to_string(), "2026-11-03");
    // A campaign that would go before it comes only now.
    world.campaign_in(&acme(), "c0", |campaign| campaign.sending.as_mut().unwrap().rank = 0).await;
    world.outside.answer(|_| None);
    world.wait(minutes(5)).await;
    let second = world.decision(&cart).await.unwrap();
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    assert_eq!((second.day, second.campaign_id), (first.day, first.campaign_id));
    assert_eq!(second.decided_at, first.decided_at);
    let send = world.table.send(&world.last_send()).await.unwrap().unwrap();
    assert_eq!((send.decided_at, send.day), (first.decided_at, first.day));
}

#[tokio::test(start_paused = true)]
async fn the_fifth_attempt_is_the_last() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Code(4)));
    world.wait(Span::hours(6)).await;
    assert_eq!(world.outside.messages().len(), 5);
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Rejected));
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
}

#[tokio::test(start_paused = true)]
async fn no_connection_is_no_attempt() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::NoConnection));
    world.wait(minutes(75)).await;
    assert!(world.outside.messages().len() > 5);
    world.outside.answer(|_| None);
    world.wait(minutes(2)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn a_second_attempt_refused_by_the_gate_ends_rejected() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.answer(|_| Some(Answer::Code(4)));
    world.wait(minutes(60)).await;
    world.order(7, "payment-approved", super::world::of_cart(&cart), world.clock.now()).await;
    world.wait(minutes(5)).await;
    assert_eq!(world.outside.messages().len(), 1);
    let decision = world.decision(&cart).await.unwrap();
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Rejected));
    let told = serde_json::to_value(&decision).unwrap();
    assert_eq!(told["reason"], "purchased");
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_account_waits_and_is_tried_every_15_minutes() {
    let world = World::open().await;
    let (one, other) = (world.leave(1, ANA).await, world.leave(2, "+5511985550108").await);
    world.outside.answer(|_| Some(Answer::Code(131_042)));
    world.wait(minutes(61)).await;
    let at_once = world.outside.messages().len();
    assert!(at_once <= 2, "{at_once}");
    assert!(world.table.whatsapp(&acme()).await.unwrap().unwrap().blocked.is_some());
    world.wait(minutes(60)).await;
    let tried = world.outside.messages().len() - at_once;
    assert!((1..=5).contains(&tried), "{tried}");
    assert_eq!(world.cart(&one).await.held_by, Some(Reason::AccountBlocked));
    world.outside.answer(|_| None);
    world.wait(Span::hours(3)).await;
    assert_eq!(world.outcome(&one).await, Some(SendOutcome::Accepted));
    assert_eq!(world.outcome(&other).await, Some(SendOutcome::Accepted));
    assert!(world.table.whatsapp(&acme()).await.unwrap().unwrap().blocked.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_leaves_the_contact_alone_or_opts_it_out() {
    for (number, code, reason) in [(1, 131_026, Reason::Suppressed), (2, 131_050, Reason::OptedOut)]
    {
        let world = World::open().await;
        let cart = world.leave(number, ANA).await;
        world.outside.answer(move |_| Some(Answer::Code(code)));
        world.wait(minutes(61)).await;
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Rejected));
        // A rejected send is no reminder of its cart, but nobody writes to the contact.
        world.outside.answer(|_| None);
        world.pass(Span::hours(25));
        world.beat(&cart).await;
        world.wait(minutes(61)).await;
        assert_eq!(world.outside.messages().len(), 1);
        assert_eq!(world.skipped(&cart).await, Some(reason));
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_messages_keeps_a_tenth_back() {
    let world = World::open().await;
    world.limit(DailyLimit::People(10)).await;
    for number in 0..12 {
        world.leave(number, &format!("+55119855501{number:02}")).await;
    }
    world.wait(minutes(64)).await;
    assert_eq!(world.outside.messages().len(), 9);
    // A day later others may go out, as far as they have not expired.
    world.wait(Span::hours(26)).await;
    assert_eq!(world.outside.messages().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn what_marketing_messages_do_not_take_goes_the_usual_way() {
    for code in [131_055, 134_100, 134_102] {
        let world = World::open().await;
        let now = world.clock.now();
        world.table.whatsapp_note_marketing(&acme(), true, now).await.unwrap();
        let cart = world.leave(1, ANA).await;
        let mut first = true;
        world.outside.answer(move |_| std::mem::take(&mut first).then_some(Answer::Code(code)));
        world.wait(minutes(64)).await;
        assert_eq!(world.outside.ways(), [Way::Marketing, Way::Usual], "{code}");
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
        // So does all else, until Meta tells otherwise.
        world.leave(2, "+5511985550108").await;
        world.wait(minutes(64)).await;
        assert_eq!(world.outside.ways().last(), Some(&Way::Usual));
        let signed = world.clock.now();
        world.table.whatsapp_note_marketing(&acme(), true, signed).await.unwrap();
        world.leave(3, "+5511985550109").await;
        world.wait(minutes(64)).await;
        assert_eq!(world.outside.ways().last(), Some(&Way::Marketing));
        assert_eq!(world.outside.messages().len(), 4);
    }
}

/// Guard: between claim and request nothing may drop a message, whatever becomes of its count.
#[tokio::test(start_paused = true)]
async fn a_count_that_cannot_be_written_holds_up_no_claimed_message() {
    let world = World::open().await;
    let carts = [world.leave(1, ANA).await, world.leave(2, "+5511985550108").await];
    world.pass(minutes(60));
    let deps = world.through(&Faults::planned(|call| {
        let counts = call.sort_key().is_some_and(|sk| sk.starts_with("HOUR#"));
        (call.operation == "UpdateItem" && counts).then_some(Fault::Refused)
    }));
    tick(&deps).await;
    assert_eq!(world.outside.messages().len(), 2);
    for cart in carts {
        assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    }
    // What was not counted is not taken back either.
    assert_eq!(world.table.messages_of_a_day(&acme(), world.clock.now()).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_messages_that_meta_may_have_taken_count_against_its_limit() {
    let cases = [
        (Some(Answer::NoConnection), 0),
        (Some(Answer::Code(130_429)), 0),
        (Some(Answer::Code(131_042)), 0),
        (Some(Answer::Code(131_026)), 0),
        // The answer was lost: it may have been taken.
        (Some(Answer::Silence), 1),
        (Some(Answer::Code(131_000)), 1),
        (None, 1),
    ];
    for (answer, counted) in cases {
        let world = World::open().await;
        world.leave(1, ANA).await;
        world.outside.answer(move |_| answer);
        world.pass(minutes(60));
        world.tick().await;
        assert_eq!(world.outside.messages().len(), 1);
        let held = world.table.messages_of_a_day(&acme(), world.clock.now()).await.unwrap();
        assert_eq!(held, counted, "{answer:?}");
    }
}

/// While Meta can't be reached, carts are tried each minute: that must not use up the day's messages.
#[tokio::test(start_paused = true)]
async fn an_outage_of_meta_uses_up_no_limit() {
    let world = World::open().await;
    world.limit(DailyLimit::People(10)).await;
    let carts = [1, 2, 3].map(|number| (number, format!("+551198555010{number}")));
    for (number, phone) in &carts {
        world.leave(*number, phone).await;
    }
    world.outside.answer(|_| Some(Answer::NoConnection));
    world.wait(minutes(90)).await;
    assert!(world.outside.messages().len() > 50);
    assert_eq!(world.table.messages_of_a_day(&acme(), world.clock.now()).await.unwrap(), 0);
    world.outside.answer(|_| None);
    world.wait(minutes(2)).await;
    assert_eq!(world.outside.taken().len(), 3);
    assert_eq!(world.table.messages_of_a_day(&acme(), world.clock.now()).await.unwrap(), 3);
}

/// The cart that would try a blocked account is one that nobody writes to: another one tries it.
#[tokio::test(start_paused = true)]
async fn a_cart_that_is_kept_back_tries_no_blocked_account() {
    let world = World::open().await;
    let carts = [1, 2, 3].map(|number| (number, format!("+551198555010{number}")));
    let mut left = Vec::new();
    for (number, phone) in &carts {
        left.push(world.leave(*number, phone).await);
    }
    // In the order in which they are looked at.
    left.sort_by_key(cart_id);
    world.outside.answer(|_| Some(Answer::Code(131_042)));
    world.pass(minutes(60));
    world.tick().await;
    assert!(world.table.whatsapp(&acme()).await.unwrap().unwrap().blocked.is_some());
    let at_once = world.outside.messages().len();
    // All but one of them were emptied meanwhile.
    for cart in &left[..2] {
        world.outside.fill(cart, serde_json::json!({"items": []}));
    }
    world.outside.answer(|_| None);
    world.pass(minutes(16));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), at_once + 1);
    assert_eq!(world.outcome(&left[2]).await, Some(SendOutcome::Accepted));
}

/// Meta says of no message when its template is there again: where it told nothing, a message finds out.
#[tokio::test(start_paused = true)]
async fn a_template_that_was_refused_is_tried_by_one_message() {
    let world = World::open().await;
    for number in 1..=4 {
        world.leave(number, &format!("+551198555010{number}")).await;
    }
    world.outside.answer(|_| Some(Answer::Code(132_001)));
    world.pass(minutes(60));
    world.tick().await;
    let at_once = world.outside.messages().len();
    assert_eq!(world.cart(&super::world::form(1)).await.held_by, Some(Reason::TemplateMissing));
    world.pass(Span::seconds(14 * 60 + 59));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), at_once);
    world.pass(Span::seconds(1));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), at_once + 1);
    // It is there: the others follow.
    world.outside.answer(|_| None);
    world.wait(Span::hours(2)).await;
    assert_eq!(world.outside.taken().len(), 4);
}

/// What Meta tells after a claim is newer than what the answer to that claim shows.
#[tokio::test(start_paused = true)]
async fn an_approval_during_a_refusal_holds() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(60));
    let (clock, told) = (world.clock.clone(), world.clone());
    let approved_at = world.clock.now().plus(Span::seconds(1));
    world.outside.answer(move |_| {
        clock.set(clock.now().plus(Span::seconds(2)));
        Some(Answer::Code(132_015))
    });
    told.template_in(&acme(), TemplateState::Approved, approved_at).await;
    world.tick().await;
    world.outside.answer(|_| None);
    world.wait(minutes(16)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    let held = world.table.templates(&acme()).await.unwrap();
    assert_eq!(held[0].template.unwrap().event_at, approved_at);
}

/// Three messages that are made wrongly are enough: the template's other carts wait.
#[tokio::test(start_paused = true)]
async fn a_template_whose_messages_are_wrong_is_held_back() {
    let world = World::open().await;
    let phone = |number: u32| format!("+551198555010{number}");
    for number in 1..=3 {
        world.leave(number, &phone(number)).await;
    }
    world.outside.answer(|_| Some(Answer::Code(132_000)));
    world.pass(minutes(60));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), 3);
    // After a while one message tries it; it is refused as they were, and the other cart waits.
    let carts = [world.leave(4, &phone(4)).await, world.leave(5, &phone(5)).await];
    world.pass(minutes(60));
    world.tick().await;
    world.pass(minutes(1));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), 4);
    let mut held = Vec::new();
    for cart in &carts {
        held.push(world.cart(cart).await.held_by);
    }
    assert!(held.contains(&Some(Reason::TemplatePaused)), "{held:?}");
    world.outside.answer(|_| None);
    world.wait(minutes(31)).await;
    assert_eq!(world.outside.taken().len(), 1);
}
