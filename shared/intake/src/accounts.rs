//! What the table says about accounts, used again for a while so that most facts cost no read.

use std::sync::Arc;

use chrono_tz::Tz;
use domain::values::account::Account;
use domain::values::ids::{CampaignId, PhoneNumberId};
use domain::values::phone::CountryCode;
use domain::values::span::Span;
use runtime::clock::Clock;
use runtime::config::Secret;
use runtime::sealing::SealingKey;
use store::accounts::AccountRecord;
use store::retry::Attempts;
use store::{StoreError, Table};

use crate::cache::{Cache, FOR_GOOD};

/// How long a phone number's account is used before it is read again. So a number that changes hands
/// leads to its old account for this long at most. That a number belongs to nobody, or is merely
/// claimed, is used for one body alone.
const PHONE_NUMBER_LASTS: Span = Span::seconds(60);
/// How long settings and signing secrets are used before they are read again. Where a signature fails,
/// or a link leads outside the store, they are read again at once, so that a change works at once.
const ACCOUNT_LASTS: Span = Span::seconds(60);

/// Reads accounts and keeps what it read. Cheap to clone; clones share what was read.
#[derive(Debug, Clone)]
pub struct Accounts {
    table: Table,
    clock: Clock,
    /// What opens their secrets.
    sealing: SealingKey,
    known: Arc<Known>,
}

/// What was read of accounts.
#[derive(Debug)]
struct Known {
    accounts: Cache<Account, Arc<AccountRecord>>,
    phone_numbers: Cache<PhoneNumberId, Account>,
    /// Campaigns that exist. Never their status: a pause holds from its confirmation on (R11).
    campaigns: Cache<(Account, CampaignId), ()>,
    /// Time zones that are fixed (R1).
    zones: Cache<Account, Tz>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            accounts: Cache::lasting(ACCOUNT_LASTS),
            phone_numbers: Cache::lasting(PHONE_NUMBER_LASTS),
            // Campaigns are never deleted, and a fixed time zone never changes.
            campaigns: Cache::lasting(FOR_GOOD),
            zones: Cache::lasting(FOR_GOOD),
        }
    }
}

/// An account as it was read: whether reading it again could tell anything new.
#[derive(Debug, Clone)]
pub struct ReadAccount {
    /// The account.
    pub record: Arc<AccountRecord>,
    /// Whether it was read just now.
    pub fresh: bool,
}

/// Whose a business phone number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// An account's.
    Account(Account),
    /// Not known yet: these claim it, and an operator hasn't confirmed any of them.
    Claimants(Arc<[Account]>),
    /// Nobody's.
    Nobody,
}

impl Accounts {
    /// The accounts of `table`, none of them read yet.
    #[must_use]
    pub fn new(table: Table, clock: Clock, sealing: SealingKey) -> Self {
        Self { table, clock, sealing, known: Arc::default() }
    }

    /// The signing secrets of an account that are valid now.
    pub fn signing_secrets(
        &self,
        account: &Account,
        record: &AccountRecord,
    ) -> Result<Vec<Secret>, StoreError> {
        record.valid_secrets(account, &self.sealing, self.clock.now())
    }

    /// An account, read at most [`ACCOUNT_LASTS`] ago.
    pub async fn get(&self, account: &Account) -> Result<Option<ReadAccount>, StoreError> {
        if let Some(record) = self.known.accounts.get(account, self.clock.now()) {
            return Ok(Some(ReadAccount { record, fresh: false }));
        }
        self.get_afresh(account).await
    }

    /// An account, read now.
    pub async fn get_afresh(&self, account: &Account) -> Result<Option<ReadAccount>, StoreError> {
        let Some(record) = self.table.account(account).await? else { return Ok(None) };
        let record = Arc::new(record);
        self.known.accounts.put(account.clone(), Arc::clone(&record), self.clock.now());
        Ok(Some(ReadAccount { record, fresh: true }))
    }

    /// The country by whose plan the account's phone numbers are read (R5).
    ///
    /// # Errors
    /// When the table fails, or the account was never set up.
    pub async fn country(&self, account: &Account) -> Result<CountryCode, StoreError> {
        let read = self.get(account).await?;
        let read =
            read.ok_or_else(|| StoreError::corrupt("account", "the settings are missing"))?;
        Ok(read.record.settings.country())
    }

    /// Whose a business phone number is.
    pub async fn of_phone_number(&self, id: &PhoneNumberId) -> Result<Owner, StoreError> {
        if let Some(account) = self.known.phone_numbers.get(id, self.clock.now()) {
            return Ok(Owner::Account(account));
        }
        let number = self.table.phone_number(id).await?;
        Ok(match number.account {
            Some(account) => {
                self.known.phone_numbers.put(id.clone(), account.clone(), self.clock.now());
                Owner::Account(account)
            }
            None if number.claimants.is_empty() => Owner::Nobody,
            None => Owner::Claimants(number.claimants.into_iter().collect()),
        })
    }

    /// Whether the account has such a campaign.
    pub async fn has_campaign(
        &self,
        account: &Account,
        id: &CampaignId,
    ) -> Result<bool, StoreError> {
        let key = (account.clone(), id.clone());
        if self.known.campaigns.get(&key, self.clock.now()).is_some() {
            return Ok(true);
        }
        let exists = self.table.campaign(account, id).await?.is_some();
        if exists {
            self.known.campaigns.put(key, (), self.clock.now());
        }
        Ok(exists)
    }

    /// The zone of the account's store days, fixed before it is told (R1): from then on no
    /// reminder lies on a day that was cut in another zone.
    pub async fn fixed_zone(&self, account: &Account) -> Result<Tz, StoreError> {
        const OPERATION: &str = "fix a time zone";
        if let Some(zone) = self.known.zones.get(account, self.clock.now()) {
            return Ok(zone);
        }
        let mut held = self.get(account).await?;
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let ReadAccount { record, .. } =
                held.ok_or_else(|| StoreError::corrupt("account", "the settings are missing"))?;
            let zone = record.settings.time_zone;
            // A record that says so was written after the zone was fixed, so it holds that zone.
            if record.time_zone_fixed || self.table.account_fix_time_zone(account, zone).await? {
                self.known.zones.put(account.clone(), zone, self.clock.now());
                return Ok(zone);
            }
            held = self.get_afresh(account).await?;
        }
    }
}
