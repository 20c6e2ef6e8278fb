//! A tracked link: its clicks go to the reminder that it belongs to (R2).

use std::collections::BTreeSet;

use domain::facts::click::Click;
use domain::values::ids::{LinkToken, ReminderDigest};
use domain::values::limits;
use store::facts::Written;
use store::links::{EarlyClick, Link};
use store::{Allowance, StoreError, Table};
use telemetry::Counter;

use super::{Changed, changed_by};

/// Derive 3: the clicks that wait at a link move to its reminder, once it is bound to one; those on
/// reminders that had the link before (`earlier`) follow. How many items were changed. Clicks keep
/// their ids, so a move that was broken off and made again moves nothing twice.
///
/// # Errors
/// When the table fails, or more clicks wait than `allowance` admits.
pub async fn link(
    table: &Table,
    token: &LinkToken,
    earlier: &BTreeSet<&ReminderDigest>,
    allowance: &mut Allowance,
) -> Changed {
    let Some(link) = table.link_within(token, allowance).await? else { return Ok(0) };
    let waiting = match table.early_clicks(token, &mut allowance.clone()).await {
        // So many wait that they can't be looked at: no more are stored.
        Err(error @ StoreError::TooMany { .. }) => {
            table.link_mark_full(&link.account, token, link.reminder.as_ref()).await?;
            return Err(error);
        }
        waiting => waiting?,
    };
    let Some(owner) = &link.reminder else {
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
    let mut changed = changed_by(moves).await?;
    for id in earlier.iter().filter(|id| **id != owner) {
        // Each reminder keeps so many: what one had takes nothing from another's allowance.
        let mut allowance = allowance.clone();
        let clicks =
            table.reminder_clicks_of_link(&link.account, id, token, &mut allowance).await?;
        changed += move_clicks(table, &link, &clicks).await?;
    }
    Ok(changed)
}

/// Puts clicks of a link on the reminder that it belongs to, and marks them where they stand as
/// moved. Whoever is stopped in between leaves them standing twice until it is done again; the
/// record of the one that was put asks for nothing, but that of the other was not handled yet.
pub(super) async fn move_clicks(table: &Table, link: &Link, clicks: &[Click]) -> Changed {
    let Some(owner) = &link.reminder else { return Ok(0) };
    let moves = clicks.iter().map(|click| move_click(table, link, owner, click));
    changed_by(moves.collect()).await
}

async fn move_click(
    table: &Table,
    link: &Link,
    owner: &ReminderDigest,
    click: &Click,
) -> Result<Written, StoreError> {
    let tap = (&click.click_id, click.at);
    let put = table.click_write_by_link(&link.account, owner, &link.token, tap).await?;
    if !put.is_changed() {
        // It stood there before; it may have moved away from there.
        table.click_take_back(&link.account, owner, &click.click_id).await?;
    }
    if click.moved {
        return Ok(Written::Unchanged);
    }
    table.click_mark_moved(&link.account, click).await
}

/// R4: as many clicks wait at a link as a reminder keeps, the first by instant.
async fn keep_within_limit(table: &Table, link: &Link, mut waiting: Vec<EarlyClick>) -> Changed {
    if waiting.len() < limits::CLICKS_PER_REMINDER {
        return Ok(0);
    }
    table.link_mark_full(&link.account, &link.token, None).await?;
    waiting.sort_by_key(|click| click.at);
    let beyond = waiting.iter().skip(limits::CLICKS_PER_REMINDER);
    let discarded =
        changed_by(beyond.map(|click| table.early_click_delete(click)).collect()).await?;
    telemetry::count(Counter::ClicksBeyondLimit, discarded);
    Ok(discarded)
}
