//! Whom reports go to: what the owners of the addresses said. One item for each account and
//! address, under the address's digest; it never expires, since a wish doesn't.

use crate::table::attributes::s;
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::reports::recipient::{Recipient, RecipientDigest};
use domain::values::account::Account;
use domain::values::email::EmailAddress;
use domain::values::instant::Instant;

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
        self.update_item(&key(account, email))
            .update_expression("SET unsubscribedAt = if_not_exists(unsubscribedAt, :now)")
            .expression_attribute_values(":now", s(now))
            .send()
            .await
            .map(drop)
            .map_err(|error| StoreError::of_call("unsubscribe a recipient", error))
    }

    /// Notes that a recipient wishes for the account's mails again.
    pub async fn recipient_welcome(
        &self,
        account: &Account,
        email: &EmailAddress,
    ) -> Result<(), StoreError> {
        self.update_item(&key(account, email))
            .update_expression("REMOVE unsubscribedAt")
            .send()
            .await
            .map(drop)
            .map_err(|error| StoreError::of_call("welcome a recipient", error))
    }
}

fn key(account: &Account, email: &EmailAddress) -> Key {
    Key::recipient(account, &RecipientDigest::of(account, email))
}
