//! Random histories of one account: few shoppers, reminders and orders, few instants, so that
//! identities, ids and times collide all the time.
//!
//! A history is decoded from bytes, the simplest choice for zero each, so that a failing one
//! shrinks to few and plain events. `events` is the history as written down; `arrivals` the
//! order in which it comes in, some events twice.

mod cast;
mod draw;
mod instants;
mod places;
mod plot;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use proptest::array::uniform20;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use crate::answer::Question;
use crate::raw_event::RawEvent;
use draw::Draw;
use plot::Plot;

/// Bytes that decide over what the events of a history have in common.
const PLOT_BYTES: usize = 48;
/// Events of a history: a failing one shrinks to the fewest that it needs, and above sixty that
/// takes long.
const EVENTS: std::ops::RangeInclusive<usize> = 1..=60;

/// What happened to one account.
#[derive(Clone)]
pub struct History {
    /// The account's time zone.
    pub zone: Tz,
    /// The store day around which reminders are sent; often one on which the clocks change.
    pub anchor: NaiveDate,
    /// All campaigns; the last one has no reminder.
    pub campaigns: Vec<String>,
    /// Every event, once.
    pub events: Vec<RawEvent>,
    /// Indexes of `events` as they come in: every event once at least.
    pub arrivals: Vec<usize>,
}

/// Under which conditions histories are made.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The present: all days lie 300 to 15 days before it.
    pub now: DateTime<Utc>,
    /// Whether there are reminders that name no shopper at all.
    pub nameless: bool,
    /// Whether stop buttons are tapped, of which no event of a sender tells.
    pub opt_outs: bool,
}

/// Random histories.
pub fn histories(setting: Setting) -> impl Strategy<Value = History> {
    let places = places::places(setting.now);
    (vec(any::<u8>(), PLOT_BYTES), vec(uniform20(any::<u8>()), EVENTS)).prop_map(
        move |(common, events)| {
            let mut draw = Draw::new(&common);
            let plot = Plot::new(&mut draw, &places, setting);
            let mut arrivals = Vec::new();
            let events = events
                .iter()
                .enumerate()
                .map(|(index, bytes)| {
                    let mut draw = Draw::new(bytes);
                    arrivals.push((draw.byte(), index));
                    // One event in three comes twice.
                    if let again @ 171.. = draw.byte() {
                        arrivals.push((again.wrapping_mul(37), index));
                    }
                    plot.event(&mut draw)
                })
                .collect();
            arrivals.sort_by_key(|(turn, _)| *turn);
            History {
                zone: plot.zone,
                anchor: plot.anchor,
                campaigns: cast::CAMPAIGNS.map(str::to_owned).to_vec(),
                events,
                arrivals: arrivals.into_iter().map(|(_, index)| index).collect(),
            }
        },
    )
}

impl std::fmt::Debug for History {
    /// One line for each event, as it comes in: what a failing test prints.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} around {}, {:?}", self.zone, self.anchor, self.campaigns)?;
        self.arrivals.iter().try_for_each(|i| writeln!(f, "  {i}: {:?}", self.events[*i]))
    }
}

impl History {
    /// The events as they come in.
    pub fn arriving(&self) -> impl Iterator<Item = &RawEvent> {
        self.arrivals.iter().map(|index| &self.events[*index])
    }

    /// The first and the last store day on which a reminder can have been sent.
    #[must_use]
    pub fn range(&self) -> (NaiveDate, NaiveDate) {
        (self.anchor - Days::new(4), self.anchor + Days::new(6))
    }

    /// What to ask: all, single days, a middle, and one campaign.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        let ask = |from, to, campaign: Option<usize>| Question {
            from,
            to,
            campaign_id: campaign.map(|index| self.campaigns[index].clone()),
        };
        let (from, to) = self.range();
        let next = self.anchor + Days::new(1);
        vec![
            ask(from, to, None),
            ask(self.anchor, self.anchor, None),
            ask(self.anchor - Days::new(1), next, Some(0)),
            ask(next, to, Some(1)),
        ]
    }

    /// The same history with other campaign ids, as a server mints them.
    #[must_use]
    pub fn with_campaigns(mut self, ids: &[String]) -> Self {
        assert_eq!(ids.len(), self.campaigns.len(), "as many campaigns as the history has");
        for event in &mut self.events {
            if let RawEvent::Sent(sent) = event {
                let index = self.campaigns.iter().position(|id| *id == sent.campaign_id).unwrap();
                sent.campaign_id.clone_from(&ids[index]);
            }
        }
        self.campaigns = ids.to_vec();
        self
    }
}
