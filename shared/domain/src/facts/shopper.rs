//! A shopper's clicked reminders: what distinct shoppers are counted from (R4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::click::ClickCohort;
use crate::values::ids::{CampaignId, ReminderDigest};
use crate::values::invalid::Invalid;
use crate::values::store_day::StoreDay;

/// The reminders that one shopper clicked, each with the day and campaign in which its clicks count.
/// How often a reminder was clicked doesn't matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickedReminders {
    /// Day and campaign by reminder.
    pub reminders: BTreeMap<ReminderDigest, Clicked>,
}

/// Day and campaign of a clicked reminder, as one short text: a shopper's item holds a thousand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Clicked(pub ClickCohort);

impl From<Clicked> for String {
    fn from(Clicked(cohort): Clicked) -> Self {
        format!("{}#{}", cohort.day, cohort.campaign_id)
    }
}

impl TryFrom<String> for Clicked {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        const WHAT: Invalid = Invalid::new("clicked", "a day and a campaign");
        let (day, campaign) = text.split_once('#').ok_or(WHAT)?;
        let (day, campaign_id) = (StoreDay::parse(day)?, CampaignId::parse(campaign)?);
        Ok(Self(ClickCohort { day, campaign_id }))
    }
}

impl ClickedReminders {
    /// The reminders whose entries are not the same in `other`: added, gone or moved.
    #[must_use]
    pub fn differing<'a>(&'a self, other: &'a Self) -> Vec<&'a ReminderDigest> {
        let ids = self.reminders.keys().chain(other.reminders.keys());
        let mut differing: Vec<&ReminderDigest> =
            ids.filter(|id| self.reminders.get(*id) != other.reminders.get(*id)).collect();
        differing.sort_unstable();
        differing.dedup();
        differing
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn digest(name: &str) -> ReminderDigest {
        ReminderDigest::parse(&format!("{name:_<43}")).unwrap()
    }

    fn clicked(entries: &[(&str, &str)]) -> ClickedReminders {
        let reminders = entries
            .iter()
            .map(|(id, text)| (digest(id), Clicked::try_from((*text).to_owned()).unwrap()));
        ClickedReminders { reminders: reminders.collect() }
    }

    #[test]
    fn an_entry_is_stored_and_read_as_it_is() {
        let held = clicked(&[("r1", "2026-11-01#spring"), ("r2", "2026-11-02#autumn")]);
        let json = serde_json::to_string(&held).unwrap();
        let (one, two) = (digest("r1"), digest("r2"));
        let expected = format!(
            r#"{{"reminders":{{"{one}":"2026-11-01#spring","{two}":"2026-11-02#autumn"}}}}"#
        );
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<ClickedReminders>(&json).unwrap(), held);
        for broken in ["", "2026-11-01", "spring#2026-11-01", "2026-11-01#"] {
            assert!(Clicked::try_from(broken.to_owned()).is_err(), "{broken}");
        }
    }

    #[test]
    fn differing_entries_are_those_added_gone_and_moved() {
        let old = clicked(&[
            ("gone", "2026-11-01#a"),
            ("same", "2026-11-01#a"),
            ("moved", "2026-11-01#a"),
        ]);
        let new = clicked(&[
            ("added", "2026-11-01#a"),
            ("same", "2026-11-01#a"),
            ("moved", "2026-11-01#b"),
        ]);
        let expected = ["added", "gone", "moved"].map(digest);
        assert_eq!(old.differing(&new), expected.iter().collect::<Vec<_>>());
        assert_eq!(old.differing(&old), Vec::<&ReminderDigest>::new());
    }
}
