//! What requests and schedules have in common: a recipient and a campaign that must fit the
//! account.

use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::store::Table;
use shared::web::Problem;

/// 422 `recipient-not-allowed` unless the account lets reports go to `email`, and
/// `recipient-unsubscribed` where its owner wished for none.
pub(crate) async fn check_recipient(
    table: &Table,
    account: &Account,
    settings: &AccountSettings,
    email: &EmailAddress,
) -> Result<(), Problem> {
    if !email.is_allowed(settings.report_domains.as_deref()) {
        let detail = "the account's settings let no report go to this domain";
        return Err(Problem::unprocessable("recipient-not-allowed", "email", detail));
    }
    if table.recipient(account, email).await?.is_unsubscribed() {
        return Err(unsubscribed_field());
    }
    Ok(())
}

fn unsubscribed_field() -> Problem {
    let detail = "who reads this address wished for no more mails of the store, and alone can change that";
    Problem::unprocessable("recipient-unsubscribed", "email", detail)
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
