//! What the gate finds in the table and at the store (R15).

use shared::domain::facts::cart::Beat;
use shared::domain::facts::cart::CartState;
use shared::domain::facts::decision::{Reason, SendOutcome};
use shared::domain::facts::template::TemplateState;
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::span::Span;
use shared::runtime::config::Secret;
use shared::store::carts::Terms;
use shared::store::carts::data::{CartField, Saying};

use super::world::{
    ANA, World, acme, at, cart_id, content, form, minutes, of_cart, of_other_cart, of_phone,
    sealing, to,
};

#[tokio::test(start_paused = true)]
async fn a_pending_order_counts_as_bought() {
    for (number, of) in [(1, of_cart(&form(1))), (2, of_phone("11 8555-0107"))] {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.order(number, "payment-pending", of, world.clock.now()).await;
        world.wait(minutes(61)).await;
        assert_eq!(world.skipped(&cart).await, Some(Reason::Purchased));
        assert_eq!(world.outside.messages().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_canceled_one_does_not() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.order(1, "canceled", of_cart(&cart), world.clock.now()).await;
    world.order(2, "invoiced", of_other_cart(), world.clock.now()).await;
    // Somebody's earlier purchase, too long before.
    world.order(3, "invoiced", of_phone(ANA), world.clock.now().minus(Span::hours(2))).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn an_old_due_cart_expires_instead_of_sending() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    // Nobody looked for two days.
    world.pass(Span::hours(50));
    world.tick().await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::Expired));
    assert_eq!(world.outside.messages().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_held_an_expired_cart_is_told() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.template_in(&acme(), TemplateState::Paused, world.clock.now()).await;
    world.wait(Span::hours(51)).await;
    let told = serde_json::to_value(world.decision(&cart).await.unwrap()).unwrap();
    assert_eq!((&told["reason"], &told["heldBy"]), (&"expired".into(), &"template-paused".into()));
}

#[tokio::test(start_paused = true)]
async fn each_of_the_shoppers_reasons_is_found_at_the_store() {
    let cases = [
        (serde_json::json!(null), Reason::NoPhone),
        ("".into(), Reason::NoPhone),
        ("+55 11 9****-**07".into(), Reason::PhoneMasked),
        ("12".into(), Reason::PhoneInvalid),
        ("+1 212 555 0107".into(), Reason::CountryUnsupported),
    ];
    for (phone, reason) in cases {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        let mut odd = content(ANA);
        odd["clientProfileData"]["phone"] = phone;
        world.outside.fill(&cart, odd);
        world.wait(minutes(61)).await;
        assert_eq!(world.skipped(&cart).await, Some(reason));
    }
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    let mut silent = content(ANA);
    silent["clientPreferencesData"]["optinNewsLetter"] = false.into();
    world.outside.fill(&cart, silent);
    world.wait(minutes(61)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::NoConsent));
    // What was missing may be there with the next sign of life.
    world.outside.fill(&cart, content(ANA));
    world.beat(&cart).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

#[tokio::test(start_paused = true)]
async fn a_forged_beat_ends_at_the_first_read() {
    let world = World::open().await;
    let cart = form(9);
    world.beat(&cart).await;
    world.wait(minutes(61)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::CartGone));
    assert_eq!(world.cart(&cart).await.state, CartState::Closed);
    assert!(world.decision(&cart).await.unwrap().counts_nowhere());
}

/// R14: only at the first read a cart that the store doesn't know counts nowhere.
#[tokio::test(start_paused = true)]
async fn a_cart_that_was_read_and_is_gone_later_counts() {
    let world = World::open().await;
    world.template_in(&acme(), TemplateState::Pending, world.clock.now()).await;
    let cart = world.leave(1, ANA).await;
    world.wait(minutes(62)).await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::TemplatePending));
    world.outside.empty(&cart);
    world.wait(minutes(30)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::CartGone));
    assert!(!world.decision(&cart).await.unwrap().counts_nowhere());
    // What waited without being read tells nothing.
    let unread = form(9);
    world.set_enabled(false).await;
    world.beat(&unread).await;
    world.wait(minutes(62)).await;
    world.set_enabled(true).await;
    world.wait(minutes(30)).await;
    assert!(world.decision(&unread).await.unwrap().counts_nowhere());
}

async fn tell(world: &World, form: &OrderForm, phone: Option<&str>, at: Instant) {
    let (account, id, now) = (acme(), cart_id(form), world.clock.now());
    let value = phone.map(Secret::new);
    let digest = phone.unwrap_or_default().to_owned();
    let sayings = vec![Saying { field: CartField::Phone, at, digest, value }];
    let told = world.table.cart_fold(&account, &id, sayings, &sealing(), now).await.unwrap();
    let terms = Terms { any_page: false, any_campaign: true, delay: minutes(60) };
    let beat = Beat { at, payment: true };
    world
        .table
        .cart_beat((&account, &id), form, (beat, told), (terms, &|| true), now)
        .await
        .unwrap();
}

/// The store doesn't tell whose the cart is; its backend does.
async fn anonymous() -> (World, OrderForm) {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    let mut guest = content(ANA);
    guest["clientProfileData"] = serde_json::json!(null);
    world.outside.fill(&cart, guest);
    (world, cart)
}

#[tokio::test(start_paused = true)]
async fn an_older_backend_event_still_brings_its_phone() {
    let (world, cart) = anonymous().await;
    let before = world.cart(&cart).await;
    world.pass(minutes(5));
    tell(&world, &cart, Some(ANA), world.clock.now().minus(minutes(10))).await;
    let after = world.cart(&cart).await;
    assert_eq!(after.last_activity_at, before.last_activity_at);
    // It raises the version: a gate that read the cart before loses.
    assert_eq!(after.version, before.version + 1);
    world.wait(minutes(60)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
    assert_eq!(to(&world.outside.messages()[0]), "5511985550107");
}

#[tokio::test(start_paused = true)]
async fn a_corrected_phone_gets_one_message() {
    let (world, cart) = anonymous().await;
    let left = world.clock.now();
    tell(&world, &cart, Some("+5511985550199"), left).await;
    world.pass(minutes(60));
    // The shopper corrects it while the gate is judged.
    let faults = engine::faults::Faults::default();
    let hold = faults.hold(|call| call.operation == "TransactWriteItems");
    let deps = world.through(&faults);
    let ticking = tokio::spawn(async move { super::world::tick(&deps).await });
    hold.reached().await;
    tell(&world, &cart, Some(ANA), left.plus(Span::millis(1))).await;
    hold.release();
    ticking.await.unwrap();
    assert_eq!(world.outside.messages().len(), 0);
    world.wait(minutes(62)).await;
    let messages = world.outside.messages();
    assert_eq!(messages.iter().map(to).collect::<Vec<_>>(), ["5511985550107"]);
}

#[tokio::test(start_paused = true)]
async fn of_a_person_what_was_said_last_holds_in_any_order() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (world, cart) = anonymous().await;
        let left = world.clock.now();
        world.pass(minutes(1));
        for index in order {
            let phone = [Some("+5511985550101"), None, Some(ANA)][index];
            tell(&world, &cart, phone, left.plus(Span::seconds(i64::try_from(index).unwrap())))
                .await;
        }
        let (account, id, sealing) = (acme(), cart_id(&cart), sealing());
        let said = async || {
            let now = world.clock.now();
            world.table.cart_said(&account, &id, &sealing, now).await.unwrap()
        };
        assert_eq!(said().await.get(CartField::Phone), Some(ANA));
        // It is told once and not kept.
        world.pass(Span::days(8));
        assert_eq!(said().await.get(CartField::Phone), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_of_a_person_is_sealed() {
    let (world, cart) = anonymous().await;
    tell(&world, &cart, Some(ANA), world.clock.now()).await;
    let key = shared::store::key::Key::cart_data(&acme(), &cart_id(&cart));
    let held = world
        .engine
        .client
        .get_item()
        .table_name(engine::TABLE_NAME)
        .set_key(Some(key.attributes()))
        .send()
        .await
        .unwrap();
    let shown = format!("{:?}", held.item.unwrap());
    assert!(shown.contains("sealed"), "{shown}");
    // The digest of this test is the number itself; ingestion's is keyed.
    assert_eq!(shown.matches("5511985550107").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn saturday_night_waits_for_the_stores_hours() {
    let world = World::open().await;
    let hours = serde_json::json!({"mon": ["09:00", "20:00"], "sat": ["09:00", "20:00"]});
    let change = |held: Option<&shared::domain::values::sending::AccountSending>| {
        let hours = serde_json::from_value(hours.clone()).unwrap();
        shared::domain::values::sending::AccountSending { hours, ..held.unwrap().clone() }
    };
    world.table.sending_set(&acme(), change).await.unwrap();
    world.clock.set(at("2026-11-07T23:30:00Z"));
    let cart = world.leave(1, ANA).await;
    world.wait(Span::hours(2)).await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::QuietHours));
    world.clock.set(at("2026-11-09T11:59:00Z"));
    world.tick().await;
    assert_eq!(world.outside.messages().len(), 0);
    world.wait(minutes(21)).await;
    assert_eq!(world.outcome(&cart).await, Some(SendOutcome::Accepted));
}

/// An account that never said how it sends is one that is switched off: its carts end.
#[tokio::test(start_paused = true)]
async fn a_cart_of_an_account_that_never_said_how_it_sends_expires() {
    let world = World::open().await;
    let settings = shared::store::key::Key::settings(&acme());
    let update = world.engine.client.update_item().table_name(engine::TABLE_NAME);
    let update = update.set_key(Some(settings.attributes()));
    update.update_expression("REMOVE sending").send().await.unwrap();
    let cart = world.leave(1, ANA).await;
    world.pass(minutes(61));
    world.tick().await;
    assert_eq!(world.cart(&cart).await.held_by, Some(Reason::SendingDisabled));
    assert!(!world.table.account(&acme()).await.unwrap().unwrap().time_zone_fixed);
    world.pass(Span::hours(50));
    world.tick().await;
    let told = serde_json::to_value(world.decision(&cart).await.unwrap()).unwrap();
    assert_eq!((&told["reason"], &told["heldBy"]), (&"expired".into(), &"sending-disabled".into()));
    assert_eq!(world.outside.messages().len(), 0);
    assert_eq!(world.tick().await.carts, 0);
    // The day of a decision was cut in a zone that stays from now on (R14).
    assert!(world.table.account(&acme()).await.unwrap().unwrap().time_zone_fixed);
}

/// Of a store that tells its carts itself, a backend decides neither that there is one nor what is in it.
#[tokio::test(start_paused = true)]
async fn what_vtex_tells_of_a_cart_decides() {
    let cases = [
        (None, Reason::CartGone),
        (Some(serde_json::json!({"items": []})), Reason::CartEmpty),
        (
            Some(serde_json::json!({"storePreferencesData": {"currencyCode": "BRL"}, "items": []})),
            Reason::CartEmpty,
        ),
    ];
    for (told, reason) in cases {
        let world = World::open().await;
        let cart = world.leave(1, ANA).await;
        world.pass(minutes(1));
        say(&world, &cart).await;
        match told {
            None => world.outside.empty(&cart),
            Some(told) => world.outside.fill(&cart, told),
        }
        world.wait(minutes(61)).await;
        assert_eq!(world.skipped(&cart).await, Some(reason));
        assert_eq!(world.outside.messages().len(), 0);
    }
}

/// An id that VTEX refuses as none is no cart.
#[tokio::test(start_paused = true)]
async fn an_id_that_vtex_refuses_is_no_cart() {
    let world = World::open().await;
    let cart = world.leave(1, ANA).await;
    world.outside.refuse(&cart);
    world.wait(minutes(61)).await;
    assert_eq!(world.skipped(&cart).await, Some(Reason::CartGone));
}

/// A backend says whose a cart is, what is in it and what that is worth.
async fn say(world: &World, form: &OrderForm) {
    let (account, id, now) = (acme(), cart_id(form), world.clock.now());
    let item = r#"[{"id":"9","name":"Hat","quantity":1,"price":100}]"#;
    let told = [
        (CartField::Phone, ANA),
        (CartField::Items, item),
        (CartField::Currency, "BRL"),
        (CartField::Value, "100"),
    ];
    let sayings = told.map(|(field, value)| Saying {
        field,
        at: now,
        digest: value.to_owned(),
        value: Some(Secret::new(value)),
    });
    world.table.cart_fold(&account, &id, sayings.to_vec(), &sealing(), now).await.unwrap();
}

/// The sealed fields of a cart's data as stored, and when the item goes.
async fn stored_data(world: &World, cart: &OrderForm) -> (usize, i64) {
    let key = shared::store::key::Key::cart_data(&acme(), &cart_id(cart));
    let get = world.engine.client.get_item().table_name(engine::TABLE_NAME);
    let held = get.set_key(Some(key.attributes())).send().await.unwrap().item.unwrap();
    let expires_at = held["expiresAt"].as_n().unwrap().parse().unwrap();
    (format!("{held:?}").matches("\"sealed\"").count(), expires_at)
}

#[tokio::test(start_paused = true)]
async fn what_was_said_of_a_person_too_long_ago_goes_at_the_next_fold() {
    let (world, cart) = anonymous().await;
    let said_at = world.clock.now();
    tell(&world, &cart, Some(ANA), said_at).await;
    assert_eq!(stored_data(&world, &cart).await, (1, said_at.plus(Span::days(7)).seconds()));
    let says = async |field: CartField, value: &str| {
        let (id, now) = (cart_id(&cart), world.clock.now());
        let value = Some(Secret::new(value));
        let saying = Saying { field, at: now, digest: now.to_string(), value };
        world.table.cart_fold(&acme(), &id, vec![saying], &sealing(), now).await.unwrap();
    };
    // What else is said keeps nothing of the person for longer.
    let goes_at = said_at.plus(Span::days(7)).seconds();
    world.pass(Span::days(5));
    says(CartField::FirstName, "Ana").await;
    assert_eq!(stored_data(&world, &cart).await, (2, goes_at));
    world.pass(Span::days(1));
    says(CartField::Language, "es").await;
    assert_eq!(stored_data(&world, &cart).await, (2, goes_at));
    // What would take the item with it within a day goes before.
    world.pass(Span::millis(1));
    says(CartField::Language, "es").await;
    let named_at = said_at.plus(Span::days(5));
    assert_eq!(stored_data(&world, &cart).await, (1, named_at.plus(Span::days(7)).seconds()));
    world.pass(Span::days(6));
    says(CartField::Language, "es").await;
    let (sealed, expires_at) = stored_data(&world, &cart).await;
    assert_eq!((sealed, expires_at), (0, world.clock.now().plus(Span::days(30)).seconds()));
    // Told again late it doesn't come back.
    tell(&world, &cart, Some(ANA), said_at).await;
    assert_eq!(stored_data(&world, &cart).await.0, 0);
}

/// What the breaker of carts that browsers make up goes by.
#[tokio::test(start_paused = true)]
async fn carts_that_are_read_are_counted_with_those_that_are_gone() {
    let world = World::open().await;
    world.leave(1, ANA).await;
    for number in 2..5 {
        world.beat(&form(number)).await;
    }
    world.pass(minutes(60));
    world.tick().await;
    let read = world.table.carts_read(&acme(), world.clock.now()).await.unwrap();
    assert_eq!((read.found, read.gone), (1, 3));
    world.pass(Span::hours(1));
    let read = world.table.carts_read(&acme(), world.clock.now()).await.unwrap();
    assert_eq!((read.found, read.gone), (0, 0));
}
