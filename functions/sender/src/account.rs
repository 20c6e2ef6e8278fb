//! One account's due carts.

use std::collections::{BTreeSet, VecDeque};

use futures::future::join_all;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::graph::AccessToken;
use shared::judging::account::{Known, PROBE};
use shared::judging::cart::Allowed;
use shared::store::StoreError;
use tokio::time::Instant as Deadline;

use crate::catch_up::{CatchUpEnd, catch_up};
use crate::outside::Outside;
use crate::turns::AccountDue;
use crate::{Deps, attempt, look};

/// Carts of one account that are looked at side by side.
const SIDE_BY_SIDE: usize = 16;

/// What is known of an account, and the token of its number.
async fn read<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
) -> Result<Option<(Known, Option<AccessToken>)>, StoreError> {
    let judging = deps.judging();
    let Some(mut known) = judging.account(account).await? else { return Ok(None) };
    if known.sending.enabled && !known.record.time_zone_fixed {
        // R14: a decision's day is cut in a zone that stays. The settings' version moves with it, so that it is
        // fixed before a claim is made on that. An account that sends nothing fixes it with its first decision.
        deps.table.account_fix_time_zone(account, known.zone()).await?;
        let Some(fixed) = judging.account(account).await? else { return Ok(None) };
        known = fixed;
    }
    let token = match &known.connection {
        Some(connection) => Some(connection.token(account, &deps.config.sealing)?),
        None => None,
    };
    Ok(Some((known, token.map(|token| AccessToken::new(token.expose())))))
}

/// Looks at an account's due carts until the time is over; how many, and how many messages were taken.
pub(crate) async fn run<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
    due: AccountDue,
    ends: Deadline,
) -> Result<(u64, u64), StoreError> {
    // Carts begin by campaigns alone, and those are an account's: without one nothing can be said of them.
    let Some((mut known, mut token)) = read(deps, account).await? else { return Ok((0, 0)) };
    if let Some(late) = due.late {
        match catch_up(deps, &known, late, ends).await? {
            CatchUpEnd::Known => {}
            CatchUpEnd::Asked => match read(deps, account).await? {
                // It took a while.
                Some(fresh) => (known, token) = fresh,
                None => return Ok((0, 0)),
            },
            // The pointers stand: a later run finds them again.
            CatchUpEnd::Missing => return Ok((0, 0)),
        }
    }
    let mut left = deps.judging().messages_left(&known).await?;
    let (mut looked, mut accepted) = (0, 0);
    let mut waiting: VecDeque<_> = due.into_carts().into_iter().collect();
    let mut opens_many = false;
    while !waiting.is_empty() && Deadline::now() < ends {
        let now = deps.clock.now();
        // The rate's part of a message comes before its gate, so that nothing waits between gate and claim.
        let rate = if left > 0 { rate(deps, &known, now, ends).await } else { 0 };
        let probes = may_probe(&known, now);
        if Deadline::now() >= ends {
            break;
        }
        let may_leave = usize::try_from(rate).unwrap_or(SIDE_BY_SIDE);
        let gates = gates_at_once(probes, may_leave, opens_many).min(waiting.len());
        let chunk: Vec<_> = waiting.drain(..gates).collect();
        looked += u64::try_from(chunk.len()).unwrap_or(0);
        let allowed = Allowed { may_send: left > 0, probes };
        let gates = chunk.into_iter().map(|(id, pointers)| {
            let known = &known;
            async move { look::look(deps, known, (id, pointers), allowed).await }
        });
        let opened: Vec<_> = join_all(gates).await.into_iter().flatten().collect();
        count_read(deps, &known, now).await;
        opens_many = opened.len() >= may_leave;
        let mut sends = Vec::new();
        let mut is_stale = false;
        let mut tried = BTreeSet::new();
        for opening in opened {
            if left == 0 || may_leave == 0 || Deadline::now() >= ends {
                // It is found again: its pointer stands.
                continue;
            }
            if sends.len() >= may_leave {
                looked -= 1;
                waiting.push_front((opening.id, opening.pointers));
                continue;
            }
            let campaign = &opening.campaign;
            if known.tried_anew.contains(campaign) && !tried.insert(campaign.clone()) {
                // Another one tries the template.
                continue;
            }
            if probes {
                is_stale = true;
                if !note_probe(deps, &known, now).await {
                    // Another instance tries the account.
                    continue;
                }
            }
            match attempt::claim(deps, &known, opening).await {
                Ok(Some(claimed)) => {
                    left -= 1;
                    sends.push(claimed);
                }
                // Something is no longer as it was read: the next carts are judged by what it is now.
                Ok(None) => is_stale = true,
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, %account, "a message could not be claimed");
                    is_stale = true;
                }
            }
        }
        let sent = u32::try_from(sends.len()).unwrap_or(0);
        give_back(deps, &known, rate.saturating_sub(sent), now);
        // They are counted before they leave: whoever dies in between has counted too many, never too few.
        let is_counted = count_messages(deps, account, now, i64::from(sent)).await;
        let outcomes = join_all(
            sends.into_iter().map(|send| attempt::send(deps, (&known, token.as_ref()), send)),
        )
        .await;
        let mut not_taken: u32 = 0;
        for outcome in outcomes {
            accepted += u64::from(outcome.accepted);
            is_stale |= outcome.is_stale;
            not_taken += u32::from(outcome.is_not_taken);
        }
        left += u64::from(not_taken);
        if is_counted {
            count_messages(deps, account, now, -i64::from(not_taken)).await;
        }
        if is_stale {
            match read(deps, account).await? {
                Some(fresh) => {
                    (known, token) = fresh;
                    left = left.min(deps.judging().messages_left(&known).await?);
                }
                None => break,
            }
        }
    }
    Ok((looked, accepted))
}

/// How many gates are asked side by side, of which messages for so many carts may leave. Where the gates before opened
/// for no fewer than could leave, no more are asked: those that open in vain are asked anew.
const fn gates_at_once(probes: bool, may_leave: usize, opens_many: bool) -> usize {
    match may_leave {
        _ if probes => 1,
        1.. if opens_many => may_leave,
        _ => SIDE_BY_SIDE,
    }
}

/// Adds messages to the account's count of the hour that `at` lies in, or takes back those that Meta didn't take;
/// whether that was done. A count that can't be written holds up no message that is claimed: a tenth of the limit
/// is kept back for what isn't counted.
async fn count_messages<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
    at: Instant,
    messages: i64,
) -> bool {
    if messages == 0 {
        return true;
    }
    let counted = deps.table.messages_count(account, at, messages).await;
    if let Err(error) = &counted {
        let error: &dyn std::error::Error = error;
        tracing::error!(error, %account, messages, "messages could not be counted");
    }
    counted.is_ok()
}

/// Counts the carts that were read at the store: where most don't exist, browsers begin few more.
async fn count_read<O: Outside>(deps: &Deps<O>, known: &Known, now: Instant) {
    let Some(read) = known.carts_read.take() else { return };
    if let Err(error) = deps.table.carts_read_count(&known.account, now, read).await {
        let (error, account): (&dyn std::error::Error, _) = (&error, &known.account);
        tracing::warn!(error, %account, "carts that were read could not be counted");
    }
}

/// How many messages may go out now, one at least where the time allows to wait for it.
async fn rate<O: Outside>(deps: &Deps<O>, known: &Known, now: Instant, ends: Deadline) -> u32 {
    let Some(connection) = &known.connection else { return 0 };
    let wanted = u32::try_from(SIDE_BY_SIDE).unwrap_or(1);
    let number = &connection.phone_number_id;
    if let Some(slowed) = connection.pace.slowed {
        deps.rates.learn(number, connection.is_fast, slowed, now);
    }
    let taken = deps.rates.take(number, connection.is_fast, wanted, now);
    if taken > 0 {
        return taken;
    }
    // A second fills the bucket, whatever its rate.
    tokio::time::sleep_until(ends.min(Deadline::now() + std::time::Duration::from_secs(1))).await;
    deps.rates.take(number, connection.is_fast, wanted, deps.clock.now())
}

/// Whether an account from which Meta took nothing is to be tried with one message now.
fn may_probe(known: &Known, now: Instant) -> bool {
    let Some(connection) = &known.connection else { return false };
    // Without an address for links no message could go out, and nothing would be tried.
    let Some(blocked) = connection.blocked.filter(|_| known.record.link_store().is_some()) else {
        return false;
    };
    let last = connection.pace.probed_at.unwrap_or(blocked.since);
    now.since(last.max(blocked.since)) >= PROBE
}

/// Notes that a message is about to try the account; whether none did a short while ago. A cart that its gate keeps back
/// tries nothing: the next one may.
async fn note_probe<O: Outside>(deps: &Deps<O>, known: &Known, now: Instant) -> bool {
    let Some(connection) = &known.connection else { return false };
    let (account, number) = (&known.account, &connection.phone_number_id);
    match deps.table.whatsapp_probe(account, number, (now, PROBE)).await {
        Ok(written) => written.is_changed(),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, %account, "a probe could not be noted");
            false
        }
    }
}

fn give_back<O: Outside>(deps: &Deps<O>, known: &Known, unused: u32, now: Instant) {
    if let Some(connection) = &known.connection {
        deps.rates.give_back(&connection.phone_number_id, known.is_fast(), unused, now);
    }
}
