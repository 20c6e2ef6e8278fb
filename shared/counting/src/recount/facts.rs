//! The facts as a scan shows them, kept small: 32 bytes each, beside the few different things
//! that facts contribute.

use std::collections::HashMap;

use domain::rules::contribution::{Changes, Cohort, Contribution};
use domain::values::account::Account;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::scan::{Scanned, StoredFact};

use super::{Ledger, RecountError};
use crate::fact::contribution_of;

/// Parts of the table that are scanned side by side: fast enough for a large table, and a small
/// part of what a table on demand reads.
const SEGMENTS: i32 = 8;
/// The same as a count of futures.
const AT_ONCE: usize = 8;

/// 128 bits of an item's key: two items never meet by chance.
pub(super) type Name = u128;

/// The name of an item.
pub(super) fn name(pk: &str, sk: &str) -> Name {
    // No key holds a line end.
    let hash = Sha256::digest(format!("{pk}\n{sk}").as_bytes());
    hash.first_chunk().copied().map_or(0, u128::from_be_bytes)
}

/// What facts contribute to the days of a range.
#[derive(Debug, Default)]
pub(super) struct Facts {
    looked_at: u64,
    known: Vec<Contribution>,
    places: HashMap<Contribution, usize>,
    held: HashMap<Name, usize>,
}

impl Facts {
    /// Scans the facts of an account.
    pub(super) async fn scan<L>(
        ledger: &Ledger<'_, L>,
        progress: impl Fn(u64),
    ) -> Result<Self, RecountError> {
        let mut found = Self::default();
        let pages = (0..SEGMENTS).map(|segment| {
            let (table, account) = (ledger.table, ledger.account);
            stream::try_unfold(Some(None), move |from| async move {
                let Some(from) = from else { return Ok::<_, StoreError>(None) };
                let page =
                    table.facts_scan(account, Scanned::Counted, (segment, SEGMENTS), from).await?;
                let next = page.next.clone().map(Some);
                Ok(Some((page, next)))
            })
            .boxed()
        });
        let mut pages = stream::iter(pages).flatten_unordered(AT_ONCE);
        while let Some(page) = pages.try_next().await? {
            progress(page.looked_through);
            for fact in page.facts {
                found.add(ledger, &fact);
            }
        }
        Ok(found)
    }

    fn add<L>(&mut self, ledger: &Ledger<'_, L>, fact: &StoredFact) {
        self.looked_at += 1;
        let mut vector = contribution_of(&fact.pk, &fact.sk, &fact.image);
        // A fact of another day only counts here once a record moves it, which then says so.
        vector.retain(|(cohort, _)| ledger.period.contains(cohort.day));
        if vector.is_empty() {
            return;
        }
        let place = *self.places.entry(vector).or_insert_with_key(|vector| {
            self.known.push(vector.clone());
            self.known.len() - 1
        });
        self.held.insert(name(&fact.pk, &fact.sk), place);
    }

    /// How many facts the account has.
    pub(super) const fn len(&self) -> u64 {
        self.looked_at
    }

    /// The cohorts in which facts count, some of them several times.
    pub(super) fn cohorts(&self) -> impl Iterator<Item = &Cohort> {
        self.known.iter().flatten().map(|(cohort, _)| cohort)
    }

    /// What a fact contributed when it was scanned.
    pub(super) fn get(&self, name: Name) -> Contribution {
        let place = self.held.get(&name);
        place.and_then(|place| self.known.get(*place)).cloned().unwrap_or_default()
    }

    /// Adds all facts as they were scanned.
    pub(super) fn add_to(&self, sums: &mut Changes, account: &Account) {
        let mut times: Vec<i64> = vec![0; self.known.len()];
        for place in self.held.values() {
            if let Some(times) = times.get_mut(*place) {
                *times += 1;
            }
        }
        for (vector, times) in self.known.iter().zip(times) {
            sums.add_times(account, vector, times);
        }
    }
}
