//! Erasures (LGPD art. 18) as jobs: what is asked, how far it is, what it did. What an erasure does is
//! told where it is done, in `counting::erase`.
//!
//! A job is an item whose writing wakes the worker through the stream, as a report's is. Every write of
//! it is conditional on the version that was read: who loses reads it again. Beside it stands a pointer
//! under [`key::OPEN_ERASURES`] until it is done, by which the tick finds it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, s, write};
use crate::table::key::{self, Key};
use crate::table::transact::{delete, put};
use crate::{StoreError, Table};
use domain::activity::Deed;
use domain::rules::erasure::{Marks, beside};
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{IdentitySets, PhoneKey};
use domain::values::ids::CampaignId;
use domain::values::instant::Instant;
use domain::values::keyed_id::ContactId;
use domain::values::span::Span;
use domain::values::store_day::StoreDay;

/// The value of the attribute by which the stream's filter knows an erasure.
const KIND: &str = "ERASURE";
/// How long a job that is under way may write nothing before the tick has it gone on with.
pub const LEASE: Span = Span::seconds(15 * 60);
/// How long a job is kept after the facts that it covers have expired.
const OUTLIVES_FACTS: Span = Span::days(30);

/// Whether a job waits, is under way or done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErasureStatus {
    /// It was asked for.
    Requested,
    /// It goes on: its last run came to its end, or died.
    Due,
    /// It is under way.
    Running,
    /// Nothing is left to do.
    Done,
}

/// How far a job is. Each step can be done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "camelCase")]
pub enum ErasureStep {
    /// Until when it covers facts is not settled yet.
    Dating,
    /// What is asked for is settled: a phone's only user id goes along.
    Naming,
    /// What is asked for is marked; what stands beside it is looked for.
    Listing,
    /// What was found is kept and marked.
    Marking,
    /// The facts are renamed: those of the value at this place of the list, from behind this pointer on.
    Renaming {
        /// The value's place in the list.
        value: usize,
        /// The sort key of the last pointer that is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// What was kept aside is gone through.
    KeptAside,
    /// Reports' files are deleted.
    Reports,
}

/// How many facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactCount {
    /// Reminders.
    pub reminders: u64,
    /// Orders.
    pub orders: u64,
}

/// What a job did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// Reminders and orders in which it renamed something.
    #[serde(flatten)]
    pub facts: FactCount,
    /// Items kept aside that it deleted.
    pub kept_aside: u64,
    /// Reports whose files it deleted.
    pub reports: u64,
}

/// A job. `Debug` leaves out whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// The `sub` claim of who asked for it; none: it follows from another erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// The latest beginning of a fact that it covers.
    pub erased_at: Instant,
    /// Whether it waits.
    pub status: ErasureStatus,
    /// How far it is.
    pub step: ErasureStep,
    /// What is asked for. Forgotten when the job is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Identity>,
    /// Whom the sender writes to by the phone number that is asked for. Forgotten when the job is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// All values that it erases. Forgotten when the job is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Identity>,
    /// What stands beside these and is others', too. Forgotten when the job is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Identity>,
    /// How many phones and carts were left since others share them.
    #[serde(default)]
    pub left_shared: u64,
    /// The facts that it found when it listed the values.
    #[serde(default)]
    pub found: FactCount,
    /// What it did so far.
    #[serde(default)]
    pub done: Erased,
    /// The days in whose reports the values may stand.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub days: BTreeSet<StoreDay>,
    /// The campaigns in whose reports they may stand.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub campaigns: BTreeSet<CampaignId>,
    /// When the tick has it gone on with.
    pub next_attempt_at: Instant,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// Counts the writes of this job.
    pub version: u64,
}

impl Erasure {
    /// A job that nothing was done of yet.
    #[must_use]
    pub const fn requested(
        id: String,
        by: Option<String>,
        asked: Vec<Identity>,
        at: Instant,
    ) -> Self {
        Self {
            id,
            by,
            asked_at: at,
            erased_at: at,
            status: ErasureStatus::Requested,
            step: ErasureStep::Dating,
            asked,
            contact: None,
            values: Vec::new(),
            left: Vec::new(),
            left_shared: 0,
            found: FactCount { reminders: 0, orders: 0 },
            done: Erased {
                facts: FactCount { reminders: 0, orders: 0 },
                kept_aside: 0,
                reports: 0,
            },
            days: BTreeSet::new(),
            campaigns: BTreeSet::new(),
            next_attempt_at: at,
            finished_at: None,
            version: 1,
        }
    }
}

/// What leads to an erasure that isn't done.
#[derive(Serialize, Deserialize)]
struct OpenErasure {
    account: Account,
    id: String,
}

impl Table {
    /// An erasure.
    pub async fn erasure(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<Option<Erasure>, StoreError> {
        self.get("erasure", &Key::erasure(account, id)).await
    }

    /// Stores a job, which wakes the worker; one with its id stays as it is.
    pub async fn erasure_request(
        &self,
        account: &Account,
        job: &Erasure,
    ) -> Result<(), StoreError> {
        let item = self.erasure_item(account, job)?;
        let open = OpenErasure { account: account.clone(), id: job.id.clone() };
        let pointer = write("open erasure", &Key::open_erasure(account, &job.id), &open)?;
        let mut actions = vec![
            put(self.put_of(item).condition_expression("attribute_not_exists(pk)"))?,
            put(self.put_of(pointer))?,
        ];
        actions.extend(self.entry(account, Deed::ErasureRequested)?);
        // Refused: it is there.
        self.transact("request an erasure", actions).await.map(drop)
    }

    /// Writes a job in the place of `held`; none when another was faster.
    pub async fn erasure_write(
        &self,
        account: &Account,
        held: &Erasure,
        next: Erasure,
    ) -> Result<Option<Erasure>, StoreError> {
        let next = Erasure { version: held.version + 1, ..next };
        let item = self.erasure_item(account, &next)?;
        if next.status != ErasureStatus::Done {
            let written = self.put_on_version("write an erasure", item, next.version).await?;
            return Ok(written.is_changed().then_some(next));
        }
        let pointer = self.delete_of(&Key::open_erasure(account, &next.id));
        let actions = vec![put(self.put_of_version(item, next.version))?, delete(pointer)?];
        let written = self.transact("finish an erasure", actions).await?;
        Ok(written.is_done().then_some(next))
    }

    fn erasure_item(
        &self,
        account: &Account,
        job: &Erasure,
    ) -> Result<crate::table::attributes::Attributes, StoreError> {
        let mut item = write("erasure", &Key::erasure(account, &job.id), job)?;
        item.insert("kind".to_owned(), s(KIND));
        expire(&mut item, self.retention.expires_at(job.erased_at.plus(OUTLIVES_FACTS)));
        Ok(item)
    }

    /// The erasures that aren't done, of all accounts.
    pub async fn erasures_open(&self) -> Result<Vec<(Account, Erasure)>, StoreError> {
        let open: Vec<OpenErasure> =
            self.query_prefix("open erasure", key::OPEN_ERASURES, "").await?;
        let mut found = Vec::with_capacity(open.len());
        for OpenErasure { account, id } in open {
            if let Some(job) = self.erasure(&account, &id).await? {
                found.push((account, job));
            }
        }
        Ok(found)
    }

    /// Whether more than `most` facts name a value.
    pub async fn pointers_exceed(
        &self,
        account: &Account,
        value: &Identity,
        most: usize,
    ) -> Result<bool, StoreError> {
        Ok(self.pointers_page(account, value, None, most + 1).await?.len() > most)
    }

    /// Queues the erasure of `values`, which stand beside one that was erased up to `erased_at`. A job
    /// for the same is there once.
    pub async fn erasure_queue(
        &self,
        key: &PhoneKey,
        account: &Account,
        values: IdentitySets,
        erased_at: Instant,
    ) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        let asked: Vec<Identity> = values.each().collect();
        let named: Vec<String> =
            asked.iter().map(|value| format!("{} {}", value.kind(), value.value())).collect();
        let id = key.digest_of(&format!("erasure at {erased_at} of {}", named.join(" ")));
        let job =
            Erasure { step: ErasureStep::Naming, ..Erasure::requested(id, None, asked, erased_at) };
        self.erasure_request(account, &job).await
    }

    /// Queues what joined a fact that holds an alias: phones and carts that it names now, and didn't
    /// before.
    pub(crate) async fn erasure_queue_joined(
        &self,
        key: &PhoneKey,
        account: &Account,
        marks: &Marks,
        (before, now): (&IdentitySets, &IdentitySets),
    ) -> Result<(), StoreError> {
        let joined = beside(now).each().filter(|value| !before.contains(value)).collect();
        let aliases = now.each().filter(Identity::is_alias);
        let Some(erased_at) = aliases.filter_map(|alias| marks.erased_at(&alias)).max() else {
            return Ok(());
        };
        self.erasure_queue(key, account, joined, erased_at).await
    }
}
