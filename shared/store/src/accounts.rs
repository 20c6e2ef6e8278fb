//! Account settings, signing secrets and the phone numbers that belong to accounts.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnConsumedCapacity, TransactWriteItem};
use serde::{Deserialize, Serialize};

use crate::facts::{Written, unless_condition_failed};
use crate::table::attributes::{n, s, write};
use crate::table::key::Key;
use crate::table::retry;
use crate::{StoreError, Table};
use domain::values::account::{Account, AccountSettings};
use domain::values::ids::PhoneNumberId;
use domain::values::instant::Instant;
use domain::values::span::Span;

/// How long a signing secret outlives its successor: senders change theirs within a day.
pub const OLD_SECRET_STAYS: Span = Span::hours(24);

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRecord {
    /// What the store set up.
    #[serde(flatten)]
    pub settings: AccountSettings,
    /// The secrets that sign its events, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signing_secrets: Vec<StoredSecret>,
    /// Whether the account has a reminder, so that its time zone stays (R1).
    #[serde(default)]
    pub time_zone_fixed: bool,
    /// Campaigns that it has, for their limit.
    #[serde(default)]
    pub campaign_count: u64,
    /// Counts the writes of the settings.
    #[serde(default)]
    pub version: u64,
}

/// A signing secret and how long it is valid.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSecret {
    /// `whsec_…`
    pub secret: String,
    /// The end of its validity once it has a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSecret")
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}

impl AccountRecord {
    /// The secrets that are valid at `now`.
    pub fn valid_secrets(&self, now: Instant) -> impl Iterator<Item = &str> {
        self.signing_secrets
            .iter()
            .filter(move |held| held.valid_until.is_none_or(|until| now < until))
            .map(|held| held.secret.as_str())
    }

    /// The record with `secret` as its newest; the one before stays valid for a day, older
    /// ones as long as they had left.
    fn with_secret(mut self, secret: String, now: Instant) -> Self {
        let until = now.plus(OLD_SECRET_STAYS);
        for held in &mut self.signing_secrets {
            held.valid_until = Some(held.valid_until.map_or(until, |valid| valid.min(until)));
        }
        self.signing_secrets.retain(|held| held.valid_until.is_none_or(|valid| now < valid));
        self.signing_secrets.insert(0, StoredSecret { secret, valid_until: None });
        self
    }
}

/// What became of a change of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountWritten {
    /// The account is new.
    Created,
    /// Its settings are changed.
    Updated,
    /// It has reminders: its time zone can't change any more (R1).
    TimeZoneFixed,
    /// Another account has one of the phone numbers.
    PhoneNumberTaken(PhoneNumberId),
}

#[derive(Deserialize)]
struct PhoneNumberOwner {
    account: Account,
}

impl Table {
    /// An account.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn account(&self, account: &Account) -> Result<Option<AccountRecord>, StoreError> {
        self.get("account", &Key::settings(account)).await
    }

    /// The account that a business phone number belongs to.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn account_of_phone_number(
        &self,
        id: &PhoneNumberId,
    ) -> Result<Option<Account>, StoreError> {
        let owner: Option<PhoneNumberOwner> =
            self.get("phone number", &Key::phone_number(id)).await?;
        Ok(owner.map(|owner| owner.account))
    }

    /// Creates an account or replaces its settings, and claims and releases phone numbers, all
    /// or nothing.
    ///
    /// # Errors
    /// When the table can't be read or written, or the account is too contended.
    pub async fn write_account(
        &self,
        account: &Account,
        settings: &AccountSettings,
    ) -> Result<AccountWritten, StoreError> {
        const OPERATION: &str = "write an account";
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let held = self.account(account).await?;
            let fixed = held.as_ref().filter(|held| held.time_zone_fixed);
            if fixed.is_some_and(|held| held.settings.time_zone != settings.time_zone) {
                return Ok(AccountWritten::TimeZoneFixed);
            }
            let outcome =
                if held.is_some() { AccountWritten::Updated } else { AccountWritten::Created };
            let owned: BTreeSet<PhoneNumberId> = held
                .iter()
                .flat_map(|held| held.settings.phone_number_ids.iter().cloned())
                .collect();
            let wanted: BTreeSet<PhoneNumberId> =
                settings.phone_number_ids.iter().cloned().collect();
            let next = match held {
                Some(held) => {
                    AccountRecord { settings: settings.clone(), version: held.version + 1, ..held }
                }
                None => AccountRecord {
                    settings: settings.clone(),
                    signing_secrets: Vec::new(),
                    time_zone_fixed: false,
                    campaign_count: 0,
                    version: 1,
                },
            };
            let mut actions = vec![self.put_account(account, &next)?];
            for id in &wanted {
                actions.push(self.claim(account, id)?);
            }
            for id in owned.difference(&wanted) {
                actions.push(self.release(account, id)?);
            }
            let result = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let Err(error) = result else { return Ok(outcome) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(StoreError::of_call(OPERATION, error));
            };
            // The reasons stand in the order of the actions; the first is the settings' own.
            let taken = canceled
                .cancellation_reasons()
                .iter()
                .skip(1)
                .zip(&wanted)
                .find(|(reason, _)| reason.code() == Some("ConditionalCheckFailed"));
            if let Some((_, id)) = taken {
                return Ok(AccountWritten::PhoneNumberTaken(id.clone()));
            }
        }
        Err(StoreError::Contended { operation: OPERATION, attempts: retry::ATTEMPTS })
    }

    /// Gives an account a new signing secret; `false` when there is no such account.
    ///
    /// # Errors
    /// When the table can't be read or written, or the account is too contended.
    pub async fn add_signing_secret(
        &self,
        account: &Account,
        secret: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "add a signing secret";
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let Some(held) = self.account(account).await? else { return Ok(false) };
            let version = held.version + 1;
            let next = AccountRecord { version, ..held.with_secret(secret.to_owned(), now) };
            let result = self
                .client
                .transact_write_items()
                .transact_items(self.put_account(account, &next)?)
                .send()
                .await;
            match result {
                Ok(_) => return Ok(true),
                Err(error)
                    if matches!(
                        error.as_service_error(),
                        Some(TransactWriteItemsError::TransactionCanceledException(_))
                    ) => {}
                Err(error) => return Err(StoreError::of_call(OPERATION, error)),
            }
        }
        Err(StoreError::Contended { operation: OPERATION, attempts: retry::ATTEMPTS })
    }

    /// Notes that the account has reminders whose days were cut in `zone` (R1); `false` when
    /// its zone is another by now and the caller has to read the settings again.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn fix_time_zone(
        &self,
        account: &Account,
        zone: chrono_tz::Tz,
    ) -> Result<bool, StoreError> {
        let result = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Key::settings(account).attributes()))
            // The version moves too: a change of settings that was read before must start over.
            .update_expression("SET timeZoneFixed = :true ADD version :one")
            .condition_expression("#zone = :zone")
            .expression_attribute_names("#zone", "timeZone")
            .expression_attribute_values(
                ":true",
                aws_sdk_dynamodb::types::AttributeValue::Bool(true),
            )
            .expression_attribute_values(":zone", s(zone.name()))
            .expression_attribute_values(":one", n(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let fixed = unless_condition_failed("fix a time zone", result.map(|_| ()))?;
        Ok(fixed == Written::Changed)
    }

    fn put_account(
        &self,
        account: &Account,
        record: &AccountRecord,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.name).set_item(Some(write(
            "account",
            &Key::settings(account),
            record,
        )?));
        let put = if record.version == 1 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :held")
                .expression_attribute_values(":held", n(record.version - 1))
        };
        let put = put.build().map_err(|error| StoreError::corrupt("account", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn claim(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut item = Key::phone_number(id).attributes();
        item.insert("account".to_owned(), s(account.as_str()));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR account = :account")
            .expression_attribute_values(":account", s(account.as_str()))
            .build()
            .map_err(|error| StoreError::corrupt("phone number", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn release(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(Key::phone_number(id).attributes()))
            .condition_expression("account = :account")
            .expression_attribute_values(":account", s(account.as_str()))
            .build()
            .map_err(|error| StoreError::corrupt("phone number", error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
