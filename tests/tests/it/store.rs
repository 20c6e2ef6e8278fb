//! One store on an embedded table: what the tests of the functions start from.
//!
//! [`Store`] is an account, its clock and its token, before the four functions that answer HTTP.
//! Clones share the table and the clock. The end-to-end tests have a second type of this name in
//! `stack`: it knows its store over HTTP alone and sees no table, so the two can't be one.
//!
//! - [`functions`]: the functions, and which of them takes a request,
//! - [`answer`]: what they answer,
//! - [`senders`]: who signs what they send; [`told`]: what they send,
//! - [`facts`]: facts written through the table, [`settling`]: credited and counted,
//! - [`contents`]: what stands in the table.
//!
//! What only some tests need is built from a store: its VTEX ([`hook`]), its `WhatsApp` ([`phones`]), its
//! report worker ([`worker`]), the stream of its table ([`stream`]).

use std::sync::{Arc, Mutex};

use engine::{Engine, TABLE_NAME};
use serde_json::{Value, json};
use shared::domain::rules::retention::Retention;
use shared::domain::values::account::{Account, AccountSettings, StoreUrl};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::ids::{CampaignId, PhoneNumberId};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::domain::values::store_hosts::StoreHosts;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::web::signature::SigningSecret;

pub(crate) mod answer;
pub(crate) mod contents;
pub(crate) mod facts;
pub(crate) mod functions;
pub(crate) mod hook;
pub(crate) mod phones;
pub(crate) mod senders;
pub(crate) mod settling;
pub(crate) mod stream;
pub(crate) mod told;
pub(crate) mod worker;

pub(crate) use answer::Answer;
use functions::{Functions, sealing};
use settling::Written;

pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;

/// What a store's clock says at first.
pub(crate) const NOW: &str = "2026-11-22T12:00:00.000Z";
/// Noon of the store's own day.
pub(crate) const NOON: &str = "2026-11-22T12:00:00-03:00";
/// [`NOW`] in epoch seconds.
pub(crate) const NOW_SECS: i64 = 1_795_348_800;

pub(crate) const ACCOUNT: &str = "acme";
pub(crate) const PHONE_NUMBER_ID: &str = "106540352242922";
/// The first of [`CAMPAIGNS`] by its id.
pub(crate) const CAMPAIGN: &str = "c1";
/// The campaigns of a store that is open: id, name, when it was made. They were made in an order
/// that isn't the one of their ids.
const CAMPAIGNS: [(&str, &str, &str); 3] = [
    ("c2", "First", "2026-01-01T00:00:00Z"),
    ("c1", "Second", "2026-01-02T00:00:00Z"),
    ("c3", "Third", "2026-01-03T00:00:00Z"),
];

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn now() -> Instant {
    at(NOW)
}

pub(crate) fn account() -> Account {
    Account::parse(ACCOUNT).unwrap()
}

pub(crate) fn secret(byte: u8) -> SigningSecret {
    SigningSecret::from_bytes([byte; 32])
}

/// Settings of a store in São Paulo that answers for the people of `store.example`.
pub(crate) fn settings(name: &str, phone_number_id: &str) -> AccountSettings {
    AccountSettings {
        time_zone: ZONE,
        country_code: None,
        language: Language::PtBr,
        phone_number_ids: vec![PhoneNumberId::parse(phone_number_id).unwrap()],
        store_url: StoreUrl::parse(&format!("https://{name}.example/")).unwrap(),
        report_domains: Some(vec!["store.example".to_owned()]),
        message_prices: std::collections::BTreeMap::new(),
    }
}

/// An operator has to confirm what a store says is its own, but for addresses at these hosts.
pub(crate) fn by_operator() -> Vetting {
    Vetting::ByOperator(StoreHosts::parse("*.shops.example").unwrap())
}

/// Settings as the Admin asks for them, without phone numbers.
pub(crate) fn asked_settings() -> Value {
    json!({"timeZone": "America/Sao_Paulo", "language": "pt-BR", "phoneNumberIds": [],
        "storeUrl": "https://shop.example"})
}

/// A campaign as the Admin asks for it.
pub(crate) fn asked_campaign(name: &str) -> Value {
    json!({"name": name, "language": "pt-BR", "messageType": "text"})
}

/// One account. Clones share the table and the clock.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) engine: Engine,
    /// The table as tests write and read it, whatever stands between it and the functions.
    pub(crate) table: Table,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    /// The secret by which the store's own system signs.
    pub(crate) secret: SigningSecret,
    pub(crate) functions: Functions,
    claims: Value,
    written: Arc<Mutex<Written>>,
}

impl Store {
    /// `acme` on a table of its own, never set up.
    pub(crate) async fn unset() -> Self {
        Self::over(&Engine::within().await.unwrap(), &Clock::manual(now()))
    }

    /// `acme` on a table that somebody else wrote.
    pub(crate) fn over(engine: &Engine, clock: &Clock) -> Self {
        let (engine, table, clock) = (engine.clone(), engine.table(), clock.clone());
        Self {
            functions: Functions::on(&table, &clock),
            table,
            clock,
            engine,
            account: account(),
            secret: secret(7),
            claims: json!({"account": ACCOUNT, "sub": "ana", "scope": "admin:read admin:write"}),
            written: Arc::default(),
        }
    }

    /// `acme` as its owner sets it up: without a campaign, a phone number or a signing secret.
    pub(crate) async fn set_up() -> Self {
        let store = Self::unset().await;
        assert_eq!(store.put("/account", asked_settings()).await.status, 201);
        store
    }

    /// `acme` with three campaigns, a phone number and a signing secret.
    pub(crate) async fn open() -> Self {
        Self::unset().await.opened(PHONE_NUMBER_ID).await
    }

    /// The same at noon of its own day.
    pub(crate) async fn open_at_noon() -> Self {
        let store = Self::open().await;
        store.clock.set(at(NOON));
        store
    }

    /// The same before functions that remember nothing: other instances of them.
    pub(crate) fn anew(&self) -> Self {
        Self { functions: Functions::on(&self.table, &self.clock), ..self.clone() }
    }

    /// Another account on the same table, as complete as an open one.
    pub(crate) async fn beside(&self, name: &str, phone_number_id: &str, byte: u8) -> Self {
        Self { secret: secret(byte), ..self.of(name) }.opened(phone_number_id).await
    }

    async fn opened(self, phone_number_id: &str) -> Self {
        self.write_settings(&settings(self.account.as_str(), phone_number_id)).await;
        self.add_signing_secret(&self.secret).await;
        for (id, name, made) in CAMPAIGNS {
            self.write_campaign(id, name, Language::PtBr, at(made)).await;
        }
        self
    }

    /// The same with the token of another account.
    pub(crate) fn of(&self, name: &str) -> Self {
        let account = Account::parse(name).unwrap();
        let store = self.with_claim("account", name);
        Self { account, written: Arc::default(), ..store }
    }

    /// The same with other scopes.
    pub(crate) fn with_scope(&self, scope: &str) -> Self {
        self.with_claim("scope", scope)
    }

    /// The same with a token that says something else.
    pub(crate) fn with_claim(&self, name: &str, value: &str) -> Self {
        let mut store = self.clone();
        store.claims[name] = value.into();
        store
    }

    /// The same with a token that leaves something out.
    pub(crate) fn without_claim(&self, name: &str) -> Self {
        let mut store = self.clone();
        store.claims.as_object_mut().unwrap().remove(name);
        store
    }

    /// The same behind functions that reach the table in another way.
    #[expect(clippy::needless_pass_by_value, reason = "whoever calls has made it for this")]
    pub(crate) fn through(&self, table: Table) -> Self {
        Self { functions: Functions::on(&table, &self.clock), ..self.clone() }
    }

    /// The same where facts expire after so many days.
    pub(crate) fn with_retention(&self, days: i64) -> Self {
        let client = self.engine.client.clone();
        self.through(Table::new(client, TABLE_NAME, Retention::Days(days)))
    }

    /// So much later.
    pub(crate) fn pass(&self, span: Span) {
        self.clock.set(self.clock.now().plus(span));
    }

    pub(crate) async fn write_settings(&self, settings: &AccountSettings) {
        self.table.account_write(&self.account, settings, &Vetting::AtOnce).await.unwrap();
    }

    /// From now on the store answers for the people of its own domain alone.
    pub(crate) async fn answer_for_nobody_else(&self) {
        let held = settings(self.account.as_str(), PHONE_NUMBER_ID);
        self.write_settings(&AccountSettings { report_domains: None, ..held }).await;
    }

    /// One more secret by which the store's own system signs.
    pub(crate) async fn add_signing_secret(&self, secret: &SigningSecret) {
        let (secret, key) = (Secret::new(secret.reveal()), sealing());
        let (table, now) = (&self.table, self.clock.now());
        let added = table.account_add_signing_secret(&self.account, &secret, &key, now).await;
        assert!(added.unwrap());
    }

    /// One more campaign.
    pub(crate) async fn add_campaign(&self, id: &str, name: &str, language: Language) {
        self.write_campaign(id, name, language, self.clock.now()).await;
    }

    async fn write_campaign(&self, id: &str, name: &str, language: Language, made: Instant) {
        let after = Campaign {
            campaign_id: CampaignId::parse(id).unwrap(),
            name: CampaignName::parse(name).unwrap(),
            language,
            message_type: MessageType::Coupon,
            status: CampaignStatus::Active,
            version: 1,
            created_at: made,
            updated_at: made,
            sending: None,
        };
        let change = CampaignChange { at: made, by: "ana".to_owned(), after, before: None };
        self.table.campaign_write(&self.account, &change).await.unwrap();
    }

    /// Pauses or resumes [`CAMPAIGN`].
    pub(crate) async fn set_status(&self, status: CampaignStatus) {
        let id = CampaignId::parse(CAMPAIGN).unwrap();
        let before = self.table.campaign(&self.account, &id).await.unwrap().unwrap();
        let after = Campaign { status, version: before.version + 1, ..before.clone() };
        let change =
            CampaignChange { at: now(), by: "ana".to_owned(), after, before: Some(before) };
        self.table.campaign_write(&self.account, &change).await.unwrap();
    }
}
