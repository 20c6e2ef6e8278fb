//! A store whose carts the system reminds of, and whatever it needs to do so.

use std::collections::BTreeMap;

use engine::Engine;
use engine::faults::Faults;
use sender::{Config, Deps, SenderEvent, Sent as Ran};
use serde_json::{Value, json};
use shared::domain::facts::cart::{Beat, Cart, SendId};
use shared::domain::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use shared::domain::facts::event::OrderUpdated;
use shared::domain::facts::template::{Template, TemplateState};
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignEdit, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::daily_limit::DailyLimit;
use shared::domain::values::due_shard::DueShard;
use shared::domain::values::identity::{Identities, OrderFormId, PhoneKey, UserId};
use shared::domain::values::ids::{CampaignId, OrderGroup, OrderId, PhoneNumberId, WabaId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::keyed_id::CartId;
use shared::domain::values::money::Currency;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::domain::values::sending::{
    AccountSending, CampaignSending, ConsentPolicy, CooldownHours, Delay, Trigger,
};
use shared::domain::values::sending_hours::SendingHours;
use shared::domain::values::span::Span;
use shared::graph::message::send_of;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::store::carts::{BeatWritten, CartRecord, Terms};
use shared::store::facts::Written;
use shared::store::templates::TemplateTold;
use shared::store::vtex::VtexKeys;
use shared::store::whatsapp::NewConnection;

use super::stand_ins::StandIns;

/// A Monday noon in São Paulo.
pub(super) const NOON: &str = "2026-11-02T15:00:00Z";
/// Secret of the system.
const SECRET: &str = "system-secret";
/// The phone of whoever left a cart.
pub(super) const ANA: &str = "+5511985550107";

pub(super) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(super) fn minutes(minutes: i64) -> Span {
    Span::seconds(minutes * 60)
}

pub(super) fn acme() -> Account {
    Account::parse("acme").unwrap()
}

pub(super) fn form(number: u32) -> OrderForm {
    OrderForm::parse(&format!("{number:032x}")).unwrap()
}

/// What is in a cart of whoever has this phone.
pub(super) fn content(phone: &str) -> Value {
    json!({
        "userProfileId": format!("user-{phone}"), "value": 11980,
        "clientProfileData": {"firstName": "Ana", "phone": phone},
        "clientPreferencesData": {"locale": "pt-BR", "optinNewsLetter": true},
        "storePreferencesData": {"currencyCode": "BRL"},
        "items": [{"id": "101", "name": "Shirt", "quantity": 2, "price": 5990, "sellingPrice": 5990}],
    })
}

/// The world.
#[derive(Clone)]
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) table: Table,
    pub(super) clock: Clock,
    pub(super) outside: StandIns,
    pub(super) deps: Deps<StandIns>,
}

pub(super) fn phone_key() -> PhoneKey {
    PhoneKey::new(SECRET)
}

pub(super) fn sealing() -> SealingKey {
    SealingKey::derive(&Secret::new(SECRET))
}

pub(super) fn cart_id(form: &OrderForm) -> CartId {
    phone_key().cart(&form.id())
}

impl World {
    /// With the store `acme`, which sends, at noon.
    pub(super) async fn open() -> Self {
        let engine = Engine::within().await.unwrap();
        let (table, clock) = (engine.table(), Clock::manual(at(NOON)));
        let outside = StandIns::new(&clock);
        let deps = deps(&table, &clock, &outside);
        let world = Self { engine, table, clock, outside, deps };
        world.set_up(&acme()).await;
        world
    }

    pub(super) async fn set_up(&self, account: &Account) {
        let (now, table) = (self.clock.now(), &self.table);
        let settings = AccountSettings {
            time_zone: chrono_tz::Tz::America__Sao_Paulo,
            country_code: None,
            language: Language::PtBr,
            phone_number_ids: Vec::new(),
            store_url: StoreUrl::parse("https://shop.example").unwrap(),
            report_domains: None,
            message_prices: BTreeMap::new(),
        };
        table.account_write(account, &settings, &Vetting::AtOnce).await.unwrap();
        let sending = AccountSending {
            enabled: true,
            hours: serde_json::from_value(json!({
                "mon": ["00:00", "24:00"], "tue": ["00:00", "24:00"], "wed": ["00:00", "24:00"],
                "thu": ["00:00", "24:00"], "fri": ["00:00", "24:00"], "sat": ["00:00", "24:00"],
                "sun": ["00:00", "24:00"],
            }))
            .unwrap(),
            cooldown_hours: CooldownHours::new(24).unwrap(),
            consent: Some(ConsentPolicy::Recorded),
        };
        table.sending_set(account, |_| sending.clone()).await.unwrap().unwrap();
        self.campaign_in(account, "c1", |_| {}).await;
        let connection = NewConnection {
            waba_id: WabaId::parse("1550").unwrap(),
            phone_number_id: PhoneNumberId::parse("15550001").unwrap(),
            verified_name: Some("Loja".to_owned()),
            token: Secret::new("invented-token"),
        };
        table.whatsapp_connect(account, &connection, &sealing(), now).await.unwrap();
        let limit = Some(DailyLimit::People(100_000));
        table
            .whatsapp_note_limits(account, (limit, false), now.minus(Span::days(1)))
            .await
            .unwrap();
        self.template_in(account, TemplateState::Approved, now).await;
        let keys = VtexKeys::parse("key", "token").unwrap();
        table.vtex_begin(account, &keys, &Secret::new("hook"), &sealing()).await.unwrap();
    }

    /// Meta limits `acme` so from now on.
    pub(super) async fn limit(&self, limit: DailyLimit) {
        let now = self.clock.now();
        self.table.whatsapp_note_limits(&acme(), (Some(limit), false), now).await.unwrap();
    }

    pub(super) async fn template_in(&self, account: &Account, state: TemplateState, at: Instant) {
        self.template_of(account, Language::PtBr, (state, at)).await;
    }

    /// Meta tells the state of the text's template in a language.
    pub(super) async fn template_of(
        &self,
        account: &Account,
        language: Language,
        (state, event_at): (TemplateState, Instant),
    ) {
        let told = TemplateTold::State(Template { state, event_at }, None);
        self.table.template_fold(account, language, MessageType::Text, &told).await.unwrap();
    }

    pub(super) async fn campaign_in(
        &self,
        account: &Account,
        id: &str,
        change: impl FnOnce(&mut Campaign),
    ) {
        let now = self.clock.now();
        let mut campaign = Campaign {
            campaign_id: CampaignId::parse(id).unwrap(),
            name: CampaignName::parse(id).unwrap(),
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
                rank: 1,
                coupon_code: None,
            }),
        };
        change(&mut campaign);
        let change =
            CampaignChange { before: None, after: campaign, at: now, by: "ana".to_owned() };
        self.table.campaign_write(account, &change).await.unwrap();
    }

    /// Edits a campaign of `acme`.
    pub(super) async fn edit(&self, id: &str, edit: CampaignEdit) {
        let (account, id) = (acme(), CampaignId::parse(id).unwrap());
        let before = self.table.campaign(&account, &id).await.unwrap().unwrap();
        let Some(after) = before.edited(&edit, self.clock.now()) else { return };
        let change = CampaignChange {
            before: Some(before),
            after,
            at: self.clock.now(),
            by: "ana".to_owned(),
        };
        self.table.campaign_write(&account, &change).await.unwrap();
    }

    pub(super) async fn set_status(&self, id: &str, status: CampaignStatus) {
        self.edit(id, CampaignEdit { status: Some(status), ..CampaignEdit::default() }).await;
    }

    pub(super) async fn set_enabled(&self, enabled: bool) {
        let change =
            |held: Option<&AccountSending>| AccountSending { enabled, ..held.unwrap().clone() };
        self.table.sending_set(&acme(), change).await.unwrap();
    }

    pub(super) async fn set_hours(&self, hours: Value) {
        let hours: SendingHours = serde_json::from_value(hours).unwrap();
        let change = |held: Option<&AccountSending>| {
            let hours = hours.clone();
            AccountSending { hours, ..held.unwrap().clone() }
        };
        self.table.sending_set(&acme(), change).await.unwrap();
    }

    /// Lets time pass.
    pub(super) fn pass(&self, span: Span) {
        self.clock.set(self.clock.now().plus(span));
    }

    /// A sign of life of a cart that came to the payment page, now.
    pub(super) async fn beat(&self, form: &OrderForm) -> BeatWritten {
        self.beat_at(&acme(), form, Beat { at: self.clock.now(), payment: true }).await
    }

    pub(super) async fn beat_at(
        &self,
        account: &Account,
        form: &OrderForm,
        beat: Beat,
    ) -> BeatWritten {
        let terms = Terms { any_page: false, any_campaign: true, delay: minutes(60) };
        let (id, now) = (cart_id(form), self.clock.now());
        let beat = (beat, Written::Unchanged);
        self.table.cart_beat((account, &id), form, beat, (terms, &|| true), now).await.unwrap()
    }

    /// A cart of this phone, left behind now.
    pub(super) async fn leave(&self, number: u32, phone: &str) -> OrderForm {
        let form = form(number);
        self.outside.fill(&form, content(phone));
        self.beat(&form).await;
        form
    }

    /// The minute's schedule.
    pub(super) async fn tick(&self) -> Ran {
        tick(&self.deps).await
    }

    /// Ticks each minute for `span`; of one in which nothing is due only the question is asked.
    pub(super) async fn wait(&self, span: Span) {
        let until = self.clock.now().plus(span);
        let shard = DueShard::of(&acme());
        while self.clock.now() < until {
            self.pass(minutes(1));
            let due = self.table.due_page(shard, self.clock.now(), None).await.unwrap();
            if !due.pointers.is_empty() {
                self.tick().await;
            }
        }
    }

    /// The sender through a table with these faults.
    pub(super) fn through(&self, faults: &Faults) -> Deps<StandIns> {
        deps(&self.table_through(faults), &self.clock, &self.outside)
    }

    /// The table with these faults.
    pub(super) fn table_through(&self, faults: &Faults) -> Table {
        self.engine.table_through(faults.around(self.engine.http()), 1)
    }

    /// A sender that remembers nothing of what others did.
    pub(super) fn started_anew(&self) -> Deps<StandIns> {
        deps(&self.table, &self.clock, &self.outside)
    }

    pub(super) async fn record(&self, form: &OrderForm) -> CartRecord {
        self.table.cart(&acme(), &cart_id(form)).await.unwrap().unwrap()
    }

    pub(super) async fn cart(&self, form: &OrderForm) -> Cart {
        self.record(form).await.cart
    }

    /// The decision of the episode that a cart is in or was in last.
    pub(super) async fn decision(&self, form: &OrderForm) -> Option<Decision> {
        let episode = self.cart(form).await.episode;
        self.table.decision(&acme(), &cart_id(form), episode).await.unwrap()
    }

    pub(super) async fn outcome(&self, form: &OrderForm) -> Option<SendOutcome> {
        match self.decision(form).await?.verdict {
            Verdict::Reminded { send, .. } => Some(send),
            _ => None,
        }
    }

    pub(super) async fn skipped(&self, form: &OrderForm) -> Option<Reason> {
        match self.decision(form).await?.verdict {
            Verdict::Skipped { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// A status of a message comes, as ingestion takes it.
    pub(super) async fn status_of(&self, send_id: &SendId) {
        let reminder_id = self.outside.taken().remove(send_id).unwrap();
        let Some(send) = self.table.send(send_id).await.unwrap() else { return };
        let pointers = self.table.cart_pointer(&send.account, &send.cart).await.unwrap();
        let now = self.clock.now();
        self.table.send_finish(&phone_key(), &send, &reminder_id, &pointers, now).await.unwrap();
    }

    /// The send of the last message that reached Meta.
    pub(super) fn last_send(&self) -> SendId {
        send_id(self.outside.messages().last().unwrap())
    }

    pub(super) async fn order(
        &self,
        number: u32,
        status: &str,
        of: Identities,
        created_at: Instant,
    ) {
        let event = order_event(number, status, of, (created_at, self.clock.now()));
        self.table.order_fold(&phone_key(), &acme(), &event).await.unwrap();
    }
}

/// What is told of an order that was created, and changed, then.
pub(super) fn order_event(
    number: u32,
    status: &str,
    of: Identities,
    (created_at, changed_at): (Instant, Instant),
) -> OrderUpdated {
    OrderUpdated {
        order_group: OrderGroup::parse(&format!("{number}")).unwrap(),
        order_id: OrderId::parse(&format!("{number}-01")).unwrap(),
        status: OrderStatus::parse(status).unwrap(),
        created_at,
        changed_at,
        identities: of,
        currency: Currency::parse("BRL").unwrap(),
        value: 100,
        items: ItemList::default(),
    }
}

/// What the campaigns of `acme` ask of a beat (R13), as ingestion reads it.
pub(super) async fn terms(world: &World) -> Terms {
    let campaigns = world.table.campaigns(&acme()).await.unwrap();
    let sending = campaigns.iter().filter_map(|campaign| campaign.sending.as_ref());
    let sending: Vec<_> = sending.filter(|sending| sending.enabled).collect();
    Terms {
        any_page: sending.iter().any(|sending| sending.trigger == Trigger::Any),
        any_campaign: !sending.is_empty(),
        delay: sending.iter().map(|sending| sending.delay_minutes).min().unwrap().span(),
    }
}

pub(super) fn of_cart(form: &OrderForm) -> Identities {
    Identities { order_form_id: Some(form.id()), ..Identities::default() }
}

pub(super) fn of_phone(text: &str) -> Identities {
    let phone = Phone::parse(text, CountryCode::BRAZIL).unwrap();
    Identities { phone: Some(phone_key().digest(&phone)), ..Identities::default() }
}

pub(super) fn of_user(text: &str) -> Identities {
    Identities { user_id: Some(UserId::parse(text).unwrap()), ..Identities::default() }
}

pub(super) fn of_other_cart() -> Identities {
    let order_form_id = Some(OrderFormId::parse("ffff").unwrap());
    Identities { order_form_id, ..Identities::default() }
}

pub(super) fn send_id(message: &Value) -> SendId {
    send_of(message["biz_opaque_callback_data"].as_str().unwrap()).unwrap()
}

pub(super) fn to(message: &Value) -> String {
    message["to"].as_str().unwrap().to_owned()
}

fn deps(table: &Table, clock: &Clock, outside: &StandIns) -> Deps<StandIns> {
    let config = Config {
        phone_key: phone_key(),
        sealing: sealing(),
        public_url: "https://links.example".to_owned(),
    };
    Deps::new(table.clone(), clock.clone(), config, outside.clone())
}

pub(super) async fn tick(deps: &Deps<StandIns>) -> Ran {
    let event = SenderEvent { shards: (0..16).collect(), tick: None };
    sender::handle(deps, event, None).await.unwrap()
}
