//! What a stream record is about: the fact, its images, and what they contribute.

use serde_dynamo::Item;
use shared::domain::facts::click::Click;
use shared::domain::facts::order::Order;
use shared::domain::facts::reminder::Reminder;
use shared::domain::rules::contribution::{self, Contribution};
use shared::domain::values::account::Account;
use shared::domain::values::ids::{LinkToken, OrderGroup, ReminderId};
use shared::store::key::{CLICK, FACT, FactKey, LINK};
use shared::store::stream::{EventName, StreamRecord};

/// What is derived together, once per batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A reminder and its clicks.
    Reminder(Account, ReminderId),
    /// An order.
    Order(Account, OrderGroup),
    /// A tracked link and the clicks that wait at it.
    Link(LinkToken),
}

impl From<FactKey> for Subject {
    fn from(key: FactKey) -> Self {
        match key {
            FactKey::Reminder(account, id) | FactKey::Click(account, id, _) => {
                Self::Reminder(account, id)
            }
            FactKey::Order(account, group) => Self::Order(account, group),
            FactKey::Link(token) | FactKey::EarlyClick(token, _) => Self::Link(token),
        }
    }
}

/// An image of an item.
#[derive(Debug)]
pub(crate) enum Fact {
    Reminder(Reminder),
    Click(Click),
    Order(Order),
    /// A link or a click that waits at one: counts nowhere.
    Waiting,
}

impl Fact {
    fn read(key: &FactKey, image: &Item) -> serde_dynamo::Result<Self> {
        let image = image.clone();
        Ok(match key {
            FactKey::Reminder(..) => Self::Reminder(serde_dynamo::from_item(image)?),
            FactKey::Click(..) => Self::Click(serde_dynamo::from_item(image)?),
            FactKey::Order(..) => Self::Order(serde_dynamo::from_item(image)?),
            FactKey::Link(_) | FactKey::EarlyClick(..) => Self::Waiting,
        })
    }

    fn contribution(&self) -> Contribution {
        match self {
            Self::Reminder(reminder) => contribution::of_reminder(reminder),
            Self::Click(click) => contribution::of_click(click),
            Self::Order(order) => contribution::of_order(order),
            Self::Waiting => None,
        }
    }

    fn mixes_currencies(&self) -> bool {
        matches!(self, Self::Order(order) if order.mixes_currencies())
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
    let contribution = |fact: &Option<Fact>| fact.as_ref().and_then(Fact::contribution);
    let (old, new) = (contribution(&reading.old), contribution(&reading.new));
    match reading.subject? {
        Subject::Reminder(account, _) | Subject::Order(account, _) => {
            Some(Told { account, old, new })
        }
        Subject::Link(_) => None,
    }
}

/// What an item contributes as it stands; nothing when it is no fact or can't be read.
#[must_use]
pub fn contribution_of(pk: &str, sk: &str, image: &Item) -> Contribution {
    let key = FactKey::parse(pk, sk)?;
    Fact::read(&key, image).ok()?.contribution()
}

/// A record, read. What can't be read of it counts as absent, before and after: a spoilt item
/// then counts nothing until it is mended.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What has to be derived; none: nothing.
    pub(crate) subject: Option<Subject>,
    /// The fact before the change.
    pub(crate) old: Option<Fact>,
    /// The fact after the change.
    pub(crate) new: Option<Fact>,
    /// Why the record can't be handled, if it can't: a stable word.
    pub(crate) fault: Option<&'static str>,
}

impl Reading {
    /// Reads a record. A removal is an expiry, or an early click that was moved: it derives
    /// nothing and counts nothing.
    pub(crate) fn of(record: &StreamRecord) -> Self {
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
        // Without its old image a change would count as if it were new.
        let mut fault = (!has_images).then_some("image-missing");
        let mut read = |image: &Option<Item>| {
            let fact = image.as_ref().map(|image| Fact::read(&key, image))?;
            fact.map_err(|_| fault = Some("image-unreadable")).ok()
        };
        let (old, new) = (read(&change.old_image), read(&change.new_image));
        let subject = Some(Subject::from(key));
        if has_images {
            Self { subject, old, new, fault }
        } else {
            Self { subject, fault, ..Self::default() }
        }
    }

    fn unusable(fault: &'static str) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// What the fact contributed before and contributes now, if that changed.
    pub(crate) fn change(&self) -> Option<(Contribution, Contribution)> {
        let contribution = |fact: &Option<Fact>| fact.as_ref().and_then(Fact::contribution);
        let (old, new) = (contribution(&self.old), contribution(&self.new));
        (old != new).then_some((old, new))
    }

    /// Its images that are reminders.
    pub(crate) fn reminders(&self) -> impl Iterator<Item = &Reminder> {
        [&self.old, &self.new].into_iter().filter_map(|fact| match fact {
            Some(Fact::Reminder(reminder)) => Some(reminder),
            _ => None,
        })
    }

    /// Whether an order began to mix currencies (R8).
    pub(crate) fn begins_to_mix_currencies(&self) -> bool {
        let mixes = |fact: &Option<Fact>| fact.as_ref().is_some_and(Fact::mixes_currencies);
        mixes(&self.new) && !mixes(&self.old)
    }
}
