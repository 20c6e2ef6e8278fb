//! After an outage: the orders of an account are caught up from its store before any of its carts is judged, so
//! that nobody is written to who bought while no hook could tell.
//!
//! *When.* An account's pointer is more than 15 minutes late ([`Late`]), and the account has the keys of its store.
//!
//! *From where.* An order counts against a cart from an hour before its first activity on (R15). So from an hour
//! before whatever is earlier: the pointer that was due first, less the longest delay of the account's campaigns,
//! since a backend can tell afterwards of a cart that lived through the outage; or the writing of the pointer that
//! was written first, since a cart that waited for its store's hours, or for anything else, is due long after the
//! outage may have begun, and not before its pointer was written. Never further back than [`FURTHEST`].
//!
//! *How far.* The list is read in parts, oldest first, each so short that it has [`ORDERS_A_PART`] orders at most.
//! After each part the account's mark ([`CaughtUp`]) moves to its end: a run that ends early is gone on with by the
//! next one, and each order is read once. Until the mark has come to the present the account's carts are not judged;
//! their pointers stand. A mark that is younger than [`LASTS`] suffices, so a backlog that takes hours asks four
//! times an hour for what came since.
//!
//! *Never for ever.* Keys that are refused hold nothing up. A store that otherwise fails, or is so slow that no part
//! is done within a run, holds its carts up until it has got no further for [`STUCK_AT_MOST`]. Then they are judged
//! by the orders that are known, and the store is asked again only [`LASTS`] after it was asked last. The other
//! accounts of the shard go on meanwhile: this ends with the account's share of the run.

use std::error::Error;
use std::time::Duration;

use shared::domain::rules::gate::PERSON_BOUGHT_BEFORE;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::intake::accounts::Accounts;
use shared::intake::catch_up::{CatchUp, Pace, SliceError, Tally};
use shared::intake::orders::Orders;
use shared::judging::account::Known;
use shared::store::StoreError;
use shared::store::caught_up::CaughtUp;
use shared::store::vtex::VtexKeys;
use shared::telemetry::{Counter, count};
use shared::vtex::list::Slice;
use tokio::time::{Instant as Deadline, timeout_at};

use crate::Deps;
use crate::outside::Outside;
use crate::turns::Late;

/// How long it suffices that the orders were caught up: the hook brings those that came since.
const LASTS: Span = Span::seconds(15 * 60);
/// For how long a store that gets no further holds its carts up.
const STUCK_AT_MOST: Span = Span::hours(1);
/// How far back orders are caught up: a cart that was left before has expired, or its store opens once a week.
const FURTHEST: Span = Span::days(7);
/// Orders of a part. Four are read at a time, each for five seconds at most: also of a store that is as slow as
/// that a part is done within a run.
const ORDERS_A_PART: u64 = 25;
/// A millisecond, by which instants differ.
const MOMENT: Span = Span::millis(1);
/// How patiently a call is made again: the next run is a minute later, and this one has other accounts.
const PACE: Pace =
    Pace { attempts: 2, throttled: Duration::from_secs(5), failed: Duration::from_secs(1) };

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CatchUpEnd {
    /// The carts may be judged, and nobody was asked.
    Known,
    /// The carts may be judged, by what is known of the account now.
    Asked,
    /// Orders are missing still: no cart may be judged in this run.
    Missing,
}

/// What the held mark asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Judge,
    /// To read on behind this mark.
    Read(CaughtUp),
}

/// The first creation of orders that can count against what is late.
fn needed_from(late: Late, longest_delay: Span, now: Instant) -> Instant {
    let first = late.written_at.min(late.due_at.minus(longest_delay));
    first.minus(PERSON_BOUGHT_BEFORE).max(now.minus(FURTHEST))
}

fn next(held: Option<CaughtUp>, needed: Instant, now: Instant) -> Next {
    let nothing =
        CaughtUp { from: needed, until: needed.minus(MOMENT), at: now, stuck_since: None };
    let Some(held) = held else { return Next::Read(nothing) };
    let is_behind = held.from <= needed;
    if is_behind && now.since(held.until) <= LASTS {
        return Next::Judge;
    }
    // Who got no further the last time is as stuck as then, wherever it begins now.
    let stuck_since = held.stuck_since.filter(|_| now.since(held.at) <= STUCK_AT_MOST);
    if is_stuck(stuck_since, now) && now.since(held.at) < LASTS {
        return Next::Judge;
    }
    // What lies between an older mark and what is needed now, hooks brought.
    let goes_on = is_behind && needed <= held.until.plus(MOMENT);
    Next::Read(CaughtUp { stuck_since, ..if goes_on { held } else { nothing } })
}

fn is_stuck(since: Option<Instant>, now: Instant) -> bool {
    since.is_some_and(|since| now.since(since) >= STUCK_AT_MOST)
}

/// Catches the orders of an account up, as far as the time until `ends` allows.
pub(crate) async fn catch_up<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    late: Late,
    ends: Deadline,
) -> Result<CatchUpEnd, StoreError> {
    let Some(keys) = &known.vtex else { return Ok(CatchUpEnd::Known) };
    let (account, now) = (&known.account, deps.clock.now());
    let sending = known.campaigns.iter().filter_map(|campaign| campaign.sending.as_ref());
    let longest = sending.map(|sending| sending.delay_minutes.span()).max();
    let needed = needed_from(late, longest.unwrap_or(Span::seconds(0)), now);
    let held = deps.table.orders_caught_up(account).await?;
    let Next::Read(mut mark) = next(held, needed, now) else { return Ok(CatchUpEnd::Known) };
    let mut tally = Tally::default();
    let reading = read_on(deps, known, keys, &mut mark, &mut tally, (now, ends));
    let read = timeout_at(ends, reading).await;
    count(Counter::OrdersCaughtUp, tally.changed);
    let Tally { listed, changed, kept_aside, .. } = tally;
    tracing::info!(%account, listed, changed, kept_aside, until = %mark.until, "orders were caught up");
    match read {
        Ok(Ok(())) if mark.until >= now => return Ok(CatchUpEnd::Asked),
        Ok(Err(Stopped::Table(error))) => return Err(error),
        Ok(Err(Stopped::Store(error))) => {
            error.count();
            let is_refused = error.is_keys_refused();
            let error: &dyn Error = &error;
            tracing::warn!(error, %account, "orders could not be caught up");
            if is_refused {
                return Ok(CatchUpEnd::Asked);
            }
        }
        // Out of time.
        Ok(Ok(())) | Err(_) => {}
    }
    let since = mark.stuck_since.unwrap_or(now);
    mark = CaughtUp { at: now, stuck_since: Some(since), ..mark };
    deps.table.orders_note_caught_up(account, &mark).await?;
    if is_stuck(mark.stuck_since, now) {
        tracing::warn!(%account, %since, "carts are judged by the orders that are known");
        return Ok(CatchUpEnd::Asked);
    }
    Ok(CatchUpEnd::Missing)
}

/// Why reading on stopped.
enum Stopped {
    Store(SliceError),
    Table(StoreError),
}

/// Reads and stores the orders behind a mark up to `now`, and moves the mark with each part. It begins none for which
/// the time until `ends` is too short, going by the part before: what is broken off is read again.
async fn read_on<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    keys: &VtexKeys,
    mark: &mut CaughtUp,
    tally: &mut Tally,
    (now, ends): (Instant, Deadline),
) -> Result<(), Stopped> {
    let (account, config) = (&known.account, &deps.config);
    let (table, clock) = (deps.table.clone(), deps.clock.clone());
    let orders = Orders {
        accounts: Accounts::new(table.clone(), clock.clone(), config.sealing.clone()),
        table,
        clock,
        phone_key: config.phone_key.clone(),
        sealing: config.sealing.clone(),
        api: deps.outside.stores().clone(),
    };
    let store = CatchUp { orders: &orders, account, keys: keys.clone(), pace: PACE };
    let (mut length, mut took) = (now.since(mark.until), Duration::ZERO);
    while mark.until < now && Deadline::now() + took < ends {
        let begun = Deadline::now();
        let from = mark.until.plus(MOMENT);
        let part = Slice { from, to: from.plus(length).min(now) };
        let first = store.page(part, 1).await.map_err(Stopped::Store)?;
        let (total, is_within_reach) = (first.paging.total, first.paging.is_within_reach());
        match part.halves() {
            Some((shorter, _)) if total > ORDERS_A_PART => {
                length = shorter.to.since(shorter.from);
                continue;
            }
            None if !is_within_reach => return Err(Stopped::Store(SliceError::TooMany(part))),
            _ => {}
        }
        let stored = store.store_slice(part, first, tally, &mut |_| ()).await;
        stored.map_err(Stopped::Store)?;
        *mark = CaughtUp { until: part.to, at: now, stuck_since: None, ..*mark };
        deps.table.orders_note_caught_up(account, mark).await.map_err(Stopped::Table)?;
        took = begun.elapsed();
        if total <= ORDERS_A_PART / 2 {
            length = Span::millis(length.as_millis().saturating_mul(2).saturating_add(1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_795_348_800_000);

    fn ago(minutes: i64) -> Instant {
        NOW.minus(Span::seconds(60 * minutes))
    }

    fn mark(from: i64, until: i64) -> CaughtUp {
        CaughtUp { from: ago(from), until: ago(until), at: ago(until), stuck_since: None }
    }

    fn nothing(from: i64) -> CaughtUp {
        CaughtUp { from: ago(from), until: ago(from).minus(MOMENT), at: NOW, stuck_since: None }
    }

    #[test]
    fn orders_count_from_an_hour_before_what_is_earliest() {
        let from = |due_at: i64, written_at: i64, delay: i64| {
            let late = Late { due_at: ago(due_at), written_at: ago(written_at) };
            needed_from(late, Span::seconds(60 * delay), NOW)
        };
        assert_eq!(from(120, 180, 60), ago(240));
        // It waited for its store's hours.
        assert_eq!(from(120, 720, 60), ago(780));
        // A backend told of it afterwards.
        assert_eq!(from(120, 0, 60), ago(240));
        let week = 7 * 24 * 60;
        assert_eq!(from(week - 59, week - 59, 0), ago(week));
        assert_eq!(from(week - 61, week - 61, 0), ago(week - 1));
    }

    #[test]
    fn a_mark_suffices_for_fifteen_minutes() {
        assert_eq!(next(None, ago(240), NOW), Next::Read(nothing(240)));
        assert_eq!(next(Some(mark(240, 15)), ago(240), NOW), Next::Judge);
        let older = CaughtUp { until: ago(15).minus(MOMENT), ..mark(240, 15) };
        assert_eq!(next(Some(older), ago(240), NOW), Next::Read(older));
        // It doesn't reach back far enough.
        assert_eq!(next(Some(mark(240, 15)), ago(241), NOW), Next::Read(nothing(241)));
    }

    #[test]
    fn an_outage_goes_on_at_its_mark_and_another_one_begins_anew() {
        let held = mark(240, 100);
        assert_eq!(next(Some(held), ago(100), NOW), Next::Read(held));
        let goes_on = next(Some(held), held.until.plus(MOMENT), NOW);
        assert_eq!(goes_on, Next::Read(held));
        assert_eq!(next(Some(held), ago(99), NOW), Next::Read(nothing(99)));
    }

    #[test]
    fn who_is_stuck_for_an_hour_is_asked_four_times_an_hour() {
        let stuck = |since: i64, at: i64| {
            let held = CaughtUp { at: ago(at), stuck_since: Some(ago(since)), ..mark(240, 200) };
            next(Some(held), ago(200), NOW)
        };
        assert_eq!(stuck(60, 14), Next::Judge);
        assert!(matches!(stuck(59, 1), Next::Read(_)));
        assert!(matches!(stuck(60, 15), Next::Read(mark) if mark.stuck_since == Some(ago(60))));
        // Nobody asked for more than an hour.
        assert!(matches!(stuck(80, 61), Next::Read(mark) if mark.stuck_since.is_none()));
        // Also where it begins behind what was never read.
        let held = CaughtUp { stuck_since: Some(ago(50)), at: ago(1), ..mark(240, 200) };
        let Next::Read(anew) = next(Some(held), ago(150), NOW) else { unreachable!() };
        assert_eq!((anew.from, anew.stuck_since), (ago(150), Some(ago(50))));
    }
}
