//! How an account sends: a part of its settings, so that the claim of a message, which is conditional on their
//! version, sees a change of it (R17).

use crate::accounts::account_item;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::activity::Change;
use domain::values::account::Account;
use domain::values::sending::AccountSending;

impl Table {
    /// How an account sends; none of one that never said so, or that was never set up.
    pub async fn sending(&self, account: &Account) -> Result<Option<AccountSending>, StoreError> {
        Ok(self.account(account).await?.and_then(|record| record.sending))
    }

    /// Sets how an account sends, from what it was; none when there is no such account.
    pub async fn sending_set(
        &self,
        account: &Account,
        change: impl Fn(Option<&AccountSending>) -> AccountSending,
    ) -> Result<Option<AccountSending>, StoreError> {
        const OPERATION: &str = "set how an account sends";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(mut next) = self.account(account).await? else { return Ok(None) };
            let sending = change(next.sending.as_ref());
            if next.sending.as_ref() == Some(&sending) {
                return Ok(Some(sending));
            }
            let entry = self.entry(account, Change::of_sending(next.sending.as_ref(), &sending))?;
            next.sending = Some(sending.clone());
            next.version += 1;
            let item = (account_item(account, &next)?, next.version);
            if self.put_on_version_with(OPERATION, item, entry).await?.is_changed() {
                return Ok(Some(sending));
            }
        }
    }
}
