//! The account that a request is about.

use crate::Problem;
use domain::values::account::Account;
use store::Table;
use store::accounts::AccountRecord;

/// What is held of an account that was set up; 404 `account-not-found` for one that wasn't.
pub async fn set_up(table: &Table, account: &Account) -> Result<AccountRecord, Problem> {
    table.account(account).await?.ok_or_else(Problem::account_not_found)
}
