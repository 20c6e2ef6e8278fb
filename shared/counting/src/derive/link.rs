//! A tracked link: its clicks go to the reminder that it belongs to (R2).

use std::collections::BTreeSet;

use domain::facts::click::Click;
use domain::values::ids::{LinkToken, ReminderId};
use domain::values::limits;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use store::links::{EarlyClick, Link};
use store::{Allowance, Table};
use telemetry::Counter;

use super::{AT_ONCE, Changed};

/// Derive 3: the clicks that wait at a link move to its reminder, once it is bound to one; those on
/// reminders that had the link before (`earlier`) follow. How many items were changed. Clicks keep
/// their ids, so a move that was broken off and made again moves nothing twice.
///
/// # Errors
/// When the table fails, or more clicks wait than `allowance` admits.
pub async fn link(
    table: &Table,
    token: &LinkToken,
    earlier: &BTreeSet<&ReminderId>,
    allowance: &mut Allowance,
) -> Changed {
    let Some(link) = table.link_within(token, allowance).await? else { return Ok(0) };
    let waiting = table.early_clicks(token, allowance).await?;
    let Some(owner) = &link.reminder_id else {
        return keep_within_limit(table, &link, waiting).await;
    };
    let moves: Vec<_> = waiting
        .iter()
        .map(|early| async {
            let tap = (&early.click_id, early.at);
            table.click_write_by_link(&link.account, owner, token, tap).await?;
            table.early_click_delete(early).await
        })
        .collect();
    let mut moves = stream::iter(moves).buffer_unordered(AT_ONCE);
    let mut changed = 0;
    while let Some(moved) = moves.try_next().await? {
        changed += u64::from(moved.is_changed());
    }
    for id in earlier.iter().filter(|id| **id != owner) {
        let clicks = table.reminder_clicks_of_link(&link.account, id, token, allowance).await?;
        changed += move_clicks(table, &link, clicks.iter()).await?;
    }
    Ok(changed)
}

/// Puts clicks of a link on the reminder that it belongs to, and marks them where they stand as
/// moved. Whoever is stopped in between leaves them standing twice until it is done again; the
/// record of the one that was put asks for nothing, but that of the other was not handled yet.
pub(super) async fn move_clicks<'a>(
    table: &Table,
    link: &Link,
    clicks: impl Iterator<Item = &'a Click>,
) -> Changed {
    let Some(owner) = &link.reminder_id else { return Ok(0) };
    let mut changed = 0;
    for click in clicks {
        let tap = (&click.click_id, click.at);
        let put = table.click_write_by_link(&link.account, owner, &link.token, tap).await?;
        if !put.is_changed() {
            // It stood there before; it may have moved away from there.
            table.click_take_back(&link.account, owner, &click.click_id).await?;
        }
        if !click.moved {
            let marked = table.click_mark_moved(&link.account, click).await?;
            changed += u64::from(marked.is_changed());
        }
    }
    Ok(changed)
}

/// R4: as many clicks wait at a link as a reminder keeps, the first by instant.
async fn keep_within_limit(table: &Table, link: &Link, mut waiting: Vec<EarlyClick>) -> Changed {
    if waiting.len() < limits::CLICKS_PER_REMINDER {
        return Ok(0);
    }
    table.link_mark_full(&link.token).await?;
    waiting.sort_by_key(|click| click.at);
    let mut discarded = 0;
    for click in waiting.iter().skip(limits::CLICKS_PER_REMINDER) {
        discarded += u64::from(table.early_click_discard(click).await?.is_changed());
    }
    telemetry::count(Counter::ClicksBeyondLimit, discarded);
    Ok(discarded)
}
