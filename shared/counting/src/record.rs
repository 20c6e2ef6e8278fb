//! A stream record, read: the fact that changed, what it was and what it is.

use domain::facts::reminder::Reminder;
use domain::rules::contribution::Contribution;
use domain::values::account::Account;
use store::key::{CLICK, FACT, FactKey, LINK};
use store::stream::{EventName, StreamRecord};

use crate::count::Change;
use crate::fact::{Fact, Subject};

/// A record, read. What can't be read of it counts as absent, before and after: a spoilt item
/// then counts nothing until it is mended.
#[derive(Debug, Default)]
pub struct Reading {
    /// What has to be derived; none: nothing.
    pub subject: Option<Subject>,
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
            let (subject, fault) = (Some(Subject::from(key)), Some("image-missing"));
            return Self { subject, fault, ..Self::default() };
        }
        let mut fault = None;
        let mut read = |image: &Option<serde_dynamo::Item>| {
            let fact = image.as_ref().map(|image| Fact::read(&key, image))?;
            fact.map_err(|_| fault = Some("image-unreadable")).ok()
        };
        let (old, new) = (read(&change.old_image), read(&change.new_image));
        Self { subject: Some(Subject::from(key)), old, new, fault }
    }

    fn unusable(fault: &'static str) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// What the fact contributed before and contributes now.
    #[must_use]
    pub fn contributions(&self) -> (Contribution, Contribution) {
        let contribution = |fact: &Option<Fact>| fact.as_ref().and_then(Fact::contribution);
        (contribution(&self.old), contribution(&self.new))
    }

    /// What `record`, from which this was read, changes of its account's totals, if anything.
    #[must_use]
    pub fn change<'a>(&'a self, record: &'a StreamRecord) -> Option<Change<'a>> {
        let account = self.subject.as_ref()?.account()?;
        let (old, new) = self.contributions();
        (old != new).then_some(Change { record, account, old, new })
    }

    /// Its images that are reminders.
    pub fn reminders(&self) -> impl Iterator<Item = &Reminder> {
        [&self.old, &self.new].into_iter().filter_map(|fact| match fact {
            Some(Fact::Reminder(reminder)) => Some(reminder),
            _ => None,
        })
    }

    /// Whether an order began to mix currencies (R8).
    #[must_use]
    pub fn begins_to_mix_currencies(&self) -> bool {
        let mixes = |fact: &Option<Fact>| fact.as_ref().is_some_and(Fact::mixes_currencies);
        mixes(&self.new) && !mixes(&self.old)
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
    let account = reading.subject.as_ref()?.account()?.clone();
    Some(Told { account, old, new })
}
