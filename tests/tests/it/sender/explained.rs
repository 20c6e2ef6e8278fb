//! What the Admin is told of a waiting cart's gate is what the sender does with it.

use serde_json::{Value, json};
use shared::domain::facts::cart::CartState;
use shared::domain::facts::contact::Opt;
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::gate::{Finding, Judgement, Passage, Step};
use shared::domain::values::campaign::CampaignStatus;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::judging::Judging;
use shared::store::names::Naming;

use super::world::{
    ANA, World, acme, cart_id, content, minutes, of_cart, of_phone, phone_key, sealing,
};

async fn explain(world: &World, form: &OrderForm) -> Judgement {
    let (key, sealing) = (phone_key(), sealing());
    let judging = Judging {
        table: &world.table,
        clock: &world.clock,
        phone_key: &key,
        sealing: &sealing,
        stores: &world.outside,
    };
    let known = judging.account(&acme()).await.unwrap().unwrap();
    let (id, record) = (cart_id(form), world.record(form).await);
    judging.explain(&known, (&id, &record)).await.unwrap().judgement
}

/// What comes between a cart and its message.
async fn hinder(world: &World, cart: &OrderForm, case: &str) {
    let now = world.clock.now();
    let changed = |pointer: &str, value: Value| {
        let mut content = content(ANA);
        *content.pointer_mut(pointer).unwrap() = value;
        world.outside.fill(cart, content);
    };
    match case {
        "nothing" => {}
        "off" => world.set_enabled(false).await,
        "paused" => world.set_status("c1", CampaignStatus::Paused).await,
        "template" => world.template_in(&acme(), TemplateState::Paused, now).await,
        "rejected" => world.template_in(&acme(), TemplateState::Rejected, now).await,
        "bought" => world.order(1, "invoiced", of_cart(cart), now).await,
        "bought elsewhere" => world.order(1, "invoiced", of_phone(ANA), now).await,
        "opted out" => {
            let contact = phone_key().contact(&Phone::parse(ANA, CountryCode::BRAZIL).unwrap());
            world.table.contact_opt(&acme(), &contact, Opt::Out, now).await.unwrap();
        }
        "empty" => changed("/items", json!([])),
        "gone" => world.outside.empty(cart),
        "closed" => world.outside.close(&acme()),
        "nobody" => changed("/clientProfileData/phone", Value::Null),
        "masked" => changed("/clientProfileData/phone", json!("+55 11 9****-**07")),
        "silent" => changed("/clientPreferencesData/optinNewsLetter", json!(false)),
        "foreign" => changed("/clientPreferencesData/locale", json!("en-US")),
        _ => panic!("{case}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_explanation_says_what_the_sender_then_does() {
    for case in [
        "nothing",
        "off",
        "paused",
        "template",
        "rejected",
        "bought",
        "bought elsewhere",
        "opted out",
        "empty",
        "gone",
        "closed",
        "nobody",
        "masked",
        "silent",
        "foreign",
    ] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        hinder(&world, &cart, case).await;
        let early = explain(&world, &cart).await;
        assert_eq!(early.passage, Passage::Waits(None, world.cart(&cart).await.due_at), "{case}");
        world.pass(minutes(61));
        let before = world.record(&cart).await;
        let explained = explain(&world, &cart).await;
        assert_eq!(world.record(&cart).await, before, "{case}: explaining changes nothing");
        world.tick().await;
        let after = world.cart(&cart).await;
        match &explained.passage {
            Passage::Opens(_) => {
                assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted), "{case}");
            }
            Passage::Waits(reason, until) => {
                let waits = (CartState::Waiting, *reason, *until);
                assert_eq!((after.state, after.held_by, after.due_at), waits, "{case}");
            }
            Passage::Ends(reason) => {
                assert_eq!(world.skipped(&cart).await, Some(*reason), "{case}");
                // What is told once it is decided begins like what was told before.
                let own = case == "bought";
                let step = if own { Step::OwnFacts } else { Step::that_ends(*reason) };
                let told = Judgement::ended(step, *reason).steps;
                assert!(explained.steps.starts_with(&told), "{case}: {explained:?}");
            }
            Passage::Read(_) => panic!("{case}: {explained:?}"),
        }
        let open = explained.steps.iter().any(|(_, found)| matches!(found, Finding::Needs(_)));
        // Without what the store tells, or without a campaign.
        let expected = ["gone", "closed", "paused", "foreign"].contains(&case);
        assert_eq!(open, expected, "{case}: {explained:?}");
    }
}

/// Whose cart it is is noted once its gate read it: whether it ended, waits behind that, or was reminded of.
#[tokio::test(start_paused = true)]
async fn a_cart_is_known_by_the_number_that_its_gate_read() {
    let phone = Identity::Phone(of_phone(ANA).phone.unwrap());
    for (case, expected) in [
        ("nothing", "send"),
        ("bought elsewhere", "cart"),
        ("template", "cart"),
        ("opted out", "cart"),
        ("bought", "none"),
        ("off", "none"),
        ("closed", "none"),
        ("nobody", "none"),
    ] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        hinder(&world, &cart, case).await;
        world.wait(minutes(62)).await;
        let named = world.table.named_in(&phone_key(), &acme(), &phone).await.unwrap();
        let told = match named.iter().map(|named| &named.naming).collect::<Vec<_>>()[..] {
            [] => "none",
            [Naming::Cart(id)] if *id == cart_id(&cart) => "cart",
            [Naming::Send(id)] if *id == world.last_send() => "send",
            _ => panic!("{case}: {named:?}"),
        };
        assert_eq!(told, expected, "{case}");
    }
}

/// A reason that a quiet hour hides is told all the same: it ends the cart once the hour is over.
#[tokio::test(start_paused = true)]
async fn what_waits_for_the_hour_is_told_with_all_else() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    hinder(&world, &cart, "nobody").await;
    world.set_hours(json!({"tue": ["09:00", "20:00"]})).await;
    world.pass(minutes(61));
    let explained = explain(&world, &cart).await;
    world.tick().await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::QuietHours));
    let found = |step| explained.steps.iter().find(|(each, _)| *each == step).unwrap().1;
    assert_eq!(found(Step::Phone), Finding::Ends(Reason::NoPhone));
    let until = world.cart(&cart).await.due_at;
    assert_eq!(found(Step::Time), Finding::Defers(Reason::QuietHours, until));
}
