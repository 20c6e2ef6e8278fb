//! What is known of an account: read anew in each run, and again when a claim fails.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono_tz::Tz;
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::gate::Sendable;
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Campaign;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::sending::AccountSending;
use shared::domain::values::span::Span;
use shared::graph::AccessToken;
use shared::store::StoreError;
use shared::store::accounts::AccountRecord;
use shared::store::carts::begun::CartsRead;
use shared::store::templates::TemplateRecord;
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
    /// Campaigns whose template's state we noted ourselves so long ago that one message tries it.
    pub(crate) tried_anew: BTreeSet<CampaignId>,
    /// Carts that were read at the store in this run and aren't counted yet.
    pub(crate) carts_read: CartsReadSoFar,
}

/// Carts of an account that were read side by side.
#[derive(Debug, Default)]
pub(crate) struct CartsReadSoFar {
    found: AtomicU64,
    gone: AtomicU64,
}

impl CartsReadSoFar {
    pub(crate) fn note(&self, is_gone: bool) {
        let count = if is_gone { &self.gone } else { &self.found };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes what was noted; none where that is nothing.
    pub(crate) fn take(&self) -> Option<CartsRead> {
        let found = self.found.swap(0, Ordering::Relaxed);
        let gone = self.gone.swap(0, Ordering::Relaxed);
        (found + gone > 0).then_some(CartsRead { found, gone })
    }
}

impl Known {
    pub(crate) const fn zone(&self) -> Tz {
        self.record.settings.time_zone
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.connection.as_ref().is_some_and(|(connection, _)| connection.is_fast)
    }
}

/// The state that the gate sees of a template, and whether a message is to try it: nobody tells when a state ends
/// that we noted ourselves.
fn seen(told: Option<&TemplateRecord>, now: Instant) -> (TemplateState, bool) {
    let Some(template) = told.and_then(|told| told.template) else {
        return (TemplateState::Missing, false);
    };
    let noted_at = told.and_then(|told| told.noted_at);
    if noted_at.is_some_and(|at| now.since(at) >= PROBE) {
        (TemplateState::Approved, true)
    } else {
        (template.state, false)
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
    let (mut tried_anew, now) = (BTreeSet::new(), deps.clock.now());
    let sendables = campaigns.iter().filter_map(|campaign| {
        let sending = campaign.sending.clone().filter(|sending| sending.enabled)?;
        let told = templates.iter().find(|told| {
            told.language == campaign.language && told.message_type == campaign.message_type
        });
        let (state, is_tried) = seen(told, now);
        if is_tried {
            tried_anew.insert(campaign.campaign_id.clone());
        }
        Some(Sendable::of(campaign, sending, state))
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
    let carts_read = CartsReadSoFar::default();
    Ok(Some(Known {
        account,
        record,
        sending,
        campaigns,
        sendables,
        connection,
        vtex,
        is_blocked,
        tried_anew,
        carts_read,
    }))
}
