//! Strongly consistent reads of facts: what a derivation or an explanation is made from.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use crate::links::{EarlyClick, Link};
use crate::table::key::{self, CLICK, Key};
use crate::{Allowance, StoreError, Table};
use domain::facts::click::{Click, link_clicks};
use domain::facts::order::Order;
use domain::facts::reminder::{Reminder, Sent};
use domain::rules::credit::Candidate;
use domain::values::account::Account;
use domain::values::identity::IdentitySets;
use domain::values::ids::{LinkToken, OrderGroup, ReminderDigest};
use domain::values::instant::Instant;
use domain::values::item::{Item, ItemList};

/// A pointer from an identity; its sort key names what it points to.
#[derive(Deserialize)]
struct Pointer {
    sk: String,
}

#[derive(Deserialize)]
struct StoredItems {
    list: String,
}

/// One of several lists: its key tells which.
#[derive(Deserialize)]
struct KeyedItems {
    pk: String,
    sk: String,
    #[serde(flatten)]
    stored: StoredItems,
}

impl StoredItems {
    const KIND: &str = "item list";

    fn read(&self) -> Result<ItemList, StoreError> {
        let items: Vec<Item> = serde_json::from_str(&self.list)
            .map_err(|error| StoreError::corrupt(Self::KIND, error))?;
        Ok(ItemList::new(items))
    }

    /// A list is written before the fact that names it: its absence is a fault, not an empty
    /// cart.
    fn missing() -> StoreError {
        StoreError::corrupt(Self::KIND, "the list that a fact names is missing")
    }
}

impl Table {
    /// A reminder.
    pub async fn reminder(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
    ) -> Result<Option<Reminder>, StoreError> {
        self.get("reminder", &Key::reminder(account, reminder)).await
    }

    /// A reminder, if `allowance` has one item left.
    pub async fn reminder_within(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        allowance: &mut Allowance,
    ) -> Result<Option<Reminder>, StoreError> {
        self.get_within("reminder", &Key::reminder(account, reminder), allowance).await
    }

    /// Several reminders; the order is lost.
    pub async fn reminders(
        &self,
        account: &Account,
        reminders: impl IntoIterator<Item = &ReminderDigest>,
    ) -> Result<Vec<Reminder>, StoreError> {
        let keys = reminders.into_iter().map(|reminder| Key::reminder(account, reminder));
        let keys: BTreeSet<Key> = keys.collect();
        self.get_many("reminder", keys).await
    }

    /// All clicks of a reminder.
    pub async fn reminder_clicks(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
    ) -> Result<Vec<Click>, StoreError> {
        self.query_prefix("click", &key::reminder_pk(account, reminder), CLICK).await
    }

    /// All clicks of a reminder, as far as `allowance` goes.
    pub async fn reminder_clicks_within(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        allowance: &mut Allowance,
    ) -> Result<Vec<Click>, StoreError> {
        let pk = key::reminder_pk(account, reminder);
        self.query_prefix_within("click", &pk, CLICK, allowance).await
    }

    /// An order.
    pub async fn order(
        &self,
        account: &Account,
        group: &OrderGroup,
    ) -> Result<Option<Order>, StoreError> {
        self.get("order", &Key::order(account, group)).await
    }

    /// An order, if `allowance` has one item left.
    pub async fn order_within(
        &self,
        account: &Account,
        group: &OrderGroup,
        allowance: &mut Allowance,
    ) -> Result<Option<Order>, StoreError> {
        self.get_within("order", &Key::order(account, group), allowance).await
    }

    /// Several orders; the order of the list is lost.
    pub async fn orders(
        &self,
        account: &Account,
        groups: impl IntoIterator<Item = &OrderGroup>,
    ) -> Result<Vec<Order>, StoreError> {
        let keys: BTreeSet<Key> = groups.into_iter().map(|id| Key::order(account, id)).collect();
        self.get_many("order", keys).await
    }

    /// An item list by its key.
    pub(crate) async fn item_list(&self, key: &Key) -> Result<ItemList, StoreError> {
        let stored: StoredItems =
            self.get(StoredItems::KIND, key).await?.ok_or_else(StoredItems::missing)?;
        stored.read()
    }

    /// The item lists of several carts and order parts, by their keys ([`Key::cart_items`],
    /// [`Key::order_items`]).
    pub async fn item_lists(
        &self,
        keys: BTreeSet<Key>,
    ) -> Result<HashMap<Key, ItemList>, StoreError> {
        let asked = keys.len();
        let found: Vec<KeyedItems> = self.get_many(StoredItems::KIND, keys).await?;
        if found.len() < asked {
            return Err(StoredItems::missing());
        }
        found
            .into_iter()
            .map(|item| Ok((Key { pk: item.pk, sk: item.sk }, item.stored.read()?)))
            .collect()
    }

    /// The orders that pointers of these identities lead to, created within one of `windows` (both
    /// ends included; sorted, not overlapping): all others stay unread. A pointer is only a hint.
    pub async fn orders_created_within(
        &self,
        account: &Account,
        named: &IdentitySets,
        windows: &[(Instant, Instant)],
        allowance: &mut Allowance,
    ) -> Result<BTreeSet<OrderGroup>, StoreError> {
        let mut groups = BTreeSet::new();
        for pk in key::identity_pks(account, named) {
            for (from, to) in windows {
                let (from, to) = key::order_pointer_range(*from, *to);
                let pointers: Vec<Pointer> =
                    self.query_within("pointer", &pk, (&from, &to), allowance).await?;
                for pointer in pointers {
                    groups.insert(order_pointed_to(&pointer.sk)?.1);
                }
            }
        }
        Ok(groups)
    }

    /// The reminders that pointers of an order's identities lead to, read.
    async fn reminders_pointed_to(
        &self,
        account: &Account,
        named: &IdentitySets,
        allowance: &mut Allowance,
    ) -> Result<Vec<Reminder>, StoreError> {
        let mut ids = BTreeSet::new();
        for pk in key::identity_pks(account, named) {
            let pointers: Vec<Pointer> = self
                .query_prefix_within("pointer", &pk, key::POINTS_TO_REMINDER, allowance)
                .await?;
            for pointer in pointers {
                let id = pointer.sk.strip_prefix(key::POINTS_TO_REMINDER).ok_or_else(other_kind)?;
                let id = ReminderDigest::parse(id);
                ids.insert(id.map_err(|error| StoreError::corrupt("pointer", error))?);
            }
        }
        allowance.take("reminder", ids.len())?;
        self.reminders(account, &ids).await
    }

    /// Every reminder that shares an identity with the order (R5), as credit judges it, with
    /// its link clicks if any of its clicks was at or before the order; sorted by the reminder.
    pub async fn order_candidates(
        &self,
        account: &Account,
        order: &Order,
        allowance: &mut Allowance,
    ) -> Result<Vec<(Reminder, Candidate)>, StoreError> {
        let mut reminders =
            self.reminders_pointed_to(account, &order.identities, allowance).await?;
        reminders.sort_by(|a, b| a.reminder.cmp(&b.reminder));
        let mut candidates = Vec::new();
        for reminder in reminders {
            // A pointer is only a hint: the fact decides before its clicks are read.
            if Candidate::of(&reminder, Vec::new(), order).is_none() {
                continue;
            }
            // A reminder without a click at or before the order has none to look for. One that
            // is stored and not yet told to its reminder is not missed for good: its own record
            // lowers the first click and then compares this order again.
            let clicked = order.is_live()
                && reminder.first_click_at.is_some_and(|first| first <= order.created_at);
            let clicks = if clicked {
                self.reminder_clicks_within(account, &reminder.reminder, allowance).await?
            } else {
                Vec::new()
            };
            if let Some(candidate) = Candidate::of(&reminder, link_clicks(&clicks), order) {
                candidates.push((reminder, candidate));
            }
        }
        Ok(candidates)
    }
}

/// The order that a pointer leads to, and when it was created as far as the pointer knows.
pub(crate) fn order_pointed_to(sk: &str) -> Result<(Instant, OrderGroup), StoreError> {
    key::parse_order_pointer(sk)
        .ok_or_else(|| StoreError::corrupt("pointer", "it names no order and its instant"))
}

fn other_kind() -> StoreError {
    StoreError::corrupt("pointer", "it points to another kind of fact")
}

/// Every click of a reminder, wherever it lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TappedReminder {
    /// The clicks that lie with the reminder.
    pub own: Vec<Click>,
    /// The clicks that still wait at its link. The link's record moves them to the reminder.
    pub waiting: Vec<EarlyClick>,
}

/// What an explanation reads: all there is, also what is stored and not derived yet.
impl Table {
    /// Every reminder that shares an identity with the order (R5), sorted by the reminder.
    pub async fn order_reminders(
        &self,
        account: &Account,
        order: &Order,
    ) -> Result<Vec<Reminder>, StoreError> {
        let mut reminders = self
            .reminders_pointed_to(account, &order.identities, &mut Allowance::unlimited())
            .await?;
        // A pointer is only a hint: the fact decides.
        let matches = |sent: &Sent| order.identities.matches(&sent.identities);
        reminders.retain(|reminder| reminder.sent.as_ref().is_some_and(matches));
        reminders.sort_by(|a, b| a.reminder.cmp(&b.reminder));
        Ok(reminders)
    }

    /// All clicks of a reminder, those included that wait at the link that its details name.
    pub async fn reminder_all_clicks(
        &self,
        account: &Account,
        reminder: &Reminder,
    ) -> Result<TappedReminder, StoreError> {
        // A click is moved by writing it to the reminder and then deleting it at the link. Read in
        // the same order it is missed at one place only if it is at the other by then.
        let waiting = match reminder.sent.as_ref().and_then(|sent| sent.link_token.as_ref()) {
            Some(token) => self.waiting_clicks(account, token, &reminder.reminder).await?,
            None => Vec::new(),
        };
        let own = self.reminder_clicks(account, &reminder.reminder).await?;
        Ok(TappedReminder { own, waiting })
    }

    /// The clicks that wait at a link, where the link is this reminder's: details can name a token
    /// that another reminder has.
    async fn waiting_clicks(
        &self,
        account: &Account,
        token: &LinkToken,
        reminder: &ReminderDigest,
    ) -> Result<Vec<EarlyClick>, StoreError> {
        let waiting = self.early_clicks(token, &mut Allowance::unlimited()).await?;
        if waiting.is_empty() {
            return Ok(waiting);
        }
        let link = self.link(token).await?;
        let is_ours =
            |link: &Link| link.account == *account && link.reminder.as_ref() == Some(reminder);
        Ok(if link.as_ref().is_some_and(is_ours) { waiting } else { Vec::new() })
    }
}
