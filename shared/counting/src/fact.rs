//! An item of the table as the fact that it is: what it is derived with, and what it contributes.

use domain::facts::click::Click;
use domain::facts::decision::Decision;
use domain::facts::order::Order;
use domain::facts::reminder::Reminder;
use domain::facts::shopper::ClickedReminders;
use domain::rules::contribution::{self, Contribution};
use domain::values::account::Account;
use domain::values::ids::{LinkToken, OrderGroup, ReminderDigest};
use serde_dynamo::Item;
use store::key::FactKey;
use store::links::Link;

/// What is derived together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A reminder, its clicks and its place among its shopper's.
    Reminder(Account, ReminderDigest),
    /// An order.
    Order(Account, OrderGroup),
    /// A tracked link and the clicks that wait at it.
    Link(LinkToken),
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
    /// A shopper's clicked reminders.
    Shopper(ClickedReminders),
    /// A tracked link: counts nowhere.
    Link(Link),
    /// A click that waits at a link: counts nowhere yet.
    Waiting,
    /// The decision of a cart.
    Decision(Decision),
}

impl Fact {
    /// Reads an image of the item under `key`.
    pub fn read(key: &FactKey, image: &Item) -> serde_dynamo::Result<Self> {
        let image = image.clone();
        Ok(match key {
            FactKey::Reminder(..) => Self::Reminder(serde_dynamo::from_item(image)?),
            FactKey::Click(..) => Self::Click(serde_dynamo::from_item(image)?),
            FactKey::Order(..) => Self::Order(serde_dynamo::from_item(image)?),
            FactKey::Shopper(..) => Self::Shopper(serde_dynamo::from_item(image)?),
            FactKey::Link(_) => Self::Link(serde_dynamo::from_item(image)?),
            FactKey::EarlyClick(..) => Self::Waiting,
            FactKey::Decision(..) => Self::Decision(serde_dynamo::from_item(image)?),
        })
    }

    /// What it contributes.
    #[must_use]
    pub fn contribution(&self) -> Contribution {
        match self {
            Self::Reminder(reminder) => contribution::of_reminder(reminder),
            Self::Click(click) => contribution::of_click(click),
            Self::Order(order) => contribution::of_order(order),
            Self::Shopper(clicked) => contribution::of_shopper(clicked),
            Self::Decision(decision) => contribution::of_decision(decision),
            Self::Link(_) | Self::Waiting => Contribution::new(),
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
    let fact = FactKey::parse(pk, sk).and_then(|key| Fact::read(&key, image).ok());
    fact.map_or_else(Contribution::new, |fact| fact.contribution())
}
