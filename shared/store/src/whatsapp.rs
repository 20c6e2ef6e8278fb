//! What connects an account to `WhatsApp`: its business account at Meta, the phone number that it sends from, the
//! token that opens them, and whether Meta takes anything from it at present.
//!
//! Beside the settings, not among them: what talks to Meta alone reads it, and no answer of the API ever holds the
//! token, which is sealed.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

pub mod pace;

use self::pace::Pace;
use crate::sealed::{KeptSecret, Purpose};
use crate::table::attributes::{expire, n, s, value, write};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::{Key, waba_pk};
use crate::table::retry::Attempts;
use crate::table::transact::{delete, put, update};
use crate::{StoreError, Table};
use domain::activity::Deed;
use domain::values::account::Account;
use domain::values::daily_limit::DailyLimit;
use domain::values::ids::{PhoneNumberId, WabaId};
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;
use runtime::config::Secret;
use runtime::sealing::SealingKey;

/// The span of the limit of messages that are tried out.
const HOUR: Span = Span::hours(1);
/// How long it is kept when messages were tried out.
const TESTS_STAY: Span = Span::hours(2);

/// A connection as stored. `Debug` shows no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The business account.
    pub waba_id: WabaId,
    /// The phone number that messages are sent from.
    pub phone_number_id: PhoneNumberId,
    /// The name that shoppers see, as Meta told it when the account was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_name: Option<String>,
    token: KeptSecret,
    /// When it was connected, or its token was renewed.
    pub connected_at: Instant,
    /// Why Meta takes nothing from it at present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Blocked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messaging_limit: Option<Told<DailyLimit>>,
    /// Whether Meta raised its number's throughput. It tells of no way back, so the order in which this comes decides
    /// nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_fast: bool,
    /// Whether its business account has Marketing Messages, as far as Meta told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marketing_messages: Option<Told<bool>>,
    /// How fast its number may send at present.
    #[serde(flatten)]
    pub pace: Pace,
    /// When Meta last took a message again after it was blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unblocked_at: Option<Instant>,
    /// Counts the writes.
    version: u64,
}

/// What Meta told, and when, by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Told<T> {
    value: T,
    at: Instant,
}

/// The newest of two; of one instant the lesser, which is the more careful: so the order of arrival decides nothing.
fn newest<T: Ord + Copy>(held: Option<Told<T>>, told: Told<T>) -> Told<T> {
    held.filter(|held| (held.at, Reverse(held.value)) > (told.at, Reverse(told.value)))
        .unwrap_or(told)
}

/// Why Meta takes nothing from an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocked {
    /// Its code.
    pub code: u32,
    /// When it said so first.
    pub since: Instant,
}

/// When messages were tried out of late, for their limit.
#[derive(Default, Serialize, Deserialize)]
struct Tests {
    tests: Vec<Instant>,
    version: u64,
}

impl Tests {
    const KIND: &str = "test messages";
}

/// What an account is connected with.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The business account.
    pub waba_id: WabaId,
    /// The phone number that messages are sent from.
    pub phone_number_id: PhoneNumberId,
    /// The name that shoppers see.
    pub verified_name: Option<String>,
    /// The token that opens them.
    pub token: Secret,
}

impl Connection {
    /// How many people its business may begin to write to within 24 hours, as far as Meta told.
    #[must_use]
    pub fn daily_limit(&self) -> Option<DailyLimit> {
        self.messaging_limit.map(|told| told.value)
    }

    /// Whether its business account has Marketing Messages, as far as Meta told.
    #[must_use]
    pub fn has_marketing_messages(&self) -> bool {
        self.marketing_messages.is_some_and(|told| told.value)
    }

    /// The token; an error where `key` doesn't open it.
    pub fn token(&self, account: &Account, key: &SealingKey) -> Result<Secret, StoreError> {
        self.token.open((key, account), Purpose::WhatsappToken)
    }

    /// What a new connection leaves of the one before: what Meta told of the same number.
    fn after(held: Option<&Self>, new: &NewConnection, token: KeptSecret, now: Instant) -> Self {
        let same = held.filter(|held| held.phone_number_id == new.phone_number_id);
        Self {
            waba_id: new.waba_id.clone(),
            phone_number_id: new.phone_number_id.clone(),
            verified_name: new.verified_name.clone(),
            token,
            connected_at: now,
            // Whatever blocked it, the new token is tried.
            blocked: None,
            messaging_limit: same.and_then(|held| held.messaging_limit),
            is_fast: same.is_some_and(|held| held.is_fast),
            marketing_messages: held
                .filter(|held| held.waba_id == new.waba_id)
                .and_then(|held| held.marketing_messages),
            // What a new token was not yet tried for.
            pace: same.map_or_else(Pace::default, |held| Pace { probed_at: None, ..held.pace }),
            unblocked_at: None,
            version: held.map_or(0, |held| held.version) + 1,
        }
    }
}

impl Table {
    /// An account's connection to `WhatsApp`.
    pub async fn whatsapp(&self, account: &Account) -> Result<Option<Connection>, StoreError> {
        self.get("WhatsApp connection", &Key::whatsapp(account)).await
    }

    /// The accounts that are connected to a business account.
    pub async fn whatsapp_accounts(&self, waba: &WabaId) -> Result<Vec<Account>, StoreError> {
        #[derive(Deserialize)]
        struct Connected {
            sk: Account,
        }
        let found: Vec<Connected> =
            self.query_prefix("connected account", &waba_pk(waba), "").await?;
        Ok(found.into_iter().map(|connected| connected.sk).collect())
    }

    /// Connects an account, or connects it anew; its token is sealed under `key`.
    pub async fn whatsapp_connect(
        &self,
        account: &Account,
        new: &NewConnection,
        key: &SealingKey,
        now: Instant,
    ) -> Result<Connection, StoreError> {
        const OPERATION: &str = "connect to WhatsApp";
        let token = KeptSecret::seal((key, account), Purpose::WhatsappToken, &new.token)?;
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held = self.whatsapp(account).await?;
            let next = Connection::after(held.as_ref(), new, token.clone(), now);
            let item = write("WhatsApp connection", &Key::whatsapp(account), &next)?;
            let pointer = Key::waba(&next.waba_id, account).attributes();
            let mut actions =
                vec![put(self.put_of_version(item, next.version))?, put(self.put_of(pointer))?];
            if let Some(held) = held.filter(|held| held.waba_id != next.waba_id) {
                actions.push(delete(self.delete_of(&Key::waba(&held.waba_id, account)))?);
            }
            actions.extend(self.entry(account, Deed::WhatsappConnected)?);
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(next);
            }
        }
    }

    /// Ends an account's connection; `false` when it has none. The settings' version moves with it: a claim that was
    /// made on the connection fails (R17).
    pub async fn whatsapp_disconnect(&self, account: &Account) -> Result<bool, StoreError> {
        const OPERATION: &str = "disconnect from WhatsApp";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(held) = self.whatsapp(account).await? else { return Ok(false) };
            let connection = self
                .delete_of(&Key::whatsapp(account))
                .condition_expression("version = :held")
                .expression_attribute_values(":held", n(held.version));
            let pointer = self.delete_of(&Key::waba(&held.waba_id, account));
            let settings = self
                .update_of(&Key::settings(account))
                .update_expression("ADD version :one")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":one", n(1));
            let mut actions = vec![delete(connection)?, delete(pointer)?, update(settings)?];
            actions.extend(self.entry(account, Deed::WhatsappDisconnected)?);
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(true);
            }
        }
    }

    /// Notes that Meta takes nothing from a number of an account since `blocked.since`. It says so of the connection
    /// that was made before, and of what it took since then: a newer one is tried first, and what it said before it
    /// took messages again is over.
    pub async fn whatsapp_block(
        &self,
        account: &Account,
        number: &PhoneNumberId,
        blocked: Blocked,
    ) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::whatsapp(account))
            .update_expression("SET blocked = :blocked ADD version :one")
            .condition_expression(
                "phoneNumberId = :number AND connectedAt <= :since AND attribute_not_exists(blocked) \
                 AND (attribute_not_exists(unblockedAt) OR unblockedAt < :since)",
            )
            .expression_attribute_values(":blocked", value("WhatsApp connection", &blocked)?)
            .expression_attribute_values(":number", s(number.as_str()))
            .expression_attribute_values(":since", s(blocked.since))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        unless_condition_failed("block an account", result)
    }

    /// Notes that Meta takes messages of an account again.
    pub async fn whatsapp_unblock(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::whatsapp(account))
            .update_expression("SET unblockedAt = :now REMOVE blocked ADD version :one")
            .condition_expression("attribute_exists(blocked)")
            .expression_attribute_values(":now", s(now))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        unless_condition_failed("unblock an account", result)
    }

    /// Counts a message that somebody tries out; `false` where they are too many within the hour, whatever the account
    /// was connected to meanwhile.
    pub async fn whatsapp_count_test(
        &self,
        account: &Account,
        now: Instant,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "count a test message";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let key = Key::whatsapp_tests(account);
            let mut next: Tests = self.get(Tests::KIND, &key).await?.unwrap_or_default();
            next.tests.retain(|at| now.since(*at) < HOUR);
            if next.tests.len() >= limits::TEST_MESSAGES_AN_HOUR {
                return Ok(false);
            }
            next.tests.push(now);
            next.version += 1;
            let mut item = write(Tests::KIND, &key, &next)?;
            expire(&mut item, Some(now.plus(TESTS_STAY).seconds()));
            if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                return Ok(true);
            }
        }
    }

    /// Folds what Meta tells of an account's limits into what is known of them: what it said last by its own clock
    /// (`at`) holds, whatever arrived last, and what it doesn't say stays.
    pub async fn whatsapp_note_limits(
        &self,
        account: &Account,
        (daily_limit, is_fast): (Option<DailyLimit>, bool),
        at: Instant,
    ) -> Result<Written, StoreError> {
        let told = daily_limit.map(|value| Told { value, at });
        self.whatsapp_fold("note an account's limits", account, |connection| {
            connection.is_fast |= is_fast;
            if let Some(told) = told {
                connection.messaging_limit = Some(newest(connection.messaging_limit, told));
            }
        })
        .await
    }

    /// Folds what is told of an account's Marketing Messages: what Meta said last by its own clock (`at`) holds.
    pub async fn whatsapp_note_marketing(
        &self,
        account: &Account,
        has: bool,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let told = Told { value: has, at };
        self.whatsapp_fold("note an account's Marketing Messages", account, |connection| {
            connection.marketing_messages = Some(newest(connection.marketing_messages, told));
        })
        .await
    }

    /// Folds something into an account's connection, where it has one.
    async fn whatsapp_fold(
        &self,
        operation: &'static str,
        account: &Account,
        fold: impl Fn(&mut Connection),
    ) -> Result<Written, StoreError> {
        let mut attempts = Attempts::at(operation);
        loop {
            attempts.next().await?;
            let Some(held) = self.whatsapp(account).await? else { return Ok(Written::Unchanged) };
            let mut next = held.clone();
            fold(&mut next);
            if next == held {
                return Ok(Written::Unchanged);
            }
            next.version += 1;
            let item = write("WhatsApp connection", &Key::whatsapp(account), &next)?;
            if self.put_on_version(operation, item, next.version).await?.is_changed() {
                return Ok(Written::Changed);
            }
        }
    }
}
