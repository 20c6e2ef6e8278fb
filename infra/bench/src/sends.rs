//! What the sender does in a second: carts decided, messages sent of one account and of sixteen, and what an outage
//! leaves behind, all due at once.
//!
//! Meta and the stores answer at once, within the process. A number's rate (40 messages a second) holds as ever: of
//! one account it is the bound. The table runs in this process, the sender in a child of its own, whose memory is
//! the sender's alone.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant as Stopwatch;

use futures::future::try_join_all;
use sender::outside::Outside;
use sender::{Config, Deps, SenderEvent};
use serde_json::json;
use serde_json::value::RawValue;
use shared::domain::facts::cart::Beat;
use shared::domain::facts::template::{Template, TemplateState};
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::ids::{CampaignId, OrderId, PhoneNumberId, ReminderId, WabaId};
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::sending::{
    AccountSending, CampaignSending, ConsentPolicy, CooldownHours, Delay, Trigger,
};
use shared::domain::values::span::Span;
use shared::graph::message::Message;
use shared::graph::{AccessToken, Sent};
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::store::carts::Terms;
use shared::store::facts::Written;
use shared::store::templates::TemplateTold;
use shared::store::vtex::VtexKeys;
use shared::store::whatsapp::NewConnection;
use shared::vtex::list::{ListPage, Paging, Slice};
use shared::vtex::{Stores, VtexError};
use tokio::process::Command;

use crate::facts::{self, Failure};
use crate::report::kilobytes;
use crate::{figure, rate};

/// Carts of a measurement of decisions, and of one of messages.
const CARTS: u32 = 2_000;
/// Carts that an outage leaves behind: half of them older than a reminder may be.
const LEFT: u32 = 200_000;
/// Accounts that these belong to.
const ACCOUNTS: u32 = 64;
/// Kilobytes that the sender may take more after an outage of twice as many carts: what the allocator does differs.
const MEMORY_GROWS_BY: u64 = 32 * 1_024;
/// Minutes of the sender's after an outage that are measured.
const MINUTES: usize = 3;
const SHARDS: u8 = 16;

/// A measurement: whose carts, how many, and whether their shoppers can be written to.
struct Measured {
    name: &'static str,
    accounts: u32,
    carts: u32,
    has_phones: bool,
    /// How many of them are older than a reminder may be.
    old: u32,
    minutes: usize,
}

const MEASURED: [Measured; 5] = [
    Measured {
        name: "carts decided",
        accounts: 16,
        carts: CARTS,
        has_phones: false,
        old: 0,
        minutes: 1,
    },
    Measured {
        name: "messages of an account",
        accounts: 1,
        carts: CARTS / 2,
        has_phones: true,
        old: 0,
        minutes: 1,
    },
    Measured {
        name: "messages of 16 accounts",
        accounts: 16,
        carts: CARTS,
        has_phones: true,
        old: 0,
        minutes: 1,
    },
    // Whether memory grows with what is due is seen by this and the next.
    Measured {
        name: "carts after half an outage",
        accounts: ACCOUNTS,
        carts: LEFT / 2,
        has_phones: true,
        old: LEFT / 4,
        minutes: MINUTES,
    },
    Measured {
        name: "carts after an outage",
        accounts: ACCOUNTS,
        carts: LEFT,
        has_phones: true,
        old: LEFT / 2,
        minutes: MINUTES,
    },
];

pub(crate) async fn run() -> Result<(), Failure> {
    let mut after_half = None;
    for measured in MEASURED {
        let engine = engine::Engine::start().await?;
        let table = engine.table();
        for number in 0..measured.accounts {
            set_up(&table, number).await?;
        }
        let now = Clock::system().now();
        let numbers = (0..measured.carts).collect();
        facts::each(numbers, |number| leave(&table, &measured, number, now)).await?;
        let output = Command::new(std::env::current_exe()?)
            .args(["sends-process", &engine.endpoint])
            .args([measured.has_phones.to_string(), measured.old.to_string()])
            .args([measured.minutes.to_string(), measured.accounts.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .await?;
        if !output.status.success() {
            return Err("the sender failed".into());
        }
        let printed = String::from_utf8(output.stdout)?;
        let told: Told = serde_json::from_str(&printed)?;
        let count = if measured.has_phones { told.sent } else { told.carts };
        let Measured { name, accounts, carts, old, minutes, .. } = measured;
        let of = format!("{carts} carts of {accounts} accounts, due at once, {old} too old");
        let sizes = format!("{of}; {count} in {:.0} s, {minutes} runs", told.seconds);
        figure(name, &rate(usize::try_from(count)?, told.seconds), &sizes);
        let memory = format!("{} MB", told.peak_kb.saturating_sub(told.rest_kb) / 1_024);
        let sizes = format!("{of}; a shard got on with {} to {} carts", told.least, told.most);
        figure(&format!("{name}: memory above rest"), &memory, &sizes);
        if told.least == 0 {
            return Err(format!("{name}: a shard got on with no cart").into());
        }
        let grown = told.peak_kb.saturating_sub(after_half.unwrap_or(told.peak_kb));
        if grown > MEMORY_GROWS_BY {
            return Err(format!("{name}: twice as many carts took {grown} kB more").into());
        }
        after_half = (old > 0).then_some(told.peak_kb);
    }
    Ok(())
}

/// What the child prints.
#[derive(serde::Serialize, serde::Deserialize)]
struct Told {
    carts: u64,
    sent: u64,
    seconds: f64,
    /// Carts of the shard that got on least, and most.
    least: u64,
    most: u64,
    rest_kb: u64,
    peak_kb: u64,
}

fn account(number: u32) -> Result<Account, Failure> {
    Ok(Account::parse(&format!("bench{number}"))?)
}

fn secret() -> Secret {
    Secret::new("phones")
}

async fn set_up(table: &Table, number: u32) -> Result<(), Failure> {
    let (account, now) = (account(number)?, Clock::system().now());
    let settings = AccountSettings {
        time_zone: facts::ZONE,
        country_code: None,
        language: Language::PtBr,
        phone_number_ids: Vec::new(),
        store_url: StoreUrl::parse("https://shop.example")?,
        report_domains: None,
        message_prices: BTreeMap::new(),
    };
    table.account_write(&account, &settings, &Vetting::AtOnce).await?;
    let day = ["00:00", "24:00"];
    let hours = json!({
        "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day,
    });
    let sending = AccountSending {
        enabled: true,
        hours: serde_json::from_value(hours)?,
        cooldown_hours: CooldownHours::new(24)?,
        consent: Some(ConsentPolicy::Recorded),
    };
    table.sending_set(&account, |_| sending.clone()).await?;
    let campaign = Campaign {
        campaign_id: CampaignId::parse("campaign-0")?,
        name: CampaignName::parse("Abandoned cart")?,
        language: Language::PtBr,
        message_type: MessageType::Text,
        status: CampaignStatus::Active,
        version: 1,
        created_at: now,
        updated_at: now,
        sending: Some(CampaignSending {
            enabled: true,
            delay_minutes: Delay::DEFAULT,
            trigger: Trigger::Payment,
            minimum: BTreeMap::new(),
            rank: 0,
            coupon_code: None,
        }),
    };
    let change = CampaignChange { at: now, by: "bench".to_owned(), after: campaign, before: None };
    table.campaign_write(&account, &change).await?;
    let sealing = SealingKey::derive(&secret());
    let connection = NewConnection {
        waba_id: WabaId::parse("5550100")?,
        phone_number_id: PhoneNumberId::parse(&format!(
            "{}",
            5_550_200_000_u64 + u64::from(number)
        ))?,
        verified_name: None,
        token: Secret::new("invented"),
    };
    table.whatsapp_connect(&account, &connection, &sealing, now).await?;
    table.whatsapp_note_limits(&account, (Some(DailyLimit::Unlimited), false), now).await?;
    let approved = Template { state: TemplateState::Approved, event_at: now };
    let told = TemplateTold::State(approved, None);
    table.template_fold(&account, Language::PtBr, MessageType::Text, &told).await?;
    let keys = VtexKeys::parse("key", "token")?;
    table.vtex_begin(&account, &keys, &Secret::new("hook"), &sealing).await?;
    Ok(())
}

fn form(number: u32) -> Result<OrderForm, Failure> {
    Ok(OrderForm::parse(&format!("{number:032x}"))?)
}

async fn leave(
    table: &Table,
    measured: &Measured,
    number: u32,
    now: Instant,
) -> Result<(), Failure> {
    let account = account(number % measured.accounts)?;
    let hours = if number < measured.old { 52 } else { 2 };
    let left_at = now.minus(Span::hours(hours));
    let terms = Terms { any_page: false, any_campaign: true, delay: Delay::DEFAULT.span() };
    let form = form(number)?;
    let id = facts::key().cart(&form.id());
    let beat = (Beat { at: left_at, payment: true }, Written::Unchanged);
    table.cart_beat((&account, &id), &form, beat, (terms, &|| true), left_at).await?;
    Ok(())
}

/// Meta and the stores, which answer at once.
#[derive(Clone)]
struct AtOnce {
    has_phones: bool,
    /// Carts before this one are too old for a message.
    old: u32,
    late: Arc<AtomicU64>,
}

impl Outside for AtOnce {
    type Stores = Self;

    fn stores(&self) -> &Self {
        self
    }

    async fn send(&self, _: &AccessToken, _: &PhoneNumberId, message: &Message<'_>) -> Sent {
        let number: u32 = message.to.get(5..).and_then(|text| text.parse().ok()).unwrap_or(0);
        if number.wrapping_sub(PHONES) < self.old {
            self.late.fetch_add(1, Ordering::Relaxed);
        }
        match ReminderId::parse(&format!("wamid.{}", message.send_id.as_str())) {
            Ok(reminder_id) => Sent::Accepted { reminder_id, held: false },
            Err(_) => Sent::Refused(shared::domain::rules::answer::Answer::Silence),
        }
    }
}

/// The stores have no orders.
impl Stores for AtOnce {
    async fn order(
        &self,
        _: &Account,
        _: &VtexKeys,
        _: &OrderId,
    ) -> Result<Box<RawValue>, VtexError> {
        Err(VtexError::NotFound { operation: "read an order" })
    }

    async fn orders(
        &self,
        _: &Account,
        _: &VtexKeys,
        _: Slice,
        _: u32,
    ) -> Result<ListPage, VtexError> {
        Ok(ListPage { list: Vec::new(), paging: Paging { total: 0, pages: 0 } })
    }

    async fn order_form(
        &self,
        _: &Account,
        _: &VtexKeys,
        form: &OrderForm,
    ) -> Result<Box<RawValue>, VtexError> {
        let number = u32::from_str_radix(form.as_str(), 16).unwrap_or(0);
        let phone = self.has_phones.then(|| format!("+5511{:09}", 900_000_000 + PHONES + number));
        let told = json!({
            "value": 11_980, "clientProfileData": {"firstName": "Ana", "phone": phone},
            "clientPreferencesData": {"locale": "pt-BR", "optinNewsLetter": true},
            "storePreferencesData": {"currencyCode": "BRL"},
            "items": [{"id": "101", "name": "Shirt", "quantity": 2, "price": 5_990, "sellingPrice": 5_990}],
        });
        RawValue::from_string(told.to_string()).map_err(|error| VtexError::Unreachable {
            operation: "read an order form",
            source: error.into(),
        })
    }
}

/// The first of the shoppers' numbers, behind `+55 11 9`.
const PHONES: u32 = 80_000_000;

/// Runs the sender as its schedules do, each shard beside the others, and prints what it did.
#[expect(clippy::print_stdout, reason = "the parent reads them")]
pub(crate) async fn in_process(
    endpoint: &str,
    has_phones: &str,
    old: &str,
    (minutes, accounts): (&str, &str),
) -> Result<(), Failure> {
    let client = engine::client(endpoint);
    let retention = shared::domain::rules::retention::Retention::Unlimited;
    let table = Table::new(client, engine::TABLE_NAME, retention);
    let outside =
        AtOnce { has_phones: has_phones.parse()?, old: old.parse()?, late: Arc::default() };
    let config = Config {
        phone_key: facts::key(),
        sealing: SealingKey::derive(&secret()),
        public_url: "https://campaigns.example".to_owned(),
    };
    let deps = Deps::new(table, Clock::system(), config, outside.clone());
    deps.warm_up().await;
    let rest_kb = kilobytes("VmRSS:")?;
    let mut by_shard = [(0, 0); SHARDS as usize];
    let start = Stopwatch::now();
    for _ in 0..minutes.parse::<usize>()? {
        let runs = (0..SHARDS).map(|shard| {
            let event = SenderEvent { shards: vec![shard], tick: None };
            sender::handle(&deps, event, None)
        });
        for (sum, ran) in by_shard.iter_mut().zip(try_join_all(runs).await?) {
            *sum = (sum.0 + ran.carts, sum.1 + ran.accepted);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let late = outside.late.load(Ordering::Relaxed);
    if late > 0 {
        return Err(format!("{late} messages went out too late").into());
    }
    let mut has_carts = [false; SHARDS as usize];
    for number in 0..accounts.parse::<u32>()? {
        let shard = DueShard::of(&account(number)?);
        if let Some(has_carts) = has_carts.get_mut(usize::from(shard.number())) {
            *has_carts = true;
        }
    }
    let of_shards = by_shard.iter().zip(has_carts).filter(|(_, has_carts)| *has_carts);
    let carts = of_shards.map(|((carts, _), _)| *carts);
    let told = Told {
        carts: carts.clone().sum(),
        sent: by_shard.iter().map(|(_, sent)| sent).sum(),
        seconds,
        least: carts.clone().min().unwrap_or_default(),
        most: carts.max().unwrap_or_default(),
        rest_kb,
        peak_kb: kilobytes("VmHWM:")?,
    };
    println!("{}", serde_json::to_string(&told)?);
    Ok(())
}
