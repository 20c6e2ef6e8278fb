//! What happens to a store in a random history.

use std::collections::{BTreeMap, BTreeSet};

use engine::dice::Dice;
use engine::faults::Faults;
use ingest::{Carts, Meaning};
use serde_json::json;
use serde_json::value::RawValue;
use shared::domain::facts::cart::{Beat, SendId};
use shared::domain::facts::contact::Opt;
use shared::domain::facts::event::{Receipt, ReminderStatus};
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::answer::Answer;
use shared::domain::rules::retention::Retention;
use shared::domain::values::campaign::{CampaignEdit, CampaignStatus};
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::span::Span;
use shared::intake::dates::Dates;
use shared::store::facts::Written;

use super::providers::{beacon, deliver, trouble};
use super::stage::{self, CAMPAIGNS, LANGUAGES, PHONES};
use crate::sender::world::{
    World, acme, cart_id, form, minutes, of_cart, of_phone, of_user, order_event, phone_key,
    sealing, terms,
};

/// Carts of a history.
pub(super) const CARTS: u32 = 5;

/// What Meta may say.
pub(super) fn answers(mut dice: Dice) -> impl FnMut(&serde_json::Value) -> Option<Answer> + Send {
    move |_| match dice.below(18) {
        0 => Some(Answer::Silence),
        1 => Some(Answer::NoConnection),
        2 => Some(Answer::Code(130_429)),
        3 => Some(Answer::Code(131_026)),
        4 => Some(Answer::Code(132_015)),
        5 => Some(Answer::Code(131_042)),
        6 => Some(Answer::Code(999_999)),
        7 => Some(Answer::Code(131_000)),
        8 => Some(Answer::ServerError),
        9 => Some(Answer::Code(131_049)),
        _ => None,
    }
}

/// The minute's schedule for the one shard that has carts.
pub(in crate::sender) async fn run(deps: &sender::Deps<crate::sender::stand_ins::StandIns>) {
    let event = sender::SenderEvent { shards: vec![DueShard::of(&acme()).number()], tick: None };
    // What fails for now is done by the next.
    drop(sender::handle(deps, event, None).await);
}

/// A sender that may die, conflict or lose answers at any call.
async fn run_with_faults(world: &World, dice: &mut Dice) {
    let faults = trouble(dice, 24);
    let deps = world.through(&faults);
    tokio::select! {
        () = run(&deps) => {}
        () = faults.crashed() => {}
    }
}

/// Two senders of one shard at once: the lease of the first is thrown away.
async fn two_at_once(world: &World, dice: &mut Dice) {
    let slow = Faults::default();
    let hold =
        slow.hold(|call| call.operation == "TransactWriteItems" || call.operation == "PutItem");
    let deps = world.through(&slow);
    let first = tokio::spawn(async move { run(&deps).await });
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let key = shared::store::key::Key::lease(DueShard::of(&acme()));
    let client = &world.engine.client;
    let delete = client.delete_item().table_name(engine::TABLE_NAME);
    delete.set_key(Some(key.attributes())).send().await.unwrap();
    run_with_faults(world, dice).await;
    hold.release();
    first.await.unwrap();
}

pub(super) struct History {
    pub(super) world: World,
    pub(super) dice: Dice,
    /// Episodes that ever began, by cart.
    pub(super) episodes: BTreeMap<OrderForm, BTreeSet<Instant>>,
    /// Who was erased, and when.
    pub(super) erased: Option<(&'static str, Instant)>,
}

impl History {
    fn phone(&mut self) -> &'static str {
        self.dice.pick(&PHONES).unwrap()
    }

    /// One more thing happens. Its number tells orders apart.
    pub(super) async fn step(&mut self, step: u32) {
        let world = self.world.clone();
        let cart = form(u32::try_from(self.dice.below(CARTS as usize)).unwrap());
        match self.dice.below(36) {
            0..=5 => self.browser(&cart).await,
            6..=8 => self.backend(&cart).await,
            9 => self.order(step, &cart).await,
            10 => {
                let status = if self.dice.chance(300) {
                    CampaignStatus::Paused
                } else {
                    CampaignStatus::Active
                };
                world.set_status(self.dice.pick(&CAMPAIGNS).unwrap(), status).await;
            }
            11 => self.wish().await,
            12 => {
                const STATES: [TemplateState; 6] = [
                    TemplateState::Approved,
                    TemplateState::Approved,
                    TemplateState::Approved,
                    TemplateState::Pending,
                    TemplateState::Paused,
                    TemplateState::Rejected,
                ];
                let language = *self.dice.pick(&LANGUAGES).unwrap();
                let told = (*self.dice.pick(&STATES).unwrap(), world.clock.now());
                world.template_of(&acme(), language, told).await;
            }
            13 | 14 => self.status().await,
            15 | 16 => two_at_once(&world, &mut self.dice).await,
            17 => world.pass(Span::hours(i64::try_from(self.dice.below(30)).unwrap())),
            18 => world.set_enabled(self.dice.chance(750)).await,
            19 => world.set_hours(stage::hours(&mut self.dice)).await,
            20 => {
                world.outside.open(&acme());
                if self.dice.chance(300) {
                    world.outside.close(&acme());
                }
            }
            21 => {
                let limit = if self.dice.chance(400) { 3 } else { 100_000 };
                world.limit(DailyLimit::People(limit)).await;
            }
            22 => world.outside.empty(&cart),
            23 => {
                let sending = Some(stage::sending(&mut self.dice));
                let edit = CampaignEdit { sending, ..CampaignEdit::default() };
                world.edit(self.dice.pick(&CAMPAIGNS).unwrap(), edit).await;
            }
            24 if self.erased.is_none() && self.dice.chance(250) => self.erase().await,
            _ => {
                world.pass(minutes(i64::try_from(self.dice.below(40)).unwrap() + 1));
                run_with_faults(&world, &mut self.dice).await;
            }
        }
    }

    /// A shopper's browser says that a cart lives. What is in it may be another's by now.
    async fn browser(&mut self, cart: &OrderForm) {
        let world = self.world.clone();
        if self.dice.chance(700) {
            let phone = self.phone();
            world.outside.fill(cart, stage::cart(&mut self.dice, phone));
        }
        let (beat, now) =
            (Beat { at: world.clock.now(), payment: self.dice.chance(800) }, world.clock.now());
        let (id, terms) = (cart_id(cart), terms(&world).await);
        beacon(&world, &mut self.dice, async |table| {
            let beat = (beat, Written::Unchanged);
            table.cart_beat((&acme(), &id), cart, beat, (terms, &|| true), now).await
        })
        .await;
        self.note_episodes(cart).await;
    }

    /// A store's backend tells of a cart, now and then late.
    async fn backend(&mut self, cart: &OrderForm) {
        let world = self.world.clone();
        let (now, phone) = (world.clock.now(), self.phone());
        let at = now.minus(Span::seconds(i64::try_from(self.dice.below(900)).unwrap()));
        let mut data = json!({
            "orderFormId": cart.as_str(), "lastActivityAt": at.to_string(),
            "reachedPayment": self.dice.chance(800),
        });
        if self.dice.chance(600) {
            data["phone"] = json!(phone);
            data["language"] = json!(self.dice.pick(&["pt-BR", "es"]).unwrap());
            let granted = self.dice.chance(800);
            data["consent"] =
                json!({"granted": granted, "at": at.to_string(), "source": "checkout"});
        }
        let event = json!({"specversion": "1.0", "id": "1", "source": "https://shop.example",
            "type": "cart.updated", "time": at.to_string(), "data": data});
        let event = RawValue::from_string(event.to_string()).unwrap();
        let key = phone_key();
        let dates = Dates { now, retention: Retention::Unlimited };
        let read = ingest::events::read(key.in_country(CountryCode::BRAZIL), dates, &event);
        let Ok(Meaning::Cart(updated)) = read else { panic!("{read:?}") };
        deliver(&world, &mut self.dice, async |table| {
            let carts = Carts::new(table.clone(), world.clock.clone(), phone_key(), sealing());
            carts.update(&acme(), &updated).await
        })
        .await;
        self.note_episodes(cart).await;
    }

    /// An order of a cart, of somebody who is signed in, or of a phone.
    async fn order(&mut self, number: u32, cart: &OrderForm) {
        let world = self.world.clone();
        let phone = self.phone();
        let of = match self.dice.below(3) {
            0 => of_cart(cart),
            1 => of_user(&format!("user-{phone}")),
            _ => of_phone(phone),
        };
        let status = self.dice.pick(&["canceled", "payment-pending", "invoiced"]).unwrap();
        let now = world.clock.now();
        let created = now.minus(minutes(i64::try_from(self.dice.below(180)).unwrap()));
        let event = order_event(number, status, of, (created, now));
        deliver(&world, &mut self.dice, async |table| {
            table.order_fold(&phone_key(), &acme(), &event).await
        })
        .await;
    }

    /// Somebody wants no messages, or wants them again.
    async fn wish(&mut self) {
        let world = self.world.clone();
        let (phone, opt) = (self.phone(), if self.dice.chance(400) { Opt::Out } else { Opt::In });
        if self.erased.is_some_and(|(erased, _)| erased == phone) {
            return;
        }
        let contact = phone_key().contact(&Phone::parse(phone, CountryCode::BRAZIL).unwrap());
        let now = world.clock.now();
        deliver(&world, &mut self.dice, async |table| {
            table.contact_opt(&acme(), &contact, opt, now).await
        })
        .await;
    }

    /// A status of any message that Meta took, also once more, and a receipt of it.
    async fn status(&mut self) {
        let world = self.world.clone();
        let taken: Vec<SendId> = world.outside.taken().into_keys().collect();
        let Some(send_id) = self.dice.pick(&taken).cloned() else { return };
        let told = world.outside.taken().remove(&send_id).unwrap();
        let receipts = [Receipt::Delivered, Receipt::Read, Receipt::Failed];
        let receipt = *self.dice.pick(&receipts).unwrap();
        let now = world.clock.now();
        deliver(&world, &mut self.dice, async |table| {
            table.send_resolve(&phone_key(), &acme(), &send_id, &told, now).await?;
            let status = ReminderStatus { reminder_id: told.clone(), receipt, at: now };
            table.reminder_write_receipt(&phone_key(), &acme(), &status).await
        })
        .await;
    }

    async fn erase(&mut self) {
        let phone = self.phone();
        let world = self.world.clone();
        crate::sender::erased::erase(&world, crate::sender::erased::by_number(phone)).await;
        self.erased = Some((phone, world.clock.now()));
        world.pass(Span::seconds(1));
    }

    pub(super) async fn note_episodes(&mut self, cart: &OrderForm) {
        let held = self.world.table.cart(&acme(), &cart_id(cart)).await.unwrap();
        if let Some(held) = held {
            self.episodes.entry(cart.clone()).or_default().insert(held.cart.episode);
        }
    }
}
