//! One cart's short life, in which one step dies at one of its writes: each step, each write, before it and after it.
//! What was told is told again, what is due is found again, and the cart ends as if nobody had died.

use engine::faults::{Fault, Faults};
use shared::domain::facts::cart::{Beat, CartState};
use shared::domain::facts::contact::Contact;
use shared::domain::facts::decision::{SendOutcome, Verdict};
use shared::domain::rules::answer::Answer;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::store::facts::Written;

use super::happenings::run;
use super::next_due;
use super::providers::{attempt, dies_at};
use crate::sender::world::{ANA, World, acme, cart_id, content, form, minutes, phone_key, terms};

/// Steps of that life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Beat,
    Gate,
    Status,
    End,
}

/// What became of the cart.
#[derive(Debug, Clone, PartialEq)]
struct End {
    verdict: Option<Verdict>,
    day: String,
    campaign: Option<String>,
    state: CartState,
    contact: Contact,
    reminded: bool,
    messages: usize,
    taken: usize,
}

/// The faults of a step.
fn faults(step: Step, dies: Option<(Step, usize, Fault)>) -> Faults {
    match dies {
        Some((at, write, fault)) if at == step => dies_at(write, fault),
        _ => Faults::default(),
    }
}

/// That life, where Meta answers the first message so; whether anybody died in it.
async fn life(answer: Option<Answer>, dies: Option<(Step, usize, Fault)>) -> (End, bool) {
    let world = World::open().await;
    let cart = form(1);
    world.outside.fill(&cart, content(ANA));
    let mut once = Some(answer);
    world.outside.answer(move |_| once.take().flatten());
    let mut ended_early = false;

    let (id, asked_of) = (cart_id(&cart), terms(&world).await);
    let beat = async |table: &shared::store::Table| {
        let now = world.clock.now();
        let beat = (Beat { at: now, payment: true }, Written::Unchanged);
        table.cart_beat((&acme(), &id), &cart, beat, (asked_of, &|| true), now).await
    };
    if attempt(&world, &faults(Step::Beat, dies), &beat).await.is_none() {
        ended_early = true;
        // Nobody repeats a beacon: the next one tells the same.
        beat(&world.table).await.unwrap();
    }
    world.pass(minutes(60));
    ended_early |= tick(&world, &faults(Step::Gate, dies)).await;
    let taken = world.outside.log();
    if let Some(taken) = taken.first() {
        let resolve = async |table: &shared::store::Table| {
            let (key, now) = (phone_key(), world.clock.now());
            table.send_resolve(&key, &acme(), &taken.send_id, &taken.reminder_id, now).await
        };
        if attempt(&world, &faults(Step::Status, dies), &resolve).await.is_none() {
            ended_early = true;
            assert!(resolve(&world.table).await.unwrap());
        }
    }
    // The lease of whoever ended_early ends by itself.
    world.pass(minutes(2));
    ended_early |= tick(&world, &faults(Step::End, dies)).await;
    world.pass(minutes(2));
    run(&world.deps).await;
    told(&world).await;
    for _ in 0..20 {
        if !next_due(&world, Span::days(3)).await {
            break;
        }
        run(&world.deps).await;
        told(&world).await;
    }
    let left =
        world.table.due_page(DueShard::of(&acme()), world.clock.now().plus(Span::days(9)), None);
    assert!(left.await.unwrap().pointers.is_empty(), "{dies:?} leaves a pointer");
    (end(&world).await, ended_early)
}

/// The statuses of all messages that were taken come, be it again.
async fn told(world: &World) {
    for taken in world.outside.log() {
        let (key, now) = (phone_key(), world.clock.now());
        let table = &world.table;
        table.send_resolve(&key, &acme(), &taken.send_id, &taken.reminder_id, now).await.unwrap();
    }
}

/// Runs the sender; whether it died.
async fn tick(world: &World, faults: &Faults) -> bool {
    let deps = world.through(faults);
    tokio::select! {
        () = run(&deps) => false,
        () = faults.crashed() => true,
    }
}

async fn end(world: &World) -> End {
    let cart = form(1);
    let decision = world.decision(&cart).await;
    let contact = phone_key().contact(&Phone::parse(ANA, CountryCode::BRAZIL).unwrap());
    let log = world.outside.log();
    let mut reminded = false;
    for taken in &log {
        let digest = taken.reminder_id.digest(&phone_key());
        let stored = world.table.reminder(&acme(), &digest).await.unwrap();
        reminded |= stored.is_some_and(|stored| stored.sent.is_some());
    }
    End {
        verdict: decision.as_ref().map(|held| held.verdict),
        day: decision.as_ref().map(|held| held.day.to_string()).unwrap_or_default(),
        campaign: decision.and_then(|held| held.campaign_id).map(|id| id.to_string()),
        state: world.cart(&cart).await.state,
        contact: world.table.contact(&acme(), &contact).await.unwrap(),
        reminded,
        messages: world.outside.messages().len(),
        taken: log.len(),
    }
}

/// Whether a cart may have ended so, that of which nobody died ended otherwise: its message, or the answer to it, was
/// lost on the way, so that it may have been taken and isn't sent again.
fn is_lost(ended: &End, undisturbed: &End) -> bool {
    let unconfirmed = Some(Verdict::Reminded { send: SendOutcome::Unconfirmed, reason: None });
    ended.verdict == unconfirmed
        && ended.state == CartState::Unconfirmed
        && ended.messages <= 1
        && ended.taken == 0
        && (&ended.day, &ended.campaign) == (&undisturbed.day, &undisturbed.campaign)
}

#[test]
fn whoever_dies_at_any_write_changes_no_outcome() {
    let runtime = || {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(true).build().unwrap()
    };
    let answers = [
        None,
        Some(Answer::Silence),
        Some(Answer::Code(999_999)),
        Some(Answer::Code(130_429)),
        Some(Answer::Code(131_042)),
        Some(Answer::Code(131_026)),
        Some(Answer::Code(131_050)),
    ];
    for answer in answers {
        let (undisturbed, _) = runtime().block_on(life(answer, None));
        assert!(undisturbed.taken <= 1 && undisturbed.verdict.is_some(), "{undisturbed:?}");
        for step in [Step::Beat, Step::Gate, Step::Status, Step::End] {
            let mut deaths = 0;
            for (write, fault) in
                (0..).flat_map(|write| [(write, Fault::CrashBefore), (write, Fault::CrashAfter)])
            {
                let (ended, died) = runtime().block_on(life(answer, Some((step, write, fault))));
                if !died {
                    break;
                }
                deaths += 1;
                let told = format!("{answer:?} {step:?} {write} {fault:?}: {ended:?}");
                let is_same = without_versions(&ended) == without_versions(&undisturbed);
                let may_be_lost = step != Step::Beat && is_lost(&ended, &undisturbed);
                assert!(is_same || may_be_lost, "{told}\nand not {undisturbed:?}");
            }
            assert!(deaths > 0 || step != Step::Gate, "{answer:?}: nobody died");
            println!("{answer:?} {step:?}: {deaths} deaths");
        }
    }
}

/// When somebody is asked to be left alone depends on when the answer came, and an instant of a decision on when the
/// sender came again.
fn without_versions(end: &End) -> End {
    let contact = Contact {
        opt_at: None,
        last_decided_at: None,
        suppressed_until: None,
        ..end.contact.clone()
    };
    End { contact, messages: 0, ..end.clone() }
}
