//! What an erasure reads and writes (LGPD art. 18): the job, pointers, and facts that are closed
//! without what named the shopper. Whom it covers, in which order, and what is derived for the last
//! time is told where it is done, in `counting::erase`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::table::attributes::{n, s, write};
use crate::table::key::{self, Key};
use crate::table::transact::{delete, put};
use crate::{StoreError, Table, lookups};
use domain::rules::erasure::Mask;
use domain::values::account::Account;
use domain::values::identity::Identities;
use domain::values::ids::{OrderGroup, ReminderDigest};
use domain::values::instant::Instant;

mod facts;
mod hints;

pub use facts::DetailsDigest;

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
    pub reminders: BTreeSet<ReminderDigest>,
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

#[derive(Deserialize)]
struct PointerKey {
    pk: String,
    sk: String,
}

impl Table {
    /// Whether more than `most` facts name one of these identities.
    pub async fn pointers_exceed(
        &self,
        account: &Account,
        named: &Identities,
        most: usize,
    ) -> Result<bool, StoreError> {
        for pk in key::identity_pks(account, named) {
            let range = ("\u{1}", "\u{10ffff}");
            let found: Vec<PointerKey> =
                self.query_page("pointer", &pk, range, most + 1, true).await?;
            if found.len() > most {
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
                    let id = ReminderDigest::parse(id);
                    let id = id.map_err(|error| StoreError::corrupt("pointer", error))?;
                    pointed.reminders.insert(id);
                } else if sk.starts_with(key::POINTS_TO_ORDER) {
                    pointed.orders.insert(lookups::order_pointed_to(&sk)?.1);
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
        let running = self
            .delete_of(&Key::running_erasure(account))
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
            .update_item(&key)
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
