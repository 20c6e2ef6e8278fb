//! Business phone numbers: whose webhooks they are, and who says so.
//!
//! An account claims a number by naming it among its settings. The claim is pending until an operator
//! confirms it: otherwise whoever names a number first, or mistypes one, gets another store's receipts.
//! Several accounts may claim one number, and one of them can have it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Deserialize;

use crate::accounts::{AccountRecord, Vetting, account_item};
use crate::table::attributes::{n, s};
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::table::transact::{delete, put, update};
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::ids::PhoneNumberId;
use domain::values::limits;

/// A business phone number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PhoneNumber {
    /// The account whose webhooks it brings; none while no claim is confirmed.
    #[serde(default)]
    pub account: Option<Account>,
    /// The accounts whose claims are pending.
    #[serde(default)]
    pub claimants: BTreeSet<Account>,
    /// Accounts that took a claim back before it was confirmed: for 30 days they hold what was kept
    /// aside for them in case.
    #[serde(default)]
    pub former: BTreeSet<Account>,
}

/// What became of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberConfirmed {
    /// The number is the account's, since now or since before.
    Confirmed,
    /// The account doesn't name it among its settings.
    Unclaimed,
    /// It is another account's: it can be moved.
    Taken(Account),
}

/// What became of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProved {
    /// The number is the account's, since now or since before.
    Proved,
    /// It is another account's.
    Taken,
    /// The account has as many as it may.
    TooMany,
    /// There is no such account.
    NoAccount,
}

/// What became of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberMoved {
    /// It was this account's or, without one, nobody's, and is the other one's now.
    From(Option<Account>),
    /// It is the account's already.
    Already,
    /// There is no such account to move it to.
    NoAccount,
    /// That account has as many numbers as it may.
    TooMany,
}

impl Table {
    /// A business phone number; one that nobody ever named belongs to nobody.
    pub async fn phone_number(&self, id: &PhoneNumberId) -> Result<PhoneNumber, StoreError> {
        let held = self.get("phone number", &Key::phone_number(id)).await?;
        Ok(held.unwrap_or_default())
    }

    /// Confirms an account's claim of a number.
    pub async fn phone_number_confirm(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> Result<NumberConfirmed, StoreError> {
        const OPERATION: &str = "confirm a phone number";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let number = self.phone_number(id).await?;
            match &number.account {
                Some(owner) if owner == account => return Ok(NumberConfirmed::Confirmed),
                Some(owner) => return Ok(NumberConfirmed::Taken(owner.clone())),
                None => {}
            }
            let record = self.account(account).await?;
            let claimed = record.filter(|record| record.pending_phone_number_ids.contains(id));
            let Some(mut next) = claimed else { return Ok(NumberConfirmed::Unclaimed) };
            next.pending_phone_number_ids.remove(id);
            let number = self.own_number(account, id).condition_expression(
                "attribute_not_exists(account) AND contains(claimants, :account)",
            );
            let actions = vec![self.next_settings(account, next)?, update(number)?];
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(NumberConfirmed::Confirmed);
            }
        }
    }

    /// Forgets who had claimed a number: nothing is kept aside there any more.
    pub async fn phone_number_forget_former(&self, id: &PhoneNumberId) -> Result<(), StoreError> {
        self.update_item(&Key::phone_number(id))
            .update_expression("REMOVE former")
            .condition_expression("attribute_exists(pk)")
            .send()
            .await
            .map(drop)
            .map_err(|error| StoreError::of_call("forget former claims", error))
    }

    /// Makes a number an account's that has shown that it holds the number's token at Meta: a claim of it is confirmed,
    /// and one that was never made is made.
    pub async fn phone_number_prove(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> Result<NumberProved, StoreError> {
        const OPERATION: &str = "prove a phone number";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let owner = self.phone_number(id).await?.account;
            if owner.as_ref().is_some_and(|owner| owner != account) {
                return Ok(NumberProved::Taken);
            }
            let Some(mut next) = self.account(account).await? else {
                return Ok(NumberProved::NoAccount);
            };
            let mut named: BTreeSet<PhoneNumberId> =
                std::mem::take(&mut next.settings.phone_number_ids).into_iter().collect();
            let is_new = named.insert(id.clone());
            let was_pending = next.pending_phone_number_ids.remove(id);
            if owner.is_some() && !is_new && !was_pending {
                return Ok(NumberProved::Proved);
            }
            if named.len() > limits::PHONE_NUMBERS_PER_ACCOUNT {
                return Ok(NumberProved::TooMany);
            }
            next.settings.phone_number_ids = named.into_iter().collect();
            let number = self
                .own_number(account, id)
                .condition_expression("attribute_not_exists(account) OR account = :account");
            let actions = vec![self.next_settings(account, next)?, update(number)?];
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(NumberProved::Proved);
            }
        }
    }

    /// Moves a number, with what comes for it from now on, to another account, whether that one
    /// claimed it or not: others may have taken every place for a claim. What it brought before stays
    /// where it is counted.
    pub async fn phone_number_move(
        &self,
        id: &PhoneNumberId,
        account: &Account,
    ) -> Result<NumberMoved, StoreError> {
        const OPERATION: &str = "move a phone number";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let owner = self.phone_number(id).await?.account;
            if owner.as_ref() == Some(account) {
                return Ok(NumberMoved::Already);
            }
            let Some(mut to) = self.account(account).await? else {
                return Ok(NumberMoved::NoAccount);
            };
            let mut named: BTreeSet<PhoneNumberId> =
                std::mem::take(&mut to.settings.phone_number_ids).into_iter().collect();
            named.insert(id.clone());
            if named.len() > limits::PHONE_NUMBERS_PER_ACCOUNT {
                return Ok(NumberMoved::TooMany);
            }
            to.settings.phone_number_ids = named.into_iter().collect();
            to.pending_phone_number_ids.remove(id);
            let number = self.own_number(account, id);
            let number = match &owner {
                Some(owner) => number
                    .condition_expression("account = :owner")
                    .expression_attribute_values(":owner", s(owner.as_str())),
                None => number.condition_expression("attribute_not_exists(account)"),
            };
            let mut actions = vec![self.next_settings(account, to)?, update(number)?];
            if let Some(owner) = &owner
                && let Some(mut from) = self.account(owner).await?
            {
                from.settings.phone_number_ids.retain(|held| held != id);
                actions.push(self.next_settings(owner, from)?);
            }
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(NumberMoved::From(owner));
            }
        }
    }

    /// What settings that name a number do to it.
    pub(crate) fn claim_number(
        &self,
        account: &Account,
        id: &PhoneNumberId,
        held: Option<&AccountRecord>,
        vetting: &Vetting,
    ) -> Result<TransactWriteItem, StoreError> {
        let confirmed =
            held.is_some_and(|held| held.confirmed_phone_number_ids().any(|own| own == id));
        update(match vetting {
            Vetting::AtOnce => self
                .own_number(account, id)
                .condition_expression("attribute_not_exists(account) OR account = :account"),
            // It changes nothing, unless the number was moved away meanwhile.
            Vetting::ByOperator(_) if confirmed => {
                self.own_number(account, id).condition_expression("account = :account")
            }
            Vetting::ByOperator(_) => self
                .update_of(&Key::phone_number(id))
                .update_expression("ADD claimants :claimant")
                .condition_expression(
                    "attribute_not_exists(account) AND (attribute_not_exists(claimants) \
                     OR contains(claimants, :account) OR size(claimants) < :most)",
                )
                .expression_attribute_values(":account", s(account.as_str()))
                .expression_attribute_values(":claimant", one(account))
                .expression_attribute_values(":most", n(limits::CLAIMS_PER_PHONE_NUMBER)),
        })
    }

    /// What settings that no longer name a number do to it. An item that says nothing any more goes.
    pub(crate) async fn release_number(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> Result<TransactWriteItem, StoreError> {
        let number = self.phone_number(id).await?;
        let (key, name) = (Key::phone_number(id), s(account.as_str()));
        let owns = number.account.as_ref() == Some(account);
        let says_nothing =
            number.account.is_none() && number.claimants.is_empty() && number.former.is_empty();
        if owns && number.claimants.is_empty() {
            return delete(
                self.delete_of(&key)
                    .condition_expression("account = :account AND attribute_not_exists(claimants)")
                    .expression_attribute_values(":account", name),
            );
        }
        if owns {
            return update(
                self.update_of(&key)
                    .update_expression("REMOVE account")
                    .condition_expression("account = :account")
                    .expression_attribute_values(":account", name),
            );
        }
        if says_nothing {
            return delete(self.delete_of(&key).condition_expression(
                "attribute_not_exists(account) AND attribute_not_exists(claimants)",
            ));
        }
        // One more than are remembered: its copies end by themselves.
        let is_full = number.former.len() >= limits::FORMER_CLAIMS_PER_PHONE_NUMBER;
        let ended = if is_full {
            "DELETE claimants :claimant"
        } else {
            "DELETE claimants :claimant ADD former :claimant"
        };
        update(
            self.update_of(&key)
                .update_expression(ended)
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":claimant", one(account)),
        )
    }

    /// An update that gives a number to an account, whose claim ends. Its condition is the caller's to
    /// add; `:account` is bound.
    fn own_number(
        &self,
        account: &Account,
        id: &PhoneNumberId,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        self.update_of(&Key::phone_number(id))
            .update_expression("SET account = :account DELETE claimants :claimant")
            .expression_attribute_values(":account", s(account.as_str()))
            .expression_attribute_values(":claimant", one(account))
    }

    /// A put of settings on the version that they were read at.
    fn next_settings(
        &self,
        account: &Account,
        mut next: AccountRecord,
    ) -> Result<TransactWriteItem, StoreError> {
        next.version += 1;
        put(self.put_of_version(account_item(account, &next)?, next.version))
    }
}

/// An account as a set of one.
fn one(account: &Account) -> AttributeValue {
    AttributeValue::Ss(vec![account.as_str().to_owned()])
}
