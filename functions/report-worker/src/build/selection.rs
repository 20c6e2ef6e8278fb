//! Which orders go into the file, and in which place.

use std::collections::{BTreeMap, HashSet};

use shared::domain::facts::credit::Credit;
use shared::domain::facts::order::Order;
use shared::domain::values::digest::{first, sha256};
use shared::domain::values::ids::{CampaignId, OrderGroup};
use shared::domain::values::money::Sums;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::key;

use super::by_day::ConversionsByDay;
use super::pages::IndexPage;

/// A place in the file: the day, then the position in the day's index.
type FilePlace = (StoreDay, String);

/// What was taken so far, and what waits for its place.
pub(super) struct Selection {
    period: Period,
    campaign_id: Option<CampaignId>,
    /// 128 bits of each taken group's hash: two groups never meet by chance, and a million of
    /// them fit the memory that a million groups' texts would not.
    taken: HashSet<u128>,
    /// Orders that were read and not yet taken, by the place that their facts name.
    waiting: BTreeMap<FilePlace, Order>,
    /// How many were taken in each day, and what they are worth.
    by_day: ConversionsByDay,
}

impl Selection {
    pub(super) fn new(period: Period, campaign_id: Option<CampaignId>) -> Self {
        Self {
            period,
            campaign_id,
            taken: HashSet::new(),
            waiting: BTreeMap::new(),
            by_day: ConversionsByDay::default(),
        }
    }

    /// The orders of a page that were not taken yet.
    pub(super) fn new_to_us(&self, page: &IndexPage) -> Vec<OrderGroup> {
        page.entries
            .iter()
            .map(|entry| &entry.order_group)
            .filter(|group| !self.taken.contains(&hash(group)))
            .cloned()
            .collect()
    }

    /// Takes what belongs up to the end of `page`, sorted as the file is: the page's own orders
    /// and those that were met before. An order of a later place waits; one whose place is past
    /// comes first.
    pub(super) fn select(&mut self, page: &IndexPage, orders: Vec<Order>) -> Vec<Order> {
        for order in orders {
            if let Some(credit) = self.counts(&order) {
                let position = key::conversion_day_sk(order.created_at, &order.order_group);
                self.waiting.insert((credit.day, position), order);
            }
        }
        let end = page.entries.last().filter(|_| !page.last);
        let behind = match end {
            Some(end) => (page.day, format!("{}\u{1}", end.position)),
            None => (page.day.plus_days(1), String::new()),
        };
        let later = self.waiting.split_off(&behind);
        let here = std::mem::replace(&mut self.waiting, later);
        here.into_iter().filter_map(|((day, _), order)| self.take(day, order)).collect()
    }

    /// Takes an order, unless it was taken from another place.
    fn take(&mut self, day: StoreDay, order: Order) -> Option<Order> {
        let new = self.taken.insert(hash(&order.order_group));
        if !new {
            return None;
        }
        let value = order.amount().map(Sums::from).unwrap_or_default();
        self.by_day.add(day, 1, &value);
        Some(order)
    }

    /// The credit by which an order is one of the report's conversions (R7, R9).
    fn counts<'a>(&self, order: &'a Order) -> Option<&'a Credit> {
        let credit = order.credit.as_ref().filter(|_| order.is_live())?;
        let asked_for = self.period.contains(credit.day)
            && self.campaign_id.as_ref().is_none_or(|id| *id == credit.campaign_id);
        asked_for.then_some(credit)
    }

    /// What was taken, by the day in which it counts.
    pub(super) const fn taken(&self) -> &ConversionsByDay {
        &self.by_day
    }
}

fn hash(group: &OrderGroup) -> u128 {
    u128::from_be_bytes(first(&sha256(group.as_str().as_bytes())))
}
