//! What is known of an account: read anew in each run, and again when a claim fails.

use chrono_tz::Tz;
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::gate::Sendable;
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Campaign;
use shared::domain::values::sending::AccountSending;
use shared::domain::values::span::Span;
use shared::graph::AccessToken;
use shared::store::StoreError;
use shared::store::accounts::AccountRecord;
use shared::store::vtex::VtexKeys;
use shared::store::whatsapp::Connection;

use crate::Deps;
use crate::outside::Outside;

/// How often an account that Meta takes nothing from is tried.
pub(crate) const PROBE: Span = Span::seconds(15 * 60);

/// What is known of an account in this run.
pub(crate) struct Known {
    pub(crate) account: Account,
    pub(crate) record: AccountRecord,
    pub(crate) sending: AccountSending,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) sendables: Vec<Sendable>,
    pub(crate) connection: Option<(Connection, AccessToken)>,
    pub(crate) vtex: Option<VtexKeys>,
    pub(crate) is_blocked: bool,
}

impl Known {
    pub(crate) const fn zone(&self) -> Tz {
        self.record.settings.time_zone
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.connection.as_ref().is_some_and(|(connection, _)| connection.is_fast)
    }
}

/// Reads all of it; none where there is no such account. One that never said how it sends has what is proposed to
/// it: nothing of it is sent, and its carts end as those of any that is switched off.
pub(crate) async fn read<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
) -> Result<Option<Known>, StoreError> {
    let table = &deps.table;
    let Some(mut record) = table.account(account).await? else { return Ok(None) };
    let sending = record.sending.clone().unwrap_or_else(AccountSending::proposed);
    if sending.enabled && !record.time_zone_fixed {
        // R14: a decision's day is cut in a zone that stays. The settings' version moves with it, so that it is
        // fixed before a claim is made on that. An account that sends nothing fixes it with its first decision.
        table.account_fix_time_zone(account, record.settings.time_zone).await?;
        let Some(fixed) = table.account(account).await? else { return Ok(None) };
        record = fixed;
    }
    let campaigns = table.campaigns(account).await?;
    let templates = table.templates(account).await?;
    let sendables = campaigns.iter().filter_map(|campaign| {
        let sending = campaign.sending.clone().filter(|sending| sending.enabled)?;
        let told = templates.iter().find(|told| {
            told.language == campaign.language && told.message_type == campaign.message_type
        });
        let state = told.and_then(|told| told.template).map(|template| template.state);
        Some(Sendable::of(campaign, sending, state.unwrap_or(TemplateState::Missing)))
    });
    let sendables = sendables.collect();
    let connection = match table.whatsapp(account).await? {
        Some(connection) => {
            let token = connection.token(account, &deps.config.sealing)?;
            Some((connection, AccessToken::new(token.expose())))
        }
        None => None,
    };
    let vtex = match table.vtex(account).await? {
        Some(record) => Some(record.keys(account, &deps.config.sealing)?),
        None => None,
    };
    let blocked = connection.as_ref().is_none_or(|(connection, _)| connection.blocked.is_some());
    let is_blocked = blocked || record.link_store().is_none();
    let account = account.clone();
    Ok(Some(Known { account, record, sending, campaigns, sendables, connection, vtex, is_blocked }))
}
