//! A reminder that we sent is anybody's: its receipts, clicks and orders come to the same figures and to the same
//! report as if a sender of the store's own had sent it, to the byte.

use std::cell::Cell;

use engine::dice::Dice;
use serde_json::Value;
use shared::domain::facts::event::{
    ClickKind, Event, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::campaign::CampaignEdit;
use shared::domain::values::ids::{CampaignId, ClickId};
use shared::domain::values::item::ItemList;
use shared::domain::values::sending::CampaignSending;
use shared::domain::values::span::Span;
use shared::intake::accounts::Accounts;
use shared::store::key::Key;
use shared::store::links::Link;
use tests::raw_cart::Happening;

use super::modelled::{apply, drawn, live};
use super::property::each_of;
use super::property::invariants::counted;
use super::stand_ins::Taken;
use super::world::{World, acme, of_cart, of_phone, order_event, phone_key, sealing};
use crate::store::Store;
use crate::store::worker::Worker;

/// Histories of one run.
const HISTORIES: u64 = 24;

/// What a sender of the store's own does with a message: a link, and an event when it was sent.
async fn as_others_send(world: &World, taken: &Taken) -> (Link, Event) {
    let claimed = world.table.send(&taken.send_id).await.unwrap().unwrap();
    let link = world.table.link(&claimed.link_token).await.unwrap().unwrap();
    let items = match &claimed.items {
        None => ItemList::default(),
        Some(digest) => {
            let key = Key::send_items(&claimed.send_id, digest);
            let lists = world.table.item_lists([key.clone()].into()).await.unwrap();
            lists[&key].clone()
        }
    };
    let sent = ReminderSent {
        reminder_id: taken.reminder_id.clone(),
        at: claimed.decided_at,
        campaign_id: claimed.campaign_id,
        identities: claimed.identities,
        items,
        link_token: Some(claimed.link_token),
    };
    (Link { reminder: None, ..link }, Event::Sent(sent))
}

/// What happens to a message once it was sent: receipts, taps, and perhaps an order.
fn aftermath(dice: &mut Dice, number: u32, taken: &Taken, sent: &ReminderSent) -> Vec<Event> {
    let later = |dice: &mut Dice, hours: usize| {
        let minutes = i64::try_from(dice.below(hours * 60)).unwrap();
        taken.at.plus(Span::seconds(minutes * 60))
    };
    let id = || taken.reminder_id.clone();
    let mut events = Vec::new();
    for (receipt, per_mille) in
        [(Receipt::Delivered, 800), (Receipt::Read, 500), (Receipt::Failed, 150)]
    {
        if dice.chance(per_mille) {
            let at = later(dice, 3);
            events.push(Event::Status(ReminderStatus { reminder_id: id(), receipt, at }));
        }
    }
    for click in 0..dice.below(3) {
        let kinds = [ClickKind::Link, ClickKind::Link, ClickKind::Reply, ClickKind::OptOut];
        let kind = *dice.pick(&kinds).unwrap();
        let click_id = ClickId::parse(&format!("tap.{click}")).unwrap();
        let at = later(dice, 30);
        events.push(Event::Clicked(ReminderClicked { reminder_id: id(), click_id, kind, at }));
    }
    let phone = of_phone(&format!("+{}", taken.to));
    let of = match dice.below(4) {
        0 => sent.identities.clone(),
        1 => phone,
        2 => of_cart(&super::world::form(number % 6)),
        _ => return events,
    };
    let created = later(dice, 90);
    let status = *dice.pick(&["invoiced", "payment-pending", "canceled"]).unwrap();
    events.push(Event::Order(order_event(900 + number, status, of, (created, created))));
    events
}

/// Events come in, in any order.
async fn tell(world: &World, events: &[Event], dice: &mut Dice) {
    let (table, clock) = (world.table.clone(), world.clock.clone());
    let accounts = Accounts::new(table.clone(), clock, sealing());
    let mut events = events.to_vec();
    dice.shuffle(&mut events);
    for outcome in ingest::store_all(&table, &phone_key(), &accounts, &acme(), events).await {
        outcome.unwrap();
    }
}

/// All that the Admin shows of it but the funnel, and the report's file.
async fn shown(world: &World) -> (Value, String) {
    counted(world).await;
    let store = Store::over(&world.engine, &world.clock);
    let mut metrics = store.get("/metrics?from=2026-11-01&to=2026-11-30").await.body;
    let body = metrics.as_object_mut().unwrap();
    body.remove("funnel").unwrap();
    let worker = Worker::of(&store).await;
    let (_, csv) = worker.built(&worker.deps).await;
    (metrics, csv)
}

/// Compares one history; how many messages it sent.
async fn history(seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let (happened, answers) = drawn::history(&mut dice);
    let ours = live(&happened, &answers).await;
    let now = ours.clock.now();

    let theirs = World::open().await;
    apply::set_up(&theirs).await;
    for happened in &happened {
        match happened.what {
            Happening::Campaign(_) | Happening::Order { .. } => apply::one(&theirs, happened).await,
            _ => {}
        }
    }
    theirs.clock.set(now);
    let (mut sent, mut told) = (Vec::new(), Vec::new());
    for (number, taken) in (0..).zip(ours.outside.log()) {
        // A status tells of each; only the answers of some told of them before.
        ours.status_of(&taken.send_id).await;
        let (link, event) = as_others_send(&ours, &taken).await;
        theirs.table.link_put(&link).await.unwrap();
        if let Event::Sent(event) = &event {
            told.extend(aftermath(&mut dice, number, &taken, event));
        }
        sent.push(event);
    }
    let messages = sent.len();
    // Dates in the future are none of a history's.
    let end = now.plus(Span::days(6));
    ours.clock.set(end);
    theirs.clock.set(end);
    for id in ["c1", "c2", "c3"] {
        not_by_system(&theirs, id).await;
    }
    tell(&ours, &told, &mut dice).await;
    sent.extend(told);
    tell(&theirs, &sent, &mut dice).await;
    let (ours, theirs) = (shown(&ours).await, shown(&theirs).await);
    assert_eq!(ours.0, theirs.0);
    assert_eq!(ours.1, theirs.1);
    let totals = &ours.0["totals"];
    println!("{} lines, {totals}", ours.1.lines().count());
    messages
}

/// R20: who sends it is the store's own system.
async fn not_by_system(world: &World, id: &str) {
    let id = CampaignId::parse(id).unwrap();
    let campaign = world.table.campaign(&acme(), &id).await.unwrap().unwrap();
    let sending = campaign.sending.map(|sending| CampaignSending { enabled: false, ..sending });
    world.edit(id.as_str(), CampaignEdit { sending, ..CampaignEdit::default() }).await;
}

#[test]
fn what_we_send_counts_as_anybodys() {
    let sent = Cell::new(0);
    each_of(2_000, HISTORIES, async |seed| sent.set(sent.get() + Box::pin(history(seed)).await));
    // Some histories end without a message.
    assert!(sent.get() > 12, "{sent:?}");
}
