//! A stream record, read: the fact that changed, what it was and what it is.

use std::collections::{BTreeMap, BTreeSet};

use domain::facts::shopper::ClickedReminders;
use domain::rules::contribution::{Cohort, Contribution, Share, Totals};
use domain::values::account::Account;
use store::key::{CLICK, FACT, FactKey, LINK};
use store::stream::{EventName, StreamRecord};

use crate::count::Change;
use crate::fact::{Fact, Subject};

/// A record, read. What can't be read of it counts as absent, before and after: a spoilt item
/// then counts nothing until it is mended.
#[derive(Debug, Default)]
pub struct Reading {
    /// The fact's key; none for what is no fact.
    pub key: Option<FactKey>,
    /// The fact before the change.
    pub old: Option<Fact>,
    /// The fact after the change.
    pub new: Option<Fact>,
    /// Why the record can't be handled, if it can't: a stable word.
    pub fault: Option<&'static str>,
}

impl Reading {
    /// Reads a record. A removal is an expiry, or an early click that was moved: it derives
    /// nothing and counts nothing.
    #[must_use]
    pub fn of(record: &StreamRecord) -> Self {
        let change = &record.dynamodb;
        let has_images = match record.event_name {
            EventName::Remove => return Self::default(),
            EventName::Insert => change.new_image.is_some(),
            EventName::Modify => change.new_image.is_some() && change.old_image.is_some(),
            EventName::Other(_) => return Self::unusable("unknown-event-name"),
        };
        let (Some(pk), Some(sk)) = (record.key("pk"), record.key("sk")) else {
            return Self::unusable("key-unreadable");
        };
        let Some(key) = FactKey::parse(pk, sk) else {
            // What is no fact is none of ours, unless it lies where facts do.
            let looks_like_one = sk == FACT || sk == LINK || sk.starts_with(CLICK);
            return if looks_like_one { Self::unusable("key-unreadable") } else { Self::default() };
        };
        if !has_images {
            // Without its old image a change would count as if it were new.
            return Self { key: Some(key), fault: Some("image-missing"), ..Self::default() };
        }
        let mut fault = None;
        let mut read = |image: &Option<serde_dynamo::Item>| {
            let fact = image.as_ref().map(|image| Fact::read(&key, image))?;
            fact.map_err(|_| fault = Some("image-unreadable")).ok()
        };
        let (old, new) = (read(&change.old_image), read(&change.new_image));
        Self { key: Some(key), old, new, fault }
    }

    /// Whose fact it is; none for a link, which counts in nobody's totals.
    #[must_use]
    pub const fn account(&self) -> Option<&Account> {
        match &self.key {
            Some(
                FactKey::Reminder(account, _)
                | FactKey::Click(account, ..)
                | FactKey::Order(account, _)
                | FactKey::Shopper(account, _)
                | FactKey::Decision(account, ..),
            ) => Some(account),
            Some(FactKey::Link(_) | FactKey::EarlyClick(..)) | None => None,
        }
    }

    /// What has to be derived since this changed. Of a shopper's clicked reminders those whose
    /// entries changed: whoever wrote an entry may have known the reminder as it was before.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        let Some(key) = &self.key else { return Vec::new() };
        match key {
            FactKey::Reminder(account, id) | FactKey::Click(account, id, _) => {
                vec![Subject::Reminder(account.clone(), id.clone())]
            }
            FactKey::Order(account, group) => vec![Subject::Order(account.clone(), group.clone())],
            FactKey::Link(token) | FactKey::EarlyClick(token, _) => {
                vec![Subject::Link(token.clone())]
            }
            // Nothing follows from a decision but its figures.
            FactKey::Decision(..) => Vec::new(),
            FactKey::Shopper(account, _) => {
                let none = ClickedReminders::default();
                let (old, new) = (clicked(self.old.as_ref()), clicked(self.new.as_ref()));
                let changed = old.unwrap_or(&none).differing(new.unwrap_or(&none));
                let changed = changed.into_iter();
                changed.map(|id| Subject::Reminder(account.clone(), id.clone())).collect()
            }
        }
    }

    fn unusable(fault: &'static str) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// What the fact contributed before and contributes now.
    #[must_use]
    pub fn contributions(&self) -> (Contribution, Contribution) {
        let contribution =
            |fact: &Option<Fact>| fact.as_ref().map_or_else(Contribution::new, Fact::contribution);
        (contribution(&self.old), contribution(&self.new))
    }

    /// What `record`, from which this was read, changes of its account's totals, if anything.
    #[must_use]
    pub fn change<'a>(&'a self, record: &'a StreamRecord) -> Option<Change<'a>> {
        let account = self.account()?;
        let (mut old, mut new) = self.contributions();
        if old == new {
            return None;
        }
        // A shopper who has clicked for a year counts in hundreds of places, of which few change.
        let now: BTreeMap<&Cohort, &Totals> = new.iter().map(|(at, totals)| (at, totals)).collect();
        let stays = |(at, totals): &&Share| now.get(at) == Some(&totals);
        let same: BTreeSet<Cohort> = old.iter().filter(stays).map(|(at, _)| at.clone()).collect();
        old.retain(|(at, _)| !same.contains(at));
        new.retain(|(at, _)| !same.contains(at));
        Some(Change { record, account, old, new })
    }

    /// Its images, the older first.
    pub fn images(&self) -> impl Iterator<Item = &Fact> {
        [&self.old, &self.new].into_iter().flatten()
    }

    /// Whether an order began to mix currencies (R8).
    #[must_use]
    pub fn begins_to_mix_currencies(&self) -> bool {
        let mixes = |fact: &Option<Fact>| fact.as_ref().is_some_and(Fact::mixes_currencies);
        mixes(&self.new) && !mixes(&self.old)
    }
}

const fn clicked(image: Option<&Fact>) -> Option<&ClickedReminders> {
    match image {
        Some(Fact::Shopper(clicked)) => Some(clicked),
        _ => None,
    }
}

/// What a record says of one fact: what it contributed before and contributes now. A recount
/// reads the stream by this, so that it judges as the rollup counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whose fact it is.
    pub account: Account,
    /// What it contributed before.
    pub old: Contribution,
    /// What it contributes now.
    pub new: Contribution,
}

/// What a record says of a fact that may count; none for any other record, and for one that
/// counts nothing whatever it shows (a removal, a record without its images).
#[must_use]
pub fn told(record: &StreamRecord) -> Option<Told> {
    let reading = Reading::of(record);
    if reading.fault == Some("image-missing") {
        return None;
    }
    let (old, new) = reading.contributions();
    let account = reading.account()?.clone();
    Some(Told { account, old, new })
}
