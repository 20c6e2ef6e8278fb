//! What is known of an account whose carts are judged.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono_tz::Tz;
use domain::facts::template::TemplateState;
use domain::rules::gate::Sendable;
use domain::values::account::Account;
use domain::values::campaign::Campaign;
use domain::values::ids::CampaignId;
use domain::values::instant::Instant;
use domain::values::sending::AccountSending;
use domain::values::span::Span;
use store::StoreError;
use store::accounts::AccountRecord;
use store::carts::begun::CartsRead;
use store::templates::TemplateRecord;
use store::vtex::VtexKeys;
use store::whatsapp::Connection;
use vtex::Stores;

use crate::Judging;

/// How often what Meta takes nothing of is tried with one message: an account, or a template whose state we noted
/// ourselves.
pub const PROBE: Span = Span::seconds(15 * 60);

/// What is known of an account whose carts are judged.
#[derive(Debug)]
pub struct Known {
    /// Whose carts.
    pub account: Account,
    /// Its settings.
    pub record: AccountRecord,
    /// How it sends.
    pub sending: AccountSending,
    /// All its campaigns.
    pub campaigns: Vec<Campaign>,
    /// Those that the system sends.
    pub sendables: Vec<Sendable>,
    /// Campaigns of whose template Meta refused a message as made wrongly, and none was taken since.
    pub malformed: BTreeSet<CampaignId>,
    /// Its connection to `WhatsApp`.
    pub connection: Option<Connection>,
    /// The keys of its store, where it is connected.
    pub vtex: Option<VtexKeys>,
    /// Whether Meta takes nothing from it at present, or its store has no address for links.
    pub is_blocked: bool,
    /// Campaigns whose template's state we noted ourselves so long ago that one message tries it.
    pub tried_anew: BTreeSet<CampaignId>,
    /// Carts that were read at the store since this was read, and aren't counted yet.
    pub carts_read: CartsReadSoFar,
}

/// Carts of an account that were read side by side.
#[derive(Debug, Default)]
pub struct CartsReadSoFar {
    found: AtomicU64,
    gone: AtomicU64,
}

impl CartsReadSoFar {
    pub(crate) fn note(&self, is_gone: bool) {
        let count = if is_gone { &self.gone } else { &self.found };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes what was noted; none where that is nothing.
    pub fn take(&self) -> Option<CartsRead> {
        let found = self.found.swap(0, Ordering::Relaxed);
        let gone = self.gone.swap(0, Ordering::Relaxed);
        (found + gone > 0).then_some(CartsRead { found, gone })
    }
}

impl Known {
    /// The zone of its days.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.record.settings.time_zone
    }

    /// Whether Meta raised its number's throughput.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_fast)
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

impl<S: Stores> Judging<'_, S> {
    /// What is known of an account; none where there is no such one. One that never said how it sends has what is proposed
    /// to it: nothing of it is sent, and its carts end as those of any that is switched off.
    pub async fn account(&self, account: &Account) -> Result<Option<Known>, StoreError> {
        let table = self.table;
        let Some(record) = table.account(account).await? else { return Ok(None) };
        let sending = record.sending.clone().unwrap_or_else(AccountSending::proposed);
        let campaigns = table.campaigns(account).await?;
        let templates = table.templates(account).await?;
        let (mut tried_anew, mut malformed) = (BTreeSet::new(), BTreeSet::new());
        let now = self.clock.now();
        let sendables = campaigns.iter().filter_map(|campaign| {
            let sending = campaign.sending.clone().filter(|sending| sending.enabled)?;
            let told = templates.iter().find(|told| {
                told.language == campaign.language && told.message_type == campaign.message_type
            });
            let (state, is_tried) = seen(told, now);
            if is_tried {
                tried_anew.insert(campaign.campaign_id.clone());
            }
            if told.is_some_and(|told| told.malformed > 0) {
                malformed.insert(campaign.campaign_id.clone());
            }
            Some(Sendable::of(campaign, sending, state))
        });
        let sendables = sendables.collect();
        let connection = table.whatsapp(account).await?;
        let vtex = match table.vtex(account).await? {
            Some(record) => Some(record.keys(account, self.sealing)?),
            None => None,
        };
        let blocked = connection.as_ref().is_none_or(|connection| connection.blocked.is_some());
        let is_blocked = blocked || record.link_store().is_none();
        let account = account.clone();
        let carts_read = CartsReadSoFar::default();
        Ok(Some(Known {
            account,
            record,
            sending,
            campaigns,
            sendables,
            malformed,
            connection,
            vtex,
            is_blocked,
            tried_anew,
            carts_read,
        }))
    }

    /// What is left of the messages that an account may begin within a day. None is while its number is held back.
    pub async fn messages_left(&self, known: &Known) -> Result<u64, StoreError> {
        let held = known.connection.as_ref().and_then(|connection| connection.pace.held_until);
        if held.is_some_and(|until| self.clock.now() < until) {
            return Ok(0);
        }
        let limit = known.connection.as_ref().and_then(Connection::daily_limit);
        let most = limit.unwrap_or_default().most();
        let sent = self.table.messages_of_a_day(&known.account, self.clock.now()).await?;
        Ok(most.saturating_sub(sent))
    }
}
