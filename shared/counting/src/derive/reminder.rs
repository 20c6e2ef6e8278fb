//! A reminder, its clicks, and its entry among those that its shopper clicked (R1, R3, R4).

use std::collections::BTreeSet;

use domain::facts::click::{Click, ClickCohort, first_click, first_opt_out, link_clicks};
use domain::facts::event::ClickKind;
use domain::facts::reminder::Reminder;
use domain::facts::shopper::{Clicked, ClickedReminders};
use domain::rules::credit::windows;
use domain::values::account::Account;
use domain::values::identity::{IdentitySets, Shopper};
use domain::values::ids::{LinkToken, OrderGroup, ReminderDigest};
use domain::values::instant::Instant;
use domain::values::limits;
use store::derived::FirstTap;
use store::facts::Written;
use store::key::FactKey;
use store::shoppers::Entered;
use store::{Allowance, StoreError, Table};
use telemetry::Counter;

use super::{Changed, changed_by, link};
use crate::fact::Fact;
use crate::record::Reading;

/// What records tell of a reminder beside what the table holds now.
#[derive(Debug, Clone, Default)]
pub struct Images<'a> {
    /// The reminder before and after changes.
    pub reminders: Vec<&'a Reminder>,
    /// Its clicks, before and after changes.
    pub clicks: Vec<&'a Click>,
    /// The shoppers among whose clicked reminders its entry changed, with the entry after that.
    pub entries: Vec<(&'a Shopper, Option<&'a Clicked>)>,
}

impl<'a> Images<'a> {
    /// Whether the reminder was clicked in any of them.
    fn were_clicked(&self) -> bool {
        !self.clicks.is_empty() || self.reminders.iter().any(|image| image.first_click_at.is_some())
    }

    /// Adds what a record tells of reminder `id`.
    pub fn add(&mut self, reading: &'a Reading, id: &ReminderDigest) {
        for image in reading.images() {
            match image {
                Fact::Reminder(reminder) => self.reminders.push(reminder),
                Fact::Click(click) => self.clicks.push(click),
                _ => {}
            }
        }
        if let Some(FactKey::Shopper(_, shopper)) = &reading.key {
            let entry = |clicked: &'a ClickedReminders| clicked.reminders.get(id);
            let new = match &reading.new {
                Some(Fact::Shopper(clicked)) => entry(clicked),
                _ => None,
            };
            self.entries.push((shopper, new));
        }
    }
}

/// Which of a reminder's things are derived.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// What these records can have changed.
    Records(&'a Images<'a>),
    /// Everything: nobody knows what changed.
    Everything,
}

/// A reminder, derived.
#[derive(Debug, Clone)]
pub struct Derived {
    /// The reminder as it stands now.
    pub reminder: Reminder,
    /// Its link clicks that can earn an order.
    pub link_clicks: Vec<Instant>,
    /// The orders with which it has to be compared.
    pub orders: BTreeSet<OrderGroup>,
    /// How many items were changed.
    pub changed: u64,
}

/// Derives a reminder: Derive 1, 2 and 4 of the design. Its clicks get its cohort, it gets its first
/// click, its entry goes to its shopper's clicked reminders and out of any other's.
///
/// # Errors
/// When the table fails, or the reminder has more than `allowance` admits.
pub async fn reminder(
    table: &Table,
    account: &Account,
    id: &ReminderDigest,
    asked: Asked<'_>,
    allowance: &mut Allowance,
) -> Result<Derived, StoreError> {
    let this = This { table, account };
    let held = table.reminder_within(account, id, allowance).await?;
    let has_expired = held.is_none();
    let mut reminder = held.unwrap_or_else(|| Reminder::new(id.clone()));
    let none = Images::default();
    let images = match asked {
        Asked::Records(images) => images,
        Asked::Everything => &none,
    };
    let everything = matches!(asked, Asked::Everything);
    if !everything && images.reminders.is_empty() && images.clicks.is_empty() {
        // An entry is made when its reminder is there, and nothing but its expiry takes a reminder
        // away. What expired counts as it did: its entry stays until the whole list expires.
        let changed =
            if has_expired { 0 } else { this.check_entries(&reminder, &images.entries).await? };
        let (link_clicks, orders) = (Vec::new(), BTreeSet::new());
        return Ok(Derived { reminder, link_clicks, orders, changed });
    }
    // A click that came after this reading makes a record of its own.
    // A first click that was taken away is asked about, too: who took it may have missed a click.
    let has_clicks = everything || images.were_clicked() || reminder.was_tapped();
    let mut clicks = if has_clicks {
        match table.reminder_clicks_within(account, id, allowance).await {
            // So many were stored that they can't be looked at: no more are.
            Err(error @ StoreError::TooMany { .. }) => {
                let tokens = tokens(&reminder, images.clicks.iter().copied());
                this.mark_full(id, tokens).await?;
                return Err(error);
            }
            clicks => clicks?,
        }
    } else {
        Vec::new()
    };
    let mut changed = 0;
    changed += this.return_clicks(id, &mut clicks, asked, allowance).await?;
    let (moved, mut own): (Vec<Click>, Vec<Click>) =
        clicks.into_iter().partition(|click| click.moved);
    let some_moved = !moved.is_empty();
    changed += this.keep_within_limit(&reminder, &mut own, some_moved).await?;
    changed += this.first_taps(&mut reminder, &own, some_moved).await?;
    changed += this.cohorts(&reminder, &own).await?;
    changed += this.place(&reminder, images).await?;
    let link_clicks = link_clicks(&own);
    let orders = if everything {
        BTreeSet::new()
    } else {
        this.touched_orders(&reminder, own.iter().chain(&moved), images, allowance).await?
    };
    Ok(Derived { reminder, link_clicks, orders, changed })
}

/// Whose reminder is derived.
struct This<'a> {
    table: &'a Table,
    account: &'a Account,
}

impl This<'_> {
    /// R2: clicks whose link belongs to another reminder go there; those that went away and whose
    /// link is this one's again count here again.
    async fn return_clicks(
        &self,
        id: &ReminderDigest,
        clicks: &mut [Click],
        asked: Asked<'_>,
        allowance: &mut Allowance,
    ) -> Changed {
        let named: BTreeSet<LinkToken> = match asked {
            Asked::Records(images) => {
                images.clicks.iter().filter_map(|c| c.token.clone()).collect()
            }
            Asked::Everything => clicks.iter().filter_map(|click| click.token.clone()).collect(),
        };
        let mut changed = 0;
        for token in named {
            let Some(link) = self.table.link_within(&token, allowance).await? else { continue };
            let Some(owner) = link.reminder.as_ref().filter(|_| link.account == *self.account)
            else {
                continue;
            };
            let own = clicks.iter().filter(|click| click.token.as_ref() == Some(&token));
            let (moved, stayed): (Vec<Click>, Vec<Click>) =
                own.cloned().partition(|click| click.moved);
            if owner == id {
                let (table, account) = (self.table, self.account);
                let ids = moved.iter().map(|click| &click.click_id);
                let back = ids.map(|click_id| table.click_take_back(account, id, click_id));
                changed += changed_by(back.collect()).await?;
            } else {
                changed += link::move_clicks(self.table, &link, &stayed).await?;
            }
            for click in clicks.iter_mut().filter(|click| click.token.as_ref() == Some(&token)) {
                click.moved = owner != id;
                if click.moved {
                    click.cohort = None;
                }
            }
        }
        Ok(changed)
    }

    /// R4: a reminder keeps so many clicks, and so many taps on its stop button. Those that count already
    /// stay; of the others the first by instant. Its link is told, so that a redirect stops writing; and told again when there is
    /// room, which can only be where some clicks moved away.
    async fn keep_within_limit(
        &self,
        reminder: &Reminder,
        own: &mut Vec<Click>,
        some_moved: bool,
    ) -> Changed {
        let (id, tokens) = (&reminder.reminder, tokens(reminder, own.iter()));
        let (mut opt_outs, mut clicks): (Vec<Click>, Vec<Click>) =
            std::mem::take(own).into_iter().partition(Click::is_opt_out);
        if clicks.len() >= limits::CLICKS_PER_REMINDER {
            self.mark_full(id, tokens).await?;
        } else if some_moved {
            for token in &tokens {
                self.table.link_unmark_full(self.account, token, id).await?;
            }
        }
        let mut beyond = split_beyond(&mut clicks, limits::CLICKS_PER_REMINDER);
        beyond.extend(split_beyond(&mut opt_outs, limits::OPT_OUTS_PER_REMINDER));
        own.extend(clicks.into_iter().chain(opt_outs));
        let discarded = beyond.iter().map(|click| self.table.click_discard(self.account, click));
        let discarded = changed_by(discarded.collect()).await?;
        telemetry::count(Counter::ClicksBeyondLimit, discarded);
        Ok(discarded)
    }

    /// Marks links of a reminder as full.
    async fn mark_full(
        &self,
        owner: &ReminderDigest,
        tokens: BTreeSet<LinkToken>,
    ) -> Result<(), StoreError> {
        for token in tokens {
            self.table.link_mark_full(self.account, &token, Some(owner)).await?;
        }
        Ok(())
    }

    /// R3: a clicked reminder was delivered and read, whether or not a receipt says so. It knows its first
    /// opt-out likewise, from which no more follows than that it was tapped.
    async fn first_taps(
        &self,
        reminder: &mut Reminder,
        own: &[Click],
        some_moved: bool,
    ) -> Changed {
        let (click, opt_out) = (first_click(own), first_opt_out(own));
        // Only where clicks went away the first goes up: to another reminder, or since one of two bodies of
        // a tap turned out to be an opt-out, or no opt-out.
        let some_gone = some_moved || opt_out.is_some() || reminder.first_opt_out_at.is_some();
        let id = &reminder.reminder;
        let held = (reminder.first_click_at, reminder.first_opt_out_at);
        let clicks = self.first_tap(id, FirstTap::Click, (held.0, click), some_gone).await?;
        let opt_outs = self.first_tap(id, FirstTap::OptOut, (held.1, opt_out), some_gone).await?;
        if clicks.is_some() {
            reminder.first_click_at = click;
        }
        if opt_outs.is_some() {
            reminder.first_opt_out_at = opt_out;
        }
        let written = [clicks, opt_outs].into_iter().flatten();
        Ok(written.map(|written| u64::from(written.is_changed())).sum())
    }

    /// Writes the first tap of a kind where another one is held; none where there is nothing to write.
    async fn first_tap(
        &self,
        id: &ReminderDigest,
        tap: FirstTap,
        (held, first): (Option<Instant>, Option<Instant>),
        some_gone: bool,
    ) -> Result<Option<Written>, StoreError> {
        let (table, account) = (self.table, self.account);
        Ok(match (first, held) {
            (Some(first), held) if held.is_none_or(|held| first < held) => {
                Some(table.reminder_lower_first_tap(account, id, tap, first).await?)
            }
            // One that was stored since this reading lowers it again by its own record.
            (first, Some(held)) if first != Some(held) && some_gone => {
                Some(table.reminder_set_back_first_tap(account, id, tap, (held, first)).await?)
            }
            _ => None,
        })
    }

    /// R1: every click counts on the day and in the campaign of its reminder.
    async fn cohorts(&self, reminder: &Reminder, own: &[Click]) -> Changed {
        // A click before its reminder's details waits: their record gives it its cohort.
        let Some(cohort) = ClickCohort::of(reminder) else { return Ok(0) };
        let others = own.iter().filter(|click| click.cohort.as_ref() != Some(&cohort));
        let write = |click| self.table.click_write_cohort(self.account, click, &cohort);
        changed_by(others.map(write).collect()).await
    }

    /// R4: the reminder stands among those that its shopper clicked, and in no other's list. First it
    /// enters, then it leaves: so no range loses it in between.
    async fn place(&self, reminder: &Reminder, images: &Images<'_>) -> Changed {
        let wanted = entry(reminder);
        let mut changed = 0;
        if let Some((shopper, clicked, sent_at)) = &wanted {
            let entry = (&reminder.reminder, clicked, *sent_at);
            match self.table.shopper_enter(self.account, shopper, entry).await? {
                Entered::Written(written) => changed += u64::from(written.is_changed()),
                Entered::Full => telemetry::count(Counter::ClickedRemindersBeyondLimit, 1),
            }
        }
        let wanted = wanted.map(|(shopper, ..)| shopper);
        let named = images.reminders.iter().copied().chain([reminder]);
        let mut others: BTreeSet<Shopper> = named.filter_map(Reminder::shopper).collect();
        others.extend(images.entries.iter().map(|(shopper, _)| (*shopper).clone()));
        // Where the reminder was never clicked, nobody's list holds it.
        let is_clicked = reminder.first_click_at.is_some();
        if !is_clicked && !images.were_clicked() && images.entries.is_empty() {
            return Ok(changed);
        }
        for shopper in others.iter().filter(|shopper| wanted.as_ref() != Some(*shopper)) {
            let left = self.table.shopper_leave(self.account, shopper, &reminder.reminder);
            changed += u64::from(left.await?.is_changed());
        }
        Ok(changed)
    }

    /// Derive 4: entries that somebody wrote, held against the reminder as it stands.
    async fn check_entries(
        &self,
        reminder: &Reminder,
        entries: &[(&Shopper, Option<&Clicked>)],
    ) -> Changed {
        let wanted = entry(reminder);
        let right = |(shopper, written): &(&Shopper, Option<&Clicked>)| match &wanted {
            Some((own, clicked, _)) if own == *shopper => *written == Some(clicked),
            _ => written.is_none(),
        };
        if entries.iter().all(right) {
            return Ok(0);
        }
        let images = Images { entries: entries.to_vec(), ..Images::default() };
        self.place(reminder, &images).await
    }

    /// The orders that the reminder can have earned or lost by what changed: those that share an
    /// identity with any of its images, created within a window of any of them. A record of the
    /// reminder itself asks for the windows of its delivery and of all its link clicks, one of a
    /// click for that click's alone. Clicks that moved away are asked about, too: the record of their
    /// going may have been derived when the reminder already named somebody else. Where it does, any
    /// order since its delivery may have been credited by what is known no more.
    async fn touched_orders(
        &self,
        reminder: &Reminder,
        clicks: impl Iterator<Item = &Click> + Send,
        images: &Images<'_>,
        allowance: &mut Allowance,
    ) -> Result<BTreeSet<OrderGroup>, StoreError> {
        let known = || images.reminders.iter().copied().chain([reminder]);
        let mut named = IdentitySets::default();
        for sent in known().filter_map(|image| image.sent.as_ref()) {
            named.add(&sent.identities);
        }
        let is_link = |click: &&Click| click.click_kind == ClickKind::Link;
        let tapped = images.clicks.iter().copied().filter(is_link);
        let mut clicked: Vec<Instant> = tapped.map(|click| click.at).collect();
        let mut delivered: Vec<Instant> = Vec::new();
        if !images.reminders.is_empty() {
            delivered.extend(known().filter_map(Reminder::delivered_at));
            clicked.extend(clicks.filter(is_link).map(|click| click.at));
        }
        let first = delivered.iter().min().copied();
        let mut windows = windows(delivered, clicked);
        let identities = || known().filter_map(|image| Some(&image.sent.as_ref()?.identities));
        let names_others = identities().any(|named| identities().next() != Some(named));
        if let Some(first) = first.filter(|_| names_others) {
            windows = vec![(first, Instant::from_millis(i64::MAX))];
        }
        self.table.orders_created_within(self.account, &named, &windows, allowance).await
    }
}

/// Takes away what is beyond `limit` of these taps.
fn split_beyond(taps: &mut Vec<Click>, limit: usize) -> Vec<Click> {
    if taps.len() <= limit {
        return Vec::new();
    }
    taps.sort_by(|a, b| {
        let order = |click: &Click| (click.cohort.is_none(), click.at);
        order(a).cmp(&order(b)).then_with(|| a.click_id.cmp(&b.click_id))
    });
    taps.split_off(limit)
}

/// The links of a reminder: the one in its details and those that were tapped.
fn tokens<'a>(reminder: &Reminder, clicks: impl Iterator<Item = &'a Click>) -> BTreeSet<LinkToken> {
    let own = reminder.sent.as_ref().and_then(|sent| sent.link_token.clone());
    own.into_iter().chain(clicks.filter_map(|click| click.token.clone())).collect()
}

/// Where a reminder belongs among its shopper's: whose it is, its entry and its sent instant; none
/// while its details are unknown or nobody clicked it.
fn entry(reminder: &Reminder) -> Option<(Shopper, Clicked, Instant)> {
    reminder.first_click_at?;
    let sent = reminder.sent.as_ref()?;
    Some((reminder.shopper()?, Clicked(ClickCohort::of(reminder)?), sent.sent_at))
}
