//! Makes stores of any size quickly: items as the functions write them, in plain batches.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use shared::domain::facts::credit::{Credit, CreditKind};
use shared::domain::facts::event::{OrderUpdated, ReminderSent};
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::{Reminder, Sent};
use shared::domain::rules::contribution::Cohort;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::identity::{Identities, OrderFormId, PhoneKey, UserId};
use shared::domain::values::ids::{CampaignId, OrderGroup, OrderId, PhoneNumberId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::{Item, ItemList};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::store::key::{self, Key};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The zone of the measured store.
pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;
/// Its business phone number.
pub(crate) const PHONE_NUMBER_ID: &str = "5550100300";

/// The measured store.
pub(crate) fn account() -> Result<Account, Failure> {
    Ok(Account::parse("bench")?)
}

/// Sets the store up with so many campaigns.
pub(crate) async fn set_up(table: &Table, campaigns: usize) -> Result<Vec<CampaignId>, Failure> {
    let settings = AccountSettings {
        time_zone: ZONE,
        country_code: None,
        language: Language::PtBr,
        phone_number_ids: vec![PhoneNumberId::parse(PHONE_NUMBER_ID)?],
        store_url: StoreUrl::parse("https://shop.example")?,
        report_domains: None,
    };
    table.account_write(&account()?, &settings, &Vetting::AtOnce).await?;
    let mut ids = Vec::new();
    for number in 0..campaigns {
        let id = CampaignId::parse(&format!("campaign-{number}"))?;
        let now = Instant::parse_rfc3339("2026-01-01T00:00:00Z")?;
        let campaign = Campaign {
            campaign_id: id.clone(),
            name: CampaignName::parse("Abandoned cart")?,
            language: Language::PtBr,
            message_type: MessageType::Text,
            status: CampaignStatus::Active,
            version: 1,
            created_at: now,
            updated_at: now,
            sending: None,
        };
        let change =
            CampaignChange { at: now, by: "bench".to_owned(), after: campaign, before: None };
        table.campaign_write(&account()?, &change).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Writes so many conversions, each of a reminder of its own, evenly over `days` days up to `last`.
pub(crate) async fn conversions(
    client: &Client,
    campaign: &CampaignId,
    last: StoreDay,
    days: usize,
    count: usize,
) -> Result<(), Failure> {
    let account = account()?;
    let chunks: Vec<usize> = (0..count).step_by(8).collect();
    count_conversions(client, campaign, last, days, count).await?;
    stream::iter(chunks.into_iter().map(Ok::<usize, Failure>))
        .try_for_each_concurrent(8, |start| {
            let account = &account;
            async move {
                let mut items = Vec::new();
                for number in start..count.min(start + 8) {
                    let day = last.minus_days(u64::try_from(number % days)?);
                    items.extend(conversion(account, campaign, day, number)?);
                }
                put(client, items).await
            }
        })
        .await
}

/// Writes what the rollups come to by these conversions: a report is compared with them.
async fn count_conversions(
    client: &Client,
    campaign: &CampaignId,
    last: StoreDay,
    days: usize,
    count: usize,
) -> Result<(), Failure> {
    let account = account()?;
    let mut rollups = Vec::new();
    for number in 0..days {
        let day = last.minus_days(u64::try_from(number)?);
        let orders = i64::try_from((number..count).step_by(days).count())?;
        let mut item = Key::rollup(&account, &Cohort::of(day, campaign.clone())).attributes();
        item.insert("assisted".to_owned(), AttributeValue::N(orders.to_string()));
        item.insert("value#BRL".to_owned(), AttributeValue::N((orders * ORDER_VALUE).to_string()));
        rollups.push(item);
    }
    put(client, rollups).await
}

type Attributes = HashMap<String, AttributeValue>;

/// The secret under which these facts are keyed.
pub fn key() -> PhoneKey {
    PhoneKey::new("phones")
}

/// What each order is worth, in cents.
const ORDER_VALUE: i64 = 24_980;

fn conversion(
    account: &Account,
    campaign: &CampaignId,
    day: StoreDay,
    number: usize,
) -> Result<[Attributes; 4], Failure> {
    let sent_at = day.start(ZONE).plus(Span::seconds(i64::try_from(number % 80_000)?));
    let items = ItemList::new(vec![
        item("101", "Camiseta básica, algodão", 5_990),
        item("102", "Calça jeans \"reta\"", 18_990),
    ]);
    let digest = items.digest().ok_or("an item list has a digest")?;
    let identities = Identities {
        user_id: Some(UserId::parse(&format!("shopper-{number}"))?),
        phone: None,
        order_form_id: OrderFormId::optional(&format!("{number:032x}"))?,
    };
    let reminder_id = ReminderId::parse(&format!("wamid.HBgBENCH{number:09}=="))?;
    let sent = ReminderSent {
        reminder_id: reminder_id.clone(),
        at: sent_at,
        campaign_id: campaign.clone(),
        identities: identities.clone(),
        items: items.clone(),
        link_token: None,
    };
    let digest_of_id = reminder_id.digest(&key());
    let mut reminder = Reminder::new(digest_of_id.clone());
    reminder.reminder_id = Some(reminder_id);
    reminder.sent = Some(Sent::of(&sent, sent.digest(&key()), ZONE));
    reminder.delivered_at = Some(sent_at.plus(Span::seconds(60)));
    reminder.read_at = Some(sent_at.plus(Span::seconds(120)));

    let group = OrderGroup::parse(&format!("16{number:09}"))?;
    let event = OrderUpdated {
        order_group: group.clone(),
        order_id: OrderId::parse(&format!("{group}-01"))?,
        status: OrderStatus::parse("invoiced")?,
        created_at: sent_at.plus(Span::hours(2)),
        changed_at: sent_at.plus(Span::hours(3)),
        identities,
        currency: Currency::parse("BRL")?,
        value: ORDER_VALUE,
        items: items.clone(),
    };
    let mut order = Order::first(&event);
    order.fold(&event, &event.digest(&key()))?;
    order.version = 1;
    order.credit = Some(Credit {
        kind: CreditKind::Assisted,
        at: order.created_at,
        reminder: digest_of_id.clone(),
        campaign_id: campaign.clone(),
        day,
    });
    let mut order_item: Attributes = serde_dynamo::to_item(&order)?;
    order_item.extend(Key::order(account, &group).attributes());
    let day_sk = key::conversion_day_sk(order.created_at, &group);
    order_item.insert("dayPk".to_owned(), AttributeValue::S(key::day_pk(account, day)));
    order_item.insert("daySk".to_owned(), AttributeValue::S(day_sk));
    let mut reminder_item: Attributes = serde_dynamo::to_item(&reminder)?;
    reminder_item.extend(Key::reminder(account, &digest_of_id).attributes());
    Ok([
        reminder_item,
        order_item,
        list(&Key::cart_items(account, &digest_of_id, &digest), &items),
        list(&Key::order_items(account, &group, &digest), &items),
    ])
}

fn item(id: &str, name: &str, price: i64) -> Item {
    Item { id: id.to_owned(), name: name.to_owned(), quantity: 1, price }
}

fn list(key: &Key, items: &ItemList) -> Attributes {
    let mut attributes = key.attributes();
    attributes.insert("list".to_owned(), AttributeValue::S(items.to_json()));
    attributes
}

/// Writes items that fit few batches.
async fn put(client: &Client, items: Vec<Attributes>) -> Result<(), Failure> {
    let mut writes = Vec::with_capacity(items.len());
    for item in items {
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        writes.push(WriteRequest::builder().put_request(put).build());
    }
    for batch in writes.chunks(25) {
        client.batch_write_item().request_items(engine::TABLE_NAME, batch.to_vec()).send().await?;
    }
    Ok(())
}

/// Runs `run` on each of `inputs`, several at once.
pub(crate) async fn each<T, Fut>(inputs: Vec<T>, run: impl Fn(T) -> Fut) -> Result<(), Failure>
where
    Fut: Future<Output = Result<(), Failure>>,
{
    stream::iter(inputs).map(run).buffer_unordered(16).try_collect::<Vec<()>>().await.map(drop)
}
