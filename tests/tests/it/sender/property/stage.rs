//! The store of a history: its campaigns, its hours, and what its carts may hold.

use std::collections::BTreeMap;

use engine::dice::Dice;
use serde_json::{Value, json};
use shared::domain::facts::template::TemplateState;
use shared::domain::values::campaign::{CampaignEdit, Language};
use shared::domain::values::money::Currency;
use shared::domain::values::sending::{CampaignSending, Delay, Trigger};

use crate::sender::world::{World, acme, content};

/// Few people, so that their carts meet.
pub(super) const PHONES: [&str; 3] = ["+5511985550101", "+5511985550102", "+5511985550103"];
/// The campaigns of each store.
pub(super) const CAMPAIGNS: [&str; 3] = ["c1", "c2", "c3"];
/// The languages of their messages.
pub(super) const LANGUAGES: [Language; 2] = [Language::PtBr, Language::Es];

/// How a campaign sends, as the dice say.
pub(super) fn sending(dice: &mut Dice) -> CampaignSending {
    let minutes = *dice.pick(&[20, 60, 60, 180]).unwrap();
    let minimum = dice.chance(300).then(|| (Currency::parse("BRL").unwrap(), 10_000));
    CampaignSending {
        enabled: true,
        delay_minutes: Delay::minutes(minutes).unwrap(),
        trigger: if dice.chance(400) { Trigger::Any } else { Trigger::Payment },
        minimum: BTreeMap::from_iter(minimum),
        rank: u32::try_from(dice.below(3)).unwrap(),
        coupon_code: None,
    }
}

/// Two campaigns in one language and one in another, each with its own rank, trigger, delay and minimum.
pub(super) async fn set(world: &World, dice: &mut Dice) {
    let first = CampaignEdit { sending: Some(sending(dice)), ..CampaignEdit::default() };
    world.edit("c1", first).await;
    for (id, language) in [("c2", Language::PtBr), ("c3", Language::Es)] {
        let sending = sending(dice);
        let change = |campaign: &mut shared::domain::values::campaign::Campaign| {
            (campaign.language, campaign.sending) = (language, Some(sending));
        };
        world.campaign_in(&acme(), id, change).await;
    }
    let told = (TemplateState::Approved, world.clock.now());
    world.template_of(&acme(), Language::Es, told).await;
}

/// What a cart of somebody holds: mostly what may be reminded of.
pub(super) fn cart(dice: &mut Dice, phone: &str) -> Value {
    let mut cart = content(phone);
    let change: &[(&str, Value)] = match dice.below(20) {
        0 => &[("/items", json!([]))],
        1 => &[("/clientProfileData/phone", json!(null))],
        2 => &[("/clientProfileData/phone", json!("+55*******0101"))],
        3 => &[("/clientProfileData/phone", json!("12"))],
        4 => &[("/clientProfileData/phone", json!("+12125550107"))],
        5 => &[("/clientPreferencesData/optinNewsLetter", json!(false))],
        6 => &[("/value", json!(900))],
        7 => &[("/storePreferencesData/currencyCode", json!("CLP"))],
        8 => &[("/clientPreferencesData/locale", json!("en-US"))],
        9 | 10 => &[("/clientPreferencesData/locale", json!("es-AR"))],
        _ => &[],
    };
    for (pointer, value) in change {
        *cart.pointer_mut(pointer).unwrap() = value.clone();
    }
    cart
}

/// When messages may go out: at any hour, by day, or by day and not on weekends.
pub(super) fn hours(dice: &mut Dice) -> Value {
    let day = if dice.chance(400) { ["00:00", "24:00"] } else { ["09:00", "18:00"] };
    let mut week = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day});
    if dice.chance(600) {
        (week["sat"], week["sun"]) = (json!(day), json!(day));
    }
    week
}

/// Messages at any hour.
pub(super) fn always() -> Value {
    let day = ["00:00", "24:00"];
    json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day})
}
