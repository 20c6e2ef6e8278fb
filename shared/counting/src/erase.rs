//! The erasure of a shopper (LGPD art. 18): a renaming of facts (`domain::rules::erasure`), done in
//! the background, in steps that a job keeps.
//!
//! 1. **Date** it: it covers facts that had begun when it was asked for, or, where clocks went wrong,
//!    by the latest instant on the value's pointers.
//! 2. **Name** whom it is about: with a phone goes the user id that its facts name, where they name just
//!    one. **List** the values: what is named is marked; then come the phones and carts beside the user
//!    id, and the carts beside those phones. What also stands beside a user id that isn't erased is another person's, too:
//!    it is left, and told; and so is what more facts name than any person has.
//! 3. The list is kept, and then each value is **marked**. From then on whoever writes a fact puts the
//!    alias in its place, and whoever was at it reads the marks again and takes back what it wrote.
//! 4. So the **renaming** walks the pointers of each value once. A fact that began later is another
//!    matter and stays. A pointer whose fact hasn't come is deleted, if it isn't of a later one.
//! 5. What was kept aside and report files are up to whoever runs the job; then it ends, and its values
//!    are forgotten.
//!
//! A phone or cart that joins a renamed fact later, or had no room in the list, is queued as a job of its
//! own, with the same instant. Marks make jobs independent: several run side by side, also over the same
//! facts.
//!
//! **Crashes.** Each step can be done again, and every write of the job is conditional on the job as it
//! was read. A writer that crashed and never came again can leave a raw value in a fact, which
//! [`rederive`](crate::rederive) takes back.

use std::collections::BTreeSet;

use domain::rules::erasure::beside;
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{IdentitySets, PhoneKey};
use domain::values::instant::Instant;
use domain::values::limits;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use runtime::clock::Clock;
use runtime::random::{NoRandomness, Randomness};
use store::erasure::{Erasure, ErasureStep, FactCount};
use store::names::Naming;
use store::renaming::{FoundPointer, PointedTo, RenamedFact};
use store::{StoreError, Table};

mod list;

pub use list::{LISTED, SHARED_BY};

/// Pointers that are walked between two writes of the job.
const PAGE: usize = 100;
/// Facts that are renamed side by side.
const AT_ONCE: usize = 8;

/// Why a step stopped. Done again, it goes on.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The table can't be read or written for now.
    #[error("the table failed")]
    Table(#[source] StoreError),
    /// There is no randomness for an alias.
    #[error("there is no randomness")]
    Randomness(#[source] NoRandomness),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

/// What jobs of an account work with.
#[derive(Debug, Clone, Copy)]
pub struct Erasing<'a> {
    /// The table.
    pub table: &'a Table,
    /// The secret under which values are digested.
    pub key: &'a PhoneKey,
    /// What aliases are made of.
    pub randomness: &'a Randomness,
    /// Whose facts.
    pub account: &'a Account,
    /// What tells the time.
    pub clock: &'a Clock,
}

impl Erasing<'_> {
    /// Does the next step of a job that concerns facts; the job as it is to be written after it. None
    /// when the facts are done: what was kept aside is next.
    pub async fn step(&self, job: &Erasure) -> Result<Option<Erasure>, EraseError> {
        match &job.step {
            ErasureStep::Dating => self.date(job).await.map(Some),
            ErasureStep::Naming => self.name(job).await.map(Some),
            ErasureStep::Listing => self.list(job).await.map(Some),
            ErasureStep::Marking => self.mark_all(job).await.map(Some),
            ErasureStep::Renaming { value, after } => {
                self.rename(job, *value, after.as_deref()).await.map(Some)
            }
            ErasureStep::KeptAside | ErasureStep::Reports => Ok(None),
        }
    }

    /// Clocks of others may be ahead of ours, by as much as a timestamp may be: what was told before
    /// the erasure is covered by it.
    async fn date(&self, job: &Erasure) -> Result<Erasure, EraseError> {
        let latest = job.asked_at.plus(limits::FUTURE);
        let mut erased_at = job.erased_at;
        for value in &job.asked {
            let mut after = None;
            loop {
                let page = self.table.pointers_page(self.account, value, after.as_deref(), PAGE);
                let page = page.await?;
                for pointer in &page {
                    let at = began(pointer)?.filter(|at| *at <= latest);
                    erased_at = erased_at.max(at.unwrap_or(erased_at));
                }
                after = page.last().map(|pointer| pointer.sk.clone());
                if page.len() < PAGE {
                    break;
                }
            }
        }
        Ok(Erasure { erased_at, step: ErasureStep::Naming, ..job.clone() })
    }

    async fn mark(&self, value: &Identity, erased_at: Instant) -> Result<(), EraseError> {
        let random = self.randomness.bytes().map_err(EraseError::Randomness)?;
        Ok(self.table.mark(self.key, self.account, value, erased_at, &random).await?)
    }

    async fn mark_all(&self, job: &Erasure) -> Result<Erasure, EraseError> {
        let marks: Vec<_> =
            job.values.iter().map(|value| self.mark(value, job.erased_at)).collect();
        let mut marks = stream::iter(marks).buffer_unordered(AT_ONCE);
        while let Some(()) = marks.try_next().await? {}
        let step = ErasureStep::Renaming { value: 0, after: None };
        Ok(Erasure { step, ..job.clone() })
    }

    /// Renames the facts of one page of the values' pointers.
    async fn rename(
        &self,
        job: &Erasure,
        mut place: usize,
        after: Option<&str>,
    ) -> Result<Erasure, EraseError> {
        let (mut next, mut joined) = (job.clone(), IdentitySets::default());
        let (mut after, mut left) = (after.map(str::to_owned), PAGE);
        next.step = loop {
            let Some(value) = job.values.get(place) else { break ErasureStep::KeptAside };
            if after.is_none() {
                self.forget(job, value).await?;
            }
            let page =
                self.table.pointers_page(self.account, value, after.as_deref(), left).await?;
            self.rename_page(job, &page, (&mut next, &mut joined)).await?;
            if let Some(last) = page.last().filter(|_| page.len() == left) {
                break ErasureStep::Renaming { value: place, after: Some(last.sk.clone()) };
            }
            left -= page.len();
            (place, after) = (place + 1, None);
        };
        let joined: Vec<Identity> = joined.each().collect();
        for some in joined.chunks(LISTED) {
            let some = some.iter().cloned().collect();
            self.table.erasure_queue(self.key, self.account, some, job.erased_at).await?;
        }
        Ok(next)
    }

    /// Takes a value out of the carts and sends of the system's own sender. Whom they were for gets no messages, and
    /// what stands beside is queued as what joins a fact is.
    async fn forget(&self, job: &Erasure, value: &Identity) -> Result<(), EraseError> {
        let (table, account, until) = (self.table, self.account, job.erased_at);
        if let Identity::Cart(form) = value {
            table.cart_forget(account, &self.key.cart(form), until, self.clock.now()).await?;
        }
        for named in table.named_in(self.key, account, value).await? {
            match &named.naming {
                Naming::Cart(cart) => {
                    // Queued before it is forgotten: done again, it would be known no more.
                    let held = table.cart(account, cart).await?;
                    let held = held
                        .filter(|held| held.cart.episode <= until && !held.order_form.is_erased());
                    let form = held.map(|held| Identity::Cart(held.order_form.id()));
                    let form = form.filter(|form| !job.values.contains(form));
                    table
                        .erasure_queue(self.key, account, form.into_iter().collect(), until)
                        .await?;
                    table.cart_forget(account, cart, until, self.clock.now()).await?;
                }
                Naming::Send(send) => {
                    if let Some((send, contact)) = table.send_forget(self.key, send).await? {
                        table.contact_erase(account, &contact, until).await?;
                        let sets: IdentitySets = send.identities.each().collect();
                        let others = beside(&sets);
                        let others =
                            others.each().filter(|one| !job.values.contains(one)).collect();
                        table.erasure_queue(self.key, account, others, until).await?;
                    }
                }
            }
            // One that was written again since then is of new data.
            if named.at <= until {
                table.named_delete(&named).await?;
            }
        }
        Ok(())
    }

    /// Renames the facts that these pointers lead to; notes what was done, and what joined them.
    async fn rename_page(
        &self,
        job: &Erasure,
        page: &[FoundPointer],
        (next, joined): (&mut Erasure, &mut IdentitySets),
    ) -> Result<(), EraseError> {
        let known = |value: &Identity| job.values.contains(value) || job.left.contains(value);
        let each: Vec<_> =
            page.iter().map(|pointer| self.rename_pointed(pointer, job.erased_at)).collect();
        let mut at_once = stream::iter(each).buffer_unordered(AT_ONCE);
        while let Some(done) = at_once.try_next().await? {
            let Some((fact, renamed)) = done else { continue };
            if renamed.changed {
                count(&mut next.done.facts, &fact);
            }
            if let Some((day, campaign)) = renamed.cohort {
                next.days.insert(day);
                next.campaigns.insert(campaign);
            }
            let beside = beside(&renamed.named);
            for value in beside.each().filter(|value| !known(value)) {
                joined.insert(value);
            }
        }
        Ok(())
    }

    /// Renames the fact that a pointer of an erased value leads to, and deletes the pointer; none where
    /// there is no such fact, or it began after `erased_at`.
    async fn rename_pointed(
        &self,
        pointer: &FoundPointer,
        erased_at: Instant,
    ) -> Result<Option<(PointedTo, RenamedFact)>, EraseError> {
        let (table, account) = (self.table, self.account);
        let fact = pointer.fact()?;
        let renamed = match &fact {
            PointedTo::Reminder(reminder) => {
                table.reminder_rename(self.key, account, reminder).await?
            }
            PointedTo::Order(group, _) => table.order_rename(self.key, account, group).await?,
        };
        match renamed {
            None => {
                // Its fact is on its way, or never comes. A later fact's is new data.
                if began(pointer)?.is_some_and(|at| at <= erased_at) {
                    table.pointer_delete(pointer).await?;
                }
                Ok(None)
            }
            Some(renamed) if renamed.began <= erased_at => {
                table.pointer_delete(pointer).await?;
                Ok(Some((fact, renamed)))
            }
            Some(_) => Ok(None),
        }
    }
}

/// When what a pointer leads to began, as far as its writer knew.
fn began(pointer: &FoundPointer) -> Result<Option<Instant>, StoreError> {
    Ok(match pointer.fact()? {
        PointedTo::Order(_, at) => Some(at),
        PointedTo::Reminder(_) => pointer.at,
    })
}

fn count(counted: &mut FactCount, fact: &PointedTo) {
    match fact {
        PointedTo::Reminder(_) => counted.reminders += 1,
        PointedTo::Order(..) => counted.orders += 1,
    }
}

/// The facts of `facts`, counted.
fn count_all(facts: &BTreeSet<PointedTo>) -> FactCount {
    let mut counted = FactCount::default();
    for fact in facts {
        count(&mut counted, fact);
    }
    counted
}
