//! Every composite key is built and parsed here, and no input can forge its separator: ids
//! hold no `#` by their types, other texts are escaped.

use std::borrow::Cow;
use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use domain::reports::recipient::RecipientDigest;
use domain::reports::report::{DownloadToken, ReportId};
use domain::reports::schedule::ScheduleId;
use domain::rules::contribution::Cohort;
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{IdentitySets, PhoneKey, Shopper};
use domain::values::ids::{
    CampaignId, ClickId, LinkToken, OrderGroup, PhoneNumberId, ReminderDigest,
};
use domain::values::instant::Instant;
use domain::values::item::ItemsDigest;
use domain::values::keyed_id::CartId;
use domain::values::store_day::StoreDay;

mod sending;

pub use sending::{
    DECISION, DueKey, Naming, SEND, cart_pk, contact_pk, decision_day_prefix, decision_day_sk,
    due_pk, due_until, hours, named_pk, parse_decision_day_sk, send_pk, sender_pk,
};
mod whatsapp;

pub use whatsapp::{BUSINESS_USER, templates, waba_pk};

/// The sort key of a fact.
pub const FACT: &str = "FACT";
/// The sort key of a tracked link.
pub const LINK: &str = "LINK";
/// The sort key of an account's settings.
pub const SETTINGS: &str = "SETTINGS";
/// The start of a click's sort key.
pub const CLICK: &str = "CLICK#";
/// The sort key of a shopper's clicked reminders.
pub const CLICKS: &str = "CLICKS";
/// The name of the index of a day's conversions.
pub const BY_DAY: &str = "byDay";

/// What is escaped in a key: the separator, the escape itself and control characters.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'#').add(b'%');

fn escaped(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, ESCAPED).into()
}

/// In whose list an item stands that was kept aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AsideOwner {
    /// An account's.
    Account(Account),
    /// That of a business phone number which belongs to no account, or whose account couldn't be read.
    /// Whoever owns the number finds it there.
    PhoneNumber(PhoneNumberId),
    /// Nobody's: it names neither.
    Nobody,
}

/// An item's primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// A key under which nothing ever lies.
    #[must_use]
    pub fn warm_up() -> Self {
        Self::new("WARM_UP", "WARM_UP")
    }

    /// An account's settings.
    #[must_use]
    pub fn settings(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), SETTINGS)
    }

    /// An account's connection to VTEX.
    #[must_use]
    pub fn vtex(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), "VTEX")
    }

    /// When an account's VTEX was heard last.
    #[must_use]
    pub fn vtex_heard(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), "VTEX_HEARD")
    }

    /// Which orders of an account were caught up from its store.
    #[must_use]
    pub fn orders_caught_up(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), "ORDERS_CAUGHT_UP")
    }

    /// Which account a business phone number belongs to.
    #[must_use]
    pub fn phone_number(id: &PhoneNumberId) -> Self {
        Self::new(format!("PHONE_NUMBER#{id}"), "ACCOUNT")
    }

    /// A campaign.
    #[must_use]
    pub fn campaign(account: &Account, id: &CampaignId) -> Self {
        Self::new(campaigns(account), id.as_str())
    }

    /// One change of a campaign; versions sort as numbers.
    #[must_use]
    pub fn campaign_change(account: &Account, id: &CampaignId, version: u64) -> Self {
        Self::new(campaign_changes(account, id), format!("CHANGE#{version:020}"))
    }

    /// A reminder.
    #[must_use]
    pub fn reminder(account: &Account, reminder: &ReminderDigest) -> Self {
        Self::new(reminder_pk(account, reminder), FACT)
    }

    /// A click on a reminder.
    #[must_use]
    pub fn click(account: &Account, reminder: &ReminderDigest, click: &ClickId) -> Self {
        Self::new(reminder_pk(account, reminder), format!("{CLICK}{click}"))
    }

    /// The item list of a reminder's cart.
    #[must_use]
    pub fn cart_items(account: &Account, reminder: &ReminderDigest, items: &ItemsDigest) -> Self {
        Self::new(reminder_pk(account, reminder), format!("ITEMS#{items}"))
    }

    /// An order.
    #[must_use]
    pub fn order(account: &Account, group: &OrderGroup) -> Self {
        Self::new(order_pk(account, group), FACT)
    }

    /// The item list of an order's part.
    #[must_use]
    pub fn order_items(account: &Account, group: &OrderGroup, items: &ItemsDigest) -> Self {
        Self::new(order_pk(account, group), format!("ITEMS#{items}"))
    }

    /// A tracked link.
    #[must_use]
    pub fn link(token: &LinkToken) -> Self {
        Self::new(format!("LINK#{}", token.as_str()), LINK)
    }

    /// A click on a tracked link that isn't bound to its reminder yet.
    #[must_use]
    pub fn early_click(token: &LinkToken, click: &ClickId) -> Self {
        Self::new(format!("LINK#{}", token.as_str()), format!("{CLICK}{click}"))
    }

    /// A rollup.
    #[must_use]
    pub fn rollup(account: &Account, cohort: &Cohort) -> Self {
        Self::new(rollups(account), format!("{}#{}", cohort.day, cohort.campaigns))
    }

    /// A shopper's clicked reminders.
    #[must_use]
    pub fn clicked_reminders(account: &Account, shopper: &Shopper) -> Self {
        Self::new(format!("{account}#SHOPPER#{}", shopper.as_str()), CLICKS)
    }

    /// What was kept aside at `received_at`. Of an account's items `hash` tells those of one instant
    /// apart; of others it is the whole sort key, so that an item which comes again is the same one.
    #[must_use]
    pub fn aside(owner: &AsideOwner, received_at: Instant, hash: &str) -> Self {
        let hash = escaped(hash);
        let sk = match owner {
            AsideOwner::Account(_) => format!("{received_at}#{hash}"),
            AsideOwner::PhoneNumber(_) | AsideOwner::Nobody => hash.into_owned(),
        };
        Self::new(aside(owner), sk)
    }

    /// What was kept aside under an id that [`Key::aside`] made.
    #[must_use]
    pub fn aside_with_id(owner: &AsideOwner, id: &str) -> Self {
        Self::new(aside(owner), id)
    }

    /// That what was kept aside for an account is being replayed.
    #[must_use]
    pub fn aside_replay(account: &Account) -> Self {
        Self::new(format!("{account}#ASIDE_REPLAY"), "REPLAY")
    }

    /// What somebody changed at `at`; `token` tells the changes of one instant apart. It is told as an id: no `#` in it,
    /// which would end a path.
    #[must_use]
    pub fn activity(account: &Account, at: Instant, token: &str) -> Self {
        Self::new(activity(account), format!("{at}_{}", escaped(token)))
    }

    /// An erasure.
    #[must_use]
    pub fn erasure(account: &Account, id: &str) -> Self {
        Self::new(erasures(account), escaped(id))
    }

    /// What leads the tick to an erasure that isn't done.
    #[must_use]
    pub fn open_erasure(account: &Account, id: &str) -> Self {
        Self::new(OPEN_ERASURES, format!("{account}#{}", escaped(id)))
    }

    /// The marks of a value that was erased. Its digest alone stands there.
    #[must_use]
    pub fn erased(key: &PhoneKey, account: &Account, value: &Identity) -> Self {
        let kind = value.kind();
        let digest = key.digest_of(&format!("erased {kind} {}", value.value()));
        Self::new(format!("{account}#ERASED"), format!("{kind}#{digest}"))
    }

    /// How many repairs an account's rollups had.
    #[must_use]
    pub fn repairs(account: &Account) -> Self {
        Self::new(format!("{account}#REPAIR"), "REPAIR")
    }

    /// How far an account's facts are derived anew.
    #[must_use]
    pub fn rederivation(account: &Account) -> Self {
        Self::new(format!("{account}#REDERIVATION"), "REDERIVATION")
    }

    /// An item whose record alone is wanted; `mark` places it in the table.
    #[must_use]
    pub fn mark(mark: &str) -> Self {
        Self::new(format!("MARK#{}", escaped(mark)), "MARK")
    }

    /// How far a shard of the stream is counted.
    #[must_use]
    pub fn checkpoint(shard_id: &str) -> Self {
        Self::new(format!("CHECKPOINT#{}", escaped(shard_id)), "CHECKPOINT")
    }

    /// A report.
    #[must_use]
    pub fn report(account: &Account, id: &ReportId) -> Self {
        Self::new(reports(account), id.as_str())
    }

    /// What leads the tick to a report that isn't done.
    #[must_use]
    pub fn open_report(account: &Account, id: &ReportId) -> Self {
        Self::new(OPEN_REPORTS, format!("{account}#{id}"))
    }

    /// When an account asked for reports of late.
    #[must_use]
    pub fn report_rate(account: &Account) -> Self {
        Self::new(format!("{account}#REPORT_RATE"), "RATE")
    }

    /// What a request with an idempotency key led to; `hash` holds account and key.
    #[must_use]
    pub fn report_request(hash: &str) -> Self {
        Self::new(format!("REPORT_REQUEST#{}", escaped(hash)), "REQUEST")
    }

    /// Where a mail's download link leads. The token itself is not stored: whoever reads the
    /// table can't download with what stands there.
    #[must_use]
    pub fn download(token: &DownloadToken) -> Self {
        Self::new(format!("DOWNLOAD#{}", token.hash()), "DOWNLOAD")
    }

    /// Where a mail's unsubscribe link leads. The token itself is not stored.
    #[must_use]
    pub fn unsubscription(token: &DownloadToken) -> Self {
        Self::new(format!("UNSUBSCRIBE#{}", token.hash()), "UNSUBSCRIBE")
    }

    /// What a recipient of an account's reports said.
    #[must_use]
    pub fn recipient(account: &Account, digest: &RecipientDigest) -> Self {
        Self::new(format!("{account}#RECIPIENT"), digest.as_str())
    }

    /// When an account asked recipients to confirm, of late.
    #[must_use]
    pub fn confirmation_rate(account: &Account) -> Self {
        Self::new(format!("{account}#CONFIRMATION_RATE"), "RATE")
    }

    /// When an address was asked to confirm by any account, of late.
    #[must_use]
    pub fn address_rate(digest: &RecipientDigest) -> Self {
        // Accounts are lower case: none is called so.
        Self::new(format!("ADDRESS#{}", digest.as_str()), "RATE")
    }

    /// Where the link of a mail to confirm leads. The token itself is not stored.
    #[must_use]
    pub fn confirmation(token: &DownloadToken) -> Self {
        Self::new(format!("CONFIRMATION#{}", token.hash()), "CONFIRMATION")
    }

    /// A report schedule.
    #[must_use]
    pub fn schedule(account: &Account, id: &ScheduleId) -> Self {
        Self::new(schedules(account), id.as_str())
    }

    /// What leads the tick to a schedule.
    #[must_use]
    pub fn standing_schedule(account: &Account, id: &ScheduleId) -> Self {
        Self::new(STANDING_SCHEDULES, format!("{account}#{id}"))
    }

    /// How many schedules an account has.
    #[must_use]
    pub fn schedule_count(account: &Account) -> Self {
        Self::new(format!("{account}#SCHEDULE_COUNT"), "COUNT")
    }
}

/// The partition of what leads to reports that aren't done, of all accounts. Accounts are lower
/// case: none is called so.
pub const OPEN_REPORTS: &str = "OPEN_REPORT";
/// The start of the sort keys of an account in [`OPEN_REPORTS`].
#[must_use]
pub fn open_reports_of(account: &Account) -> String {
    format!("{account}#")
}

/// The partition of what leads to erasures that aren't done, of all accounts.
pub const OPEN_ERASURES: &str = "OPEN_ERASURE";
/// The partition of what leads to schedules, of all accounts.
pub const STANDING_SCHEDULES: &str = "STANDING_SCHEDULE";

/// The account whose settings stand in this partition; none for other items.
#[must_use]
pub fn parse_settings(pk: &str) -> Option<Account> {
    Account::parse(pk.strip_suffix("#ACCOUNT")?).ok()
}

/// The partition of an account's reports.
#[must_use]
pub fn reports(account: &Account) -> String {
    format!("{account}#REPORT")
}

/// Account and id of a report by its key; none for other items.
#[must_use]
pub fn parse_report(pk: &str, sk: &str) -> Option<(Account, ReportId)> {
    let account = pk.strip_suffix("#REPORT")?;
    Some((Account::parse(account).ok()?, ReportId::parse(sk).ok()?))
}

/// Account and id of an erasure by its key; none for other items.
#[must_use]
pub fn parse_erasure(pk: &str, sk: &str) -> Option<(Account, String)> {
    Some((Account::parse(pk.strip_suffix("#ERASURE")?).ok()?, sk.to_owned()))
}

/// The partition of an account's schedules.
#[must_use]
pub fn schedules(account: &Account) -> String {
    format!("{account}#SCHEDULE")
}

/// The partition of an account's campaigns.
#[must_use]
pub fn campaigns(account: &Account) -> String {
    format!("{account}#CAMPAIGN")
}

/// The partition of a campaign's changes.
#[must_use]
pub fn campaign_changes(account: &Account, id: &CampaignId) -> String {
    format!("{account}#CAMPAIGN#{id}")
}

/// The partition of a reminder, its cart and its clicks.
#[must_use]
pub fn reminder_pk(account: &Account, reminder: &ReminderDigest) -> String {
    format!("{account}#REMINDER#{reminder}")
}

/// The partition of an order and its items.
#[must_use]
pub fn order_pk(account: &Account, group: &OrderGroup) -> String {
    format!("{account}#ORDER#{group}")
}

/// The partition of an account's rollups.
#[must_use]
pub fn rollups(account: &Account) -> String {
    format!("{account}#ROLLUP")
}

/// The partition of what was changed of an account, and by whom.
#[must_use]
pub fn activity(account: &Account) -> String {
    format!("{account}#ACTIVITY")
}

/// The partition of an account's erasures.
#[must_use]
pub fn erasures(account: &Account) -> String {
    format!("{account}#ERASURE")
}

/// The partition of what was kept aside for an account, or for none that is known.
#[must_use]
pub fn aside(owner: &AsideOwner) -> String {
    // Accounts are lower case: none is called UNKNOWN. A phone number's id is digits: none is NONE.
    match owner {
        AsideOwner::Account(account) => format!("{account}#ASIDE"),
        AsideOwner::PhoneNumber(id) => format!("UNKNOWN#{id}#ASIDE"),
        AsideOwner::Nobody => "UNKNOWN#NONE#ASIDE".to_owned(),
    }
}

/// The partition of the pointers of an identity.
#[must_use]
pub fn identity_pk(account: &Account, identity: &Identity) -> String {
    format!("{account}#ID#{}#{}", identity.kind(), escaped(identity.value()))
}

/// The partitions of the pointers of identities: one for each.
#[must_use]
pub fn identity_pks(account: &Account, named: &IdentitySets) -> Vec<String> {
    named.each().map(|identity| identity_pk(account, &identity)).collect()
}

/// The start of the sort keys of pointers to reminders.
pub const POINTS_TO_REMINDER: &str = "REMINDER#";
/// The start of the sort keys of pointers to orders.
pub const POINTS_TO_ORDER: &str = "ORDER#";

/// The pointers from identities to a reminder.
#[must_use]
pub fn reminder_pointers(
    account: &Account,
    named: &IdentitySets,
    reminder: &ReminderDigest,
) -> Vec<Key> {
    pointers(identity_pks(account, named), &format!("{POINTS_TO_REMINDER}{reminder}"))
}

/// The pointers from identities to an order that was created at `created_at`: those of one identity
/// sort by that instant.
#[must_use]
pub fn order_pointers(
    account: &Account,
    named: &IdentitySets,
    created_at: Instant,
    group: &OrderGroup,
) -> BTreeSet<Key> {
    let sk = format!("{POINTS_TO_ORDER}{created_at}#{group}");
    pointers(identity_pks(account, named), &sk)
}

fn pointers<C: FromIterator<Key>>(pks: Vec<String>, sk: &str) -> C {
    pks.into_iter().map(|pk| Key::new(pk, sk)).collect()
}

/// The bounds, both inclusive, of the sort keys of pointers to orders that were created from `from`
/// to `to`.
#[must_use]
pub fn order_pointer_range(from: Instant, to: Instant) -> (String, String) {
    (format!("{POINTS_TO_ORDER}{from}#"), format!("{POINTS_TO_ORDER}{to}#\u{10ffff}"))
}

/// The instant and the order that the sort key of a pointer to an order names.
#[must_use]
pub fn parse_order_pointer(sk: &str) -> Option<(Instant, OrderGroup)> {
    let (created_at, group) = sk.strip_prefix(POINTS_TO_ORDER)?.split_once('#')?;
    Some((Instant::parse_rfc3339(created_at).ok()?, OrderGroup::parse(group).ok()?))
}

/// The index partition of a day.
#[must_use]
pub fn day_pk(account: &Account, day: StoreDay) -> String {
    format!("{account}#DAY#{day}")
}

/// The start of the index sort keys of conversions.
pub const CONVERSION: &str = "CONVERSION#";

/// The index sort key of a conversion: a day's conversions sort as the report does (R10).
#[must_use]
pub fn conversion_day_sk(created_at: Instant, group: &OrderGroup) -> String {
    format!("{CONVERSION}{created_at}#{group}")
}

/// Before the index sort keys of all conversions made after an instant, and after those of all others.
#[must_use]
pub fn conversions_after_sk(at: Instant) -> String {
    // Instants in keys have milliseconds and a fixed width; no order group begins with this.
    format!("{CONVERSION}{at}#\u{10ffff}")
}

/// Creation and order group of a conversion's index sort key.
#[must_use]
pub fn parse_conversion_day_sk(sk: &str) -> Option<(&str, &str)> {
    sk.strip_prefix(CONVERSION)?.split_once('#')
}

/// What a stream record is about, by its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKey {
    /// A reminder.
    Reminder(Account, ReminderDigest),
    /// A click on a reminder.
    Click(Account, ReminderDigest, ClickId),
    /// An order.
    Order(Account, OrderGroup),
    /// A shopper's clicked reminders.
    Shopper(Account, Shopper),
    /// A tracked link.
    Link(LinkToken),
    /// A click on a link that may not be bound yet.
    EarlyClick(LinkToken, ClickId),
    /// The decision of an episode of a cart.
    Decision(Account, CartId, Instant),
}

impl FactKey {
    /// Reads a key; none for items that are no facts (pointers, rollups, settings, ...).
    #[must_use]
    pub fn parse(pk: &str, sk: &str) -> Option<Self> {
        if let Some(token) = pk.strip_prefix("LINK#") {
            let token = LinkToken::parse(token).ok()?;
            return match sk.strip_prefix(CLICK) {
                Some(click) => Some(Self::EarlyClick(token, ClickId::parse(click).ok()?)),
                None => (sk == LINK).then_some(Self::Link(token)),
            };
        }
        let mut fields = pk.splitn(3, '#');
        let account = Account::parse(fields.next()?).ok()?;
        match (fields.next()?, fields.next()?, sk) {
            ("REMINDER", id, FACT) => {
                Some(Self::Reminder(account, ReminderDigest::parse(id).ok()?))
            }
            ("REMINDER", id, sk) => {
                let click = ClickId::parse(sk.strip_prefix(CLICK)?).ok()?;
                Some(Self::Click(account, ReminderDigest::parse(id).ok()?, click))
            }
            ("SHOPPER", shopper, CLICKS) => {
                Some(Self::Shopper(account, Shopper::parse(shopper).ok()?))
            }
            ("DECISION", rest, FACT) => {
                let (cart, episode) = sending::parse_decision(rest)?;
                Some(Self::Decision(account, cart, episode))
            }
            ("ORDER", group, FACT) => Some(Self::Order(account, OrderGroup::parse(group).ok()?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
