//! Whom an erasure is about: the value that is asked for, and those that stand beside it.

use std::collections::BTreeSet;

use domain::rules::erasure::Marks;
use domain::values::identity::IdentitySets;
use domain::values::identity::alias::Identity;
use domain::values::instant::Instant;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use store::StoreError;
use store::erasure::{Erasure, ErasureStep};
use store::renaming::PointedTo;

use super::{AT_ONCE, EraseError, Erasing, PAGE, count_all};

/// Facts that name a phone or a cart from which on it is taken for the store's own (the till's number,
/// a test cart) and not for the shopper's: no shopper has as many. An erasure that is asked for such a
/// value is refused unless it is forced.
pub const SHARED_BY: usize = 1_000;

/// Values that one job lists, with those that it leaves: twice as many (it may have been asked for as
/// many) of 400 bytes each stay well within an item's 400 KB. What has no room is queued when its facts
/// are renamed.
pub const LISTED: usize = 400;

/// A fact that names a value.
struct Naming {
    fact: PointedTo,
    named: IdentitySets,
    /// Whether it names a user id that isn't erased in it.
    has_other_user: bool,
}

impl Erasing<'_> {
    /// Settles what the job is asked for: with a phone its only user id, and of what follows from another
    /// erasure what is the person's own, as of what stands beside. It is kept before any of it is marked:
    /// what is marked must be walked, and asked again the facts might answer otherwise.
    pub(super) async fn name(&self, job: &Erasure) -> Result<Erasure, EraseError> {
        let mut found = Found::of(self, job);
        let mut asked: BTreeSet<Identity> = BTreeSet::new();
        for value in &job.asked {
            if job.by.is_some() || found.is_own(value).await? {
                asked.insert(value.clone());
            }
        }
        if job.by.is_some() {
            for phone in of_kind(&asked, |value| matches!(value, Identity::Phone(_))) {
                self.mark(&phone, job.erased_at).await?;
                asked.extend(found.only_user(&phone).await?);
            }
        }
        Ok(Erasure {
            step: ErasureStep::Listing,
            asked: asked.into_iter().collect(),
            left: found.left.into_iter().collect(),
            ..job.clone()
        })
    }

    /// Marks what is asked for and lists what goes with it.
    pub(super) async fn list(&self, job: &Erasure) -> Result<Erasure, EraseError> {
        let mut found = Found::of(self, job);
        let mut values: BTreeSet<Identity> = job.asked.iter().cloned().collect();
        for value in &job.asked {
            self.mark(value, job.erased_at).await?;
        }
        if let Some(contact) = &job.contact {
            self.table.contact_erase(self.account, contact, job.erased_at).await?;
        }
        let users: Vec<Identity> = of_kind(&values, |value| matches!(value, Identity::User(_)));
        found.take_beside(&users, &mut values, |_| true).await?;
        let phones: Vec<Identity> = of_kind(&values, |value| matches!(value, Identity::Phone(_)));
        let is_cart = |value: &Identity| matches!(value, Identity::Cart(_));
        found.take_beside(&phones, &mut values, is_cart).await?;
        let (facts, left) = (count_all(&found.facts), found.left);
        Ok(Erasure {
            step: ErasureStep::Marking,
            values: values.into_iter().collect(),
            left_shared: left.len() as u64,
            left: left.into_iter().collect(),
            found: facts,
            ..job.clone()
        })
    }

    /// The facts begun by `erased_at` that name a value, raw or by one of its aliases.
    async fn naming(&self, value: &Identity, until: Instant) -> Result<Vec<Naming>, EraseError> {
        let (table, account, key) = (self.table, self.account, self.key);
        let marks = table.marks(key, account, [value.clone()]).await?;
        let aliases: Vec<Identity> = marks.aliases(value).cloned().collect();
        let mut facts = BTreeSet::new();
        for name in std::iter::once(value).chain(&aliases) {
            let mut after = None;
            loop {
                let page = table.pointers_page(account, name, after.as_deref(), PAGE).await?;
                for pointer in &page {
                    // An order is known by several instants at times.
                    facts.insert(match pointer.fact()? {
                        PointedTo::Order(group, _) => {
                            PointedTo::Order(group, Instant::from_millis(0))
                        }
                        reminder @ PointedTo::Reminder(_) => reminder,
                    });
                }
                after = page.last().map(|pointer| pointer.sk.clone());
                if page.len() < PAGE {
                    break;
                }
            }
        }
        let reads: Vec<_> = facts.into_iter().map(|fact| self.named(fact)).collect();
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        let mut held: Vec<(PointedTo, Instant, IdentitySets)> = Vec::new();
        while let Some(read) = reads.try_next().await? {
            held.extend(read);
        }
        let of_value = |named: &IdentitySets| {
            named.contains(value) || aliases.iter().any(|alias| named.contains(alias))
        };
        let held: Vec<_> = held
            .into_iter()
            .filter(|(_, began, named)| *began <= until && of_value(named))
            .collect();
        let users = held.iter().flat_map(|(.., named)| named.user_ids.iter().cloned());
        let users: BTreeSet<Identity> = users.map(Identity::User).collect();
        let marks: Marks = table.marks(key, account, users).await?;
        let naming = held.into_iter().map(|(fact, began, named)| {
            let mut users = named.user_ids.iter().cloned().map(Identity::User);
            let has_other_user =
                users.any(|user| !user.is_alias() && marks.alias(&user, began).is_none());
            Naming { fact, named, has_other_user }
        });
        Ok(naming.collect())
    }

    /// When a fact began and what it names; none while that is unknown.
    async fn named(
        &self,
        fact: PointedTo,
    ) -> Result<Option<(PointedTo, Instant, IdentitySets)>, StoreError> {
        let named = match &fact {
            PointedTo::Reminder(reminder) => {
                let held = self.table.reminder(self.account, reminder).await?;
                held.and_then(|held| Some((held.sent.as_ref()?.sent_at, held.named())))
            }
            PointedTo::Order(group, _) => {
                let held = self.table.order(self.account, group).await?;
                held.map(|held| (held.created_at, held.identities))
            }
        };
        Ok(named.map(|(began, named)| (fact, began, named)))
    }
}

/// What was found so far.
struct Found<'a> {
    erasing: &'a Erasing<'a>,
    job: &'a Erasure,
    facts: BTreeSet<PointedTo>,
    left: BTreeSet<Identity>,
}

impl<'a> Found<'a> {
    fn of(erasing: &'a Erasing<'a>, job: &'a Erasure) -> Self {
        let left = job.left.iter().cloned().collect();
        Self { erasing, job, facts: BTreeSet::new(), left }
    }

    async fn naming(&mut self, value: &Identity) -> Result<Vec<Naming>, EraseError> {
        let naming = self.erasing.naming(value, self.job.erased_at).await?;
        self.facts.extend(naming.iter().map(|naming| naming.fact.clone()));
        Ok(naming)
    }

    /// The one user id that the facts of a phone name.
    async fn only_user(&mut self, phone: &Identity) -> Result<Option<Identity>, EraseError> {
        let naming = self.naming(phone).await?;
        let users = naming.iter().flat_map(|naming| naming.named.user_ids.iter().cloned());
        let mut users: BTreeSet<_> = users.collect();
        let only = users.pop_first().filter(|_| users.is_empty());
        Ok(only.map(Identity::User).filter(|user| !user.is_alias()))
    }

    /// Whether a phone or a cart is the person's own: no fact names it beside a user id that isn't
    /// erased, and not more facts do than a person has. What is not is left.
    async fn is_own(&mut self, value: &Identity) -> Result<bool, EraseError> {
        let (table, account) = (self.erasing.table, self.erasing.account);
        let is_shared = table.pointers_exceed(account, value, SHARED_BY).await?
            || self.naming(value).await?.iter().any(|naming| naming.has_other_user);
        if is_shared {
            self.left.insert(value.clone());
        }
        Ok(!is_shared)
    }

    /// Adds the phones and carts beside some values, those that `admits`, to all `values`.
    async fn take_beside(
        &mut self,
        some: &[Identity],
        values: &mut BTreeSet<Identity>,
        admits: fn(&Identity) -> bool,
    ) -> Result<(), EraseError> {
        let mut candidates = BTreeSet::new();
        for value in some {
            for naming in self.naming(value).await? {
                let beside = naming.named.each().filter(|value| {
                    !matches!(value, Identity::User(_)) && !value.is_alias() && admits(value)
                });
                candidates.extend(beside);
            }
        }
        for value in candidates {
            if values.len() + self.left.len() >= LISTED {
                break;
            }
            if !values.contains(&value)
                && !self.left.contains(&value)
                && self.is_own(&value).await?
            {
                values.insert(value);
            }
        }
        Ok(())
    }
}

fn of_kind(values: &BTreeSet<Identity>, is: fn(&Identity) -> bool) -> Vec<Identity> {
    values.iter().filter(|value| is(value)).cloned().collect()
}
