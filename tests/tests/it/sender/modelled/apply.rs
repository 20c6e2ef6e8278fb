//! The same things happen to the system.

use chrono::Weekday;
use ingest::{Carts, Meaning};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::domain::facts::cart::Beat;
use shared::domain::facts::contact::Opt;
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::retention::Retention;
use shared::domain::values::campaign::{Campaign, CampaignEdit, CampaignStatus, Language};
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::instant::Instant;
use shared::domain::values::money::Currency;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::sending::{CampaignSending, Delay, Trigger};
use shared::intake::dates::Dates;
use shared::store::facts::Written;
use tests::raw_cart::{Buyer, Happened, Happening, RawCampaign, RawForm};

use crate::sender::property::happenings::run;
use crate::sender::world::{
    World, acme, cart_id, form, of_cart, of_phone, of_user, order_event, phone_key, sealing,
    send_id, terms,
};

fn form_of(cart: usize) -> OrderForm {
    form(u32::try_from(cart).unwrap())
}

fn language(name: &str) -> Language {
    Language::of_meta(name).unwrap()
}

/// Two campaigns beside the first one; how they send is told by what happens.
pub(in crate::sender) async fn set_up(world: &World) {
    for (id, name) in [("c2", "pt-BR"), ("c3", "es")] {
        let change = |campaign: &mut Campaign| campaign.language = language(name);
        world.campaign_in(&acme(), id, change).await;
    }
}

/// One thing happens, at its instant.
pub(in crate::sender) async fn one(world: &World, Happened { at, what }: &Happened) {
    let now = Instant::from_millis(*at);
    world.clock.set(now);
    match what {
        Happening::Beat { cart, payment } => {
            let form = form_of(*cart);
            let beat = (Beat { at: now, payment: *payment }, Written::Unchanged);
            let (id, asked) = (cart_id(&form), terms(world).await);
            world
                .table
                .cart_beat((&acme(), &id), &form, beat, (asked, &|| true), now)
                .await
                .unwrap();
        }
        Happening::Told { cart, active, payment, shopper } => {
            tell(world, *cart, (*active, *payment), *shopper).await;
        }
        Happening::Holds { cart, form: Some(form) } => {
            world.outside.fill(&form_of(*cart), document(form));
        }
        Happening::Holds { cart, form: None } => world.outside.empty(&form_of(*cart)),
        Happening::StoreAnswers(answers) => {
            world.outside.open(&acme());
            if !answers {
                world.outside.close(&acme());
            }
        }
        Happening::Order { number, status, created, of } => {
            let of = match of {
                Buyer::Cart(cart) => of_cart(&form_of(*cart)),
                Buyer::User(phone) => of_user(&format!("user-{phone}")),
                Buyer::Phone(phone) => of_phone(phone),
            };
            let event = order_event(*number, status, of, (Instant::from_millis(*created), now));
            world.table.order_fold(&phone_key(), &acme(), &event).await.unwrap();
        }
        Happening::Campaign(campaign) => edit(world, campaign).await,
        Happening::Sends(sends) => world.set_enabled(*sends).await,
        Happening::Hours(hours) => world.set_hours(week(hours)).await,
        Happening::Limit(limit) => {
            world.limit(DailyLimit::People(u32::try_from(*limit).unwrap())).await;
        }
        Happening::Wish { phone, out } => {
            let contact = phone_key().contact(&Phone::parse(phone, CountryCode::BRAZIL).unwrap());
            let opt = if *out { Opt::Out } else { Opt::In };
            world.table.contact_opt(&acme(), &contact, opt, now).await.unwrap();
        }
        Happening::Template { language: name, state } => {
            let told = (TemplateState::of_word(state), now);
            world.template_of(&acme(), language(name), told).await;
        }
        Happening::Status(number) => {
            let messages = world.outside.messages();
            let Some(message) = messages.get(*number) else { return };
            let send_id = send_id(message);
            if world.outside.taken().contains_key(&send_id) {
                world.status_of(&send_id).await;
            }
        }
        Happening::Ran => run(&world.deps).await,
    }
}

/// A store's document.
fn document(form: &RawForm) -> Value {
    let items = if form.filled {
        json!([{"id": "101", "name": "Shirt", "quantity": 2, "price": 6000, "sellingPrice": 6000}])
    } else {
        json!([])
    };
    json!({
        "userProfileId": format!("user-{}", form.user), "value": form.cents,
        "clientProfileData": {"firstName": "Ana", "phone": form.phone},
        "clientPreferencesData": {"locale": form.locale, "optinNewsLetter": form.agreed},
        "storePreferencesData": {"currencyCode": form.currency},
        "items": items,
    })
}

async fn tell(
    world: &World,
    cart: usize,
    (active, payment): (i64, bool),
    shopper: Option<(&str, &str, bool)>,
) {
    let at = Instant::from_millis(active).to_string();
    let mut data = json!({
        "orderFormId": form_of(cart).as_str(), "lastActivityAt": at, "reachedPayment": payment,
    });
    if let Some((phone, language, granted)) = shopper {
        (data["phone"], data["language"]) = (json!(phone), json!(language));
        data["consent"] = json!({"granted": granted, "at": at, "source": "checkout"});
    }
    let event = json!({"specversion": "1.0", "id": "1", "source": "https://shop.example",
        "type": "cart.updated", "time": at, "data": data});
    let event = RawValue::from_string(event.to_string()).unwrap();
    let (key, now) = (phone_key(), world.clock.now());
    let dates = Dates { now, retention: Retention::Unlimited };
    let read = ingest::events::read(key.in_country(CountryCode::BRAZIL), dates, &event);
    let Ok(Meaning::Cart(updated)) = read else { panic!("{read:?}") };
    let carts = Carts::new(world.table.clone(), world.clock.clone(), phone_key(), sealing());
    carts.update(&acme(), &updated).await.unwrap();
}

async fn edit(world: &World, campaign: &RawCampaign) {
    let minimum = campaign.minimum.map(|cents| (Currency::parse("BRL").unwrap(), cents));
    let sending = CampaignSending {
        enabled: true,
        delay_minutes: Delay::minutes(u16::try_from(campaign.delay).unwrap()).unwrap(),
        trigger: if campaign.payment { Trigger::Payment } else { Trigger::Any },
        minimum: minimum.into_iter().collect(),
        rank: campaign.rank,
        coupon_code: None,
    };
    let status = if campaign.active { CampaignStatus::Active } else { CampaignStatus::Paused };
    let (sending, status) = (Some(sending), Some(status));
    world.edit(campaign.id, CampaignEdit { sending, status, ..CampaignEdit::default() }).await;
}

fn week(hours: &[(Weekday, u32, u32)]) -> Value {
    let text = |minute: &u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let days = hours.iter().map(|(day, opens, closes)| {
        (day.to_string().to_lowercase(), json!([text(opens), text(closes)]))
    });
    Value::Object(days.collect())
}
