//! Account settings and signing secrets, which are sealed: functions that read settings can't read them.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::sealed::{KeptSecret, Purpose, StoredSecret};
use crate::table::attributes::{Attributes, n, s, write};
use crate::table::condition::unless_condition_failed;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::table::transact::{Transacted, put};
use crate::{StoreError, Table};
use domain::activity::{Change, Deed};
use domain::values::account::{Account, AccountSettings, StoreUrl};
use domain::values::ids::PhoneNumberId;
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::sending::AccountSending;
use domain::values::store_hosts::StoreHosts;
use runtime::config::Secret;
use runtime::sealing::SealingKey;

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRecord {
    /// What the store set up.
    #[serde(flatten)]
    pub settings: AccountSettings,
    /// Those of its phone numbers that nobody has confirmed yet. Accounts from before there were
    /// confirmations have none: their numbers are theirs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pending_phone_number_ids: BTreeSet<PhoneNumberId>,
    /// That nobody has confirmed the store's address yet. Accounts from before there were confirmations
    /// go on with theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_store_url: Option<PendingStoreUrl>,
    /// The secrets that sign its events, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signing_secrets: Vec<StoredSecret>,
    /// Whether the account has a reminder, so that its time zone stays (R1).
    #[serde(default)]
    pub time_zone_fixed: bool,
    /// How it sends; nothing of it is sent until it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<AccountSending>,
    /// Campaigns that it has, for their limit.
    #[serde(default)]
    pub campaign_count: u64,
    /// Counts the writes of the settings.
    #[serde(default)]
    pub version: u64,
}

/// What stands in for a store's address until that is confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingStoreUrl {
    /// The address before it: links lead there meanwhile. None: they lead nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<StoreUrl>,
}

impl AccountRecord {
    /// Where links may lead: the store's address, or the one before while that is pending.
    #[must_use]
    pub fn link_store(&self) -> Option<&StoreUrl> {
        match &self.pending_store_url {
            None => Some(&self.settings.store_url),
            Some(pending) => pending.before.as_ref(),
        }
    }

    /// The phone numbers that are the account's own.
    pub fn confirmed_phone_number_ids(&self) -> impl Iterator<Item = &PhoneNumberId> {
        let named = self.settings.phone_number_ids.iter();
        named.filter(|id| !self.pending_phone_number_ids.contains(*id))
    }

    /// How many signing secrets are valid at `now`.
    #[must_use]
    pub fn valid_secret_count(&self, now: Instant) -> usize {
        self.signing_secrets.iter().filter(|held| held.is_valid(now)).count()
    }

    /// The signing secrets that are valid at `now`, newest first; an error where `key` doesn't open one.
    pub fn valid_secrets(
        &self,
        account: &Account,
        key: &SealingKey,
        now: Instant,
    ) -> Result<Vec<Secret>, StoreError> {
        let valid = self.signing_secrets.iter().filter(|held| held.is_valid(now));
        valid.map(|held| held.open((key, account), Purpose::SigningSecret)).collect()
    }

    /// Seals the signing secrets that stand in clear; how many did.
    pub(crate) fn close_secrets(
        &mut self,
        account: &Account,
        key: &SealingKey,
    ) -> Result<u64, StoreError> {
        let mut closed = 0;
        for held in &mut self.signing_secrets {
            closed += u64::from(held.close((key, account), Purpose::SigningSecret)?);
        }
        Ok(closed)
    }
}

/// Who has to vouch for what a store says is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vetting {
    /// Nobody: it is believed at once. For a stack of one machine, whose stores are all one person's.
    AtOnce,
    /// An operator; but addresses at these hosts are believed.
    ByOperator(StoreHosts),
}

/// What became of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrlConfirmed {
    /// The address is the store's, since now or since before.
    Confirmed,
    /// The account names another one.
    Another(StoreUrl),
    /// There is no such account.
    NoAccount,
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
    /// As many accounts as may claim one of the phone numbers already.
    PhoneNumberClaimedOften(PhoneNumberId),
}

impl Table {
    /// An account.
    pub async fn account(&self, account: &Account) -> Result<Option<AccountRecord>, StoreError> {
        self.get("account", &Key::settings(account)).await
    }

    /// Creates an account or replaces its settings, and claims and releases phone numbers, all
    /// or nothing. What `vetting` asks an operator for is pending until then.
    pub async fn account_write(
        &self,
        account: &Account,
        settings: &AccountSettings,
        vetting: &Vetting,
    ) -> Result<AccountWritten, StoreError> {
        const OPERATION: &str = "write an account";
        let wanted: BTreeSet<PhoneNumberId> = settings.phone_number_ids.iter().cloned().collect();
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
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
            let mut claims = Vec::with_capacity(wanted.len());
            for id in &wanted {
                claims.push(self.claim_number(account, id, held.as_ref(), vetting)?);
            }
            let change = Change::of_settings(held.as_ref().map(|held| &held.settings), settings);
            let next = next(held, settings, vetting);
            let item = account_item(account, &next)?;
            let mut actions = vec![put(self.put_of_version(item, next.version))?];
            actions.extend(claims);
            if let Some(change) = change {
                actions.extend(self.entry(account, change)?);
            }
            for id in owned.difference(&wanted) {
                actions.push(self.release_number(account, id).await?);
            }
            let Transacted::ConditionFailed(places) = self.transact(OPERATION, actions).await?
            else {
                return Ok(outcome);
            };
            // The first action is the settings' own, the claims follow.
            let refused =
                places.into_iter().find_map(|place| wanted.iter().nth(place.checked_sub(1)?));
            if let Some(id) = refused {
                let number = self.phone_number(id).await?;
                if number.account.is_some_and(|owner| owner != *account) {
                    return Ok(AccountWritten::PhoneNumberTaken(id.clone()));
                }
                let others = number.claimants.iter().filter(|claimant| *claimant != account);
                if others.count() >= limits::CLAIMS_PER_PHONE_NUMBER {
                    return Ok(AccountWritten::PhoneNumberClaimedOften(id.clone()));
                }
            }
        }
    }

    /// Confirms that the address which an account names is its store's. It says which, so that what the
    /// account names meanwhile isn't confirmed unseen.
    pub async fn account_confirm_store_url(
        &self,
        account: &Account,
        store_url: &StoreUrl,
    ) -> Result<StoreUrlConfirmed, StoreError> {
        const OPERATION: &str = "confirm a store's address";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(mut next) = self.account(account).await? else {
                return Ok(StoreUrlConfirmed::NoAccount);
            };
            if !next.settings.store_url.is_same_store(store_url) {
                return Ok(StoreUrlConfirmed::Another(next.settings.store_url));
            }
            if next.pending_store_url.take().is_none() {
                return Ok(StoreUrlConfirmed::Confirmed);
            }
            next.version += 1;
            let item = account_item(account, &next)?;
            if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                return Ok(StoreUrlConfirmed::Confirmed);
            }
        }
    }

    /// Gives an account a new signing secret, sealed under `key`; `false` when there is no such account.
    pub async fn account_add_signing_secret(
        &self,
        account: &Account,
        secret: &Secret,
        key: &SealingKey,
        now: Instant,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "add a signing secret";
        let secret = KeptSecret::seal((key, account), Purpose::SigningSecret, secret)?;
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(mut next) = self.account(account).await? else { return Ok(false) };
            next.close_secrets(account, key)?;
            StoredSecret::succeed(&mut next.signing_secrets, secret.clone(), now);
            next.version += 1;
            let item = (account_item(account, &next)?, next.version);
            let entry = self.entry(account, Deed::SigningSecretMade)?;
            if self.put_on_version_with(OPERATION, item, entry).await?.is_changed() {
                return Ok(true);
            }
        }
    }

    /// Seals the signing secrets of an account that stand in clear; how many did.
    pub(crate) async fn account_seal_secrets(
        &self,
        account: &Account,
        key: &SealingKey,
    ) -> Result<u64, StoreError> {
        const OPERATION: &str = "seal signing secrets";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(mut next) = self.account(account).await? else { return Ok(0) };
            let closed = next.close_secrets(account, key)?;
            if closed == 0 {
                return Ok(0);
            }
            next.version += 1;
            let item = account_item(account, &next)?;
            if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                return Ok(closed);
            }
        }
    }

    /// Notes that the account has reminders whose days were cut in `zone` (R1); `false` when
    /// its zone is another by now and the caller has to read the settings again.
    pub async fn account_fix_time_zone(
        &self,
        account: &Account,
        zone: chrono_tz::Tz,
    ) -> Result<bool, StoreError> {
        let result = self
            .update_item(&Key::settings(account))
            // The version moves too: a change of settings that was read before must start over.
            .update_expression("SET timeZoneFixed = :true ADD version :one")
            .condition_expression("#zone = :zone")
            .expression_attribute_names("#zone", "timeZone")
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":zone", s(zone.name()))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        Ok(unless_condition_failed("fix a time zone", result)?.is_changed())
    }
}

/// The account with new settings. What is pending stays so until an operator confirms it.
fn next(
    held: Option<AccountRecord>,
    settings: &AccountSettings,
    vetting: &Vetting,
) -> AccountRecord {
    let confirmed: BTreeSet<PhoneNumberId> =
        held.iter().flat_map(AccountRecord::confirmed_phone_number_ids).cloned().collect();
    let pending_phone_number_ids = match vetting {
        Vetting::AtOnce => BTreeSet::new(),
        Vetting::ByOperator(_) => {
            let named = settings.phone_number_ids.iter();
            named.filter(|id| !confirmed.contains(*id)).cloned().collect()
        }
    };
    let before = held.as_ref().and_then(AccountRecord::link_store);
    let believed = match vetting {
        Vetting::AtOnce => true,
        // A store may move within its own address.
        Vetting::ByOperator(hosts) => {
            let url = &settings.store_url;
            hosts.admit(url) || before.is_some_and(|before| before.is_same_store(url))
        }
    };
    let pending_store_url = (!believed).then(|| PendingStoreUrl { before: before.cloned() });
    let settings = settings.clone();
    match held {
        Some(held) => {
            let version = held.version + 1;
            AccountRecord { settings, pending_phone_number_ids, pending_store_url, version, ..held }
        }
        None => AccountRecord {
            settings,
            pending_phone_number_ids,
            pending_store_url,
            signing_secrets: Vec::new(),
            time_zone_fixed: false,
            sending: None,
            campaign_count: 0,
            version: 1,
        },
    }
}

pub(crate) fn account_item(
    account: &Account,
    record: &AccountRecord,
) -> Result<Attributes, StoreError> {
    write("account", &Key::settings(account), record)
}
