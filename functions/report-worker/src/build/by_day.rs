//! Conversions by the day of their reminders: those that a file has, those that the rollups count,
//! and whether these are the same (R9).

use std::collections::{BTreeMap, BTreeSet};

use shared::domain::rules::contribution::{Cohort, Totals};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::money::Sums;
use shared::domain::values::store_day::StoreDay;

/// Conversions of a day and what they are worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct DayConversions {
    orders: i64,
    value: Sums,
}

/// The conversions of a range, by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ConversionsByDay(BTreeMap<StoreDay, DayConversions>);

/// How the conversions of a file stand to those that the rollups count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are the same.
    Complete,
    /// The file has more: the rollups lag behind.
    Ahead,
    /// The file lacks some, as far as the rollups tell.
    Short {
        /// How many there should be; as many as there are where only the value tells that one is
        /// missing.
        of: u64,
    },
}

impl ConversionsByDay {
    /// What the rollups of a range count: in all campaigns, or in one alone.
    pub(super) fn counted(
        rollups: &BTreeMap<Cohort, Totals>,
        campaign_id: Option<&CampaignId>,
    ) -> Self {
        let mut counted = Self::default();
        for (cohort, totals) in rollups {
            if campaign_id.is_none_or(|id| Some(id) == cohort.campaign_id()) {
                counted.add(cohort.day, totals.conversions(), &totals.value);
            }
        }
        counted
    }

    /// Adds conversions of a day.
    pub(super) fn add(&mut self, day: StoreDay, orders: i64, value: &Sums) {
        let held = self.0.entry(day).or_default();
        held.orders += orders;
        held.value.add_all(value, 1);
    }

    /// How these stand to what was counted before the facts were read and to what was counted after.
    /// Facts that come meanwhile may be among them or not: whatever lies between the two is the
    /// truth of some instant.
    pub(super) fn standing(&self, before: &Self, after: &Self) -> Standing {
        let none = DayConversions::default();
        let of = |held: &Self, day: StoreDay| held.0.get(&day).unwrap_or(&none).clone();
        let days: BTreeSet<StoreDay> =
            [self, before, after].into_iter().flat_map(|held| held.0.keys()).copied().collect();
        let (mut missing, mut is_short, mut is_ahead) = (0, false, false);
        for day in days {
            let held = of(self, day);
            let (from, to) = (held.less(&of(before, day)), held.less(&of(after, day)));
            missing += -from.orders.max(to.orders).min(0);
            for (one, other) in from.paired(&to) {
                is_short |= one < 0 && other < 0;
                is_ahead |= one > 0 && other > 0;
            }
        }
        let orders: i64 = self.0.values().map(|day| day.orders).sum();
        match (is_short, is_ahead) {
            (true, _) => Standing::Short { of: (orders + missing).unsigned_abs() },
            (false, true) => Standing::Ahead,
            (false, false) => Standing::Complete,
        }
    }
}

impl DayConversions {
    /// These without `others`.
    fn less(&self, others: &Self) -> Self {
        let mut value = self.value.clone();
        value.add_all(&others.value, -1);
        Self { orders: self.orders - others.orders, value }
    }

    /// The numbers of these beside the same of `other`: how many, then each currency's sum that
    /// neither has as zero.
    fn paired(&self, other: &Self) -> Vec<(i64, i64)> {
        let others: BTreeMap<_, _> = other.value.iter().collect();
        let sums =
            self.value.iter().filter_map(|(currency, sum)| Some((*sum, **others.get(currency)?)));
        std::iter::once((self.orders, other.orders)).chain(sums).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use shared::domain::values::money::Currency;

    use super::*;

    /// Conversions and reais of the first days of November.
    fn days<const N: usize>(days: [(i64, i64); N]) -> ConversionsByDay {
        let mut held = ConversionsByDay::default();
        for (number, (orders, reais)) in days.into_iter().enumerate() {
            let day = StoreDay::parse(&format!("2026-11-0{}", number + 1)).unwrap();
            held.add(
                day,
                orders,
                &[(Currency::parse("BRL").unwrap(), reais)].into_iter().collect(),
            );
        }
        held
    }

    #[test]
    fn what_is_counted_is_complete() {
        let counted = days([(1, 10), (2, 30)]);
        assert_eq!(counted.standing(&counted, &counted), Standing::Complete);
        // A day that came back to nothing is no day.
        let emptied = days([(1, 10), (2, 30), (0, 0)]);
        assert_eq!(counted.standing(&emptied, &emptied), Standing::Complete);
        assert_eq!(emptied.standing(&counted, &counted), Standing::Complete);
    }

    #[test]
    fn what_lies_between_two_readings_is_complete() {
        let (before, after) = (days([(1, 10), (5, 50)]), days([(3, 30), (4, 20)]));
        for held in [days([(1, 10), (4, 20)]), days([(2, 20), (5, 50)]), days([(3, 30), (4, 40)])] {
            assert_eq!(held.standing(&before, &after), Standing::Complete, "{held:?}");
        }
        for held in [days([(0, 10), (4, 20)]), days([(1, 10), (3, 20)])] {
            assert!(matches!(held.standing(&before, &after), Standing::Short { .. }), "{held:?}");
        }
        for held in [days([(4, 30), (4, 20)]), days([(1, 10), (5, 51)])] {
            assert_eq!(held.standing(&before, &after), Standing::Ahead, "{held:?}");
        }
    }

    /// A day that has more hides no other day that has less.
    #[test]
    fn each_day_is_judged_by_itself() {
        let counted = days([(2, 20), (2, 20)]);
        let held = days([(1, 10), (3, 30)]);
        assert_eq!(held.standing(&counted, &counted), Standing::Short { of: 5 });
    }

    #[test]
    fn what_is_missing_is_told_in_conversions() {
        let (before, after) = (days([(7, 70), (3, 30)]), days([(8, 80), (2, 20)]));
        assert_eq!(days([(4, 40), (2, 20)]).standing(&before, &after), Standing::Short { of: 9 });
        // As many, worth less: one is missing, and another one counted by its side.
        let counted = days([(2, 250)]);
        assert_eq!(days([(2, 200)]).standing(&counted, &counted), Standing::Short { of: 2 });
    }

    #[test]
    fn each_currency_is_judged_by_itself() {
        let (mut held, mut counted) = (days([(2, 20)]), days([(2, 20)]));
        let day = StoreDay::parse("2026-11-01").unwrap();
        let pesos = |sum| [(Currency::parse("CLP").unwrap(), sum)].into_iter().collect::<Sums>();
        counted.add(day, 0, &pesos(1));
        assert_eq!(held.standing(&counted, &counted), Standing::Short { of: 2 });
        held.add(day, 0, &pesos(2));
        assert_eq!(held.standing(&counted, &counted), Standing::Ahead);
    }
}
