//! What requests and schedules have in common: a recipient and a campaign that must fit the
//! account.

use shared::domain::values::account::Account;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::store::Table;
use shared::web::Problem;

/// 422 `recipient-unsubscribed` where the owner of `email` wished for no mails of the account.
/// Whether they have to confirm first is found out when there is something to mail.
pub(crate) async fn check_recipient(
    table: &Table,
    account: &Account,
    email: &EmailAddress,
) -> Result<(), Problem> {
    if table.recipient(account, email).await?.is_unsubscribed() {
        let detail = "who reads this address wished for no more mails of the store, and alone can \
                      change that";
        return Err(Problem::unprocessable("recipient-unsubscribed", "email", detail));
    }
    Ok(())
}

/// 422 `unknown-campaign` unless the campaign, where one is named, is the account's.
pub(crate) async fn check_campaign(
    table: &Table,
    account: &Account,
    campaign: Option<&CampaignId>,
) -> Result<(), Problem> {
    if let Some(id) = campaign
        && table.campaign(account, id).await?.is_none()
    {
        let detail = "the account has no such campaign";
        return Err(Problem::unprocessable("unknown-campaign", "campaignId", detail));
    }
    Ok(())
}
