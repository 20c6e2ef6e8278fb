//! An item of the table as the fact that it is: what it is derived with, and what it contributes.

use domain::facts::click::Click;
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::rules::contribution::{self, Contribution};
use domain::values::account::Account;
use domain::values::ids::{LinkToken, OrderGroup, ReminderId};
use serde_dynamo::Item;
use store::key::FactKey;

/// What is derived together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A reminder and its clicks.
    Reminder(Account, ReminderId),
    /// An order.
    Order(Account, OrderGroup),
    /// A tracked link and the clicks that wait at it.
    Link(LinkToken),
}

impl Subject {
    /// Whose totals it counts in; none for a link, which counts in nobody's.
    #[must_use]
    pub const fn account(&self) -> Option<&Account> {
        match self {
            Self::Reminder(account, _) | Self::Order(account, _) => Some(account),
            Self::Link(_) => None,
        }
    }
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
pub enum Fact {
    /// A reminder.
    Reminder(Reminder),
    /// A click on a reminder.
    Click(Click),
    /// An order.
    Order(Order),
    /// A link or a click that waits at one: counts nowhere.
    Waiting,
}

impl Fact {
    /// Reads an image of the item under `key`.
    pub fn read(key: &FactKey, image: &Item) -> serde_dynamo::Result<Self> {
        let image = image.clone();
        Ok(match key {
            FactKey::Reminder(..) => Self::Reminder(serde_dynamo::from_item(image)?),
            FactKey::Click(..) => Self::Click(serde_dynamo::from_item(image)?),
            FactKey::Order(..) => Self::Order(serde_dynamo::from_item(image)?),
            FactKey::Link(_) | FactKey::EarlyClick(..) => Self::Waiting,
        })
    }

    /// What it contributes.
    #[must_use]
    pub fn contribution(&self) -> Contribution {
        match self {
            Self::Reminder(reminder) => contribution::of_reminder(reminder),
            Self::Click(click) => contribution::of_click(click),
            Self::Order(order) => contribution::of_order(order),
            Self::Waiting => None,
        }
    }

    /// R8: whether it is an order of which a live part is in another currency.
    #[must_use]
    pub fn mixes_currencies(&self) -> bool {
        matches!(self, Self::Order(order) if order.mixes_currencies())
    }
}

/// What an item contributes as it stands; nothing when it is no fact or can't be read.
#[must_use]
pub fn contribution_of(pk: &str, sk: &str, image: &Item) -> Contribution {
    let key = FactKey::parse(pk, sk)?;
    Fact::read(&key, image).ok()?.contribution()
}
