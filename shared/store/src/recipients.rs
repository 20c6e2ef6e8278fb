//! Whom reports go to: what the owners of the addresses said, and when they were asked. One item for
//! each account and address, under the address's digest; it never expires, since a wish doesn't.
//!
//! Beside it stand when the account asked anybody, and when anybody asked the address, for the
//! limits. They are exact: all of them are read and written back on their versions, in the
//! transaction that stores where the new link leads.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, n, s, write};
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::table::transact::put;
use crate::{StoreError, Table};
use domain::reports::recipient::{CONFIRMATION_LIFE, Recipient, RecipientDigest};
use domain::reports::report::DownloadToken;
use domain::values::account::Account;
use domain::values::email::EmailAddress;
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

/// How much longer than its link works an asking is known, so that a late click is told that it
/// is late.
const REMEMBERED: Span = Span::days(30);
/// The span of the limits by the day.
const DAY: Span = Span::hours(24);

/// What the link of a mail to confirm leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmation {
    /// Who asks.
    pub account: Account,
    /// Who is asked.
    pub email: EmailAddress,
    /// When the link ends.
    pub valid_until: Instant,
}

/// Whether a recipient is to be asked to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By a mail that is to be sent now; its link ends at this instant.
    Now(Instant),
    /// They were, and their link works until this instant.
    Before(Instant),
    /// They answered meanwhile.
    Answered,
    /// They, or others by the account, were asked as often as may be.
    TooOften,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Rate {
    recent: Vec<Instant>,
    version: u64,
}

/// All that an asking is counted in.
struct Counts {
    recipient: Recipient,
    of_account: Rate,
    of_address: Rate,
}

impl Table {
    /// What is known of a recipient; one who never said anything is all defaults.
    pub async fn recipient(
        &self,
        account: &Account,
        email: &EmailAddress,
    ) -> Result<Recipient, StoreError> {
        let found: Option<Recipient> = self.get("recipient", &key(account, email)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Notes that a recipient wishes for no more mails of the account. Doing it again changes
    /// nothing.
    pub async fn recipient_unsubscribe(
        &self,
        account: &Account,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<(), StoreError> {
        let wish = "SET unsubscribedAt = if_not_exists(unsubscribedAt, :now) ADD version :one";
        self.recipient_note(account, email, wish, now).await
    }

    /// Notes that a recipient wishes for the account's mails: their confirmation, or the way back
    /// after they had unsubscribed.
    pub async fn recipient_confirm(
        &self,
        account: &Account,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<(), StoreError> {
        let wish = "SET confirmedAt = if_not_exists(confirmedAt, :now) REMOVE unsubscribedAt \
                    ADD version :one";
        self.recipient_note(account, email, wish, now).await
    }

    async fn recipient_note(
        &self,
        account: &Account,
        email: &EmailAddress,
        wish: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.update_item(&key(account, email))
            .update_expression(wish)
            .expression_attribute_values(":now", s(now))
            .expression_attribute_values(":one", n(1))
            .send()
            .await
            .map(drop)
            .map_err(|error| StoreError::of_call("note a recipient's wish", error))
    }

    /// Counts a mail that asks a recipient to confirm, and stores where its link leads; unless they
    /// have a link that works, answered, or were asked often enough.
    pub async fn recipient_ask(
        &self,
        account: &Account,
        email: &EmailAddress,
        token: &DownloadToken,
        now: Instant,
    ) -> Result<Asked, StoreError> {
        const OPERATION: &str = "ask a recipient";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let mut counts = self.confirmation_counts(account, email, now).await?;
            if counts.recipient.is_confirmed() || counts.recipient.is_unsubscribed() {
                return Ok(Asked::Answered);
            }
            if let Some(until) = counts.recipient.asked_until(now) {
                return Ok(Asked::Before(until));
            }
            // Its mail may never have gone out. This one takes its place.
            if let Some(lost) = counts.recipient.lost(now) {
                counts.take_back(lost);
            }
            if counts.recipient.asked.len() >= limits::CONFIRMATIONS_PER_RECIPIENT
                || counts.of_account.recent.len() >= limits::CONFIRMATIONS_PER_ACCOUNT_A_DAY
                || counts.of_address.recent.len() >= limits::CONFIRMATIONS_PER_ADDRESS_A_DAY
            {
                return Ok(Asked::TooOften);
            }
            for asked in counts.lists() {
                asked.push(now);
            }
            let valid_until = now.plus(CONFIRMATION_LIFE);
            let confirmation =
                Confirmation { account: account.clone(), email: email.clone(), valid_until };
            let mut item = write("confirmation", &Key::confirmation(token), &confirmation)?;
            expire(&mut item, Some(valid_until.plus(REMEMBERED).seconds()));
            let mut actions = self.put_counts(account, email, counts, now)?;
            actions.push(put(self.put_of(item))?);
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(Asked::Now(valid_until));
            }
        }
    }

    /// Notes that the mail of the asking of `asked_at` is out.
    pub async fn recipient_note_asked(
        &self,
        account: &Account,
        email: &EmailAddress,
        asked_at: Instant,
    ) -> Result<(), StoreError> {
        self.recipient_note(account, email, "SET sent = :now ADD version :one", asked_at).await
    }

    /// Takes an asking of `asked_at` back, whose mail didn't go out as far as we know: the next attempt
    /// asks anew.
    pub async fn recipient_unask(
        &self,
        account: &Account,
        email: &EmailAddress,
        asked_at: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "take back that a recipient was asked";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let mut counts = self.confirmation_counts(account, email, now).await?;
            counts.take_back(asked_at);
            let actions = self.put_counts(account, email, counts, now)?;
            if self.transact(OPERATION, actions).await?.is_done() {
                return Ok(());
            }
        }
    }

    /// What the link of a mail to confirm leads to, whether or not it still works.
    pub async fn confirmation(
        &self,
        token: &DownloadToken,
    ) -> Result<Option<Confirmation>, StoreError> {
        self.get("confirmation", &Key::confirmation(token)).await
    }

    /// The counts as they stand, without what is too long ago to count.
    async fn confirmation_counts(
        &self,
        account: &Account,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<Counts, StoreError> {
        let rate = async |key: Key| -> Result<Rate, StoreError> {
            let mut rate: Rate = self.get("confirmation rate", &key).await?.unwrap_or_default();
            rate.recent.retain(|at| now.since(*at) < DAY);
            Ok(rate)
        };
        let mut recipient = self.recipient(account, email).await?;
        recipient.asked.retain(|at| now.since(*at) < Span::days(limits::CONFIRMATION_DAYS));
        Ok(Counts {
            recipient,
            of_account: rate(Key::confirmation_rate(account)).await?,
            of_address: rate(address_key(email)).await?,
        })
    }

    /// The writes of the counts on the versions before theirs.
    fn put_counts(
        &self,
        account: &Account,
        email: &EmailAddress,
        counts: Counts,
        now: Instant,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Counts { mut recipient, of_account, of_address } = counts;
        recipient.version += 1;
        let item = write("recipient", &key(account, email), &recipient)?;
        let mut actions = vec![put(self.put_of_version(item, recipient.version))?];
        for (key, rate) in
            [(Key::confirmation_rate(account), of_account), (address_key(email), of_address)]
        {
            let next = Rate { version: rate.version + 1, ..rate };
            let mut item = write("confirmation rate", &key, &next)?;
            expire(&mut item, Some(now.plus(DAY).seconds()));
            // Expired and swept, or not there yet: both start over.
            actions.push(put(self
                .put_of(item)
                .condition_expression("attribute_not_exists(pk) OR version = :held")
                .expression_attribute_values(":held", n(rate.version)))?);
        }
        Ok(actions)
    }
}

impl Counts {
    /// Takes an asking out of all that it is counted in.
    fn take_back(&mut self, asked_at: Instant) {
        for asked in self.lists() {
            if let Some(place) = asked.iter().rposition(|at| *at == asked_at) {
                asked.remove(place);
            }
        }
    }

    fn lists(&mut self) -> [&mut Vec<Instant>; 3] {
        [&mut self.recipient.asked, &mut self.of_account.recent, &mut self.of_address.recent]
    }
}

fn key(account: &Account, email: &EmailAddress) -> Key {
    Key::recipient(account, &RecipientDigest::of(account, email))
}

fn address_key(email: &EmailAddress) -> Key {
    Key::address_rate(&RecipientDigest::of_address(email))
}
