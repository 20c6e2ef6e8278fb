//! The erasure of a shopper (LGPD art. 18): facts are anonymised in place, and what names the
//! shopper elsewhere is deleted.
//!
//! An erased fact keeps its amounts, instants, day keys and credit, and is closed: nothing folds
//! into it and nothing is derived from it again, so a late event changes nothing and no total
//! moves. Since it is closed, its last derivation is made here ([`facts`]), in this order:
//!
//! 1. the reminders that matter get their early clicks and their first click,
//! 2. each order is judged once more and closed with its credit, in one write on its version,
//! 3. each reminder is closed, and then its clicks, whose day keys hold the shopper.
//!
//! Orders go first because they match reminders by the very values that are replaced. A pointer
//! whose fact never came is given an erased one without content, so that the fact, should it be on
//! its way, comes too late.
//!
//! **Crashes.** The erasure that an account is at stands in the table with its mask, and a second
//! call takes it up. All that is left to do is found by the pointers, which are deleted last; each
//! write is idempotent. One erasure at a time: two masks of one shopper would make two of them.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::Delete;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{n, s, write};
use crate::table::key::{self, Key};
use crate::table::transact::{delete, put};
use crate::{StoreError, Table};
use domain::rules::erasure::Mask;
use domain::values::account::Account;
use domain::values::identity::{Identities, IdentitySets, PhoneDigest, UserId};
use domain::values::ids::{CampaignId, OrderGroup, ReminderId};
use domain::values::instant::Instant;
use domain::values::store_day::StoreDay;

mod facts;
mod hints;

/// Facts that name a phone or a cart from which on it is taken for the store's own (the till's
/// number, a test cart) and not for the shopper's: no shopper has as many.
pub const SHARED_BY: usize = 1_000;

/// Who is to be erased.
#[derive(Clone, PartialEq, Eq)]
pub enum Subject {
    /// Whom the store knows by this id.
    User(UserId),
    /// Whose phone number this is.
    Phone(PhoneDigest),
}

/// An erasure that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// A keyed digest of whom it is about: it tells a second request for the same shopper.
    pub shopper: String,
    /// The `sub` claim of who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Instant,
    /// Whom it erases and by what. Forgotten with the end of the erasure.
    pub mask: Mask,
}

/// What an erasure did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// Reminders that were anonymised.
    pub reminders: u64,
    /// Orders that were anonymised.
    pub orders: u64,
    /// Items kept aside that were deleted.
    pub kept_aside: u64,
    /// Report files that were deleted.
    pub reports: u64,
}

/// The record of an erasure: who and when, and not whom.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    id: &'a str,
    shopper: &'a str,
    by: &'a str,
    at: Instant,
    finished_at: Instant,
    #[serde(flatten)]
    erased: Erased,
}

/// Pointers of a shopper's identities and the facts that they lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointed {
    pub(super) pointers: Vec<Key>,
    /// The reminders.
    pub reminders: BTreeSet<ReminderId>,
    /// The orders.
    pub orders: BTreeSet<OrderGroup>,
}

impl Pointed {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty()
    }
}

/// The days and campaigns in whose reports the shopper may stand.
pub type Cohorts = BTreeSet<(StoreDay, CampaignId)>;

#[derive(Deserialize)]
struct PointerKey {
    pk: String,
    sk: String,
}

impl Table {
    /// The identities of a shopper: the one that is asked for, and the phones and carts that its
    /// facts name beside it. A phone leads to the user id that its facts name; where they name
    /// several, these are several shoppers with one number, and stay. What more than
    /// [`SHARED_BY`] facts name is no shopper's own and stays, too.
    pub async fn shopper_identities(
        &self,
        account: &Account,
        subject: &Subject,
    ) -> Result<IdentitySets, StoreError> {
        let mut named = self.named_beside(account, subject).await?;
        if let Subject::Phone(_) = subject {
            let mut users = std::mem::take(&mut named.user_ids);
            if let (Some(user), true) = (users.pop_first(), users.is_empty()) {
                let own = self.named_beside(account, &Subject::User(user.clone())).await?;
                named.phones.extend(own.phones);
                named.order_form_ids.extend(own.order_form_ids);
                named.user_ids.insert(user);
            }
        }
        let mut own = IdentitySets { user_ids: named.user_ids, ..IdentitySets::default() };
        for phone in named.phones {
            let asked_for = matches!(subject, Subject::Phone(asked) if *asked == phone);
            let alone = Identities { phone: Some(phone.clone()), ..Identities::default() };
            if asked_for || !self.is_shared(account, &alone).await? {
                own.phones.insert(phone);
            }
        }
        for cart in named.order_form_ids {
            let alone = Identities { order_form_id: Some(cart.clone()), ..Identities::default() };
            if !self.is_shared(account, &alone).await? {
                own.order_form_ids.insert(cart);
            }
        }
        Ok(own)
    }

    /// All identities that the facts of a subject name; of users another one's is left out.
    async fn named_beside(
        &self,
        account: &Account,
        subject: &Subject,
    ) -> Result<IdentitySets, StoreError> {
        let mut named = IdentitySets::default();
        named.add(&match subject {
            Subject::User(user) => {
                Identities { user_id: Some(user.clone()), ..Identities::default() }
            }
            Subject::Phone(phone) => {
                Identities { phone: Some(phone.clone()), ..Identities::default() }
            }
        });
        let mask = Mask::new(named.clone(), &[0; 16]);
        let pointed = self.pointers_of(account, &mask).await?;
        for reminder in self.reminders(account, &pointed.reminders).await? {
            let Some(sent) = reminder.sent else { continue };
            if mask.is_named_by(&sent.identities) {
                named.add(&sent.identities);
            }
        }
        for order in self.orders(account, &pointed.orders).await? {
            if mask.is_named_by_any(&order.identities) {
                named.user_ids.extend(order.identities.user_ids);
                named.phones.extend(order.identities.phones);
                named.order_form_ids.extend(order.identities.order_form_ids);
            }
        }
        if let Subject::User(user) = subject {
            named.user_ids = BTreeSet::from([user.clone()]);
        }
        Ok(named)
    }

    async fn is_shared(&self, account: &Account, alone: &Identities) -> Result<bool, StoreError> {
        for pk in key::identity_pks(account, alone) {
            let most = SHARED_BY + 1;
            let range = ("\u{1}", "\u{10ffff}");
            let found: Vec<PointerKey> = self.query_page("pointer", &pk, range, most, true).await?;
            if found.len() > SHARED_BY {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pointers of what a mask hides, and the facts that they lead to.
    pub async fn pointers_of(&self, account: &Account, mask: &Mask) -> Result<Pointed, StoreError> {
        let mut pointed = Pointed::default();
        for pk in key::identity_set_pks(account, mask.erased()) {
            for PointerKey { pk, sk } in self.query_prefix("pointer", &pk, "").await? {
                if let Some(id) = sk.strip_prefix(key::POINTS_TO_REMINDER) {
                    let id = ReminderId::parse(id);
                    let id = id.map_err(|error| StoreError::corrupt("pointer", error))?;
                    pointed.reminders.insert(id);
                } else if let Some(group) = sk.strip_prefix(key::POINTS_TO_ORDER) {
                    let group = OrderGroup::parse(group);
                    let group = group.map_err(|error| StoreError::corrupt("pointer", error))?;
                    pointed.orders.insert(group);
                }
                pointed.pointers.push(Key { pk, sk });
            }
        }
        Ok(pointed)
    }

    /// Deletes pointers. Their facts must be erased, or name none of the shopper's identities.
    pub async fn pointers_delete(&self, pointed: &Pointed) -> Result<(), StoreError> {
        self.delete_many("delete pointers", &pointed.pointers).await
    }

    /// The erasure that an account is at.
    pub async fn erasure_running(&self, account: &Account) -> Result<Option<Erasure>, StoreError> {
        self.get("erasure", &Key::running_erasure(account)).await
    }

    /// Makes `erasure` the one that the account is at; `false` when it is at another one.
    pub async fn erasure_start(
        &self,
        account: &Account,
        erasure: &Erasure,
    ) -> Result<bool, StoreError> {
        let item = write("erasure", &Key::running_erasure(account), erasure)?;
        let action = put(self.put_of(item).condition_expression("attribute_not_exists(pk)"))?;
        Ok(self.transact("start an erasure", vec![action]).await?.is_done())
    }

    /// Ends an erasure: its mask is forgotten and its record written, both or neither. Ending it
    /// again changes nothing.
    pub async fn erasure_finish(
        &self,
        account: &Account,
        erasure: &Erasure,
        erased: Erased,
        now: Instant,
    ) -> Result<(), StoreError> {
        let record = Record {
            id: &erasure.id,
            shopper: &erasure.shopper,
            by: &erasure.by,
            at: erasure.at,
            finished_at: now,
            erased,
        };
        let key = Key::erasure(account, erasure.at, &erasure.id);
        let running = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(Key::running_erasure(account).attributes()))
            .condition_expression("id = :id")
            .expression_attribute_values(":id", s(&erasure.id));
        let actions = vec![delete(running)?, put(self.put_of(write("erasure", &key, &record)?))?];
        // Refused: whoever else was at it has ended it.
        self.transact("finish an erasure", actions).await.map(drop)
    }

    /// Marks a report whose file was deleted. One that is being built starts over: what its file
    /// holds may have been read before.
    pub async fn report_note_file_erased(
        &self,
        report: &domain::reports::report::Report,
        now: Instant,
    ) -> Result<(), StoreError> {
        use domain::reports::report::ReportStatus;
        let key = Key::report(&report.account, &report.id);
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .condition_expression("#status = :held AND attempts = :attempts")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":attempts", n(report.attempts))
            .expression_attribute_values(":at", s(now));
        let request = if report.status == ReportStatus::Running {
            request
                .update_expression("SET #status = :due, nextAttemptAt = :at")
                .expression_attribute_values(":held", s("running"))
                .expression_attribute_values(":due", s("due"))
        } else if report.file.is_some() && report.status.is_final() {
            let word = if report.status == ReportStatus::Mailed { "mailed" } else { "failed" };
            request
                .update_expression("SET fileErasedAt = :at")
                .expression_attribute_values(":held", s(word))
        } else {
            // Nothing was sent and no file is shown: the next attempt builds a new one.
            return Ok(());
        };
        let written = request.send().await.map(drop);
        crate::table::condition::unless_condition_failed("mark a report's file", written).map(drop)
    }
}
