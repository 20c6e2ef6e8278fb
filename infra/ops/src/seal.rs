//! Secrets of accounts that stand in the table in clear, from before there was sealing, are sealed.

use shared::runtime::sealing::SealingKey;
use shared::store::{StoreError, Table};

/// What was sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealedSecrets {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Values that stood in clear and no longer do.
    pub values: u64,
}

/// Seals the signing secrets, hook secrets and VTEX app tokens of all accounts that stand in clear.
/// `progress` hears of each account. Doing it again changes nothing.
pub async fn seal_secrets(
    table: &Table,
    key: &SealingKey,
    mut progress: impl FnMut(),
) -> Result<SealedSecrets, StoreError> {
    let mut sealed = SealedSecrets::default();
    let mut from = None;
    loop {
        let (accounts, next) = table.accounts_scan(from).await?;
        for account in accounts {
            sealed.accounts += 1;
            sealed.values += table.secrets_seal(&account, key).await?;
            progress();
        }
        from = next;
        if from.is_none() {
            return Ok(sealed);
        }
    }
}
