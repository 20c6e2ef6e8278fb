//! The conversions of some days, read from their index and read again from the facts.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use shared::domain::facts::credit::{Credit, CreditKind};
use shared::domain::facts::order::Order;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{CampaignId, OrderGroup};
use shared::domain::values::money::Currency;
use shared::domain::values::store_day::StoreDay;
use shared::store::by_day::DayConversion;
use shared::store::{StoreError, Table, key};

use super::{ConversionPlace, PAGE, Sort};
use crate::READS_AT_ONCE;

/// Rounds of reading for one page. Of the index entries that a round reads some no longer stand, and
/// some aren't of what was asked for, so a round may not fill the page. A page that isn't full after so
/// many rounds ends early and says where to go on.
const ROUNDS: usize = 10;

/// The conversions of some days.
pub(super) struct Listing<'a> {
    pub(super) table: &'a Table,
    pub(super) account: &'a Account,
    /// Days that have some, in their order.
    pub(super) days: Vec<StoreDay>,
    /// Which of them.
    pub(super) wanted: Wanted<'a>,
    /// Which come first.
    pub(super) sort: Sort,
}

/// What of the days' conversions is asked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) campaign_id: Option<&'a CampaignId>,
    pub(super) kind: Option<CreditKind>,
    pub(super) currency: Option<&'a Currency>,
}

impl Wanted<'_> {
    /// Whether an order's credit and currency are those that were asked for.
    fn admits(&self, order: &Order, credit: &Credit) -> bool {
        self.campaign_id.is_none_or(|id| credit.campaign_id == *id)
            && self.kind.is_none_or(|kind| credit.kind == kind)
            && self.currency.is_none_or(|currency| {
                order.amount().is_some_and(|amount| amount.currency == *currency)
            })
    }
}

pub(super) struct ConversionPage {
    pub(super) orders: Vec<Order>,
    pub(super) next: Option<ConversionPlace>,
}

impl Listing<'_> {
    /// The page behind `last`.
    pub(super) async fn page(
        &self,
        mut last: Option<ConversionPlace>,
    ) -> Result<ConversionPage, StoreError> {
        let mut orders = Vec::new();
        for _ in 0..ROUNDS {
            let entries = self.entries(last.as_ref()).await?;
            let ends_here = entries.len() <= PAGE;
            let mut standing = self.read(&entries).await?;
            let mut entries = entries.into_iter().peekable();
            while let Some((day, entry)) = entries.next() {
                last = Some(ConversionPlace {
                    day,
                    created_at: entry.created_at()?,
                    order_group: entry.order_group.clone(),
                });
                // An entry that no longer stands leaves the order to the one that does.
                if standing
                    .get(&entry.order_group)
                    .is_some_and(|order| self.stands(order, day, &entry))
                {
                    orders.extend(standing.remove(&entry.order_group));
                }
                if orders.len() == PAGE {
                    let more = !ends_here || entries.peek().is_some();
                    return Ok(ConversionPage { orders, next: last.filter(|_| more) });
                }
            }
            if ends_here {
                return Ok(ConversionPage { orders, next: None });
            }
        }
        Ok(ConversionPage { orders, next: last })
    }

    /// The next index entries behind `last`: a page and one more, which tells that there is more.
    async fn entries(
        &self,
        last: Option<&ConversionPlace>,
    ) -> Result<Vec<(StoreDay, DayConversion)>, StoreError> {
        let (table, account, most) = (self.table, self.account, PAGE + 1);
        let read = |day: StoreDay| async move {
            let last = last
                .filter(|last| last.day == day)
                .map(|last| key::conversion_day_sk(last.created_at, &last.order_group));
            let last = last.as_deref();
            let found = match self.sort {
                Sort::Oldest => table.day_conversions(account, day, last, Some(most)).await?,
                Sort::Newest => table.day_conversions_back(account, day, last, most).await?,
            };
            Ok::<_, StoreError>(found.into_iter().map(move |entry| (day, entry)))
        };
        let mut ahead = self.days.clone();
        match self.sort {
            Sort::Oldest => ahead.retain(|day| last.is_none_or(|last| last.day <= *day)),
            Sort::Newest => {
                ahead.retain(|day| last.is_none_or(|last| *day <= last.day));
                ahead.reverse();
            }
        }
        let mut days = stream::iter(ahead).map(read).buffered(READS_AT_ONCE).boxed();
        let mut entries = Vec::new();
        while entries.len() < most {
            let Some(of_day) = days.try_next().await? else { break };
            entries.extend(of_day);
        }
        entries.truncate(most);
        Ok(entries)
    }

    /// The entries' orders as they are, strongly consistent.
    async fn read(
        &self,
        entries: &[(StoreDay, DayConversion)],
    ) -> Result<BTreeMap<OrderGroup, Order>, StoreError> {
        let groups = entries.iter().map(|(_, entry)| &entry.order_group);
        let orders = self.table.orders(self.account, groups).await?;
        Ok(orders.into_iter().map(|order| (order.order_group.clone(), order)).collect())
    }

    /// Whether an order is a conversion and belongs at this place. The index lags behind: an order
    /// that moved has, or will soon have, an entry at its new place and is listed there alone.
    fn stands(&self, order: &Order, day: StoreDay, entry: &DayConversion) -> bool {
        let place = key::conversion_day_sk(order.created_at, &order.order_group);
        order.is_live()
            && place == entry.position
            && order
                .credit
                .as_ref()
                .is_some_and(|credit| credit.day == day && self.wanted.admits(order, credit))
    }
}
