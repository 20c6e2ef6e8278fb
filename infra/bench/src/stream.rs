//! Stream records per second through the rollup: reminders, clicks and orders that are credited.

use std::time::Instant as Stopwatch;

use serde_dynamo::Item;
use shared::domain::facts::event::{
    ClickKind, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::identity::{Identities, UserId};
use shared::domain::values::ids::{CampaignId, ClickId, OrderGroup, OrderId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::key::Key;
use shared::store::stream::{EventName, ItemChange, SequenceNumber, StreamEvent, StreamRecord};

use crate::facts::{self, Failure};
use crate::{figure, rate};

const REMINDERS: usize = 2_000;
/// One reminder in so many is clicked, and buys.
const BUYS: usize = 5;
/// Records of a batch: what the mapping delivers at most.
const BATCH: usize = 1_000;

pub(crate) async fn run() -> Result<(), Failure> {
    let engine = engine::Engine::start().await?;
    let table = engine.table();
    let campaigns = facts::set_up(&table, 1).await?;
    let campaign = campaigns.first().ok_or("a campaign")?;
    facts::each((0..REMINDERS).collect(), |number| write(&table, campaign, number)).await?;
    let mut records = Vec::new();
    for number in 0..REMINDERS {
        for key in keys(number)? {
            let item = engine
                .client
                .get_item()
                .table_name(engine::TABLE_NAME)
                .set_key(Some(key.attributes()))
                .send()
                .await?
                .item
                .ok_or("the fact was written")?;
            records.push(record(records.len(), &key, item.into())?);
        }
    }
    let deps = rollup::Deps { table, clock: Clock::system(), single_shard: None };
    let count = records.len();
    let start = Stopwatch::now();
    for batch in records.chunks(BATCH) {
        let event = StreamEvent {
            records: batch.to_vec(),
            shard_id: Some("shard-1".to_owned()),
            ..StreamEvent::default()
        };
        let answer = rollup::handle(&deps, event).await?;
        if !answer.batch_item_failures.is_empty() {
            return Err("the batch was not counted".into());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let sizes = format!(
        "{count} records in batches of {BATCH}: {REMINDERS} reminders, one in {BUYS} clicked and bought"
    );
    figure("stream records through rollup", &rate(count, seconds), &sizes);
    Ok(())
}

fn sent_at() -> Instant {
    // 2026-11-20T12:00:00Z
    Instant::from_millis(1_795_176_000_000)
}

fn reminder_id(number: usize) -> Result<ReminderId, Failure> {
    Ok(ReminderId::parse(&format!("wamid.HBgBENCH{number:06}=="))?)
}

fn group(number: usize) -> Result<OrderGroup, Failure> {
    Ok(OrderGroup::parse(&format!("17{number:08}"))?)
}

async fn write(table: &Table, campaign: &CampaignId, number: usize) -> Result<(), Failure> {
    let account = facts::account()?;
    let identities = Identities {
        user_id: Some(UserId::parse(&format!("shopper-{number}"))?),
        ..Identities::default()
    };
    let sent = ReminderSent {
        reminder_id: reminder_id(number)?,
        at: sent_at(),
        campaign_id: campaign.clone(),
        identities: identities.clone(),
        items: ItemList::default(),
        link_token: None,
    };
    table.reminder_write_details(&facts::key(), &account, &sent, facts::ZONE).await?;
    let read = ReminderStatus {
        reminder_id: reminder_id(number)?,
        receipt: Receipt::Read,
        at: sent_at().plus(Span::seconds(90)),
    };
    table.reminder_write_receipt(&facts::key(), &account, &read).await?;
    if number.is_multiple_of(BUYS) {
        let click = ReminderClicked {
            reminder_id: reminder_id(number)?,
            click_id: ClickId::parse("click-1")?,
            kind: ClickKind::Link,
            at: sent_at().plus(Span::hours(1)),
        };
        table.click_write(&facts::key(), &account, &click).await?;
        let order = OrderUpdated {
            order_group: group(number)?,
            order_id: OrderId::parse(&format!("{}-01", group(number)?))?,
            status: OrderStatus::parse("invoiced")?,
            created_at: sent_at().plus(Span::hours(2)),
            changed_at: sent_at().plus(Span::hours(2)),
            identities,
            currency: Currency::parse("BRL")?,
            value: 19_990,
            items: ItemList::default(),
        };
        table.order_fold(&facts::key(), &account, &order).await?;
    }
    Ok(())
}

fn keys(number: usize) -> Result<Vec<Key>, Failure> {
    let account = facts::account()?;
    let reminder = reminder_id(number)?.digest(&facts::key());
    let mut keys = vec![Key::reminder(&account, &reminder)];
    if number.is_multiple_of(BUYS) {
        keys.push(Key::click(&account, &reminder, &ClickId::parse("click-1")?));
        keys.push(Key::order(&account, &group(number)?));
    }
    Ok(keys)
}

fn record(number: usize, key: &Key, item: Item) -> Result<StreamRecord, Failure> {
    Ok(StreamRecord {
        event_id: number.to_string(),
        event_name: EventName::Insert,
        dynamodb: ItemChange {
            approximate_creation_date_time: None,
            keys: key.attributes().into(),
            new_image: Some(item),
            old_image: None,
            sequence_number: SequenceNumber::parse(&format!("{:021}", number + 1))?,
            size_bytes: None,
            stream_view_type: None,
        },
        user_identity: None,
    })
}
