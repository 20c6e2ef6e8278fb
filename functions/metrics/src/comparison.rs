//! The earlier days that a range is compared with, told as they stood at the age that the days of the
//! range have now.
//!
//! Their rollups count what became of their reminders until today. Purchases that came later than the
//! range's own can have come by now are taken back from them: the index of each such day is read from that
//! instant on. Settled days are compared whole, so at most the last 19 days of a range need it.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use shared::domain::rules::comparison::{ComparedWith, Comparison, Ripe};
use shared::domain::rules::contribution::{Cohort, Totals, of_order};
use shared::domain::values::account::{Account, AccountSettings};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::period::{Period, is_settled};
use shared::domain::values::store_day::StoreDay;
use shared::store::{StoreError, Table};
use utoipa::ToSchema;

use crate::READS_AT_ONCE;
use crate::numbers::{Numbers, RangeTotals};

/// What earlier days a range is compared with.
#[derive(ToSchema)]
#[schema(as = ComparedWith, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document's description of a domain type")]
pub(crate) enum ComparedWithName {
    /// As many days, which end the day before the range begins.
    PreviousPeriod,
    /// As many days on the same weekdays: the latest that end before the range begins.
    SameWeekdays,
    /// The same days of the month before; in a shorter one they end with it.
    LastMonth,
    /// The same days of the year before.
    LastYear,
}

/// The numbers of the days that a range is compared with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarlierNumbers {
    /// What was asked for.
    #[schema(value_type = ComparedWithName)]
    with: ComparedWith,
    /// The first of the earlier store days.
    #[schema(value_type = String, format = Date)]
    from: StoreDay,
    /// The last of them.
    #[schema(value_type = String, format = Date)]
    to: StoreDay,
    /// The figures that nobody can tell of the earlier days as of the range's age: these days are told
    /// as they are today, when they have had more time. Purchases and their value are never among them,
    /// and none is once all days of the range are settled.
    unripe: Vec<UnripeFigure>,
    /// Of all earlier days.
    totals: Numbers,
    /// Of each earlier day, first to last.
    days: Vec<EarlierDay>,
}

/// The numbers of one earlier day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarlierDay {
    /// The earlier store day.
    #[schema(value_type = String, format = Date)]
    day: StoreDay,
    /// The day of the range that it is compared with; absent where a shorter month or year leaves none.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<StoreDay>,
    #[serde(flatten)]
    numbers: Numbers,
}

/// A figure that isn't kept by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum UnripeFigure {
    /// Reminders sent: of a day that isn't over.
    Sent,
    /// Reminders delivered.
    Delivered,
    /// Reminders read.
    Read,
    /// Reminders failed.
    Failed,
    /// Distinct shoppers who clicked.
    UniqueClicks,
    /// All clicks.
    TotalClicks,
    /// Taps on the stop button.
    OptOuts,
}

impl UnripeFigure {
    /// Those of a range. What a day sent stands once it is over, all else once it is settled.
    fn of(period: Period, today: StoreDay) -> Vec<Self> {
        let mut unripe = Vec::new();
        if period.to() >= today {
            unripe.push(Self::Sent);
        }
        if !is_settled(period.to(), today) {
            unripe.extend([
                Self::Delivered,
                Self::Read,
                Self::Failed,
                Self::UniqueClicks,
                Self::TotalClicks,
                Self::OptOuts,
            ]);
        }
        unripe
    }
}

/// A comparison that was asked for.
pub(crate) struct AskedComparison<'a> {
    pub(crate) compared: Comparison,
    pub(crate) account: &'a Account,
    pub(crate) campaign_id: Option<&'a CampaignId>,
    pub(crate) settings: &'a AccountSettings,
    pub(crate) now: Instant,
}

impl AskedComparison<'_> {
    /// The earlier days by their rollups.
    pub(crate) async fn answer(
        &self,
        table: &Table,
        mut rollups: BTreeMap<Cohort, Totals>,
    ) -> Result<EarlierNumbers, StoreError> {
        self.take_back(table, &mut rollups).await?;
        let earlier = self.compared.earlier();
        let sums = RangeTotals::of(rollups, earlier, self.campaign_id);
        let days = self.compared.days().map(|(day, against)| EarlierDay {
            day,
            against,
            numbers: sums.on(day).numbers(),
        });
        Ok(EarlierNumbers {
            with: self.compared.with(),
            from: earlier.from(),
            to: earlier.to(),
            unripe: UnripeFigure::of(
                self.compared.period(),
                StoreDay::of(self.now, self.settings.time_zone),
            ),
            totals: sums.whole().numbers(),
            days: days.collect(),
        })
    }

    /// Takes from the rollups the purchases that came later than those of the range can have come.
    async fn take_back(
        &self,
        table: &Table,
        rollups: &mut BTreeMap<Cohort, Totals>,
    ) -> Result<(), StoreError> {
        let late = stream::iter(self.days_with_purchases(rollups)).map(|day| async move {
            Ok::<_, StoreError>(match self.compared.ripe(day, self.now, self.settings.time_zone) {
                Ripe::Wholly => Late::Some(BTreeMap::new()),
                Ripe::Nothing => Late::All(day),
                Ripe::Until(point) => Late::Some(self.made_after(table, day, point).await?),
            })
        });
        let late: Vec<Late> = late.buffer_unordered(READS_AT_ONCE).try_collect().await?;
        for late in late {
            match late {
                Late::All(day) => {
                    let of_day = rollups.iter_mut().filter(|(cohort, _)| cohort.day == day);
                    of_day.for_each(|(_, totals)| totals.forget_conversions());
                }
                Late::Some(late) => {
                    for (cohort, late) in late {
                        if let Some(totals) = rollups.get_mut(&cohort) {
                            totals.take_conversions(&late);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The earlier days that count a purchase. The others needn't be looked up.
    fn days_with_purchases(&self, rollups: &BTreeMap<Cohort, Totals>) -> Vec<StoreDay> {
        let counted = rollups.iter().filter(|(cohort, totals)| {
            totals.conversions() > 0
                && self.campaign_id.is_none_or(|id| cohort.campaign_id() == Some(id))
        });
        let mut days: Vec<StoreDay> = counted.map(|(cohort, _)| cohort.day).collect();
        days.dedup();
        days
    }

    /// What a day's purchases made after an instant come to.
    async fn made_after(
        &self,
        table: &Table,
        day: StoreDay,
        point: Instant,
    ) -> Result<BTreeMap<Cohort, Totals>, StoreError> {
        let mut late: BTreeMap<Cohort, Totals> = BTreeMap::new();
        let add = |order: &_| {
            for (cohort, totals) in of_order(order) {
                late.entry(cohort).or_default().add(&totals, 1);
            }
        };
        table.day_conversions_after(self.account, day, point, add).await?;
        Ok(late)
    }
}

/// Purchases of an earlier day that came too late to compare.
enum Late {
    /// All of the day's.
    All(StoreDay),
    /// Some, by where they count.
    Some(BTreeMap<Cohort, Totals>),
}
