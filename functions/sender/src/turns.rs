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

/// Carts of one account that a run looks at, of either kind: a number sends 2,000 within its time.
const CARTS_OF_AN_ACCOUNT: usize = 2_500;
/// Carts of a shard that a run looks at, of all accounts together: those that can still be reminded of, and those that
/// are too old, which would else fill it after an outage, since they were due first. Both are some 5 MB, and more than
/// a run can do. So memory stays flat, however much is due.
const CARTS_OF_A_SHARD: ByAge<usize> = ByAge { fresh: 4_000, old: 1_000 };
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
    carts: ByAge<DueCarts>,
    /// What of it is late, whether it is looked at in this run or not.
    pub(crate) late: Option<Late>,
}

impl AccountDue {
    /// Its carts. One with an old pointer and a fresh one can be both.
    pub(crate) fn into_carts(self) -> DueCarts {
        let ByAge { mut fresh, old } = self.carts;
        for (cart, pointers) in old {
            fresh.entry(cart).or_default().extend(pointers);
        }
        fresh
    }

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
        let waited = now.since(pointer.key.due_at);
        let account = pointer.key.account.clone();
        let due = self.accounts.entry(account.clone()).or_default();
        if waited > LATE {
            self.late += 1;
            due.note_late(&pointer);
        }
        let carts = due.carts.of(waited);
        if let Some(pointers) = carts.get_mut(&pointer.key.cart) {
            // A page that was read twice, at the end of the way around.
            if !pointers.contains(&pointer) {
                pointers.push(pointer);
            }
            return;
        }
        let of_account = carts.len();
        let is_full = *self.held.of(waited) >= *CARTS_OF_A_SHARD.clone().of(waited);
        if of_account >= CARTS_OF_AN_ACCOUNT || (is_full && !self.make_room(of_account, waited)) {
            return;
        }
        *self.held.of(waited) += 1;
        let due = self.accounts.entry(account).or_default();
        due.carts.of(waited).insert(pointer.key.cart.clone(), vec![pointer]);
    }

    /// Lets go of a cart of the account that has most, where an account with so many has fewer than that; whether one
    /// was. So the room is shared evenly by those that want more than they get.
    fn make_room(&mut self, of_account: usize, waited: Span) -> bool {
        let each = self.accounts.values_mut().map(|due| due.carts.of(waited));
        let Some(most) = each.max_by_key(|carts| carts.len()) else { return false };
        let is_fair = most.len() > of_account + 1;
        if is_fair {
            most.pop_last();
            *self.held.of(waited) -= 1;
        }
        is_fair
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

    /// Adds so many carts of an account that are due for `waited`; how many each of these holds then, and all.
    fn due(found: &mut Found, account: &str, waited: Span, carts: usize) -> (usize, ByAge<usize>) {
        let account = Account::parse(account).unwrap();
        for number in 0..carts {
            let cart = CartId::parse(&format!("{number:043}")).unwrap();
            let key = DueKey { due_at: NOW.minus(waited), account: account.clone(), cart };
            // Twice the same, as at the end of the way around.
            found.add(pointer(key.clone()), NOW);
            found.add(pointer(key), NOW);
        }
        (found.accounts[&account].carts.clone().of(waited).len(), found.held)
    }

    /// However much is due, a run holds so many carts of a shard, and what is too old leaves room for the others.
    #[test]
    fn a_shard_has_so_many_carts_of_either_kind() {
        let (mut found, most) = (Found::default(), CARTS_OF_A_SHARD);
        let (fresh, old) = (WORTH_A_MESSAGE, Span::millis(WORTH_A_MESSAGE.as_millis() + 1));
        let held = |old: usize, fresh: usize| ByAge { fresh, old };
        let many = most.fresh + most.old;
        assert_eq!(due(&mut found, "a", old, many), (most.old, held(most.old, 0)));
        let an_account = CARTS_OF_AN_ACCOUNT;
        assert_eq!(due(&mut found, "a", fresh, many), (an_account, held(most.old, an_account)));
        assert_eq!(due(&mut found, "b", fresh, many).1, most);
        assert_eq!(due(&mut found, "c", old, many).1, most);
    }

    /// Whoever comes late finds room as long as another account has more.
    #[test]
    fn accounts_share_a_shard_evenly() {
        let mut found = Found::default();
        let hour = Span::hours(1);
        for account in ["a", "b", "c"] {
            due(&mut found, account, hour, CARTS_OF_A_SHARD.fresh);
        }
        due(&mut found, "few", hour, 7);
        due(&mut found, "d", hour, CARTS_OF_A_SHARD.fresh);
        let held: Vec<usize> = found.accounts.values().map(|due| due.carts.fresh.len()).collect();
        let share = (CARTS_OF_A_SHARD.fresh - 7) / 4;
        assert!(held[..4].iter().all(|held| held.abs_diff(share) <= 1), "{held:?}");
        assert_eq!((held[4], held.iter().sum::<usize>()), (7, CARTS_OF_A_SHARD.fresh));
    }

    #[test]
    fn a_cart_with_an_old_and_a_fresh_pointer_is_one() {
        let mut found = Found::default();
        for waited in [Span::hours(1), Span::hours(49)] {
            due(&mut found, "a", waited, 1);
        }
        let (_, due) = found.accounts.pop_first().unwrap();
        let carts = due.into_carts();
        assert_eq!(carts.values().map(Vec::len).collect::<Vec<_>>(), [2]);
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
