//! What a fact adds to the totals of its days and campaigns: the one definition of every metric
//! (R1, R3, R4, R7, R8, R9).

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::click::Click;
use crate::facts::credit::CreditKind;
use crate::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use crate::facts::order::Order;
use crate::facts::reminder::Reminder;
use crate::facts::shopper::{Clicked, ClickedReminders};
use crate::rules::distinct::{Shoppers, gaps};
use crate::values::account::Account;
use crate::values::ids::CampaignId;
use crate::values::invalid::Invalid;
use crate::values::money::Sums;
use crate::values::store_day::StoreDay;
use crate::values::tally::Tally;

/// The totals of something: counts, and sums in minor units by currency. As a difference of
/// two contributions its numbers may be negative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Totals {
    /// Reminders sent.
    pub sent: i64,
    /// Reminders delivered, read or clicked (R3).
    pub delivered: i64,
    /// Reminders read or clicked (R3).
    pub read: i64,
    /// Reminders failed and not delivered (R3).
    pub failed: i64,
    /// Clicks of both kinds (R4).
    pub total_clicks: i64,
    /// Taps on the stop button, which are no clicks (R4).
    pub opt_outs: i64,
    /// Shoppers who clicked, by how long before they clicked last (R4).
    pub shoppers: Shoppers,
    /// Conversions credited by delivery (R6).
    pub assisted: i64,
    /// Conversions credited by a click (R6).
    pub click_through: i64,
    /// Value of all conversions (R7, R9).
    pub value: Sums,
    /// Value of the conversions by click.
    pub click_through_value: Sums,
    /// What became of carts (R14).
    pub funnel: Funnel,
}

/// What became of carts that were left behind, each by its one decision (R14).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Funnel {
    /// Those that became no message, by the reason.
    pub skipped: Tally<Reason>,
    /// Those that became none for measure's sake.
    pub held_out: i64,
    /// Those that became a message.
    pub reminded: i64,
    /// Of these, those that Meta took.
    pub accepted: i64,
    /// Those that it refused.
    pub rejected: i64,
    /// Those whose answer was lost.
    pub unknown: i64,
    /// Those of which no status told within a day.
    pub unconfirmed: i64,
}

impl Funnel {
    /// R14: skipped + held out + reminded.
    #[must_use]
    pub fn carts(&self) -> i64 {
        let skipped: i64 = self.skipped.iter().map(|(_, count)| *count).sum();
        skipped + self.held_out + self.reminded
    }

    fn add(&mut self, other: &Self, sign: i64) {
        self.skipped.add_all(&other.skipped, sign);
        self.held_out += sign * other.held_out;
        self.reminded += sign * other.reminded;
        self.accepted += sign * other.accepted;
        self.rejected += sign * other.rejected;
        self.unknown += sign * other.unknown;
        self.unconfirmed += sign * other.unconfirmed;
    }
}

/// The campaign of decisions for which none was found. Ids of campaigns are minted by us: none is called so.
pub const NO_CAMPAIGN: &str = "none";

impl Totals {
    /// R9: assisted + clickThrough.
    #[must_use]
    pub const fn conversions(&self) -> i64 {
        self.assisted + self.click_through
    }

    /// Adds `other` once (`sign` 1) or takes it away (`sign` -1).
    pub fn add(&mut self, other: &Self, sign: i64) {
        self.sent += sign * other.sent;
        self.delivered += sign * other.delivered;
        self.read += sign * other.read;
        self.failed += sign * other.failed;
        self.total_clicks += sign * other.total_clicks;
        self.opt_outs += sign * other.opt_outs;
        self.shoppers.add_all(&other.shoppers, sign);
        self.assisted += sign * other.assisted;
        self.click_through += sign * other.click_through;
        self.value.add_all(&other.value, sign);
        self.click_through_value.add_all(&other.click_through_value, sign);
        self.funnel.add(&other.funnel, sign);
    }

    /// Takes away the conversions of `late` and their value. The index can know an order a moment before
    /// its rollup counts it: nothing falls below zero.
    pub fn take_conversions(&mut self, late: &Self) {
        self.assisted = (self.assisted - late.assisted).max(0);
        self.click_through = (self.click_through - late.click_through).max(0);
        self.value.take(&late.value);
        self.click_through_value.take(&late.click_through_value);
    }

    /// Takes away all conversions and their value.
    pub fn forget_conversions(&mut self) {
        (self.assisted, self.click_through) = (0, 0);
        (self.value, self.click_through_value) = (Sums::default(), Sums::default());
    }

    /// Whether adding this would change nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Where something counts (R1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cohort {
    /// The store day of the reminder.
    pub day: StoreDay,
    /// Its campaign, or all of them.
    pub campaigns: Campaigns,
}

/// Which campaigns' totals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Campaigns {
    /// All campaigns of the account together: distinct shoppers alone, since all else adds up.
    All,
    /// One campaign.
    One(CampaignId),
}

impl Cohort {
    /// The day of one campaign.
    #[must_use]
    pub const fn of(day: StoreDay, campaign_id: CampaignId) -> Self {
        Self { day, campaigns: Campaigns::One(campaign_id) }
    }

    /// The day of all campaigns together.
    #[must_use]
    pub const fn of_all(day: StoreDay) -> Self {
        Self { day, campaigns: Campaigns::All }
    }

    /// The campaign; none for all of them together.
    #[must_use]
    pub const fn campaign_id(&self) -> Option<&CampaignId> {
        match &self.campaigns {
            Campaigns::One(id) => Some(id),
            Campaigns::All => None,
        }
    }
}

impl std::fmt::Display for Campaigns {
    /// The campaign's id; `*` for all, which is no campaign's id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::One(id) => write!(f, "{id}"),
        }
    }
}

impl std::str::FromStr for Campaigns {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "*" => Ok(Self::All),
            id => CampaignId::parse(id).map(Self::One),
        }
    }
}

/// A fact's vector: what it adds, and where, each place once and in order. Empty: it counts nowhere
/// (yet). All facts but a shopper's clicked reminders count in one place.
pub type Contribution = Vec<Share>;

/// What a fact adds in one place.
pub type Share = (Cohort, Totals);

/// A reminder counts as sent, and as what its receipts and clicks say (R3), once its details
/// are known.
#[must_use]
pub fn of_reminder(reminder: &Reminder) -> Contribution {
    let Some(sent) = &reminder.sent else { return Contribution::new() };
    let totals = Totals {
        sent: 1,
        delivered: i64::from(reminder.is_delivered()),
        read: i64::from(reminder.is_read()),
        failed: i64::from(reminder.is_failed()),
        ..Totals::default()
    };
    vec![(Cohort::of(sent.day, sent.campaign_id.clone()), totals)]
}

/// A click counts once it has the cohort of its reminder (R4), and unless it went on to another; a tap on
/// the stop button likewise, as an opt-out.
#[must_use]
pub fn of_click(click: &Click) -> Contribution {
    let Some(cohort) = click.cohort.as_ref().filter(|_| !click.moved) else {
        return Contribution::new();
    };
    let opt_outs = i64::from(click.is_opt_out());
    let totals = Totals { total_clicks: 1 - opt_outs, opt_outs, ..Totals::default() };
    vec![(Cohort::of(cohort.day, cohort.campaign_id.clone()), totals)]
}

/// A shopper counts on each day with a click, in each campaign clicked on that day and in all
/// together, by the gap to the previous such day there (R4). A change of one entry changes at most
/// two neighbouring days in each.
#[must_use]
pub fn of_shopper(clicked: &ClickedReminders) -> Contribution {
    let mut days: BTreeMap<Campaigns, BTreeSet<StoreDay>> = BTreeMap::new();
    for Clicked(cohort) in clicked.reminders.values() {
        for campaigns in [Campaigns::All, Campaigns::One(cohort.campaign_id.clone())] {
            days.entry(campaigns).or_default().insert(cohort.day);
        }
    }
    let mut contribution: Contribution = Vec::new();
    for (campaigns, days) in days {
        contribution.extend(gaps(days).map(|(day, gap)| {
            let totals = Totals { shoppers: Shoppers::one(gap), ..Totals::default() };
            (Cohort { day, campaigns: campaigns.clone() }, totals)
        }));
    }
    contribution.sort_by(|(a, _), (b, _)| a.cmp(b));
    contribution
}

/// An order counts while it is live and credited (R7), in the cohort of its reminder (R1).
#[must_use]
pub fn of_order(order: &Order) -> Contribution {
    let Some((credit, amount)) = order.credit.as_ref().zip(order.amount()) else {
        return Contribution::new();
    };
    let value = Sums::from(amount);
    let by_click = credit.kind == CreditKind::ClickThrough;
    let totals = Totals {
        assisted: i64::from(!by_click),
        click_through: i64::from(by_click),
        click_through_value: if by_click { value.clone() } else { Sums::default() },
        value,
        ..Totals::default()
    };
    vec![(Cohort::of(credit.day, credit.campaign_id.clone()), totals)]
}

/// A decision counts on its day, in its campaign or [`NO_CAMPAIGN`]. Anybody can make up the id of an order
/// form: one that the store doesn't know counts nowhere (R14).
#[must_use]
#[expect(clippy::expect_used, reason = "the constant is a campaign's id")]
pub fn of_decision(decision: &Decision) -> Contribution {
    let mut funnel = Funnel::default();
    if decision.counts_nowhere() {
        return Contribution::new();
    }
    match decision.verdict {
        Verdict::Skipped { reason, .. } => funnel.skipped.add(&reason, 1),
        Verdict::HeldOut => funnel.held_out = 1,
        Verdict::Reminded { send, .. } => {
            funnel.reminded = 1;
            match send {
                SendOutcome::Claimed => {}
                SendOutcome::Unknown => funnel.unknown = 1,
                SendOutcome::Unconfirmed => funnel.unconfirmed = 1,
                SendOutcome::Rejected => funnel.rejected = 1,
                SendOutcome::Accepted => funnel.accepted = 1,
            }
        }
    }
    let none = || CampaignId::parse(NO_CAMPAIGN).expect("the constant is a campaign's id");
    let campaign_id = decision.campaign_id.clone().unwrap_or_else(none);
    vec![(Cohort::of(decision.day, campaign_id), Totals { funnel, ..Totals::default() })]
}

/// What facts change, summed up by account and cohort. The rollup, the recount and the property
/// tests all sum by this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<(Account, Cohort), Totals>);

impl Changes {
    /// Adds `new - old`: what one stream record changes, or what one fact comes to.
    pub fn add(&mut self, account: &Account, old: &[Share], new: &[Share]) {
        self.add_times(account, old, -1);
        self.add_times(account, new, 1);
    }

    /// Adds a contribution that `times` facts share.
    pub fn add_times(&mut self, account: &Account, contribution: &[Share], times: i64) {
        for (cohort, totals) in contribution {
            let sum = self.0.entry((account.clone(), cohort.clone())).or_default();
            sum.add(totals, times);
        }
    }

    /// What changes in a cohort, if anything was added there.
    #[must_use]
    pub fn get(&self, account: &Account, cohort: &Cohort) -> Option<&Totals> {
        self.0.get(&(account.clone(), cohort.clone()))
    }

    /// How many cohorts anything was added to, those included that sum up to nothing.
    #[must_use]
    pub fn touched(&self) -> usize {
        self.0.len()
    }

    /// The cohorts that change, with their changes, in order; those that sum up to nothing are
    /// left out.
    pub fn iter(&self) -> impl Iterator<Item = (&Account, &Cohort, &Totals)> {
        let changed = self.0.iter().filter(|(_, totals)| !totals.is_zero());
        changed.map(|((account, cohort), totals)| (account, cohort, totals))
    }
}

#[cfg(test)]
mod tests;
