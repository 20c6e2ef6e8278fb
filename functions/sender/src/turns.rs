//! Which carts of a shard a run looks at, and whose turn it is when: no account holds up another, however many
//! carts of it are due and however slow its store is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use shared::domain::rules::due::WORTH_A_MESSAGE;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::CartId;
use shared::domain::values::span::Span;
use shared::store::StoreError;
use shared::store::due::{DuePage, DuePointer};
use tokio::time::Instant as Deadline;

/// Carts of one account that a run looks at, before it looks what else is due.
const CARTS_PER_RUN: usize = 2_500;
/// Carts of a shard that a run looks at before it looks what else is due, of all accounts together: those that can still be reminded of, and those
/// that are too old, which would else fill it after an outage, since they were due first. Both are some 5 MB. So
/// memory stays flat, however much is due.
const CARTS_OF_A_SHARD: ByAge<usize> = ByAge { fresh: 4_000, old: 1_000 };
/// Carts of each account that are looked at beyond that, of either kind, so that none goes without: a shard has some
/// sixty accounts of a thousand.
const CARTS_OF_EACH: usize = 100;
/// How late a cart may be before somebody should know.
const LATE: Span = Span::seconds(15 * 60);

/// Something of carts that can still be reminded of, and of those that can't.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct ByAge<T> {
    fresh: T,
    old: T,
}

impl<T> ByAge<T> {
    /// That of a cart which is due for `span`.
    fn of(&mut self, span: Span) -> &mut T {
        if span > WORTH_A_MESSAGE { &mut self.old } else { &mut self.fresh }
    }
}

/// Carts that are due, each with the pointers that lead to it.
pub(crate) type DueCarts = BTreeMap<CartId, Vec<DuePointer>>;

/// How far back what an account has late reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Late {
    /// The instant of the pointer that was due first.
    pub(crate) due_at: Instant,
    /// When the pointer was written that was written first: the system was at work then, so what made it late
    /// came after.
    pub(crate) written_at: Instant,
}

/// What is due of an account.
#[derive(Debug, Default)]
pub(crate) struct AccountDue {
    /// Its carts.
    pub(crate) carts: DueCarts,
    /// What of it is late, whether it is looked at in this run or not.
    pub(crate) late: Option<Late>,
    /// How many carts these are.
    held: ByAge<usize>,
}

impl AccountDue {
    fn note_late(&mut self, pointer: &DuePointer) {
        let (due_at, written_at) = (pointer.key.due_at, pointer.at);
        let held = self.late.unwrap_or(Late { due_at, written_at });
        self.late = Some(Late {
            due_at: held.due_at.min(due_at),
            written_at: held.written_at.min(written_at),
        });
    }
}

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What is due, by account.
    pub(crate) accounts: BTreeMap<Account, AccountDue>,
    /// Pointers of carts that should have been looked at long ago.
    pub(crate) late: u64,
    /// Where it stopped for want of time; none: nothing is left.
    pub(crate) stopped: Option<String>,
    /// Whether more is due than there was room for.
    pub(crate) is_cut: bool,
    /// Carts of all accounts.
    held: ByAge<usize>,
}

/// Reads the pointers of a shard that are due, from where the run before stopped (`from`) to the last one and then
/// from the first, until all are read or the time is over. The whole shard is read where there is time, so that an
/// account with more than its share hides no other.
pub(crate) async fn scan<F: Future<Output = Result<DuePage, StoreError>>>(
    page: impl Fn(Option<String>) -> F,
    from: Option<String>,
    (now, ends): (Instant, Deadline),
) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let (mut next, mut is_at_first) = (from.clone(), from.is_none());
    loop {
        let read = page(next.take()).await?;
        for pointer in read.pointers {
            found.add(pointer, now);
        }
        next = read.next;
        // The second time around it ends where it began.
        let is_around = is_at_first && from.is_some() && next >= from;
        if next.is_none() && !is_at_first {
            is_at_first = true;
        } else if next.is_none() || is_around {
            return Ok(found);
        }
        if Deadline::now() >= ends {
            found.stopped = next;
            return Ok(found);
        }
    }
}

impl Found {
    fn add(&mut self, pointer: DuePointer, now: Instant) {
        let due = self.accounts.entry(pointer.key.account.clone()).or_default();
        let waited = now.since(pointer.key.due_at);
        if waited > LATE {
            self.late += 1;
            due.note_late(&pointer);
        }
        let is_held = due.carts.contains_key(&pointer.key.cart);
        let mut most = CARTS_OF_A_SHARD;
        let (of_shard, of_account) = (self.held.of(waited), due.held.of(waited));
        let has_room = due.carts.len() < CARTS_PER_RUN
            && (*of_shard < *most.of(waited) || *of_account < CARTS_OF_EACH);
        self.is_cut |= !is_held && !has_room;
        if is_held || has_room {
            *of_shard += usize::from(!is_held);
            *of_account += usize::from(!is_held);
            let pointers = due.carts.entry(pointer.key.cart.clone()).or_default();
            // A page that was read twice, at the end of the way around.
            if !pointers.contains(&pointer) {
                pointers.push(pointer);
            }
        }
    }
}

/// The accounts in the order of this minute: each is the first one at some time.
pub(crate) fn in_turn(
    accounts: BTreeMap<Account, AccountDue>,
    now: Instant,
) -> Vec<(Account, AccountDue)> {
    let mut accounts: Vec<_> = accounts.into_iter().collect();
    let minute = usize::try_from(now.seconds() / 60).unwrap_or(0);
    let turn = minute.checked_rem(accounts.len()).unwrap_or(0);
    accounts.rotate_left(turn);
    accounts
}

/// How the time of a run is divided among accounts of which so many are looked after at once.
#[derive(Debug)]
pub(crate) struct Shares {
    waiting: AtomicUsize,
    at_once: usize,
}

impl Shares {
    pub(crate) const fn of(accounts: usize, at_once: usize) -> Self {
        Self { waiting: AtomicUsize::new(accounts), at_once }
    }

    /// Until when the account that begins now may take: all that is left where nobody waits behind it, else its
    /// share of that.
    pub(crate) fn next(&self, ends: Deadline) -> Deadline {
        let waiting = self.waiting.fetch_sub(1, Ordering::Relaxed).max(1);
        let now = Deadline::now();
        let rounds = u32::try_from(waiting.div_ceil(self.at_once)).unwrap_or(u32::MAX);
        now + ends.saturating_duration_since(now) / rounds
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::cell::RefCell;
    use std::time::Duration;

    use shared::store::key::DueKey;

    use super::*;

    const NOW: Instant = Instant::from_millis(1_795_348_800_000);

    /// A shard of five pages whose reading takes six seconds each; what is asked for is noted.
    async fn scanned(from: Option<&str>, ends: u64) -> (Vec<String>, Option<String>) {
        let asked = RefCell::new(Vec::new());
        let ends = Deadline::now() + Duration::from_secs(ends);
        let page = |from: Option<String>| {
            let number = from.as_deref().map_or(0, |from| from.parse::<u32>().unwrap());
            asked.borrow_mut().push(number.to_string());
            let next = (number < 4).then(|| (number + 1).to_string());
            async {
                tokio::time::sleep(Duration::from_secs(6)).await;
                Ok(DuePage { pointers: Vec::new(), next })
            }
        };
        let found = scan(page, from.map(str::to_owned), (NOW, ends)).await.unwrap();
        (asked.into_inner(), found.stopped)
    }

    #[tokio::test(start_paused = true)]
    async fn a_scan_stops_in_time_and_goes_on_from_there() {
        let (asked, stopped) = scanned(None, 15).await;
        assert_eq!((asked.join(""), stopped.as_deref()), ("012".to_owned(), Some("3")));
        let (asked, stopped) = scanned(stopped.as_deref(), 15).await;
        assert_eq!((asked.join(""), stopped.as_deref()), ("340".to_owned(), Some("1")));
        // With time enough all of it is read, each page once.
        let (asked, stopped) = scanned(None, 60).await;
        assert_eq!((asked.join(""), stopped), ("01234".to_owned(), None));
        let (asked, stopped) = scanned(Some("3"), 60).await;
        assert_eq!((asked.join(""), stopped), ("34012".to_owned(), None));
    }

    fn pointer(key: DueKey) -> DuePointer {
        DuePointer { key, at: NOW, mark: String::new() }
    }

    /// However much is due, a run holds so many carts, and some of each account.
    #[test]
    fn a_shard_has_so_many_carts_and_each_account_some_of_them() {
        let mut found = Found::default();
        let mut due = |account: &str, hours: i64, carts: std::ops::Range<usize>| {
            for number in carts {
                let key = DueKey {
                    due_at: NOW.minus(Span::hours(hours)),
                    account: Account::parse(account).unwrap(),
                    cart: CartId::parse(&format!("{number:043}")).unwrap(),
                };
                // Twice the same, as at the end of the way around.
                found.add(pointer(key.clone()), NOW);
                found.add(pointer(key), NOW);
            }
            let of_account = &found.accounts[&Account::parse(account).unwrap()];
            (of_account.carts.len(), found.held)
        };
        // What is too old was due first, and leaves room for the others.
        let old = |old: usize, fresh: usize| ByAge { fresh, old };
        let most = CARTS_OF_A_SHARD;
        assert_eq!(due("a", 49, 0..most.old + 1), (most.old, old(most.old, 0)));
        let rest = CARTS_PER_RUN - most.old;
        assert_eq!(
            due("a", 1, 10_000..10_000 + CARTS_PER_RUN),
            (CARTS_PER_RUN, old(most.old, rest))
        );
        assert_eq!(due("b", 1, 0..CARTS_PER_RUN).1, old(most.old, most.fresh));
        // Beyond that there are some of each, of either kind.
        let (each, more) = (CARTS_OF_EACH, CARTS_OF_EACH + 1);
        assert_eq!(due("c", 49, 0..more), (each, old(most.old + each, most.fresh)));
        assert_eq!(due("c", 1, 10_000..10_000 + more).0, 2 * each);
        assert_eq!(due("d", 1, 0..1), (1, old(most.old + each, most.fresh + each + 1)));
    }

    #[test]
    fn each_account_is_the_first_at_some_minute() {
        let accounts =
            || ["a", "b", "c"].map(|name| (Account::parse(name).unwrap(), AccountDue::default()));
        let first = |minute: i64| {
            let now = NOW.plus(Span::seconds(60 * minute));
            in_turn(accounts().into(), now).first().unwrap().0.as_str().to_owned()
        };
        let mut firsts = [first(0), first(1), first(2)];
        firsts.sort();
        assert_eq!(firsts, ["a", "b", "c"]);
        assert!(in_turn(BTreeMap::new(), NOW).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_others_behind_them_has_a_share() {
        let ends = Deadline::now() + Duration::from_secs(48);
        let shares = Shares::of(5, 2);
        let mut given: Vec<u64> = Vec::new();
        for _ in 0..5 {
            given.push((shares.next(ends) - Deadline::now()).as_secs());
        }
        assert_eq!(given, [16, 24, 24, 48, 48]);
        // What was used up is not given away.
        let shares = Shares::of(2, 1);
        assert_eq!((shares.next(ends) - Deadline::now()).as_secs(), 24);
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!((shares.next(ends) - Deadline::now()).as_secs(), 8);
    }
}
